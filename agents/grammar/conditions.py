"""The single conditions that may stand in the WHERE of a path."""

from __future__ import annotations

from collections.abc import Iterator

from agents.columns import measures
from agents.grammar.named import chosen, listed, merged, valued
from agents.grammar.numbers import row_number
from agents.grammar.periods import calendared, timed
from agents.grammar.required import Filter
from agents.grammar.rules import quote, terminal
from agents.grammar.scope import Scope
from agents.paths import identifier, written
from data.catalog import Column, Table

_SIGNS = (" = ", " != ", " > ", " < ", " >= ", " <= ")


def placed(scope: Scope, filter_: Filter, *, alone: bool = False) -> str:
    """A rule for a constant of the question at the columns of a path, "" where there is none for it.

    With `alone` one of several values is enough, and one of the periods that a longer one lies between.
    """
    apart = alone or not filter_.required
    options = timed(scope, filter_, apart=apart) if filter_.kind == "time" else valued(scope, filter_, alone=apart)
    return scope.basis.rules.add(*options)


def free(scope: Scope) -> Iterator[str]:
    """Options for what may be asked beside the required: comparisons, flags, searches, missing values."""
    basis = scope.basis
    free = [Filter(f.hints, False, f.roles) for f in basis.filters]
    yield from (placed(scope, filter_) for filter_ in merged(scope, free))
    yield from _tested(scope)
    yield scope.each("choice", lambda alias, table: chosen(scope, alias, table))
    yield scope.each("average", lambda alias, table: _averages(scope, alias, table))
    yield from _compared(scope)
    yield from calendared(scope, basis.literals.calendar)


def _tested(scope: Scope) -> Iterator[str]:
    """Missing values, flags, and texts that are searched."""
    rules = scope.basis.rules
    search = scope.basis.once(("search",), lambda: rules.add(*_searches(scope)))
    tests = (("missing", rules.terms(" IS NULL", " IS NOT NULL")), ("flag", rules.terms(" = true", " = false")))
    for use, test in (*tests, ("text", search)):
        if test and (column := scope.rule(use)):
            yield f"{column} {test}"


def _averages(scope: Scope, alias: str, table: Table) -> Iterator[str]:
    for column in measures(scope.basis.catalog, table):
        yield f"{scope.column(alias, column.name)} {above(scope, table, column)}"


def above(scope: Scope, table: Table, column: Column) -> str:
    """One side of the average of a column over all rows of its table."""
    average = terminal(f"(FROM {written(table)} SELECT avg({identifier(column.name)}))")
    return f"{scope.basis.rules.terms(' > ', ' < ')} {average}"


def _searches(scope: Scope) -> Iterator[str]:
    """What a text may hold: the question's own words; an unknown name may be all of it."""
    literals = scope.basis.literals
    yield from (terminal(f" {sign} {quote(name)}") for name in literals.names for sign in ("=", "!="))
    yield listed(scope, literals.names)
    for word in literals.words:
        for pattern in (f"%{word}%", f"{word}%", f"%{word}"):
            yield terminal(f" ILIKE {quote(pattern)}")
            yield terminal(f" NOT ILIKE {quote(pattern)}")


def _compared(scope: Scope) -> Iterator[str]:
    """Numbers with those of the question, and columns with others of their kind."""
    basis, number = scope.basis, row_number(scope)
    signs, same = basis.rules.terms(*_SIGNS), basis.rules.terms(" = ", " != ")
    yield from (f"{measure} {signs} {others}" for measure, others in scope.units())
    yield from (f"{time} {signs} {others}" for time, others in scope.pairs("time"))
    if number and basis.compared:
        yield f"{number} {basis.compared}"
    if (counter := scope.rule("counter")) and basis.literals.numbers:
        yield f"{counter} {basis.rules.terms(*(f' = {number}' for number in basis.literals.numbers))}"
    yield from (f"{link} {same} {others}" for link, others in _twins(scope))
    if not scope.bare and (text := scope.rule("text")):
        yield f"{text} {same} {text}"


def _twins(scope: Scope) -> Iterator[tuple[str, str]]:
    """The columns that point at another table, with a rule of the others that point at the same: who checked and who
    made."""
    goals: dict[tuple[str, str], str] = {}
    for link in scope.basis.catalog.relationships:
        if link.table != link.to_table:
            goals[link.table, link.column] = link.to_table
    places = [
        (goals[table.full_name, column.name], scope.column(alias, column.name))
        for alias, table in scope.tables()
        for column in table.columns
        if (table.full_name, column.name) in goals
    ]
    for goal, column in places:
        if others := [other for same, other in places if same == goal and other != column]:
            yield column, scope.basis.rules.add(*others)
