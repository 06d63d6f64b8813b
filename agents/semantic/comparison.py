"""Where a stored value can be used as it is, and where it must be turned into what it means."""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

from agents.semantic.kept import Flag, Kept

EQUAL = (exp.EQ, exp.NEQ, exp.In)
ORDER = (exp.LT, exp.LTE, exp.GT, exp.GTE, exp.Between)


def meant(column: exp.Expr, way: Kept, ways: Mapping[int, Kept | None]) -> exp.Expr | None:
    """Make what is around a stored column say what it said of the meant value. `ways` are those of all columns and of
    the queries that they are looked for in, by the identity of their nodes. Gives the meant value, where it is needed.

    Constants are written as the store keeps them, so that it can look for them itself."""
    if _counted(column) or _compared(column, way, ways) or _sorted(column, way):
        return None
    denied = isinstance(way, Flag) and isinstance(column.parent, exp.Not)
    place = column.parent if denied and column.parent else column
    read = way.denied(column.copy()) if isinstance(way, Flag) and denied else way.read(column.copy())
    said = _enclosed(read, place.parent)
    place.replace(said)
    return said


def _counted(column: exp.Expr) -> bool:
    """Whether only the value's being there, or being another, matters."""
    above = column.parent
    if isinstance(above, exp.Distinct):
        above = above.parent
    return isinstance(above, exp.Count) or (isinstance(above, exp.Is) and isinstance(above.expression, exp.Null))


def _compared(column: exp.Expr, way: Kept, ways: Mapping[int, Kept | None]) -> bool:
    """Whether it is compared as it is stored: with constants, which are written so, or with what is stored so too."""
    above = column.parent
    if above is None or not isinstance(above, EQUAL + (ORDER if way.ordered else ())):
        return False
    others = _others(column, above)
    if others and all(ways.get(id(other)) == way for other in others):
        return True
    written = [way.written(other) for other in others]
    if not written or None in written:
        return False
    for other, constant in zip(others, written, strict=True):
        other.replace(constant)
    return True


def _sorted(column: exp.Expr, way: Kept) -> bool:
    """Whether rows are only parted by it or put in its order."""
    parts = isinstance(column.parent, exp.Window) and column.arg_key == "partition_by"
    return parts or (isinstance(column.parent, exp.Ordered) and way.ordered)


def _others(column: exp.Expr, above: exp.Expr) -> list[exp.Expr]:
    """What a column is compared with; nothing where the column is no side of its own."""
    if isinstance(above, exp.Between):
        return [above.args["low"], above.args["high"]] if above.this is column else []
    if isinstance(above, exp.In):
        looked = [above.args["query"]] if above.args.get("query") else list(above.expressions)
        return looked if above.this is column else []
    return [side for side in (above.this, above.expression) if side is not column]


def _enclosed(said: exp.Expr, above: exp.Expr | None) -> exp.Expr:
    """With parentheses where an operator around it would take the comparison apart."""
    apart = isinstance(above, (exp.Binary, exp.Unary, exp.In, exp.Between)) and not isinstance(
        above, (exp.Connector, exp.Paren)
    )
    return exp.paren(said, copy=False) if apart and isinstance(said, exp.EQ) else said
