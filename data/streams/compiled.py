"""Loops over bytes, compiled by numba, which let other threads run."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, cast

import numpy as np
import pyarrow as pa
from numba import njit, types


def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """A function of numbers and numpy's arrays as machine code, which is kept for the next process if it can be."""
    return typed()(function)


def typed(*signatures: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """The same for arguments of some types alone, for which it is compiled at once."""

    def machine(function: Callable[..., Any]) -> Callable[..., Any]:
        made = partial(njit, list(signatures) or None, nogil=True)
        try:
            found = made(cache=True)(function)
        except RuntimeError:  # No folder can be written to.
            found = made()(function)
        return cast(Callable[..., Any], found)

    return machine


memcpy = types.ExternalFunction("memcpy", types.intp(types.intp, types.intp, types.intp))
"""C's, of addresses."""

Ints = np.ndarray[Any, np.dtype[np.int64]]


def gather(addresses: Ints, sizes: Ints) -> pa.BinaryArray:
    """A copy of what stands at the addresses; null where an address is 0."""
    there = addresses != 0
    ends = np.cumsum(np.where(there, sizes, 0))
    offsets = pa.allocate_buffer(4 * (len(ends) + 1))
    starts = np.frombuffer(offsets, np.int32)
    starts[0], starts[1:] = 0, ends
    # Arrow's memory has been in use before: to ask the system for as much takes as long as to fill it.
    data = pa.allocate_buffer(int(starts[-1]))
    copy(addresses, starts, np.frombuffer(data, np.uint8))
    valid = None if there.all() else pa.py_buffer(np.packbits(there, bitorder="little"))
    return pa.BinaryArray.from_buffers(pa.binary(), len(addresses), [valid, offsets, data])


@compiled
def copy(addresses, offsets, target):  # type: ignore[no-untyped-def]
    """Fill each part of the target, which ends where the next one begins, with what stands at its address."""
    start = target.ctypes.data
    for part in range(len(addresses)):
        memcpy(start + offsets[part], addresses[part], offsets[part + 1] - offsets[part])


# What numba loads before it runs anything, and Arrow before it takes an array of numpy's (it looks for pandas), is
# loaded now, not when the first events wait.
copy(np.empty(0, np.int64), np.zeros(1, np.int32), np.empty(0, np.uint8))
pa.array(np.empty(0))
