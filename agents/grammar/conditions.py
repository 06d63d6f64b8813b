"""The single conditions that may stand in the WHERE of a path."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import permutations

from agents.columns import dated, ends, measures, tells, texts
from agents.grammar.literals import calendar, choices
from agents.grammar.numbers import row_number
from agents.grammar.required import Filter
from agents.grammar.rules import quote, terminal
from agents.grammar.scope import Scope
from agents.paths import identifier, written
from data.catalog import Column, Table
from retrieval.hints import Hint

MOST_ROLES = 3
_SIGNS = (" = ", " != ", " > ", " < ", " >= ", " <= ")


def placed(scope: Scope, filter_: Filter, *, alone: bool = False) -> str:
    """A rule for a constant of the question at the columns of a path, "" where there is none for it.

    With `alone` one of several values is enough.
    """
    if filter_.kind == "time":
        return scope.basis.rules.add(*_period(scope, filter_.hints[0]))
    found = [(a, c) for a, t, c in scope.columns("text") if f"{t.full_name}.{c.name}" in filter_.targets]
    names = [scope.column(alias, column.name) for alias, column in found]
    options = _all_values(names, filter_)
    if alone or not filter_.required:
        options += [f"{name} {_equal(value)}" for name in names for value in filter_.values]
    return scope.basis.rules.add(*options)


def _equal(value: str, sign: str = "=") -> str:
    return terminal(f" {sign} {quote(value)}")


def _all_values(names: Sequence[str], filter_: Filter) -> list[str]:
    """Conditions with all values of a filter: on one column, or one each where there are several roles."""
    values = filter_.values
    if len(values) == 1:
        return [f"{name} {_equal(values[0], sign)}" for name in names for sign in ("=", "!=")]
    among = ", ".join(map(quote, values))
    tests = (terminal(f" IN ({among})"), terminal(f" NOT IN ({among})"))
    options = [f"{name} {test}" for name in names for test in tests[filter_.roles :]]
    if len(values) <= min(len(names), MOST_ROLES):
        for roles in permutations(names, len(values)):
            pairs = zip(roles, values, strict=True)
            options.append(' " AND " '.join(f"{name} {_equal(value)}" for name, value in pairs))
    return options


def _period(scope: Scope, hint: Hint) -> Iterator[str]:
    """Both ends of a period; or the month, day of the week or year that its words name, of any column of times."""
    for alias, column in _about(scope, hint):
        name = scope.column(alias, column.name)
        yield f"{name} " + f' " AND " {name} '.join(map(terminal, ends(column, hint)))
    if not hint.brief:
        yield from _calendar(scope, [text for text in scope.basis.literals.calendar if _names(hint, text)])


def _names(hint: Hint, condition: str) -> bool:
    return condition in calendar(hint.span)


def _about(scope: Scope, hint: Hint) -> list[tuple[str, Column]]:
    """The times that can tell a period. Minutes are those of the row itself, unless another time is named.

    No model has seen many questions about minutes, so it is not left to choose.
    """
    able = [(alias, table, column) for alias, table, column in scope.columns("dated") if tells(column, hint)]
    if hint.brief:
        base = scope.path.base
        named = [found for found in able if f"{found[1].full_name}.{found[2].name}" in scope.basis.said]
        own = [found for found in able if found[1] is base and found[2].name == base.time]
        near = [found for found in able if found[1] is base] if dated(base) else []
        able = named or own or near or able
    return [(alias, column) for alias, _, column in able]


def free(scope: Scope) -> Iterator[str]:
    """Options for what may be asked beside the required: comparisons, flags, searches, missing values."""
    basis = scope.basis
    yield from (rule for f in basis.filters if (rule := placed(scope, Filter(f.hints, False, f.roles))))
    yield from _tested(scope)
    yield scope.each("choice", lambda alias, table: _choices(scope, alias, table))
    yield scope.each("average", lambda alias, table: _averages(scope, alias, table))
    yield from _compared(scope)
    yield from _calendar(scope, basis.literals.calendar)


def _tested(scope: Scope) -> Iterator[str]:
    """Missing values, flags, and texts that are searched."""
    rules = scope.basis.rules
    search = scope.basis.once(("search",), lambda: rules.add(*_searches(scope)))
    tests = (("missing", rules.terms(" IS NULL", " IS NOT NULL")), ("flag", rules.terms(" = true", " = false")))
    for use, test in (*tests, ("text", search)):
        if test and (column := scope.rule(use)):
            yield f"{column} {test}"


def _choices(scope: Scope, alias: str, table: Table) -> Iterator[str]:
    """The values that the prompt shows, at their columns."""
    basis = scope.basis
    for column in texts(table):
        if found := choices(basis.values, table, column.name):
            tests = basis.rules.terms(*(f" {sign} {quote(value)}" for value in found for sign in ("=", "!=")))
            yield f"{scope.column(alias, column.name)} {tests}"


def _averages(scope: Scope, alias: str, table: Table) -> Iterator[str]:
    signs = scope.basis.rules.terms(" > ", " < ")
    for column in measures(scope.basis.catalog, table):
        average = terminal(f"(FROM {written(table)} SELECT avg({identifier(column.name)}))")
        yield f"{scope.column(alias, column.name)} {signs} {average}"


def _searches(scope: Scope) -> Iterator[str]:
    """What a text may hold: the question's own words; an unknown name may be all of it."""
    literals = scope.basis.literals
    yield from (terminal(f" = {quote(name)}") for name in literals.names)
    for word in literals.words:
        for pattern in (f"%{word}%", f"{word}%", f"%{word}"):
            yield terminal(f" ILIKE {quote(pattern)}")
            yield terminal(f" NOT ILIKE {quote(pattern)}")


def _compared(scope: Scope) -> Iterator[str]:
    """Numbers with those of the question, and columns with others of their kind."""
    basis, time, number = scope.basis, scope.rule("time"), row_number(scope)
    signs, same = basis.rules.terms(*_SIGNS), basis.rules.terms(" = ", " != ")
    yield from (f"{unit} {signs} {unit}" for unit in scope.units().values())
    if len(list(scope.columns("time"))) > 1:
        yield f"{time} {signs} {time}"
    if number and basis.compared:
        yield f"{number} {basis.compared}"
    if (counter := scope.rule("counter")) and basis.literals.numbers:
        yield f"{counter} {basis.rules.terms(*(f' = {number}' for number in basis.literals.numbers))}"
    if not scope.bare and (text := scope.rule("text")):
        yield f"{text} {same} {text}"


def _calendar(scope: Scope, conditions: Iterable[str]) -> Iterator[str]:
    """Conditions on what a calendar says of any time; `month(` and ` = 12` are terminals of their own."""
    time = scope.rule("time")
    for condition in conditions if time else ():
        before, after = condition.split("{}")
        yield f"{terminal(before)} {time} {terminal(after[:1])} {terminal(after[1:])}"
