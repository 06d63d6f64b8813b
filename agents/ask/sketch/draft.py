"""A ground with its conditions: what a query over it can show, compute and group by."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from agents.ask.abstain.explained import is_money
from agents.ask.rerank.cues import direction, is_single, sorting
from agents.ask.rerank.units import factors
from agents.ask.sketch.amounts import is_of_money, prices, quantities
from agents.ask.sketch.brief import Brief
from agents.ask.sketch.ground import Ground, Place
from agents.ask.sketch.products import products
from agents.ask.sketch.where import Test, Where, is_dated, measured, titled
from agents.columns import WHOLE, dated, flags, keys, measures
from agents.grammar.windows import BUCKETS
from data.catalog import Column, Table
from data.units import YEAR
from retrieval.names import UNITS
from retrieval.spans import normal, words

if TYPE_CHECKING:
    from retrieval.hints import Hint

MOST_MEASURES = 2
MOST_LISTED = 4
"""Columns of a list of kinds."""
_BUCKETS = {**BUCKETS, "decade": "decade({})"}
_FUNCTIONS = {"sum": "sum", "average": "avg", "median": "median"}
_PERIOD = re.compile(
    r"\b(?:per|by|each|every|for each)(?: calendar)? (decade|year|quarter|month|week|day|hour|weekday)\b"
    r"|\b(year|month|dai|week)ly\b|\b(year|quarter|month|week|day)[ -](?:by|after|on)[ -]\3\b"
    r"|\b(?:per|by|each|every) (?:\w+ ){1,3}and (?:by |per )?(year|quarter|month|week|day|weekday)\b",
    re.IGNORECASE,
)
_PEOPLE = ("persons", "people", "passengers", "guests", "visitors", "attendees", "participants")
_UNITS_OF = re.compile(r"\b(?:how many|number of|total) (\w+)", re.IGNORECASE)
_TIMES = {"s": ("second",), "min": ("minute",), "h": ("hour",), "days": ("day",)}


def _counts(column: Column) -> set[str]:
    """What a measure says at its end that it counts: the `visitors` of `adult_visitors`."""
    last = column.name.split("_")[-1]
    return {normal(last)} if last.endswith("s") and column.type.upper().startswith(WHOLE) else set()


def _overlaps(hint: Hint, match: re.Match[str]) -> bool:
    return hint.start < match.end() and match.start() < hint.start + len(hint.span)


@dataclass(frozen=True)
class Draft:
    """The parts that the forms of queries are made of."""

    ground: Ground
    where: Where
    turned: bool = False
    """Whether rankings are of the least, where the question does not tell."""

    @property
    def brief(self) -> Brief:
        return self.ground.brief

    @property
    def base(self) -> Table:
        return self.ground.path.base

    def asks(self, *forms: str) -> bool:
        """Whether the question's words ask for one of the forms."""
        return bool(self.brief.cues & set(forms))

    def query(self, shown: str, after: str = "") -> str:
        """A query over all of its rows."""
        return f"{self.ground.path.clause} SELECT {shown}{self.where.clause()}{after}"

    @cached_property
    def asked(self) -> str:
        """The alias of the table that is asked for: the base where the path has no other."""
        return self.ground.tables.get(self.brief.asked, self.base.name)

    @property
    def of_base(self) -> bool:
        """Whether the rows are the things that are asked for."""
        return self.asked == self.base.name

    @cached_property
    def having(self) -> str:
        """How many rows there are to be of each thing, "" where the question bounds no such number."""
        bound = next((h for h in self.brief.hints("number") if h.operator and not h.targets), None)
        if self.where.bounded or bound is None or not self.brief.counted:
            return ""
        return f" HAVING count({self._bounded(bound)}) {bound.operator} {' AND '.join(bound.literals)}"

    def _bounded(self, bound: Hint) -> str:
        """What there are so many of: rows, or what is known in the column that is said behind the number."""
        if not (hint := self.brief.numbered(bound, "column")) or not (place := self.ground.place(hint)):
            return "*"
        sorts = self.sorts(place) and not is_dated(place)
        return f"{'DISTINCT ' if sorts else ''}{self.ground.sql(place)}"

    def thing(self, alias: str) -> tuple[str, str]:
        """(what is shown of a thing, what its rows are grouped by)."""
        table = self.ground.path.scope[alias]
        names = [name for name in (table.key, titled(table)) if name and name in table]
        columns = [self.ground.path.column(alias, name) for name in dict.fromkeys(names)]
        return (columns[-1] if columns else ""), ", ".join(columns)

    @cached_property
    def said(self) -> list[Place]:
        """The measures that are named, also within the name of a table, and that no condition is on."""
        named = [place for _, place in measured(self.ground)]
        spoken = {normal(word.group()) for word in words(self.brief.context.question)}
        spoken |= {normal(other) for said in ("people", "person") if normal(said) in spoken for other in _PEOPLE}
        named += [place for place in self._own() if normal(place.column.name.split("_")[0]) in spoken]
        if self.asks("count"):
            named += [place for place in self._own() if _counts(place.column) & spoken]
        named += [place for place in self._own() if self._counted_in(place)]
        single = self.brief.singled
        return [p for p in dict.fromkeys(named) if p.name not in self.where.fixed and p.name != single]

    def _counted_in(self, place: Place) -> bool:
        """Whether the question asks how many of its units there are, as in 'how many minutes'."""
        asked = _UNITS_OF.search(self.brief.context.question)
        unit = place.column.unit
        own = (*UNITS.get(unit or "", ()), *_TIMES.get(unit or "", ()))
        return bool(asked and unit and (normal(asked[1]) in {*map(normal, own)} or factors(unit, asked[1])))

    def _own(self) -> Iterator[Place]:
        base = self.base
        return (Place(base.name, base, column) for column in measures(self.brief.catalog, base))

    @cached_property
    def measures(self) -> list[Place]:
        """The measures that are named, else those of the base."""
        own = (place for place in self._own() if place.name != self.brief.singled)
        free = [place for place in own if place.name not in self.where.fixed]
        if is_of_money(self.brief.context.question):
            free.sort(key=lambda place: not is_money(place.column))
            free = free if any(is_money(place.column) for place in free) else [*self._paid(), *free]
        return self.said or free[:MOST_MEASURES]

    @cached_property
    def money(self) -> list[Place]:
        """The base's amounts of money, where the question asks for money."""
        asked = is_of_money(self.brief.context.question)
        return [place for place in self._own() if is_money(place.column)] if asked else []

    @cached_property
    def meant(self) -> list[Place]:
        """The measures that are named, else the likeliest amount where the question asks for money, or for a single
        one."""
        question = self.brief.context.question
        return self.said or (self.measures[:1] if is_of_money(question) or is_single(question) else [])

    def _paid(self) -> Iterator[Place]:
        """Amounts of money of the things that the base's rows point at."""
        for alias, table in self.ground.path.scope.items():
            own = measures(self.brief.catalog, table)
            yield from (Place(alias, table, column) for column in own if is_money(column))

    @cached_property
    def shown(self) -> list[Place]:
        """The columns that are named and neither filter, group nor link."""
        found = ((hint, self.ground.place(hint)) for hint in self.brief.hints("column"))
        places = (place for hint, place in found if place and not self.brief.grouping(hint))
        return [place for place in dict.fromkeys(places) if self._tells(place)]

    def _tells(self, place: Place) -> bool:
        link = place.column.name in keys(self.brief.catalog, place.table)
        return place.name not in self.where.fixed and not link and place.column not in flags(place.table)

    @cached_property
    def beside(self) -> list[str]:
        """What is to be told of each thing as well: 'and the company behind each', 'with the name of the show'."""
        return list(dict.fromkeys(filter(None, map(self._beside, self.brief.hints("table", "column")))))

    def _beside(self, hint: Hint) -> str:
        if not self.brief.added(hint):
            return ""
        if hint.kind == "table":
            alias = next((alias for name in hint.targets if (alias := self.ground.tables.get(name))), self.asked)
            return self.thing(alias)[0] if alias != self.asked else ""
        place = self.ground.place(hint)
        return self.ground.sql(place) if place and self._tells(place) else ""

    @cached_property
    def linked(self) -> list[str]:
        """What the links that are named lead to, by alias."""
        path, free = self.ground.path, self.brief.named - self.where.fixed
        return [j.alias for j in path.joins if f"{path.scope[j.child].full_name}.{j.column}" in free]

    @cached_property
    def numbers(self) -> list[str]:
        """What is to be computed of many rows, the likeliest first."""
        return list(dict.fromkeys(self._numbers()))

    def _numbers(self) -> Iterator[str]:
        if not self.asks("average", "median"):
            yield from products(self)
        if self.asks("sum", "count"):
            yield from (f"sum({' + '.join(map(self.ground.sql, parts))})" for parts in self._kinds())
        for form, function in _FUNCTIONS.items():
            # 'How many in all' counts, unless it says of what: that is told below.
            asked = self.asks(form) and not (form == "sum" and self.asks("count") and not self.said)
            yield from (self.aggregate(function, place) for place in (self.measures if asked else ()))
        if not self.asks("average", "median"):
            yield from (self.aggregate("sum", place) for place in self.said)
        if not self.asks("sum", "average", "median") or self.asks("count"):
            yield from self.pieces
            yield self.counted
            if self.listed and not self.of_base:
                yield "count(*)"

    @property
    def pieces(self) -> list[str]:
        """How many pieces the base's rows are about, where they have prices: more tickets are sold than orders made."""
        several = quantities(self.brief.catalog, self.base) if prices(self.brief.catalog, self.base) else ()
        return [self.aggregate("sum", Place(self.base.name, self.base, column)) for column in several[:1]]

    def _kinds(self) -> Iterator[list[Place]]:
        """Measures of one table whose names end in the word that is said: adult and child `visitors`."""
        for hint in self.brief.hints("column"):
            places = [place for target in hint.targets if (place := self.ground.at(target))]
            ends = {place.column.name.split("_")[-1] for place in places}
            own = all(p.column in measures(self.brief.catalog, p.table) and p.table is places[0].table for p in places)
            if len(places) > 1 and len(ends) == 1 and own:
                yield places

    @property
    def listed(self) -> bool:
        """Whether what is asked for is a list of kinds, of which rows are: who asks how many faults means the calls."""
        table = self.ground.path.scope[self.asked]
        links = any(link.table == table.full_name for link in self.brief.catalog.relationships)
        return len(table.columns) <= MOST_LISTED and not links and not dated(table)

    @property
    def counted(self) -> str:
        """The number of the things that are asked for."""
        table = self.ground.path.scope[self.asked]
        if self.of_base or not table.key or self.grouped_by(self.asked):
            return "count(*)"
        return f"count(DISTINCT {self.ground.path.column(self.asked, table.key)})"

    def aggregate(self, function: str, place: Place) -> str:
        """A measure of many rows, in the unit that the question names."""
        by = factors(place.column.unit, self.brief.context.question)
        return f"{function}({self.ground.sql(place)}){f' / {min(by)}' if by else ''}"

    def of(self, number: str, test: Test) -> str:
        """A number over the rows of a test alone."""
        head, _, unit = number.rpartition(")")
        return f"{head}) FILTER (WHERE {test.sql}){unit}"

    def grouped_by(self, alias: str) -> bool:
        """Whether the answer is told for each of a table's things, by its own name or by the link to it."""
        return self.thing(alias)[0] != "" and self.thing(alias) in self.groups

    def end(self, *, of_time: bool = False) -> str:
        """The end of a ranking that comes first."""
        greatest = direction(self.brief.context.question, of_time=of_time)
        return "" if greatest is False or (greatest is None and self.turned) else " DESC"

    def order(self, amount: str, time: str) -> str:
        """` ORDER BY …`, where the question says in which order what it asks for is told."""
        wanted = sorting(self.brief.context.question)
        by = (time if wanted.of_time else amount) if wanted else ""
        return f" ORDER BY {by}{' DESC' if wanted and wanted.descending else ''}" if by else ""

    @cached_property
    def groups(self) -> list[tuple[str, str]]:
        """What the answer is told for each of, and GROUP BY: of two that are named both together first."""
        found = list(dict.fromkeys((*self._named_groups(), *self._periods())))
        if len(found) != 2 or not all(shown for shown, _ in found):
            return found
        shown, by = zip(*found, strict=True)
        return [(", ".join(shown), "ALL" if "ALL" in by else ", ".join(by)), *found]

    def _named_groups(self) -> Iterator[tuple[str, str]]:
        for hint in self.brief.hints("table", "column"):
            if not self.brief.grouping(hint):
                continue
            alias = next((a for t in hint.targets if (a := self.ground.tables.get(t))), "")
            if hint.kind == "table" and alias and alias != self.base.name:
                yield self.thing(alias)
            elif (place := self.ground.place(hint)) and self.sorts(place):
                yield self._grouped(place)

    def sorts(self, place: Place) -> bool:
        """Whether rows are told apart by a column, rather than measured: also by a year."""
        return place.column.unit == YEAR or place.column not in measures(self.brief.catalog, place.table)

    def _grouped(self, place: Place) -> tuple[str, str]:
        """A link is told by what it leads to."""
        for join in self.ground.path.joins:
            if join.child == place.alias and join.column == place.column.name:
                return self.thing(join.alias)
        return self.ground.sql(place), "ALL"

    def _periods(self) -> Iterator[tuple[str, str]]:
        period = _PERIOD.search(self.brief.context.question)
        named = (hint for hint in self.brief.hints("column") if period and _overlaps(hint, period))
        if period and not any(named) and (time := self.where.time):
            unit = next(filter(None, period.groups())).lower().replace("dai", "day")
            yield self.bucket(unit, self.ground.sql(time)), "ALL"

    @staticmethod
    def bucket(unit: str, day: str) -> str:
        """A day cut into units of the calendar."""
        return _BUCKETS[unit].format(day)
