"""SIGKILL at any moment of materialising leaves nothing half-done: what follows has an undisturbed run's values.

The sizes are small by default. LAKEWRIGHT_EVENTS=50000 LAKEWRIGHT_KILLS=100 makes the long run of docs/features.md.
"""

from __future__ import annotations

import os
import random
import signal
from pathlib import Path
from typing import Any

import pytest

from data import lake
from data.features.history import History
from data.features.online import open_store
from data.features.online.get import Lookup
from data.features.online.refresh import space
from data.features.plan import Plan
from data.features.results import microseconds
from data.features.values import ValueTable
from tests.data.features.conftest import build, opened, pay, payment
from tests.data.features.lives import MOMENTS, start
from tests.data.features.test_values import at
from tests.data.features.views import CARDS

EVENTS = int(os.environ.get("LAKEWRIGHT_EVENTS", "400"))
KILLS = int(os.environ.get("LAKEWRIGHT_KILLS", "12"))
STEPS = max(2, KILLS // len(MOMENTS))


def drawn(coin: random.Random, step: int) -> list[dict[str, Any]]:
    """Payments of an hour, some of which come late, into the values that are there."""
    return [
        payment(
            coin.randrange(60), step * 60 - coin.uniform(0, 150), f"{coin.randrange(1000)}.25",
            shop=coin.choice("abc"), late=coin.choice((0, 0, 0, 90)),
        )
        for _ in range(EVENTS // STEPS)
    ]  # fmt: skip


def planned(home: Path) -> Plan:
    from data.features.compile import plan_of

    with opened(home) as gateway:
        return plan_of(CARDS, gateway.catalog, gateway.policy.functions)


def rows(folder: Path) -> list[dict[str, Any]]:
    return sorted(lake.read(folder).to_pylist(), key=str)


def online(home: Path, plan: Plan, minute: float) -> list[Any]:
    store = open_store("sqlite", home)
    lookup = Lookup(plan, store, plan.outputs)
    found = [lookup.get({"card": card}, microseconds(at(minute))) for card in range(61)]
    store.close()
    return found


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
def test_killed_at_any_moment(tmp_path: Path) -> None:
    coin = random.Random(9)
    (tmp_path / "killed").mkdir()
    (tmp_path / "whole").mkdir()
    killed, whole = build(tmp_path / "killed"), build(tmp_path / "whole")
    plan, kill, deaths = planned(whole), 0, 0
    for step in range(1, STEPS + 1):
        batch, until = drawn(coin, step), at(step * 60)
        for home in (killed, whole):
            pay(home, batch)
        for moment in random.Random(step).sample(MOMENTS, len(MOMENTS)) if kill < KILLS else ():
            life = start(killed, until, moment=moment, seed=(kill := kill + 1))
            life.join(120)
            assert life.exitcode in (-signal.SIGKILL, 0)
            deaths += life.exitcode != 0
        for home in (killed, whole):
            last = start(home, until)
            last.join(120)
            assert last.exitcode == 0
        check(killed, whole, plan, step * 60)
    assert deaths >= min(kill, KILLS) // 3, "the kills come too late to say anything"
    assert "MERGE" in [commit["operation"] for commit in lake.history(values(killed, plan))]


def values(home: Path, plan: Plan) -> Path:
    return ValueTable(History.of(plan, home), space(plan), home).folder


def check(killed: Path, whole: Path, plan: Plan, minute: float) -> None:
    assert rows(History.of(plan, killed).folder) == rows(History.of(plan, whole).folder)
    assert rows(values(killed, plan)) == rows(values(whole, plan))
    for later in (0, 7.5, 59, 400):
        assert online(killed, plan, minute + later) == online(whole, plan, minute + later)
    assert list((killed / "spill").glob("features-*")) == []
