"""Whether a remark goes on from the question before, or stands on its own."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from agents.ask.followup.change import Change, beside
from data.catalog import Catalog
from retrieval.hints import Hint

_FLAGS = re.IGNORECASE
_POLITE = r"(?:(?:ok(?:ay)?|thanks?|thank you|great|cool|nice|right|alright|hmm+|hm|well|so|ah|oh|please|yes|yeah|sure|fine|perfect|got it|interesting)\b[\s,.!:;…-]*)*"
_LEAD = re.compile(
    rf"^\W*{_POLITE}(?P<lead>and\b|&|but\b|what about\b|how about\b|what if\b|what of\b|only\b|just\b|then\b|also\b|or\b|plus\b|same\b|"
    r"the same\b|now\b|again\b|instead\b|rather\b|actually\b|except\b|excluding\b|without\b|exclude\b|include\b|including\b|"
    r"add\b|drop\b|remove\b|ignore\b|leave out\b|forget\b|limit\b|restrict\b|narrow\b|filter\b|keep\b|regardless\b|"
    r"not\b|no[,.;:!–—-]|nope\b|sorry\b|wait\b|oops\b|i meant\b|i mean\b|i['’]d (?:rather|prefer)\b|make (?:it|that)\b|(?:change|switch|swap) (?:it|that|this|them|to)\b|"
    r"break (?:it|that|this|them|those)\b|split (?:it|that|this|them|those)\b|group (?:it|that|this|them|those)\b)",
    _FLAGS,
)
_MEANT = re.compile(rf"^\W*{_POLITE}(?:no\W+|nope\W+|sorry\W+|wait\W+|oops\W+|actually\W+)*i (?:meant|mean)\b", _FLAGS)
_LAST = re.compile(r"\b(?:instead|too|as well|though|then)\W*$", _FLAGS)
_OF_THEM = re.compile(
    r"\b(?:of|among|amongst|from|in|for|about|are|were|by) (?:them|those|these)(?! (?:who|that|which|with)\b)\b|\bof which\b|\b(?:which|the) ones\b"
    r"|\b(?:these|those) ones\b|\bof (?:that|it)\b|\b(?:those|these) (?=\w)(?!who\b|that\b|which\b|with\b)",
    _FLAGS,
)
_PRONOUN = re.compile(r"\b(?:them|they|these|those|it|its|their|theirs|that|this)\b(?! (?:is|was)? ?possible)", _FLAGS)
_BARE = re.compile(
    rf"^\W*{_POLITE}(?:and )?(?:so )?how many (?:of\b|were\b|was\b|are\b|is\b|have\b|had\b|got\b|did\b|do\b|ended\b|came\b|went\b|turned\b|"
    r"failed\b|succeeded\b)(?! there\b)",
    _FLAGS,
)
_WHO = re.compile(r"^\W*(?:who|where|when|why|which|what)\b", _FLAGS)
_ASKS = re.compile(
    r"\b(?:how many|how much|how often|what|what's|whats|which|who|who's|whose|when|where|list|show|give|tell|find|"
    r"name|count|number of|total|average|avg|avrage|mean|median|sum|percentage|share|top|most)\b",
    _FLAGS,
)


def continues(text: str, hints: Sequence[Hint], change: Change, catalog: Catalog, scope: Collection[str]) -> bool:
    """Whether the remark can't be understood alone. A complete question is never taken for a remark.

    `scope`: the tables that the question before was about.
    """
    subject = _subject(text, hints, catalog)
    if _anaphoric(text, subject):
        return True
    ranked = change.most or (change.top and subject is None)
    if _BARE.match(text) or (ranked and not change.tables and not change.unread):
        return True
    lead = _LEAD.match(text)
    rest = text[lead.end() :] if lead else text
    if _ASKS.search(rest) and not _within(rest, text, change) and (subject is not None or change.unread):
        return subject is not None and _unsettled(subject, change, scope)
    if lead or _LAST.search(text) or _MEANT.match(text) or (change.listed and not change.tables and not change.unread):
        return True
    if subject is not None or change.tables or (_WHO.match(text) and not change.measure):
        return subject is not None and _unsettled(subject, change, scope)
    return not change.empty and not change.unread


def corrects(text: str) -> bool:
    """Whether the speaker takes something back."""
    return bool(_MEANT.match(text)) or bool(re.match(r"^\W*(?:no[,.;:!–—-]|nope|sorry|oops|wait|not)\b", text, _FLAGS))


def inner(text: str, hints: Sequence[Hint], catalog: Catalog) -> bool:
    """Whether it asks about the rows that the question before was about: 'how many of them …'."""
    return bool(_BARE.match(text)) or bool(
        _OF_THEM.search(text)
        and re.search(r"\b(?:how many|what (?:share|percent\w*|proportion|fraction))\b|\bper ?cent", text, _FLAGS)
    )


def _subject(text: str, hints: Sequence[Hint], catalog: Catalog) -> Hint | None:
    """The first phrase that names what the remark is about: a table or a column, but not one to group or sort by."""
    for hint in hints:
        named = hint.kind == "table" or hint.kind == "column"
        if named and not beside(text, hint, catalog) and not _participle(text, hint):
            return hint
    return None


def _unsettled(subject: Hint, change: Change, scope: Collection[str]) -> bool:
    """'What was the average amount?': a column that several tables have means the one that was spoken of."""
    owners = {target.rpartition(".")[0] for target in subject.targets}
    return subject.kind == "column" and len(owners) > 1 and not change.tables and bool(owners & set(scope))


def _participle(text: str, hint: Hint) -> bool:
    """'Refunded' names a table, but as what was done to something."""
    return hint.kind == "table" and hint.span.lower().endswith("ed")


def _anaphoric(text: str, subject: Hint | None) -> bool:
    """Whether a pronoun stands before anything that it could stand for."""
    strong = _OF_THEM.search(text)
    if strong and (subject is None or subject.start >= strong.start()):
        return True
    return subject is None and bool(_PRONOUN.search(text))


def _within(rest: str, text: str, change: Change) -> bool:
    """'Top 5', 'the average amount': what asks is itself the change, of nothing that is named anew."""
    return (
        not change.tables
        and (rest != text or bool(_LAST.search(text)))
        and not re.search(r"\b(?:how|which|who|whose|when|where|list|find)\b", rest, _FLAGS)
    )
