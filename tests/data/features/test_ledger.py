"""Nothing is answered before a record stands for it, and the records add up to what was given."""

from __future__ import annotations

import threading

import pytest

from data.features import ledger as module
from data.features.ledger import CLOSED, OPENED, Ledger


def test_one_record_announces_many_look_ups_and_another_counts_them() -> None:
    kept: list[tuple[int, str]] = []
    ledger = Ledger()
    for _ in range(5):
        ledger.note("a", 2, lambda rows, said: kept.append((rows, said)))
        assert kept == [(2, OPENED)]
    ledger.note("b", 1, lambda rows, said: kept.append((rows, said)))
    ledger.close()
    assert kept == [(2, OPENED), (1, OPENED), (8, CLOSED)]
    ledger.close()
    assert len(kept) == 3


def test_nobody_is_answered_while_the_announcement_is_not_durable() -> None:
    written, waiting, answered = threading.Event(), threading.Event(), list[int]()
    ledger = Ledger()

    def write(rows: int, said: str) -> None:
        waiting.set()
        assert written.wait(10)

    def ask(number: int) -> None:
        ledger.note("a", 1, write)
        answered.append(number)

    threads = [threading.Thread(target=ask, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    assert waiting.wait(10)
    assert answered == []
    written.set()
    for thread in threads:
        thread.join()
    assert sorted(answered) == [0, 1, 2, 3]


def test_what_can_not_be_announced_is_refused_and_tried_anew() -> None:
    full = [True]

    def write(rows: int, said: str) -> None:
        if full[0]:
            raise OSError("disk full")

    ledger = Ledger()
    with pytest.raises(OSError, match="disk full"):
        ledger.note("a", 1, write)
    with pytest.raises(OSError, match="disk full"):
        ledger.note("a", 1, write)
    full[0] = False
    ledger.note("a", 1, write)


def test_a_record_stands_for_so_many_rows_and_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST", 3)
    monkeypatch.setattr(module, "SPAN", 0.01)
    kept: list[tuple[int, str]] = []
    counted = threading.Event()

    def write(rows: int, said: str) -> None:
        kept.append((rows, said))
        if sum(rows for rows, _ in kept) == 10:
            counted.set()

    ledger = Ledger()
    for _ in range(5):
        ledger.note("a", 2, write)
    ledger.close()
    assert counted.wait(10), kept
