"""What a principal may take: rows, bytes that are read, bytes of an answer, seconds."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from data.errors import TooExpensive
from data.federation import open_gateway
from data.gateway import Gateway, Result


def budgeted(home: Path, limits: str) -> Gateway:
    """The small lakehouse with a budget for everybody who may see all of it."""
    path = home / "policy.yaml"
    path.write_text(path.read_text(encoding="utf-8") + f"budgets:\n  - {{for: owners, {limits}}}\n", encoding="utf-8")
    return open_gateway(home, threads=1)


def ask(gateway: Gateway, sql: str, **more: int) -> Result:
    return gateway.query(gateway.policy.principal("owner"), sql, **more)


@pytest.fixture
def opened() -> Iterator[list[Gateway]]:
    gateways: list[Gateway] = []
    yield gateways
    for gateway in gateways:
        gateway.close()


def test_rows_over_the_budget_are_cut_whatever_the_caller_wants(home: Path, opened: list[Gateway]) -> None:
    opened.append(gateway := budgeted(home, "rows: 3"))
    result = ask(gateway, "SELECT id FROM shop.orders", limit=100)
    assert (result.table.num_rows, result.truncated) == (3, True)
    assert ask(gateway, "SELECT id FROM shop.orders", limit=2).table.num_rows == 2
    assert ask(gateway, "SELECT count(*) AS n FROM shop.orders").table.to_pydict() == {"n": [5]}


def test_an_answer_over_its_memory_is_cut(home: Path, opened: list[Gateway]) -> None:
    opened.append(gateway := budgeted(home, "memory: 1MB, rows: 100000"))
    result = ask(gateway, "SELECT repeat('x', 1000) AS x FROM range(50000)")
    assert result.truncated
    assert 0 < result.table.nbytes < 3_000_000
    assert not ask(gateway, "SELECT repeat('x', 1000) AS x FROM range(5)").truncated


@pytest.mark.parametrize("table", ["shop.orders", "files.visits", "music.tracks"])
def test_a_query_that_would_read_too_much_is_refused(home: Path, opened: list[Gateway], table: str) -> None:
    opened.append(gateway := budgeted(home, "scan: 100B"))
    with pytest.raises(TooExpensive, match="your budget is") as caught:
        ask(gateway, f"SELECT count(*) FROM {table}")
    assert caught.value.remedy
    assert gateway.audit.tail(1)[0].outcome == "too_expensive"


def test_a_query_within_its_budget_runs_and_is_counted(home: Path, opened: list[Gateway]) -> None:
    opened.append(gateway := budgeted(home, "scan: 1GB"))
    result = ask(gateway, "SELECT sum(amount) FROM shop.orders")
    assert gateway.audit.tail(1)[0].bytes == result.read.bytes
    assert result.read.bytes


def test_a_postgres_tables_size_counts(gateway: Gateway) -> None:
    source = gateway._door().engines["duckdb"].sources["bank"]  # type: ignore[attr-defined]
    assert source.size(gateway.catalog.table("bank.accounts"), "live") >= 8192


def test_seconds_over_the_budget_are_not_granted(home: Path, opened: list[Gateway]) -> None:
    opened.append(gateway := budgeted(home, "seconds: 0.3"))
    with pytest.raises(TooExpensive, match=r"0\.3 s"):
        ask(gateway, "SELECT count(*) FROM range(1000000000000) numbers(n) WHERE n % 7 = 8", timeout=60)
