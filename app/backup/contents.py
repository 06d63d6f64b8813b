"""What of a home goes into a back-up, and as what each part has to be copied."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Kind = Literal["folder", "file", "sqlite", "delta", "cluster"]

LEFT_OUT = ("models", "spill", "sandbox", ".cache", "index/chroma", "backups")
"""Folders that are made again when they are needed: weights, indexes and what is only there for a moment."""
PASSING = (".lock", "-wal", "-shm", "-journal", ".new", ".partial", ".restoring", ".pid", ".sock")
SQLITE = b"SQLite format 3\x00"
ORDER: tuple[Kind, ...] = ("folder", "sqlite", "file", "delta", "cluster")
"""Ledgers first: the tables that their lines name are copied later, so they hold what is named."""


@dataclass(frozen=True)
class Part:
    """One thing of the home: a file, an empty folder, or a table or cluster that is copied as a whole."""

    path: Path
    kind: Kind


def parts(home: Path, *, models: bool = False) -> list[Part]:
    """Everything to copy, in the order in which it is consistent."""
    left_out = {home / name for name in LEFT_OUT if not (models and name == "models")}
    return sorted(_walked(home, left_out), key=lambda part: (ORDER.index(part.kind), str(part.path)))


def passing(name: str) -> bool:
    """Whether a file of that name means nothing to anybody later."""
    return name.endswith(PASSING)


def _walked(folder: Path, left_out: set[Path]) -> Iterator[Part]:
    for entry in sorted(os.scandir(folder), key=lambda entry: entry.name):
        path = Path(entry.path)
        if path in left_out or entry.is_symlink() or passing(entry.name):
            continue
        if entry.is_dir():
            kind = _kind_of_folder(path)
            yield Part(path, kind)
            if kind == "folder":
                yield from _walked(path, left_out)
        elif entry.is_file():
            yield Part(path, "sqlite" if _is_sqlite(path) else "file")


def _kind_of_folder(path: Path) -> Kind:
    if (path / "_delta_log").is_dir():
        return "delta"
    return "cluster" if (path / "PG_VERSION").is_file() else "folder"


def _is_sqlite(path: Path) -> bool:
    try:
        with path.open("rb") as file:
            return file.read(len(SQLITE)) == SQLITE
    except OSError:
        return False
