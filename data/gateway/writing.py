"""A statement that writes rows, read apart: what it writes to, and the SELECT that gives the rows."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from data.catalog import Catalog
from data.errors import Forbidden, Invalid, NotFound
from data.policy import Policy, Principal

NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,62}")
"""What a table may be called that is made: its name is also that of a folder, where
`_delta_log` is Delta's own."""

WRITABLE = "delta"
REMEDY = "Write CREATE TABLE source.table AS SELECT …, or INSERT INTO source.table SELECT …."


@dataclass(frozen=True)
class Writing:
    """`sql` is the SELECT, in DuckDB's dialect; `columns` those that an INSERT names, none where it names none."""

    source: str
    table: str
    mode: Literal["create", "append"]
    sql: str
    columns: tuple[str, ...] = ()

    @property
    def full_name(self) -> str:
        return f"{self.source}.{self.table}"


def read_writing(text: str, dialect: str = "duckdb") -> Writing | None:
    """The parts of a statement that makes a table or adds rows to one; None for any other text. Invalid for a form of
    these that is not supported."""
    try:
        trees = [tree for tree in sqlglot.parse(text, read=dialect) if tree is not None]
    except (SqlglotError, RecursionError):
        return None
    found = [tree for tree in trees if isinstance(tree, exp.Create | exp.Insert)]
    if not found:
        return None
    if len(trees) != 1:
        raise Invalid(f"There are {len(trees)} statements, of which one writes.", REMEDY)
    return _created(found[0]) if isinstance(found[0], exp.Create) else _inserted(found[0])


def require_grant(writing: Writing, policy: Policy, principal: Principal) -> None:
    """Forbidden without a write grant."""
    if not policy.may_write(principal, writing.source, writing.table):
        said = f"'{principal.name}' may not write to '{writing.full_name}'."
        raise Forbidden(said, "Ask the owner of the policy for a grant under `writes`.", table=writing.full_name)


def require_writable(writing: Writing, policy: Policy, principal: Principal, visible: Catalog) -> None:
    """Forbidden without a write grant, also for a source that there is not; Invalid for a target that can't be."""
    require_grant(writing, policy, principal)
    if policy.catalog.source(writing.source).kind != WRITABLE:
        raise Invalid(f"'{writing.source}' is no Delta source.", "Write to a source of kind delta.")
    there = writing.full_name in policy.catalog
    if writing.mode == "create" and there:
        raise Invalid(f"There is a table '{writing.full_name}' already.", "Choose another name, or INSERT INTO it.")
    if writing.mode == "create" and not NAME.fullmatch(writing.table):
        raise Invalid(
            f"A new table can't be called '{writing.table}'.", "Begin with a letter; use letters, digits and _."
        )
    if writing.mode == "append" and writing.full_name not in visible:
        raise NotFound(f"There is no table '{writing.full_name}' that you may see.", "CREATE it.")


def _created(tree: exp.Create) -> Writing:
    odd = any(tree.args.get(name) for name in ("replace", "exists", "properties", "with_", "clone", "indexes"))
    if str(tree.args.get("kind")).upper() != "TABLE" or odd or not isinstance(tree.expression, exp.Query):
        raise Invalid("Of statements that make something, only CREATE TABLE … AS SELECT can be run.", REMEDY)
    if not isinstance(tree.this, exp.Table):
        raise Invalid("A table that is made of a SELECT has its columns.", REMEDY)
    return Writing(*_target(tree.this), "create", tree.expression.sql(dialect="duckdb"))


def _inserted(tree: exp.Insert) -> Writing:
    odd = [name for name, value in tree.args.items() if value and name not in ("this", "expression")]
    if odd or not isinstance(tree.expression, exp.Query):
        raise Invalid("Of statements that add rows, only INSERT INTO … SELECT can be run.", REMEDY)
    columns: tuple[str, ...] = ()
    target = tree.this
    if isinstance(target, exp.Schema):
        columns = tuple(column.name for column in target.expressions)
        target = target.this
    twice = next((name for name in columns if [one.lower() for one in columns].count(name.lower()) > 1), None)
    if twice is not None:
        raise Invalid(f"The column '{twice}' is named twice.", "Name each column once.")
    return Writing(*_target(target), "append", tree.expression.sql(dialect="duckdb"), columns)


def _target(table: exp.Expr) -> tuple[str, str]:
    if not isinstance(table, exp.Table) or not table.db or table.catalog or not isinstance(table.this, exp.Identifier):
        raise Invalid(f"'{table.sql(dialect='duckdb')[:80]}' is no `source.table`.", REMEDY)
    odd = [name for name, value in table.args.items() if value and name not in ("this", "db")]
    if odd:
        raise Invalid(f"Behind '{table.db}.{table.name}' stands more than its columns.", REMEDY)
    return table.db, table.name
