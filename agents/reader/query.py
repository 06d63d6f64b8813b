"""The query of a frame: its tables joined along their keys, each number over the rows that it is of."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from agents.paths import Join, Path, identifier, paths, written
from agents.reader.frame import Among, Bound, Frame, Group, Measure, Number, Ratio, Targets, Test
from agents.reader.marked import Marked
from agents.reader.nouns import moment, owner
from data.catalog import Table

ROLE = 3
"""Letters in which a verb agrees with who does it: sent, sender_id."""
_PARTS = {"year": "year({})", "weekday": "dayname({})", "hour": "hour({})", "decade": "year({}) // 10 * 10"}


@dataclass(frozen=True)
class Written:
    """A frame over one path."""

    frame: Frame
    marked: Marked
    path: Path

    def column(self, targets: Targets) -> str | None:
        """A column as the query writes it, that of the nearest table; None where the path has none."""
        if self._ambiguous(targets):
            return None
        for alias, table in self.path.scope.items():
            for target in (*_pointing(targets, table.full_name, self.marked), *targets):
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


def query(frame: Frame, marked: Marked) -> str | None:
    """The query; None where no join of the tables has all that is asked for."""
    base = _base(frame, marked)
    if base is None:
        return None
    plain = _plain(frame)
    if plain is None:
        return None
    if not _about(plain, marked, base):
        return None
    if plain.zero:
        return _with_zero(plain, marked, base)
    path = _path(plain, marked, base)
    return _query(Written(plain, marked, path)) if path else None


def _about(frame: Frame, marked: Marked, base: str) -> bool:
    """Whether rows of the base can tell of all tables that are named, and nothing is counted by itself."""
    reached = {
        t.full_name for path in paths(marked.catalog) if path.base.full_name == base for t in path.scope.values()
    }
    among = {
        t.full_name
        for one in frame.among
        for p in paths(marked.catalog, 1)
        if p.base.full_name == one.table
        for t in p.scope.values()
    }
    key = (f"{base}.{marked.table(base).key}",)
    alone = any(m.function == "distinct" and m.column == key for n in frame.numbers for m in _measures(n))
    apart = {m.table for n in frame.numbers for m in _measures(n) if m.function not in ("min", "max", "distinct")} - {
        base
    }
    apart |= {m.table for b in frame.bounds for m in _measures(b.number)} - {base}
    grouped = any(group.table == base and not group.column and not group.unit for group in frame.groups)
    return frame.tables <= reached | among and not (alone or grouped or apart)


def _base(frame: Frame, marked: Marked) -> str | None:
    """The table whose rows are counted or listed."""
    measured = [m.table for number in (*frame.numbers, *(b.number for b in frame.bounds)) for m in _measures(number)]
    if measured:
        return max(measured, key=lambda name: _depth(name, measured, marked))
    return frame.subject or None


def _depth(name: str, among: list[str], marked: Marked) -> int:
    """How many of the other tables rows of a table point at."""
    reached = {
        table.full_name
        for path in paths(marked.catalog)
        if path.base.full_name == name
        for table in path.scope.values()
    }
    return sum(other in reached for other in set(among))


def _measures(number: Number) -> Iterator[Measure]:
    if isinstance(number, Measure):
        yield number
        return
    yield number.top
    if number.bottom:
        yield number.bottom


def _plain(frame: Frame) -> Frame | None:
    """The frame with what all of its numbers ask of rows asked of all rows. None where two numbers can't be told."""
    every = [measure for number in frame.numbers for measure in _measures(number)]
    columns = [test.column for measure in every for test in {t.column: t for t in measure.tests}.values()]
    apart = {c for c in columns if len({m.tests for m in every if any(t.column == c for t in m.tests)}) > 1}
    ratio = any(isinstance(number, Ratio) and number.bottom for number in frame.numbers)
    shared = [
        t for m in every for t in m.tests if t.column not in apart and (not ratio or all(t in o.tests for o in every))
    ]

    def bare(measure: Measure) -> Measure:
        return replace(measure, tests=tuple(t for t in measure.tests if t not in shared))

    def stripped(number: Number) -> Number:
        if isinstance(number, Measure):
            return bare(number)
        return replace(number, top=bare(number.top), bottom=bare(number.bottom) if number.bottom else None)

    numbers = [stripped(number) for number in frame.numbers]
    if len(set(numbers)) < len(numbers):
        return None
    bounds = []
    for bound in frame.bounds:
        tests = [t for m in _measures(bound.number) for t in m.tests]
        shared += [] if numbers else tests
        bounds.append(replace(bound, number=stripped(bound.number)))
    tests = [*frame.tests, *shared]
    return replace(frame, numbers=numbers, bounds=bounds, tests=list(dict.fromkeys(tests)))


