"""From a query over the semantic catalogue to one over what is stored, name by name, by what each refers to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlglot import exp

from agents import statement
from agents.semantic.conversion import convert
from agents.semantic.names import fits
from agents.semantic.plan import Place, Plan
from agents.semantic.renamed import RenamedTable
from agents.semantic.scope import Scope
from data.errors import Invalid


@dataclass(frozen=True)
class Translation:
    """`tables` are by semantic name, in lower case."""

    tables: Mapping[str, RenamedTable]

    @classmethod
    def of(cls, tables: Iterable[RenamedTable]) -> Translation:
        return cls({table.semantic.full_name.lower(): table for table in tables})

    def stored(self, sql: str, *, read: bool = False) -> str:
        """The query in stored names and formats. A name that the catalogue lacks stays as it is, and so does text that
        is no single query: who runs it says what is wrong with it. With `read`, its rows
        are in semantic names and tell what is meant."""
        try:
            tree = statement.query(sql)
        except Invalid:
            return sql
        plan = Plan.of(tree, self.tables, read=read)
        _rename_all(plan)
        convert(plan)
        return tree.sql(dialect=statement.DIALECT, normalize_functions="lower")


def _rename_all(plan: Plan) -> None:
    """Stored names for semantic ones; what is shown keeps its semantic name where a query around asks for that."""
    added = {id(place.node) for place in plan.places if _needs_alias(plan, place)}
    clashing = [scope for scope in plan.scopes if _clashes(plan, scope, added)]
    for place in plan.places:
        if place.here is not place.scope or len(place.scope.sources) > 1 or place.scope in clashing:
            place.node.set("table", _identifier(place.source.name))
    for place in plan.places:
        _rename(place, alias=id(place.node) in added)
    for scope in plan.scopes:
        _rename_tables(scope, {id(p.source) for p in plan.places if p.node.table})


def _clashes(plan: Plan, scope: Scope, added: set[int]) -> bool:
    """Whether what the query gives is called like another column that is stored: columns then need their tables'
    names."""
    own = (p.node.name.lower() for p in plan.places if p.here is scope and id(p.node) in added)
    return bool(scope.stored_names & {*own, *scope.aliases})


def _needs_alias(plan: Plan, place: Place) -> bool:
    """Whether the query shows the column under a name that it has no more, where that matters."""
    shown = place.node.parent is place.here.select and place.node.arg_key == "expressions"
    other = place.known.stored.name.lower() != place.node.name.lower()
    read = place.known.kept is not None and id(place.node) not in plan.shown
    return shown and (read or ((place.here.named or plan.read) and other))


def _rename(place: Place, *, alias: bool) -> None:
    node, known, called = place.node, place.known, place.node.name
    node.set("db", None)
    node.set("catalog", None)
    if known.stored.name != known.semantic.name:
        node.set("this", _identifier(known.stored.name))
    if alias:
        above = exp.Alias(this=None, alias=exp.to_identifier(called))
        node.replace(above)
        above.set("this", node)


def _rename_tables(scope: Scope, qualified: set[int]) -> None:
    """The stored tables, each under its semantic name where columns are told by it."""
    for source in scope.sources:
        if source.table is None or source.table.stored.full_name == source.table.semantic.full_name:
            continue
        node, stored = source.node, source.table.stored
        if not node.alias and id(source) in qualified and stored.name.lower() != source.name:
            node.set("alias", exp.TableAlias(this=exp.to_identifier(source.table.semantic.name)))
        node.set("this", _identifier(stored.name))
        node.set("db", _identifier(stored.source))


def _identifier(name: str) -> exp.Identifier:
    return exp.to_identifier(name, quoted=not fits(name))
