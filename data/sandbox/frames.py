"""The messages between a program and its door: a head in JSON, a body of bytes. Both sides count what they take."""

from __future__ import annotations

import json
import struct
from typing import Any

PREFIX = struct.Struct(">IQ")
LONGEST_HEAD = 1024 * 1024

Frame = tuple[dict[str, Any], bytes]


class Garbled(ValueError):
    """What came is no message."""


def packed(head: dict[str, Any], body: bytes | memoryview = b"") -> bytes:
    """The message as it goes over the wire."""
    text = json.dumps(head, ensure_ascii=True).encode("ascii")
    return b"".join((PREFIX.pack(len(text), len(body)), text, body))


class Reader:
    """Puts messages together from the pieces that come. Garbled for one that is larger than it may be."""

    def __init__(self, longest_body: int) -> None:
        self._longest = longest_body
        self._held = bytearray()

    def feed(self, piece: bytes) -> None:
        self._held += piece
        self._sizes()

    def next(self) -> Frame | None:
        """The next whole message, if there is one."""
        sizes = self._sizes()
        if sizes is None or len(self._held) < PREFIX.size + sum(sizes):
            return None
        start, end = PREFIX.size + sizes[0], PREFIX.size + sum(sizes)
        head, body = bytes(self._held[PREFIX.size : start]), bytes(self._held[start:end])
        del self._held[:end]
        return _head(head), body

    def _sizes(self) -> tuple[int, int] | None:
        if len(self._held) < PREFIX.size:
            return None
        head, body = PREFIX.unpack_from(self._held)
        if head > LONGEST_HEAD or body > self._longest:
            raise Garbled(f"A message of {head} and {body} bytes is too long.")
        return head, body


def _head(text: bytes) -> dict[str, Any]:
    try:
        head = json.loads(text)
    except (ValueError, RecursionError):
        raise Garbled("The head of a message is no JSON.") from None
    if not isinstance(head, dict):
        raise Garbled("The head of a message is no object.")
    return head
