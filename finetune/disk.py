"""A disk that is full, said as such whichever library ran into it."""

from __future__ import annotations

import errno
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from data.errors import Unavailable

FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
SAID = re.compile(r"(os error|Errno) (28|122|27)\b|No space left on device|database or disk is full", re.IGNORECASE)
"""How libraries in Rust, and SQLite, say it: they keep no number."""


@contextmanager
def room() -> Iterator[None]:
    """Unavailable where the block runs into a full disk."""
    try:
        yield
    except Exception as error:
        if not _full(error):
            raise
        raise Unavailable(
            f"The disk is full: {_said(error)}.",
            "Free some space and run the command again, `finetune` with --resume; what answered before still does.",
        ) from error


def _said(error: BaseException) -> str:
    """Of many files that were being copied, what befell the first."""
    told = error.args[0] if error.args else None
    if isinstance(error, shutil.Error) and isinstance(told, list) and told:
        return str(told[0][-1])
    return str(error).rstrip(".")


def _full(error: BaseException | None) -> bool:
    seen = set[int]()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        if getattr(error, "errno", None) in FULL or SAID.search(str(error)):
            return True
        if isinstance(error, OSError) and isinstance(error.args[0] if error.args else None, list):
            return bool(SAID.search(str(error.args[0])))  # shutil.Error: what befell each file
        error = error.__cause__ or error.__context__
    return False
