"""Columns, conditions and numbers of a frame as a query over one path writes them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from agents.paths import Path
from agents.reader.frame import Among, Bound, Frame, Group, Measure, Number, Targets, Test
from agents.reader.joins import links, pointing
from agents.reader.marked import Marked
from agents.reader.nouns import moment


@dataclass(frozen=True)
class Written:
    """A frame over one path."""

    frame: Frame
    marked: Marked
    path: Path
    given: Mapping[Measure, str] = field(default_factory=dict)
    """Numbers that are written already."""

    def column(self, targets: Targets) -> str | None:
        """A column as the query writes it, that of the nearest table; None where the path has none."""
        if self._ambiguous(targets):
            return None
        for alias, table in self.path.scope.items():
            for target in (*pointing(targets, table.full_name, self.marked), *targets):
                name, _, column = target.rpartition(".")
                if name == table.full_name:
                    return self.path.column(alias, column)
        return None

    def _ambiguous(self, targets: Targets) -> bool:
        """Whether two tables that the base points at have it, and the base itself has not; or one has it twice."""
        own = [t for t in targets if t.rpartition(".")[0] == self.path.base.full_name]
        if own:
            return len(own) > 1
        near = {r.to_table for r in self.marked.catalog.relationships if r.table == self.path.base.full_name}
        return len([t for t in targets if t.rpartition(".")[0] in near]) > 1

    def alias(self, table: str) -> str | None:
        return next((alias for alias, one in self.path.scope.items() if one.full_name == table), None)


def where(tests: list[str]) -> str:
    """The conditions as a clause, "" for none."""
    return f" WHERE {' AND '.join(dict.fromkeys(tests))}" if tests else ""


def tested(test: Test, made: Written) -> str | None:
    """A condition; None where the path has not its column."""
    if test.roles:
        name = test.column[0].rpartition(".")[2]
        sides = [made.path.column(role, name) for role in test.roles if role in made.path.scope]
        return f" {test.said} ".join(sides) if len(sides) == len(test.roles) else None
    column = made.column(test.column or moment(made.marked, made.path.base.full_name))
    if column is None:
        return None
    if test.other:
        other = made.column(test.other)
        return test.said.format(column, other=other) if other else None
    return test.said.replace("{}", column) if "{}" in test.said else f"{column}{test.said}"


def tests_of(made: Written) -> list[str | None]:
    """The conditions of all rows."""
    return [*_conditions(made.frame.tests, made), *(_among(among, made) for among in made.frame.among)]


def _of_measure(measure: Measure, made: Written) -> list[str | None]:
    return [*_conditions(measure.tests, made), *(_among(among, made) for among in measure.among)]


def _conditions(tests: Iterable[Test], made: Written) -> list[str | None]:
    """Conditions of which several values of one column are alternatives."""
    found: list[str | None] = []
    equal: dict[Targets, list[str]] = {}
    for test in dict.fromkeys(tests):
        if test.said.startswith(" = '"):
            equal.setdefault(test.column, []).append(test.said.removeprefix(" = "))
        else:
            found.append(tested(test, made))
    for column, values in equal.items():
        said = f" = {values[0]}" if len(values) == 1 else f" IN ({', '.join(values)})"
        found.append(tested(Test(column, said), made))
    return found


def _among(among: Among, made: Written) -> str | None:
    for alias, table in made.path.scope.items():
        if (found := links(among.table, table.full_name, made.marked)) is None:
            continue
        path, last, column, key = found
        inner = Written(replace(made.frame, among=[], tests=[]), made.marked, path)
        since, until = among.period
        days = [Test((), f"{{}} {sign} '{day}'") for sign, day in ((">=", since), ("<", until)) if day]
        tests = [tested(test, inner) for test in (*among.tests, *days)]
        own = path.column(last, column)
        if None in tests:
            return None
        told = where([*(t for t in tests if t), f"{own} IS NOT NULL"])
        many = f" GROUP BY {own} HAVING count(*){among.said}" if among.said else ""
        sub = f"(SELECT {own} {path.clause}{told}{many})"
        return f"{made.path.column(alias, key)} {'IN' if among.present else 'NOT IN'} {sub}"
    return None


def number_of(number: Number, made: Written) -> str | None:
    """A number; None where the path has not its columns."""
    if isinstance(number, Measure):
        return measured(number, made)
    if number.each and number.bottom:
        sides = [made.column(side.column) for side in (number.top, number.bottom)]
        return f"avg({'100.0 * ' if number.percent else ''}{sides[0]} / {sides[1]})" if all(sides) else None
    top = measured(number.top, made)
    within = _whole(number.within, made) if number.within else ""
    whole = f"sum({top}) OVER ({f'PARTITION BY {within}' if within else ''})" if within is not None else None
    bottom = measured(number.bottom, made) if number.bottom else whole
    if top is None or bottom is None:
        return None
    if number.minus and number.unit:
        return f"date_diff('{number.unit}', {bottom}, {top})"
    if number.minus:
        return f"100.0 * ({top} - {bottom}) / {bottom}" if number.percent else f"{top} - {bottom}"
    return f"{'100.0' if number.percent else '1.0'} * {top} / {bottom}"


_WEEKEND = "dayname({}) IN ('Saturday', 'Sunday')"
PARTS = {
    "weekend": f"CASE WHEN {_WEEKEND} THEN 'weekend' ELSE 'weekday' END",
    "is_weekend": _WEEKEND,
    "year": "year({})",
    "weekday": "dayname({})",
    "hour": "hour({})",
    "decade": "year({}) // 10 * 10",
}
PERIOD = "~"
"""What stands before the unit of the periods that a share is within, where a column would stand."""


def cut_of(group: Group, made: Written) -> str | None:
    """The period that rows are put together by; None where they have no moment."""
    time = made.column(group.column or (moment(made.marked, group.table) if group.table else ())) or made.column(
        moment(made.marked, made.path.base.full_name)
    )
    return PARTS.get(group.unit, f"date_trunc('{group.unit}', {{}})").format(time) if time else None


def _whole(within: Targets, made: Written) -> str | None:
    """What a share is within: a column, or the periods that rows are put together by."""
    if not within[0].startswith(PERIOD):
        return made.column(within)
    unit = within[0].removeprefix(PERIOD)
    group = next((group for group in made.frame.groups if group.unit == unit), None)
    return cut_of(group, made) if group else None


def measured(measure: Measure, made: Written) -> str | None:
    """A measure over the rows that meet its tests; None where the path has not its columns."""
    if measure in made.given:
        return made.given[measure]
    column = made.column(measure.column) if measure.column else "*"
    tests = _of_measure(measure, made)
    if column is None or None in tests:
        return None
    if measure.filled or (
        measure.function == "avg" and any(set(one) & set(measure.column) for one in made.frame.filled)
    ):
        column = f"coalesce({column}, 0)"
    if measure.until:
        until = made.column(measure.until)
        column = f"date_diff('{measure.unit}', {column}, {until})" if until else None
        if column is None:
            return None
    some = f" FILTER (WHERE {' AND '.join(t for t in tests if t)})" if tests else ""
    made_ = f"{_aggregate(measure, column)}{some}"
    return f"{made_} / {measure.per}" if measure.per != 1 else made_


def _aggregate(measure: Measure, column: str) -> str:
    if measure.function == "distinct":
        return f"count(DISTINCT {column})"
    if measure.function == "quantile":
        return f"quantile_cont(CAST({column} AS DOUBLE), {measure.share})"
    return f"{measure.function}({column})"


def bounded(bound: Bound, made: Written, tests: list[str], by: list[str]) -> str | None:
    """A number that is compared, with that of all rows where its bound says so, a total or a count with the mean of
    those of the groups; None as for the number."""
    number = number_of(bound.number, made)
    if number is None:
        return None
    average = f"(SELECT {number} {made.path.clause}{where(tests)})"
    if by and re.match(r"(?:sum|count)\(", number):
        each = f"SELECT {number} AS each {made.path.clause}{where(tests)} GROUP BY {', '.join(by)}"
        average = f"(SELECT avg(each) FROM ({each}))"
    return f"{number}{bound.said.format(average=average)}"
