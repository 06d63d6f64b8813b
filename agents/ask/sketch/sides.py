"""Parts of the rows side by side: a number for each of the values or periods that are named."""

from __future__ import annotations

import re
from collections.abc import Iterator

from agents.ask.sketch.brief import Brief
from agents.ask.sketch.draft import Draft
from agents.columns import flags

_COMPARED = re.compile(
    r"\b(?:compar\w+|versus|vs|against|both|or|than|unlike|as opposed to|in contrast|beside)\b", re.IGNORECASE
)
_ALL = re.compile(
    r"\b(?:compar\w+|versus|vs|against|than|beside)\b.*\b(?:all|overall|total|everyone|everybody|in general)\b",
    re.IGNORECASE,
)
_WITHOUT = re.compile(r"\bwith\b.*\b(?:and|or|vs\.?|versus|than)\b.*\bwithout\b", re.IGNORECASE)
_YEARS = re.compile(r"\b\d{4} (?:and|&|to|-) \d{4}\b", re.IGNORECASE)
MOST = 2
"""Numbers that are told of each."""


def sides(draft: Draft) -> Iterator[str]:
    """'Compared with', 'or', 'and how many': in a row for each, and in one row."""
    if draft.groups:
        yield from _of_each(draft)
        return
    compared = len(draft.where.spans) > 1 and _COMPARED.search(draft.brief.context.question)
    if not (compared or draft.asks("count", "sum", "average", "median")):
        return
    for test in draft.where.parts:
        if len(draft.where.several.get(test.place, ())) > 1:
            column = draft.ground.sql(test.place)
            yield from (draft.query(f"{column}, {number}", " GROUP BY ALL") for number in draft.numbers[:MOST])
    yield from _others(draft)
    if (time := draft.where.time) and (len(draft.where.spans) > 1 or _by_years(draft.brief)):
        year = f"year({draft.ground.sql(time)})"
        yield from (draft.query(f"{year}, {number}", " GROUP BY ALL") for number in draft.numbers[:MOST])
    if len(draft.where.spans) > 1:
        yield from (_beside(draft, number) for number in draft.numbers[:MOST])


def _of_each(draft: Draft) -> Iterator[str]:
    """The numbers of several periods beside each other, for each thing."""
    for shown, by in draft.groups if len(draft.where.spans) > 1 else ():
        numbers = draft.numbers[:MOST] if shown else []
        yield from (f"{_beside(draft, number, shown)} GROUP BY {by}" for number in numbers)


def _by_years(brief: Brief) -> bool:
    """Whether years that are said together are to be compared, as in 'compare 2023 and 2024'."""
    years = any(_YEARS.search(hint.span) for hint in brief.hints("time"))
    return years and bool(_COMPARED.search(brief.context.question))


def _others(draft: Draft) -> Iterator[str]:
    """One value beside those that are not named, in rows for each of them, or beside all rows, in one row."""
    question = draft.brief.context.question
    both = _WITHOUT.search(question)
    for test in draft.where.parts if both or _COMPARED.search(question) else ():
        state = bool(both) and test.place.column in flags(test.place.table)
        if test.place in draft.where.several or not (state or test.sql.endswith("'")):
            continue
        column, rows = draft.ground.sql(test.place), draft.where.clause(but=(test,))
        for number in draft.numbers[:MOST]:
            if _ALL.search(question):
                yield f"{draft.ground.path.clause} SELECT {draft.of(number, test)}, {number}{rows}"
            else:
                yield f"{draft.ground.path.clause} SELECT {column}, {number}{rows} GROUP BY ALL"


def _beside(draft: Draft, number: str, *shown: str) -> str:
    """A number of each period in one row, behind what else is shown."""
    told = ", ".join((*shown, *(draft.of(number, test) for test in draft.where.spans)))
    left = tuple(test for test in draft.where.tests if test.place == draft.where.time)
    return f"{draft.ground.path.clause} SELECT {told}{draft.where.clause(but=left)}"
