"""Endpoints that change while they serve."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from agents.endpoints import Endpoint, EndpointSpec
from agents.endpoints.fleet import Fleet
from agents.endpoints.scripted import scripted
from data.errors import NotFound, Unavailable


@dataclass
class Home:
    """Settings and weights that a test changes."""

    names: list[str] = field(default_factory=lambda: ["a", "b"])
    models: dict[str, str] = field(default_factory=dict)
    weights: dict[str, str] = field(default_factory=dict)
    broken: set[str] = field(default_factory=set)
    opened: Counter[str] = field(default_factory=Counter)
    slow: threading.Event | None = None

    def specs(self) -> dict[str, EndpointSpec]:
        return {n: EndpointSpec(name=n, kind="embedded", model=self.models.get(n, "m")) for n in list(self.names)}

    def open(self, spec: EndpointSpec) -> Endpoint:
        self.opened[spec.name] += 1
        if self.slow is not None:
            assert self.slow.wait(20)
        if spec.name in self.broken:
            raise Unavailable(f"{spec.name} has no weights.")
        return scripted(name=f"{spec.name}/{spec.model}/{self.stamp(spec)}")

    def stamp(self, spec: EndpointSpec) -> str:
        return self.weights.get(spec.name, "0")

    def fleet(self) -> Fleet:
        return Fleet(self.specs, self.open, self.stamp)


def now(fleet: Fleet) -> str:
    return fleet[next(iter(fleet))]().name


def until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.005)


def test_endpoints_are_opened_when_first_asked_and_kept() -> None:
    home = Home()
    fleet = home.fleet()
    assert list(fleet) == ["a", "b"]
    assert home.opened == {}
    assert fleet["b"]() is fleet["b"]()
    assert home.opened == {"b": 1}
    with pytest.raises(KeyError):
        fleet["z"]


def test_the_one_before_answers_until_the_new_one_is_open() -> None:
    home = Home()
    fleet = home.fleet()
    assert now(fleet) == "a/m/0"
    home.slow, home.names = threading.Event(), ["b", "a"]
    assert [now(fleet) for _ in range(5)] == ["a/m/0"] * 5
    home.slow.set()
    until(lambda: now(fleet) == "b/m/0")
    assert home.opened == {"a": 1, "b": 1}
    home.names = ["a", "b"]
    assert now(fleet) == "a/m/0"
    assert home.opened["a"] == 1


@pytest.mark.parametrize("change", [{"weights": {"a": "1"}}, {"models": {"a": "n"}}])
def test_new_weights_and_settings_take_over_when_they_are_open(change: dict[str, dict[str, str]]) -> None:
    home = Home()
    fleet = home.fleet()
    question = fleet["a"]()
    home.slow = threading.Event()
    for name, value in change.items():
        setattr(home, name, value)
    assert now(fleet) == "a/m/0"
    home.slow.set()
    until(lambda: now(fleet) != "a/m/0")
    assert home.opened["a"] == 2
    assert question.name == "a/m/0"


def test_what_can_not_be_opened_does_not_take_over() -> None:
    home = Home()
    fleet = home.fleet()
    now(fleet)
    home.broken, home.names = {"b"}, ["b", "a"]
    until(lambda: now(fleet) == "a/m/0" and bool(fleet.failure("b")))
    assert fleet.failure("b") == "b has no weights."
    for _ in range(10):
        assert now(fleet) == "a/m/0"
    assert home.opened["b"] == 1


def test_the_first_one_to_be_asked_says_itself_what_is_wrong() -> None:
    with pytest.raises(Unavailable, match="a has no weights"):
        now(Home(broken={"a"}).fleet())


def test_an_endpoint_that_was_removed_is_not_current() -> None:
    home = Home()
    fleet = home.fleet()
    now(fleet)
    home.names = ["b"]
    assert now(fleet) == "b/m/0"
    assert list(fleet) == ["b"]


def test_weights_that_change_while_they_are_opened_are_fetched_anew() -> None:
    home = Home()
    fleet = home.fleet()
    now(fleet)
    home.slow, home.weights = threading.Event(), {"a": "1"}
    now(fleet)
    until(lambda: home.opened["a"] == 2)
    home.weights = {"a": "2"}
    home.slow.set()
    until(lambda: now(fleet) == "a/m/2")


def test_not_found_is_kept_as_a_failure_too() -> None:
    home = Home()
    fleet = home.fleet()
    now(fleet)

    def gone(spec: EndpointSpec) -> Endpoint:
        raise NotFound("There is no adapter.")

    fleet._opened = gone
    home.weights = {"a": "1"}
    now(fleet)
    until(lambda: fleet.failure("a") == "There is no adapter.")
    assert now(fleet) == "a/m/0"
