"""Dead letters that can be read now land once, wherever a replay was cut off, and whoever writes beside it."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from deltalake import DeltaTable

from data.errors import Busy
from data.streams import kept
from data.streams.deadletters import FOLDER, read
from data.streams.letters import listed, outstanding
from data.streams.replay import Replay, Replayed, alone, replay
from data.streams.stream import Broker, Mode, Stream
from tests.data.streams.simple import Lake, Simple

STEPS = ("_mark", "_land", "_settle")


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    return Lake(tmp_path, Stream("events", "t", "json", None, "lake.events", time="at"), Broker(""))


def event(number: object, note: str = "n", **more: object) -> bytes:
    return json.dumps({"id": number, "note": note, **more}).encode()


def mended(event: dict[str, Any]) -> dict[str, Any]:
    """Numbers that came as text are taken now."""
    return {**event, "id": int(event["id"])}


def again(lake: Lake, kind: str | None = None, mend: Callable[[dict[str, Any]], dict[str, Any]] = mended) -> Replayed:
    with alone(lake.home):
        return replay(lake.home, lake.stream, lake.table, Simple(lake.stream.mode, mend), kind)


def test_what_is_good_now_lands_and_the_rest_says_why_not(lake: Lake) -> None:
    lake.put([event(1), event("2"), b"{", event("x")])
    done = again(lake)
    assert (done.landed, dict(done.kept)) == (1, {"undecodable": 1, "invalid": 1})
    assert lake.rows() == [(1, "n"), (2, "n")]
    assert outstanding(lake.home) == {"events": 2}
    assert [(o.offset, "invalid literal" in o.reason) for o in listed(lake.home, None, "invalid", 5)] == [(3, True)]
    assert [o.offset for o in listed(lake.home, None, None, 5, replayed=True) if o.replayed_at] == [1]


def test_a_second_replay_finds_nothing_to_do(lake: Lake) -> None:
    lake.put([event("2"), b"{"])
    again(lake)
    versions = DeltaTable(lake.table).version(), DeltaTable(lake.home / FOLDER).version()
    assert again(lake).landed == 0
    assert (DeltaTable(lake.table).version(), DeltaTable(lake.home / FOLDER).version()) == versions
    assert lake.rows() == [(2, "n")]


def test_only_those_of_a_kind_are_tried(lake: Lake) -> None:
    lake.put([event("1"), b"{", event("3")])
    assert again(lake, "undecodable").landed == 0
    assert lake.rows() == []
    assert again(lake, "invalid").landed == 2
    assert lake.rows() == [(1, "n"), (3, "n")]


def test_other_streams_keep_their_letters(lake: Lake) -> None:
    lake.put([event("1")])
    other = Lake(lake.home, replace(lake.stream, name="others"), lake.broker)
    other.put([event("2")])
    assert again(other).landed == 1
    assert (lake.rows(), other.rows()) == ([], [(2, "n")])
    assert outstanding(lake.home) == {"events": 1}


def test_where_nothing_died_nothing_is_made(lake: Lake) -> None:
    assert again(lake) == Replayed()
    assert not (lake.home / FOLDER).exists()
    assert not lake.table.exists()


class CutError(Exception):
    """The process ends here."""


def cut(monkeypatch: pytest.MonkeyPatch, step: str, *, after: bool, nth: int = 1) -> None:
    """End before a step, or right after it."""
    original, left = getattr(Replay, step), [nth]

    def call(self: Replay, *arguments: Any) -> None:
        left[0] -= 1
        if left[0] or after:
            original(self, *arguments)
        if not left[0]:
            raise CutError

    monkeypatch.setattr(Replay, step, call)


@pytest.mark.parametrize("mode", ["append", "upsert"])
@pytest.mark.parametrize("nth", [1, 2])
@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("step", STEPS)
def test_cut_off_between_any_two_steps(
    lake: Lake, monkeypatch: pytest.MonkeyPatch, step: str, after: bool, nth: int, mode: Mode
) -> None:
    monkeypatch.setattr(kept, "ROWS", 1)
    monkeypatch.setattr(kept, "SCAN", 2)
    lake.stream = replace(lake.stream, mode=mode, key=("id",) if mode == "upsert" else ())
    lake.put([event(1), *(event(str(n)) for n in range(2, 6)), b"{"])
    with monkeypatch.context() as patched:
        cut(patched, step, after=after, nth=nth)
        with pytest.raises(CutError):
            again(lake)
    again(lake)
    assert lake.rows() == [(n, "n") for n in range(1, 6)]
    assert outstanding(lake.home) == {"events": 1}
    letters = read(lake.home / FOLDER).to_pylist()
    assert sorted((row["value"] != b"{", row["replayed_at"] is not None) for row in letters) == [
        (False, False), *[(True, True)] * 4,
    ]  # fmt: skip


def test_a_recovery_may_be_cut_off_too(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    lake.put([event("1"), event("2")])
    for step in ("_settle", "_settle"):
        with monkeypatch.context() as patched:
            cut(patched, step, after=False)
            with pytest.raises(CutError):
                again(lake)
    assert lake.rows() == [(1, "n"), (2, "n")]
    assert again(lake).landed == 0
    assert outstanding(lake.home) == {}
    assert lake.rows() == [(1, "n"), (2, "n")]


def test_a_mark_that_is_taken_back_frees_letters_for_another_verdict(
    lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake.put([event("1"), event("2")])
    with monkeypatch.context() as patched:
        cut(patched, "_mark", after=True)
        with pytest.raises(CutError):
            again(lake)

    def strict(event: dict[str, Any]) -> dict[str, Any]:
        return mended(event) if event["id"] == "2" else event

    assert again(lake, mend=strict).landed == 1
    assert lake.rows() == [(2, "n")]
    assert outstanding(lake.home) == {"events": 1}


def test_an_older_event_does_not_replace_a_newer(lake: Lake) -> None:
    lake.stream = replace(lake.stream, mode="upsert", key=("id",))
    lake.put([event("1", "old"), event("2", "only"), event(3, "kept"), event("3", "gone", gone=True)])
    lake.put([event(1, "new")])
    assert again(lake).landed == 3
    assert lake.rows() == [(1, "new"), (2, "only")]


def test_workers_go_on_writing_meanwhile(lake: Lake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kept, "ROWS", 10)
    monkeypatch.setattr(kept, "SCAN", 10)
    lake.put([event(str(n)) for n in range(60)])
    failed: list[Exception] = []

    def work() -> None:
        try:
            for n in range(15):
                lake.put([event(1000 + n), b"{"], partition=1)
        except Exception as error:  # noqa: BLE001
            failed.append(error)

    worker = threading.Thread(target=work)
    worker.start()
    done = again(lake)
    worker.join()
    assert failed == []
    assert done.landed == 60
    assert lake.rows() == [(n, "n") for n in [*range(60), *range(1000, 1015)]]
    assert outstanding(lake.home) == {"events": 15}


def test_one_replay_at_a_time(lake: Lake) -> None:
    with alone(lake.home), pytest.raises(Busy, match="replayed already"):
        again(lake)
