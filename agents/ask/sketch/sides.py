"""Parts of the rows side by side: a number for each of the values or periods that are named."""

from __future__ import annotations

from collections.abc import Iterator

from agents.ask.sketch.draft import Draft
from agents.ask.sketch.where import Test

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
    if len(draft.where.spans) > 1 and (time := draft.where.time):
        year = f"year({draft.ground.sql(time)})"
        yield from (draft.query(f"{year}, {number}", " GROUP BY ALL") for number in draft.numbers[:MOST])
        left = tuple(test for test in draft.where.tests if test.place == time)
        yield from (_beside(draft, number, draft.where.spans, left) for number in draft.numbers[:MOST])


def _beside(draft: Draft, number: str, tests: tuple[Test, ...], left: tuple[Test, ...]) -> str:
    shown = ", ".join(draft.of(number, test) for test in tests)
    return f"{draft.ground.path.clause} SELECT {shown}{draft.where.clause(but=left)}"
