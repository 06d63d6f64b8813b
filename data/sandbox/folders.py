"""The folders that programs had on disk where they had no view of their own: none outlives its program."""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

RUN = re.compile(r"run-(\d+)-\d+")


def sweep(folder: Path) -> None:
    """Remove what is left of runs whose process is no more, as after a kill."""
    if not folder.is_dir():
        return
    for place in folder.iterdir():
        found = RUN.fullmatch(place.name)
        if found is not None and not _lives(int(found[1])):
            remove(place)


def remove(place: Path) -> None:
    """Remove a program's folder whatever it has made of it: links are not followed, closed folders are opened."""
    for root, folders, _ in os.walk(place):
        for name in folders:
            inner = os.path.join(root, name)
            if not os.path.islink(inner):
                os.chmod(inner, 0o700)
    shutil.rmtree(place, ignore_errors=True)


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
