"""What confluent-kafka has no way to: librdkafka's messages as arrays, with no Python object for each of them.

The structures and functions are those of `rdkafka.h`. They are found in the library that confluent-kafka has loaded.
"""

from __future__ import annotations

import ctypes
from functools import cache
from typing import Any

import numpy as np
import pyarrow as pa
from llvmlite.binding import add_symbol
from numba import types

from data.streams.compiled import Ints, compiled, gather

MESSAGE = np.dtype(
    {
        "names": ["error", "partition", "payload", "size", "key", "key_size", "offset"],
        "formats": ["i4", "i4", "i8", "i8", "i8", "i8", "i8"],
        "offsets": [0, 16, 24, 32, 40, 48, 56],
        "itemsize": 72,
    }
)
"""`rd_kafka_message_t` where pointers have 64 bits."""

DESTROY = "rd_kafka_message_destroy"
destroy = types.ExternalFunction(DESTROY, types.void(types.intp))
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
        found = gather(pointers, np.full(len(pointers), MESSAGE.itemsize)).buffers()[2]
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
        _destroy(self._pointers)


@cache
def _library() -> ctypes.CDLL:
    """Its functions let other threads run."""
    import confluent_kafka.cimpl

    # The library is a dependency of the module, in which its functions are looked up too.
    library = ctypes.CDLL(confluent_kafka.cimpl.__file__)
    for name, result, arguments in _FUNCTIONS:
        function = getattr(library, name)
        function.restype, function.argtypes = result, arguments
    add_symbol(DESTROY, ctypes.cast(library[DESTROY], ctypes.c_void_p).value)
    return library


@compiled
def _destroy(messages):  # type: ignore[no-untyped-def]
    for message in messages:
        destroy(message)
