"""Work is shared by those who wait, and nobody suffers for another's wrong item."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import pytest

from agents.predictors import gather
from agents.predictors.gather import Gather


def together(size: int, work: list[list[int]]) -> dict[int, object]:
    """The outcomes of calls of which all but the first wait while that one works."""
    begun, go = threading.Event(), threading.Event()

    def run(items: Sequence[int]) -> list[int]:
        work.append(list(items))
        if len(work) == 1:
            begun.set()
            assert go.wait(10)
        if -1 in items:
            raise ValueError("minus one")
        return [item * 10 for item in items]

    shared: Gather[int, int] = Gather(run)
    found: dict[int, object] = {}

    def ask(i: int) -> None:
        try:
            found[i] = shared.ask([i, i])
        except ValueError as error:
            found[i] = error

    threads = [threading.Thread(target=ask, args=(i,)) for i in (0, *range(1, size), -1)]
    threads[0].start()
    assert begun.wait(10)
    for thread in threads[1:]:
        thread.start()
    while len(shared._waiting) < size:
        pass
    go.set()
    for thread in threads:
        thread.join(10)
    return found


def test_those_who_wait_share_one_run_and_a_failure_is_its_callers() -> None:
    work: list[list[int]] = []
    found = together(5, work)
    assert isinstance(found.pop(-1), ValueError)
    assert found == {i: [i * 10, i * 10] for i in range(5)}
    assert len(work[1]) == 10
    assert [len(items) for items in work[2:]] == [2] * 5


def test_a_run_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gather, "MOST", 4)
    work: list[list[int]] = []
    found = together(6, work)
    assert isinstance(found.pop(-1), ValueError)
    assert len(found) == 6
    assert max(map(len, work)) == 4
