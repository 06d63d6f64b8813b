"""Step 9: the rows, at fixed versions of the tables, within the budget."""

from __future__ import annotations

import re
import threading

from sqlglot import exp

from data.engines.base import Bounds, Failure, Plan
from data.errors import DataError, Invalid, TooExpensive, Unavailable
from data.gateway.attach import hushed
from data.gateway.query import Door, Query
from data.gateway.seal import seal
from data.observe import observed

PATHS = re.compile(r"(?:[A-Za-z]+://|(?<![\w.])/)[^\s'\",)]+")
VALUES = re.compile(r"(['\"]).*?\1")
VIEWS = re.compile(r'"?~"?\.?"?([\w. ]+?)@[\w.-]+"?')
HINTS = re.compile(r"\s*Did you mean \"[^\"]*(?:~|@)[^\"]*\"\??")
"""Tables that the engine proposes by the names that only it knows."""
ABOUT_SQL = ("BinderException", "CatalogException", "ParserException", "SyntaxException", "NotImplementedException")
"""Failures of the query's own text. All others may quote a value, and that of a row which is hidden."""
POSITION = re.compile(r"\s*LINE \d+:.*", re.DOTALL)

TURN = threading.Lock()
"""Names are set into trees that several threads may share."""


def run(query: Query, door: Door) -> None:
    """Set `query.rows`, `truncated` and `read`; what the engine says goes to the caller without what is not
    theirs."""
    assert query.plan is not None
    params = {**query.params, **query.secrets}
    bounds = Bounds(query.limit, query.budget.memory_bytes, query.stop)
    try:
        text = physical(query, query.plan, door)
        with observed("engine", query.engine):
            rows = door.engines[query.engine].run(query.plan, text, params, bounds)
    except Failure as failure:
        raise worded(failure, query, door) from None
    query.rows, query.truncated, query.read = rows.table, rows.truncated, rows.read


def physical(query: Query, plan: Plan, door: Door) -> str:
    """The query in its engine's dialect, over the names that its tables have there."""
    engine = door.engines[query.engine]
    wanted = query.conditions or [()] * len(query.scanned)
    places = tuple(engine.place(plan, t, conditions) for (_, t), conditions in zip(query.scanned, wanted, strict=True))
    text = query.texts.get(places)
    if text is None:
        with TURN:
            for (node, _), (*schema, name) in zip(query.scanned, places, strict=True):
                node.set("this", exp.to_identifier(name, quoted=True))
                node.set("db", exp.to_identifier(schema[0], quoted=True) if schema else None)
            text = engine.text(query.tree)
            # Where another engine runs, the seal reads the same tree in DuckDB's words.
            sealed = text if engine.dialect == "duckdb" else query.tree.sql(dialect="duckdb", comments=False)
            seal(sealed, query, places, door)
        query.texts.clear()  # older versions are not asked for again
        query.texts[places] = text
    return text


def worded(failure: Failure, query: Query, door: Door) -> DataError:
    """The error for the caller: it tells nothing of rows, names and places that they may not see."""
    match failure.reason:
        case "stopped" if query.stop.reason == "gone":
            return Unavailable("The query was ended: nobody waits for its answer.", "Ask again.")
        case "stopped":
            remedy = "Narrow it down with a filter, or allow it more time."
            seconds = query.stop.seconds
            return TooExpensive(f"The query took longer than {seconds:g} s.", remedy, seconds=seconds)
        case "memory":
            return TooExpensive("The query needs more memory than it may use.", "Narrow it down with a filter.")
    if fault := _fault(failure, query, door):
        return hushed(fault, query) if isinstance(fault, Unavailable) else fault
    if failure.reason == "store":
        remedy = "Ask again; then look at `lakewright doctor`."
        return Unavailable("A store could not be read while the query ran.", remedy)
    return Invalid(f"The query can't run: {_clean(failure, query, door)}", "Correct the SQL (DuckDB's dialect).")


def _fault(failure: Failure, query: Query, door: Door) -> DataError | None:
    """What the stores themselves make of the failure: of a server that has gone, or of a broken file."""
    engine = door.engines[query.engine]
    sources = dict.fromkeys(table.source for _, table in query.scanned)
    return next((fault for source in sources if (fault := engine.fault(source, failure.text))), None)


def _clean(failure: Failure, query: Query, door: Door) -> str:
    text = POSITION.sub("", failure.text.strip()).splitlines()
    message = " ".join(line.strip() for line in text if line.strip())
    message = HINTS.sub("", VIEWS.sub(r"\1", PATHS.sub("…", message))).strip()
    if not door.policy.sees_all(query.principal):
        if failure.kind not in ABOUT_SQL:
            return "an expression in it fails on a value."
        message = VALUES.sub("'…'", message) if "Could not convert" in message else message
    return message if message.endswith((".", "?", "!")) else f"{message}."
