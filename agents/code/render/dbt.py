"""A dbt model: the SQL of a query whose tables are sources of the project."""

from __future__ import annotations

from sqlglot import exp

from agents import statement
from agents.code.render.sql import tidied


def program(sql: str, dialect: str | None = None, names: tuple[str, ...] = ()) -> str:
    """The model: `{{ source('square', 'payments') }}` in the place of each table."""
    tree = tidied(sql, names)
    places: dict[str, str] = {}
    for number, table in enumerate(list(tree.find_all(exp.Table))):
        if not isinstance(table.this, exp.Identifier) or not table.db:
            continue
        mark = f"lakewright_source_{number}"
        places[mark] = f"{{{{ source({table.db!r}, {table.name!r}) }}}}"
        alias = table.alias or table.name
        joins = table.args.get("joins")
        made = exp.Table(this=exp.to_identifier(mark), alias=exp.TableAlias(this=exp.to_identifier(alias)))
        if joins:
            made.set("joins", joins)
        table.replace(made)
    text = tree.sql(dialect=dialect or statement.DIALECT, pretty=True)
    for mark in sorted(places, key=len, reverse=True):
        text = text.replace(mark, places[mark])
    return f"{{{{ config(materialized='view') }}}}\n\n{text}\n"
