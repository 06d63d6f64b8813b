"""The tables that a task names, and its words as they name columns of these."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from agents.reader.frame import Frame, Number, Targets, measures_of
from agents.reader.marked import MARK, Marked, table_of
from agents.reader.nouns import is_measure, is_time, owner

_ROLES = re.compile(r"\b(?:sent|received|sender|receiver|gets?|got|bought|sold)\b|<w\d+>")


def named_tables(frame: Frame, tails: Sequence[str], marked: Marked) -> frozenset[str]:
    """The tables that a task names; where it names none, those that its groups and its columns are of."""
    every: tuple[Number, ...] = (*frame.numbers, *(bound.number for bound in frame.bounds))
    tables = {m.table for number in every for m in measures_of(number)}
    tables |= {group.table for group in frame.groups if group.table}
    if not (tables | frame.tables or frame.subject):
        tables |= {owner(group.column) for group in frame.groups if len(group.column) == 1}
        tables |= {table_of(marked.hint(m.group())) for tail in tails for m in MARK.finditer(tail) if m[1] == "t"}
    return frozenset(tables | frame.tables | {frame.subject} | {among.table for among in frame.among}) - {""}


def narrowed(marked: Marked, near: frozenset[str], counted: set[str], measured: set[str]) -> Marked:
    """The text with each word that may name columns of several tables naming those of tables that the task names; a
    moment is first one of the rows that are counted, an amount of those that a number is of."""

    def own(targets: Targets) -> Targets:
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


def silent(marked: Marked, head: str) -> Marked:
    """The text in which the words of columns tell no roles: only what is asked of the rows does."""
    said = {int(m[2]) for m in MARK.finditer(head)}
    hints = tuple(hint if at in said else replace(hint, span="") for at, hint in enumerate(marked.hints))
    return replace(marked, text=head, hints=hints) if _ROLES.search(head) else marked


def moved(marked: Marked, before: str, after: str) -> Marked:
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
