"""How a process that streams gets and gives back its memory."""

from __future__ import annotations

from data.allocator import ARENA_MAX, MMAP_THRESHOLD, allocate, trim

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
    allocate({MMAP_THRESHOLD: LARGE, ARENA_MAX: ARENAS})


def spare() -> None:
    """Give back what is free now, before something else takes its own."""
    import pyarrow as pa

    pa.default_memory_pool().release_unused()
    trim()
