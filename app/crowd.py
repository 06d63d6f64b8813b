"""Many callers at once on one server: each has rows of its own, and checks that it gets those and no others."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import quantiles
from typing import Any

import httpx

from app import home as homes
from app.tokens import Tokens

ROWS = 200
"""Rows of each caller."""

AT_ONCE = 4
"""Queries of one caller at once; a fifth is refused with 429."""

CATALOG = """\
version: 1
sources:
  - name: shop
    kind: delta
    location: lake
    tables:
      - name: orders
        key: id
        columns:
          - {name: id, type: BIGINT}
          - {name: owner, type: VARCHAR}
          - {name: amount, type: BIGINT}
"""

Question = tuple[str, Callable[[int], list[list[Any]]]]

QUESTIONS: tuple[Question, ...] = (
    ("SELECT count(*), sum(amount) FROM shop.orders", lambda n: [[ROWS, sum(amounts(n))]]),
    ("SELECT DISTINCT owner FROM shop.orders", lambda n: [[f"caller-{n}"]]),
    ("SELECT max(amount) FROM shop.orders WHERE amount < 1000000", lambda n: [[max(amounts(n))]]),
    (
        "WITH o AS (SELECT * FROM shop.orders) SELECT count(*) FROM o JOIN shop.orders p ON o.id = p.id",
        lambda n: [[ROWS]],
    ),
    ("SELECT amount FROM shop.orders ORDER BY amount LIMIT 3", lambda n: [[a] for a in sorted(amounts(n))[:3]]),
)
"""SQL, and the rows that the n-th caller has to get."""


@dataclass
class Tally:
    """What came of all requests; memory is the server's, in MB, every second."""

    outcomes: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    memory: list[float] = field(default_factory=list)


def gather(callers: int, seconds: float, say: Callable[[str], None]) -> dict[str, Any]:
    """`callers` at once for `seconds` on a server of their own.

    `wrong` counts answers with other rows than the caller's, `errors` everything that is neither an answer nor a
    429. `memory_mb` is the server's after a third, two thirds and all of the time.
    """
    with tempfile.TemporaryDirectory(prefix="lakewright-crowd-") as folder:
        place = Path(folder) / "home"
        tokens = callers_home(place, callers)
        with server(place) as (address, process):
            say(f"{callers} callers for {seconds:g} s at {address}…")
            tally = _asked(address, tokens, seconds, process)
    thirds = [tally.memory[len(tally.memory) * part // 3 - 1] for part in (1, 2, 3)]
    return {
        "callers": callers,
        "requests": sum(tally.outcomes.values()),
        "answered": tally.outcomes["200"],
        "refused": tally.outcomes["429"],
        "errors": {name: n for name, n in tally.outcomes.items() if name not in ("200", "429")},
        "wrong": len(tally.wrong),
        "p50_ms": round(quantiles(tally.seconds, n=20)[9] * 1e3, 1),
        "p95_ms": round(quantiles(tally.seconds, n=20)[18] * 1e3, 1),
        "memory_mb": thirds,
    }


def amounts(number: int) -> list[int]:
    return [number * 1_000 + row for row in range(ROWS)]


def callers_home(place: Path, callers: int) -> list[str]:
    """A home with one table and a principal for each caller; returns their tokens."""
    import pyarrow as pa

    from data import lake

    homes.begin(place)
    numbers = range(callers)
    rows = [(n * ROWS + i, f"caller-{n}", amount) for n in numbers for i, amount in enumerate(amounts(n))]
    columns = dict(zip(("id", "owner", "amount"), (list(column) for column in zip(*rows, strict=True)), strict=True))
    lake.append(place / "lake" / "orders", pa.table(columns))
    (place / homes.CATALOG).write_text(CATALOG, encoding="utf-8")
    principals = "".join(f"  - {{name: caller-{n}, groups: [callers]}}\n" for n in numbers)
    (place / homes.POLICY).write_text(
        f"version: 1\nprincipals:\n  - {{name: owner, groups: [callers]}}\n{principals}"
        "grants:\n  - {to: callers, on: shop.*}\n"
        'row_filters:\n  - {for: callers, on: shop.orders, where: "owner = :principal"}\n'
        f"budgets:\n  - {{for: callers, concurrency: {AT_ONCE}}}\n",
        encoding="utf-8",
    )
    store = Tokens(place / "tokens.sqlite")
    return [store.create(f"caller-{n}", 1)[0] for n in numbers]


@contextmanager
def server(place: Path) -> Iterator[tuple[str, int]]:
    """`lakewright serve` on a free port, with no limit on how often one caller asks: its address and its process."""
    run = "from app.cli import main; raise SystemExit(main())"
    command = [sys.executable, "-c", run, "serve", "--port", "0", "--home", str(place), "--json"]
    free = {**os.environ, "LAKEWRIGHT_REQUESTS_PER_MINUTE": str(10**9)}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[1], env=free
    ) as server:
        assert server.stdout is not None
        try:
            yield json.loads(server.stdout.readline())["url"], server.pid
        finally:
            server.terminate()


def _asked(address: str, tokens: list[str], seconds: float, process: int) -> Tally:
    """All callers ask until the time is over; one more thread looks at the server's memory."""
    tally, end = Tally(), time.monotonic() + seconds
    work = [threading.Thread(target=_ask, args=(address, n, token, end, tally)) for n, token in enumerate(tokens)]
    for thread in work:
        thread.start()
    while any(thread.is_alive() for thread in work):
        tally.memory.append(memory(process))
        time.sleep(min(1.0, seconds / 10))
    return tally


def _ask(address: str, number: int, token: str, end: float, tally: Tally) -> None:
    choose = random.Random(number)
    with httpx.Client(base_url=address, headers={"Authorization": f"Bearer {token}"}, timeout=60) as client:
        while time.monotonic() < end:
            sql, expected = choose.choice(QUESTIONS)
            began = time.perf_counter()
            response = client.post("/api/sql", json={"sql": sql})
            tally.seconds.append(time.perf_counter() - began)
            tally.outcomes[str(response.status_code)] += 1
            if response.status_code == 200 and response.json()["rows"] != expected(number):
                tally.wrong.append(f"caller-{number}: {sql}")


def memory(process: int) -> float:
    """The memory of a process that is not shared with files, in MB."""
    _, resident, shared, *_ = Path(f"/proc/{process}/statm").read_text(encoding="ascii").split()
    return round((int(resident) - int(shared)) * os.sysconf("SC_PAGE_SIZE") / 1e6, 1)
