"""Which endpoint answers a question: the one that was asked for, or the current one and those that stand in for it."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from agents.endpoints.breaker import Breaker
from agents.endpoints.caller import Caller
from agents.endpoints.meter import Meter, Spending
from data.errors import DataError, Invalid, NotFound, Unavailable
from data.observe import observed

if TYPE_CHECKING:
    from agents.endpoints import Endpoint
    from data.policy import Principal
    from data.stop import Stop

Made = TypeVar("Made")
Openers = Mapping[str, "Callable[[], Endpoint]"]
SHADOW = "(shadow)"
"""The caller as whom shadows wait for a model: all of them together take one turn."""
PARTS = 10_000
"""Into how many parts the callers are divided where several endpoints share them."""


@dataclass(frozen=True)
class Routes:
    """`fallback` are asked in turn when the current endpoint fails. `split` gives others a share of the questions that
    name no endpoint, between 0 and 1 together. `shadow` are asked a share of the questions too, without being heard."""

    fallback: tuple[str, ...] = ()
    split: Mapping[str, float] = field(default_factory=dict)
    shadow: Mapping[str, float] = field(default_factory=dict)


class Router:
    """Gives each question its line to a model. Thread safe."""

    def __init__(self, endpoints: Openers, routes: Callable[[], Routes] = Routes, meter: Meter | None = None) -> None:
        """`endpoints`: what opens each one, the current one first."""
        self._endpoints, self.routes, self._meter = endpoints, routes, meter
        self.breakers: dict[str, Breaker] = {}

    def line(self, principal: Principal, endpoint: str | None, thread: str | None, stop: Stop) -> Line:
        """The way of one question. NotFound for an endpoint that is none; Busy when a budget is used up."""
        names = [endpoint] if endpoint else self._chain(principal, thread)
        for name in names[:1]:
            if name not in self._endpoints:
                known = ", ".join(f"'{known}'" for known in self._endpoints)
                raise NotFound(f"There is no endpoint '{name}'.", f"Choose one of {known}.")
        if self._meter is not None:
            self._meter.check(principal)
        chain = [name for name in names if name in self._endpoints]
        openers = {name: self._endpoints[name] for name in chain}
        breakers = {name: self.breakers.setdefault(name, Breaker()) for name in chain}
        return Line(principal, openers, breakers, self._meter, Caller(principal.name, lambda: stop.reason == "gone"))

    def shadow(self, principal: Principal, endpoint: str, stop: Stop) -> Line:
        """The way of a question whose answer is only compared: it has no stand-ins and counts in no budget."""
        openers = {endpoint: self._endpoints[endpoint]}
        breakers = {endpoint: self.breakers.setdefault(endpoint, Breaker())}
        return Line(principal, openers, breakers, self._meter, Caller(SHADOW, lambda: stop.reason == "gone"), "shadow")

    def _chain(self, principal: Principal, thread: str | None) -> list[str]:
        current = next(iter(self._endpoints), None)
        if current is None:
            raise Invalid("No model endpoint is set up.", "Add one in the settings.")
        routes = self.routes()
        first = chosen(routes.split, current, f"{principal.name}|{thread or ''}")
        others = [current, *routes.fallback] if routes.fallback or first != current else []
        return list(dict.fromkeys((first, *others)))


def chosen(split: Mapping[str, float], current: str, who: str) -> str:
    """The endpoint for somebody: the same one each time, as long as the shares stay as they are."""
    place = int.from_bytes(hashlib.sha256(who.encode()).digest()[:8]) % PARTS / PARTS
    for name, share in split.items():
        if place < share:
            return name
        place -= share
    return current


class Line:
    """One question's way to a model. Called, it gives the endpoint that answers, which stays the same one unless it
    fails."""

    def __init__(
        self,
        principal: Principal,
        openers: Openers,
        breakers: Mapping[str, Breaker],
        meter: Meter | None,
        caller: Caller,
        outcome: str = "answered",
    ) -> None:
        """`outcome` is what is recorded of requests that end well."""
        self._outcome = outcome
        self._principal, self._openers, self._breakers, self._meter = principal, openers, breakers, meter
        self._left = list(openers)
        self._open: Endpoint | None = None
        self.caller = caller

    @property
    def name(self) -> str:
        """The endpoint that answers, or was asked last."""
        return self._left[0]

    def __call__(self) -> Endpoint:
        """The endpoint, open. Unavailable when none can be opened."""
        while self._open is None:
            if len(self._left) > 1 and self._breakers[self.name].state == "open":
                self._left.pop(0)
                continue
            try:
                self._open = self._openers[self.name]()
            except Unavailable as error:
                self._breakers[self.name].failed(error.message)
                self._next(error)
        return self._open

    def attempt(self, work: Callable[[Endpoint], Made]) -> Made:
        """What `work` makes of the endpoint, or of the next one where it is Unavailable or has too much to do."""
        while True:
            endpoint = self()
            try:
                breaker = self._breakers[self.name]
                if not breaker.allows():
                    raise _resting(self.name, breaker)
                with _watched(breaker, self.caller):
                    return work(endpoint)
            except Unavailable as error:
                self._next(error)

    @contextmanager
    def metered(self, endpoint: Endpoint) -> Iterator[Spending]:
        """Count what the block asks of the endpoint."""
        spending, begun, outcome = Spending(), time.perf_counter(), self._outcome
        try:
            with observed("model", endpoint.name) as seen:
                yield spending
                seen.facts.update(tokens_read=spending.read, tokens_written=spending.written)
        except BaseException as error:
            outcome = error.kind if isinstance(error, DataError) else "failed"
            raise
        finally:
            if self._meter is not None:
                self._meter.record(self._principal, endpoint, spending, time.perf_counter() - begun, outcome)

    def _next(self, failure: DataError) -> None:
        """Go on with the next endpoint; raises the failure where there is none, or nobody waits any more."""
        self._open = None
        if len(self._left) == 1 or self.caller.gone():
            raise failure
        self._left.pop(0)


@contextmanager
def _watched(breaker: Breaker, caller: Caller) -> Iterator[None]:
    """Tell the circuit how the block ended. An endpoint that has too much to do is not a dead one."""
    try:
        yield
    except Unavailable as error:
        if caller.gone() or "retry_after" in error.facts:
            breaker.let_go()
        else:
            breaker.failed(error.message)
        raise
    except BaseException:
        breaker.let_go()
        raise
    breaker.succeeded()


def _resting(name: str, breaker: Breaker) -> Unavailable:
    wait = max(1, round(breaker.left))
    said = f"The endpoint '{name}' failed {breaker.failures} times in a row: {breaker.why}"
    return Unavailable(said, f"It is tried again in {wait} seconds.", retry_after=wait)
