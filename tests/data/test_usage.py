"""The record of what models were asked: exactly once in its table, whoever is killed when."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from data import lake, usage
from data.system import CALLED, COLUMNS
from data.usage import Call, Usage


def call(n: int, at: float | None = None) -> Call:
    return Call(at or time.time(), "ann", "embedded", "m", "answered", n, 1, False, 0.5, 0.25)


def rows(home: Path) -> list[int]:
    return sorted(row["input_tokens"] for row in lake.read(home / CALLED).to_pylist())


def test_requests_move_into_the_table_in_batches_and_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(usage, "BATCH", 10)
    made = Usage(tmp_path)
    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lambda n: made.write(call(n)), range(40)))
    made.close()
    assert rows(tmp_path) == list(range(40))
    table = lake.read(tmp_path / CALLED)
    assert table.column_names == list(COLUMNS["model_usage"])
    assert table.column("cost").to_pylist() == [0.25] * 40
    again = Usage(tmp_path)
    again.write(call(40))
    again.close()
    again.close()
    assert rows(tmp_path) == list(range(41))


def test_a_move_that_was_killed_before_it_was_noted_is_not_made_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = Usage(tmp_path)
    made.write(call(1))
    append = lake.append_once

    def killed(*given: Any, **named: Any) -> None:
        append(*given, **named)
        raise KeyboardInterrupt

    monkeypatch.setattr(lake, "append_once", killed)
    with pytest.raises(KeyboardInterrupt):
        made.flush()
    monkeypatch.setattr(lake, "append_once", append)
    made.write(call(2))
    made.close()
    assert rows(tmp_path) == [1, 2]


def test_what_was_spent_is_counted_whether_it_has_moved_or_not(tmp_path: Path) -> None:
    made, now = Usage(tmp_path), time.time()
    assert made.spent("ann", now - 60).requests == 0
    made.write(call(10, now - 50))
    made.flush()
    made.write(call(20, now))
    made.write(Call(now, "ann", "e", "m", "busy"))
    made.write(Call(now, "bob", "e", "m", "answered", 5, 5))
    spent = made.spent("ann", now - 60)
    assert (spent.requests, spent.tokens, spent.first) == (2, 32, now - 50)
    assert made.spent("ann", now - 20).tokens == 21


def test_the_journal_forgets_what_has_moved_and_is_old(tmp_path: Path) -> None:
    made = Usage(tmp_path)
    made.write(call(1, time.time() - 2 * 86_400))
    made.flush()
    assert made.spent("ann", 0).requests == 0
    assert rows(tmp_path) == [1]
