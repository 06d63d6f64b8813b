"""The page of the streams without a browser: who may look, what is said, and that data is never markup."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from app.assembly import Lakewright
from app.settings import Settings
from app.ui import trend
from app.ui.board import MOST, board
from app.ui.session import Visit
from app.ui.streams import Streams
from data.streams.commits import Commit
from data.streams.monitor import BACK, UNKNOWN, View
from data.streams.status import Partition, Status
from tests.app.conftest import Script, bearer, visiting
from tests.app.streaming import declare

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
HOSTILE = "<img src=x onerror=alert(1)>${x}\"'"


@pytest.fixture
def lakewright(own_home: Path, script: Script) -> Iterator[Lakewright]:
    """A home that has a table and no stream."""
    declare(own_home, "127.0.0.1:1", ["events"])
    (own_home / "streams.yaml").unlink()
    opened = Lakewright.open(Settings.load(own_home))
    opened.__dict__["endpoints"] = {"embedded": script.open}
    yield opened
    opened.close()


def status(**facts: object) -> Status:
    return Status(**{"name": "s", "topic": "t", "target": "lake.s", "mode": "append", **facts})  # type: ignore[arg-type]


def seconds_ago(seconds: float) -> datetime:
    return NOW - timedelta(seconds=seconds)


def test_only_the_administrator_may_look(lakewright: Lakewright) -> None:
    pages = Streams(lakewright)
    for principal, allowed in (("owner", True), ("guest", False)):
        visit = visiting(lakewright, principal)
        found, again = pages.look(visit)
        assert (pages.may(visit), again, "No streams yet" in found) == (allowed, allowed, allowed)
    assert pages.look(Visit())[1] is False


def test_the_api_is_for_the_administrator(client: TestClient, lakewright: Lakewright) -> None:
    assert client.get("/api/streams", headers=bearer(lakewright, "owner")).json() == {"streams": []}
    refused = client.get("/api/streams", headers=bearer(lakewright, "guest"))
    assert (refused.status_code, "may not see the streams" in refused.text) == (403, True)
    assert client.get("/api/streams").status_code == 401


def test_a_wrong_declaration_is_told_and_looked_at_again(lakewright: Lakewright, own_home: Path) -> None:
    (own_home / "streams.yaml").write_text("version: 1\nbroker: {servers: x}\nstreams: [{name: a}]\n")
    found, again = Streams(lakewright).look(visiting(lakewright, "owner"))
    assert "streams.yaml" in found
    assert 'role="alert"' in found
    assert again


@pytest.mark.parametrize("place", ["name", "topic", "target", "mode", "reason"])
def test_what_comes_from_data_is_never_markup(place: str) -> None:
    found = board(View(NOW, [status(**{"lag": None, place: HOSTILE})]))
    assert "<img" not in found
    assert "${" not in found
    assert "&lt;img" in found


@pytest.mark.parametrize(
    ("facts", "verdict"),
    [
        ({"lag": None, "reason": "no broker"}, "lag unknown"),
        ({"lag": 0}, "up to date"),
        ({"lag": 9}, "not landing"),
        ({"lag": 9, "last_commit": seconds_ago(31), "events_per_second": 50.0}, "not landing"),
        ({"lag": 9, "last_commit": seconds_ago(1), "events_per_second": 1.0}, "catching up"),
        ({"lag": 9, "last_commit": seconds_ago(1), "events_per_second": 2.0}, "live"),
    ],
)
def test_the_verdict_is_what_the_figures_say(facts: dict[str, object], verdict: str) -> None:
    assert f">{verdict}</span>" in board(View(NOW, [status(**facts)]))


@pytest.mark.parametrize(
    ("moment", "said"),
    [
        (None, "–"),
        (seconds_ago(0), "now"),
        (seconds_ago(119), "119 s ago"),
        (seconds_ago(600), "10 min ago"),
        (seconds_ago(3 * 86_400), "3 d ago"),
        (seconds_ago(-90), "in 90 s"),
    ],
)
def test_ages_are_short(moment: datetime | None, said: str) -> None:
    assert f"<dt>Newest event</dt><dd>{said}</dd>" in board(View(NOW, [status(freshness=moment)]))


def test_partitions_and_many_streams() -> None:
    parts = (Partition(0, 5, 5, 0), Partition(1, None, 1_200, 1_200))
    assert "partition 0: 0, partition 1: 1,200" in board(View(NOW, [status(lag=1_200, partitions=parts)]))
    found = board(View(NOW, [status(name=f"s{n}") for n in range(MOST + 5)]))
    assert (found.count("<article"), "and 5 more" in found) == (MOST, True)


def test_a_broker_that_is_asked_for_the_first_time_is_no_alarm() -> None:
    assert "alert" not in board(View(NOW, [status(reason=UNKNOWN.reason)]))


def test_rates_are_events_a_second_in_their_step() -> None:
    commits = [Commit(seconds_ago(s), events) for s, events in ((1, 10), (4, 5), (6, 20), (400, 1_000))]
    points = trend.rates(commits, NOW, BACK)
    assert points[-3:] == [(12.5, 0.0), (7.5, 4.0), (2.5, 3.0)]
    assert sum(value for _, value in points) == 7.0


def test_a_chart_stays_in_its_frame() -> None:
    drawn = trend.svg([(900.0, 3.0), (150.0, 1.0), (0.0, 0.0)], BACK, "x")
    line = drawn.split('polyline points="')[1].split('"')[0]
    places = [tuple(map(float, point.split(","))) for point in line.split()]
    assert all(0 <= x <= trend.WIDTH and 0 <= y <= trend.HEIGHT for x, y in places)
    assert [x for x, _ in places] == [0, 150, 300, 300]
    assert trend.svg([], BACK, "x").count("polyline") == 0
