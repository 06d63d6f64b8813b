"""Queries of questions that are read as a whole, each word of them (`agents.reader`)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from sqlglot import exp

from agents import statement
from agents.reader import meant
from data.catalog import Catalog

if TYPE_CHECKING:
    from retrieval import Context


def wholes(context: Context) -> tuple[str, ...]:
    """What the question says as it stands, and with less beside the things that it asks for; nothing of a question
    with a word that is not understood."""
    text = meant(context.question, context)
    return tuple(dict.fromkeys(_told(text, context.catalog))) if text else ()


def _told(text: str, catalog: Catalog) -> Iterator[str]:
    """A thing is told by its name: the key beside it, which a program would want, is left out; so is what things are
    ranked by."""
    tree = statement.query(text)
    if not isinstance(tree, exp.Select):
        yield text
        return
    plain = _without(tree, _keys(tree, catalog))
    if tree.args.get("limit") is not None and (amounts := [item for item in plain.selects if item.find(exp.AggFunc)]):
        yield _without(plain, amounts).sql("duckdb")
    yield plain.sql("duckdb")


def _without(tree: exp.Select, items: list[exp.Expr]) -> exp.Select:
    kept = [item.copy() for item in tree.selects if item not in items]
    return tree.select(*kept, append=False) if kept else tree


def _keys(tree: exp.Select, catalog: Catalog) -> list[exp.Expr]:
    """The keys that are shown beside a name of the same thing."""
    shown = {item.name: item for item in tree.selects if isinstance(item, exp.Column)}
    own = [catalog.table(f"{t.db}.{t.name}") for t in tree.find_all(exp.Table) if f"{t.db}.{t.name}" in catalog]
    return [shown[table.key] for table in own if table.key in shown and table.label in shown]
