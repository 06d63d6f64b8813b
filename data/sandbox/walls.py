"""Which walls there have to be, and what to do about one that does not stand."""

from __future__ import annotations

from collections.abc import Mapping

from data.sandbox.program import Wall

MEANING = {
    "users": "a user namespace, for who is not root",
    "processes": "no other process is in sight",
    "network": "a network with nothing in it",
    "messages": "shared memory and the machine's name are the program's own",
    "files": "only the Python runtime and a folder in memory are in view",
    "landlock": "the kernel refuses files and connections that are not the program's",
    "rights": "no capability, and a user that owns nothing",
    "calls": "only the system calls that computing needs",
}
NEEDED = {
    "python": (("network", "calls"), ("files", "landlock"), ("rights",)),
    "sail": (("network", "calls"), ("files", "landlock"), ("rights",)),
    "jvm": (("network",), ("files",), ("rights",), ("calls",)),
}
"""Of each group, one has to stand: else a program could send data away or read what the gateway keeps from it."""

SPACES = "Let user namespaces be made: sysctl -w kernel.unprivileged_userns_clone=1 user.max_user_namespaces=10000"
APPARMOR = " (on Ubuntu also kernel.apparmor_restrict_unprivileged_userns=0)."
REMEDIES = {
    "landlock": "Use Linux 5.13 or newer, with landlock among `lsm=` of its command line.",
    "calls": "Use a kernel with seccomp on x86_64 or aarch64.",
    "files": SPACES + APPARMOR + " It also takes Linux 5.12 or newer.",
}
"""What to do about a wall; about those that are not here, namespaces have to be allowed."""


def remedy(name: str) -> str:
    return REMEDIES.get(name, SPACES + APPARMOR)


def told(report: Mapping[str, str]) -> tuple[Wall, ...]:
    """The walls of a cell, as it told them itself before its program came."""
    return tuple(Wall(name, not report.get(name, "it was not tried"), report.get(name, "")) for name in MEANING)


def missing(kind: str, report: Mapping[str, str]) -> str:
    """What a program of this kind must not run without: empty where nothing is missing."""
    gaps = [" or ".join(group) for group in NEEDED[kind] if not any(report.get(name) == "" for name in group)]
    return ", ".join(gaps)
