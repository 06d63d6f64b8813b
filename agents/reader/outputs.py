"""What the names of the wanted columns say of the query."""

from __future__ import annotations

from dataclasses import replace

from agents.columns import keys
from agents.reader.frame import Frame, Group, Measure, Ratio
from agents.reader.marked import Marked
from agents.reader.nouns import divisor
from data.naming import single, words


def by_outputs(frame: Frame, marked: Marked, outputs: tuple[str, ...]) -> None:
    """Numbers that are asked for beside a key are those of each key; a column of another table is shown from there."""
    _people(frame, marked, outputs)
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


def _people(frame: Frame, marked: Marked, outputs: tuple[str, ...]) -> None:
    """Rows that are put together by a key are by the thing that it points at where columns of that are shown: the
    senders' names."""
    for at, group in enumerate(frame.groups):
        if len(group.column) != 1 or group.unit:
            continue
        table, _, name = group.column[0].rpartition(".")
        links = marked.catalog.relationships
        to = next((link.to_table for link in links if (link.table, link.column) == (table, name)), "")
        own = [words(column.name) for column in marked.table(table).columns]
        theirs = [words(column.name) for column in marked.table(to).columns] if to else []
        if any(words(output) in theirs and words(output) not in own for output in outputs):
            frame.groups[at] = Group(table=to)


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
