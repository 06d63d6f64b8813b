"""How a process that streams gets and gives back its memory."""

from __future__ import annotations

import ctypes
import sys

MMAP_THRESHOLD, ARENA_MAX = -3, -8
"""Of `mallopt(3)`."""
LARGE, ARENAS = 1 << 20, 2
"""Bytes from which on each block is the system's own, and heaps of all threads together."""
POOL = "jemalloc"


def thrifty() -> None:
    """Let the whole process give back what it no longer uses.

    Batches are made by one thread and freed by another. What an allocator then keeps for each of them for the next
    time is more than what is in use: a third of the process in glibc's heaps and those of Arrow's default pool.
    """
    import pyarrow as pa

    if POOL in pa.supported_memory_backends():
        pa.set_memory_pool(pa.jemalloc_memory_pool())
    if sys.platform == "linux" and (choose := getattr(ctypes.CDLL(None), "mallopt", None)):
        choose(MMAP_THRESHOLD, LARGE)
        choose(ARENA_MAX, ARENAS)
