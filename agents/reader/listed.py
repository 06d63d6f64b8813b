"""A task that lists its columns: the rest of it says of which rows, by what, and in which order."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from agents.reader import body
from agents.reader.aggregate import aggregated
from agents.reader.bearing import bearing
from agents.reader.frame import Classes, Frame, Measure, measures_of
from agents.reader.groups import ASKS
from agents.reader.heading import explained, heading
from agents.reader.items import Items
from agents.reader.listing import columns_shown, listing, lists, made_by
from agents.reader.marked import Marked, cut
from agents.reader.named import columns as columns_of
from agents.reader.named import roles, title
from agents.reader.nouns import noun, owner
from agents.reader.numbers import numbers
from agents.reader.opening import opened
from agents.reader.places import enough
from agents.reader.reader import OF_WHICH, clauses, counts, each_its_own
from agents.reader.rest import rest, role_words
from agents.reader.scope import moved, named_tables, narrowed, silent
from agents.reader.settled import classed, in_their_units, parted, settle
from agents.reader.wanted import Made, Wanted
from agents.semantic import Semantic
from retrieval import Context

BETWEEN, TOLD = "|", "~"
"""What stands before each column in the text of a task, and before what is said of it."""
_ONLY = re.compile(
    r"(?:[,(.;:?]|^) ?(?:(?P<a>(?:<[vf]\d+> )+)only|only (?P<b>(?:<[vf]\d+> )+)(?=[).,;]|$)) ?\)?(?=[ ,.;:)]|$)"
)
_OF_FIRST = re.compile(
    r"\b(?:day|week|month|quarter|year|date)s? of (?:their|its|his|her|the) (?:very )?(?:first|last|earliest|latest)\b"
)
"""The period of one row of each thing: no row else counts."""


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
    """The query of the head of a task and the tails that tell its columns."""
    head = heading(head, whole, [" ~ ".join((name, said)) if said else name for name, said in columns])
    if each_its_own(head):
        return None
    frame = Frame(outputs=tuple(name for name, _ in columns))
    text = opened(replace(whole, text=head), frame)
    whole = moved(whole, head, text)
    marked = replace(whole, text=head)
    left = _read(text, frame, marked)
    if left is None or any(word not in explained(columns) for word in bearing(left, marked)):
        return None
    if (classes and not classed(classes, frame, marked)) or _of_itself(frame):
        return None
    return _filled(frame, head, tails, whole, columns)


def _read(text: str, frame: Frame, marked: Marked) -> str | None:
    """What is left of the head when its clauses are in the frame; None for what can't be said with columns."""
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
    return left


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


def _only(text: str, frame: Frame, marked: Marked) -> str:
    """`(captured only)`, of all rows."""
    found = _ONLY.search(text)
    if found is None:
        return text
    frame.tests += noun(found["a"] or found["b"], marked).tests
    return cut(text, found)


def _filled(
    frame: Frame, head: str, tails: list[str], whole: Marked, columns: Sequence[tuple[str, str]]
) -> Made | None:
    """The query of a frame with the columns that are wanted of it."""
    items, whole = _items(frame, head, tails, whole, columns), silent(whole, head)
    body.bare(items)
    if not items.subject:
        return None
    frame.roles |= roles(items)
    if role_words(whole) and not frame.roles and not all(columns_of(want, items) for want in items.wanted):
        return None
    if frame.order == "number" and (frame.limit or frame.within) and frame.numbers:
        items.numbers.append(frame.numbers[0])
    shown = columns_shown(items)
    if all(targets or title(want, items) for want, targets in zip(items.wanted, shown, strict=True)):
        made_by(head, items, shown)
    return listing(items, shown) if lists(items, shown) else aggregated(items)


def _items(frame: Frame, head: str, tails: list[str], whole: Marked, columns: Sequence[tuple[str, str]]) -> Items:
    """The columns that are wanted, over the tables that the task names."""
    tables = named_tables(frame, tails, whole)
    counted = {m.table for bound in frame.bounds for m in measures_of(bound.number)}
    measured = {m.table for one in frame.numbers for m in measures_of(one)}
    marked = narrowed(silent(whole, head), tables, counted, measured)
    wanted = [_wanted(name, said, tail) for (name, said), tail in zip(columns, tails, strict=True)]
    in_their_units(frame, marked)
    frame.each = True
    _own_keys(frame, marked)
    base = list(frame.numbers) or [bound.number for bound in frame.bounds]
    return Items(wanted, frame, marked, tables, body=base, text=whole.text)


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


def _wanted(name: str, said: str, tail: str) -> Wanted:
    """A column with its part of the text in marks."""
    marks, _, told = (part.strip() for part in tail.partition(TOLD))
    return Wanted(name, said, marks or name.lower(), told)
