"""The table of values has the reference's values at every moment of it, whatever came late."""

from __future__ import annotations

import datetime as dt
import random
from pathlib import Path
from typing import Any

import pytest

from data import lake
from data.features import values as module
from data.features.compile import plan_of
from data.features.history import History
from data.features.ingest import ingest
from data.features.plan import KNOWN, Plan
from data.features.results import microseconds
from data.features.values import ValueTable
from data.gateway import Gateway
from tests.data.features import naive
from tests.data.features.conftest import START, pay, payment
from tests.data.features.views import CARDS, prepared


def at(minute: float) -> dt.datetime:
    return START + dt.timedelta(minutes=minute)


def table(home: Path, plan: Plan) -> ValueTable:
    return ValueTable(History.of(plan, home), "cards-1", home)


def check(home: Path, plan: Plan, rows: list[dict[str, Any]], until: float) -> None:
    """Each moment of each card is there once, with the values of the reference."""
    events = prepared(rows)
    moments = {(event["card"], event[KNOWN]) for event in events if event[KNOWN] <= microseconds(at(until))}
    found = lake.read(table(home, plan).folder).to_pylist()
    assert len(found) == len(moments)
    assert {(row["card"], microseconds(row["_at"])) for row in found} == moments
    for row in found:
        expected = naive.features(plan, events, (row["card"],), microseconds(row["_at"]))
        for output in plan.outputs:
            value = row[output.name]
            value = microseconds(value) if output.type == "TIMESTAMP" and value is not None else value
            assert value == expected[output.name]


def test_late_events_put_right_what_they_change_and_nothing_is_there_twice(
    home: Path, gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SLICE", 7)
    coin = random.Random(5)
    plan = plan_of(CARDS, gateway.catalog, gateway.policy.functions)
    owner = gateway.policy.principal("owner")
    rows: list[dict[str, Any]] = []
    written = []
    for step, spread in enumerate((10, 10, 200, 0)):
        batch = [
            payment(coin.randrange(3), step * 20 - coin.uniform(0, spread), late=coin.choice((0, 0, 30)))
            for _ in range(12 if spread else 0)
        ]
        rows += batch
        pay(home, batch)
        ingest(plan, gateway, owner, home, at(step * 20))
        written.append(table(home, plan).advance(microseconds(at(step * 20))))
        check(home, plan, rows, step * 20)
    assert all(written)
    assert table(home, plan).advance(microseconds(at(60))) == 0
    modes = [commit["operation"] for commit in lake.history(table(home, plan).folder)]
    assert "MERGE" in modes


def test_rows_are_only_added_where_nothing_came_late(home: Path, gateway: Gateway) -> None:
    plan = plan_of(CARDS, gateway.catalog, gateway.policy.functions)
    owner = gateway.policy.principal("owner")
    for step in range(3):
        pay(home, [payment(card, step * 10) for card in range(4)])
        ingest(plan, gateway, owner, home, at(step * 10 + 5))
        assert table(home, plan).advance(microseconds(at(step * 10 + 5))) == 4
    modes = [commit["operation"] for commit in lake.history(table(home, plan).folder)]
    assert modes == ["WRITE"] * 3


def test_a_history_that_was_made_anew_makes_the_values_anew(home: Path, gateway: Gateway) -> None:
    import pyarrow as pa

    from tests.data.features.conftest import PAYMENTS

    plan = plan_of(CARDS, gateway.catalog, gateway.policy.functions)
    owner = gateway.policy.principal("owner")
    pay(home, [payment(1, 0), payment(2, 0)])
    ingest(plan, gateway, owner, home, at(5))
    table(home, plan).advance(microseconds(at(5)))
    kept = [payment(1, 1, "9.00")]
    lake.overwrite(home / "lake/pay/payments", pa.Table.from_pylist(kept, schema=PAYMENTS))
    ingest(plan, gateway, owner, home, at(6))
    assert table(home, plan).advance(microseconds(at(6))) == 1
    check(home, plan, kept, 6)
