"""Step 6: the rows, at fixed versions of the tables, within the time limit."""

from __future__ import annotations

import re

from sqlglot import exp

from data.engines.database import SCHEMA
from data.engines.duckdb import Plan
from data.errors import DataError, Invalid, TooExpensive, Unavailable
from data.gateway.query import Door, Query

PATHS = re.compile(r"(?:[A-Za-z]+://|(?<![\w.])/)[^\s'\",)]+")
VALUES = re.compile(r"(['\"]).*?\1")
VIEWS = re.compile(r'"?~"?\.?"?([\w. ]+?)@[\w.-]+"?')
POSITION = re.compile(r"\s*LINE \d+:.*", re.DOTALL)


def run(query: Query, door: Door) -> None:
    """Set `query.plan`, `rows` and `truncated`; what DuckDB says goes to the caller without what is not
    theirs."""
    import duckdb

    query.plan = door.engine.plan(table for _, table in query.scanned)
    sql = _physical(query, query.plan)
    params = {**query.params, **query.secrets}
    try:
        rows = door.engine.run(query.plan, sql, params, query.timeout)
    except duckdb.Error as error:
        raise _translated(error, query, door) from None
    query.truncated = rows.num_rows > query.limit
    query.rows = rows.slice(0, query.limit)


def _physical(query: Query, plan: Plan) -> str:
    for node, table in query.scanned:
        view = plan.scans[table.full_name.lower()].view
        node.set("this", exp.to_identifier(view, quoted=True))
        node.set("db", exp.to_identifier(SCHEMA, quoted=True))
    return query.tree.sql(dialect="duckdb")


def _translated(error: Exception, query: Query, door: Door) -> DataError:
    import duckdb

    if isinstance(error, duckdb.InterruptException):
        remedy = "Narrow it down with a filter, or allow it more time."
        return TooExpensive(f"The query took longer than {query.timeout:g} s.", remedy, seconds=query.timeout)
    if isinstance(error, duckdb.OutOfMemoryException):
        return TooExpensive("The query needs more memory than it may use.", "Narrow it down with a filter.")
    for source in dict.fromkeys(table.source for _, table in query.scanned):
        fault = door.engine.sources[source].fault(str(error))
        if fault is not None:
            return fault
    if isinstance(error, duckdb.IOException | duckdb.FatalException | duckdb.InternalException):
        return Unavailable(
            "A store could not be read while the query ran.", "Ask again; then look at `lakewright doctor`."
        )
    return Invalid(f"The query can't run: {_clean(error, query, door)}", "Correct the SQL (DuckDB's dialect).")


def _clean(error: Exception, query: Query, door: Door) -> str:
    text = POSITION.sub("", str(error).strip()).splitlines()
    message = " ".join(line.strip() for line in text if line.strip())
    message = VIEWS.sub(r"\1", PATHS.sub("…", message))
    if type(error).__name__ == "ConversionException" and not door.policy.sees_all(query.principal):
        message = VALUES.sub("'…'", message)
    return message if message.endswith((".", "?", "!")) else f"{message}."
