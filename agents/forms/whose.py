"""Of whom a field speaks: the subject itself, a row that it links to, or somebody else."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise

from agents.forms.asked import Asked
from agents.forms.concepts import Concepts, is_about, named
from agents.forms.neighbours import YOU
from agents.forms.question import ACTOR
from agents.forms.reach import Place, phrases
from agents.forms.vocabulary import listed, parties, tokens

STRANGE = 0.3
"""Taken for each link to a row that the field does not speak of."""
PASSED = 0.15
"""Taken where it only speaks of a row on the way there, or where its title speaks of another one than its heading."""
ELSEWHERE = 0.3
"""Taken in a section within another that says nothing of the subject: a conference has a city too."""
OTHER = 0.6
"""Taken where the field speaks of a row of another kind."""
BEHIND = re.compile(r"(?<=\w)\s+(?:of|for|to|that|which|who|whose|in|at|with|by|from|about|under|\w{3,}ing)\b.*", re.I)
"""What only says more of what stands before it: 'The merchant defending the claim' is a merchant."""


SEVERAL = re.compile(r"\band\b|[,/&+]", re.I)


PERSON = re.compile(
    r"\bname of (?:the |a |an )?(?:\w+ )?(?:person|individual|human|contact)\b|\bperson(?:['’]s)? name\b", re.I
)
DONE = re.compile(r"(?:ed|ing)$", re.I)
WHO = re.compile(r"^(?:who|whom|person|individual|human(?: being)?)\b(?:\s+(?:is|are|was|were)\b)?(?P<rest>.*)", re.I)
PEOPLE = (
    "person",
    "individual",
    "user",
    "customer",
    "member",
    "client",
    "employee",
    "patient",
    "contact",
    "student",
    "holder",
)
"""Words for rows that are persons."""


class Whose:
    """Tells how far a field is from speaking of each of the places that are reached."""

    def __init__(self, places: Sequence[Place], concepts: Concepts) -> None:
        self._places, self._concepts = places, concepts

    def apart(self, asked: Asked, place: Place) -> float:
        """What is taken because the field does not speak of this place, or speaks of another."""
        levels = list(_levels(asked))
        spoken = set().union(*levels)
        if (_others(asked, spoken)) - _known(place) or _is_stranger(asked):
            return OTHER
        if not place.role and _persons(asked) and not place.entity & _people():
            return OTHER
        first = next((found for level in levels if (found := self._named(level))), [])
        if len(first) > 1:
            first = self._qualified(asked, first) if self._named(levels[0]) else self._last(asked, first)
        if place.links:
            if not speaks(spoken, place):
                return _strange(spoken, place)
            if not any(one is place for one in self._named(spoken)):
                return OTHER
            return 0.0 if any(one is place for one in first) else min(PASSED, _strange(spoken, place))
        if not any(one is place for one in first) and any(not _same(one, place) for one in first):
            return OTHER
        if not self._named(set().union(*asked.titles) - listed("subject")) and any(
            not set(tokens(one)) <= place.entity | listed("sections") | listed("subject")
            and self._concepts.elsewhere(one, opening=asked.opening)
            for one in asked.headings
        ):
            return ELSEWHERE
        inmost = asked.inmost
        if not first and inmost and not inmost & (listed("sections") | listed("subject") | _known(place)):
            return ELSEWHERE
        return 0.0

    def _last(self, asked: Asked, found: Sequence[Place]) -> list[Place]:
        """Of several places in one heading the one that its last word speaks of: a disputed payment is a payment."""
        heading = BEHIND.sub("", asked.headings[-1])
        parts = tokens(heading)
        if SEVERAL.search(heading) or not parts:
            return list(found)
        last = [one for one in found if parts[-1] in one.entity | one.role]
        return last or list(found)

    def _qualified(self, asked: Asked, found: Sequence[Place]) -> list[Place]:
        """Of several places in a title those that do not just say more of the next word: 'the disputed payment'."""
        said = asked.texts[0].split() if asked.texts else []
        pairs = [(*tokens(one), *tokens(other)) for one, other in pairwise(said) if DONE.search(one)]
        last = [
            one
            for one in found
            if not any(
                before in one.entity - other.entity and after in other.entity
                for before, after in (pair for pair in pairs if len(pair) == 2)
                for other in found
                if other is not one
            )
        ]
        return last or list(found)

    def _named(self, spoken: set[str]) -> list[Place]:
        found = [one for one in self._places if speaks(spoken, one)]
        # The owner of a card is nobody's owner who has no card on the way.
        plain = [one for one in found if one.links and not one.role]
        return [one for one in found if not one.role or all(_passes(one, other) for other in plain)]


def _levels(asked: Asked) -> Iterator[set[str]]:
    """The words that say whose, those that count before others first: of the title, and of headings from within."""
    yield set(_said(asked))
    for heading in reversed(asked.headings):
        said = ACTOR.sub(" ", heading)
        yield set(tokens(BEHIND.sub("", said))) | asked.kin
        yield set(tokens(said))


def _said(asked: Asked) -> Iterator[str]:
    """The tokens of the titles, without those for who only did something."""
    for text in asked.texts:
        yield from tokens(ACTOR.sub(" ", text))


def _is_stranger(asked: Asked) -> bool:
    """Whether it asks something of whoever fills the form, where that is somebody else than it is about."""
    if asked.addresses or asked.opening:
        return False
    return any(map(YOU.search, (asked.field.title, *asked.headings[-1:])))


def _persons(asked: Asked) -> bool:
    """Whether a title asks for the name of a person."""
    if any(map(PERSON.search, (*asked.texts, asked.field.description))):
        return True
    found = WHO.match(asked.texts[0]) if asked.texts else None
    return found is not None and not is_about(found["rest"])


@lru_cache(maxsize=1)
def _people() -> frozenset[str]:
    return frozenset(one for word in PEOPLE for one in tokens(word))


def _others(asked: Asked, spoken: set[str]) -> set[str]:
    """The words for others than the subject. Where a title just names a thing, its words are no such."""
    if asked.texts and named(asked.texts[0]):
        spoken = set().union(*(tokens(heading) for heading in asked.headings)) | asked.kin
    else:
        # What a description says beside the title does not tell whose it is.
        spoken = set(_said(asked)).union(*(tokens(heading) for heading in asked.headings)) | asked.kin
    return (spoken - listed("subject")) & parties()


def speaks(spoken: set[str], place: Place) -> bool:
    """Whether words speak of a place: by its role where it has one, else by what its rows are called."""
    if place.role:
        return place.role <= spoken
    return any(spoken.issuperset(phrase) for phrase in phrases(place.table))


def _known(place: Place) -> set[str]:
    """The words for the rows of a place, and of those on the way there."""
    between = (one for table in place.through for phrase in phrases(table) for one in phrase)
    return set(place.entity) | set(place.role) | set(between)


def _strange(spoken: set[str], place: Place) -> float:
    """What is taken for a row that is linked to. One that is only passed on the way says little of its end, but for
    what belongs to both: the card's holder."""
    passed = {
        one for table in place.through for phrase in phrases(table) if spoken.issuperset(phrase) for one in phrase
    }
    if passed and not place.role:
        return 0.0 if spoken & (place.entity - passed) else PASSED
    return STRANGE * len(place.links)


def _passes(one: Place, other: Place) -> bool:
    """Whether the way to a place goes by another one, or there."""
    return other.table.full_name in {one.table.full_name, *(table.full_name for table in one.through)}


def _same(one: Place, other: Place) -> bool:
    return one.table.full_name == other.table.full_name and not one.role


def explaining(place: Place, spoken: Sequence[str]) -> set[str]:
    """Words of a field that only say whose value is meant."""
    said = set(spoken)
    tables = (place.table, *place.through)
    own = {one for table in tables for phrase in phrases(table) if said.issuperset(phrase) for one in phrase}
    return own | set(place.role) | set(listed("subject"))
