"""What confluent-kafka has no way to: librdkafka's messages as arrays, with no Python object for each of them.

The structures and functions are those of `rdkafka.h`. They are found in the library that confluent-kafka has loaded.
"""

from __future__ import annotations

import ctypes
from collections import deque
from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pyarrow as pa

Ints = np.ndarray[Any, np.dtype[np.int64]]

MESSAGE = np.dtype(
    {
        "names": ["error", "partition", "payload", "size", "key", "key_size", "offset"],
        "formats": ["i4", "i4", "i8", "i8", "i8", "i8", "i8"],
        "offsets": [0, 16, 24, 32, 40, 48, 56],
        "itemsize": 72,
    }
)
"""`rd_kafka_message_t` where pointers have 64 bits."""

VIEW = np.dtype([("size", "i4"), ("prefix", "i4"), ("buffer", "i4"), ("offset", "i4")])
"""An element of Arrow's BinaryView: up to 12 bytes stand behind the size, longer ones in a buffer."""
INLINE = 12
SPAN = 31
"""A buffer of a BinaryView has offsets of so many bits."""

_FUNCTIONS: tuple[tuple[str, Any, tuple[Any, ...]], ...] = (
    ("rd_kafka_queue_new", ctypes.c_void_p, (ctypes.c_void_p,)),
    ("rd_kafka_queue_destroy", None, (ctypes.c_void_p,)),
    ("rd_kafka_queue_get_partition", ctypes.c_void_p, (ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int32)),
    ("rd_kafka_queue_forward", None, (ctypes.c_void_p, ctypes.c_void_p)),
    (
        "rd_kafka_consume_batch_queue",
        ctypes.c_ssize_t,
        (ctypes.c_void_p, ctypes.c_int, ctypes.c_void_p, ctypes.c_size_t),
    ),
)


class Queue:
    """Messages of those partitions of a consumer that were brought here."""

    def __init__(self, consumer: Any) -> None:
        # A client of confluent-kafka has librdkafka's handle as its first member, behind the object's head.
        self._handle = ctypes.c_void_p.from_address(id(consumer) + object.__basicsize__).value
        self._queue = _library().rd_kafka_queue_new(self._handle)

    def bring(self, topic: str, partition: int) -> None:
        """Let the partition's messages come here, not to the consumer. To be said again after each assignment."""
        library = _library()
        source = library.rd_kafka_queue_get_partition(self._handle, topic.encode(), partition)
        library.rd_kafka_queue_forward(source, self._queue)
        library.rd_kafka_queue_destroy(source)

    def take(self, most: int, timeout: float) -> Messages:
        """Up to so many messages, waiting so many seconds for them."""
        pointers = np.zeros(most, np.int64)
        milliseconds = max(1, round(timeout * 1000))
        count = _library().rd_kafka_consume_batch_queue(self._queue, milliseconds, pointers.ctypes.data, most)
        return Messages(pointers[: max(0, count)])

    def close(self) -> None:
        """To be called before the consumer is closed, which waits for it."""
        _library().rd_kafka_queue_destroy(self._queue)


class Messages:
    """Messages until `close`; each may be an error."""

    def __init__(self, pointers: Ints) -> None:
        self._pointers = pointers
        found = gather(pointers, np.full(len(pointers), MESSAGE.itemsize, np.int64)).buffers()[2]
        self.fields = np.frombuffer(found, MESSAGE, len(pointers)) if len(pointers) else np.empty(0, MESSAGE)

    def values(self, chosen: Any = slice(None)) -> pa.BinaryArray:
        """A copy of the payloads; of an error, its reason."""
        fields = self.fields[chosen]
        return gather(fields["payload"], fields["size"])

    def keys(self, chosen: Any = slice(None)) -> pa.BinaryArray:
        """A copy of the keys."""
        fields = self.fields[chosen]
        return gather(fields["key"], fields["key_size"])

    def close(self) -> None:
        """Give the messages back."""
        deque(map(_destroy(), self._pointers.tolist()), 0)


def gather(pointers: Ints, sizes: Ints) -> pa.BinaryArray:
    """A copy of what stands at the pointers; null where a pointer is. Arrow copies: it is shown views of the memory."""
    there = pointers != 0
    if not there.any():
        return pa.nulls(len(pointers), pa.binary())
    base = int(pointers[there].min())
    places = np.where(there, pointers - base, 0)
    used, buffers = _buffers(places)
    views = np.zeros(len(pointers), VIEW)
    views["size"], views["buffer"], views["offset"] = np.where(there, sizes, 0), buffers, places & ((1 << SPAN) - 1)
    _inline(views, pointers)
    memory = [pa.foreign_buffer(base + (int(part) << SPAN), (1 << SPAN) - 1) for part in used]
    valid = None if there.all() else pa.py_buffer(np.packbits(there, bitorder="little"))
    array = pa.Array.from_buffers(pa.binary_view(), len(views), [valid, pa.py_buffer(views), *memory])
    return array.cast(pa.binary())


def _buffers(places: Ints) -> tuple[Ints, Ints]:
    """The spans of memory in which the places are, and in which of these each one is."""
    if int(places.max()) >> SPAN == 0:  # As nearly always: sorting would take as long as copying.
        return np.zeros(1, np.int64), np.zeros(len(places), np.int64)
    used, buffers = np.unique(places >> SPAN, return_inverse=True)
    return used, buffers


def _inline(views: np.ndarray[Any, Any], pointers: Ints) -> None:
    """Put short values where a view has them itself."""
    rows = np.flatnonzero(views["size"] <= INLINE)
    if not len(rows):
        return
    sizes = views["size"][rows].astype(np.int64)
    raw = views.view(np.uint8).reshape(len(views), VIEW.itemsize)
    raw[rows, 4:] = 0
    owner = np.repeat(np.arange(len(rows)), sizes)
    within = np.arange(len(owner)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    if len(owner):
        wanted = pointers[rows][owner] + within
        base = int(wanted.min())
        memory = np.frombuffer(pa.foreign_buffer(base, int(wanted.max()) - base + 1), np.uint8)
        raw[rows[owner], 4 + within] = memory[wanted - base]


@cache
def _library() -> ctypes.CDLL:
    """Its functions let other threads run."""
    import confluent_kafka.cimpl

    # The library is a dependency of the module, in which its functions are looked up too.
    library = ctypes.CDLL(confluent_kafka.cimpl.__file__)
    for name, result, arguments in _FUNCTIONS:
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments
    return library


@cache
def _destroy() -> Callable[[int], None]:
    """It is so short that letting other threads run would take longer."""
    import confluent_kafka.cimpl

    function: Any = ctypes.PyDLL(confluent_kafka.cimpl.__file__).rd_kafka_message_destroy
    function.restype, function.argtypes = None, [ctypes.c_void_p]
    taken: Callable[[int], None] = function
    return taken
