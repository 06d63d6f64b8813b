"""Words that tell that a question is about what is written down, not about what has happened."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from retrieval import Context

NAMED = re.compile(
    r"\b(?:polic(?:y|ies)|runbooks?|playbooks?|handbooks?|guidelines?|procedures?|rulebooks?|regulations?|rules?"
    r"|terms and conditions|code of conduct|manuals?)\b",
    re.I,
)
"""Names of what is written down: only documents can answer then."""

_WE = r"(?:i|we|you|one|they|somebody|someone|a|an|the|our)"
_ASKED = (
    r"\b(?:allowed|permitted|prohibited|entitled|eligible|supposed|obliged|required|mandatory|according) to\b",
    r"\b(?:allowed|permitted|prohibited|forbidden|mandatory|compulsory)\b",
    rf"^(?:so |and )?how (?:do|should|must|can|may|would) {_WE}\b",
    r"^(?:so |and )?can (?:i|we|one)\b(?! (?:see|get|view|find|have)\b)",
    r"\bdo (?:i|we) (?:need|require|allow|accept|charge|refund|offer|keep|pay)\b",
    r"^(?:so |and )?(?:may|must|should|shall|can (?!you\b|i\b|we\b|one\b))\b",
    rf"\bwhat (?:should|must|do|can|may) {_WE}\b",
    r"\bwhat (?:happens|to do)\b",
    r"\b(?:must|should|shall|(?:have|has|need|needs) to)\b",
    r"\bmay(?= (?:a|an|the|be|have|not|we|i|merchants?|customers?|users?|people|support|agents?)\b)",
    r"\b(?:by when|how long (?:do|does|after|is|are|must|may|can)|who (?:approves|decides|signs))\b",
    r"\b(?:limit|limits|threshold|deadline|allowance|maximum allowed)\b",
)
ASKED = re.compile("|".join(f"(?:{cue})" for cue in _ASKED), re.I)
"""Ways to ask what one may or must do: documents can answer, and tables if no document does."""

SOFT = re.compile(
    r"^(?:so |and )?(?:when (?:are|do|does)|how (?:long|often)|why|who (?:approves|decides|pays|signs|keeps))\b", re.I
)
"""Ways to ask that both can answer: documents are asked first, and must be very near."""

Cue = Literal["named", "asked", "soft", ""]


def cue(question: str, context: Context) -> Cue:
    """What the question's words say of where its answer stands; words that mean something in the tables say nothing."""
    if any(not _linked(found, context) for found in NAMED.finditer(question)):
        return "named"
    if any(not _linked(found, context) for found in ASKED.finditer(question)):
        return "asked"
    return "soft" if SOFT.search(question) else ""


def _linked(found: re.Match[str], context: Context) -> bool:
    """Whether the words are, or are within, what the data calls something."""
    words = found[0].lower()
    spans = _spans(context)
    return any(words in span or span == words.split()[-1] for span in spans if span)


def _spans(context: Context) -> Iterator[str]:
    return (hint.span.lower() for hint in context.hints if hint.kind in ("table", "column", "value"))
