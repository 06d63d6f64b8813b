"""Connections: at every tick as the row-by-row reference has them, however the rows arrived."""

from __future__ import annotations

import datetime as dt
import multiprocessing
import os
import re
import signal
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
from deltalake import DeltaTable
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.errors import DataError, Forbidden
from data.features import ConnectedView, Edges, Feature, Marks, Measure, choice
from data.features.graph import ingest as graph_ingest
from data.features.graph import web
from data.features.graph.compile import connected
from data.features.history import History
from data.features.ingest import ingest
from data.features.plan import TIME, Plan
from data.features.platform import Features
from data.features.results import microseconds
from data.gateway import Gateway
from tests.data.features import naive_graph
from tests.data.features.conftest import opened
from tests.data.features.connections import START, TICK, USES, add, build, row, view
from tests.data.features.test_training import collected

pytestmark = pytest.mark.long

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
@settings(
    max_examples=6,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow],
)
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


def few(**changed: Any) -> ConnectedView:
    """A small view, for what does not hang on how much is measured."""
    features = (
        Measure("near", "neighbours", over=("4h",)),
        Measure("fraud", "marked", over=("4h",)),
        Measure("rank", "pagerank", over=("2h",), edges=("sends",)),
    )
    return view(**{"features": features, **changed})


def told(home: Path, plan: Plan, tick: float) -> dict[int, dict[str, float]]:
    return held(home, plan, history(home, plan), START + tick * TICK)


def test_an_edge_counts_from_the_tick_at_which_it_is_known(home: Path, gateway: Gateway) -> None:
    plan = planned(gateway, few())
    add(home, "sends", [row("sends", (1, 2), 0.5, late=1.5)])
    add(home, "found", [row("found", (2,), 0.1, late=2.2)])
    brought(home, gateway, plan, 6)
    near = {tick: told(home, plan, tick).get(1, {}) for tick in range(7)}
    assert {tick: found.get("near_4h", 0) for tick, found in near.items()} == {0: 0, 1: 0, 2: 1, 3: 1, 4: 1, 5: 0, 6: 0}
    assert [near[tick].get("fraud_4h", 0) for tick in range(7)] == [0, 0, 0, 1, 1, 0, 0]


def test_an_edge_that_comes_after_its_tick_counts_from_the_next_one(home: Path, gateway: Gateway) -> None:
    plan = planned(gateway, few())
    add(home, "sends", [row("sends", (1, 2), 0.5)])
    brought(home, gateway, plan, 2)
    before = history(home, plan)
    add(home, "sends", [row("sends", (1, 3), 1.5)])
    assert brought(home, gateway, plan, 2) == 0
    assert brought(home, gateway, plan, 3) > 0
    events = history(home, plan)
    assert [event for event in events if event[TIME] <= microseconds(START + 2 * TICK)] == before
    assert held(home, plan, events, START + 2 * TICK)[1]["near_4h"] == 1
    assert held(home, plan, events, START + 3 * TICK)[1]["near_4h"] == 2


def test_a_device_of_thousands_connects_nobody_and_costs_no_pairs(home: Path, gateway: Gateway) -> None:
    plan = planned(gateway, view(hub=100))
    add(home, "uses", [row("uses", (person, "kiosk"), 0.5) for person in range(1, 4001)])
    add(home, "uses", [row("uses", (person, "phone"), 0.5) for person in (1, 2)])
    brought(home, gateway, plan, 1)
    found = told(home, plan, 1)
    assert sorted(found) == [1, 2]
    assert (found[1]["uses_degree_2h"], found[1]["all_neighbours_2h"], found[1]["all_component_4h"]) == (1, 1, 2)


