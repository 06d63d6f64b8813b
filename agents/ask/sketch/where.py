"""The conditions of a sketch: values, numbers, periods, flags and what is missing."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from agents.ask.sketch.ground import Ground, Place
from agents.columns import dated, ends, flags, measures
from agents.grammar.rules import quote
from data.catalog import Table

if TYPE_CHECKING:
    from retrieval.hints import Hint


@dataclass(frozen=True)
class Where:
    """What the rows of a ground have to be."""

    ground: Ground

    @cached_property
    def conditions(self) -> tuple[str, ...]:
        """All of them, each once."""
        found = (*self.values, *self._numbers(), *self._periods(), *self.states())
        return tuple(dict.fromkeys(found))

    @cached_property
    def values(self) -> tuple[str, ...]:
        """Those on the values that the question names."""
        return tuple(dict.fromkeys(self._values()))

    @cached_property
    def filtered(self) -> frozenset[str]:
        """The full names of the columns that conditions are on."""
        named = (p.name for h in self.ground.brief.hints("value") if (p := self.ground.place(h)))
        counted = (place.name for _, place in self._bounds())
        return frozenset((*named, *counted, *(place.name for place, _ in self._stated())))

    def clause(self, *, but: tuple[str, ...] = ()) -> str:
        """` WHERE …`, "" where there is none."""
        kept = [condition for condition in self.conditions if condition not in but]
        return f" WHERE {' AND '.join(kept)}" if kept else ""

    def _values(self) -> Iterator[str]:
        said: dict[str, list[str]] = {}
        for hint in self.ground.brief.hints("value"):
            place = self.ground.place(hint)
            if place is None:
                continue
            sign = "!=" if self.ground.brief.negated(hint) else "="
            said.setdefault(f"{self.ground.sql(place)} {sign}", []).append(quote(hint.literals[0]))
        for test, texts in said.items():
            several = list(dict.fromkeys(texts))
            if len(several) == 1:
                yield f"{test} {several[0]}"
            else:
                column, sign = test.rsplit(" ", 1)
                yield f"{column} {'IN' if sign == '=' else 'NOT IN'} ({', '.join(several)})"

    def _numbers(self) -> Iterator[str]:
        for hint, place in self._bounds():
            column = self.ground.sql(place)
            sign = hint.operator or "="
            if sign.upper() == "BETWEEN" and len(hint.literals) == 2:
                yield f"{column} BETWEEN {hint.literals[0]} AND {hint.literals[1]}"
            else:
                yield f"{column} {sign} {hint.literals[0]}"

    def _bounds(self) -> Iterator[tuple[Hint, Place]]:
        """Numbers with the columns that they bound: their own, or the measure that is said before or after them."""
        for hint in self.ground.brief.hints("number"):
            if hint.targets and (place := self.ground.place(hint)):
                yield hint, place
            elif hint.operator and "counted" not in self.ground.brief.cues and (near := self._near(hint)):
                yield hint, near

    def _near(self, hint: Hint) -> Place | None:
        said = [(abs(other.start - hint.start), place) for other, place in self.measured()]
        if said:
            return min(said, key=lambda pair: pair[0])[1]
        own = measures(self.ground.brief.catalog, self.ground.path.base)
        return Place(self.ground.path.base.name, self.ground.path.base, own[0]) if len(own) == 1 else None

    def measured(self) -> Iterator[tuple[Hint, Place]]:
        """The measures that the question names."""
        for hint in self.ground.brief.hints("column"):
            place = self.ground.place(hint)
            if place and place.column in measures(self.ground.brief.catalog, place.table):
                yield hint, place

    def _periods(self) -> Iterator[str]:
        time = self.time()
        for hint in self.ground.brief.hints("time") if time else ():
            assert time is not None
            yield " AND ".join(f"{self.ground.sql(time)}{end}" for end in ends(time.column, hint))

    def time(self) -> Place | None:
        """The day that periods are told by: the one that is named, else the base's own, else one of a joined table."""
        named = [p for h in self.ground.brief.hints("column") if (p := self.ground.place(h)) and _is_dated(p)]
        return next(iter((*named, *self._own_times())), None)

    def _own_times(self) -> Iterator[Place]:
        for alias, table in self.ground.path.scope.items():
            columns = sorted(dated(table), key=lambda column: column.name != table.time)
            yield from (Place(alias, table, column) for column in columns)

    def states(self) -> Iterator[str]:
        """Those on flags, and on what is there or missing."""
        yield from (test for _, test in self._stated())

    def _stated(self) -> Iterator[tuple[Place, str]]:
        """Flags that are said, days that have come or not, and what is missing."""
        brief = self.ground.brief
        for hint in brief.hints("column"):
            place = self.ground.place(hint)
            if place is None or brief.grouping(hint):
                continue
            negated, column = brief.negated(hint), self.ground.sql(place)
            if place.column in flags(place.table):
                yield place, f"{column} = {'false' if negated else 'true'}"
            elif negated:
                yield place, f"{column} IS NULL"
            elif _is_dated(place) and hint.span.lower().endswith("ed") and not {"when", "duration"} & brief.cues:
                if not any(brief.hints("time")) and "extreme" not in brief.cues:
                    yield place, f"{column} IS NOT NULL"


def _is_dated(place: Place) -> bool:
    return place.column in dated(place.table)


def titled(table: Table) -> str:
    """The column that says which row it is, "" where there is none."""
    return next((name for name in (table.label, table.key) if name and name in table), "")
