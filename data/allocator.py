"""How glibc gives a process its memory."""

from __future__ import annotations

import ctypes
from collections.abc import Mapping
from functools import cache

TRIM_THRESHOLD, TOP_PAD, MMAP_THRESHOLD, ARENA_MAX = -1, -2, -3, -8
"""Options of `mallopt(3)`: bytes, and for the last a number of heaps."""


def allocate(options: Mapping[int, int]) -> None:
    """Set options for the whole process. Nothing happens where its C library is another one."""
    if (library := _library()) is not None:
        for option, value in options.items():
            library.mallopt(option, value)


def trim() -> None:
    """Give back what is free in all heaps. Nothing happens where its C library is another one."""
    if (library := _library()) is not None:
        library.malloc_trim(0)


@cache
def _library() -> ctypes.CDLL | None:
    try:
        library = ctypes.CDLL("libc.so.6")
    except OSError:
        return None
    return library if hasattr(library, "mallopt") else None
