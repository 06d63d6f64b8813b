"""The query of a frame over its path: groups, or rows."""

from __future__ import annotations

import re
from collections.abc import Iterator

from agents.grammar import quote
from agents.reader.frame import Classes, Frame, Group
from agents.reader.nouns import amount, moment, owner
from agents.reader.peers import tests_of as tests_among
from agents.reader.written import Written, bounded, cut_of, number_of, tested, tests_of, where


def select(made: Written) -> str | None:
    """The query; None where the path has not all that it needs."""
    frame = made.frame
    keys = [key for group in frame.groups for key in _keys(group, made)]
    numbers = [_rounded(number_of(number, made), frame.digits) for number in frame.numbers]
    tests = tests_of(made)
    if None in keys or None in numbers or None in tests:
        return None
    if frame.peers and (frame.numbers or frame.bounds or frame.groups):
        return None
    if frame.numbers or frame.bounds or (not frame.order and frame.groups):
        return _grouped(made, [k for k in keys if k], [n for n in numbers if n], [t for t in tests if t])
    return _listed(made, [k for k in keys if k], [t for t in tests if t])


def _rounded(number: str | None, digits: int) -> str | None:
    return f"round({number}, {digits})" if number and digits >= 0 and not number.startswith("count(") else number


def _grouped(made: Written, keys: list[tuple[str, str]], numbers: list[str], tests: list[str]) -> str | None:
    frame = made.frame
    keys = [*keys, *((column, column) for column in _of_things(made) if (column, column) not in keys)]
    shown = list(dict.fromkeys(shown for shown, _ in keys))
    by = list(dict.fromkeys(part for _, group in keys for part in group.split("\n") if part))
    having = [bounded(bound, made, tests, by) for bound in frame.bounds]
    if None in having or (frame.limit and not (numbers and by)):
        return None
    if frame.ranked and numbers and len(keys) > 1:
        first = keys[0][1].split("\n")[0]
        numbers.append(f"rank() OVER (PARTITION BY {first} ORDER BY {numbers[0]} DESC)")
    text = f"SELECT {', '.join([*shown, *numbers])} {made.path.clause}{where(tests)}"
    text += f" GROUP BY {', '.join(by)}" if by else ""
    text += f" HAVING {' AND '.join(h for h in having if h)}" if having else ""
    direction = " DESC" if frame.descending else ""
    if frame.within and len(shown) > 1 and numbers:
        first = by[0] if "\n" in keys[0][1] else keys[0][0]
        return (
            f"{text} QUALIFY rank() OVER (PARTITION BY {first} ORDER BY {numbers[0]}{direction}) {_within(frame.limit)}"
        )
    numbers = numbers or [number for bound in frame.bounds if (number := number_of(bound.number, made))]
    if frame.order in ("number", "time") and numbers:
        then = [made.column((one,)) for one in frame.then if frame.order == "number"]
        if None in then or any(one not in shown for one in then):
            return None
        text += f" ORDER BY {', '.join((f'{numbers[_sorted_by(frame, numbers)]}{direction}', *(t for t in then if t)))}"
    elif frame.order and shown:
        periods = [cut for cut, group in zip(shown, frame.groups, strict=False) if group.unit]
        sorting = made.column((frame.order,)) if "." in frame.order else (periods or shown)[0]
        then = [
            numbers[_sorted_by(frame, numbers)] + " DESC" if one == "#" else made.column((one,)) for one in frame.then
        ]
        text += f" ORDER BY {', '.join(f'{key}{direction}' for key in (sorting, *then) if key)}"
    return text + (f" LIMIT {frame.limit}" if frame.limit else "")


def _of_things(made: Written) -> Iterator[str]:
    """The columns that are shown of the things that rows are put together by."""
    things = {group.table for group in made.frame.groups if group.table and not group.column and not group.unit}
    for targets in made.frame.columns:
        if owner(targets, things) in things and (column := made.column(targets)):
            yield column


_SORTED = (
    ("avg(", r"\b(?:average|mean|avg)\b"), ("median(", r"\bmedian\b"),
    ("sum(", r"\b(?:total|sum|amount|revenue|volume)\b"),
    ("count(", r"\b(?:count|number|how many)\b"), ("100.0", r"percent|share|rate|%"), ("max(", r"\bmax"),
    ("min(", r"\bmin"),
)  # fmt: skip


def _sorted_by(frame: Frame, numbers: list[str]) -> int:
    """The place of the number that the rows are sorted by: the one that is named, else the last."""
    names = tuple(f"{target.rpartition('.')[2]})" for target in frame.sorted_column)
    own = [at for at, number in enumerate(numbers) if names and any(name in number for name in names)]
    if len(own) == 1:
        return own[0]
    for start, said in _SORTED:
        fit = [at for at, number in enumerate(numbers) if number.startswith(start)]
        if len(fit) == 1 and re.search(said, frame.sorting):
            return fit[0]
    return -1 if len(numbers) > 1 and not frame.limit else 0


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
        size = _size(made) if not _OTHERWISE.fullmatch(frame.sorting) else ""
        sorting = made.column((size,)) if size else None
    if None in shown or (frame.order and sorting is None) or (frame.within and not keys):
        return None
    text = f"SELECT {', '.join(dict.fromkeys(s for s in shown if s))} {made.path.clause}{where(tests)}"
    direction = " DESC" if frame.descending else ""
    if frame.peers:
        told = [tested(test, made) for test in tests_among(frame)]
        if None in told or frame.within:
            return None
        text += f" QUALIFY {' AND '.join(one for one in told if one)}"
    if frame.within:
        by = keys[0][1].split("\n")[0]
        tie = made.column(frame.tie) if frame.tie else None
        first = f"{sorting}{direction}{f', {tie}' if tie else ''}{' DESC' if tie and frame.tie_down else ''}"
        place = f"= {frame.nth}" if frame.nth else _within(frame.limit)
        return f"{text} QUALIFY row_number() OVER (PARTITION BY {by} ORDER BY {first}) {place}"
    text += f" ORDER BY {sorting}{direction}" if frame.order else ""
    return text + (f" LIMIT {frame.limit}" if frame.limit else "")


_OTHERWISE = re.compile(
    r"(?!.*\b(?:amount|value|size|total|ones?|cost|price|volume|sum|rows?|first|number)s?\b)[a-z][a-z ]*"
)
"""Words for what is sorted by that tell no size: the longest running."""


def _size(made: Written) -> str:
    found = amount(made.marked, made.path.base)
    return found[0] if found else ""


def _case(classes: Classes, column: str) -> str:
    column = f"{column} / {classes.per:g}" if classes.per != 1 else column
    cases = " ".join(f"WHEN {test.format(column)} THEN {quote(label)}" for label, test in classes.cases if test)
    rest = next((f" ELSE {quote(label)}" for label, test in classes.cases if not test), "")
    return f"CASE {cases}{rest} END"


def _keys(group: Group, made: Written) -> Iterator[tuple[str, str] | None]:
    """What is shown of a group, and what it is grouped by, a line for each."""
    if group.unit:
        cut = cut_of(group, made)
        yield (cut, cut) if cut else None
        return
    if group.classes:
        column = made.column(group.column)
        cut = _case(group.classes, column) if column else ""
        yield (cut, cut) if column else None
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
