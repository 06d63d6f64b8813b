"""Which columns of the sources each output column of a query comes from.

The query is walked once, from the tables outwards: a relation is a list of columns with their origins, and a
select makes a new relation of the ones after its FROM. It is computed on what the caller wrote, so masks and row
filters hide nothing of it. What the walk does not know counts as coming from everything that is read.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from sqlglot import exp

from data.catalog import Table
from data.gateway.relations import NONE, Origins, Output, Relation, Scope, Unknown
from data.gateway.walk import Walk

Flow = tuple[tuple[str, Origins], ...]
"""Name and origins of each output column in order; the name is "" where only the engine knows it."""


def flow(tree: exp.Query, references: Iterable[tuple[exp.Table, Table]]) -> Flow | None:
    """The origins of a query's columns; None when they can't be told. `references` are its tables."""
    tables = {id(node): _table(table) for node, table in references}
    try:
        relation = Walk(tables).query(tree, Scope({}))
    except (Unknown, RecursionError):
        return None
    return None if relation.open else tuple((output.name, output.origins) for output in relation.outputs)


def named(found: Flow | None, names: Sequence[str], read: Sequence[str]) -> dict[str, tuple[str, ...]]:
    """Output column -> `source.table.column` of each origin, sorted. `names` are those of the result, `read` all
    columns that the query reads: each output has them when its own can't be told."""
    if found is None or not _fits(found, names):
        return {name: tuple(sorted(read)) for name in names}
    flows: dict[str, Origins] = {}
    for name, (_, origins) in zip(names, found, strict=True):
        flows[name] = flows.get(name, NONE) | origins
    return {name: tuple(sorted(origins)) for name, origins in flows.items()}


def _fits(found: Flow, names: Sequence[str]) -> bool:
    # The walk and the engine must mean the same columns, else an origin would stand at the wrong one.
    pairs = zip(found, names, strict=False)
    return len(found) == len(names) and all(not known or known.lower() == name.lower() for (known, _), name in pairs)


def _table(table: Table) -> Relation:
    return Relation(tuple(Output(c.name, frozenset((f"{table.full_name}.{c.name}",))) for c in table.columns))
