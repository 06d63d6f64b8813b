"""What a program sees of the files: the Python runtime with its packages, read-only, and a folder of its own."""

from __future__ import annotations

import glob
import os
import site
import sys
from collections.abc import Iterable, Iterator

from data.sandbox.inside import kernel
from data.sandbox.inside.walls.plan import VIEW, Plan

SYSTEM = ("/usr/lib", "/usr/lib64", "/usr/local/lib", "/lib", "/lib64", "/nix/store")
SMALL = ("/etc/ld.so.cache", "/usr/share/zoneinfo", "/etc/ld.so.conf.d")
DEVICES = ("/dev/null", "/dev/zero", "/dev/random", "/dev/urandom")
JAVA = ("/usr/bin", "/bin", "/etc/java-*", "/etc/alternatives", "/etc/ssl/certs/java")
WRITTEN = {
    "passwd": "sandbox:x:{user}:{user}:sandbox:/program:/bin/false\n",
    "group": "sandbox:x:{user}:\n",
    "hosts": "127.0.0.1 localhost sandbox\n",
}
"""What a JVM wants to read in /etc."""


def readable(plan: Plan) -> tuple[str, ...]:
    """What there is to read: no home, no settings of the machine, no other program's data. OSError where the
    lakehouse lies in it."""
    wanted = (*SYSTEM, *SMALL, *_python(), *(_java() if plan.jvm else ()))
    seen = tuple(dict.fromkeys(path for path in wanted if os.path.exists(path)))
    lakehouse = os.path.dirname(plan.place)
    for path in seen:
        if os.path.commonpath((lakehouse, os.path.realpath(path))) == os.path.realpath(path):
            raise OSError(f"the home lies in {path}, which every program can read")
    return seen


def files(plan: Plan) -> None:
    """A root folder that has these alone; the machine's own is gone from view."""
    seen = readable(plan)
    kernel.unshare(kernel.NEWNS)
    kernel.mount("none", "/", None, kernel.MS_REC | kernel.MS_PRIVATE)
    kernel.mount("tmpfs", plan.place, "tmpfs", kernel.MS_NOSUID | kernel.MS_NODEV, "size=1m,nr_inodes=4k,mode=755")
    _fill(plan, seen)
    kernel.pivot(plan.place)
    kernel.mount("none", "/", None, kernel.MS_REMOUNT | kernel.MS_BIND | kernel.MS_RDONLY | kernel.MS_NOSUID)


def _fill(plan: Plan, seen: Iterable[str]) -> None:
    # First of all, as Python itself may lie below /tmp: then it is shown in the program's folder.
    _own(plan)
    for path in sorted(seen):
        _show(plan.place, path)
    for path in DEVICES:
        _place(plan.place + path, directory=False)
        kernel.mount(path, plan.place + path, None, kernel.MS_BIND)
    os.makedirs(plan.place + "/etc", exist_ok=True)
    os.symlink("/usr/share/zoneinfo/UTC", plan.place + "/etc/localtime")
    if plan.jvm:
        _settings(plan)


def _show(root: str, path: str) -> None:
    """Bind a path read-only; a link to another place stays a link."""
    place = root + path
    if os.path.lexists(place):
        return
    if os.path.islink(path):
        os.makedirs(os.path.dirname(place), exist_ok=True)
        os.symlink(os.readlink(path), place)
        return
    _place(place, directory=os.path.isdir(path))
    kernel.mount(path, place, None, kernel.MS_BIND | kernel.MS_REC)
    kernel.lock(place)


def _place(path: str, *, directory: bool) -> None:
    os.makedirs(path if directory else os.path.dirname(path), exist_ok=True)
    if not directory:
        os.close(os.open(path, os.O_CREAT, 0o600))


def _own(plan: Plan) -> None:
    """The program's folder, in memory and no larger than it may be: nothing of it is left afterwards."""
    place = plan.place + VIEW
    os.makedirs(place)
    flags = kernel.MS_NOSUID | kernel.MS_NODEV | (0 if plan.jvm else kernel.MS_NOEXEC)
    kernel.mount("tmpfs", place, "tmpfs", flags, f"size={plan.file_mb}m,nr_inodes={plan.files},mode=777")
    os.symlink(VIEW.lstrip("/"), plan.place + "/tmp")


def _settings(plan: Plan) -> None:
    """What a JVM asks for: who it is, and its own processes."""
    for name, text in WRITTEN.items():
        with open(f"{plan.place}/etc/{name}", "w", encoding="ascii") as file:
            file.write(text.format(user=plan.user))
    os.makedirs(plan.place + "/proc")
    os.symlink("/proc/self/fd", plan.place + "/dev/fd")
    kernel.mount("proc", plan.place + "/proc", "proc", kernel.MS_NOSUID | kernel.MS_NODEV | kernel.MS_NOEXEC)


def _python() -> Iterator[str]:
    base = os.path.realpath(sys.base_prefix)
    yield from (base,) if base not in ("/", "/usr", "/usr/local") else ()
    yield from site.getsitepackages()
    yield os.path.join(sys.prefix, "pyvenv.cfg")
    yield os.path.join(sys.prefix, "bin")


def _java() -> Iterator[str]:
    for pattern in JAVA:
        yield from glob.glob(pattern)
    yield from filter(None, [os.environ.get("JAVA_HOME")])
