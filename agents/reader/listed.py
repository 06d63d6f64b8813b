"""A task that lists its columns: the rest of it says of which rows, by what, and in which order."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from agents.reader import body
from agents.reader.bearing import bearing
from agents.reader.cells import cells as cells_of
from agents.reader.frame import Classes, Frame, Group, Measure, Number, Ratio, measures_of
from agents.reader.groups import ASKS
from agents.reader.heading import explained, heading
from agents.reader.items import Items
from agents.reader.marked import MARK, Marked, cut, table_of
from agents.reader.named import columns as columns_of
from agents.reader.named import roles, title
from agents.reader.nouns import is_measure, is_time, moment, noun, owner
from agents.reader.numbers import numbers
from agents.reader.opening import opened
from agents.reader.places import enough
from agents.reader.query import query
from agents.reader.reader import OF_WHICH, clauses, counts, each_its_own
from agents.reader.rest import _roles, rest
from agents.reader.settled import classed, parted, settle, told_in
from agents.reader.wanted import Cell, Wanted
from agents.semantic import Semantic
from retrieval import Context

BETWEEN, TOLD = "|", "~"
"""What stands before each column in the text of a task, and before what is said of it."""


@dataclass(frozen=True)
class Made:
    """A query whose last `numbers` columns are numbers, and what stands in each column that is wanted."""

    sql: str
    cells: tuple[Cell, ...]
    numbers: int


def text_of(question: str, columns: Sequence[tuple[str, str]], catalog_names: frozenset[str]) -> str:
    """The text that is linked: the question, then each column with what is said of it."""
    shown = [
        f"{name if name in catalog_names else name.replace('_', ' ')}{f' {TOLD} {said}' if said else ''}"
        for name, said in columns
    ]
    return f" {BETWEEN} ".join((question, *shown))


def read_listed(
    text: str, context: Context, columns: Sequence[tuple[str, str]], classes: Classes | None = None
) -> Made | None:
    """The query of a text as `text_of` makes it; None where a word that asks something is not understood."""
    semantic = Semantic.of(context.catalog)
    linked = semantic.context(context)
    whole = Marked.of(text, linked)
    head, *tails = [part.strip() for part in whole.text.split(BETWEEN)]
    if (
        len(tails) != len(columns)
        or any(hint.brief for hint in linked.hints)
        or OF_WHICH.search(head)
        or _OF_FIRST.search(head)
    ):
        return None
    made = _made(head, tails, whole, columns, classes)
    return replace(made, sql=semantic.stored(made.sql)) if made else None


def _made(
    head: str, tails: list[str], whole: Marked, columns: Sequence[tuple[str, str]], classes: Classes | None
) -> Made | None:
    head = heading(head, whole, [" ~ ".join((name, said)) if said else name for name, said in columns])
    if each_its_own(head):
        return None
    marked = replace(whole, text=head)
    frame = Frame(outputs=tuple(name for name, _ in columns))
    text = opened(marked, frame)
    whole = _moved(whole, head, text)
    marked = replace(whole, text=head)
    text = _only(text, frame, marked)
    left = clauses(text, frame, marked)
    if frame.before or frame.beside or frame.pivot:
        return None
    frame.ranked = False
    if counts(left, frame) or re.search(r"\b(?:gap|between)\b", left):
        found, left = numbers(left, marked, frame.subject, frame.numbers)
        frame.numbers = list(dict.fromkeys((*frame.numbers, *found)))
    _hoisted(text, frame)
    if not parted(frame):
        return None
    enough(frame)
    rest(left, frame, marked)
    settle(frame)
    if [word for word in bearing(left, marked) if word not in explained(columns)]:
        return None
    if (classes and not classed(classes, frame, marked)) or _of_itself(frame):
        return None
    return _filled(frame, head, tails, whole, columns)


_OF_FIRST = re.compile(
    r"\b(?:day|week|month|quarter|year|date)s? of (?:their|its|his|her|the) (?:very )?(?:first|last|earliest|latest)\b"
)
"""The period of one row of each thing: no row else counts."""


def _of_itself(frame: Frame) -> bool:
    """Whether a bound is on how many things of its own kind each thing is: something else was meant."""
    bounds = [one.number for one in frame.bounds if isinstance(one.number, Measure)]
    return any(
        one.function == "distinct"
        and one.table == frame.subject
        and one.table in {c.rpartition(".")[0] for c in one.column}
        and all(c.endswith("_id") for c in one.column)
        for one in bounds
    )


def _hoisted(text: str, frame: Frame) -> None:
    """Have rows of which no number is asked say which rows there are, where several stretches do: `captured payments
    with cards that are blocked`."""
    numbers = [one for one in frame.numbers if isinstance(one, Measure)]
    tests = list(dict.fromkeys(test for one in numbers for test in one.tests))
    if (
        len(numbers) < 2
        or len(numbers) < len(frame.numbers)
        or any(one.among for one in numbers)
        or re.search(ASKS, text)
    ):
        return
    if len({one.tests for one in numbers}) < 2 or len({test.column for test in tests}) < len(tests):
        return
    frame.tests += [test for test in tests if test not in frame.tests]
    frame.numbers = [replace(one, tests=()) for one in numbers if one.function != "count"]


def _filled(
    frame: Frame, head: str, tails: list[str], whole: Marked, columns: Sequence[tuple[str, str]]
) -> Made | None:
    near = _near(frame, tails, whole)
    text, whole = whole.text, _silent(whole, head)
    counted = {m.table for bound in frame.bounds for m in measures_of(bound.number)}
    marked = _narrowed(whole, near, counted, {m.table for one in frame.numbers for m in measures_of(one)})
    wanted = [_wanted(name, said, tail) for (name, said), tail in zip(columns, tails, strict=True)]
    if frame.per != 1:
        frame.numbers = [told_in(number, frame.per, marked) for number in frame.numbers]
    if frame.fraction:
        frame.numbers = [replace(n, percent=False) if isinstance(n, Ratio) else n for n in frame.numbers]
    frame.each = True
    _own_keys(frame, marked)
    items = Items(wanted, frame, marked, near, body=list(frame.numbers) or [bound.number for bound in frame.bounds])
    items.text = text
    body.bare(items)
    if not items.subject:
        return None
    frame.roles |= roles(items)
    if _roles(whole) and not frame.roles and not all(columns_of(want, items) for want in wanted):
        return None
    if frame.order == "number" and (frame.limit or frame.within) and frame.numbers:
        items.numbers.append(frame.numbers[0])
    named = [columns_of(want, items) or _beside(want, items) for want in wanted]
    if all(targets or title(want, items) for want, targets in zip(wanted, named, strict=True)):
        _made_by(head, frame, named, marked)
    listing = not frame.numbers and not frame.bounds and (frame.within or not frame.groups)
    means = [
        bool(frame.peers) and not targets and _MEAN.search(want.name)
        for want, targets in zip(wanted, named, strict=True)
    ]
    if listing and all(
        targets or mean or title(want, items) for want, targets, mean in zip(wanted, named, means, strict=True)
    ):
        frame.columns = []
        named = [tuple(t for t in targets if t.rpartition(".")[0] == frame.subject) or targets for targets in named]
        _of_child(frame, named, marked)
        frame.shown = [
            one
            for targets, want, mean in zip(named, wanted, means, strict=True)
            if not mean and (one := targets or title(want, items))
        ]
        frame.subject = frame.subject or items.subject
        sql = query(frame, marked)
        cells_ = tuple(Cell(way="mean") if mean else Cell(column=one) for one, mean in zip(named, means, strict=True))
        return Made(sql, cells_, 0) if sql else None
    cells = cells_of(items)
    if cells is None or not items.numbers or _of_rows(items, cells):
        return None
    if _lost(items, frame):
        return None
    frame.columns = []
    _grouped(frame, items, cells)
    days = bool(_EXACT.search(text))
    frame.numbers = [_exact(one) if days or (isinstance(one, Measure) and one.unit != "day") else one
                     for one in items.numbers]  # fmt: skip
    if re.search(r"\bexact\b|interpolated", text):
        frame.numbers = [_interpolated(one) for one in frame.numbers]
    alone = not frame.groups and any(isinstance(one, Ratio) and one.bottom is None for one in frame.numbers)
    if alone or _shared(frame):
        return None
    sql = query(frame, marked)
    return Made(sql, tuple(cells), len(items.numbers)) if sql else None


def _lost(items: Items, frame: Frame) -> bool:
    """Whether the task asks something of the rows of a number that no column asks."""
    numbers = (*items.numbers, *(bound.number for bound in frame.bounds))
    used = [{*m.tests, *frame.tests} for number in numbers for m in measures_of(number)]
    told = [m.tests for one in items.body for m in measures_of(one) if m.tests]
    return any(not any(set(tests) <= own for own in used) for tests in told)


_MEAN = re.compile(r"(?:^|[_ ])(?:avg|average|mean)(?:$|[_ ])", re.I)


def _made_by(head: str, frame: Frame, named: Sequence[tuple[str, ...]], marked: Marked) -> None:
    """Have the rows listed whose columns are shown, where `by` tells who made them: `tracks by artists from Ghana`."""
    counts = [one for one in frame.numbers if isinstance(one, Measure) and one.function == "count" and not one.column]
    things = all(group.table and not group.column and not group.unit for group in frame.groups)
    if not re.search(r"<t\d+> by (?:<[vf]\d+> )*<t", head) or not counts or not things or frame.bounds:
        return
    own = any(target.startswith(f"{counts[0].table}.") for targets in named for target in targets)
    if len(counts) == len(frame.numbers) == 1 and own and not any(is_measure(t, marked) for t in named if t):
        frame.tests += [test for test in counts[0].tests if test not in frame.tests]
        frame.numbers, frame.groups, frame.subject = [], [], counts[0].table


def _beside(want: Wanted, items: Items) -> tuple[str, ...]:
    """The column of each row that a name tells in other words: its date, `disputed amount`."""
    if want.name.lower() in ("date", "day", "time", "when", "timestamp", "date and time"):
        return moment(items.marked, items.subject) if items.subject else ()
    if want.said or title(want, items) or not re.fullmatch(r"(?:<[tcw]\d+> ?)+", want.marks):
        return ()
    one = noun(want.marks, items.marked)
    return one.column or (one.verbs[0] if one.verbs else ())


def _of_child(frame: Frame, named: Sequence[tuple[str, ...]], marked: Marked) -> None:
    """Where columns are shown of rows that point at the subject, these rows are listed."""
    owners = {target.rpartition(".")[0] for targets in named for target in targets if len(targets) == 1}
    owners |= {owner(test.column) for test in frame.tests if test.column and len(test.column) == 1}
    child = [name for name in sorted(owners - {frame.subject}) if frame.subject and marked.link(name, frame.subject)]
    if len(child) == 1 and not frame.within:
        frame.subject = child[0]


def _shared(frame: Frame) -> bool:
    """Whether tables are to be put together by what they have in common without pointing at each other."""
    tables = {m.table for one in frame.numbers for m in measures_of(one)}
    return any(len({owner((one,)) for one in group.column} & tables) > 1 for group in frame.groups)


def _interpolated(number: Number) -> Number:
    """A median between two values with all of its digits."""
    return (
        replace(number, function="quantile") if isinstance(number, Measure) and number.function == "median" else number
    )


def _of_rows(items: Items, cells: Sequence[Cell]) -> bool:
    """Whether a column is the key of the rows that the numbers are of: these would be of a single row each."""
    tables = {m.table for one in items.numbers for m in measures_of(one)}
    keys = {f"{name}.{items.marked.table(name).key}" for name in tables}
    named = [columns_of(want, items) for want, cell in zip(items.wanted, cells, strict=True) if cell.is_key]
    return not items.frame.groups and any(keys & set(targets) for targets in named)


def _own_keys(frame: Frame, marked: Marked) -> None:
    """Groups by a key that rows of another table have, as the key of the rows that are asked for: each listener of
    subscriptions."""
    links = marked.catalog.relationships
    things = {group.table for group in frame.groups if group.table and not group.column and not group.unit}
    for at, group in enumerate(frame.groups):
        own = tuple(target for target in group.column if target.rpartition(".")[0] in things)
        if own and len(group.column) > 1:
            frame.groups[at] = replace(group, column=own)
            continue
        if not frame.subject or not group.column or owner(group.column, (frame.subject,)) == frame.subject:
            continue
        to = next((link.to_table for link in links if f"{link.table}.{link.column}" in group.column), "")
        link = marked.link(frame.subject, to) if to else None
        if link is not None:
            frame.groups[at] = replace(group, column=(f"{link.table}.{link.column}",))


def _moved(marked: Marked, before: str, after: str) -> Marked:
    """The text in which what was linked to a thing that only says which kind another is (`wallet users`) is that of
    the other."""
    dropped = [m.group() for m in MARK.finditer(before) if m[1] == "t" and m.group() not in after]
    hints = list(marked.hints)
    for mark in dropped:
        found = re.search(rf"{mark} (<t\d+>)", before)
        if found is None:
            continue
        first, second = (table_of(marked.hint(one)) for one in (mark, found[1]))
        own = {column.name for column in marked.table(second).columns}

        def to(target: str, first: str = first, second: str = second, own: set[str] = own) -> str:
            table, _, name = target.rpartition(".")
            return f"{second}.{name}" if table == first and name in own else target

        hints = [
            replace(h, targets=tuple(dict.fromkeys(to(t) for t in h.targets))) if h.kind in ("column", "value") else h
            for h in hints
        ]
    return replace(marked, hints=tuple(hints))


_ONLY = re.compile(
    r"(?:[,(.;:?]|^) ?(?:(?P<a>(?:<[vf]\d+> )+)only|only (?P<b>(?:<[vf]\d+> )+)(?=[).,;]|$)) ?\)?(?=[ ,.;:)]|$)"
)


def _only(text: str, frame: Frame, marked: Marked) -> str:
    """`(captured only)`, of all rows."""
    found = _ONLY.search(text)
    if found is None:
        return text
    frame.tests += noun(found["a"] or found["b"], marked).tests
    return cut(text, found)


_EXACT = re.compile(
    r"fractions? of (?:an? )?(?:day|hour)|decimal|fractional|86 ?,?400|3600|don't round|exact (?:days|hours)"
)
_SECONDS = {"day": 86400.0, "hour": 3600.0, "minute": 60.0, "week": 604800.0}


def _exact(number: Number) -> Number:
    """A time in a unit with its fractions."""
    if isinstance(number, Ratio) or not number.until or number.unit not in _SECONDS:
        return number
    return replace(number, per=_SECONDS[number.unit], unit="second")


def _grouped(frame: Frame, items: Items, cells: Sequence[Cell]) -> None:
    """What rows are put together by, where only the columns tell it; and the columns of things."""
    bare = not frame.groups
    subject = items.marked.table(frame.subject) if frame.subject else None
    own = {f"{frame.subject}.{name}" for name in (subject.key, subject.label) if name} if subject else set()
    counted = {m.table for one in items.numbers for m in measures_of(one)}
    if (
        bare
        and frame.subject not in counted
        and any(own & set(columns_of(want, items) or title(want, items)) for want in items.wanted)
    ):
        frame.groups.append(Group(table=frame.subject))
        bare = False
    for want, cell in zip(items.wanted, cells, strict=True):
        targets = cell.column or columns_of(want, items)
        if cell.is_key and not targets and (named := title(want, items)):
            frame.shown.append(named)
            if bare and not frame.groups:
                frame.groups.append(Group(named))
        if not cell.is_key or not targets or is_measure(targets, items.marked):
            continue
        known = any(set(targets) & set(group.column) for group in frame.groups)
        if bare and not known:
            frame.groups.append(Group(targets))
        elif not known:
            frame.shown.append(targets)


def _near(frame: Frame, tails: Sequence[str], marked: Marked) -> frozenset[str]:
    """The tables that a task names; where it names none, those that its groups and its columns are of."""
    every: tuple[Number, ...] = (*frame.numbers, *(bound.number for bound in frame.bounds))
    tables = {m.table for number in every for m in measures_of(number)}
    tables |= {group.table for group in frame.groups if group.table}
    if not (tables | frame.tables or frame.subject):
        tables |= {owner(group.column) for group in frame.groups if len(group.column) == 1}
        tables |= {table_of(marked.hint(m.group())) for tail in tails for m in MARK.finditer(tail) if m[1] == "t"}
    return frozenset(tables | frame.tables | {frame.subject} | {among.table for among in frame.among}) - {""}


def _narrowed(marked: Marked, near: frozenset[str], counted: set[str], measured: set[str]) -> Marked:
    """The text with each word that may name columns of several tables naming those of tables that the task names; a
    moment is first one of the rows that are counted, an amount of those that a number is of."""

    def own(targets: tuple[str, ...]) -> tuple[str, ...]:
        mine = tuple(target for target in targets if target.rpartition(".")[0] in near) or targets
        if is_measure(mine, marked):
            return tuple(sorted(mine, key=lambda target: target.rpartition(".")[0] not in measured))
        if not is_time(mine, marked):
            return mine
        return tuple(sorted(mine, key=lambda target: target.rpartition(".")[0] not in counted))

    hints = tuple(
        replace(hint, targets=own(hint.targets)) if hint.kind in ("column", "value") else hint for hint in marked.hints
    )
    return replace(marked, hints=hints)


def _silent(marked: Marked, head: str) -> Marked:
    """The text in which the words of columns tell no roles: only what is asked of the rows does."""
    said = {int(m[2]) for m in MARK.finditer(head)}
    hints = tuple(hint if at in said else replace(hint, span="") for at, hint in enumerate(marked.hints))
    return replace(marked, text=head, hints=hints) if _ROLES.search(head) else marked


_ROLES = re.compile(r"\b(?:sent|received|sender|receiver|gets?|got|bought|sold)\b|<w\d+>")


def _wanted(name: str, said: str, tail: str) -> Wanted:
    marks, _, told = (part.strip() for part in tail.partition(TOLD))
    return Wanted(name, said, marks or name.lower(), told)
