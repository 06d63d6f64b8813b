"""A connection that does not wait for ever: the head of a request has to be here in time, and may not be endless."""

from __future__ import annotations

import asyncio

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_SECONDS = 15.0
"""Within which the head of a request has to be here, from the connection or its first byte on."""
MOST_HEAD_BYTES = 64 * 1024
READ_BYTES = 256 * 1024
"""What one read brings at most: a piece that ends with the beginning of a head may have a body before it."""


class Connection(HttpToolsProtocol):
    """uvicorn's, which waits for heads as long as its clients like."""

    _due: asyncio.TimerHandle | None = None
    _head = 0
    _pending = 0

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._expect()

    def connection_lost(self, exc: Exception | None) -> None:
        self._arrived()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if self._due is None:
            return
        self._pending += len(data)
        if self._pending > MOST_HEAD_BYTES + READ_BYTES and not self.transport.is_closing():
            self.send_400_response("The head of the request is too large.")

    def on_message_begin(self) -> None:
        self._expect()
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        self._head += len(name) + len(value)
        if self._head > MOST_HEAD_BYTES:
            raise ValueError("the head is too large")  # the parser's failure, which is answered with 400
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        self._arrived()
        super().on_headers_complete()

    def _expect(self) -> None:
        self._arrived()
        self._head = self._pending = 0
        self._due = self.loop.call_later(HEAD_SECONDS, self._late)

    def _arrived(self) -> None:
        if self._due is not None:
            self._due.cancel()
            self._due = None

    def _late(self) -> None:
        self._due = None
        if not self.transport.is_closing():
            self.transport.close()