def _needed(frame: Frame) -> Iterator[Targets]:
    for number in (*frame.numbers, *(bound.number for bound in frame.bounds)):
        for measure in _measures(number):
            yield from (test.column for test in measure.tests if test.column)
            yield from (column for column in (measure.column, measure.until) if column)
    yield from (test.column for test in frame.tests if test.column)
    yield from (group.column for group in frame.groups if group.column)
    yield from frame.columns
    yield from frame.shown
    if "." in frame.order:
        yield (frame.order,)


def _path(frame: Frame, marked: Marked, base: str) -> Path | None:
    """The fewest joins that have all columns and things."""
    tables = {group.table for group in frame.groups if group.table and not group.column and not group.unit}
    counted = {m.table for n in frame.numbers for m in _measures(n) if m.function == "count"}
    if counted - {base}:
        return None
    needed = list(_needed(frame))
    for path in sorted(paths(marked.catalog), key=lambda path: len(path.joins)):
        if path.base.full_name != base:
            continue
        if not all(_certain(join, path, marked) for join in path.joins):
            continue
        names = {table.full_name for table in path.scope.values()}
        there = all(_there(one, names, marked) for one in needed)
        if there and tables <= names and all(_near(among, names, marked) for among in frame.among):
            return path
    return None


def _certain(join: Join, path: Path, marked: Marked) -> bool:
    """Whether a table that is pointed at twice is reached in the part that the text names: the sender for who sent."""
    child = path.scope[join.child].full_name
    same = [r for r in marked.catalog.relationships if (r.table, r.to_table) == (child, join.parent.full_name)]
    said = re.findall(r"[a-z]+", f"{marked.text} {' '.join(hint.span.lower() for hint in marked.hints)}")
    return len(same) == 1 or any(word[:ROLE] == join.column[:ROLE] for word in said)


def _there(targets: Targets, names: set[str], marked: Marked) -> bool:
    own = any(target.rpartition(".")[0] in names for target in targets)
    return own or any(_pointing(targets, name, marked) for name in names)


def _pointing(targets: Targets, table: str, marked: Marked) -> Targets:
    """The columns of a table that hold the same as some keys of others."""
    found = (r for r in marked.catalog.relationships if r.table == table and f"{r.to_table}.{r.to_column}" in targets)
    return tuple(f"{r.table}.{r.column}" for r in found)


def _near(among: Among, names: set[str], marked: Marked) -> bool:
    return any(_links(among.table, name, marked) for name in names)


def _links(child: str, parent: str, marked: Marked) -> tuple[Path, str, str, str] | None:
    """How rows of a table point at a thing: the path, its last alias, its column, and the thing's key."""
    for path in sorted(paths(marked.catalog, 2), key=lambda path: len(path.joins)):
        if path.base.full_name != child or parent in {t.full_name for t in path.scope.values()}:
            continue
        for alias, table in path.scope.items():
            for link in marked.catalog.relationships:
                if (link.table, link.to_table) == (table.full_name, parent) and (alias == list(path.scope)[-1]):
                    return path, alias, link.column, link.to_column
    return None


def _query(made: Written) -> str | None:
    frame = made.frame
    keys = [key for group in frame.groups for key in _keys(group, made)]
    numbers = [_number(number, made) for number in frame.numbers]
    tests = _tests(made)
    if None in keys or None in numbers or None in tests:
        return None
    if frame.numbers or frame.bounds or (not frame.order and frame.groups):
        return _grouped(made, [k for k in keys if k], [n for n in numbers if n], [t for t in tests if t])
    return _listed(made, [k for k in keys if k], [t for t in tests if t])


def _where(tests: list[str]) -> str:
    return f" WHERE {' AND '.join(dict.fromkeys(tests))}" if tests else ""


