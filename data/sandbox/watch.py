"""One run from the program's start to its end: what it asks is answered, what it prints is kept, its limits are
seen to."""

from __future__ import annotations

import contextlib
import selectors
import socket
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from data.sandbox.cell import Cell
from data.sandbox.door import Door
from data.sandbox.frames import Frame, Garbled, Reader, packed
from data.sandbox.gauge import Gauge
from data.sandbox.program import Limits, Status

TICK = 0.02
"""Seconds between two looks at what the program takes."""
CHUNK = 256 * 1024


class Watch:
    """Waits for everything that can happen to one program, in the caller's thread."""

    def __init__(self, cell: Cell, door: Door, limits: Limits, cancel: threading.Event | None) -> None:
        self._cell, self._door, self._limits, self._cancel = cell, door, limits, cancel
        self._reader = Reader(limits.result_bytes + limits.charts * limits.chart_kb * 1024 + 65536)
        self._selector = selectors.DefaultSelector()
        self._out = memoryview(b"")
        self._busy, self._asked = False, 0
        self._next: Frame | None = None
        self._answers: list[Any] = []
        self._bell, self._button = socket.socketpair()
        self._pool = ThreadPoolExecutor(1, "sandbox-door")
        self.printed: dict[socket.socket, bytearray] = {cell.stdout: bytearray(), cell.stderr: bytearray()}
        self.last: Frame | None = None
        self.status: Status | None = None
        self.garbled = ""
        """What the program sent that was no message."""

    def run(self, code: str) -> None:
        """Hand the program over and see to it until it has ended. `status` then says how, where it did not end by
        itself."""
        gauge = Gauge(self._cell, self._limits, self._cancel)
        self._out = memoryview(packed({"op": "program", "code": code, "limits": gauge.bounds()}))
        self._hush()
        self._listen()
        try:
            while self.status is None and self.last is None:
                self.status = gauge.crossed()
                for key, events in self._selector.select(TICK):
                    key.data(events)
            self._drain()
        except Garbled as error:
            self.status, self.garbled = "killed", str(error)
        finally:
            self._cell.kill()
            self._door.stop.cancel()
            self._pool.shutdown(wait=False, cancel_futures=True)
            self._selector.close()
            self._bell.close()
            self._button.close()

    def _hush(self) -> None:
        """What was printed while the cell got ready is not the program's."""
        for end in self.printed:
            with contextlib.suppress(OSError):
                while end.recv(CHUNK):
                    pass

    def _listen(self) -> None:
        calls: tuple[tuple[Any, int, Callable[[int], None]], ...] = (
            (self._cell.bridge, selectors.EVENT_READ | selectors.EVENT_WRITE, self._on_bridge),
            (self._cell.stdout, selectors.EVENT_READ, lambda _: self._on_print(self._cell.stdout)),
            (self._cell.stderr, selectors.EVENT_READ, lambda _: self._on_print(self._cell.stderr)),
            (self._cell.handle, selectors.EVENT_READ, self._on_end),
            (self._bell, selectors.EVENT_READ, self._on_answer),
        )
        for source, events, call in calls:
            self._selector.register(source, events, call)

    def _on_bridge(self, events: int) -> None:
        if events & selectors.EVENT_WRITE and self._out:
            self._write()
        if events & selectors.EVENT_READ and not self._busy:
            try:
                piece = self._cell.bridge.recv(CHUNK)
            except BlockingIOError:
                return
            except OSError:
                piece = b""
            if not piece:
                self._selector.unregister(self._cell.bridge)
                return
            self._reader.feed(piece)
            self._take()

    def _write(self) -> None:
        try:
            self._out = self._out[self._cell.bridge.send(self._out[:CHUNK]) :]
        except BlockingIOError:
            return
        except OSError:
            self._out = memoryview(b"")
        if not self._out:
            self._selector.modify(self._cell.bridge, selectors.EVENT_READ, self._on_bridge)
            self._take()

    def _take(self) -> None:
        """The next message. While a question is being answered, no other one is read: the socket fills up. One that
        is asked before the last answer was fetched waits, so that there is one answer in memory."""
        if self._busy or (frame := self._next or self._reader.next()) is None:
            return
        if frame[0].get("op") == "done":
            self.last = frame
            return
        self._next = frame if self._out else None
        if self._next is not None:
            self._selector.modify(self._cell.bridge, selectors.EVENT_WRITE, self._on_bridge)
            return
        self._asked += 1
        if self._asked > 2 * self._limits.queries:
            raise Garbled("It went on asking after it was told that it may not.")
        self._busy = True
        self._selector.unregister(self._cell.bridge)
        self._pool.submit(self._ask, frame[0])

    def _ask(self, request: dict[str, Any]) -> None:
        try:
            self._answers.append(self._door.answer(request))
        except BaseException as error:  # noqa: BLE001 - it is raised in the caller's thread
            self._answers.append(error)
        with contextlib.suppress(OSError):  # nobody waits any more
            self._button.send(b".")

    def _on_answer(self, _: int) -> None:
        self._bell.recv(1)
        answer = self._answers.pop()
        if isinstance(answer, BaseException):
            raise answer
        self._busy = False
        self._out = memoryview(packed(*answer))
        self._selector.register(self._cell.bridge, selectors.EVENT_READ | selectors.EVENT_WRITE, self._on_bridge)
        self._take()

    def _on_print(self, end: socket.socket) -> None:
        try:
            piece = end.recv(CHUNK)
        except BlockingIOError:
            return
        except OSError:
            piece = b""
        if not piece:
            self._selector.unregister(end)
            return
        room = self._limits.output_kb * 1024 - len(self.printed[end])
        self.printed[end] += piece[:room]
        if len(piece) > room:
            self.status = "output"

    def _on_end(self, _: int) -> None:
        """The process is no more; what it said before may still be on its way."""
        self._selector.unregister(self._cell.handle)
        self._drain()
        if self.last is None:
            self.status = self.status or "killed"

    def _drain(self) -> None:
        """Read what lies in the sockets without waiting for more."""
        for end in self.printed:
            for _ in range(64):
                if end.fileno() not in self._open():
                    break
                before = len(self.printed[end])
                self._on_print(end)
                if len(self.printed[end]) == before:
                    break

    def _open(self) -> set[int]:
        return {key.fd for key in self._selector.get_map().values()}
