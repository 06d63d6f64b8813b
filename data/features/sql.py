"""The plan of a view as one SELECT, in DuckDB's words or Spark's: where the labels are too many for one machine.

It pairs each question with the events of its entity that can matter, so it costs more than the arrays of `compute`;
its values are the same.
"""

from __future__ import annotations

import sqlglot
from sqlglot import exp

from data.features.fetch import AT, ROW
from data.features.plan import KNOWN, TIME, Output, Plan, key_columns

SEQUENCE = "_seq"
"""The place of an event among its entity's: it tells which is the last of equals."""

PICK = "pick"
PICKS = {"duckdb": "list_extract", "spark": "try_element_at"}
"""What gives an element of a list, from 1 on."""


def select(plan: Plan, history: str, asked: str, dialect: str = "duckdb") -> str:
    """The outputs by `_row`. `history` names a relation of prepared events, `asked` one with `_row`, `_at` (in
    microseconds) and the keys. Moments are given as microseconds, which every engine has alike."""
    outputs = ", ".join(f'{_alive(plan, _value(plan, output))} AS "{output.name}"' for output in plan.outputs)
    keys = " AND ".join(f'e."{key.name}" = q."{key.name}"' for key in plan.keys)
    text = (
        f"SELECT q.{ROW}, {outputs} FROM {asked} AS q LEFT JOIN ({_numbered(plan, history)}) AS e "
        f"ON {keys} AND e.{KNOWN} <= q.{AT} AND e.{TIME} > q.{AT} - {plan.horizon} GROUP BY q.{ROW}, q.{AT}"
    )
    tree = sqlglot.parse_one(text, dialect="duckdb")
    for call in tree.find_all(exp.Anonymous):
        if call.name == PICK:
            call.set("this", PICKS[dialect])
    return tree.sql(dialect=dialect)


def _numbered(plan: Plan, history: str) -> str:
    order = ", ".join((TIME, KNOWN, *(f"{column.name} NULLS FIRST" for column in plan.stored)))
    return (
        f"SELECT *, row_number() OVER (PARTITION BY {key_columns(plan.keys)} ORDER BY {order}) AS {SEQUENCE} "
        f"FROM {history}"
    )


def _alive(plan: Plan, value: str) -> str:
    return f"CASE WHEN max(e.{TIME}) > q.{AT} - {plan.ttl} THEN {value} END"


def _value(plan: Plan, output: Output) -> str:
    within = f"e.{TIME} > q.{AT} - {output.window}"
    column = f"e.{TIME}" if output.stored is None else f"e.{plan.stored[output.stored].name}"
    taken = f"CASE WHEN {within} THEN {column} END"
    total = f"CAST(coalesce(sum({taken}), 0) AS BIGINT)"
    match output.function:
        case "count":
            return f"count({taken})"
        case "approx_distinct":
            return f"count(DISTINCT {taken})"
        case "sum":
            return _scaled(output, total)
        case "avg":
            whole = f"CAST({total} AS DOUBLE) / {_power(output)}"
            return f"CASE WHEN count({taken}) > 0 THEN {whole} / count({taken}) END"
        case "min" | "max":
            return _scaled(output, f"{output.function}({taken})")
        case "last":
            return _scaled(output, _newest(taken))
        case "age":
            when = _newest(f"CASE WHEN {within} AND {column} IS NOT NULL THEN e.{TIME} END")
            return f"CAST(q.{AT} - {when} AS DOUBLE) / 1e6"
    rank = f"CAST(greatest(1, ceil(CAST({output.feature.quantile!r} AS DOUBLE) * count({taken}))) AS BIGINT)"
    ranked = f"{PICK}(list_sort(array_agg({taken}) FILTER (WHERE {within} AND {column} IS NOT NULL)), {rank})"
    return _scaled(output, ranked)


def _newest(taken: str) -> str:
    return f"max_by({taken}, CASE WHEN ({taken}) IS NOT NULL THEN e.{SEQUENCE} END)"


def _scaled(output: Output, value: str) -> str:
    return f"CAST({value} AS DOUBLE) / {_power(output)}" if output.kind == "decimal" else value


def _power(output: Output) -> str:
    return f"1e{output.scale}"
