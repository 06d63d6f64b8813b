"""Parts of the rows side by side: a number for each of the values or periods that are named."""

from __future__ import annotations

import re
from collections.abc import Iterator

from agents.ask.sketch.draft import Draft
from agents.ask.sketch.where import Test

_COMPARED = re.compile(
    r"\b(?:compar\w+|versus|vs|against|both|or|than|unlike|as opposed to|in contrast|beside)\b", re.IGNORECASE
)
_ALL = re.compile(
    r"\b(?:compar\w+|versus|vs|against|than|beside)\b.*\b(?:all|overall|total|everyone|everybody|in general)\b",
    re.IGNORECASE,
)
MOST = 2
"""Numbers that are told of each."""


def sides(draft: Draft) -> Iterator[str]:
    """'Compared with', 'or', 'and how many': in a row for each, and in one row."""
    if not draft.asks("count", "sum", "average", "median") or draft.groups:
        return
    for test in draft.where.parts:
        if len(draft.where.several.get(test.place, ())) > 1:
            column = draft.ground.sql(test.place)
            yield from (draft.query(f"{column}, {number}", " GROUP BY ALL") for number in draft.numbers[:MOST])
    yield from _others(draft)
    if len(draft.where.spans) > 1 and (time := draft.where.time):
        year = f"year({draft.ground.sql(time)})"
        yield from (draft.query(f"{year}, {number}", " GROUP BY ALL") for number in draft.numbers[:MOST])
        left = tuple(test for test in draft.where.tests if test.place == time)
        yield from (_beside(draft, number, draft.where.spans, left) for number in draft.numbers[:MOST])


def _others(draft: Draft) -> Iterator[str]:
    """One value beside those that are not named, in rows for each of them, or beside all rows, in one row."""
    question = draft.brief.context.question
    for test in draft.where.parts if _COMPARED.search(question) else ():
        if test.place in draft.where.several or not test.sql.endswith("'"):
            continue
        column, rows = draft.ground.sql(test.place), draft.where.clause(but=(test,))
        for number in draft.numbers[:MOST]:
            if _ALL.search(question):
                yield f"{draft.ground.path.clause} SELECT {draft.of(number, test)}, {number}{rows}"
            else:
                yield f"{draft.ground.path.clause} SELECT {column}, {number}{rows} GROUP BY ALL"


def _beside(draft: Draft, number: str, tests: tuple[Test, ...], left: tuple[Test, ...]) -> str:
    shown = ", ".join(draft.of(number, test) for test in tests)
    return f"{draft.ground.path.clause} SELECT {shown}{draft.where.clause(but=left)}"