def _grouped(made: Written, keys: list[tuple[str, str]], numbers: list[str], tests: list[str]) -> str | None:
    frame = made.frame
    shown = [shown for shown, _ in keys]
    by = list(dict.fromkeys(part for _, group in keys for part in group.split("\n") if part))
    having = [_bound(bound, made, tests) for bound in frame.bounds]
    if None in having or (frame.limit and not numbers):
        return None
    if frame.ranked and numbers and len(keys) > 1:
        first = keys[0][1].split("\n")[0]
        numbers.append(f"rank() OVER (PARTITION BY {first} ORDER BY {numbers[0]} DESC)")
    text = f"SELECT {', '.join([*shown, *numbers])} {made.path.clause}{_where(tests)}"
    text += f" GROUP BY {', '.join(by)}" if by else ""
    text += f" HAVING {' AND '.join(h for h in having if h)}" if having else ""
    direction = " DESC" if frame.descending else ""
    if frame.within and len(shown) > 1 and numbers:
        first = by[0] if "\n" in keys[0][1] else keys[0][0]
        return (
            f"{text} QUALIFY rank() OVER (PARTITION BY {first} ORDER BY {numbers[0]}{direction}) {_within(frame.limit)}"
        )
    numbers = numbers or [number for bound in frame.bounds if (number := _number(bound.number, made))]
    if frame.order in ("number", "time") and numbers:
        text += f" ORDER BY {numbers[-1 if len(numbers) > 1 and not frame.limit else 0]}{direction}"
    elif frame.order and shown:
        sorting = made.column((frame.order,)) if "." in frame.order else shown[0]
        text += f" ORDER BY {sorting}{direction}"
    return text + (f" LIMIT {frame.limit}" if frame.limit else "")


def _within(limit: int) -> str:
    return f"<= {limit}" if limit > 1 else "= 1"


def _listed(made: Written, keys: list[tuple[str, str]], tests: list[str]) -> str | None:
    frame = made.frame
    columns = [made.column(column) for column in frame.columns]
    base = made.path.base
    alias = base.name
    own = [made.path.column(alias, name) for name in (base.key, base.label) if name]
    elsewhere = (
        columns and frame.columns and not any(owner(c, (base.full_name,)) == base.full_name for c in frame.columns)
    )
    shown = [*(key for key, _ in keys), *(own[:1] if elsewhere and not frame.outputs else ()), *(columns or own)]
    when = moment(made.marked, base.full_name)
    sorting = made.column((frame.order,)) if "." in frame.order else made.column(when) if when else None
    if frame.order in ("number", "period") and not frame.within:
        sorting = made.column((base_amount,)) if (base_amount := _size(made)) else None
    if None in shown or (frame.order and sorting is None) or (frame.within and not keys):
        return None
    text = f"SELECT {', '.join(dict.fromkeys(s for s in shown if s))} {made.path.clause}{_where(tests)}"
    direction = " DESC" if frame.descending else ""
    if frame.within:
        by = keys[0][1].split("\n")[0]
        return (
            f"{text} QUALIFY row_number() OVER (PARTITION BY {by} ORDER BY {sorting}{direction}) {_within(frame.limit)}"
        )
    text += f" ORDER BY {sorting}{direction}" if frame.order else ""
    return text + (f" LIMIT {frame.limit}" if frame.limit else "")


def _size(made: Written) -> str:
    from agents.reader.nouns import amount

    found = amount(made.marked, made.path.base)
    return found[0] if found else ""


def _keys(group: Group, made: Written) -> Iterator[tuple[str, str] | None]:
    """What is shown of a group, and what it is grouped by, a line for each."""
    if group.unit:
        time = made.column(group.column or (moment(made.marked, group.table) if group.table else ())) or made.column(
            moment(made.marked, made.path.base.full_name)
        )
        if time is None:
            yield None
            return
        cut = _PARTS.get(group.unit, f"date_trunc('{group.unit}', {{}})").format(time)
        yield cut, cut
        return
    if group.column:
        column = made.column(group.column)
        yield (column, column) if column else None
        return
    alias = made.alias(group.table)
    if alias is None:
        yield None
        return
    table = made.path.scope[alias]
    key = made.path.column(alias, table.key) if table.key else None
    label = made.path.column(alias, table.label) if table.label else None
    yield (label, f"{key}\n{label}") if label and key else (key, key) if key else None


def _test(test: Test, made: Written) -> str | None:
    column = made.column(test.column or moment(made.marked, made.path.base.full_name))
    if column is None:
        return None
    return test.said.format(column) if "{}" in test.said else f"{column}{test.said}"


def _tests(made: Written) -> list[str | None]:
    """The conditions of all rows."""
    return [*_conditions(made.frame.tests, made), *(_among(among, made) for among in made.frame.among)]


