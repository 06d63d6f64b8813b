"""How a process that streams gets and gives back its memory."""

from __future__ import annotations

from data.allocator import ARENA_MAX, MMAP_THRESHOLD, TRIM_THRESHOLD, allocate, trim

LARGE, KEPT, ARENAS = 8 << 20, 8 << 20, 2
"""Bytes from which on each block is the system's own, bytes that each heap keeps for the next time, and heaps of all
threads together. Answers of the broker are smaller than that: to get a block anew takes as long as to fill it."""
POOL, DECAY = "jemalloc", 5_000
"""Arrow's pool, and the milliseconds for which it keeps what is free: more than from one batch to the next."""


def thrifty() -> None:
    """Let the whole process give back what it no longer uses.

    Batches are made by one thread and freed by another. What an allocator then keeps for each of them for the next
    time is more than what is in use: a third of the process in glibc's heaps and those of Arrow's default pool.
    """
    import pyarrow as pa

    if POOL in pa.supported_memory_backends():
        pa.set_memory_pool(pa.jemalloc_memory_pool())
        pa.jemalloc_set_decay_ms(DECAY)
    allocate({MMAP_THRESHOLD: LARGE, TRIM_THRESHOLD: KEPT, ARENA_MAX: ARENAS})


def spare() -> None:
    """Give back what is free now, before something else takes its own."""
    import pyarrow as pa

    pa.default_memory_pool().release_unused()
    trim()
