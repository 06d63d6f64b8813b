"""What a name in a query refers to: a column of a table, what a sub-query gives, or what the query itself names."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from sqlglot import exp

from agents.semantic.carried import recursive
from agents.semantic.renamed import RenamedTable


@dataclass(frozen=True, eq=False)
class Source:
    """What stands after FROM or JOIN: a table of the catalogue, or else something with these outputs."""

    name: str
    node: exp.Expr
    table: RenamedTable | None = None
    query: exp.Expr | None = None
    outputs: tuple[str, ...] = ()
    """What the query gives, in lower case; "" where it has no name."""

    def gives(self, column: str) -> bool:
        return column in (self.table.columns if self.table else self.outputs)


class Scope:
    """One SELECT with what its names may refer to."""

    def __init__(self, select: exp.Select, tables: Mapping[str, RenamedTable]) -> None:
        self.select, self._tables = select, tables

    @cached_property
    def sources(self) -> list[Source]:
        return [self._source(node) for node in placed(self.select)]

    @cached_property
    def aliases(self) -> dict[str, exp.Alias]:
        """What the query gives under a name of its own."""
        return {item.alias.lower(): item for item in self.select.expressions if isinstance(item, exp.Alias)}

    @cached_property
    def named(self) -> bool:
        """Whether a query around this one calls what it gives by name."""
        above = self.select.parent
        if isinstance(above, exp.Subquery):
            above = above.parent
        return isinstance(above, (exp.From, exp.Join, exp.CTE, exp.SetOperation))

    @cached_property
    def stored_names(self) -> frozenset[str]:
        """The names under which its tables' columns are stored, in lower case."""
        tables = (source.table for source in self.sources if source.table)
        return frozenset(column.name.lower() for table in tables for column in table.stored.columns)

    def source_of(self, column: exp.Column) -> Source | None:
        """Where a column comes from; None where it comes from here not at all."""
        name, qualifier = column.name.lower(), column.table.lower()
        if qualifier:
            return next((source for source in self.sources if source.name == qualifier), None)
        return next((source for source in self.sources if source.gives(name)), None)

    def alias_of(self, column: exp.Column) -> exp.Alias | None:
        """What the query itself gives under this name, where the name means that."""
        found = None if column.table else self.aliases.get(column.name.lower())
        first = found and (self.orders(column) or self._bounds(column) or self.source_of(column) is None)
        return found if first else None

    def orders(self, column: exp.Column) -> bool:
        """Whether the name is all that a key of ORDER BY says: there an alias comes before a column."""
        key = column.parent
        return isinstance(key, exp.Ordered) and key.parent is self.select.args.get("order")

    def _bounds(self, column: exp.Column) -> bool:
        """Whether the name bounds groups that are made by no column of that name: there too an alias is first."""
        having, group = self.select.args.get("having"), self.select.args.get("group")
        place: exp.Expr | None = column
        while place is not None and place is not having:
            if isinstance(place, exp.AggFunc):
                return False
            place = place.parent
        return place is not None and column not in (group.expressions if group else ())

    def _source(self, node: exp.Expr) -> Source:
        name = node.alias_or_name.lower()
        if isinstance(node, exp.Subquery):
            return Source(name, node, None, node.this, _given(node.this, node.alias_column_names))
        if not isinstance(node, exp.Table):
            return Source(name, node)
        cte = None if node.db else _cte(self.select, node.name)
        if cte is None:
            return Source(name, node, self._tables.get(f"{node.db}.{node.name}".lower()))
        query = None if recursive(cte) else cte.this
        return Source(name, node, None, query, _given(cte.this, node.alias_column_names or cte.alias_column_names))


def placed(select: exp.Select) -> Iterator[exp.Expr]:
    """What stands after FROM and JOIN, in order."""
    first = select.args.get("from_")
    yield from _joined(first.this) if first else ()
    for join in select.args.get("joins") or ():
        yield from _joined(join.this)


def _joined(node: exp.Expr) -> Iterator[exp.Expr]:
    yield node
    for join in node.args.get("joins") or ():
        yield from _joined(join.this)


def _given(query: exp.Expr, called: Sequence[str]) -> tuple[str, ...]:
    """The names of what a query gives; `called` are others for the first of them."""
    names = [_output_name(item) for item in query.selects] if isinstance(query, exp.Query) else []
    return tuple(name.lower() for name in (*called, *names[len(called) :]))


def _output_name(item: exp.Expr) -> str:
    return "*" if item.is_star else item.alias_or_name if isinstance(item, (exp.Alias, exp.Column)) else ""


def _cte(node: exp.Expr, name: str) -> exp.CTE | None:
    """The query of that name in a WITH of this query or one around it."""
    place: exp.Expr | None = node
    while place is not None:
        ctes = place.args.get("with_")
        for cte in ctes.expressions if isinstance(ctes, exp.With) else ():
            if isinstance(cte, exp.CTE) and cte.alias.lower() == name.lower():
                return cte
        place = place.parent
    return None
