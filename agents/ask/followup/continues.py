"""Whether a remark goes on from the question before, or stands on its own."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from agents.ask.followup.change import Change, beside
from agents.ask.followup.speech import ASKS, BARE, FLAGS, LAST, LEAD, MEANT, OF_THEM, PRONOUN, WHO
from data.catalog import Catalog
from retrieval.hints import Hint


def continues(text: str, hints: Sequence[Hint], change: Change, catalog: Catalog, scope: Collection[str]) -> bool:
    """Whether the remark can't be understood alone. A complete question is never taken for a remark.

    `scope`: the tables that the question before was about.
    """
    subject = _subject(text, hints, catalog)
    if _anaphoric(text, subject):
        return True
    ranked = change.most or (change.top and subject is None)
    if BARE.match(text) or (ranked and not change.tables and not change.unread):
        return True
    lead = LEAD.match(text)
    rest = text[lead.end() :] if lead else text
    if ASKS.search(rest) and not _within(rest, text, change) and (subject is not None or change.unread):
        return subject is not None and _unsettled(subject, change, scope)
    if lead or LAST.search(text) or MEANT.match(text) or (change.listed and not change.tables and not change.unread):
        return True
    if subject is not None or change.tables or (WHO.match(text) and not change.measure):
        return subject is not None and _unsettled(subject, change, scope)
    return not change.empty and not change.unread


def corrects(text: str) -> bool:
    """Whether the speaker takes something back."""
    return bool(MEANT.match(text)) or bool(re.match(r"^\W*(?:no[,.;:!–—-]|nope|sorry|oops|wait|not)\b", text, FLAGS))


def inner(text: str, hints: Sequence[Hint], catalog: Catalog) -> bool:
    """Whether it asks about the rows that the question before was about: 'how many of them …'."""
    return bool(BARE.match(text)) or bool(
        OF_THEM.search(text)
        and re.search(r"\b(?:how many|what (?:share|percent\w*|proportion|fraction))\b|\bper ?cent", text, FLAGS)
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
    strong = OF_THEM.search(text)
    if strong and (subject is None or subject.start >= strong.start()):
        return True
    return subject is None and bool(PRONOUN.search(text))


def _within(rest: str, text: str, change: Change) -> bool:
    """'Top 5', 'the average amount': what asks is itself the change, of nothing that is named anew."""
    return (
        not change.tables
        and (rest != text or bool(LAST.search(text)))
        and not re.search(r"\b(?:how|which|who|whose|when|where|list|find)\b", rest, FLAGS)
    )
