"""What every name in a query refers to: all is read before anything is changed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from sqlglot import exp

from agents.semantic.carried import Carried, Origin, Output
from agents.semantic.kept import Kept
from agents.semantic.renamed import RenamedColumn, RenamedTable
from agents.semantic.scope import Scope, Source
from agents.semantic.spelling import spelled_out


@dataclass(frozen=True)
class Place:
    """A column where it stands: in the query `here`, of a source of `scope`."""

    node: exp.Column
    here: Scope
    scope: Scope
    source: Source
    known: RenamedColumn


@dataclass(frozen=True)
class Plan:
    """`places` are of the catalogue's columns, `given` of what queries inside give, `aliases` of what the query itself
    names."""

    tree: exp.Expr
    scopes: list[Scope]
    places: list[Place] = field(default_factory=list)
    given: list[exp.Column] = field(default_factory=list)
    aliases: list[tuple[exp.Column, Scope, exp.Alias]] = field(default_factory=list)
    origins: dict[int, Origin] = field(default_factory=dict)
    read: bool = False
    """Whether what is shown is to be read too: see `Carried`."""

    @classmethod
    def of(cls, tree: exp.Expr, tables: Mapping[str, RenamedTable], *, read: bool = False) -> Plan:
        """The plan of a query, whose stars and the like are spelled out in place. `tables` are by the full names that
        it uses, in lower case."""
        for select in reversed(list(tree.find_all(exp.Select))):
            spelled_out(Scope(select, tables))
        scopes = {id(select): Scope(select, tables) for select in tree.find_all(exp.Select)}
        plan = cls(tree, list(scopes.values()), read=read)
        for column in tree.find_all(exp.Column):
            plan._read(column, scopes)
        return plan

    @cached_property
    def carried(self) -> Carried:
        return Carried(self.origins, self.read)

    @cached_property
    def ways(self) -> dict[int, Kept | None]:
        """How what stands there is stored: columns, and queries in which something is looked for; by identity."""
        nodes = (*(place.node for place in self.places), *self.given, *(column for column, _, _ in self.aliases))
        looked = (found.args["query"] for found in self.tree.find_all(exp.In) if found.args.get("query"))
        return {
            **{id(node): self.carried.way(node) for node in nodes},
            **{id(query): self.carried.output(query, 0) for query in looked},
        }

    @cached_property
    def shown(self) -> frozenset[int]:
        """The columns whose stored values are handed on; by identity."""
        nodes = (*(place.node for place in self.places), *self.given, *(column for column, _, _ in self.aliases))
        return frozenset(id(node) for node in nodes if self.ways[id(node)] and self.carried.shown(node))

    def _read(self, column: exp.Column, scopes: Mapping[int, Scope]) -> None:
        """Settle what a name refers to, in its own query or in one around it."""
        own = select = column.find_ancestor(exp.Select)
        while own is not None and select is not None:
            scope = scopes[id(select)]
            if select is own and (alias := scope.alias_of(column)):
                self.aliases.append((column, scope, alias))
                self.origins[id(column)] = alias
                return
            if source := scope.source_of(column):
                self._place(column, scopes[id(own)], scope, source)
                return
            select = select.find_ancestor(exp.Select)

    def _place(self, column: exp.Column, here: Scope, scope: Scope, source: Source) -> None:
        name = column.name.lower()
        known = source.table.columns.get(name) if source.table else None
        if known:
            self.places.append(Place(column, here, scope, source, known))
            self.origins[id(column)] = known
        elif source.query is not None and name in source.outputs:
            self.given.append(column)
            self.origins[id(column)] = Output(source.query, source.outputs.index(name))
