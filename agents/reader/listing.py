"""Rows that are listed with columns of theirs, where no number of them is asked for."""

from __future__ import annotations

import re
from collections.abc import Sequence

from agents.reader.frame import Frame, Measure, Targets
from agents.reader.items import Items
from agents.reader.marked import Marked
from agents.reader.named import columns, title
from agents.reader.nouns import is_measure, moment, noun, owner
from agents.reader.query import query
from agents.reader.wanted import Cell, Made, Wanted

_MEAN = re.compile(r"(?:^|[_ ])(?:avg|average|mean)(?:$|[_ ])", re.I)


def columns_shown(items: Items) -> list[Targets]:
    """The column of the rows that each name tells, () for none."""
    return [columns(want, items) or _beside(want, items) for want in items.wanted]


def lists(items: Items, named: Sequence[Targets]) -> bool:
    """Whether rows are listed, all of whose columns are known."""
    frame = items.frame
    if frame.numbers or frame.bounds or (frame.groups and not frame.within):
        return False
    return all(
        targets or _is_mean(want, targets, items) or title(want, items)
        for want, targets in zip(items.wanted, named, strict=True)
    )


def listing(items: Items, named: Sequence[Targets]) -> Made | None:
    """The query that lists the rows."""
    frame, marked, subject = items.frame, items.marked, items.frame.subject
    frame.columns = []
    shown = [tuple(t for t in targets if t.rpartition(".")[0] == subject) or targets for targets in named]
    _of_child(frame, shown, marked)
    means = [_is_mean(want, targets, items) for want, targets in zip(items.wanted, shown, strict=True)]
    every = [targets or title(want, items) for want, targets in zip(items.wanted, shown, strict=True)]
    frame.shown = [one for one, mean in zip(every, means, strict=True) if one and not mean]
    frame.subject = frame.subject or items.subject
    sql = query(frame, marked)
    cells = [Cell(way="mean") if mean else Cell(column=one) for one, mean in zip(shown, means, strict=True)]
    return Made(sql, tuple(cells), 0) if sql else None


def _is_mean(want: Wanted, targets: Targets, items: Items) -> bool:
    """Whether a column is the mean of the peers that each row is compared with."""
    return bool(items.frame.peers) and not targets and bool(_MEAN.search(want.name))


def made_by(head: str, items: Items, named: Sequence[Targets]) -> None:
    """Have the rows listed whose columns are shown, where `by` tells who made them: `tracks by artists from Ghana`."""
    frame, marked = items.frame, items.marked
    counts = [one for one in frame.numbers if isinstance(one, Measure) and one.function == "count" and not one.column]
    things = all(group.table and not group.column and not group.unit for group in frame.groups)
    if not re.search(r"<t\d+> by (?:<[vf]\d+> )*<t", head) or not counts or not things or frame.bounds:
        return
    own = any(target.startswith(f"{counts[0].table}.") for targets in named for target in targets)
    if len(counts) == len(frame.numbers) == 1 and own and not any(is_measure(t, marked) for t in named if t):
        frame.tests += [test for test in counts[0].tests if test not in frame.tests]
        frame.numbers, frame.groups, frame.subject = [], [], counts[0].table


def _beside(want: Wanted, items: Items) -> Targets:
    """The column of each row that a name tells in other words: its date, `disputed amount`."""
    if want.name.lower() in ("date", "day", "time", "when", "timestamp", "date and time"):
        return moment(items.marked, items.subject) if items.subject else ()
    if want.said or title(want, items) or not re.fullmatch(r"(?:<[tcw]\d+> ?)+", want.marks):
        return ()
    one = noun(want.marks, items.marked)
    return one.column or (one.verbs[0] if one.verbs else ())


def _of_child(frame: Frame, named: Sequence[Targets], marked: Marked) -> None:
    """Where columns are shown of rows that point at the subject, these rows are listed."""
    owners = {target.rpartition(".")[0] for targets in named for target in targets if len(targets) == 1}
    owners |= {owner(test.column) for test in frame.tests if test.column and len(test.column) == 1}
    child = [name for name in sorted(owners - {frame.subject}) if frame.subject and marked.link(name, frame.subject)]
    if len(child) == 1 and not frame.within:
        frame.subject = child[0]
