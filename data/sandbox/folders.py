"""The folders that programs had on disk where they had no view of their own: none outlives its program."""

from __future__ import annotations

import contextlib
import itertools
import os
import re
from collections.abc import Iterator
from pathlib import Path

RUN = re.compile(r"run-(\d+)-[0-9a-f]+")


def sweep(folder: Path) -> None:
    """Remove what is left of runs whose process is no more, as after a kill."""
    if not folder.is_dir():
        return
    for place in folder.iterdir():
        found = RUN.fullmatch(place.name)
        if found is not None and not _lives(int(found[1])):
            remove(place)


def remove(place: Path) -> None:
    """Remove a program's folder whatever it has made of it: links are not followed, closed folders are opened, and
    depth costs nothing, since what lies deeper is lifted up before."""
    count = itertools.count()
    while entries := list(os.scandir(place)):
        for entry in entries:
            if entry.is_dir(follow_symlinks=False):
                _lift(entry.path, place, count)
            else:
                os.unlink(entry.path)
    os.rmdir(place)


def _lift(folder: str, place: Path, count: Iterator[int]) -> None:
    os.chmod(folder, 0o700)
    for child in list(os.scandir(folder)):
        if child.is_dir(follow_symlinks=False):
            os.chmod(child.path, 0o700)
        os.rename(child.path, place / f".lifted-{next(count)}")
    os.rmdir(folder)


def overfull(place: Path, files: int, size: int) -> bool:
    """Whether there are more files or bytes than that; no more is looked at than needed to tell."""
    count = total = 0
    for root, folders, names in os.walk(place):
        count += len(folders) + len(names)
        for name in names[: files + 1]:
            with contextlib.suppress(OSError):
                total += os.lstat(os.path.join(root, name)).st_blocks * 512
        if count > files or total > size:
            return True
    return False


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
