"""The conditions of a sketch: values, numbers, periods, flags and what is missing."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import TYPE_CHECKING

from agents.ask.sketch.calendar import DUE, closes, going_on, is_day, ordered, weekdays
from agents.ask.sketch.exceeds import exceeds
from agents.ask.sketch.ground import Ground, Place
from agents.columns import dated, ends, flags, measures
from agents.grammar.rules import quote
from data.catalog import Table
from retrieval.spans import normal

if TYPE_CHECKING:
    from retrieval.hints import Hint

_LATE = re.compile(
    r"\b(?:(on[- ]time|in time|punctual\w*|before (?:(?:the|its|their) )?(?:due|deadline|promised|planned|agreed))|late"
    r"|overdue|delayed|too late|after (?:(?:the|its|their) )?(?:due|deadline|promised|planned|agreed|scheduled))\b",
    re.IGNORECASE,
)
_DELAY = re.compile(r"delay|late(?:_|$)|lateness|overdue", re.IGNORECASE)
_OPEN = re.compile(r"open|pending|outstanding|ongoing|running|active", re.IGNORECASE)
_DID = re.compile(r"deliver|paid|settled|return|actual|complet|arriv|finish|clos|ended|done|received", re.IGNORECASE)
_DONE = re.compile(r"(?:ed|paid|id)\b", re.IGNORECASE)
_FREE = re.compile(
    r"\b(?:(?:for|at no) free|for free|free of charge|at no c(?:ost|harge)|free|gratis|complimentary)\b", re.I
)
_COST = re.compile(r"price|fee|cost|charge|fare|(?:^|_)amount", re.IGNORECASE)
_TOP = re.compile(r"\b(?:top|highest)[- ]level\b|\broots?\b|\bno (?:parent|superior|boss|manager)\b", re.IGNORECASE)
_UNIT_BETWEEN = re.compile(r"(?:[\s-]|%|per ?cent|pounds?|euros?|dollars?|[€$£])*", re.IGNORECASE)
_DIGITS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_NUMBERS = {word: str(number) for number, word in enumerate(_DIGITS, 1)}
_GRADED = re.compile(rf"\b(\d+|{'|'.join(_NUMBERS)})-([^\W\d_]{{3,}})\b", re.IGNORECASE)
_TELLING = frozenset({"when", "duration", "extreme"})


@dataclass(frozen=True)
class Test:
    """A condition on a column."""

    place: Place
    sql: str


@dataclass(frozen=True)
class Where:
    """What the rows of a ground have to be. `bounded` is the measure that a number bounds which is said with none; None
    where it bounds how many rows there are."""

    ground: Ground
    bounded: Place | None = None
    standing: Test | None = None
    """What its rows are to be because they go on, or have come to their end."""
    ended: Place | None = None
    """The same, where they are to go on at the day that the question names."""
    zero: bool = False
    """Whether a measure that there is to be none of is zero, rather than not known."""

    @cached_property
    def tests(self) -> tuple[Test, ...]:
        """All of them, each once."""
        return tuple(dict.fromkeys((*self._values(), *self._numbers(), *self._periods(), *self._states())))

    @cached_property
    def parts(self) -> tuple[Test, ...]:
        """Those that tell a part from the whole: values and states, but no period."""
        return (*self._values(), *self._states())

    @cached_property
    def fixed(self) -> frozenset[str]:
        """The full names of the columns that conditions are on, but for periods."""
        return frozenset(test.place.name for test in (*self.parts, *self._numbers()))

    def clause(self, *, but: tuple[Test, ...] = ()) -> str:
        """` WHERE …`, "" where there is none."""
        return joined(test.sql for test in self.tests if test not in but)

    @cached_property
    def several(self) -> dict[Place, list[str]]:
        """The values that a column may have, each once."""
        found = {place: list(dict.fromkeys(texts)) for (place, negated), texts in self._said.items() if not negated}
        return {place: texts for place, texts in found.items() if len(texts) > 1}

    @cached_property
    def _said(self) -> dict[tuple[Place, bool], list[str]]:
        said: dict[tuple[Place, bool], list[str]] = defaultdict(list)
        for hint in self.ground.brief.hints("value"):
            if place := self.ground.place(hint):
                said[place, self.ground.brief.negated(hint)].append(quote(hint.literals[0]))
        return said

    def _values(self) -> Iterator[Test]:
        """Several values of one column are alternatives."""
        for (place, negated), texts in self._said.items():
            several, column = list(dict.fromkeys(texts)), self.ground.sql(place)
            if len(roles := self.ground.roles(place)) == len(several) == 2:
                pairs = zip(roles, several, strict=True)
                yield from (Test(role, f"{self.ground.sql(role)} = {text}") for role, text in pairs)
            elif len(several) == 1:
                yield Test(place, f"{column} {'!=' if negated else '='} {several[0]}")
            else:
                yield Test(place, f"{column} {'NOT IN' if negated else 'IN'} ({', '.join(several)})")

    def _numbers(self) -> Iterator[Test]:
        for hint in self.ground.brief.hints("number"):
            place = self.ground.place(hint) if hint.targets else self.bounded if hint.operator else self._counted(hint)
            if place is None:
                continue
            bounds = hint.literals if hint.operator.upper() == "BETWEEN" else hint.literals[:1]
            yield Test(place, f"{self.ground.sql(place)} {hint.operator or '='} {' AND '.join(bounds)}")

        yield from self._graded()

    def _graded(self) -> Iterator[Test]:
        """'One-star reviews', 'a 3-bedroom flat': the number of what is said with it in one word."""
        for said in _GRADED.finditer(self.ground.brief.context.question):
            number = _NUMBERS.get(said[1].lower(), said[1])
            for alias, table in self.ground.path.scope.items():
                own = measures(self.ground.brief.catalog, table)
                column = next((c for c in own if normal(c.name.split("_")[-1]) == normal(said[2])), None)
                if column:
                    yield Test(place := Place(alias, table, column), f"{self.ground.sql(place)} = {number}")

    def _counted(self, number: Hint) -> Place | None:
        """The column that is said right before a number, as in 'priority 1'."""
        brief, before = self.ground.brief, self.ground.brief.context.question[: number.start]
        said = (h for h in brief.hints("column") if len(before.rstrip()) == h.start + len(h.span))
        place = next((place for hint in said if (place := self.ground.place(hint))), None) or self._after(number)
        return place if place and is_numeric(place) else None

    def _after(self, number: Hint) -> Place | None:
        """The column that is said right behind a number, as in 'a 500 euro deposit'; not of one that tells how many."""
        brief, end = self.ground.brief, number.start + len(number.span)
        if {"extreme", "count"} & brief.cues and not brief.context.question[end:].startswith(("-", "%")):
            return None
        between = (
            (hint, brief.context.question[end : hint.start]) for hint in brief.hints("column") if hint.start >= end
        )
        said = (self.ground.place(hint) for hint, text in between if _UNIT_BETWEEN.fullmatch(text))
        return next((place for place in said if place), None)

    def _periods(self) -> Iterator[Test]:
        if not (time := self.time):
            return
        question, column = self.ground.brief.context.question, self.ground.sql(time)
        spans = [test.sql for test in self.spans]
        if len(spans) > 1 and self._apart:
            yield Test(time, f"({' OR '.join(f'({sql})' for sql in spans)})")
        else:
            yield from self.spans
        yield from (Test(time, sql) for sql in weekdays(question, column))

    @cached_property
    def spans(self) -> tuple[Test, ...]:
        """The periods that are named, each as a condition of its own."""
        time, hints = self.time, tuple(self.ground.brief.hints("time"))
        if time is None:
            return ()
        column = self.ground.sql(time)
        if self.ended and self.ended != time and (day := next(filter(is_day, hints), None)):
            return (Test(time, going_on(self.ground, day, time, self.ended)),)
        bounds = (" AND ".join(f"{column}{end}" for end in ends(time.column, hint)) for hint in hints)
        return tuple(dict.fromkeys(Test(time, sql) for sql in bounds if sql))

    @property
    def _apart(self) -> bool:
        """Whether no two of the periods that are named have a day in common."""
        found = sorted(hint.literals for hint in self.ground.brief.hints("time"))
        return all(first[1] and first[1] <= last[0] for first, last in pairwise(found))

    @cached_property
    def time(self) -> Place | None:
        """The day that periods are told by: the one that is named, else the base's own, else one of a joined table."""
        brief = self.ground.brief
        named = ((h, p) for h in brief.hints("column") if (p := self.ground.place(h)) and is_dated(p))
        return next((place for hint, place in named if not brief.negated(hint)), next(self._times(), None))

    def _times(self) -> Iterator[Place]:
        for alias, table in self.ground.path.scope.items():
            columns = sorted(dated(table), key=lambda column: column.name != table.time)
            yield from (Place(alias, table, column) for column in columns)

    def _states(self) -> Iterator[Test]:
        """Flags that are said, days that have come or not, and what is missing."""
        brief = self.ground.brief
        late = list(self._lateness())
        yield from late or (Test(place, sql) for place, sql in ordered(self.ground))
        yield from (Test(place, sql) for place, sql in exceeds(self.ground))
        yield from self._free()
        yield from self._top()
        if self.standing:
            yield self.standing
        for hint in brief.hints("column"):
            place = self.ground.place(hint)
            if place is None or brief.grouping(hint) or DUE.search(place.column.name):
                continue
            negated, column = brief.negated(hint), self.ground.sql(place)
            closing = self._closing(place) if _OPEN.fullmatch(hint.span) and is_dated(place) else None
            if closing is not None:
                yield Test(closing, f"{self.ground.sql(closing)} IS NULL")
            elif place.column in flags(place.table):
                yield Test(place, f"{column} = {'false' if negated else 'true'}")
            elif (
                negated
                and (self.zero or _DONE.search(hint.span))
                and place.column in measures(brief.catalog, place.table)
            ):
                yield Test(place, f"{column} = 0")
            elif negated or self._has_come(hint, place):
                yield Test(place, f"{column} IS {'' if negated else 'NOT '}NULL")

    def _free(self) -> Iterator[Test]:
        """'For free': what would cost something is zero."""
        question, base = self.ground.brief.context.question, self.ground.path.base
        said = _FREE.search(question)
        taken = said and any(
            h.start < said.end() and said.start() < h.start + len(h.span)
            for h in self.ground.brief.hints("value", "table")
        )
        costs = (Place(base.name, base, c) for c in measures(self.ground.brief.catalog, base) if _COST.search(c.name))
        if said and not taken and (cost := next(costs, None)):
            yield Test(cost, f"{self.ground.sql(cost)} = 0")

    def _top(self) -> Iterator[Test]:
        """'Top-level': what has nothing of its own kind above it."""
        base = self.ground.path.base
        above = (r.column for r in self.ground.brief.catalog.relationships if r.table == r.to_table == base.full_name)
        if _TOP.search(self.ground.brief.context.question) and (name := next(above, "")):
            place = Place(base.name, base, base.column(name))
            yield Test(place, f"{self.ground.sql(place)} IS NULL")

    def _closing(self, place: Place) -> Place | None:
        """The day on which what is still open comes to its end."""
        days = (Place(place.alias, place.table, column) for column in dated(place.table))
        return next((day for day in days if day != place and closes(day.column)), None)

    def _lateness(self) -> Iterator[Test]:
        """'Late' and 'on time': the day on which something was done, against the one by which it was to be."""
        said = _LATE.search(self.ground.brief.context.question)
        base = self.ground.path.base
        days = [Place(base.name, base, column) for column in dated(base)]
        due = next((day for day in days if DUE.search(day.column.name)), None)
        done = next((day for day in days if day != due and _DID.search(day.column.name)), None)
        delay = (Place(base.name, base, c) for c in measures(self.ground.brief.catalog, base) if _DELAY.search(c.name))
        if said and not (due and done) and not self.bounded and (late := next(delay, None)):
            yield Test(late, f"{self.ground.sql(late)} {'<=' if said[1] else '>'} 0")
        if said and due and done:
            yield Test(done, f"{self.ground.sql(done)} {'<=' if said[1] else '>'} {self.ground.sql(due)}")

    def _has_come(self, hint: Hint, place: Place) -> bool:
        """'Retired beers': those with a day on which they were."""
        brief = self.ground.brief
        told = hint.span.lower().endswith("ed") and is_dated(place) and not _TELLING & brief.cues
        return told and not any(brief.hints("time")) and place.column.name != place.table.time


def measured(ground: Ground) -> Iterator[tuple[Hint, Place]]:
    """The measures that the question names."""
    for hint in ground.brief.hints("column"):
        place = ground.place(hint)
        if place and place.column in measures(ground.brief.catalog, place.table):
            yield hint, place


def joined(tests: Iterator[str]) -> str:
    """Conditions as a clause, "" where there is none."""
    kept = list(dict.fromkeys(tests))
    return f" WHERE {' AND '.join(kept)}" if kept else ""


def is_dated(place: Place) -> bool:
    """Whether a column tells a day."""
    return place.column in dated(place.table)


def is_numeric(place: Place) -> bool:
    """Whether a column holds numbers."""
    return place.column.type.upper().startswith(("INT", "BIGINT", "SMALLINT", "TINYINT", "DOUBLE", "DECIMAL", "FLOAT"))


def titled(table: Table) -> str:
    """The column that says which row it is, "" where there is none."""
    return next((name for name in (table.label, table.key) if name and name in table), "")
