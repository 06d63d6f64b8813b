"""The program's end of the bridge: requests go out one at a time, answers come back."""

from __future__ import annotations

import socket
import threading
from typing import Any

from data.sandbox.frames import Frame, Reader, packed

CHUNK = 1024 * 1024
LONGEST_BODY = 1 << 40


class Bridge:
    """A socket that is already connected to the one door there is; there is no token, and nothing else to reach."""

    def __init__(self, link: socket.socket) -> None:
        self._link = link
        self._reader = Reader(LONGEST_BODY)
        self._turn = threading.Lock()

    def send(self, head: dict[str, Any], body: bytes | memoryview = b"") -> None:
        self._link.sendall(packed(head, body))

    def receive(self) -> Frame:
        """The next message; EOFError when the other side has gone."""
        while (frame := self._reader.next()) is None:
            piece = self._link.recv(CHUNK)
            if not piece:
                raise EOFError("The door is shut.")
            self._reader.feed(piece)
        return frame

    def ask(self, head: dict[str, Any]) -> Frame:
        """One request and its answer."""
        with self._turn:
            self.send(head)
            return self.receive()
