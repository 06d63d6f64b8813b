"""Many watchers, one look: the figures follow the tables, the broker and the declaration."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from data.catalog import Catalog
from data.errors import Invalid
from data.streams import monitor as module
from data.streams.monitor import Monitor
from data.streams.outlet import Outlet
from data.streams.stream import Broker
from tests.app.streaming import declare
from tests.data.streams.simple import Lake


@pytest.fixture
def lake(tmp_path: Path, broker: str, topic: str) -> Lake:
    made = declare(tmp_path / "lake-home", broker, ["events"])[0]
    with Outlet(Broker(broker)) as outlet:
        outlet.require("events", 2)
    return made


@pytest.fixture
def monitor(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> Iterator[Monitor]:
    monkeypatch.setattr(module, "OFTEN", module.BACK / 3_000_000)
    catalog = Catalog.load(lake.home / "catalog.yaml")
    made = Monitor(lake.home, lambda: catalog)
    yield made
    made.close()


def test_figures_follow_the_table_and_the_dead_letters(lake: Lake, monitor: Monitor) -> None:
    (before,) = monitor.view(patience=10).streams
    assert (before.lag, before.dead_letters, before.version) == (0, 0, None)
    lake.put([b'{"id": 1}', b"{"])
    (after,) = monitor.view().streams
    assert (after.dead_letters, after.events_per_second) == (1, round(2 / 60, 2))
    lake.put([b'{"id": 1}'])
    assert monitor.view().streams[0].dead_letters == 1


def test_lags_are_kept_for_the_chart(lake: Lake, monitor: Monitor) -> None:
    monitor.view(patience=10)
    lags = monitor.view().lags["events"]
    assert [lag for _, lag in lags] == [0, 0]


def test_a_declaration_that_changes_is_read_again(lake: Lake, monitor: Monitor) -> None:
    assert len(monitor.view().streams) == 1
    declared = (lake.home / "streams.yaml").read_text()
    (lake.home / "streams.yaml").unlink()
    assert monitor.view().streams == []
    (lake.home / "streams.yaml").write_text("{version: 2}")
    with pytest.raises(Invalid):
        monitor.view()
    (lake.home / "streams.yaml").write_text(declared)
    assert len(monitor.view().streams) == 1


def test_many_watch_at_once(lake: Lake, monitor: Monitor) -> None:
    lake.put([b'{"id": 1}'] * 3)
    seen: list[object] = []
    watchers = [
        threading.Thread(target=lambda: seen.extend(monitor.view(patience=10).streams[0].lag for _ in range(5)))
        for _ in range(4)
    ]
    for watcher in watchers:
        watcher.start()
    for watcher in watchers:
        watcher.join()
    assert seen == [0] * 20


def test_a_table_that_cant_be_read_is_told_beside_the_others(lake: Lake, monitor: Monitor) -> None:
    log = lake.table / "_delta_log"
    log.mkdir(parents=True)
    (log / f"{0:020}.json").write_text("no commit")
    (status,) = monitor.view(patience=10).streams
    assert "'lake.events' can't be read" in status.reason
