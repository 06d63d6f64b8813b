"""The ways to read a field's words as a measure: which period, what is to be done, and of what."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from agents.forms import period
from agents.forms.asked import Asked
from agents.forms.question import ACTOR
from agents.forms.vocabulary import aggregates, tokens

LETTERS = re.compile(r"[^\W\d_]")
OF_PERIOD = re.compile(r"\b(?:of|in|for|during) (?:the|that|this) (?:month|year|quarter|period)\b", re.I)
"""Words for a period that is named elsewhere."""
MONTHLY = re.compile(
    r"\b(?:monthly|quarterly|yearly|annual(?:ly)?|(?:month|quarter|year) by (?:month|quarter|year)"
    r"|(?:by|per|each|every|a|in each|of each|for each)(?: calendar)? (?:month|quarter|year))\b",
    re.I,
)
IDENTIFYING = re.compile(r"(?<!\bin )(?<!\btheir )(?<=\w )number\b(?!\s*of\b)", re.I)
"""A number that tells which one, and not how many: 'merchant number'."""
EARLIER = re.compile(r"\band (?:before|earlier|since|prior)\b", re.I)
"""A heading's period that is not all of it: 'in the past year and before'."""
PICKED = ("avg", "median", "max", "min")
"""What is asked of amounts that is no sum, though the title may say 'amount'."""
LEADING = 3
"""Tokens of a description in which it says that an amount is the median: 'The median: half are lower.'"""
FEW = 2
"""Tokens of a description that names what a question leaves out: 'The product.'"""
MOST_ABOUT = 6
"""Tokens of a description that may say what is to be done with what the title names: 'How many there were.'"""


@dataclass(frozen=True)
class Phrase:
    """One way to read a field's title: its words without those of a period, and what they ask to be done."""

    words: tuple[str, ...]
    rows: frozenset[str]
    """Words around it that may say which rows are meant."""
    period: str
    aggregate: str
    asking: frozenset[str]
    """The words that ask for the aggregate."""
    text: str = ""
    """The title without the words for its period."""
    around: tuple[str, ...] = ()
    """The headings that it stands under."""


def phrases_of(text: str, asked: Asked) -> Iterator[Phrase]:
    """The readings of a title: with each word that asks for an aggregate, and with none."""
    own, rest = _read(text, asked)
    rest = OF_PERIOD.sub(" ", MONTHLY.sub(" ", rest) if own else rest)
    places = (*asked.texts, *reversed(asked.headings), asked.field.description)
    around = next((found for place in places if (found := period.read(place)[0]) and not EARLIER.search(place)), "")
    meant = next(_parts(asked), own or around)
    words = tokens(rest)
    if not words:
        return
    asking = [(phrase, name) for phrase, name in aggregates() if phrase and _within(phrase, words)]
    if IDENTIFYING.search(rest):
        asking = [(phrase, name) for phrase, name in asking if phrase != ("number",)]
    if "median" in asked.about[:LEADING]:
        asking = [(phrase, "median" if name in ("sum", "avg") else name) for phrase, name in asking]
    picked = any(name in PICKED for _, name in asking)
    for name in dict.fromkeys(name for _, name in asking if not (picked and name == "sum")):
        also = {name} if name != "count" else {name for _, name in asking}
        also |= {"sum"} if name in ("avg", "median", "max", "min") else set()
        spent = frozenset(one for phrase, other in asking if other in also for one in phrase)
        yield Phrase(words, asked.section, meant, name, spent, rest, asked.headings)
    about = asked.about if not asking and len(asked.about) <= MOST_ABOUT else ()
    for phrase, name in aggregates():
        if phrase and _within(phrase, about):
            yield Phrase(words, asked.section, meant, name, frozenset(), rest, asked.headings)
    yield Phrase(words, asked.section, meant, "", frozenset(), rest, asked.headings)


def worded(asked: Asked) -> list[str]:
    """The texts that speak of more than a period: 'January 2025' leaves it to the description, or to the section
    around it, what is meant."""
    texts = [said if tokens(said := ACTOR.sub(" ", text)) else text for text in asked.texts]
    if texts and texts[0].endswith("?") and 0 < len(tokens(asked.field.description)) <= FEW:
        texts.append(f"{asked.field.description.strip(' .')} of {texts[0]}")
    left = [text for text in texts if not any(period.within(text, one) for one in _years(asked))]
    found = [text for text in left if any(LETTERS.search(one) for one in tokens(period.read(text)[1]))]
    return found or [MONTHLY.sub(" ", one) for one in asked.headings[-1:]]


def _read(text: str, asked: Asked) -> tuple[str, str]:
    """The period that a title speaks of, of which the year may stand around it, and the title without."""
    own, rest = period.read(text)
    return (
        (own, rest)
        if own
        else next((found for one in _years(asked) if (found := period.ending(text, one))[0]), ("", rest))
    )


def _years(asked: Asked) -> tuple[str, ...]:
    """Texts around a field in which the year may stand."""
    return (*reversed(asked.headings), asked.field.description)


def _parts(asked: Asked) -> Iterator[str]:
    """The part of a year that a title is."""
    for text in asked.texts:
        yield from (found for one in _years(asked) if (found := period.within(text, one)))


def _within(phrase: Sequence[str], words: Sequence[str]) -> bool:
    length = len(phrase)
    return any(tuple(words[at : at + length]) == tuple(phrase) for at in range(len(words) - length + 1))
