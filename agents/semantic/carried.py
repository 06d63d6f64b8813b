"""Where a query hands on a column's values as they are, and so can give them as they are stored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from sqlglot import exp

from agents.semantic.kept import Coded, Kept
from agents.semantic.renamed import RenamedColumn

CHOSEN = (exp.Min, exp.Max)
"""What chooses one of the values by their order."""
CARRIERS = (
    *CHOSEN, exp.Alias, exp.Paren, exp.Filter, exp.IgnoreNulls, exp.Window, exp.AnyValue, exp.First, exp.Last,
    exp.FirstValue, exp.LastValue, exp.ArgMax, exp.ArgMin, exp.Mode,
)  # fmt: skip
"""What gives values of what stands first in it."""
GROUPS = (exp.Group, exp.Rollup, exp.Cube, exp.GroupingSets)


@dataclass(frozen=True, eq=False)
class Output:
    """What a query inside this one gives at a place."""

    query: exp.Expr
    index: int


Origin = RenamedColumn | Output | exp.Alias
"""What a column's name refers to."""


@dataclass(frozen=True)
class Carried:
    """`origins` are by the identity of the columns' nodes. With `read`, no query hands on stored values: each gives
    what they mean."""

    origins: Mapping[int, Origin]
    read: bool = False
    _open: set[int] = field(default_factory=set)

    def way(self, node: exp.Expr) -> Kept | None:
        """How the values of an expression are stored, where they are a column's own."""
        if isinstance(node, exp.Column):
            return self._column(node)
        if isinstance(node, CARRIERS):
            inside = isinstance(node.this, exp.Subquery) and not isinstance(node, exp.Alias)
            return None if inside else self.way(node.this)
        return self.output(node.this, 0) if isinstance(node, exp.Subquery) and len(_selected(node)) == 1 else None

    def output(self, query: exp.Expr, index: int) -> Kept | None:
        """The same for what a query gives at a place; of two queries' rows together only where both store them so."""
        if self.read:
            return None
        if isinstance(query, exp.Select):
            way = self.way(query.selects[index]) if index < len(query.selects) else None
            return None if isinstance(way, Coded) and way.worded else way
        if not isinstance(query, (exp.SetOperation, exp.Subquery)):
            return None
        way = self.output(query.this, index)
        if isinstance(query, exp.SetOperation) and (_starred(query) or way != self.output(query.expression, index)):
            return None
        return way if way is None or way.ordered or not query.args.get("order") else None

    def shown(self, node: exp.Expr) -> bool:
        """Whether an expression with a way is only handed on, to who reads the rows or to who knows of its way."""
        above = node.parent
        if isinstance(above, GROUPS) or (isinstance(above, exp.Tuple) and isinstance(above.parent, GROUPS)):
            return True
        if isinstance(above, exp.Select) and node.arg_key == "expressions":
            return self._given(above, next(at for at, item in enumerate(above.selects) if item is node))
        return isinstance(above, CARRIERS) and node.arg_key == "this" and self.shown(above)

    def _column(self, column: exp.Column) -> Kept | None:
        origin = self.origins.get(id(column))
        if isinstance(origin, RenamedColumn):
            return origin.kept
        if origin is None or id(column) in self._open:
            return None
        self._open.add(id(column))
        try:
            if isinstance(origin, Output):
                return self.output(origin.query, origin.index)
            return self.way(origin.this) if self.shown(origin) else None
        finally:
            self._open.discard(id(column))

    def _given(self, query: exp.Expr, index: int) -> bool:
        """Whether a query gives its output at a place as it is stored, by where the query stands."""
        way, above = self.output(query, index), query.parent
        if way is None:
            return False
        if isinstance(above, (exp.SetOperation, exp.Subquery)):
            return self._given(above, index)
        if isinstance(above, exp.In) and isinstance(above.this, exp.Column):
            return self.way(above.this) == way
        if isinstance(above, exp.CTE):
            return not recursive(above)
        alone = above is None or isinstance(above, (exp.From, exp.Join, exp.Exists))
        scalar = len(_selected(query)) == 1 and isinstance(above, (exp.Select, exp.Alias))
        return alone or (scalar and self.shown(query))


def recursive(cte: exp.CTE) -> bool:
    """Whether a query of a WITH may refer to itself."""
    return cte.parent is not None and bool(cte.parent.args.get("recursive"))


def _selected(query: exp.Expr) -> list[exp.Expr]:
    return list(query.selects) if isinstance(query, exp.Query) else []


def _starred(query: exp.Expr) -> bool:
    """Whether a star is left in a set operation: what it stands for is not known."""
    if isinstance(query, exp.SetOperation):
        return _starred(query.this) or _starred(query.expression)
    return any(item.is_star for item in _selected(query))