def test_a_component_by_way_of_a_hub_is_linear_in_its_edges(
    home: Path, gateway: Gateway, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(web, "slices", lambda sizes, most: pytest.fail("pairs of people were made"))
    plan = planned(gateway, view(hub=10_000, features=(Measure("ring", "component", over=("2h",)),)))
    add(home, "uses", [row("uses", (person, "kiosk"), 0.5) for person in range(1, 4001)])
    brought(home, gateway, plan, 1)
    found = told(home, plan, 1)
    assert len(found) == 4000
    assert found[7] == {"ring_2h": 4000}


def test_values_that_do_not_change_are_said_again_before_they_expire(home: Path, gateway: Gateway) -> None:
    plan = planned(gateway, few(ttl="2h"))
    add(home, "sends", [row("sends", (1, 2), hour) for hour in range(10)])
    brought(home, gateway, plan, 12)
    events = [event for event in history(home, plan) if event["person"] == 1]
    hours = [(event[TIME] - microseconds(START)) // microseconds(dt.datetime(1970, 1, 1) + TICK) for event in events]
    assert hours == [0, 2, 4, 6, 8, 10, 12]
    assert told(home, plan, 9)[1]["near_4h"] == 1


def test_a_run_compares_with_what_was_said_last_and_says_nothing_twice(home: Path, gateway: Gateway) -> None:
    plan = planned(gateway, few())
    add(home, "sends", [row("sends", (1, 2), 0.5), row("sends", (2, 3), 2.5)])
    counts = [brought(home, gateway, plan, tick) for tick in range(8)]
    # Whoever has a neighbour more or less: 1 and 2, 2 and 3, then the ends of the edge that leaves the window.
    assert counts == [0, 2, 0, 2, 0, 2, 0, 2]
    scratch = home / "scratch"
    scratch.mkdir()
    ingest(plan, gateway, gateway.policy.principal("owner"), scratch, START + 7 * TICK)
    assert history(scratch, plan) == history(home, plan)


def labelled(home: Path, gateway: Gateway, plan: Plan, at: Sequence[tuple[int, float]]) -> list[dict[str, Any]]:
    add(home, "labels", [{"person": p, "at": START + dt.timedelta(hours=hours)} for p, hours in at])
    chosen = choice.choose({plan.view.name: plan}, (), gateway, gateway.policy.principal("owner"), home)
    rows = collected(home, gateway, "owner", chosen, "SELECT * FROM net.labels").to_pylist()
    return sorted(rows, key=lambda row: (row["person"], row["at"]))


@given(ROWS, ROWS, st.integers(1, TICKS - 1))
@settings(max_examples=3, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_a_training_set_has_nothing_that_was_known_later_than_its_labels(
    tmp_path_factory: pytest.TempPathFactory, drawn: dict[str, Any], other: dict[str, Any], until: int
) -> None:
    """Two worlds that differ only in what became known after a moment have the same features up to it."""
    past, future = made(drawn), made(other)
    asked = [(person, hours) for person in range(1, 6) for hours in (until - 0.5, float(until), until + 0.49)]
    end = START + until * TICK
    found = []
    for later in (past, future):
        home = build(tmp_path_factory.mktemp("home"))
        for table in past:
            known = [row for row in past[table] if row["known"] <= end]
            add(home, table, known + [row for row in later[table] if row["known"] > end])
        with opened(home) as gateway:
            plan = planned(gateway, few())
            brought(home, gateway, plan, TICKS)
            found.append(labelled(home, gateway, plan, asked))
    assert found[0] == found[1]
    wanted = naive_graph.values(few(), {t: [r for r in rows if r["known"] <= end] for t, rows in past.items()}, end)
    for label in found[0]:
        if label["at"] >= end and (mine := wanted.get(label["person"])):
            assert {name: label[f"people__{name}"] for name in mine} == mine


def _run(home: Path, stop: int | None) -> None:
    """Materialise in a process of its own, which is killed in the midst of the commit `stop`."""
    written = History.write
    commits = iter(range(1000))

    def write(self: History, *arguments: Any, **named: Any) -> int:
        if next(commits) == stop:
            os.kill(os.getpid(), signal.SIGKILL)
        return written(self, *arguments, **named)

    History.write = write  # type: ignore[method-assign]
    graph_ingest.TICKS = 2
    with opened(home) as gateway:
        brought(home, gateway, planned(gateway, few()), TICKS)


def test_a_run_that_is_killed_goes_on_as_if_undisturbed(home: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    undisturbed = build(tmp_path_factory.mktemp("undisturbed"))
    rows = [row("sends", (n % 5, n % 3 + 1), n * 0.3, late=n % 2) for n in range(24)]
    for place in (home, undisturbed):
        add(place, "sends", rows)
        add(place, "found", [row("found", (1,), 1, late=2)])
    spawn = multiprocessing.get_context("spawn")
    for place, stop in ((home, 2), (home, 1), (home, None), (undisturbed, None)):
        child = spawn.Process(target=_run, args=(place, stop))
        child.start()
        child.join()
        assert child.exitcode == (0 if stop is None else -signal.SIGKILL)
    with opened(home) as gateway:
        plan = planned(gateway, few())
        assert len(history(home, plan)) > 10
        assert history(home, plan) == history(undisturbed, plan)


FILE = """
from data.features import ConnectedView, Edges, Marks, Measure

people = ConnectedView(
    name="people", entity="person", key="person", every="1h", owner="risk", description="Connected people.",
    edges=(Edges("sends", "net.sends", (("person", "sender"), ("person", "receiver")), "at", known_at="known"),),
    marks=Marks("net.found", "person", "at", known_at="known"),
    features=(
        Measure("partners", "degree", over=("4h",), unit="people"),
        Measure("fraud", "marked_share", over=("4h",)),
    ),
)
"""


def test_all_that_is_done_with_views_is_done_with_connections(home: Path, gateway: Gateway) -> None:
    (home / "features/people.py").write_text(FILE)
    features = Features(home, gateway)
    plan = features.apply()[0]
    assert features.registry.plan("people") == plan == Features(home, gateway).registry.plan("people")
    add(home, "sends", [row("sends", (1, 2), 0.5), row("sends", (1, 3), 0.5)])
    add(home, "found", [row("found", (3,), 0.5)])
    owner = gateway.policy.principal("owner")
    done = next(features.materialize(owner, [], START + 2 * TICK, print))
    assert (done.events, done.entities, done.rows, done.anew) == (3, 3, 3, True)
    at = START + 2 * TICK
    got = features.get(owner, "people", [{"person": 1}, {"person": 9}], [], at)
    assert got[0].values == {"partners_4h": 2, "fraud_4h": 0.5}
    assert (got[1].values["partners_4h"], got[1].reason) == (None, "unknown entity")
    row_ = labelled(home, gateway, plan, [(1, 2)])[0]
    assert (row_["people__partners_4h"], row_["people__fraud_4h"]) == (2, 0.5)
    values = DeltaTable(next((home / "lake/features/values").glob("people-*"))).to_pyarrow_table()
    assert {row["person"]: row["partners_4h"] for row in values.to_pylist()} == {1: 2, 2: 1, 3: 1}
    features.close()


def test_who_may_not_see_all_tables_of_a_graph_sees_none_of_it(home: Path, gateway: Gateway) -> None:
    (home / "features/people.py").write_text(FILE)
    features = Features(home, gateway)
    plan = features.apply()[0]
    assert plan.tables == ("net.found", "net.sends")
    assert set(plan.reads[0]) == {f"net.sends.{name}" for name in ("sender", "receiver", "at", "known")}
    assert "net.found.person" in plan.reads[1]
    assert list(features.visible(gateway.policy.principal("honest"))) == []
    with pytest.raises(Forbidden):
        ingest(plan, gateway, gateway.policy.principal("honest"), home, START)
    features.close()


NEAR = Measure("near", "neighbours", over=("4h",))


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"name": "My View"}, "View 'My View', name: 'My View' is not a name"),
        ({"key": "a b"}, "View 'people', key: 'a b' is not a name"),
        ({"edges": ()}, r"edges: \(\) is not a sequence with something in it"),
        ({"edges": (USES, USES)}, "edges: the kind 'uses' is there twice"),
        ({"edges": ("uses",)}, "edges: 'uses' is no Edges"),
        ({"edges": (Edges("x", "net.uses", (("person", "person"),), "at"),)}, "edges 'x': ends=.* are not two pairs"),
        (
            {"edges": (Edges("x", "net.uses", (("person", "person"), ("person", "person")), "at"),)},
            "edges 'x': both ends are 'person'",
        ),
        (
            {"edges": (Edges("x", "net.uss", (("person", "person"), ("d", "device")), "at"),)},
            r"View 'people', edges 'x', source: there is no table 'net\.uss'",
        ),
        (
            {"edges": (Edges("x", "net.uses", (("person", "person"), ("d", "devices")), "at"),)},
            "View 'people', edges 'x', keys: the source has no column",
        ),
        (
            {"edges": (Edges("x", "net.uses", (("person", "person"), ("person", "device")), "at"),)},
            "edges 'x': 'device' is VARCHAR, where other edges have a 'person' of BIGINT",
        ),
        ({"marks": Marks("net.uses", "device", "at")}, "marks: the key is VARCHAR, and a 'person' is BIGINT"),
        ({"marks": Marks("net.found", "person", "moment")}, "View 'people', marks, time: the source has no column"),
        ({"marks": None, "features": (Measure("f", "marked", over=("4h",)),)}, "feature 'f': 'marked' needs marks"),
        ({"entity": "human"}, "feature '.*': none of its edges has an end of the kind 'human'"),
        ({"features": (Measure("f", "centrality", over=("4h",)),)}, "there is no measure 'centrality'"),  # type: ignore[arg-type]
        ({"features": (Measure("f", "degree"),)}, r"feature 'f': over=\(\) is not a sequence of texts"),
        ({"features": (Measure("f", "degree", over="4h"),)}, "feature 'f': over='4h' is not a sequence of texts"),
        ({"features": (Measure("f", "degree", over=("90m",)),)}, "'90m' is not a whole number of ticks of '1h'"),
        ({"features": (Measure("f", "degree", over=("4h",), edges=("calls",)),)}, "there are no edges 'calls'"),
        ({"features": (NEAR, NEAR)}, "features: the name 'near_4h' is there twice"),
        ({"features": (Feature("f", "count", over=("4h",)),)}, "is no Measure"),
        ({"every": "0s"}, "is not a whole number of ticks of '0s'"),
        ({"every": "often"}, "every: 'often' is not a length of time"),
        ({"ttl": "90m"}, "ttl: '90m' is not a whole number of ticks"),
        ({"hub": 1}, "hub: 1 is not a number from 2 on"),
    ],
)
def test_a_wrong_definition_is_refused_by_view_and_field(gateway: Gateway, changed: dict[str, Any], said: str) -> None:
    with pytest.raises(DataError) as error:
        planned(gateway, view(**{"features": (NEAR,), **changed}))
    assert re.search(said, error.value.message), error.value.message
