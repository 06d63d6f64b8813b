"""Many clients at once on one route of a server, each with one connection: how long an answer takes.

The clients are one loop in a process of their own, which sends bytes that were made before: what is measured is the
server, as far as they do not share a core.
"""

from __future__ import annotations

import asyncio
import json
import random
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import quantiles
from typing import Any
from urllib.parse import urlsplit

from data.apart import apart


@dataclass(frozen=True)
class Route:
    """What is asked: a path such as `/api/features` or `/api/models/NAME/invocations`, and bodies by turns."""

    path: str
    bodies: Sequence[Any]


@dataclass
class Tally:
    statuses: Counter[int] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)


def burst(address: str, token: str, route: Route, clients: int, seconds: float, pause: float = 0.0) -> dict[str, Any]:
    """`clients` ask for `seconds`, each again when it has its answer and `pause` seconds have passed."""
    tally, _ = apart(_clients, address, token, route, clients, seconds, pause)
    cuts = quantiles(tally.seconds, n=100)
    return {
        "clients": clients, "pause_s": pause, "requests": len(tally.seconds),
        "requests_per_s": round(len(tally.seconds) / seconds, 1),
        "errors": {str(status): n for status, n in tally.statuses.items() if status != 200},
        "p50_ms": round(cuts[49] * 1e3, 2), "p95_ms": round(cuts[94] * 1e3, 2), "p99_ms": round(cuts[98] * 1e3, 2),
    }  # fmt: skip


def _clients(address: str, token: str, route: Route, clients: int, seconds: float, pause: float) -> Tally:
    return asyncio.run(_all(address, token, route, clients, seconds, pause))


async def _all(address: str, token: str, route: Route, clients: int, seconds: float, pause: float) -> Tally:
    place, tally = urlsplit(address), Tally()
    requests = [_request(place.netloc, token, route.path, body) for body in route.bodies]
    end = time.perf_counter() + seconds
    work = (
        _client(str(place.hostname), int(place.port or 80), requests[n:] + requests[:n], end, pause, tally)
        for n in range(clients)
    )
    await asyncio.gather(*work)
    return tally


async def _client(host: str, port: int, requests: Sequence[bytes], end: float, pause: float, tally: Tally) -> None:
    reader, writer = await asyncio.open_connection(host, port)
    await asyncio.sleep(random.random() * pause)
    turn = 0
    while (began := time.perf_counter()) < end:
        writer.write(requests[turn % len(requests)])
        status = await _status(reader)
        tally.seconds.append(time.perf_counter() - began)
        tally.statuses[status] += 1
        turn += 1
        if pause:
            await asyncio.sleep(pause)
    writer.close()
    await writer.wait_closed()


def _request(host: str, token: str, path: str, body: Any) -> bytes:
    data = json.dumps(body).encode()
    head = (
        f"POST {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(data)}\r\n\r\n"
    )
    return head.encode() + data


async def _status(reader: asyncio.StreamReader) -> int:
    """Read one answer whole; its status."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    length = next(
        int(line.partition(":")[2]) for line in head.split("\r\n") if line.lower().startswith("content-length:")
    )
    await reader.readexactly(length)
    return int(head.split(" ", 2)[1])
