"""All rows of a query, a batch at a time: under the same rules, at the versions that are asked for."""

from __future__ import annotations

from pathlib import Path

import pytest

from data import lake
from data.errors import Forbidden, Unavailable
from data.federation import open_gateway
from data.gateway import Gateway
from data.stop import Stop


@pytest.fixture
def small(home: Path) -> Gateway:
    return open_gateway(home, threads=1)


def ids(gateway: Gateway, who: str = "owner", sql: str = "SELECT id FROM shop.orders", **more: object) -> list[int]:
    with gateway.stream(gateway.policy.principal(who), sql, **more) as stream:  # type: ignore[arg-type]
        return sorted(value for batch in stream.batches for value in batch.column(0).to_pylist())


def test_a_stream_has_all_rows_that_the_caller_may_see_and_is_audited(small: Gateway) -> None:
    assert ids(small) == [1, 2, 3, 4, 5]
    assert ids(small, "agent-ca") == [1, 2, 4]
    assert ids(small, sql="SELECT n FROM range(50000) AS r(n)") == list(range(50_000))
    record = small.audit.tail(2)[0]
    assert (record.principal, record.rows, record.outcome) == ("agent-ca", 3, "answered")


def test_what_a_query_refuses_a_stream_refuses(small: Gateway) -> None:
    with pytest.raises(Forbidden):
        ids(small, "nobody")
    with pytest.raises(Forbidden):
        ids(small, sql="SELECT id FROM read_csv('/etc/passwd')")
    with pytest.raises(Forbidden):
        ids(small, "agent-ca", "SELECT secret FROM shop.customers")
    assert small.audit.tail(1)[0].outcome == "forbidden"


def test_older_versions_and_what_was_added_since(small: Gateway, home: Path) -> None:
    assert ids(small, versions={"shop.orders": "0"}) == [1, 2, 3]
    assert ids(small, versions={"shop.orders": "0.."}) == [4, 5]
    assert ids(small, versions={"shop.orders": "1.."}) == []
    # Row filters hold there too.
    assert ids(small, "agent-ca", versions={"shop.orders": "0.."}) == [4]
    rows = lake.read(home / "lake/shop/orders")
    lake.overwrite(home / "lake/shop/orders", rows.slice(0, 2))
    with pytest.raises(Unavailable) as error:
        ids(small, versions={"shop.orders": "1.."})
    assert error.value.facts["rewritten"]
    with pytest.raises(Unavailable, match="no version"):
        ids(small, versions={"shop.orders": "99"})
    with pytest.raises(Unavailable, match="older versions"):
        ids(small, sql="SELECT id FROM files.visits", versions={"files.visits": "1"})


def test_an_error_while_rows_are_read_tells_no_value(small: Gateway) -> None:
    sql = "SELECT CAST(name AS BIGINT) AS id FROM shop.customers"
    with pytest.raises(Exception, match="fails on a value") as error:
        ids(small, "agent-ca", sql)
    assert "Ada" not in str(error.value)


def test_a_reader_that_leaves_early_frees_its_connection(small: Gateway) -> None:
    for _ in range(70):
        with small.stream(small.policy.principal("owner"), "SELECT n FROM range(500000) AS r(n)") as stream:
            next(stream.batches)
    assert ids(small) == [1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        ("Out of Memory Error: failed to allocate", "memory"),
        ("IO Error: the file is gone", "store"),
        ("INTERRUPT Error: Interrupted!", "query"),
        ("Conversion Error: no number", "query"),
    ],
)
def test_what_ends_a_stream_is_told_by_the_engine(small: Gateway, said: str, reason: str) -> None:
    assert small._door().engines["duckdb"].failure(OSError(said), Stop()).reason == reason


def test_an_interrupt_by_us_is_no_failure_of_the_query(small: Gateway) -> None:
    stop = Stop()
    stop.cancel()
    assert small._door().engines["duckdb"].failure(OSError("INTERRUPT Error: Interrupted!"), stop).reason == "stopped"
