"""Connections: at every tick as the row-by-row reference has them, however the rows arrived and whatever came between."""

from __future__ import annotations

import datetime as dt
import multiprocessing
import os
import signal
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from data.errors import DataError, Forbidden
from data.features import ConnectedView, Edges, Feature, FeatureView, Marks, Measure, choice
from data.features.compile import plan_of
from data.features.graph import ingest as graph_ingest
from data.features.graph import web
from data.features.graph.compile import connected
from data.features.history import History
from data.features.ingest import ingest
from data.features.plan import KNOWN, TIME, Plan
from data.features.platform import Features
from data.features.results import microseconds
from data.gateway import Gateway
from tests.data.features import naive_graph
from tests.data.features.conftest import opened
from tests.data.features.connections import FOUND, SENDS, START, TICK, USES, add, build, row, view
from tests.data.features.test_training import collected

TICKS = 8
Rows = dict[str, list[dict[str, Any]]]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return build(tmp_path)


@pytest.fixture
def gateway(home: Path) -> Iterator[Gateway]:
    with opened(home) as gateway:
        yield gateway


def planned(gateway: Gateway, view: ConnectedView) -> Plan:
    return connected(view, gateway.catalog, gateway.policy.functions)


def brought(home: Path, gateway: Gateway, plan: Plan, tick: int) -> int:
    """Up to the given tick after START; how many events came."""
    found = ingest(plan, gateway, gateway.policy.principal("owner"), home, START + tick * TICK + TICK / 3)
    return found.rows


def history(home: Path, plan: Plan) -> list[dict[str, Any]]:
    table = DeltaTable(History.of(plan, home).folder).to_pyarrow_table()
    return sorted(table.to_pylist(), key=lambda event: (event["person"], event[TIME]))


def held(home: Path, plan: Plan, events: Sequence[dict[str, Any]], at: dt.datetime) -> dict[int, dict[str, float]]:
    """The values that hold at a moment, of the entities that are not as if alone."""
    assert plan.graph is not None
    found = {}
    newest = {event["person"]: event for event in events if event[TIME] <= microseconds(at) < event[TIME] + plan.ttl}
    for person, event in newest.items():
        whole = [event[f"_v{n}"] for n in range(len(plan.stored))]
        if whole != plan.graph.alone:
            pairs = zip(plan.outputs, whole, strict=True)
            found[person] = {o.name: v / 10.0**o.scale if o.scale else v for o, v in pairs}
    return found


PEOPLE = st.integers(1, 5)
HOURS = st.integers(0, TICKS - 1) | st.floats(-1, TICKS - 1)
LATE = st.sampled_from((0, 0, 0, 0.5, 2, 3))
ROWS = st.fixed_dictionaries(
    {
        "uses": st.lists(st.tuples(st.tuples(PEOPLE, st.sampled_from("ab1")), HOURS, LATE), max_size=12),
        "sends": st.lists(st.tuples(st.tuples(PEOPLE, PEOPLE), HOURS, LATE), max_size=8),
        "found": st.lists(st.tuples(st.tuples(PEOPLE), HOURS, LATE), max_size=4),
    }
)


def made(drawn: dict[str, Any]) -> Rows:
    return {table: [row(table, *fields) for fields in rows] for table, rows in drawn.items()}


@given(ROWS, st.integers(2, 3), st.sampled_from(("", "1h", "2h")), st.integers(1, 3), st.booleans())
@settings(max_examples=12, deadline=None, phases=(Phase.explicit, Phase.generate), suppress_health_check=[HealthCheck.too_slow])
def test_values_are_those_of_the_reference_at_every_tick(
    tmp_path_factory: pytest.TempPathFactory, drawn: dict[str, Any], hub: int, ttl: str, step: int, small: bool
) -> None:
    home = build(tmp_path_factory.mktemp("home"))
    rows = made(drawn)
    for table, some in rows.items():
        add(home, table, some)
    wanted = view(hub, ttl=ttl)
    with opened(home) as gateway, pytest.MonkeyPatch.context() as patch:
        plan = planned(gateway, wanted)
        if small:
            patch.setattr(graph_ingest, "TICKS", 2)
            patch.setattr(web, "MEETINGS", 1)
        # Some ticks at a time, as they pass; then all of them from scratch.
        for tick in range(0, TICKS, step):
            brought(home, gateway, plan, tick)
        brought(home, gateway, plan, TICKS)
        events = history(home, plan)
        scratch = home / "scratch"
        scratch.mkdir()
        ingest(plan, gateway, gateway.policy.principal("owner"), scratch, START + TICKS * TICK)
    assert history(scratch, plan) == events
    for tick in range(TICKS + 1):
        at = START + tick * TICK
        assert held(home, plan, events, at) == naive_graph.values(wanted, rows, at), tick
        assert held(home, plan, events, at + TICK / 2) == held(home, plan, events, at)
