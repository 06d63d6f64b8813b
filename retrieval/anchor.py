"""The day that a question says it is: 'Today is 10 January 2025. How many came last month?'."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta

from retrieval.moments import periods

NOON = time(12)
LONGEST = timedelta(days=31)
_LEAD = re.compile(
    r"(?:\b(?:(?:please\s+)?(?:assum(?:e|ing)|suppos(?:e|ing)|imagin(?:e|ing)|say|pretend|given|if|when|as)\s+(?:that\s+)?)?"
    r"(?:today(?:['’]s(?:\s+date)?)?|the\s+(?:current\s+)?date(?:\s+today)?|now|it(?:['’]s)?)"
    r"(?:\s+(?:is|was|were|being))?(?:\s+(?:now|currently|today))?(?:\s+the)?\s*[:=(]?\s*)$",
    re.I,
)
_SAYS = re.compile(r"\b(?:today|date|now)\b|\b(?:assum|suppos|imagin|say|pretend|given|if)\w*\b", re.I)
_SINCE = re.compile(r"\b(?:since|until|till|before|after|from|by|up to)\s+$", re.I)
_END = re.compile(r"\s*(?:\)[.,;:]?|[.,;:!?–—-]+(?=\s|$)|$)\s*")
_BEGINS = re.compile(r"(?:^|[.;!?(])\s*$")


@dataclass(frozen=True)
class Anchor:
    """`now` by what the question says, and the question with that sentence blanked out: places stay the same."""

    now: datetime
    question: str


def anchored(question: str, now: datetime) -> Anchor:
    """The moment that periods are counted from: `now` unless the question names another day."""
    for start, end, (since, until) in periods(question, now):
        lead = _LEAD.search(question[:start])
        after = _END.match(question, end)
        if not lead or not after or until - since > LONGEST:
            continue
        begins = _BEGINS.search(question[: lead.start()])
        if not (begins or _SAYS.search(lead[0])) or _SINCE.search(question[: lead.start()]):
            continue
        blanked = question[: lead.start()] + " " * (after.end() - lead.start()) + question[after.end() :]
        return Anchor(datetime.combine(since, NOON, UTC), blanked)
    return Anchor(now, question)
