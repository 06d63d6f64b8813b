"""The rows of a domain, drawn by a seed: skewed, with gaps, and with children spread unevenly over their parents."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from finetune.worlds.domain import (
    Choice,
    Code,
    ColumnSpec,
    Domain,
    Flag,
    Key,
    Link,
    Moment,
    Named,
    Number,
    TableSpec,
    seconds,
)
from finetune.worlds.pools import Pools, combined, different

Values = list[Any]
Rows = dict[str, dict[str, Values]]
"""Values by table and column, as the domain names them."""
CHILDLESS = 0.15  # share of the parents that no row points at
LAST = date(2025, 12, 31)
UNUSED = 0.12  # share of the values of a choice that no row has


class Draw:
    """Draws all rows of a domain; equal seeds draw equal rows."""

    def __init__(self, domain: Domain, rng: random.Random, *, codes: bool = False) -> None:
        self._domain, self._rng, self._pools = domain, rng, Pools(rng, codes)
        self._keys = {name: self._key(table) for name, table in domain.tables.items()}

    def rows(self) -> Rows:
        """Every table's values."""
        return {name: self._table(name, table) for name, table in self._domain.tables.items()}

    def _key(self, table: TableSpec) -> Values:
        spec = table.columns.get(table.key or "")
        if not isinstance(spec, Key):
            return []
        if not spec.pattern:
            start = self._rng.choice((1, 1, 1, 100, 1000))
            return list(range(start, start + table.rows))
        width = spec.pattern.count("#") or 1
        head, _, tail = spec.pattern.partition("#" * width)
        return [f"{head.replace('#', '')}{n:0{width}}{tail.replace('#', '')}" for n in range(1, table.rows + 1)]

    def _table(self, name: str, table: TableSpec) -> dict[str, Values]:
        found: dict[str, Values] = {}
        waiting = dict(table.columns)
        while waiting:
            for column, spec in list(waiting.items()):
                after = spec.after if isinstance(spec, Moment) else None
                if after is None or after in found:
                    found[column] = self._gaps(spec, self._column(name, table, spec, found))
                    del waiting[column]
        if table.key is None:
            self._unpair(table, found)
        self._settle(table, found)
        return {column: found[column] for column in table.columns}

    def _gaps(self, spec: ColumnSpec, values: Values) -> Values:
        if not spec.null:
            return values
        return [None if self._rng.random() < spec.null else value for value in values]

    def _column(self, name: str, table: TableSpec, spec: ColumnSpec, found: dict[str, Values]) -> Values:
        if isinstance(spec, Key):
            return self._keys[name]
        if isinstance(spec, Link):
            return self._link(name, table, spec)
        if isinstance(spec, Choice):
            return self._choice(spec, table.rows)
        if isinstance(spec, Moment) and spec.after:
            return self._later(spec, found[spec.after])
        if isinstance(spec, Named) and spec.parts and (spec.label or spec.unique):
            return combined(spec.parts, table.rows, self._rng)
        draw = self._drawer(spec)
        if isinstance(spec, Named | Code) and (spec.label or spec.unique):
            return list(different(draw, table.rows))
        return [draw() for _ in range(table.rows)]

    def _drawer(self, spec: ColumnSpec) -> Callable[[], Any]:
        if isinstance(spec, Named):
            return self._named(spec)
        if isinstance(spec, Code):
            return lambda: self._pools.pattern(spec.pattern)
        if isinstance(spec, Number):
            return lambda: self._number(spec)
        if isinstance(spec, Moment):
            return lambda: self._moment(spec)
        if isinstance(spec, Flag):
            return lambda: self._rng.random() < spec.share
        return self._pools.note

    def _named(self, spec: Named) -> Callable[[], str]:
        pools = self._pools
        known: dict[str | None, Callable[[], str]] = {
            "person": pools.person,
            "first": lambda: pools.one("first"),
            "last": lambda: pools.one("last"),
            "company": pools.company,
            "city": lambda: pools.place()[0],
            "country": lambda: pools.place()[1],
            "title": pools.title,
            None: lambda: pools.built(spec.parts),
        }
        return known[spec.of]

    def _number(self, spec: Number) -> float | int:
        rng = self._rng
        share = rng.random() ** 3 if spec.skew else rng.betavariate(2, 3)
        value = spec.low + (spec.high - spec.low) * share
        if spec.kind in ("count", "duration") or spec.unit == "cent":
            return round(value)
        if spec.kind == "measure":
            return round(value, 1 if spec.high > 20 else 2)
        return round(value) - 0.01 if rng.random() < 0.3 and value > spec.low + 1 else round(value, 2)

    def _moment(self, spec: Moment) -> date | datetime:
        days = (spec.until - spec.since).days
        day = spec.since + timedelta(days=int(days * self._rng.random() ** 0.8))
        if spec.kind == "date":
            return day
        minutes = round(self._rng.triangular(0, 1439, 780))
        return datetime(day.year, day.month, day.day) + timedelta(minutes=minutes)

    def _later(self, spec: Moment, earlier: Values) -> Values:
        most = seconds(spec.within)
        found = [None if value is None else self._after(spec, value, most) for value in earlier]
        if spec.null and spec.missing:  # what has not happened yet is missing
            found = [None if value is None or _day(value) > LAST else value for value in found]
        return found

    def _after(self, spec: Moment, value: date, most: int) -> date:
        share = self._rng.betavariate(1.3, 3)
        if spec.kind == "date":
            return _day(value) + timedelta(days=round(most / 86_400 * share))
        start = value if isinstance(value, datetime) else datetime(value.year, value.month, value.day, 8)
        return start + timedelta(minutes=max(round(most * share / 60), 1))

    def _choice(self, spec: Choice, number: int) -> Values:
        used = [value for value in spec.values if len(spec.values) <= 3 or self._rng.random() > UNUSED]
        used = used if len(used) > 1 else list(spec.values)
        return self._rng.choices(used, [spec.values[value] for value in used], k=number)

    def _link(self, name: str, table: TableSpec, spec: Link) -> Values:
        keys = self._keys[spec.to]
        if spec.to == name:
            heads = max(len(keys) // 12, 1)
            return [None if n < heads else keys[self._rng.randrange(min(n, heads * 4))] for n in range(len(keys))]
        if spec.unique and len(keys) >= table.rows:
            return self._rng.sample(keys, table.rows)
        weights = [self._rng.paretovariate(1.6) for _ in keys]
        if len(keys) > 5:
            weights = [0 if self._rng.random() < CHILDLESS else min(weight, 12) for weight in weights]
        weights = weights if any(weights) else [1.0] * len(keys)
        return self._rng.choices(keys, cum_weights=list(itertools.accumulate(weights)), k=table.rows)

    def _unpair(self, table: TableSpec, found: dict[str, Values]) -> None:
        """Lets no two rows of a bridge tie the same things, as long as others are free."""
        columns = [name for name, link in table.links.items() if not link.null]
        seen: set[tuple[Any, ...]] = set()
        for row in range(table.rows if len(columns) > 1 else 0):
            pair = tuple(found[name][row] for name in columns)
            for _ in range(8):
                if pair not in seen:
                    break
                last = columns[-1]
                found[last][row] = self._rng.choice(self._keys[table.links[last].to])
                pair = tuple(found[name][row] for name in columns)
            seen.add(pair)

    def _settle(self, table: TableSpec, found: dict[str, Values]) -> None:
        """Puts each city into its country."""
        named = {spec.of: name for name, spec in table.columns.items() if isinstance(spec, Named)}
        if "city" in named and "country" in named:
            for row, city in enumerate(found[named["city"]]):
                if city is not None and found[named["country"]][row] is not None:
                    found[named["city"]][row], found[named["country"]][row] = self._pools.place()


def _day(time: date) -> date:
    return time.date() if isinstance(time, datetime) else time
