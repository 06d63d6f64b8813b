"""One number by another: a measure for each unit of another one, rows for each thing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from agents.ask.sketch.draft import Draft
from agents.ask.sketch.ground import Place
from agents.ask.sketch.where import joined, measured
from agents.paths import Join, written

_BY = re.compile(r"\bper\b|/|\bout of\b|\bdivided by\b|\bratio|\brates?\b|\bshares?\b|\bproportion|%|\bper ?cent", re.I)
_HUNDRED = re.compile(r"%|\bper ?cent|\bpercentage|\brates?\b|\bshares?\b", re.I)
_MANY = re.compile(r"\b(?:average|mean|avg) (?:number|count|nr|no\.?|#) of\b|\bhow many\b.*\bon average\b", re.I)
_MANY_FIRST = re.compile(r"\bon average\b.*\bhow many\b|\bhow many\b.*\b(?:average|typical)", re.I)
_ALL = re.compile(r"\b(?:without|none|zero|no|nobody)\b|\bincl", re.I)


def ratios(draft: Draft) -> Iterator[str]:
    """The sum of one measure by that of another, in the order in which they are said."""
    if not _BY.search(draft.brief.context.question):
        return
    hundred = "100.0" if _HUNDRED.search(draft.brief.context.question) else "1.0"
    for first, last in _pairs(draft):
        # Of one unit both stay as they are; an amount by a count of litres is converted.
        same, of = first.column.unit == last.column.unit, draft.ground.sql(last)
        number = f"{hundred} * {f'sum({draft.ground.sql(first)})' if same else draft.aggregate('sum', first)}"
        if not draft.groups:
            yield draft.query(f"{number} / sum({of})")
        for group, by in draft.groups:
            # What a group's own thing has is not repeated by its rows: tons by the acres of each block.
            own = first.table is draft.base and last.alias != first.alias and (group, by) == draft.thing(last.alias)
            yield draft.query(f"{group}, {number} / {'max' if own else 'sum'}({of})", f" GROUP BY {by}")


def _pairs(draft: Draft) -> Iterator[tuple[Place, Place]]:
    """Each measure that is said with the one before it, or with the one that is said behind 'per'; where there is but
    one, what is paid for it, as in 'what do we pay per litre'."""
    said, named = draft.said, measured(draft.ground)
    if len(said) > 1:
        per = [place for hint, place in named if draft.brief.grouping(hint) and not draft.sorts(place)]
        behind = [(one, last) for last in per for one in said if one != last]
        yield from behind or pairwise(said)
    else:
        yield from ((paid, one) for one in said for paid in draft.money[:1] if paid != one and paid.table is one.table)


def per_thing(draft: Draft) -> Iterator[str]:
    """How many rows a thing has on average: of those that have some, or of all."""
    question = draft.brief.context.question
    if not (_MANY.search(question) or _MANY_FIRST.search(question)):
        return
    tests = tuple(test.sql for test in draft.where.tests)
    for join in draft.ground.path.joins:
        if join.child != draft.base.name or not (draft.grouped_by(join.alias) or join.alias == draft.asked):
            continue
        if _ALL.search(question):
            yield _of_all(draft, join)
        link = draft.ground.path.column(draft.base.name, join.column)
        yield f"{draft.ground.path.clause} SELECT 1.0 * count(*) / count(DISTINCT {link}){joined(iter(tests))}"


def _of_all(draft: Draft, join: Join) -> str:
    """How many rows there are for each thing, those that have none among them."""
    named = "" if join.alias == join.parent.name else f" AS {join.alias}"
    own = (test.sql for test in draft.where.tests if test.place.alias == join.alias)
    return draft.query(f"1.0 * count(*) / (FROM {written(join.parent)}{named} SELECT count(*){joined(own)})")


def exceeding(draft: Draft) -> Iterator[str]:
    """Things of whose rows a sum or an average is bounded."""
    place, form = draft.where.bounded, "avg" if draft.asks("average") else "sum"
    if place is None or not draft.asks("average", "sum"):
        return
    column = draft.ground.sql(place)
    tests = tuple(test for test in draft.where.tests if test.place == place)
    bounds = " AND ".join(test.sql.replace(column, f"{form}({column})", 1) for test in tests)
    things = [draft.thing(draft.asked)] if not draft.of_base else []
    things += [(draft.ground.sql(shown), "ALL") for shown in draft.shown if draft.sorts(shown)]
    for shown, by in things if bounds else ():
        if shown:
            after = f" GROUP BY {by} HAVING {bounds}"
            yield f"{draft.ground.path.clause} SELECT {shown}{draft.where.clause(but=tests)}{after}"
