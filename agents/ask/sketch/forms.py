"""The plain forms of queries, each made over a ground where the question asks for it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

from agents.ask.rerank.cues import direction
from agents.ask.rerank.units import factors
from agents.ask.sketch.brief import Brief
from agents.ask.sketch.ground import Ground, Place
from agents.ask.sketch.where import Where, titled
from agents.columns import dated, flags, keys, measures
from agents.grammar.windows import BUCKETS
from agents.paths import identifier, written

MOST_MEASURES = 2
_FUNCTIONS = {"sum": "sum", "average": "avg", "median": "median"}
_UNIT = re.compile(r"\b(day|hour|minute|week|month|year)s?\b", re.IGNORECASE)
_PERIOD = re.compile(
    r"(?:\b(?:per|by|each|every)(?: calendar)? (year|quarter|month|week|day|hour|weekday)\b|\b(year|month|dai|week)ly\b)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Draft:
    """A ground with its conditions and what of it the question names."""

    ground: Ground
    where: Where

    @property
    def brief(self) -> Brief:
        return self.ground.brief

    @property
    def start(self) -> str:
        return f"{self.ground.path.clause} SELECT "

    def asks(self, *forms: str) -> bool:
        """Whether the question's words ask for one of the forms."""
        return bool(self.brief.cues & set(forms))

    def plain(self, shown: str) -> str:
        """A query that shows something of all rows."""
        return f"{self.start}{shown}{self.where.clause()}"

    @cached_property
    def asked(self) -> str:
        """The alias of the table that is asked for: the base where the path has no other."""
        return self.ground.tables.get(self.brief.asked, self.ground.path.base.name)

    def title(self, alias: str) -> str:
        """What says which row of an alias it is."""
        table = self.ground.path.scope[alias]
        return self.ground.path.column(alias, name) if (name := titled(table)) else ""

    def thing(self, alias: str) -> tuple[str, str]:
        """(what is shown of a thing, what its rows are grouped by)."""
        table, title = self.ground.path.scope[alias], self.title(alias)
        key = self.ground.path.column(alias, table.key) if table.key and table.key in table else ""
        return title, ", ".join(dict.fromkeys(part for part in (key, title) if part))

    @cached_property
    def measured(self) -> list[Place]:
        """The measures that are named, else those of the base."""
        named = [place for hint, place in self.where.measured() if place.name not in self.where.filtered]
        base = self.ground.path.base
        own = [Place(base.name, base, column) for column in measures(self.brief.catalog, base)]
        return list(dict.fromkeys(named)) or own[:MOST_MEASURES]

    @cached_property
    def named(self) -> list[Place]:
        """The columns that are named and neither filter, group nor link."""
        found = [(hint, self.ground.place(hint)) for hint in self.brief.hints("column")]
        return [
            place
            for hint, place in found
            if place
            and place.name not in self.where.filtered
            and not self.brief.grouping(hint)
            and place.column.name not in keys(self.brief.catalog, place.table)
            and place.column not in flags(place.table)
        ]

    def converted(self, place: Place) -> str:
        """What turns a measure into the unit that the question names."""
        by = factors(place.column.unit, self.brief.context.question)
        return f" / {min(by)}" if by else ""

    @cached_property
    def numbers(self) -> list[str]:
        """What is to be computed of many rows, the likeliest first."""
        return list(dict.fromkeys(self._numbers()))

    def _numbers(self) -> Iterator[str]:
        named = [place for _, place in self.where.measured() if place.name not in self.where.filtered]
        for form, function in _FUNCTIONS.items():
            for place in self.measured if self.asks(form) else ():
                yield self.aggregate(function, place)
        if named and self.asks("count", "extreme", "groups") and not self.asks("average"):
            yield from (self.aggregate("sum", place) for place in named)
        if not self.asks("sum", "average", "median") or self.asks("count"):
            yield self.counted

    @property
    def counted(self) -> str:
        """The number of the things that are asked for."""
        table = self.ground.path.scope[self.asked]
        if self.asked == self.ground.path.base.name or not table.key:
            return "count(*)"
        return f"count(DISTINCT {self.ground.path.column(self.asked, table.key)})"

    def aggregate(self, function: str, place: Place) -> str:
        return f"{function}({self.ground.sql(place)}){self.converted(place)}"

    @cached_property
    def descending(self) -> str:
        """The end of a ranking that comes first."""
        return "" if direction(self.brief.context.question, of_time=False) is False else " DESC"

    @cached_property
    def groups(self) -> list[tuple[str, str]]:
        """What the answer is told for each of, and GROUP BY."""
        return list(self._groups())

    def _groups(self) -> Iterator[tuple[str, str]]:
        for hint in self.brief.hints("table", "column"):
            if not self.brief.grouping(hint):
                continue
            if hint.kind == "table":
                alias = next((a for t in hint.targets if (a := self.ground.tables.get(t))), "")
                if alias and alias != self.ground.path.base.name:
                    yield self.thing(alias)
            elif (place := self.ground.place(hint)) and place.column not in measures(self.brief.catalog, place.table):
                yield self._grouped(place)
        period, time = _PERIOD.search(self.brief.context.question), self.where.time()
        if period and time:
            unit = (period[1] or period[2]).lower().replace("dai", "day")
            cut = BUCKETS[unit].format(self.ground.sql(time))
            yield cut, cut

    def _grouped(self, place: Place) -> tuple[str, str]:
        """A link is told by what it leads to."""
        for join in self.ground.path.joins:
            if join.child == place.alias and join.column == place.column.name:
                return self.thing(join.alias)
        column = self.ground.sql(place)
        return column, column


