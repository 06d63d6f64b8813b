"""The four businesses at work: events as they happen, at a steady rate, into their topics."""

from __future__ import annotations

import math
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import cycle
from threading import Event
from typing import Any

import orjson

from data.demo.businesses import BUSINESSES, Business, shares
from data.demo.numbers import Numbers
from data.demo.pace import Pace
from data.demo.sampling import Column, Rng, stream
from data.demo.spoiled import WAYS
from data.demo.world import World
from data.streams.outlet import Outlet, key_of

BLOCK = 512
"""Events that are drawn at once, at most; at low rates they are those of half a second."""
ATONCE = 4_096
"""Events until it looks again whether it shall stop."""
GRACE = 5.0
"""Seconds that the last events may be late, where the machine was busy."""
SAID = 5.0
"""Seconds from one word about the progress to the next."""
Say = Callable[[str], None]


@dataclass(frozen=True)
class Happening:
    """An event that waits for its moment: its row without the times, and seconds since it happened by then."""

    business: Business
    row: Mapping[str, Any]
    delay: float

    def at(self, now: datetime) -> dict[str, Any]:
        """The whole row when it is sent now."""
        times = dict.fromkeys(self.business.times, now)
        times[self.business.times[0]] = now - timedelta(seconds=self.delay)
        return {**self.row, **times}


@dataclass
class Play:
    """One run. `bad` is the share of events that are sent broken, in each way in turn."""

    world: World
    numbers: Numbers
    outlet: Outlet
    rate: float
    bad: float = 0.0
    sent: Counter[str] = field(default_factory=Counter)
    """Events by topic."""
    spoiled: Counter[str] = field(default_factory=Counter)
    """Broken ones by what is wrong with them."""

    def run(self, seconds: float | None, stop: Event, say: Say = lambda _: None) -> dict[str, Any]:
        """Send until the time is up or `stop` is set; totals. Unavailable when the broker takes no more."""
        began = said = time.monotonic()
        rng, ways, pace = stream(self.world.seed, "live"), cycle(WAYS), Pace(self.rate)
        happenings = self.happenings(rng)
        most = math.inf if seconds is None else max(1, round(self.rate * seconds))
        while not stop.is_set() and (left := most - self.sent.total()) > 0 and not _late(began, seconds):
            for _ in range(pace.take(int(min(left, ATONCE)))):
                self._send(next(happenings), next(ways) if rng.random() < self.bad else None)
            self.outlet.check()
            self.outlet.poll(pace.pause())
            if (now := time.monotonic()) - said >= SAID:
                said = now
                say(f"{self.sent.total():,} events, {self.sent.total() / (now - began):,.0f} a second")
        self.outlet.flush()
        self.outlet.check()
        return self._totals(time.monotonic() - began)

    def happenings(self, rng: Rng) -> Iterator[Happening]:
        """Events without end, drawn by blocks for the hour at which they are asked for."""
        size = int(min(BLOCK, max(8, self.rate / 2)))
        while True:
            clock = datetime.now(UTC)
            hour = clock.hour + clock.minute / 60
            which = rng.choice(len(BUSINESSES), size, p=shares(hour))
            counts = {b.stream: int((which == index).sum()) for index, b in enumerate(BUSINESSES)}
            first = self.numbers.take(counts)
            rows = [_rows(b, self.world, rng, counts[b.stream], hour, first[b.stream]) for b in BUSINESSES]
            delays = rng.uniform(0.02, 0.4, size)
            for index, delay in zip(which.tolist(), delays.tolist(), strict=True):
                yield Happening(BUSINESSES[index], next(rows[index]), delay)

    def _send(self, happening: Happening, way: str | None) -> None:
        business, row = happening.business, happening.at(datetime.now(UTC))
        value = orjson.dumps(row, option=orjson.OPT_UTC_Z) if way is None else WAYS[way](row)
        self.outlet.send(business.topic, value, key_of(row, (business.key,)))
        self.sent[business.topic] += 1
        if way is not None:
            self.spoiled[way] += 1

    def _totals(self, seconds: float) -> dict[str, Any]:
        return {
            "events": self.outlet.delivered,
            "topics": dict(sorted(self.sent.items())),
            "malformed": dict(sorted(self.spoiled.items())),
            "bytes": self.outlet.bytes,
            "seconds": round(seconds, 3),
        }


def _late(began: float, seconds: float | None) -> bool:
    """Whether the time is long up though not all is sent: then the pace was too much."""
    return seconds is not None and time.monotonic() - began > seconds + GRACE


def _rows(business: Business, world: World, rng: Rng, size: int, hour: float, first: int) -> Iterator[dict[str, Any]]:
    """The rows of one business as JSON can hold them, numbered from `first`."""
    columns = business.draw(world, rng, size, hour) if size else {}
    plain = [_plain(column, money=name in business.money) for name, column in columns.items()]
    names = [business.identifier, *columns]
    return iter([dict(zip(names, row, strict=True)) for row in zip(range(first, first + size), *plain, strict=True)])


def _plain(column: Column, *, money: bool) -> list[Any]:
    """Values of JSON: what is missing is null, and cents become dollars."""
    if column.dtype.kind in "OU":
        return list(column.tolist())
    values = column / 100 if money else column
    return [None if missing else value for missing, value in zip((column < 0).tolist(), values.tolist(), strict=True)]
