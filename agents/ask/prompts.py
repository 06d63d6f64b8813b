"""What the small model reads, in training and in use alike."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta

from agents.columns import NUMERIC, TEXT, few
from agents.grammar import quote
from data.catalog import Catalog, Column, Table
from retrieval.hints import Hint

DAY = len("2026-11-24")
TASK = "Write one SQL query that answers the question. Tables:"
CODING = "Write one SQL query that carries out the task. Tables:"
"""The same for the adapter that has learnt tasks for code; it is told the task alone, without hints."""
KINDS = {("BOOL",): "bool", ("TIMESTAMP", "DATETIME"): "time", ("DATE",): "date", NUMERIC: "number"}
"""What the model reads for a column of such a type; a number's unit stands in the place of its word."""


def system(catalog: Catalog, values: Mapping[str, Mapping[str, Sequence[str]]], task: str = TASK) -> str:
    """The tables that the caller may see, one a line, under what is to be done with them; the same for all questions,
    so it is kept.

    `values` are the texts that the caller may read, by table and column.
    """
    links = {(r.table, r.column): r.to_table for r in reversed(catalog.relationships)}
    return "\n".join((task, *(_line(table, links, values.get(table.full_name, {})) for table in catalog.tables)))


def _line(table: Table, links: Mapping[tuple[str, str], str], values: Mapping[str, Sequence[str]]) -> str:
    """`air.flight(id key, airline_id -> airline, departed_at time, status 'cancelled' 'landed', fare USD, note)`."""
    told = []
    for column in table.columns:
        facts = ["key"] if column.name == table.key else []
        goal = links.get((table.full_name, column.name))
        facts += [f"-> {goal.removeprefix(f'{table.source}.')}"] if goal else []
        told.append(" ".join((column.name, *(facts or _facts(column, values.get(column.name, ()))))))
    return f"{table.full_name}({', '.join(told)})"


def _facts(column: Column, values: Sequence[str]) -> list[str]:
    """What the column holds: times, numbers in some unit, or a few texts."""
    kind = column.type.upper()
    word = next((word for types, word in KINDS.items() if kind.startswith(types)), "")
    if word:
        return [column.unit or word] if word == "number" else [word]
    return [quote(text) for text in few(values)] if kind.startswith(TEXT) else []


def user(question: str, hints: Iterable[Hint]) -> str:
    """The question, then what its phrases mean."""
    said, told = by_days(question, list(hints))
    return "\n".join((said.strip(), "; ".join(hint.text for hint in told if _telling(hint))))


def one_line(task: str) -> str:
    """A task as that adapter reads it, in training and in use alike."""
    return " ".join(task.split())


def by_days(question: str, hints: Sequence[Hint]) -> tuple[str, list[Hint]]:
    """The question with dates for its periods that are counted from now: a model knows no others from its training.

    Minutes are told as days. The grammar lets it write nothing but the ends that were meant.
    """
    told = list(hints)
    for i, hint in reversed(list(enumerate(hints))):
        if hint.counted:
            told[i] = _of_days(hint)
            question = question[: hint.start] + told[i].span + question[hint.start + len(hint.span) :]
    return question, told


def _of_days(hint: Hint) -> Hint:
    since, until = (literal[:DAY] for literal in hint.literals)
    if since and until and (hint.brief or until == _after(since)):
        return replace(hint, span=f"on {since}", literals=(since, _after(since)))
    return replace(hint, span=f"since {since}" if since else f"before {until}", literals=(since, until))


def _after(day: str) -> str:
    return str(date.fromisoformat(day) + timedelta(days=1))


def _telling(hint: Hint) -> bool:
    """False for a number that the question writes as SQL does."""
    return hint.kind != "number" or bool(hint.operator) or hint.span != hint.literals[0]
