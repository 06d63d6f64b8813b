"""A task's text to the query that it asks for, where every word of it is understood; None where one is not."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from agents.columns import keys
from agents.reader import bounds, conditions, groups, order, others, pairs, periods, pivot, previous
from agents.reader.frame import Classes, Frame, Group, Measure, Number, Ratio, Targets, Test, measures_of
from agents.reader.joins import links
from agents.reader.marked import MARK, Marked, table_of
from agents.reader.nouns import NP, amount, divisor, is_measure, noun, owner
from agents.reader.numbers import SHARE, numbers
from agents.reader.opening import opened
from agents.reader.query import query
from agents.reader.rest import unread
from agents.semantic import Semantic
from data.naming import single, words
from retrieval import Context

_OF_PART = (conditions.like, periods.weekdays, others.without, others.having, bounds.bounded)
"""The clauses that tell what a share is of, behind `percentage of users that`."""
_PART = re.compile(
    rf"{SHARE} {NP}(?:,? ?(?:per|by|in each|for each) {NP})?"
    r"(?:that|which|who|whose|where|with|without|included?|had|have|ha[sd]|were|was|are|is|do|does|did|we|never)\b"
)
Clause = Callable[[str, Frame, Marked], str]
CLAUSES: tuple[Clause, ...] = (
    previous.previous, bounds.periods_over, bounds.counts, groups.ranks, order.ordering, conditions.rounded, conditions.fraction, conditions.as_zero, conditions.only, others.zero, conditions.excluding, conditions.like, bounds.averages,
    periods.weekdays, pairs.later, pairs.compared, pairs.repeated, pivot.columns, others.without, periods.periods, groups.groups, groups.leaders, order.limits,
    others.having, bounds.bounded, order.firsts,
)  # fmt: skip


def read(text: str, context: Context, outputs: tuple[str, ...] = (), classes: Classes | None = None) -> str | None:
    """The query, in DuckDB's SQL, for a text in which the context's hints stand; `outputs` are the columns that it is
    to have, as far as they are known by name, and `classes` are grouped by. It is over what is stored, but made over what that means: a day that is
    stored as a number or a text is compared as such."""
    semantic = Semantic.of(context.catalog)
    made = _read(text, semantic.context(context), outputs, classes)
    return semantic.stored(made) if made else None


def _read(text: str, context: Context, outputs: tuple[str, ...], classes: Classes | None) -> str | None:
    strange = [name for name in context.unknown if not periods.is_day(name)]
    if strange or any(hint.brief for hint in context.hints):
        return None
    marked = Marked.of(text, context)
    frame = Frame(outputs=outputs)
    left = opened(marked, frame)
    if re.search(r"<d\d+> (?:of )?<d\d+>", left):
        return None
    part = bool(_PART.search(left))
    for clause in CLAUSES:
        before = len(frame.tests)
        left = clause(left, frame, marked)
        if part and clause in _OF_PART:
            frame.parts += frame.tests[before:]
            del frame.tests[before:]
    if part:
        frame.part_among, frame.among = frame.among, []
    if frame.before:
        _rest(left, frame, marked)
        return query(frame, marked) if not unread(left, frame, marked) else None
    asks = bool(re.search(groups.ASKS, left))
    if _counts(left, frame):
        bounded = [bound.number for bound in frame.bounds]
        found, left = numbers(left, marked, frame.subject, [*frame.numbers, *bounded])
        frame.numbers = list(dict.fromkeys((*frame.numbers, *found)))
    within = {number.within for number in frame.numbers if isinstance(number, Ratio) and number.within}
    frame.groups += [Group(one) for one in within if not any(set(one) & set(group.column) for group in frame.groups)]
    if frame.per != 1:
        frame.numbers = [_told_in(number, frame.per, marked) for number in frame.numbers]
    if frame.fraction:
        frame.numbers = [replace(n, percent=False) if isinstance(n, Ratio) else n for n in frame.numbers]
    if not _parted(frame):
        return None
    _rest(left, frame, marked)
    _settle(frame)
    _beside(frame, marked)
    if unread(left, frame, marked) or (asks and not frame.numbers) or not _told(left, frame, marked):
        return None
    if classes and not _classed(classes, frame, marked):
        return None
    periods.set_beside(frame)
    if frame.pivot and not pivot.spread(frame, marked):
        return None
    _by_outputs(frame, marked, outputs)
    if frame.bounds and not frame.numbers and len(outputs) > 1:
        frame.numbers = [frame.bounds[0].number]
    _of_things(frame, marked)
    if frame.bounds and not frame.groups:
        return None
    return query(frame, marked)


def _told_in(number: Number, per: float, marked: Marked) -> Number:
    """The number in another unit of time, where it is one."""
    if (
        isinstance(number, Ratio)
        or not number.column
        or marked.column(number.column[0])[1].unit not in ("s", "min", "h")
    ):
        return number
    return number if number.function in ("count", "distinct") else replace(number, per=per)


def _classed(classes: Classes, frame: Frame, marked: Marked) -> bool:
    """Group by classes of the column that they are of: the one that is named, else the amount of what is counted."""
    tables = list(dict.fromkeys(m.table for number in frame.numbers for m in measures_of(number)))
    if not tables:
        return False
    named = [
        f"{table}.{column.name}"
        for table in tables
        for column in marked.table(table).columns
        if classes.by and words(column.name)[0] in {single(word) for word in words(classes.by)}
    ]
    column = (named[0],) if named else amount(marked, marked.table(tables[0]))
    per = divisor(classes.unit, column, marked) if classes.unit and column else 1
    frame.groups.insert(0, Group(column, classes=replace(classes, per=per)))
    return bool(column) and bool(per)


def _parted(frame: Frame) -> bool:
    """Give the part of a share what is asked of it alone; False where no share takes it."""
    if not (frame.parts or frame.part_among):
        return True
    open_ = [
        n for n in frame.numbers if isinstance(n, Ratio) and not n.top.column and not (n.bottom and n.bottom.tests)
    ]
    if len(open_) != 1:
        return False
    whole = open_[0].top
    top = replace(whole, tests=(*whole.tests, *frame.parts), among=tuple(frame.part_among))
    made = replace(open_[0], top=top, bottom=whole)
    frame.numbers = [made if number is open_[0] else number for number in frame.numbers]
    return True


def _by_outputs(frame: Frame, marked: Marked, outputs: tuple[str, ...]) -> None:
    """Numbers that are asked for beside a key are those of each key; a column of another table is shown from there."""
    base = frame.numbers[0] if frame.numbers else frame.bounds[0].number if frame.bounds else None
    name = base.table if isinstance(base, Measure) else base.top.table if base else frame.subject
    own = marked.table(name) if name else None
    for output in outputs:
        if own is None:
            return
        same = next((c.name for c in own.columns if words(c.name) == words(output)), "")
        _measured_by(output, frame, marked)
        if same and base and not frame.groups and same in keys(marked.catalog, own) and same != own.key:
            frame.groups.append(Group((f"{name}.{same}",)))
        elif not same and (other := _elsewhere(output, marked)):
            frame.shown.append((other,))
            _of_child(other.rpartition(".")[0], frame, base is not None)


def _of_child(table: str, frame: Frame, counted: bool) -> None:
    """Where columns are shown of the rows that there are to be of a thing, these rows are listed with it."""
    told = [among for among in frame.among if among.table == table and among.present and not among.said]
    if len(told) == 1 and not counted and not any(told[0].period):
        frame.among.remove(told[0])
        frame.tests += told[0].tests
        frame.subject = table


_AMOUNT = {"value", "amount", "total", "revenue", "volume", "sum", "fee", "spend"}


def _measured_by(output: str, frame: Frame, marked: Marked) -> None:
    """`hours` of what is kept in seconds; the number itself beside its share of all."""
    said = {single(word) for word in words(output)}
    alone = frame.numbers[0] if len(frame.numbers) == 1 else None
    for unit in said & {"hour", "minute", "day"}:
        if isinstance(alone, Measure) and alone.column and (per := divisor(unit, alone.column, marked)):
            frame.numbers = [replace(alone, per=per)]
    if isinstance(alone, Ratio) and alone.bottom is None and said & _AMOUNT and not said & {"share", "percent"}:
        frame.numbers = [alone.top, alone]


def _elsewhere(output: str, marked: Marked) -> str:
    """`artist name` as the column of another table."""
    said = [single(word) for word in words(output)]
    for table in marked.catalog.tables:
        for column in table.columns:
            thing = [single(word) for word in words(table.name)]
            if said == thing and column.name == table.label:
                return f"{table.full_name}.{column.name}"
            if said == [*thing, *(single(word) for word in words(column.name))]:
                return f"{table.full_name}.{column.name}"
    return ""


def _counts(left: str, frame: Frame) -> bool:
    """Whether numbers are asked for, not rows."""
    asks = re.search(
        r"\b(?:numbers?|counts?|how (?:many|much|often)|totals?|sums?"
        r"|averages?|mean|avg|median|min|max|minimum|maximum|"
        r"shares?|percent\w*|proportion|fraction|ratio|rate|distinct|divided|smallest|largest|highest|lowest|earliest|"
        r"latest|first|last)\b|%",
        left,
    )
    listed = frame.order and frame.order not in ("number", "period")
    return not (listed and frame.within) and bool(
        asks or (frame.groups and not (frame.numbers or frame.bounds)) or frame.beside
    )


def _rest(left: str, frame: Frame, marked: Marked) -> None:
    """What no clause took: adjectives ask for rows, tables are named, columns are shown."""
    first = re.search(r"<t(\d+)>", left)
    if not frame.subject and first and not frame.numbers:
        frame.subject = table_of(marked.hints[int(first[1])])
    said = noun(left.replace(" of ", " "), marked)
    frame.tests += [test for test in said.tests if test not in frame.tests]
    frame.tables |= _named_tables(frame.text, marked) | {owner(verb) for verb in said.verbs}
    frame.tests += [Test(verb, " IS NOT NULL") for verb in _done(left, marked) if not _told_when(verb, frame, marked)]
    shown = [marked.hints[int(m[2])].targets for m in MARK.finditer(left) if m[1] == "c"]
    frame.columns += shown
    if not frame.subject and not frame.numbers:
        named = [*(test.column for test in frame.tests if test.column), *shown]
        frame.subject = owner(named[0]) if named else ""


def _done(left: str, marked: Marked) -> list[Targets]:
    """The moments of what has happened to the rows: `offers that were accepted`, `accepted offers`."""
    found = re.findall(r"(?:that|which|who) (?:were|was|have been|has been|are|is|had) (<w\d+>)|^(<w\d+>) <t", left)
    return [marked.hint(mark).targets for pair in found for mark in pair if mark]


def _told_when(verb: Targets, frame: Frame, marked: Marked) -> bool:
    """Whether every row has such a moment: it is when the row came to be; or something else is asked of it."""
    table, column = marked.column(verb[0])
    return column.name == table.time or any(test.column == verb for test in frame.tests)


def _told(left: str, frame: Frame, marked: Marked) -> bool:
    """Whether what is left over says nothing else: neither a column beside numbers, nor a part of a share."""
    if not (frame.numbers or frame.bounds):
        return frame.within or not frame.groups or not any(is_measure(one, marked) for one in frame.columns)
    taken = {test.column for test in frame.tests} | {group.column for group in frame.groups}
    taken |= {m.column for bound in frame.bounds for m in measures_of(bound.number)}
    things = {group.table for group in frame.groups if group.table and not group.column and not group.unit}
    over = [
        one
        for one in frame.columns
        if not any(set(one) & set(other) for other in taken) and owner(one, things) not in things
    ]
    parts = any(isinstance(one, Ratio) and one.bottom is None for one in frame.numbers)
    return not over and not (parts and re.search(r"<[vf]\d+>", left))


def _named_tables(text: str, marked: Marked) -> set[str]:
    """The tables that a text names."""
    return {table_of(marked.hints[int(m[2])]) for m in MARK.finditer(text) if m[1] == "t"}


def _beside(frame: Frame, marked: Marked) -> None:
    """`artists from France with their number of tracks`: the first are what the others are counted for."""
    if not frame.numbers:
        return
    counted = [n for n in frame.numbers if n == Measure("count", frame.subject)]
    first = counted[0] if counted and frame.subject else frame.numbers[0]
    others = [number for number in frame.numbers if number is not first]
    if frame.groups or not others or not isinstance(first, Measure) or first.function != "count" or first.column:
        return
    if all(links(m.table, first.table, marked) for one in others for m in measures_of(one)):
        frame.numbers, frame.tests = list(others), [*frame.tests, *first.tests]
        frame.groups = [Group(table=first.table)]


def _of_things(frame: Frame, marked: Marked) -> None:
    """Numbers that are told of things of which something is asked are those of each thing."""
    every = [m for number in frame.numbers for m in measures_of(number)]
    if not frame.among or not every or frame.groups or any(m.table == frame.subject for m in every):
        return
    if all(links(m.table, frame.subject, marked) for m in every):
        frame.groups = [Group(table=frame.subject)]


def _settle(frame: Frame) -> None:
    """A number that is shown and bounded is one: what its bound asks of the rows holds for both."""
    known = {(m.function, m.column): m for bound in frame.bounds if isinstance(m := bound.number, Measure)}
    frame.numbers = [
        known.get((one.function, one.column), one) if isinstance(one, Measure) and not one.tests else one
        for one in frame.numbers
    ]
