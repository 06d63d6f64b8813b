"""Conditions on times: the periods of a question, and what a calendar says of them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import combinations

from agents.columns import dated, ends, tells
from agents.grammar.literals import calendar
from agents.grammar.required import Filter
from agents.grammar.rules import terminal
from agents.grammar.scope import Scope
from data.catalog import Column, Table
from retrieval.hints import Hint
from retrieval.moments import moments

MOST_DATED = 4
"""Days of a table of which a later one may be the end of what an earlier one begins."""
_FROM = re.compile(r"^(?:from|between|since)\s+", re.IGNORECASE)
_AND = re.compile(r"\s(?:to|and|through|until|vs\.?|than|or)\s|[-–—]")


def timed(scope: Scope, filter_: Filter, *, apart: bool) -> Iterator[str]:
    """Options for any period of a filter; with `apart` also for what it lies between: 'from 2021 to 2022'."""
    for hint in filter_.hints:
        yield from _period(scope, hint)
        for part in scope.basis.once(("parts", hint), lambda h=hint: _parts(scope, h)) if apart else ():  # type: ignore[misc]
            yield from _period(scope, part)


def _parts(scope: Scope, hint: Hint) -> list[Hint]:
    """The periods that the words of a longer one name."""
    pieces = _AND.split(_FROM.sub("", hint.span)) if not hint.brief else []
    found = [moment for piece in pieces for moment in moments(piece, scope.basis.context.now)]
    days = [(str(moment.since or ""), str(moment.until or "")) for moment in found]
    parts = [Hint(hint.span, "time", literals=ends) for ends in days if ends != hint.literals]
    return [part for part in parts if not part.brief] if len(pieces) > 1 else []


def _period(scope: Scope, hint: Hint) -> Iterator[str]:
    """Both ends of a period; or the month, day of the week or year that its words name."""
    for alias, column in _about(scope, hint):
        name = scope.column(alias, column.name)
        yield f"{name} " + f' " AND " {name} '.join(map(terminal, ends(column, hint)))
    if not hint.brief and all(hint.literals):
        yield scope.each(f"lasting {hint.literals}", lambda alias, table: _lasting(scope, alias, table, hint))
    if not hint.brief:
        named = scope.basis.once(("named", hint.span), lambda: frozenset(calendar(hint.span)))
        yield from calendared(scope, [text for text in scope.basis.literals.calendar if text in named])


def _lasting(scope: Scope, alias: str, table: Table, hint: Hint) -> Iterator[str]:
    """What began before the period's end, and goes on or ended after its beginning."""
    for first, last in combinations(dated(table)[:MOST_DATED], 2):
        start, end = scope.column(alias, first.name), scope.column(alias, last.name)
        since, before = (terminal(text) for text in ends(last, hint)[:1] + ends(first, hint)[1:])
        yield f'{start} {before} " AND " "(" {end} {since} " OR " {end} " IS NULL" ")"'


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


def calendared(scope: Scope, conditions: Iterable[str]) -> Iterator[str]:
    """Conditions on what a calendar says of any time; `month(` and ` = 12` are terminals of their own."""
    time = scope.rule("time")
    for condition in conditions if time else ():
        before, after = condition.split("{}")
        yield f"{terminal(before)} {time} {terminal(after[:1])} {terminal(after[1:])}"
