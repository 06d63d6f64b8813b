"""Where the queries of a task are tried."""

from __future__ import annotations

from itertools import count
from types import SimpleNamespace
from typing import Any

import pytest

from agents.code.writers import Bench
from agents.code.writers.composed import trial
from data.gateway import Gateway
from data.policy import Principal
from tests.agents.conftest import Findings


def test_all_queries_of_a_task_share_their_time(
    gateway: Gateway, ann: Principal, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: list[float] = []
    ask = gateway.query

    def heard(*told: Any, timeout: float, **more: Any) -> Any:
        given.append(timeout)
        return ask(*told, timeout=timeout, **more)

    monkeypatch.setattr(gateway, "query", heard)
    seconds = count(step=10)
    monkeypatch.setattr(trial, "time", SimpleNamespace(perf_counter=lambda: next(seconds)))
    tried = trial.Trial(Bench(gateway, Findings(gateway), ann, None))  # type: ignore[arg-type]
    assert [tried.rows(f"SELECT {n} FROM shop.orders") for n in range(5)] == [1] * 5
    assert given == [30, 20, 10, trial.LEAST, trial.LEAST]
