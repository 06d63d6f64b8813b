"""The home folder: who owns it, whether it is ready, and how an empty one begins."""

from __future__ import annotations

import os
from ipaddress import ip_address
from pathlib import Path

from data.errors import Forbidden, Invalid, NotFound

CATALOG = "catalog.yaml"
POLICY = "policy.yaml"

EMPTY_CATALOG = """\
# Sources, tables and columns, and what they mean. `lakewright catalog add` writes here too.
version: 1
sources: []
relationships: []
"""
EMPTY_POLICY = """\
# Who may see what. Nothing is granted by default.
version: 1
principals:
  - {name: owner, groups: [owners]}
grants:
  - {to: owners, on: "*"}
  - {to: owners, on: system.*}  # the audit trail, usage, lineage and freshness
"""


def ready(home: Path) -> bool:
    """Whether the folder holds a catalogue and a policy."""
    return (home / CATALOG).is_file() and (home / POLICY).is_file()


def require(home: Path) -> None:
    """NotFound unless the home has been made."""
    if not ready(home):
        raise NotFound(
            f"'{home}' is not a Lakewright home.",
            "Make one with: lakewright init --demo (or lakewright init for an empty one).",
        )


def require_owner(home: Path) -> None:
    """Forbidden unless this process runs as the user who owns the folder: only they may act as others."""
    if home.stat().st_uid != os.getuid():
        raise Forbidden(
            f"'{home}' belongs to another user.",
            "Ask its owner for a token and use the API, or set --home to a home of yours.",
        )


def folder(home: Path) -> None:
    """Make the folder, readable for its owner only; Invalid if it can't be, or isn't a folder."""
    try:
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise Invalid(f"The home '{home}' can't be made: {error.strerror}.", "Choose another --home.") from error


def begin(home: Path) -> None:
    """Write an empty catalogue and policy into the folder; what is there stays."""
    folder(home)
    for name, text in ((CATALOG, EMPTY_CATALOG), (POLICY, EMPTY_POLICY)):
        if not (home / name).exists():
            (home / name).write_text(text, encoding="utf-8")
    from app.migrations import migrate

    migrate(home)


def local(address: str) -> bool:
    """Whether only this machine reaches what listens on the address."""
    try:
        return ip_address(address).is_loopback
    except ValueError:
        return address == "localhost"
