"""What was written, with what it leaves out: the other things that a question asks to be told of each row, how many of
something there are at what one costs, and that what is meant still goes on."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sqlglot import exp

from agents.ask.rerank.standing import standing, unnamed
from agents.ask.sketch.amounts import is_of_money, multiplies, prices, quantities
from agents.ask.sketch.brief import Brief, is_person
from agents.ask.sketch.calendar import lasts, stands
from agents.columns import flags
from agents.paths import Join, alias_for, identifier, written
from agents.statement import DIALECT

if TYPE_CHECKING:
    from agents.ask.rerank.shape import Shape
    from data.catalog import Table
    from retrieval.hints import Hint

MOST_JOINS = 2
"""Joins by which another thing is reached from the rows that are shown."""
_ALSO = re.compile(
    r"(?:\b(?:and|with|plus|along with|together with|including|as well as)|[,(:;–-])\s+"
    r"(?:(?:also|the|their|its|his|her|our|that|which|what|when|each|names?|titles?|of|in|on|from|day|date|show)\s+)*$",
    re.IGNORECASE,
)
_TOO = re.compile(r"(?:\s+(?:name|title)s?)?,?\s+(?:too|as well|also|behind|it)\b", re.IGNORECASE)
_WHO_TOO = re.compile(r"(?:\band|\bwith|\bplus|[,:;(–-])\s+(?:by |for |to )?who(?:m|se)?\b", re.IGNORECASE)


@dataclass(frozen=True)
class _Told:
    """A column that is to be shown, with the joins by which it is reached."""

    alias: str
    column: str
    joins: tuple[Join, ...] = ()


def amended(shape: Shape, brief: Brief) -> Iterator[str]:
    """Queries that do what this one does and something more, in the names of its catalogue."""
    yield from _valued(shape, brief)
    yield from _fuller(shape, brief)
    yield from _lasting(shape, brief)


def _valued(shape: Shape, brief: Brief) -> Iterator[str]:
    """A sum of what one thing costs, or of how many there are, as the sum of what all of them cost."""
    if not is_of_money(brief.context.question):
        return
    tree = shape.tree.copy()
    sums = [item for item in tree.find_all(exp.Sum) if isinstance(item.this, exp.Column)]
    changed = [item for item in sums if _multiply(item, shape)]
    if changed:
        yield tree.sql(dialect=DIALECT)


def _multiply(item: exp.Sum, shape: Shape) -> bool:
    """Multiply the column that is added up by its other half, where it has one in the same table."""
    table, _, name = shape.named(item.this).rpartition(".")
    if not table:
        return False
    own = shape.catalog.table(table)
    price, many = prices(shape.catalog, own), [column.name for column in quantities(shape.catalog, own)]
    others = [one for one in many if multiplies(name, one)] if name in price else []
    others = others or ([one for one in price if multiplies(one, name)] if name in many else [])
    if not others:
        return False
    column = exp.column(_identifier(others[0]), table=item.this.args.get("table"))
    item.set("this", exp.Mul(this=column, expression=item.this.copy()))
    return True


def _fuller(shape: Shape, brief: Brief) -> Iterator[str]:
    """A list of rows with the other columns, and the names of the other things, that are asked for beside it."""
    scope = _scope(shape)
    if not scope or shape.outer.args.get("group") or any(item.find(exp.AggFunc) for item in shape.items):
        return
    added = list(dict.fromkeys((*_columns(shape, brief, scope), *_people(shape, brief, scope))))
    for some in dict.fromkeys((tuple(added), *((one,) for one in added))):
        if some:
            yield _shown(shape, brief, scope, some)


def _lasting(shape: Shape, brief: Brief) -> Iterator[str]:
    """Only what goes on, or has come to its end, where the question says so and the query does not."""
    ways = stands(unnamed(brief.context))
    if not ways or standing(shape, brief.context):
        return
    for alias, table in _scope(shape).items():
        telling = lasts(table)
        if telling is None or f"{table.full_name}.{telling.name}" in shape.used:
            continue
        column = exp.column(_identifier(telling.name), table=_identifier(alias))
        flag = telling in flags(table)
        on = exp.EQ(this=column, expression=exp.true()) if flag else exp.Is(this=column, expression=exp.Null())
        tests = (on.copy() if way else exp.not_(on.copy()) for way in ways)
        yield from (shape.outer.copy().where(test, copy=False).sql(dialect=DIALECT) for test in tests)
        return


def _scope(shape: Shape) -> dict[str, Table]:
    """The tables of the query itself by alias, the base first; none where something else is read."""
    if not isinstance(shape.tree, exp.Select):
        return {}
    own = [t for t in shape.outer.find_all(exp.Table) if t.find_ancestor(exp.Select) is shape.outer]
    named = {table.alias_or_name: f"{table.db}.{table.name}" for table in own}
    if shape.base not in named.values() or any(name not in shape.catalog for name in named.values()):
        return {}
    return {alias: shape.catalog.table(name) for alias, name in sorted(named.items(), key=lambda n: n[1] != shape.base)}


def _columns(shape: Shape, brief: Brief, scope: dict[str, Table]) -> Iterator[_Told]:
    """What is named behind 'and', 'with' or a comma, and plays no part in the query."""
    question = brief.context.question
    for hint in brief.hints("column", "table"):
        beside = _ALSO.search(question[: hint.start]) or _TOO.match(question, hint.start + len(hint.span))
        if beside and not brief.grouping(hint) and (told := _told(hint, shape, scope)):
            yield told


def _told(hint: Hint, shape: Shape, scope: dict[str, Table]) -> _Told | None:
    """The column that a hint means, or the name of the thing; None where the query has it, or can't reach it."""
    if set(hint.targets) & (shape.used | shape.joined):
        return None
    for target in hint.targets:
        owner, _, name = (target, "", "") if hint.kind == "table" else target.rpartition(".")
        if owner not in shape.catalog:
            continue
        name = name or shape.catalog.table(owner).label or ""
        if not name or f"{owner}.{name}" in shape.used or (hint.kind == "table" and owner == shape.base):
            continue
        if way := _way(shape, scope, owner):
            return _Told(way[0], name, way[1])
    return None


