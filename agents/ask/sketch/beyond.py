"""What is above the average, or below it: rows by a measure, and things by the average of theirs."""

from __future__ import annotations

import re
from collections.abc import Iterator

from agents.ask.sketch.draft import Draft
from agents.paths import written

_BEYOND = re.compile(
    r"\b(?:(?P<more>above|over|beats?|exceed\w*|(?:more|higher|better|longer|greater|larger|older|heavier) than)"
    r"|below|under|(?:less|fewer|lower|worse|shorter|smaller|younger|cheaper) than)"
    r" (?:\w+ ){0,3}(?:average|mean)\b",
    re.IGNORECASE,
)


def beyond(draft: Draft) -> Iterator[str]:
    """Things and rows on one side of the average of all rows."""
    said = _BEYOND.search(draft.brief.context.question)
    if not said or draft.groups:
        return
    sign = ">" if said["more"] else "<"
    for place in draft.said:
        column = draft.ground.sql(place)
        mean = f"(FROM {written(place.table)} SELECT avg({place.column.name}))"
        for shown, by in _things(draft):
            yield draft.query(shown, f" GROUP BY {by} HAVING avg({column}) {sign} {mean}")
        if place.table is draft.base and draft.of_base:
            test = f"{column} {sign} {mean}"
            rows = draft.where.clause()
            shown = draft.counted if draft.asks("count") else draft.thing(draft.asked)[0]
            if shown:
                yield f"{draft.query(shown)}{' AND' if rows else ' WHERE'} {test}"


def _things(draft: Draft) -> Iterator[tuple[str, str]]:
    """What has several rows of which an average is told."""
    title, by = draft.thing(draft.asked)
    if title and not draft.of_base:
        yield title, by
    yield from ((draft.ground.sql(place), "ALL") for place in draft.shown if draft.sorts(place))
