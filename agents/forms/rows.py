"""Lists of objects: the rows that point at the subject, such as its last ten payments, or one that it links to."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from agents.forms import period
from agents.forms.asked import Asked
from agents.forms.binding import Binding, Cell, Rows
from agents.forms.choice import sure
from agents.forms.embedded import Encode
from agents.forms.field import Field
from agents.forms.match import Matcher
from agents.forms.measured import Measures
from agents.forms.reach import Place, phrases, upward
from agents.forms.sample import Samples
from agents.forms.vocabulary import listed, tokens
from agents.forms.whose import speaks
from data.catalog import Catalog

MOST = 50
"""Rows of a list where the form does not say how many it wants."""
HALF = 0.5
"""The share of a list's columns that have to be found."""
COUNTED = re.compile(
    r"\b(?P<how>last|latest|most recent|newest|first|earliest|oldest|largest|biggest|highest|smallest|lowest|top)\s+"
    r"(?P<many>\d{1,3}|two|three|four|five|six|seven|eight|nine|ten|twelve|twenty)\b"
    r"(?! (?:day|week|month|quarter|year))",
    re.I,
)
MANY = {"two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
        "twelve": 12, "twenty": 20}  # fmt: skip
OLDEST = ("first", "earliest", "oldest")
BY_AMOUNT = ("largest", "biggest", "highest", "smallest", "lowest", "top")


@dataclass(frozen=True)
class Lists:
    """Holds lists of objects against the tables whose rows belong to a subject."""

    catalog: Catalog
    up: tuple[Place, ...]
    down: tuple[Place, ...]
    measures: Measures
    samples: Samples
    encode: Encode

    def bindings(self, asked: Asked) -> list[Binding]:
        """Bindings to rows, the likeliest first."""
        found = [one for place in self.down for one in self._below(asked, place)]
        found += [one for place in self.up if place.links for one in self._above(asked, place)]
        return sorted(found, key=lambda one: (-one.confidence, len(one.links)))

    def _below(self, asked: Asked, place: Place) -> Iterator[Binding]:
        for text in asked.texts:
            how, most, rest = counted(text)
            meant, rest = period.read(rest)
            said = tokens(rest)
            named = {one for words in phrases(place.table) if set(said).issuperset(words) for one in words}
            time = self.measures.timed(place)
            if not named or how in BY_AMOUNT or ((meant or how) and not time):
                continue
            where, spent = self.measures.conditions(place, said, meant)
            known = named | spent | listed("subject") | listed("soft") | asked.lead | set(place.role)
            share = sum(one in known for one in said) / len(said)
            rows = Rows(
                (), most or _bounded(asked.field), time, oldest=how in OLDEST, where=where,
                period=meant,
            )  # fmt: skip
            yield from self._celled(asked, place, rows, share)

    def _above(self, asked: Asked, place: Place) -> Iterator[Binding]:
        """A list of the one row that the subject links to: its owners."""
        if any(speaks(set(title), place) for title in asked.titles):
            yield from self._celled(asked, place, Rows((), 1), 1.0)

    def _celled(self, asked: Asked, place: Place, rows: Rows, share: float) -> Iterator[Binding]:
        """The binding with its columns, if enough of them are found, and all that the form requires."""
        own, *linked = upward(self.catalog, place.table)
        places = (replace(own, role=place.role), *linked)
        matcher = Matcher(self.catalog, places, self.samples, self.encode)
        cells = []
        for field in asked.field.columns:
            inner = replace(field, sections=(asked.field.title,))
            if (best := sure(matcher.columns(Asked(inner)))) is not None:
                cells.append(Cell(field.path, best.table, best.column, best.links))
            elif field.required:
                return
        if cells and len(cells) >= HALF * len(asked.field.columns):
            made = replace(rows, cells=tuple(cells))
            yield Binding("rows", place.table.full_name, links=place.links, rows=made, confidence=round(share, 3))


def counted(text: str) -> tuple[str, int, str]:
    """(which rows come first, how many, the text without that): 'Last 10 payments'; ("", 0, text) for all."""
    if not (found := COUNTED.search(text)):
        return "", 0, text
    many = found["many"].lower()
    return found["how"].lower(), MANY.get(many) or int(many), f"{text[: found.start()]} {text[found.end() :]}"


def _bounded(field: Field) -> int:
    return min(field.most, MOST) if field.most else MOST
