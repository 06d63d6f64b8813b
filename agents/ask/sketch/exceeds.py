"""One measure of a row against another: 'jobs that cost more than double what was estimated'."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from agents.ask.abstain.explained import is_money
from agents.ask.sketch.amounts import is_of_money, quantities
from agents.ask.sketch.ground import Ground, Place
from agents.columns import WHOLE, measures, name_words
from retrieval.spans import normal, words

_PERIOD = r"(?! (?:the )?(?:(?:last|past|next|whole|same) )?(?:time|days?|weeks?|weekends?|months?|quarters?|years?)\b)"
_THAN = re.compile(
    r"\b(?:(?P<more>(?:more|higher|greater|larger|longer|dearer|bigger) than|exceed(?:s|ed|ing)?"
    rf"|(?:over|above){_PERIOD})|(?P<less>(?:less|lower|fewer|smaller|shorter|cheaper) than|(?:below|under){_PERIOD}))"
    r"(?: (?P<times>double|twice|three times|half))?"
    r"(?: (?:the|its|their|his|her|our|what|was|were|is|had|been|we|they|originally))* (?P<last>[^\W\d]\w*)",
    re.IGNORECASE,
)
"""With the first word of what it is put against: 'over the years' puts nothing against a measure."""
_TIMES = {"double": "2 * ", "twice": "2 * ", "three times": "3 * ", "half": "0.5 * "}


def exceeds(ground: Ground) -> Iterator[tuple[Place, str]]:
    """A measure with the condition that the question puts it in, beside another one that is counted alike."""
    question = ground.brief.context.question
    said = _THAN.search(question)
    if not said:
        return
    places = [Place(a, t, c) for a, t in ground.path.scope.items() for c in measures(ground.brief.catalog, t)]
    last = next(iter(_said(places, ground, said.start("last"), said.end())), None)
    others = [place for place in places if last and place != last and _alike(place, last)]
    named = _said(others, ground, 0, said.start()) or (others if is_of_money(question) else _stock(ground, others))
    if last and named:
        times = _TIMES.get((said["times"] or "").lower(), "")
        yield named[0], f"{ground.sql(named[0])} {'>' if said['more'] else '<'} {times}{ground.sql(last)}"


def _said(places: Sequence[Place], ground: Ground, start: int, end: int) -> list[Place]:
    """The measures that a part of the question means, else those of its tables, else those of its words."""
    question, hints = ground.brief.context.question, ground.brief.hints("column", "table")
    meant = {target for hint in hints if start <= hint.start < end for target in hint.targets}
    spoken = {normal(word.group()) for word in words(question[start:end])}
    named = [place for place in places if place.name in meant]
    named = named or [place for place in places if place.table.full_name in meant and is_money(place.column)]
    return named or [place for place in places if spoken & name_words(place.name)]


def _stock(ground: Ground, places: Sequence[Place]) -> list[Place]:
    """How many there are, which is what a level is of that nothing else is said of."""
    return [place for place in places if place.column in quantities(ground.brief.catalog, place.table)]


def _alike(one: Place, other: Place) -> bool:
    """Whether two measures can be compared: both are money, of the same unit, or count what one row is about."""
    if is_money(one.column) or is_money(other.column):
        return is_money(one.column) and is_money(other.column) and one.column.unit == other.column.unit
    whole = all(place.column.type.upper().startswith(WHOLE) for place in (one, other))
    return one.column.unit == other.column.unit and (
        one.column.unit is not None or (whole and one.table is other.table)
    )
