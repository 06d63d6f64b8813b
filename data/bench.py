"""The gateway beside bare DuckDB: the same SQL over the same Delta rows, in turns in one process."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from data import lake
from data.engines.database import extension
from data.federation import open_gateway
from data.gateway import Gateway
from data.sources.base import literal

if TYPE_CHECKING:
    import duckdb

CATALOG = """\
version: 1
sources:
  - name: square
    kind: delta
    location: lake
    tables:
      - name: payments
        columns:
          - {name: id, type: BIGINT}
          - {name: merchant_id, type: BIGINT}
          - {name: amount, type: DOUBLE}
          - {name: status, type: VARCHAR}
          - {name: country, type: VARCHAR}
          - {name: created_at, type: TIMESTAMP}
"""
POLICY = """\
version: 1
principals:
  - {name: owner, groups: [owners]}
  - {name: support, groups: [support], attributes: {country: CA}}
grants:
  - {to: owners, on: "*"}
  - {to: support, on: square.payments}
row_filters:
  - {for: support, on: square.payments, where: "country = :country"}
"""
PARTS = 5
ROUNDS = 7
POINTS = 50
THREADS = 2

SCANS = (
    "SELECT count(*) FROM square.payments WHERE amount > 50",
    "SELECT status, count(*), sum(amount) FROM square.payments GROUP BY status",
    "SELECT date_trunc('month', created_at), sum(amount) FROM square.payments WHERE status = 'captured' GROUP BY 1",
    "SELECT merchant_id, sum(amount) FROM square.payments GROUP BY merchant_id ORDER BY 2 DESC LIMIT 10",
    "SELECT count(DISTINCT merchant_id) FROM square.payments WHERE created_at >= '2025-06-01'",
)
POINT = "SELECT amount, status FROM square.payments WHERE id = {id}"
PLACE = "square.payments"
FILTERED = "(SELECT * FROM square.payments WHERE country = 'CA') AS payments"
"""What the policy makes of the table for `support`, written by hand for the peer."""


@dataclass(frozen=True)
class Side:
    """Median seconds of the scans (each one's median, added up), and median milliseconds of a point query."""

    scans_s: float
    point_ms: float
    repeated_ms: float


def compare(rows: int, say: Callable[[str], None]) -> dict[str, Any]:
    """Scans and point queries of the owner and of a caller with a row filter, ours and bare DuckDB's.

    `ratio` is the larger of the two ratios of scan times; `fixed_ms` is what the gateway adds to a point query:
    to one that was never asked before (parsed, authorised, rewritten, audited), and to one asked again.
    """
    with tempfile.TemporaryDirectory(prefix="lakewright-bench-") as folder:
        home = Path(folder)
        say(f"Writing {rows:,} rows…")
        _write(home, rows)
        with closing(open_gateway(home, memory="4GB", threads=THREADS)) as gateway, _bare(home) as peer:
            found = {name: _both(gateway, peer, name, rows, say) for name in ("owner", "support")}
    ratios = {name: ours.scans_s / bare.scans_s for name, (ours, bare) in found.items()}
    document: dict[str, Any] = {"rows": rows, "ratio": round(max(ratios.values()), 3)}
    for name, (ours, bare) in found.items():
        fixed = {"new": ours.point_ms - bare.point_ms, "repeated": ours.repeated_ms - bare.repeated_ms}
        document[name] = {
            "ours": asdict(ours),
            "peer": asdict(bare),
            "ratio": round(ratios[name], 3),
            "fixed_ms": {kind: round(ms, 2) for kind, ms in fixed.items()},
        }
    return document


def _both(
    gateway: Gateway, peer: duckdb.DuckDBPyConnection, name: str, rows: int, say: Callable[[str], None]
) -> tuple[Side, Side]:
    principal = gateway.policy.principal(name)
    place = PLACE if name == "owner" else FILTERED

    def ours(sql: str) -> Any:
        return gateway.query(principal, sql).table

    def bare(sql: str) -> Any:
        return peer.execute(sql.replace(PLACE, place)).to_arrow_table()

    say(f"Scanning as {name}…")
    scans = [_turns(ours, bare, [sql] * ROUNDS) for sql in SCANS]
    say(f"Looking single rows up as {name}…")
    step = max(1, rows // POINTS)
    points = _turns(ours, bare, [POINT.format(id=number * step) for number in range(POINTS)])
    repeated = _turns(ours, bare, [POINT.format(id=rows // 2)] * POINTS)
    sides = (
        Side(round(sum(scan[side] for scan in scans), 4), round(points[side] * 1e3, 2), round(repeated[side] * 1e3, 2))
        for side in (0, 1)
    )
    first, second = sides
    return first, second


def _turns(ours: Callable[[str], Any], bare: Callable[[str], Any], queries: Sequence[str]) -> tuple[float, float]:
    """Median seconds of both, measured in turns; the first query of each warms it up and is left out."""
    times: tuple[list[float], list[float]] = ([], [])
    for number, sql in enumerate((queries[0], *queries)):
        sides = ((0, ours), (1, bare)) if number % 2 else ((1, bare), (0, ours))
        answers = []
        for side, ask in sides:
            began = time.perf_counter()
            answers.append(ask(sql))
            if number:
                times[side].append(time.perf_counter() - began)
        assert answers[0].num_rows == answers[1].num_rows, sql
    return median(times[0]), median(times[1])


def _write(home: Path, rows: int) -> None:
    (home / "catalog.yaml").write_text(CATALOG, encoding="utf-8")
    (home / "policy.yaml").write_text(POLICY, encoding="utf-8")
    for part in _parts(rows):
        lake.append(home / "lake" / "payments", part)


def _parts(rows: int) -> Iterator[Any]:
    import numpy as np
    import pyarrow as pa

    rng = np.random.default_rng(7)
    size = rows // PARTS
    for number in range(PARTS):
        seconds = rng.integers(0, 730 * 86_400, size).astype("timedelta64[s]")
        yield pa.table(
            {
                "id": np.arange(number * size, (number + 1) * size),
                "merchant_id": rng.integers(0, 5_000, size),
                "amount": np.round(rng.lognormal(3, 1, size), 2),
                "status": rng.choice(["captured", "failed", "pending"], size),
                "country": rng.choice(["US", "CA", "GB", "FR"], size),
                "created_at": (np.datetime64("2024-01-01", "us") + seconds),
            }
        )


def _bare(home: Path) -> duckdb.DuckDBPyConnection:
    import duckdb

    connection = duckdb.connect(config={"threads": THREADS, "memory_limit": "4GB"})
    connection.execute(f"LOAD {literal(str(extension('delta')))}")
    connection.execute("CREATE SCHEMA square")
    connection.execute(f"ATTACH {literal(str(home / 'lake/payments'))} AS pay (TYPE delta, PIN_SNAPSHOT)")
    connection.execute("CREATE VIEW square.payments AS SELECT * FROM pay.pay")
    return connection
