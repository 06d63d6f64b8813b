"""`key [NOT] IN (FROM … SELECT …)`: things by the rows that point at them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from agents.columns import keys
from agents.grammar.required import Filter
from agents.grammar.rules import terminal
from agents.grammar.scope import Scope
from agents.paths import Path
from data.catalog import Table

if TYPE_CHECKING:
    from agents.grammar.where import Part, Where


def holding(scope: Scope, inside: Callable[[Scope], Where], wanted: Sequence[Filter]) -> Iterator[str]:
    """Options for the sub-queries that a path's keys may be in, each with all filters that are wanted there."""
    for alias, table in scope.tables():
        for key in sorted(keys(scope.basis.catalog, table)):
            for path, column in _pointing(scope, table, key):
                where = inside(Scope(scope.basis, path))
                part = _among(where, wanted)
                if part is not None:
                    body = _body(scope, where, path, column, part)
                    yield f"{scope.column(alias, key)} {body}" if body else ""


def _among(where: Where, wanted: Sequence[Filter]) -> Part | None:
    """The numbers that filters have inside a sub-query; None where it lacks one."""
    hints = {hint for filter_ in wanted for hint in filter_.hints}
    part = frozenset(n for n, f in enumerate(where.required) if hints & set(f.hints))
    return part if hints <= {hint for n in part for hint in where.required[n].hints} else None


def _body(scope: Scope, where: Where, path: Path, column: str, part: Part) -> str:
    """What follows the key; NOT IN leaves NULLs out."""
    basis = scope.basis
    conditions = where.all(part)
    if part and not conditions:
        return ""
    head = f"(FROM {path.clause.removeprefix('FROM ')} SELECT {column}"
    bound = basis.rules.add(basis.compared, terminal(" > 1"))
    counted = basis.rules.optional(f"{terminal(f' GROUP BY {column} HAVING count(*)')} {bound}")
    some, more = f'" WHERE " {conditions}', f'" AND " {conditions}'
    if not part:
        some, more = (basis.rules.optional(text) if conditions else "" for text in (some, more))
    without = terminal(f" NOT IN {head} WHERE {column} IS NOT NULL")
    return basis.rules.add(f'{terminal(f" IN {head}")} {some} {counted} ")"', f'{without} {more} {counted} ")"')


def _pointing(scope: Scope, table: Table, key: str) -> Iterator[tuple[Path, str]]:
    """Paths of at most one join whose last table points at `table.key`, clear of the scope's own tables."""
    used = {t.full_name for t in scope.path.scope.values()}
    for link in scope.basis.catalog.relationships:
        if (link.to_table, link.to_column) != (table.full_name, key):
            continue
        for path in scope.basis.ending.get(link.table, ()):
            own = link.table == table.full_name and scope.bare and not path.joins
            if own or not used & {t.full_name for t in path.scope.values()}:
                yield path, path.column(list(path.scope)[-1], link.column)
