"""How much of a field's words a column's names explain."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from agents.forms.asked import Asked
from agents.forms.measured import is_money
from agents.forms.reach import Place, called, is_day
from agents.forms.vocabulary import aggregates, listed, tokens
from agents.forms.whose import explaining
from agents.semantic.renamed import RenamedColumn

DESCRIBED = 0.75
"""What a word counts that is not in a column's name, but in its description."""
SOFT = 0.85
"""What a word counts that hardly narrows what is asked."""
TOLD = 0.75
"""What names count that are in a field's description, and not in its title."""
LABEL = 0.95
"""What a field counts that only says who is meant: 'Owner' asks for the owner's name."""
SAID = 0.9
"""What a title counts whose words are all in a column's description."""
NAMED = 0.85
"""What the field's name in the document counts, beside a title for people."""
AMOUNTS = frozenset({"amount", "value"})
"""Words that say no more of money than that it is."""


def covered(asked: Asked, place: Place, column: RenamedColumn) -> float:
    """How much of one of the field's titles is said by the column, at best; how much of the column's name a
    description has, counts less."""
    shares = (_covered(title, asked, place, column) for title in asked.titles)
    words = max((one * (NAMED if second else 1.0) for second, one in enumerate(shares)), default=0.0)
    return max(words, TOLD * _told(asked, column))


def is_second(asked: Asked, place: Place, column: RenamedColumn) -> bool:
    """Whether a column has one of several moments of a row, and not the row's own, though the field asks for just a
    moment."""
    if not is_day(column.semantic) or column.stored.name == place.table.time:
        return False
    return any(set(title) - explaining(place, title) - asked.neutral <= {"date·"} for title in asked.titles)


def picks(asked: Asked, column: RenamedColumn) -> bool:
    """Whether a title asks for the first, the last or the largest of several, which no column's name says."""
    title = asked.titles[0] if asked.titles else ()
    own = {one for name in names(column) for one in name} | set(tokens(column.stored.description))
    several = (set(phrase) for phrase, name in aggregates() if name not in ("sum", "count"))
    return any(phrase <= set(title) and not phrase & own for phrase in several)


def names(column: RenamedColumn) -> Iterator[tuple[str, ...]]:
    """What a column is called, in tokens."""
    yield from dict.fromkeys((*called(column.semantic), *called(column.stored)))


def _covered(title: Sequence[str], asked: Asked, place: Place, column: RenamedColumn) -> float:
    """How much of a title the column's best name explains, and how much of that name the title has."""
    beside, about = explaining(place, title) | asked.lead, set(tokens(column.stored.description))
    beside |= {"date·"} if is_day(column.semantic) else set()
    beside |= AMOUNTS if is_money(column.stored) else set()
    best = 0.0
    for name in (*names(column), *([("number",)] if column.stored.name == place.table.key else [])):
        hit = set(name) & set(title)
        if not hit:
            continue
        telling = [one for one in title if one in hit or one in beside or one not in asked.neutral]
        told = sum(_weight(one, set(name), beside, about) for one in telling)
        best = max(best, told / len(telling) * (0.4 + 0.6 * _share(name, hit, place, beside)))
    labelled = column.stored.name == place.table.label and bool(set(title) & beside)
    if not best and labelled and set(title) - asked.neutral <= beside:
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
    return max((len(set(name) & about) / len(set(name)) for name in names(column)), default=0.0) if about else 0.0
