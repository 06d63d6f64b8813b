"""From a query over the semantic catalogue to one over what is stored, name by name, by what each refers to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from sqlglot import exp

from agents import statement
from agents.semantic.comparison import meant
from agents.semantic.names import fits
from agents.semantic.renamed import RenamedColumn, RenamedTable
from agents.semantic.scope import Scope, Source
from agents.semantic.spelling import spelled_out
from data.errors import Invalid


@dataclass(frozen=True)
class Translation:
    """`tables` are by semantic name, in lower case."""

    tables: Mapping[str, RenamedTable]

    @classmethod
    def of(cls, tables: Iterable[RenamedTable]) -> Translation:
        return cls({table.semantic.full_name.lower(): table for table in tables})

    def stored(self, sql: str) -> str:
        """The query in stored names and formats. A name that the catalogue lacks stays as it is, and so does text that
        is no single query: who runs it says what is wrong with it."""
        try:
            tree = statement.query(sql)
        except Invalid:
            return sql
        for select in reversed(list(tree.find_all(exp.Select))):
            spelled_out(Scope(select, self.tables))
        _Plan.of(tree, self.tables).apply()
        return tree.sql(dialect=statement.DIALECT, normalize_functions="lower")


@dataclass(frozen=True)
class _Place:
    """A column where it stands: in the query `here`, of a source of `scope`."""

    node: exp.Column
    here: Scope
    scope: Scope
    source: Source
    known: RenamedColumn


@dataclass(frozen=True)
class _Plan:
    """What is to be changed: all is read before anything is."""

    scopes: list[Scope]
    places: list[_Place] = field(default_factory=list)
    aliases: list[tuple[exp.Column, Scope, exp.Alias]] = field(default_factory=list)

    @classmethod
    def of(cls, tree: exp.Expr, tables: Mapping[str, RenamedTable]) -> _Plan:
        scopes = {id(select): Scope(select, tables) for select in tree.find_all(exp.Select)}
        plan = cls(list(scopes.values()))
        for column in tree.find_all(exp.Column):
            plan._read(column, scopes)
        return plan

    def _read(self, column: exp.Column, scopes: Mapping[int, Scope]) -> None:
        """Settle what a name refers to, in its own query or in one around it."""
        own = select = column.find_ancestor(exp.Select)
        while own is not None and select is not None:
            scope = scopes[id(select)]
            if select is own and (alias := scope.alias_of(column)):
                self.aliases.append((column, scope, alias))
                return
            if source := scope.source_of(column):
                known = source.table.columns.get(column.name.lower()) if source.table else None
                if known:
                    self.places.append(_Place(column, scopes[id(own)], scope, source, known))
                return
            select = select.find_ancestor(exp.Select)

    def apply(self) -> None:
        added = {id(place.node) for place in self.places if _needs_alias(place)}
        clashing = [scope for scope in self.scopes if self._clashes(scope, added)]
        for place in self.places:
            if place.here is not place.scope or len(place.scope.sources) > 1 or place.scope in clashing:
                place.node.set("table", _identifier(place.source.name))
        for place in self.places:
            _rename(place, alias=id(place.node) in added)
        for scope in self.scopes:
            _rename_tables(scope, {id(p.source) for p in self.places if p.node.table})
        ways = {id(place.node): place.known.kept for place in self.places}
        for place in self.places:
            if place.known.kept:
                meant(place.node, place.known.kept, ways)
        for column, scope, alias in self.aliases:
            # The store has a column of that name, which the engine would take instead.
            if column.name.lower() in scope.stored_names and not scope.orders(column):
                column.replace(exp.paren(alias.this.copy(), copy=False))

    def _clashes(self, scope: Scope, added: set[int]) -> bool:
        """Whether what the query gives is called like another column that is stored: columns then need their
        tables' names."""
        own = (p.node.name.lower() for p in self.places if p.here is scope and id(p.node) in added)
        return bool(scope.stored_names & {*own, *scope.aliases})


def _needs_alias(place: _Place) -> bool:
    """Whether the query shows the column under a name that it has no more, where that matters."""
    shown = place.node.parent is place.here.select and place.node.arg_key == "expressions"
    other = place.known.stored.name.lower() != place.node.name.lower()
    return shown and (place.known.kept is not None or (place.here.named and other))


def _rename(place: _Place, *, alias: bool) -> None:
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