def counts(draft: Draft) -> Iterator[str]:
    """How many there are."""
    if draft.asks("count") and not draft.groups:
        yield draft.plain(draft.counted)


def totals(draft: Draft) -> Iterator[str]:
    """Sums, averages and medians of what is named."""
    if draft.asks("sum", "average", "median", "count") and not draft.groups:
        yield from (draft.plain(number) for number in draft.numbers if number != draft.counted)


def durations(draft: Draft) -> Iterator[str]:
    """The time between two days of a row."""
    days = [p for h in draft.brief.hints("column") if (p := draft.ground.place(h)) and p.column in dated(p.table)]
    base = draft.ground.path.base
    days = days if len(days) == 2 else [Place(base.name, base, column) for column in dated(base)]
    if draft.asks("duration") and len(days) == 2 and days[0] != days[1]:
        unit = _UNIT.search(draft.brief.context.question)
        first, last = (draft.ground.sql(day) for day in days)
        took = f"date_diff('{unit[1].lower() if unit else 'day'}', {first}, {last})"
        yield draft.plain(f"avg({took})" if draft.asks("average") else took)


def extremes(draft: Draft) -> Iterator[str]:
    """The highest and the lowest, the first and the last day."""
    if not draft.asks("extreme"):
        return
    function = "max" if draft.descending else "min"
    if not draft.asks("things") and not draft.groups:
        yield from (draft.plain(draft.aggregate(function, place)) for place in draft.measured)
    if (time := draft.where.time()) and draft.asks("when"):
        newest = direction(draft.brief.context.question, of_time=True)
        yield draft.plain(f"{'min' if newest is False else 'max'}({draft.ground.sql(time)})")


def lists(draft: Draft) -> Iterator[str]:
    """Rows: what is named of them, or which they are."""
    if draft.asks("count", "sum", "average", "median", "extreme", "share", "counted") or draft.groups:
        return
    title, named = draft.title(draft.asked), [draft.ground.sql(place) for place in draft.named]
    if named:
        yield draft.plain(", ".join(dict.fromkeys(named)))
    if title and title not in named:
        yield draft.plain(title if draft.asked == draft.ground.path.base.name else f"DISTINCT {title}")
        if named and not draft.where.values:
            yield draft.plain(", ".join(dict.fromkeys((title, *named))))


