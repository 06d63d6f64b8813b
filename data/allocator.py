"""How glibc gives a process its memory."""

from __future__ import annotations

import ctypes
from collections.abc import Mapping

TRIM_THRESHOLD, TOP_PAD, MMAP_THRESHOLD, ARENA_MAX = -1, -2, -3, -8
"""Options of `mallopt(3)`: bytes, and for the last a number of heaps."""


def allocate(options: Mapping[int, int]) -> None:
    """Set options for the whole process. Nothing happens where its C library is another one."""
    try:
        choose = ctypes.CDLL("libc.so.6").mallopt
    except (OSError, AttributeError):
        return
    for option, value in options.items():
        choose(option, value)
