"""What was added to a Delta table between two versions, by its log alone."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any
from urllib.parse import unquote

BETWEEN = ".."
"""Stands between the two versions in the name of what was added from one to the other."""

OTHER = frozenset({"protocol", "metaData"})
"""Actions after which older files are no longer read as they were."""


def ends(version: str) -> tuple[str, str]:
    """Both versions of `old..new`."""
    old, _, new = version.partition(BETWEEN)
    return old, new


@lru_cache(maxsize=256)
def added_files(folder: Path, old: int, new: int) -> tuple[Path, ...] | None:
    """The Parquet files with the rows that were added after version `old`, up to `new`.

    None where rows were changed or removed, where files do not hold all columns, or where the log or the files are
    no longer there. Joining small files adds nothing and takes nothing away.
    """
    files: list[Path] = []
    try:
        for version in range(old + 1, new + 1):
            for action in _actions(folder, version):
                if not _appends(action):
                    return None
                if "add" in action and action["add"].get("dataChange", True):
                    files.append(folder / unquote(action["add"]["path"]))
    except (OSError, ValueError, KeyError):
        return None
    return tuple(files) if all(_inside(file, folder) for file in files) else None


def _actions(folder: Path, version: int) -> Iterator[Mapping[str, Any]]:
    log = (folder / "_delta_log" / f"{version:020}.json").read_bytes()  # as text, U+2028 in a string would end a line
    return (json.loads(line) for line in log.splitlines() if line.strip())


def _appends(action: Mapping[str, Any]) -> bool:
    if "remove" in action:
        return not action["remove"].get("dataChange", True)
    add = action.get("add", {})
    return not OTHER & action.keys() and not add.get("partitionValues") and not add.get("deletionVector")


def _inside(file: Path, folder: Path) -> bool:
    return file.is_file() and file.resolve().is_relative_to(folder.resolve())