def breakdowns(draft: Draft) -> Iterator[str]:
    """Numbers for each group."""
    ordered = " ORDER BY {}" + draft.descending if draft.asks("extreme") else ""
    for shown, by in draft.groups:
        for number in draft.numbers if shown else ():
            yield f"{draft.plain(f'{shown}, {number}')} GROUP BY {by}{ordered.format(number)}"


def rankings(draft: Draft) -> Iterator[str]:
    """The first of things, by what is named of them or by how much there is of them."""
    if not draft.asks("extreme") or draft.groups:
        return
    limit = f"{draft.descending} LIMIT {draft.brief.most}"
    title, by = draft.thing(draft.asked)
    own = draft.ground.path.scope[draft.asked]
    for place in draft.measured if title else ():
        if place.table is own and draft.asked == draft.ground.path.base.name:
            yield f"{draft.plain(title)} ORDER BY {draft.ground.sql(place)}{limit}"
    time = draft.where.time()
    if title and time and time.table is own and draft.asked == draft.ground.path.base.name:
        newest = direction(draft.brief.context.question, of_time=True)
        end = "" if newest is False else " DESC"
        yield f"{draft.plain(title)} ORDER BY {draft.ground.sql(time)}{end} LIMIT {draft.brief.most}"
    if title and draft.asked != draft.ground.path.base.name:
        named = [place for _, place in draft.where.measured() if place.name not in draft.where.filtered]
        for number in [draft.aggregate("sum", place) for place in named] or ["count(*)"]:
            yield f"{draft.plain(title)} GROUP BY {by} ORDER BY {number}{limit}"
    for place in draft.named:
        if place.column not in measures(draft.brief.catalog, place.table) and place.column not in dated(place.table):
            column = draft.ground.sql(place)
            yield f"{draft.plain(column)} GROUP BY ALL ORDER BY count(*){limit}"


def bounded(draft: Draft) -> Iterator[str]:
    """Things that there is so much of."""
    bound = next((h for h in draft.brief.hints("number") if h.operator and len(h.literals) == 1), None)
    if not draft.asks("counted") or bound is None:
        return
    test = f" HAVING count(*) {bound.operator} {bound.literals[0]}"
    title, by = draft.thing(draft.asked)
    if title and draft.asked != draft.ground.path.base.name:
        yield f"{draft.plain(title)} GROUP BY {by}{test}"
    for place in draft.named:
        if place.column not in measures(draft.brief.catalog, place.table):
            yield f"{draft.plain(draft.ground.sql(place))} GROUP BY ALL{test}"


def missing(draft: Draft) -> Iterator[str]:
    """Things that nothing points at: those without any, those that never did."""
    if not draft.asks("negation") or draft.asked != draft.ground.path.base.name or draft.ground.path.joins:
        return
    base = draft.ground.path.base
    shown = "count(*)" if draft.asks("count") else draft.title(draft.asked)
    key = draft.ground.path.column(base.name, base.key) if base.key else ""
    for link in draft.brief.catalog.relationships:
        if shown and key and link.to_table == base.full_name and link.to_column == base.key:
            child = draft.brief.catalog.table(link.table)
            inner = f"FROM {written(child)} SELECT {identifier(link.column)} WHERE {identifier(link.column)} IS NOT NULL"
            clause = draft.where.clause()
            yield f"{draft.start}{shown}{clause}{' AND' if clause else ' WHERE'} {key} NOT IN ({inner})"


def shares(draft: Draft) -> Iterator[str]:
    """Which part of all has a value or a state."""
    tests = draft.where.values or tuple(draft.where.states())
    if draft.asks("share") and tests and not draft.groups:
        part = f"100.0 * count(*) FILTER (WHERE {' AND '.join(tests)}) / count(*)"
        yield f"{draft.start}{part}{draft.where.clause(but=tests)}"


FORMS: tuple[Callable[[Draft], Iterator[str]], ...] = (
    counts,
    totals,
    durations,
    extremes,
    lists,
    breakdowns,
    rankings,
    bounded,
    missing,
    shares,
)
