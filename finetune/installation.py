"""The adapter that answers: copied beside its place and looked over there, then exchanged in one step."""

from __future__ import annotations

import ctypes
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from agents.endpoints import seal

CWD, EXCHANGE = -100, 2
"""Linux' AT_FDCWD and RENAME_EXCHANGE."""


@contextmanager
def staged(folder: Path, target: Path) -> Iterator[Path]:
    """A whole copy of the adapter beside `target`, gone when the block ends if it was not placed.

    What can fail, such as a full disk or corrupt weights, fails here, where nothing is decided yet.
    """
    _whole(folder)  # an error names the file that is there, not the copy
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name}-"))
    try:
        shutil.copytree(folder, fresh, dirs_exist_ok=True)
        _whole(fresh)
        fresh.chmod(0o755)
        yield fresh
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _whole(folder: Path) -> None:
    if (folder / seal.FILE).is_file():
        seal.intact(folder)


def place(fresh: Path, target: Path) -> None:
    """Let a staged copy answer. At any moment the one before or the new one is there, whole."""
    if not target.exists():
        os.rename(fresh, target)
    elif _exchanged(fresh, target):
        shutil.rmtree(fresh, ignore_errors=True)
    else:
        old = target.with_name(f".{target.name}.old")
        shutil.rmtree(old, ignore_errors=True)
        os.rename(target, old)
        os.rename(fresh, target)
        shutil.rmtree(old, ignore_errors=True)


def install(folder: Path, target: Path) -> None:
    """Put an adapter where the embedded endpoint looks first."""
    with staged(folder, target) as fresh:
        place(fresh, target)


def _exchanged(one: Path, other: Path) -> bool:
    """Swap two folders in one step; False where the system can't."""
    try:
        swap = ctypes.CDLL(None, use_errno=True).renameat2
    except (OSError, AttributeError):
        return False
    return int(swap(CWD, os.fsencode(one), CWD, os.fsencode(other), EXCHANGE)) == 0