def _conditions(tests: Iterable[Test], made: Written) -> list[str | None]:
    """Conditions of which several values of one column are alternatives."""
    found: list[str | None] = []
    equal: dict[Targets, list[str]] = {}
    for test in dict.fromkeys(tests):
        if test.said.startswith(" = '"):
            equal.setdefault(test.column, []).append(test.said.removeprefix(" = "))
        else:
            found.append(_test(test, made))
    for column, values in equal.items():
        said = f" = {values[0]}" if len(values) == 1 else f" IN ({', '.join(values)})"
        found.append(_test(Test(column, said), made))
    return found


def _among(among: Among, made: Written) -> str | None:
    for alias, table in made.path.scope.items():
        if (found := _links(among.table, table.full_name, made.marked)) is None:
            continue
        path, last, column, key = found
        inner = Written(replace(made.frame, among=[], tests=[]), made.marked, path)
        since, until = among.period
        days = [Test((), f"{{}} {sign} '{day}'") for sign, day in ((">=", since), ("<", until)) if day]
        tests = [_test(test, inner) for test in (*among.tests, *days)]
        own = path.column(last, column)
        if None in tests:
            return None
        where = _where([*(t for t in tests if t), f"{own} IS NOT NULL"])
        many = f" GROUP BY {own} HAVING count(*){among.said}" if among.said else ""
        sub = f"(SELECT {own} {path.clause}{where}{many})"
        return f"{made.path.column(alias, key)} {'IN' if among.present else 'NOT IN'} {sub}"
    return None


def _number(number: Number, made: Written) -> str | None:
    if isinstance(number, Measure):
        return _measure(number, made)
    top = _measure(number.top, made)
    bottom = _measure(number.bottom, made) if number.bottom else f"sum({top}) OVER ()"
    if top is None or bottom is None:
        return None
    return f"{'100.0' if number.percent else '1.0'} * {top} / {bottom}"


def _measure(measure: Measure, made: Written) -> str | None:
    column = made.column(measure.column) if measure.column else "*"
    tests = _conditions(measure.tests, made)
    if column is None or None in tests:
        return None
    if measure.until:
        until = made.column(measure.until)
        column = f"date_diff('{measure.unit}', {column}, {until})" if until else None
        if column is None:
            return None
    name = {"distinct": "count(DISTINCT "}.get(measure.function, f"{measure.function}(")
    some = f" FILTER (WHERE {' AND '.join(t for t in tests if t)})" if tests else ""
    return f"{name}{column}){some}"


def _bound(bound: Bound, made: Written, tests: list[str]) -> str | None:
    number = _number(bound.number, made)
    if number is None:
        return None
    average = f"(SELECT {number} {made.path.clause}{_where(tests)})"
    return f"{number}{bound.said.format(average=average)}"


def _with_zero(frame: Frame, marked: Marked, base: str) -> str | None:
    """Things with their numbers, those that have no row of it too."""
    things = [g.table for g in frame.groups if g.table and not g.column and not g.unit]
    owners = [owner(g.column) for g in frame.groups if g.column]
    name = next(iter((*things, *(sorted(frame.tables - {base})), *owners)), frame.subject)
    if not name or name == base or len(frame.numbers) != 1 or not isinstance(frame.numbers[0], Measure):
        return None
    thing, rows = marked.table(name), marked.table(base)
    link = next((r for r in marked.catalog.relationships if (r.table, r.to_table) == (base, name)), None)
    if link is None or rows.key is None:
        return None
    path = Path(thing, (Join(thing.name, link.to_column, rows.name, rows, link.column),))
    own = [test for test in frame.tests if not test.column or owner(test.column, (name,)) != name]
    measure = frame.numbers[0]
    counted = (
        Measure("count", base, (f"{base}.{rows.key}",))
        if measure.function == "count" and not measure.column
        else measure
    )
    number = replace(counted, tests=(*measure.tests, *(_timed(test, marked, base) for test in own)))
    made = Written(replace(frame, numbers=[number], tests=[t for t in frame.tests if t not in own]), marked, path)
    groups = frame.groups or [Group(table=name)]
    text = _query(replace(made, frame=replace(made.frame, groups=groups, bounds=[])))
    said = _measure(number, made)
    if text is None or said is None:
        return None
    text = text.replace(" JOIN ", " LEFT JOIN ", 1)
    return text.replace(said, f"coalesce({said}, 0)", 1) if measure.function == "sum" else text


def _timed(test: Test, marked: Marked, base: str) -> Test:
    return test if test.column else replace(test, column=moment(marked, base))


__all__ = ["Table", "identifier", "query", "written"]
