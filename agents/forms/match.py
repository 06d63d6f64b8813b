"""Columns that a field may stand for, each with how likely that is."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from agents.forms.asked import Asked
from agents.forms.binding import Binding
from agents.forms.concepts import Concepts, dated, named, titles
from agents.forms.fits import fit
from agents.forms.measured import is_money
from agents.forms.reach import Place, called, is_day, keys_of, phrases
from agents.forms.sample import Samples
from agents.forms.vocabulary import listed, parties, tokens
from agents.semantic.renamed import RenamedColumn
from data.catalog import Catalog

if TYPE_CHECKING:
    from retrieval.embedding import Vectors

Encode = Callable[[Sequence[str]], "Vectors"]

WORDS, MEANING = 0.7, 0.3
"""What the words count, and what the nearness of the texts' embeddings."""
FAR, NEAR = 0.15, 0.65
"""Cosines of texts that have nothing to do with one another, and that say the same."""
DESCRIBED = 0.75
"""What a word counts that is not in a column's name, but in its description."""
SOFT = 0.85
"""What a word counts that hardly narrows what is asked."""
TOLD = 0.75
"""What names count that are in a field's description, and not in its title."""
LABEL = 0.9
"""What a field counts that only says who is meant: 'Owner' asks for the owner's name."""
SAID = 0.9
"""What a title counts whose words are all in a column's description."""
NAMED = 0.85
"""What the field's name in the document counts, beside a title for people."""
STRANGE = 0.25
"""Taken for each link to a row that the field does not speak of."""
PASSED = 0.15
"""Taken where it only speaks of a row on the way there."""
AMOUNTS = frozenset({"amount", "value"})
"""Words that say no more of money than that it is."""
SECOND = 0.1
"""Taken from a moment that is not the row's own time, where any moment would do."""
ELSEWHERE = 0.3
"""Taken in a section within another that says nothing of the subject: a conference has a city too."""
OTHER = 0.4
"""Taken where the field speaks of a row of another kind."""


OWN_TIME = frozenset({"moment", "opened", "customer_since"})
"""Concepts that a row's own time stands for."""
ALIKE, APART = 0.7, 0.05
"""How near a column has to be to a concept that its name does not say, and how much nearer than to the next."""
VAGUE, PLAIN = 0.45, 0.72
"""Nearness of a field to a concept from which it counts, and from which it counts in full."""
RIVAL = 0.12
"""How much nearer another concept may be, before a field does not stand for this one."""


def _meant(told: Mapping[str, float], held: frozenset[str]) -> float:
    """How surely a field stands for one of the concepts that a column has."""
    own = max((told.get(one, 0.0) for one in held), default=0.0)
    rival = max((near for one, near in told.items() if one not in held), default=0.0)
    sure = min(max((own - VAGUE) / (PLAIN - VAGUE), 0.0), 1.0)
    return sure * min(max(1.0 - (rival - own) / RIVAL, 0.0), 1.0)


class Matcher:
    """Holds fields against the columns of what a subject reaches."""

    def __init__(self, catalog: Catalog, places: Sequence[Place], samples: Samples, encode: Encode) -> None:
        self._places, self._samples, self._encode = places, samples, encode
        self._keys = keys_of(catalog, [place.table for place in places])
        # The column of a link has the value of the key that it points at, which is among these itself.
        links = {link for place in places for link in place.links}
        self._columns = [
            (place, column)
            for place in places
            for column in place.columns()
            if not any(one.table == place.table.full_name and one.column == column.stored.name for one in links)
        ]
        self._vectors: Vectors | None = None
        self._concepts = Concepts(encode)
        self._held: list[frozenset[str]] | None = None

    def columns(self, asked: Asked) -> list[Binding]:
        """Bindings to columns, the likeliest first."""
        near = self._nearness(asked)
        told = self._concepts.of(titles(asked), self._about(asked))
        found = []
        for (place, column), cosine, held in zip(self._columns, near, self._holding(), strict=True):
            if (score := self._score(asked, place, column, cosine, _meant(told, held))) > 0.2:
                path = (place.table.full_name, column.stored.name, place.links)
                found.append(Binding("column", *path, confidence=round(score, 3)))
        return sorted(found, key=lambda one: (-one.confidence, len(one.links)))

    def _nearness(self, asked: Asked) -> list[float]:
        if self._vectors is None:
            self._vectors = self._encode([_sentence(place, column) for place, column in self._columns])
        cosines = self._vectors @ self._encode([asked.sentence])[0]
        return [min(max((float(one) - FAR) / (NEAR - FAR), 0.0), 1.0) for one in cosines]

    def _about(self, asked: Asked) -> frozenset[str]:
        """The tokens for the rows that are reached, which do not tell what is asked of them."""
        rows = {one for place in self._places for phrase in phrases(place.table) if len(phrase) == 1 for one in phrase}
        roles = {one for place in self._places for one in place.role}
        return frozenset({one for one in rows | roles if not named(one.rstrip("·"))} | asked.lead | asked.kin)

    def _holding(self) -> list[frozenset[str]]:
        """By column, the concepts that it stands for."""
        if self._held is None:
            self._held = [self._stands_for(place, column) for place, column in self._columns]
        return self._held

    def _stands_for(self, place: Place, column: RenamedColumn) -> frozenset[str]:
        if f"{place.table.full_name}.{column.stored.name}".lower() in self._keys:
            return frozenset({"identifier"})
        names = [" ".join(name).replace("·", "") for name in _names(column)]
        found = {concept for one in names if (concept := named(one))}
        if column.stored.name == place.table.time and is_day(column.semantic):
            found |= OWN_TIME
        if not found:
            near = self._concepts.of([*names[:1], column.stored.description][:2], place.entity)
            first, second = sorted(near.values())[-1:-3:-1]
            found = {one for one, cosine in near.items() if cosine == first and first >= ALIKE and first - second > APART}
        return frozenset(found & dated() if is_day(column.semantic) else found - dated())

    def _score(self, asked: Asked, place: Place, column: RenamedColumn, near: float, meant: float) -> float:
        values = self._samples.of(place.table, column.stored.name)
        is_key = f"{place.table.full_name}.{column.stored.name}".lower() in self._keys
        suits = fit(asked, column, values, is_key=is_key)
        if suits is None:
            return 0.0
        covered = (_covered(title, asked, place, column) for title in asked.titles)
        words = max((one * (NAMED if second else 1.0) for second, one in enumerate(covered)), default=0.0)
        words = max(words, TOLD * _told(asked, column), meant)
        apart = self._apart(asked, place) + (SECOND if _is_second(asked, place, column) else 0.0)
        return WORDS * words + MEANING * max(near, meant) + suits - apart

    def _apart(self, asked: Asked, place: Place) -> float:
        """What is taken because the field does not speak of this place, or speaks of another."""
        spoken = set(asked.section).union(*asked.titles)
        if (spoken & parties()) - _known(place):
            return OTHER
        if place.links:
            return _strange(spoken, place)
        if asked.inmost and not asked.inmost & (listed("sections") | listed("subject") | _known(place)):
            return ELSEWHERE
        other = any(speaks(spoken, one) for one in self._places if one.links and not _same(one, place))
        return OTHER if other and not speaks(spoken, place) else 0.0


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
    if speaks(spoken, place):
        return 0.0
    passed = {
        one for table in place.through for phrase in phrases(table) if spoken.issuperset(phrase) for one in phrase
    }
    if passed and not place.role:
        return 0.0 if spoken & (place.entity - passed) else PASSED
    return STRANGE * len(place.links)


