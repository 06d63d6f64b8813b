"""A query ends at its deadline, and when nobody waits for it any more."""

from __future__ import annotations

import threading
import time

import pytest

from data.errors import TooExpensive, Unavailable
from data.gateway import Gateway
from data.stop import MANY, Stop, Watch

ENDLESS = "SELECT count(*) FROM range(1000000000000) numbers(n) WHERE n % 7 = 8"


def test_the_deadline_interrupts_until_the_query_is_over() -> None:
    calls: list[float] = []
    stop = Stop().within(0.05)
    with stop.watching(lambda: calls.append(time.monotonic())):
        time.sleep(0.3)
    assert (stop.reason, len(calls) > 1) == ("time", True)
    made = len(calls)
    time.sleep(0.15)
    assert len(calls) == made


def test_a_query_that_is_in_time_is_left_alone() -> None:
    calls: list[int] = []
    stop = Stop().within(0.1)
    with stop.watching(lambda: calls.append(1)):
        pass
    time.sleep(0.2)
    assert (calls, stop.reason) == ([], "")


def test_who_has_gone_stays_gone_and_time_begins_anew() -> None:
    late, gone = Stop(), Stop()
    late.reason = "time"
    gone.cancel()
    assert late.within(1).reason == ""
    assert gone.within(1).reason == "gone"


def test_queries_that_are_over_are_forgotten() -> None:
    watch = Watch()
    for _ in range(3 * MANY):
        watch.add(time.monotonic() + 3600, Stop())
    assert len(watch._due) <= MANY + 1


def test_a_query_is_ended_when_its_caller_goes(gateway: Gateway) -> None:
    stop = Stop()
    threading.Timer(0.2, stop.cancel).start()
    with pytest.raises(Unavailable, match="nobody waits"):
        gateway.query(gateway.policy.principal("owner"), ENDLESS, stop=stop)
    assert gateway.audit.tail(1)[0].outcome == "unavailable"


def test_a_query_whose_caller_went_before_it_began_does_not_run(gateway: Gateway) -> None:
    stop = Stop()
    stop.cancel()
    with pytest.raises(Unavailable, match="nobody waits"):
        gateway.query(gateway.policy.principal("owner"), ENDLESS, stop=stop)


def test_the_connection_serves_the_next_query(gateway: Gateway) -> None:
    owner = gateway.policy.principal("owner")
    with pytest.raises(TooExpensive):
        gateway.query(owner, ENDLESS, timeout=0.2)
    assert gateway.query(owner, "SELECT count(*) AS n FROM shop.orders").table.to_pydict() == {"n": [5]}


def test_the_deadline_of_an_earlier_query_does_not_end_a_later_one() -> None:
    stop, interrupted = Stop(), []
    with stop.within(0.05).watching(lambda: None):
        pass
    with stop.within(3600.0).watching(lambda: interrupted.append("later")):
        time.sleep(0.2)
    assert not interrupted
    assert stop.reason == ""
