"""SQL in any dialect: checked and run by the gateway, in its own dialect."""

from __future__ import annotations

from typing import TYPE_CHECKING

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from agents import statement
from agents.code.ran import Ran
from agents.code.state import Check, Task
from data.errors import Forbidden, Invalid
from data.gateway.parse import VERBS
from data.gateway.writing import read_writing, require_writable

if TYPE_CHECKING:
    from agents.code.desk import Desk

CHANGES = VERBS | {"TRUNCATE", "GRANT", "REVOKE", "USE", "PRAGMA"}
"""Words that statements begin with which change something."""


class SQL:
    """A query, or one that fills a table: then its SELECT is what is checked and run."""

    def check(self, code: str, task: Task, desk: Desk) -> list[Check]:
        dialect = task.dialect or statement.DIALECT
        require_dialect(dialect)
        refuse_other(code, dialect)
        checks = []
        writing = read_writing(code, dialect)
        if writing is not None:
            require_writable(writing, desk.gateway.policy, desk.principal, desk.visible)
            checks.append(Check("write", "ok", f"It would {writing.mode} {writing.full_name}, when it is approved."))
        query = reading(code, dialect)
        if not statement.reads_rows(statement.query(query)):
            raise Invalid("The query reads no rows.", "Take its values from tables.")
        desk.gateway.explain(desk.principal, query)
        return [Check("parses", "ok", f"It is one query in {dialect}."), *checks, Check("may read", "ok")]

    def run(self, code: str, task: Task, desk: Desk) -> Ran:
        return desk.query(reading(code, task.dialect or statement.DIALECT))


def refuse_other(code: str, dialect: str) -> None:
    """Forbidden for a statement that changes something in another way than by filling a table."""
    try:
        trees = [tree for tree in sqlglot.parse(code, read=dialect) if tree is not None]
    except (SqlglotError, RecursionError):
        return  # What is no SQL can be mended, and is told so below.
    first = code.split(maxsplit=1)[0].upper() if code.strip() else ""
    for tree in trees:
        if isinstance(tree, exp.DDL | exp.DML | exp.Command) or first in CHANGES:
            if isinstance(tree, exp.Query | exp.Create | exp.Insert):
                continue
            raise Forbidden(f"'{tree.key.upper()}' is not allowed: data can only be read.", "Write one SELECT.")


def reading(code: str, dialect: str) -> str:
    """The SELECT of a text in the gateway's dialect."""
    writing = read_writing(code, dialect)
    return writing.sql if writing is not None else statement.translated(code, dialect)


def require_dialect(name: str) -> None:
    """Invalid for a dialect that nobody knows."""
    if not statement.is_dialect(name):
        raise Invalid(f"There is no SQL dialect '{name}'.", "Use one such as duckdb, spark, postgres or mysql.")
