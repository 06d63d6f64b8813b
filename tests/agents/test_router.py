"""Which endpoint answers: the chain, the circuit, the shares and the budgets."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from agents.endpoints import Endpoint
from agents.endpoints import breaker as circuit
from agents.endpoints.breaker import FAILURES, Breaker
from agents.endpoints.meter import Meter
from agents.endpoints.router import Line, Router, Routes, chosen
from agents.endpoints.scripted import scripted
from data.budget import Budget
from data.errors import Busy, Invalid, NotFound, Unavailable
from data.policy import Principal
from data.stop import Stop
from data.usage import Usage

ANN = Principal("ann")


def opened(name: str) -> Callable[[], Endpoint]:
    endpoint = scripted(name=name)
    return lambda: endpoint


def router(*names: str, fallback: tuple[str, ...] = (), meter: Meter | None = None, **split: float) -> Router:
    return Router({name: opened(name) for name in names}, lambda: Routes(fallback, split), meter)


def line(made: Router, endpoint: str | None = None, stop: Stop | None = None) -> Line:
    return made.line(ANN, endpoint, None, stop or Stop())


def failing(*dead: str) -> Callable[[Endpoint], str]:
    def work(endpoint: Endpoint) -> str:
        if endpoint.name in dead:
            raise Unavailable(f"{endpoint.name} is down.")
        return endpoint.name

    return work


def test_the_next_of_the_chain_answers_and_stays_the_one_that_does() -> None:
    way = line(router("a", "b", "c", fallback=("b", "c")))
    assert way.name == "a"
    assert way.attempt(failing("a", "b")) == "c"
    assert (way.name, way().name) == ("c", "c")


def test_an_endpoint_that_was_asked_for_has_no_stand_in() -> None:
    way = line(router("a", "b", fallback=("b",)), "a")
    with pytest.raises(Unavailable, match="a is down"):
        way.attempt(failing("a"))


def test_when_all_fail_the_last_failure_is_told() -> None:
    with pytest.raises(Unavailable, match="b is down"):
        line(router("a", "b", fallback=("b",))).attempt(failing("a", "b"))


def test_what_is_not_a_dead_endpoint_goes_to_no_other() -> None:
    def work(endpoint: Endpoint) -> None:
        raise Invalid("Too long.")

    made = router("a", "b", fallback=("b",))
    with pytest.raises(Invalid):
        line(made).attempt(work)
    assert made.breakers["a"].failures == 0


def test_nobody_else_is_asked_when_the_caller_has_gone() -> None:
    stop = Stop()
    stop.cancel()
    made = router("a", "b", fallback=("b",))
    with pytest.raises(Unavailable, match="a is down"):
        line(made, stop=stop).attempt(failing("a"))
    assert made.breakers["a"].failures == 0


def test_an_endpoint_that_can_not_be_opened_is_passed_over() -> None:
    def broken() -> Endpoint:
        raise Unavailable("There are no weights.")

    made = Router({"a": broken, "b": opened("b")}, lambda: Routes(("b",)))
    assert line(made)().name == "b"
    with pytest.raises(Unavailable, match="no weights"):
        line(made, "a")()


def test_a_dead_endpoint_is_left_alone_and_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr(circuit, "time", SimpleNamespace(monotonic=lambda: now[0]))
    made, asked = router("a", "b", fallback=("b",)), Counter[str]()

    def work(dead: str) -> Callable[[Endpoint], str]:
        def ask(endpoint: Endpoint) -> str:
            asked[endpoint.name] += 1
            return failing(dead)(endpoint)

        return ask

    for _ in range(FAILURES + 4):
        assert line(made).attempt(work("a")) == "b"
    assert asked["a"] == FAILURES
    with pytest.raises(Unavailable, match=r"'a' failed 3 times in a row: a is down\.") as resting:
        line(made, "a").attempt(work("a"))
    assert resting.value.facts["retry_after"] == circuit.PAUSE
    now[0] += circuit.PAUSE + 1
    assert line(made).attempt(work("a")) == "b"
    assert asked["a"] == FAILURES + 1
    assert made.breakers["a"].left == 2 * circuit.PAUSE
    now[0] += 2 * circuit.PAUSE + 1
    assert line(made).attempt(work("")) == "a"
    assert made.breakers["a"] == Breaker(until=made.breakers["a"].until, _lock=made.breakers["a"]._lock)


def test_one_request_at_a_time_tries_a_dead_endpoint(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(circuit, "PAUSE", 0.0)
    breaker = Breaker(pause=0.0)
    for _ in range(FAILURES):
        breaker.failed("x")
    breaker.until = 0.0
    assert breaker.state == "half open"
    assert [breaker.allows(), breaker.allows()] == [True, False]
    breaker.let_go()
    assert breaker.allows()
    breaker.succeeded()
    assert [breaker.allows(), breaker.allows()] == [True, True]


def test_an_endpoint_with_too_much_to_do_is_not_dead() -> None:
    def full(endpoint: Endpoint) -> str:
        if endpoint.name == "a":
            raise Unavailable("64 wait.", retry_after=3)
        return endpoint.name

    made = router("a", "b", fallback=("b",))
    for _ in range(FAILURES + 1):
        assert line(made).attempt(full) == "b"
    assert made.breakers["a"].state == "closed"


def test_shares_are_kept_and_stick_to_people() -> None:
    people = [f"p{n}|thread" for n in range(4000)]
    split = {"b": 0.25, "c": 0.05}
    first = [chosen(split, "a", who) for who in people]
    assert first == [chosen(split, "a", who) for who in people]
    counted = Counter(first)
    assert abs(counted["b"] / 4000 - 0.25) < 0.03
    assert abs(counted["c"] / 4000 - 0.05) < 0.02
    # A larger share takes people from the others, and none the other way.
    more = [chosen({"b": 0.35}, "a", who) for who in people]
    assert all(now == "b" for was, now in zip(first, more, strict=True) if was == "b")


def test_a_challenger_that_fails_hands_its_questions_to_the_current_one() -> None:
    made = router("a", "b", b=1.0)
    assert line(made).name == "b"
    assert line(made).attempt(failing("b")) == "a"


@pytest.mark.parametrize(("names", "asked", "error"), [((), None, Invalid), (("a",), "z", NotFound)])
def test_unknown_endpoints_are_named(names: tuple[str, ...], asked: str | None, error: type[Exception]) -> None:
    with pytest.raises(error):
        line(router(*names), asked)


@pytest.fixture
def usage(tmp_path: Path) -> Usage:
    return Usage(tmp_path)


def spend(made: Router, principal: Principal, read: int, written: int) -> None:
    way = made.line(principal, None, None, Stop())
    with way.metered(way()) as spending:
        spending.add({"input_tokens": read, "output_tokens": written}, 0, 0)


def test_budgets_hold_for_each_principal_alone(usage: Usage, tmp_path: Path) -> None:
    budgets = {"ann": Budget(requests=2), "bob": Budget(tokens=100), "carl": Budget()}
    made = router("a", meter=Meter(usage, lambda principal: budgets[principal.name]))
    bob, carl = Principal("bob"), Principal("carl")
    spend(made, ANN, 10, 1)
    spend(made, ANN, 10, 1)
    with pytest.raises(Busy, match="'ann' asked models 2 times in a minute, of 2") as many:
        spend(made, ANN, 1, 1)
    assert 1 <= int(str(many.value.facts["retry_after"])) <= 60
    spend(made, bob, 90, 20)
    with pytest.raises(Busy, match="'bob' used 110 tokens today, and may use 100 a day") as much:
        spend(made, bob, 1, 1)
    assert 1 <= int(str(much.value.facts["retry_after"])) <= 86_400
    for _ in range(5):
        spend(made, carl, 1000, 1000)
    # Another process of the home counts the same.
    other = router("a", meter=Meter(Usage(tmp_path), lambda principal: budgets[principal.name]))
    with pytest.raises(Busy):
        spend(other, ANN, 1, 1)


def test_requests_a_minute_ago_count_no_more(usage: Usage, monkeypatch: pytest.MonkeyPatch) -> None:
    made = router("a", meter=Meter(usage, lambda principal: Budget(requests=1)))
    spend(made, ANN, 1, 1)
    later = time.time() + 61
    monkeypatch.setattr(time, "time", lambda: later)
    spend(made, ANN, 1, 1)


def test_tokens_that_no_server_tells_are_guessed_and_failures_are_kept(usage: Usage, tmp_path: Path) -> None:
    from data import lake
    from data.system import CALLED

    made = router("a", meter=Meter(usage, lambda principal: Budget()))
    way = line(made)
    with way.metered(way()) as spending:
        spending.add(None, 400, 40)
    with pytest.raises(Unavailable), way.metered(way()):
        raise Unavailable("down")
    usage.close()
    rows = lake.read(tmp_path / CALLED).to_pylist()
    told = [(row["outcome"], row["input_tokens"], row["output_tokens"], row["estimated"]) for row in rows]
    assert told == [("answered", 100, 10, True), ("unavailable", 0, 0, False)]
