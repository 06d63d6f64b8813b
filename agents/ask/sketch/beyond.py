"""What is above the average, or below it: rows by a measure, and things by the average of theirs."""

from __future__ import annotations

import re
from collections.abc import Iterator

from agents.ask.sketch.draft import Draft
from agents.ask.sketch.ground import Place
from agents.ask.sketch.where import joined
from agents.grammar.rules import quote
from agents.paths import written

_BEYOND = re.compile(
    r"\b(?:(?P<more>above|over|beats?|exceed\w*|(?:more|higher|better|longer|greater|larger|older|heavier|dearer) than)"
    r"|below|under|(?:less|fewer|lower|worse|shorter|smaller|younger|cheaper|lighter) than)"
    r" (?:\w+ ){0,3}(?:average|mean)\b",
    re.IGNORECASE,
)


def above(question: str) -> bool | None:
    """Whether a question asks for what is above an average (True) or below it; None where it asks for neither."""
    said = _BEYOND.search(question)
    return bool(said["more"]) if said else None


def beyond(draft: Draft) -> Iterator[str]:
    """Things and rows on one side of the average of all rows."""
    side = above(draft.brief.context.question)
    if side is None or draft.groups:
        return
    sign = ">" if side else "<"
    for place in draft.meant:
        column = draft.ground.sql(place)
        mean = f"(FROM {written(place.table)} SELECT avg({place.column.name}){joined(_again(draft, place))})"
        for shown, by in _things(draft):
            yield draft.query(shown, f" GROUP BY {by} HAVING avg({column}) {sign} {mean}")
        if place.table is draft.base and draft.of_base:
            test = f"{column} {sign} {mean}"
            rows = draft.where.clause()
            shown = draft.counted if draft.asks("count") else draft.thing(draft.asked)[0]
            if shown:
                yield f"{draft.query(shown)}{' AND' if rows else ' WHERE'} {test}"


def _again(draft: Draft, place: Place) -> Iterator[str]:
    """What the average is of as well, as it is said twice: 'A checks dearer than the average A check'."""
    said = [hint.literals[0] for hint in draft.brief.hints("value")]
    twice = {quote(text) for text in said if said.count(text) > 1}
    own = (test for test in draft.where.parts if test.place.table is place.table)
    return (test.sql for test in own if test.sql.rpartition(" = ")[2] in twice)


def _things(draft: Draft) -> Iterator[tuple[str, str]]:
    """What has several rows of which an average is told."""
    title, by = draft.thing(draft.asked)
    if title and not draft.of_base:
        yield title, by
    yield from ((draft.ground.sql(place), "ALL") for place in draft.shown if draft.sorts(place))
