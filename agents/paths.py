"""Join paths: the FROM clauses that relationships allow.

A path starts at one table and joins only towards the tables that it points at (many to one), so that no row
is counted twice and every aggregate over the starting table stays right.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache

from data.catalog import Catalog, Relationship, Table

MOST_JOINS = 3
_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_WORDS = """
    all analyse analyze and anti any array as asc asof asymmetric at authorization binary both by case cast check
    collate collation column concurrently constraint create cross default deferrable desc describe distinct do else
    end except false fetch for foreign freeze from full glob group having ilike in initially inner intersect into is
    isnull join lambda lateral leading left like limit natural not notnull null offset on only or order outer overlaps
    pivot pivot_longer pivot_wider placing positional primary qualify references returning right select semi show
    similar some summarize symmetric table tablesample then to trailing true union unique unpack unpivot using
    variadic verbose when where window with
    alter between cube drop force grant if insert install lock map revoke rollback rollup values
"""
_RESERVED = frozenset(_WORDS.split())
"""Words that DuckDB 1.5, or sqlglot's reading of it (the last line), takes for no name unless they are quoted."""


def identifier(name: str) -> str:
    """A name as SQL writes it: quoted where it would be read as something else."""
    if _PLAIN.fullmatch(name) and name.lower() not in _RESERVED:
        return name
    return '"' + name.replace('"', '""') + '"'


def written(table: Table) -> str:
    """A table's full name as SQL writes it."""
    return f"{identifier(table.source)}.{identifier(table.name)}"


@dataclass(frozen=True)
class Join:
    """`parent AS alias ON child.column = alias.key`; `child` is an alias too."""

    child: str
    column: str
    alias: str
    parent: Table
    key: str

    @property
    def on(self) -> str:
        """The condition."""
        child, alias = identifier(self.child), identifier(self.alias)
        return f"{child}.{identifier(self.column)} = {alias}.{identifier(self.key)}"

    @property
    def clause(self) -> str:
        """The JOIN with its condition; the alias is written only where it is not the table's own name."""
        named = "" if self.alias == self.parent.name else f" AS {identifier(self.alias)}"
        return f" JOIN {written(self.parent)}{named} ON {self.on}"


@dataclass(frozen=True)
class Path:
    """A base table with the joins that follow it."""

    base: Table
    joins: tuple[Join, ...] = ()

    @cached_property
    def clause(self) -> str:
        """`FROM …` with all joins."""
        return f"FROM {written(self.base)}" + "".join(join.clause for join in self.joins)

    @cached_property
    def scope(self) -> dict[str, Table]:
        """The tables by alias, the base first."""
        return {self.base.name: self.base} | {join.alias: join.parent for join in self.joins}

    def column(self, alias: str, name: str) -> str:
        """A column as this path's queries write it: bare where there is one table, else with its alias."""
        return f"{identifier(alias)}.{identifier(name)}" if self.joins else identifier(name)

    def without(self, alias: str) -> Path:
        """The path without a join and what is reached by it."""
        gone = {alias}
        for join in self.joins:
            gone |= {join.alias} if join.child in gone else set()
        return Path(self.base, tuple(join for join in self.joins if join.alias not in gone))


def pruned(path: Path, needed: Iterable[str]) -> Path:
    """The path without the joins that none of the `needed` aliases is reached by."""
    keep = set(needed)
    joins: list[Join] = []
    for join in reversed(path.joins):
        if join.alias in keep:
            keep.add(join.child)
            joins.insert(0, join)
    return Path(path.base, tuple(joins))


def alias_for(relationship: Relationship, catalog: Catalog) -> str:
    """The parent's name, or the role (`sender` for `sender_id`) where a table points twice at it, or is called so."""
    table, parent = (name.split(".", 1)[1] for name in (relationship.table, relationship.to_table))
    ends = (relationship.table, relationship.to_table)
    if table != parent and sum((r.table, r.to_table) == ends for r in catalog.relationships) == 1:
        return parent
    role = relationship.column.removesuffix("_id")
    return role if role != table else f"other_{role}"


def _steps(catalog: Catalog, path: Path) -> Iterator[Join]:
    """The joins that may follow. What the base points at directly is not reached by a detour."""
    scope = path.scope
    direct = {r.to_table for r in catalog.relationships if r.table == path.base.full_name}
    direct -= {path.base.full_name}
    for alias, table in scope.items():
        for relationship in catalog.relationships:
            if relationship.table != table.full_name:
                continue
            if table is not path.base and relationship.to_table in direct:
                continue
            new = alias_for(relationship, catalog)
            if new not in scope:
                yield Join(
                    alias,
                    relationship.column,
                    new,
                    catalog.table(relationship.to_table),
                    relationship.to_column,
                )


@lru_cache(maxsize=64)
def paths(catalog: Catalog, most: int = MOST_JOINS) -> tuple[Path, ...]:
    """All paths with up to `most` joins; of those that differ only in order the first is kept."""
    found: dict[frozenset[str], Path] = {}
    frontier = [Path(table) for table in catalog.tables]
    for _ in range(most + 1):
        following = []
        for path in frontier:
            same = frozenset((path.clause.split(" JOIN ")[0], *(join.clause for join in path.joins)))
            if same not in found:
                found[same] = path
                following += [Path(path.base, (*path.joins, join)) for join in _steps(catalog, path)]
        frontier = following
    return tuple(found.values())


def spanning(catalog: Catalog, base: Table, goals: Iterable[str], most: int) -> Path | None:
    """The path of more joins than `paths` has, and at most so many, from a base to all of the tables, by full name,
    that it leads to; by the fewest joins to each. None where there is none."""
    ways: dict[str, tuple[Join, ...]] = {base.full_name: ()}
    for name in (found := [base.full_name]):
        alias = ways[name][-1].alias if ways[name] else base.name
        for link in catalog.relationships:
            if link.table == name and link.to_table not in ways:
                parent = catalog.table(link.to_table)
                join = Join(alias, link.column, alias_for(link, catalog), parent, link.to_column)
                ways[link.to_table] = (*ways[name], join)
                found.append(link.to_table)
    joins = tuple(dict.fromkeys(join for goal in goals for join in ways.get(goal, ())))
    distinct = len({base.name, *(join.alias for join in joins)}) == len(joins) + 1
    return Path(base, joins) if MOST_JOINS < len(joins) <= most and distinct else None
