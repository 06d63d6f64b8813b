"""Values that a query of its own gives: one that the hints have, or one that the asking agent writes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from agents.forms.binding import Binding
from agents.forms.got import Got, Offer
from agents.forms.sight import Sight
from agents.forms.state import Source
from agents.forms.subject import relation
from data.catalog import Table
from data.errors import Invalid
from data.policy import Principal
from data.sources.base import quoted
from data.values import plain

UNSURE = 0.5
LONGEST_LIST = 50
KEY = "key"
NOBODY = "It would be asked of the lakehouse in words, and nothing that answers is set up here."


@dataclass(frozen=True)
class Told:
    """The answer to a question: the governed SQL that gave it."""

    sql: str


Asks = Callable[[Principal, str], Told | None]
"""Asks a question about the lakehouse as somebody; None where that has no answer."""


def queried(sight: Sight, binding: Binding, key: Any, today: datetime) -> Got:
    """The one value that a binding's query gives for a subject, or its list of values."""
    sql = binding.name
    result = sight.gateway.query(sight.principal, sql, params=_given(sql, key), limit=LONGEST_LIST, question="form")
    rows = result.table.to_pylist()
    if result.table.num_columns != 1:
        raise Invalid("A form's query gives one column.", "Select the value alone.")
    values = [next(iter(row.values())) for row in rows]
    if not values or values == [None]:
        return Got(None, None, "The lakehouse holds nothing here for this subject.")
    tables = [use.table for use in result.sources]
    source = Source(
        "query", ", ".join(tables), key=plain(key), query=sql, audit_id=result.audit_id,
        version=", ".join(str(use.version) for use in result.sources),
    )  # fmt: skip
    value = values[0] if len(values) == 1 else values
    return Got(value * binding.factor if binding.factor != 1.0 and isinstance(value, int | float) else value, source)


def answered(sight: Sight, asks: Asks | None, binding: Binding, table: Table, key: Any, today: datetime) -> Got:
    """What the asking agent makes of the binding's question, for a person to confirm. Its SQL is run again with the
    subject's key in the place of the subject's name, and does not count where it names no subject."""
    if asks is None:
        return Got(None, None, NOBODY)
    label = label_of(sight, table, key)
    told = asks(sight.principal, _question(binding.name, table, key, label))
    sql = about_key(told.sql, table, key, label) if told is not None else None
    if sql is None:
        return Got(None, None, "The question about it has no answer that is about this subject alone.")
    made = Binding("query", name=sql, factor=binding.factor)
    got = queried(sight, made, key, today)
    if got.source is None:
        return got
    offer = Offer(got.value, got.source, f"answer to '{binding.name}': {sql}", made, UNSURE)
    return Got(None, None, offers=(offer,))


def about_key(sql: str, table: Table, key: Any, label: str) -> str | None:
    """SQL about one subject as SQL about whichever has the key $key; None where it does not name this subject."""
    import sqlglot
    from sqlglot import exp

    try:
        tree = sqlglot.parse_one(sql, dialect="duckdb")
    except sqlglot.ParseError:
        return None
    found = False
    for equal in list(tree.find_all(exp.EQ)):
        column, value = (equal.left, equal.right) if isinstance(equal.left, exp.Column) else (equal.right, equal.left)
        if not isinstance(column, exp.Column) or not isinstance(value, exp.Literal):
            continue
        is_label = value.is_string and column.name == table.label and value.this == label
        if is_label or (column.name == table.key and value.this == str(plain(key))):
            own = exp.Column(this=exp.to_identifier(table.key, quoted=True), table=column.args.get("table"))
            equal.replace(exp.EQ(this=own, expression=exp.Parameter(this=exp.var(KEY))))
            found = True
    return tree.sql(dialect="duckdb") if found else None


def _question(words: str, table: Table, key: Any, label: str) -> str:
    """A question with the subject's name in it."""
    named = label or f"{table.name} {plain(key)}"
    return words.replace("{subject}", named) if "{subject}" in words else f"{words} of '{named}'"


def label_of(sight: Sight, table: Table, key: Any) -> str:
    """What the subject is called; "" where it has no name that the caller sees."""
    if not table.label or table.label not in table:
        return ""
    sql = f"SELECT {quoted(table.label)} FROM {relation(table)} WHERE {quoted(table.key or '')} = $key"
    found = sight.gateway.query(sight.principal, sql, params={KEY: key}, limit=1, question="form").table.to_pylist()
    return str(found[0][table.label]) if found and found[0][table.label] is not None else ""


def _given(sql: str, key: Any) -> dict[str, Any]:
    return {KEY: key} if f"${KEY}" in sql else {}
