"""What a part of a query can name: relations, their columns, and where the columns' values come from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from sqlglot import exp

Origins = frozenset[str]
NONE: Origins = frozenset()


class Unknown(Exception):
    """The walk can't tell the columns of a relation."""


@dataclass(frozen=True)
class Output:
    """A column of a relation; without a name where only the engine knows it."""

    name: str
    origins: Origins


@dataclass(frozen=True)
class Relation:
    """What stands after FROM under one name. An open one may have further columns, which come from `rest`."""

    outputs: tuple[Output, ...] = ()
    open: bool = False
    rest: Origins = NONE

    def get(self, name: str) -> Origins | None:
        found = [output.origins for output in self.outputs if output.name.lower() == name]
        if found:
            return NONE.union(*found)
        return self.rest if self.open else None

    @property
    def all(self) -> Origins:
        return self.rest.union(*(output.origins for output in self.outputs))


@dataclass
class Scope:
    """The names that a part of a query can use: its relations, aliases of its select, and what is around."""

    ctes: Mapping[str, Relation]
    relations: dict[str, Relation] = field(default_factory=dict)
    merged: dict[str, Origins] = field(default_factory=dict)
    """Columns that USING or NATURAL made one of two."""
    hidden: set[tuple[str, str]] = field(default_factory=set)
    """(relation, column) that a star leaves out, as a column of the same name stands for both."""
    silent: set[str] = field(default_factory=set)
    """Relations that only filter: semi and anti joins."""
    aliases: dict[str, Origins] = field(default_factory=dict)
    outer: Scope | None = None


def looked_up(parts: Sequence[str], scope: Scope) -> Origins | None:
    """What a name means among a scope's own relations, else aliases; a field belongs to its struct's column."""
    first = parts[0]
    if len(parts) > 1 and first in scope.relations:
        found = scope.relations[first].get(parts[1])
        if found is not None:
            return found
    if first in scope.merged and len(parts) == 1:
        return scope.merged[first]
    holding = [found for relation in scope.relations.values() if (found := relation.get(first)) is not None]
    if holding:
        return NONE.union(*holding)
    if first in scope.aliases:
        return scope.aliases[first]
    whole = scope.relations.get(first)
    return whole.all if whole is not None else None


def combined(node: exp.SetOperation, left: Relation, right: Relation) -> Relation:
    if left.open or right.open:
        raise Unknown("set")
    if isinstance(node, exp.Except):
        return left
    if node.args.get("by_name"):
        names = {output.name.lower(): output.name for output in (*right.outputs, *left.outputs)}
        order = dict.fromkeys(output.name.lower() for output in (*left.outputs, *right.outputs))
        both = ((name, (left.get(name) or NONE) | (right.get(name) or NONE)) for name in order)
        return Relation(tuple(Output(names[name], origins) for name, origins in both))
    if len(left.outputs) != len(right.outputs):
        raise Unknown("set")
    pairs = zip(left.outputs, right.outputs, strict=True)
    return Relation(tuple(replace(one, origins=one.origins | other.origins) for one, other in pairs))
