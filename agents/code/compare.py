"""A result beside what is expected of it: its columns, and the same in SQL where the writer knows it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from sqlglot import exp

from agents import rowsets, statement
from agents.code import demands
from agents.code.ran import Ran
from agents.code.state import Check, Task
from data.errors import DataError

if TYPE_CHECKING:
    from agents.code.desk import Desk

MOST = 20_000
"""Rows up to which two results are compared."""
SHOWN = 3


def compared(ran: Ran, task: Task, sql: str | None, desk: Desk) -> list[Check]:
    """All that can be said of a result. A check that failed says what is wrong in words that a model may read."""
    checks = [_schema(ran, task), _names(ran), _rows(ran)]
    if short := demands.listed(task, len(ran.columns)):
        checks.append(demands.told(short))
    translated = task.language == "sql" and task.dialect not in (None, statement.DIALECT)
    if sql and (translated or task.language in ("pyspark", "python")):
        checks.append(_differential(ran, sql, desk))
    return checks


def _schema(ran: Ran, task: Task) -> Check:
    if not ran.columns:
        return Check("schema", "failed", "The result has no columns.")
    known = {name.lower() for name in ran.columns}
    lacking = [name for name in task.expects if name.lower() not in known]
    if lacking:
        said = f"The result has no column {', '.join(lacking)}; it has {', '.join(ran.columns)}."
        return Check("schema", "failed", said)
    return Check("schema", "ok", ", ".join(ran.columns))


def _names(ran: Ran) -> Check:
    lower = [name.lower() for name in ran.columns]
    twice = next((name for name in lower if lower.count(name) > 1), None)
    if twice is not None:
        return Check("invariants", "failed", f"Two columns of the result are called '{twice}'.")
    if any(not name.strip() for name in lower):
        return Check("invariants", "failed", "A column of the result has no name.")
    return Check("invariants", "ok", "Each column has a name of its own.")


def _rows(ran: Ran) -> Check:
    assert ran.table is not None
    count = ran.table.num_rows
    if not count:
        return Check("rows", "skipped", "There are no rows: nothing is known of their values.")
    columns = zip(ran.columns, ran.table.columns, strict=True)
    empty = [name for name, column in columns if column.null_count == count] if count > 1 else []
    said = f"{count:,} rows{' and more' if ran.truncated else ''}"
    return Check("rows", "ok", f"{said}; only nulls in {', '.join(empty)}" if empty else said)


def _differential(ran: Ran, sql: str, desk: Desk) -> Check:
    """The rows of the program beside those of its SQL, over the same rows of the tables."""
    from data.sandbox.sampling import sampled

    try:
        gold = desk.query(sampled(sql, ran.sample) if ran.sample else sql)
    except DataError as error:
        return Check("differential", "skipped", f"The SQL for it does not run: {error.message}")
    if gold.truncated or ran.truncated or len(ran.rows) > MOST:
        return Check("differential", "skipped", "There are more rows than are compared.")
    tree = statement.query(sql)
    if _same(gold, ran, tree):
        return Check("differential", "ok", "The same in SQL gives the same rows.")
    return Check("differential", "failed", _difference(gold, ran))


def _same(gold: Ran, ran: Ran, tree: exp.Query) -> bool:
    ours, theirs = rowsets.table(gold.rows), rowsets.table(ran.rows)
    if not rowsets.same(ours, theirs):
        return False
    if not statement.is_ordered(tree) or rowsets.same(ours, theirs, ordered=True):
        return True
    # Rows that are equal by what they are ordered by may come in any order.
    keys = [name for name in _ordering(tree) if name in gold.columns and name in ran.columns]
    return all(_column(gold, name) == _column(ran, name) for name in keys)


def _ordering(tree: exp.Query) -> Iterator[str]:
    for term in tree.args["order"].expressions:
        if isinstance(term.this, exp.Column):
            yield term.this.name


def _column(ran: Ran, name: str) -> Sequence[Any]:
    assert ran.table is not None
    return [rowsets.cell(value) for value in ran.table.column(name).to_pylist()]


def _difference(gold: Ran, ran: Ran) -> str:
    """What is not the same, shortly."""
    if len(gold.columns) != len(ran.columns):
        return f"SQL for the task gives the columns {gold.columns}; the program gives {ran.columns}."
    if len(gold.rows) != len(ran.rows):
        return f"SQL for the task gives {len(gold.rows):,} rows; the program gives {len(ran.rows):,}."
    first, second = gold.rows[:SHOWN], ran.rows[:SHOWN]
    return f"SQL for the task gives other values. Its first rows are {first}; those of the program are {second}."[
        :1_000
    ]