def _same(one: Place, other: Place) -> bool:
    return one.table.full_name == other.table.full_name and not one.role


def _is_second(asked: Asked, place: Place, column: RenamedColumn) -> bool:
    """Whether a column has one of several moments of a row, and not the row's own, though the field asks for just a
    moment."""
    if not is_day(column.semantic) or column.stored.name == place.table.time:
        return False
    return any(set(title) - explaining(place, title) <= {"date·"} for title in asked.titles)


def explaining(place: Place, spoken: Sequence[str]) -> set[str]:
    """Words of a field that only say whose value is meant."""
    said = set(spoken)
    tables = (place.table, *place.through)
    own = {one for table in tables for phrase in phrases(table) if said.issuperset(phrase) for one in phrase}
    return own | set(place.role) | set(listed("subject"))


def _covered(title: Sequence[str], asked: Asked, place: Place, column: RenamedColumn) -> float:
    """How much of a title the column's best name explains, and how much of that name the title has."""
    beside, about = explaining(place, title) | asked.lead, set(tokens(column.stored.description))
    beside |= {"date·"} if is_day(column.semantic) else set()
    beside |= AMOUNTS if is_money(column.stored) else set()
    best = 0.0
    for name in (*_names(column), *([("number",)] if column.stored.name == place.table.key else [])):
        hit = set(name) & set(title)
        if not hit:
            continue
        telling = [one for one in title if one in hit or one in beside or one not in asked.neutral]
        told = sum(_weight(one, set(name), beside, about) for one in telling)
        best = max(best, told / len(telling) * (0.4 + 0.6 * _share(name, hit, place, beside)))
    if not best and column.stored.name == place.table.label and set(title) - asked.neutral <= beside:
        return LABEL
    if len(set(title)) >= 2 and set(title) <= about:
        return max(best, SAID)
    return best


def _share(name: Sequence[str], hit: set[str], place: Place, beside: set[str]) -> float:
    """How much of a name was said; what only says whose it is needs not be, where that is clear."""
    clear = place.entity | place.role if not place.links else beside
    needed = set(name) - clear or set(name)
    return len(hit & needed) / len(needed)


def _weight(one: str, name: set[str], beside: set[str], about: set[str]) -> float:
    if one in name or one in beside:
        return 1.0
    return DESCRIBED if one in about else SOFT if one in listed("soft") else 0.0


def _told(asked: Asked, column: RenamedColumn) -> float:
    """How much of a column's best name is in the field's description."""
    about = set(asked.about)
    return max((len(set(name) & about) / len(set(name)) for name in _names(column)), default=0.0) if about else 0.0


def _names(column: RenamedColumn) -> Iterator[tuple[str, ...]]:
    yield from dict.fromkeys((*called(column.semantic), *called(column.stored)))


def _sentence(place: Place, column: RenamedColumn) -> str:
    role = " ".join(sorted(place.role))
    said = column.semantic.name.replace("_", " ")
    return f"{role} {place.semantic.semantic.name.replace('_', ' ')} {said}. {column.stored.description}".strip()
