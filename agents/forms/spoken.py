"""Tables that a title speaks of: by what their rows are called, or by what only their rows have."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

from agents.forms.asked import Asked
from agents.forms.phrase import Phrase
from agents.forms.reach import Place, phrases
from agents.forms.sample import Samples
from agents.forms.vocabulary import tokens
from data.naming import words
from data.policy import is_text


class Spoken:
    """Tells which of several tables are meant. `vague` are tokens that do not tell values apart."""

    def __init__(self, places: Sequence[Place], samples: Samples, vague: frozenset[str]) -> None:
        self._places, self._samples, self._vague = places, samples, vague

    def titled(self, phrase: Phrase) -> frozenset[str]:
        """The tables that the title itself names. 'Payment cards' are cards."""
        said = set(phrase.words)
        found: dict[str, frozenset[str]] = {}
        for one in self._places:
            if held := frozenset(part for name in phrases(one.table) if said.issuperset(name) for part in name):
                found[one.table.full_name] = held
        raw = [tokens(word) for word in words(phrase.text)]
        first = [one for one, held in found.items() if any(_before(raw, held, other) for other in found.values())]
        return frozenset(found) - (frozenset(first) if len(first) < len(found) else frozenset())

    def implied(self, asked: Asked, phrase: Phrase, place: Place) -> set[str]:
        """The words by which a title that names no table means this one: a value that only its rows have, as
        'captured', or a part that only they give somebody, as 'received'."""
        around = tokens(asked.headings[-1]) if asked.headings and phrase.aggregate != "count" else ()
        said = {*phrase.words, *around}
        tables = {table for value, table in self._values if said.issuperset(value)}
        if tables == {place.table.full_name}:
            return {one for value, _ in self._values if said.issuperset(value) for one in value}
        roles = {(one.table.full_name, one.role) for one in self._places if one.role and one.role <= said}
        return set(place.role) if roles == {(place.table.full_name, place.role)} else set()

    @cached_property
    def _values(self) -> list[tuple[frozenset[str], str]]:
        """(the tokens of a value, a table whose rows have it)"""
        return [
            (meant, place.table.full_name)
            for place in {one.table.full_name: one for one in self._places}.values()
            for column in place.columns()
            if is_text(column.stored)
            for one in self._samples.choices(place.table, column.stored.name)
            if (meant := frozenset(tokens(column.meaning(one))) - self._vague)
        ]


def _before(raw: Sequence[tuple[str, ...]], one: frozenset[str], other: frozenset[str]) -> bool:
    """Whether one name stands right before another, and so only says more of it."""
    ends = [at for at, word in enumerate(raw[:-1]) if {*word} & one - other]
    return any({*raw[at + 1]} & other - one for at in ends)
