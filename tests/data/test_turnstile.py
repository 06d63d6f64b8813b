"""One caller has only so many queries under way; others are not held up by that."""

from __future__ import annotations

import threading

import pytest

from data.errors import Busy
from data.gateway import Gateway
from data.gateway.turnstile import Turnstile
from data.stop import Stop

ENDLESS = "SELECT count(*) FROM range(1000000000000) numbers(n) WHERE n % 7 = 8"


def test_one_too_many_is_refused_and_the_place_is_free_again() -> None:
    turnstile = Turnstile()
    with turnstile.entered("ann", 2), turnstile.entered("ann", 2), turnstile.entered("bob", 2):
        with pytest.raises(Busy, match="'ann' has 2 queries") as caught, turnstile.entered("ann", 2):
            pass
        assert caught.value.remedy
    with turnstile.entered("ann", 1):
        pass


def test_a_failure_frees_the_place() -> None:
    turnstile = Turnstile()
    with pytest.raises(ZeroDivisionError), turnstile.entered("ann", 1):
        raise ZeroDivisionError
    with turnstile.entered("ann", 1):
        pass


def test_a_busy_caller_is_refused_and_others_are_served(gateway: Gateway) -> None:
    owner, seller = (gateway.policy.principal(name) for name in ("owner", "seller"))
    stops = [Stop() for _ in range(gateway.policy.budget(owner).concurrency)]
    running = [threading.Thread(target=_quietly, args=(gateway, stop)) for stop in stops]
    for thread in running:
        thread.start()
    try:
        while gateway._turnstile._inside["owner"] < len(stops):
            assert all(thread.is_alive() for thread in running)
        with pytest.raises(Busy):
            gateway.query(owner, "SELECT 1 AS one")
        assert gateway.audit.tail(1)[0].outcome == "busy"
        assert gateway.query(seller, "SELECT count(*) AS n FROM shop.orders").table.to_pydict() == {"n": [5]}
    finally:
        for stop in stops:
            stop.cancel()
        for thread in running:
            thread.join()
    assert gateway.query(owner, "SELECT 1 AS one").table.num_rows == 1


def _quietly(gateway: Gateway, stop: Stop) -> None:
    from data.errors import Unavailable

    with pytest.raises(Unavailable):
        gateway.query(gateway.policy.principal("owner"), ENDLESS, stop=stop)