def _people(shape: Shape, brief: Brief, scope: dict[str, Table]) -> Iterator[_Told]:
    """The person that a row points at, where it is asked who it was."""
    if not _WHO_TOO.search(brief.context.question):
        return
    links = {link.to_table for link in shape.catalog.relationships if link.table == shape.base}
    people = [table for name in sorted(links) if is_person(table := shape.catalog.table(name))]
    label = people[0].label if len(people) == 1 else None
    if (
        label
        and f"{people[0].full_name}.{label}" not in shape.used
        and (way := _way(shape, scope, people[0].full_name))
    ):
        yield _Told(way[0], label, way[1])


def _way(shape: Shape, scope: dict[str, Table], goal: str) -> tuple[str, tuple[Join, ...]] | None:
    """(alias, joins) of a table that the query reads, or that its rows point at; None where there is none."""
    for alias, table in scope.items():
        if table.full_name == goal:
            return alias, ()
    ways: list[tuple[str, Table, tuple[Join, ...]]] = [(alias, table, ()) for alias, table in scope.items()]
    for alias, table, joins in ways:
        for link in shape.catalog.relationships if len(joins) < MOST_JOINS else ():
            if link.table != table.full_name or (new := alias_for(link, shape.catalog)) in scope:
                continue
            join = Join(alias, link.column, new, shape.catalog.table(link.to_table), link.to_column)
            if link.to_table == goal:
                return new, (*joins, join)
            ways.append((new, join.parent, (*joins, join)))
    return None


def _shown(shape: Shape, brief: Brief, scope: dict[str, Table], added: Sequence[_Told]) -> str:
    """The query with more columns; the key of rows that have no name gives way to them, and so does a link that is
    followed."""
    tree = shape.outer.copy()
    table = next(iter(scope.values()))
    for column in tree.find_all(exp.Column):
        owner = next((alias for alias, own in scope.items() if column.name in own), "")
        if owner and not column.table and column.find_ancestor(exp.Select) is tree:
            column.set("table", _identifier(owner))
    key = f"{shape.base}.{table.key}"
    idle = not table.label and key not in brief.named
    joins = list(dict.fromkeys(join for one in added for join in one.joins))
    gone = {f"{scope[join.child].full_name}.{join.column}" for join in joins if join.child in scope}
    gone |= {key} if idle else set()
    kept = [item for item in tree.selects if not (isinstance(item, exp.Column) and _name(item, scope) in gone)]
    for join in joins:
        parent = f"{written(join.parent)} AS {identifier(join.alias)}"
        tree = tree.join(parent, on=join.on, dialect=DIALECT, copy=False)
    more = [exp.column(_identifier(one.column), table=_identifier(one.alias)) for one in added]
    tree.set("expressions", [*kept, *more])
    return tree.sql(dialect=DIALECT)


def _name(column: exp.Column, scope: dict[str, Table]) -> str:
    return f"{scope[column.table].full_name}.{column.name}" if column.table in scope else ""


def _identifier(name: str) -> exp.Identifier:
    return exp.to_identifier(name, quoted=identifier(name) != name)
