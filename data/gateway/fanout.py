"""Whether a join would count a table's rows more than once, so that a metric over them came out wrong."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlglot import exp

from data.catalog import Table
from data.errors import Invalid
from data.gateway.query import Door, Query

HARMLESS = frozenset({"SEMI", "ANTI"})
"""Joins that add no rows and no columns."""

PLAIN = frozenset({"", "INNER", "OUTER", "CROSS"})

UNIQUE = frozenset({None, "hash"})
"""Masks of a key behind which different keys stay different."""


Equality = tuple[str, str, frozenset[str]]
"""Of `alias.column = value` the alias, the column, and the aliases that stand in the value."""


@dataclass(frozen=True)
class Named:
    """A table of the catalogue as it stands in a FROM."""

    alias: str
    node: exp.Table
    table: Table


def multiplied(
    measure: str, place: Named, around: Sequence[Named], select: exp.Select, query: Query, door: Door
) -> None:
    """Invalid when rows of `place` may stand in the join more than once, or rows that are not its own.

    A join is sound when every other table is found by its declared key, from `place` itself or from tables that
    are found so, and when no row is there without a row of `place`.
    """
    joins = [join for join in _joins(select) if join.kind.upper() not in HARMLESS]
    others = {named.alias.lower() for named in around if named is not place and not _harmless(named)}
    if len(joins) != len(others) or not all(_keeps(join, place) for join in joins):
        raise _refused(measure, place)
    found = {place.alias.lower()}
    equal = list(_equalities(select, joins, around))
    keys = {named.alias.lower(): _key(named, query, door) for named in around}
    while fresh := {alias for alias in others - found if _determined(alias, keys[alias], equal, found)}:
        found |= fresh
    if others - found:
        raise _refused(measure, place)


def _refused(measure: str, place: Named) -> Invalid:
    remedy = "Join the others on their keys, or take the measure in a sub-query of its own."
    return Invalid(f"This join may count rows of '{place.table.full_name}' twice in '{measure}'.", remedy)


def _joins(select: exp.Select) -> list[exp.Join]:
    """The joins of a FROM, and one in the place of whatever else multiplies its rows."""
    source = select.args.get("from_")
    nested = [join for join in (source.find_all(exp.Join) if source else ()) if _of(join, select)]
    laterals = [exp.Join(this=lateral) for lateral in select.args.get("laterals") or ()]
    return [*(select.args.get("joins") or ()), *nested, *laterals]


def _of(node: exp.Expr, select: exp.Select) -> bool:
    return node.find_ancestor(exp.Select) is select


def _harmless(named: Named) -> bool:
    join = named.node.parent
    return isinstance(join, exp.Join) and join.kind.upper() in HARMLESS


def _keeps(join: exp.Join, place: Named) -> bool:
    """Whether a join leaves no row without one of `place`: else a count would count it."""
    side, own = join.side.upper(), any(node is place.node for node in join.this.find_all(exp.Table))
    plain = not join.method and join.kind.upper() in PLAIN
    return plain and (side == "" or (side == "LEFT" and not own))


def _key(named: Named, query: Query, door: Door) -> str | None:
    key = named.table.key
    mask = door.policy.masks(query.principal, door.catalog.table(named.table.full_name)).get(key or "")
    return key.lower() if key is not None and mask in UNIQUE else None


def _determined(alias: str, key: str | None, equal: list[Equality], found: set[str]) -> bool:
    return any(owner == alias and name == key and needed <= found for owner, name, needed in equal)


def _equalities(select: exp.Select, joins: Sequence[exp.Join], around: Sequence[Named]) -> Iterator[Equality]:
    """Each equality that all rows of the join meet, or all those of the table that a LEFT JOIN adds."""
    where = select.args.get("where")
    yield from _of_condition(where.this if where is not None else None, around)
    for join in joins:
        # What a LEFT JOIN asks holds for the rows that it adds, and says nothing about the others.
        own = {node.alias_or_name.lower() for node in join.this.find_all(exp.Table)} if join.side else None
        for found in (*_of_condition(join.args.get("on"), around), *_of_using(join, around)):
            if own is None or found[0] in own:
                yield found


def _of_condition(condition: exp.Expr | None, around: Sequence[Named]) -> Iterator[Equality]:
    parts = condition.flatten() if isinstance(condition, exp.And) else [condition]
    for part in parts:
        if isinstance(part, exp.EQ):
            yield from _sides(part, around)


def _of_using(join: exp.Join, around: Sequence[Named]) -> Iterator[Equality]:
    for column in join.args.get("using") or ():
        holding = [named.alias.lower() for named in around if column.name in named.table]
        for alias in holding:
            yield from ((alias, column.name.lower(), frozenset({other})) for other in holding if other != alias)


def _sides(equal: exp.EQ, around: Sequence[Named]) -> Iterator[Equality]:
    for side, other in ((equal.left, equal.right), (equal.right, equal.left)):
        owner = _owner(side, around) if isinstance(side, exp.Column) else None
        needed = [_owner(column, around) for column in other.find_all(exp.Column)]
        if owner is not None and other.find(exp.Query) is None and None not in needed:
            yield owner, side.name.lower(), frozenset(alias for alias in needed if alias is not None)


def _owner(column: exp.Column, around: Sequence[Named]) -> str | None:
    if column.table:
        return next((named.alias.lower() for named in around if named.alias.lower() == column.table.lower()), None)
    holding = [named.alias.lower() for named in around if column.name in named.table]
    return holding[0] if len(holding) == 1 else None
