"""The system calls that Python has no function for."""

from __future__ import annotations

import ctypes
import os
import signal
import struct

LIBC = ctypes.CDLL(None, use_errno=True)

NEWNS, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET = 0x20000, 0x4000000, 0x8000000, 0x10000000, 0x20000000, 0x40000000
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_REMOUNT, MS_BIND = 1, 2, 4, 8, 32, 4096
MS_REC, MS_PRIVATE = 16384, 1 << 18
MNT_DETACH = 2
ATTR_RDONLY, ATTR_NOSUID, ATTR_NODEV = 1, 2, 4
AT_RECURSIVE = 0x8000
AT_FDCWD = -100

PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_SET_NO_NEW_PRIVS = 1, 4, 38
CAPABILITY_VERSION = 0x20080522
PIVOT_ROOT = {"x86_64": 155, "aarch64": 41}
MOUNT_SETATTR = 442
"""The calls from 424 on have the same number on every machine."""


def checked(done: int, what: str) -> int:
    """The result of a call; OSError where it failed."""
    if done < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
    return done


def syscall(number: int, *arguments: int | bytes | None, what: str) -> int:
    """A call by its number; bytes are passed by their address."""
    LIBC.syscall.restype = ctypes.c_long
    passed = [ctypes.c_long(one) if isinstance(one, int) else ctypes.c_char_p(one) for one in arguments]
    return checked(LIBC.syscall(ctypes.c_long(number), *passed), what)


def prctl(option: int, *arguments: int) -> int:
    """prctl(2)."""
    numbers = [ctypes.c_ulong(argument) for argument in (*arguments, 0, 0, 0, 0)[:4]]
    return checked(LIBC.prctl(option, *numbers), f"prctl({option})")


def unshare(flags: int) -> None:
    """unshare(2)."""
    checked(LIBC.unshare(flags), "unshare")


def mount(source: str, target: str, kind: str | None, flags: int, options: str = "") -> None:
    """mount(2)."""
    texts = [None if text is None else os.fsencode(text) for text in (source, target, kind, options)]
    source_, target_, kind_, options_ = texts
    done = LIBC.mount(source_, target_, kind_, ctypes.c_ulong(flags), options_)
    checked(done, f"mount {target}")


def lock(path: str) -> None:
    """Nothing can be written below a mount any more, and no file there gives rights or is a device."""
    attributes = struct.pack("QQQQ", ATTR_RDONLY | ATTR_NOSUID | ATTR_NODEV, 0, 0, 0)
    place = os.fsencode(path)
    syscall(MOUNT_SETATTR, AT_FDCWD, place, AT_RECURSIVE, attributes, len(attributes), what=f"mount_setattr {path}")


def pivot(new: str) -> None:
    """`new` becomes the root of everything, and what was before is out of reach."""
    os.chdir(new)
    syscall(PIVOT_ROOT[os.uname().machine], b".", b".", what="pivot_root")
    checked(LIBC.umount2(b".", MNT_DETACH), "umount2")
    os.chdir("/")


def without_capabilities() -> None:
    """Give up every capability, for good."""
    header = struct.pack("Ii", CAPABILITY_VERSION, 0)
    checked(LIBC.capset(header, bytes(24)), "capset")


def die_with_parent() -> None:
    """This process ends when the one that forked it ends."""
    prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
