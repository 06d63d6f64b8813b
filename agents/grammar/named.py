"""Conditions on texts that the question names: linked values at their columns, and those that the prompt shows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice, product

from agents.columns import few
from agents.grammar.required import Filter
from agents.grammar.rules import Rules, quote, terminal
from agents.grammar.scope import Scope
from data.catalog import Table

Place = tuple[str, str]
"""An alias and a column."""
MOST_ROLES, MOST_WAYS = 3, 12
"""Values that may each stand in a column of its own, and the ways in which they may be shared out."""


def merged(scope: Scope, filters: Iterable[Filter]) -> list[Filter]:
    """The filters, with those as one that hold their values in the same column of a path."""
    apart: list[Filter] = []
    groups: list[tuple[Filter, frozenset[Place]]] = []
    for filter_ in filters:
        own = common(scope, filter_) if filter_.kind == "value" else frozenset()
        near = next((i for i, (_, shared) in enumerate(groups) if shared & own), None)
        if not own:
            apart.append(filter_)
        elif near is None:
            groups.append((filter_, own))
        else:
            first, shared = groups[near]
            groups[near] = (first.joined(filter_), shared & own)
    return [*(first for first, _ in groups), *apart]


def places(scope: Scope, targets: Iterable[str]) -> frozenset[Place]:
    """Where texts of these columns stand in a path: there, and in what points at them or they point at."""
    wanted = {same for target in targets for same in (target, *scope.basis.same.get(target, ()))}
    return frozenset((a, c.name) for a, t, c in scope.columns("text") if f"{t.full_name}.{c.name}" in wanted)


def common(scope: Scope, filter_: Filter) -> frozenset[Place]:
    """The columns of a path that can hold all values of a filter."""
    found = [places(scope, hint.targets) for hint in filter_.hints]
    return frozenset.intersection(*found)


def valued(scope: Scope, filter_: Filter, *, alone: bool) -> Iterator[str]:
    """Options with all values of a filter: in one column, or each in one of its own; with `alone` also with one."""
    rules, shared = scope.basis.rules, sorted(common(scope, filter_))
    if len(filter_.values) == 1:
        yield from (f"{scope.column(*place)} {_equal(rules, filter_.values)}" for place in shared)
    apart = list(_apart(scope, filter_))
    if len(filter_.values) > 1 and not (filter_.roles and (apart or filter_.required)):
        yield from (f"{scope.column(*place)} {_among(rules, filter_.values)}" for place in shared)
    yield from apart
    yield from (f"{scope.column(*place)} {among}" for place in shared if (among := _shown(scope, place)))
    if alone:
        yield from (f"{scope.column(*place)} {_equal(rules, filter_.values)}" for place in shared)


def _equal(rules: Rules, values: Sequence[str]) -> str:
    return rules.terms(*(f" {sign} {quote(value)}" for sign in ("=", "!=") for value in values))


def _among(rules: Rules, values: Sequence[str]) -> str:
    inside = ' ", " '.join(terminal(quote(value)) for value in values)
    return rules.add(f'{rules.terms(" IN (", " NOT IN (")} {inside} ")"')


def _apart(scope: Scope, filter_: Filter) -> Iterator[str]:
    """Each value in a column of its own: 'from Canada to France'."""
    if not 1 < len(filter_.values) <= MOST_ROLES:
        return
    holding = {hint.literals[0]: sorted(places(scope, hint.targets)) for hint in filter_.hints}
    ways = (way for way in product(*holding.values()) if len(set(way)) == len(way))
    for way in islice(ways, MOST_WAYS):
        tests = (terminal(f" = {quote(value)}") for value in holding)
        yield ' " AND " '.join(f"{scope.column(*place)} {test}" for place, test in zip(way, tests, strict=True))


def _shown(scope: Scope, place: Place) -> str:
    """Some of the values of a column that the prompt shows."""
    return listed(scope, _told(scope, scope.path.scope[place[0]], place[1]))


def _told(scope: Scope, table: Table, column: str) -> tuple[str, ...]:
    return few(scope.basis.values.get(table.full_name, {}).get(column, ()))


def listed(scope: Scope, values: Sequence[str]) -> str:
    """A rule for a list of two or more of these values."""
    if len(values) < 2:
        return ""
    rules = scope.basis.rules
    value = rules.terms(*map(quote, values))
    return rules.add(f'{rules.terms(" IN (", " NOT IN (")} {value} (", " {value}){{1,{len(values) - 1}}} ")"')


def chosen(scope: Scope, alias: str, table: Table) -> Iterator[str]:
    """The values that the prompt shows, at their columns."""
    for column in scope.basis.columns("text", table):
        if found := _told(scope, table, column.name):
            tests = scope.basis.rules.add(_equal(scope.basis.rules, found), listed(scope, found))
            yield f"{scope.column(alias, column.name)} {tests}"
