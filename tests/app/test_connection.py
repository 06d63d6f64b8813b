"""Connections of clients that send too slowly, or too much before the body."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from app.api.stopping import Server


async def served(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
        await send({"type": "http.response.body", "body": b"ok"})


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> Iterator[socket.socket]:
    """A connection to a server that waits for heads for a moment only."""
    monkeypatch.setattr("app.api.connection.HEAD_SECONDS", 0.3)
    listener = socket.create_server(("127.0.0.1", 0))
    server = Server(served, 1)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listener]})
    thread.start()
    with socket.create_connection(listener.getsockname()[:2], timeout=20) as client:
        yield client
    server.should_exit = True
    thread.join()


@pytest.mark.parametrize("sent", [b"", b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow"])
def test_a_head_that_does_not_come_ends_the_connection(opened: socket.socket, sent: bytes) -> None:
    opened.sendall(sent)
    assert opened.recv(100) == b""


def test_the_next_head_may_not_be_late_either(opened: socket.socket) -> None:
    opened.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    assert b"200 OK" in opened.recv(1000)
    opened.sendall(b"GET / HT")
    while opened.recv(1000):
        pass


@pytest.mark.parametrize("head", [b"X-Long: " + b"a" * 70_000, b"".join(b"X-%d: a\r\n" % n for n in range(9_999))])
def test_a_head_that_is_too_large_is_refused(opened: socket.socket, head: bytes) -> None:
    opened.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n" + head + b"\r\n\r\n")
    assert b"400 Bad Request" in opened.recv(1000)


def test_a_head_without_an_end_is_refused(opened: socket.socket) -> None:
    opened.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nX-Long: ")
    endless = b"a" * 10_000_000
    with pytest.raises(OSError, match=r"reset|pipe"):
        opened.sendall(endless)
