"""The training set of the forms adapter: fields with the sources that were likely, and the one that it is.

Fields of real forms come from what people have signed and corrected; others are drawn over the catalogues of invented
businesses, where each column and table is asked for in its own and in other words.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from agents.forms.asked import Asked
from agents.forms.binding import Binding, Measure
from agents.forms.embedded import Encode
from agents.forms.field import Field, Kind
from agents.forms.match import Matcher
from agents.forms.measured import Measures
from agents.forms.reach import Place, downward, is_boolean, is_day, is_numeric, keys_of, nouns, upward
from agents.forms.reader import MOST, SYSTEM, offered, prompt
from agents.forms.registry import FormRegistry
from data.catalog import Catalog, Column, Table
from data.naming import words
from finetune.dataset import Example

NONE = 0.2
"""The share of fields whose source is not among those that are shown."""
COUNTS = ("Number of {}", "How many {}", "{} (count)", "Count of {}", "{}: number", "Total number of {}")
SUMS = ("Total {1} of {0}", "Sum of {0} ({1})", "Total {0} {1}", "{0}: total {1}")
PERIODS = ("", "", " in 2025", " last year", ", last 90 days", " in the last 12 months")
TITLES = ("{}", "{}", "What is the {}?", "Please state the {}", "{} (as on record)", "Current {}")


class NoSamples:
    """Of a catalogue without rows nothing is known but its words."""

    def of(self, table: Table, column: str) -> Sequence[Any]:
        return ()

    def choices(self, table: Table, column: str) -> Sequence[str]:
        return ()


@dataclass
class FormFields:
    """Draws fields over one catalogue."""

    catalog: Catalog
    encode: Encode
    rng: random.Random

    def examples(self, each: int) -> Iterator[Example]:
        """Up to `each` fields about each table that has a key."""
        for table in self.catalog.tables:
            if table.key and table.key in table:
                yield from self._about(table, each)

    def _about(self, table: Table, each: int) -> Iterator[Example]:
        up, down = upward(self.catalog, table), downward(self.catalog, table)
        samples: Any = NoSamples()
        matcher = Matcher(self.catalog, up, samples, self.encode)
        measures = Measures(down, samples, nouns(table), keys_of(self.catalog, self.catalog.tables))
        drawn = [*(self._column(one) for one in up), *(self._measure(one) for one in down)]
        drawn = [one for one in drawn for _ in range(3)]
        self.rng.shuffle(drawn)
        for made in [one for one in drawn if one is not None][:each]:
            asked, right = made
            found = [*matcher.columns(asked), *measures.bindings(asked)]
            yield example(asked, found, right, self.catalog, self.rng)

    def _column(self, place: Place) -> tuple[Asked, Binding] | None:
        columns = [one for one in place.columns() if one.stored.name != place.table.key]
        if not columns:
            return None
        column = self.rng.choice(columns)
        said = self._words(column.semantic)
        whose = " ".join(sorted(place.role)) or " ".join(words(place.table.name))
        title = self.rng.choice(TITLES).format(said if not place.links else f"{said} of the {whose}")
        field = Field("drawn", _kind(column.semantic), title[:1].upper() + title[1:], format=_format(column.semantic))
        path = (place.table.full_name, column.stored.name, place.links)
        return Asked(field), Binding("column", *path)

    def _measure(self, place: Place) -> tuple[Asked, Binding] | None:
        said = self.rng.choice((*place.table.synonyms, " ".join(words(place.table.name))))
        numbers = [one for one in place.columns() if is_numeric(one.semantic) and one.stored.unit]
        period = self.rng.choice(PERIODS)
        if numbers and self.rng.random() < 0.5:
            column = self.rng.choice(numbers)
            title = self.rng.choice(SUMS).format(said, self._words(column.semantic))
            measure = Measure("sum", column.stored.name)
        else:
            title, measure = self.rng.choice(COUNTS).format(said), Measure("count")
        field = Field("drawn", "number" if measure.column else "integer", title[:1].upper() + title[1:] + period)
        path = (place.table.full_name, measure.column, place.links)
        return Asked(field), Binding("measure", *path, measure=measure)

    def _words(self, column: Column) -> str:
        """A name of a column, or how its description begins."""
        described = column.description.split(".")[0].split(",")[0]
        names = [
            " ".join(words(column.name)),
            *column.synonyms,
            *([described] if 0 < len(described.split()) < 7 else []),
        ]
        return self.rng.choice(names).lower()


def example(
    asked: Asked, found: Sequence[Binding], right: Binding | None, catalog: Catalog, rng: random.Random
) -> Example:
    """A field with its sources in an order of chance; the right one is among them, or 0 is the answer."""
    others = [one for one in offered(found) if right is None or not same(one, right)]
    # The likeliest reading of the right source is shown, with its period and conditions.
    own = next((one for one in sorted(found, key=lambda one: -one.confidence) if right and same(one, right)), None)
    shown = others[: MOST - 1] + ([own] if own is not None and rng.random() >= NONE else [])
    rng.shuffle(shown)
    number = next((at for at, one in enumerate(shown, start=1) if one is own), 0)
    return Example(SYSTEM, prompt(asked, shown, catalog), str(number), "field")


def same(one: Binding, other: Binding) -> bool:
    """Whether two bindings read the same place, whatever the period and the conditions."""
    return _read_by(one) == _read_by(other)


def _read_by(one: Binding) -> tuple[object, ...]:
    return one.way, one.table, one.column, one.links, one.measure and one.measure.aggregate


def learned(registry: FormRegistry, candidates: Any, catalog: Catalog, rng: random.Random) -> Iterator[Example]:
    """What people have signed and corrected: a confirmed binding is right, and a value of their own says that none
    was. `candidates` gives the likely bindings of a form's field."""
    for form in registry.list():
        right: Mapping[str, Binding | None] = {
            **{one.path: one.chosen for one in registry.corrections(form.name)}, **registry.confirmed(form),
        }  # fmt: skip
        if not (form.hints.subject or registry.subject(form)):
            continue
        for path, binding in right.items():
            if path in form and (binding is None or binding.way in ("column", "measure", "person")):
                asked, found = candidates(form, form.field(path))
                told = None if binding is None or binding.way == "person" else replace(binding, confidence=0.0)
                yield example(asked, found, told, catalog, rng)


def _kind(column: Column) -> Kind:
    if is_boolean(column):
        return "boolean"
    return "number" if is_numeric(column) else "string"


def _format(column: Column) -> str:
    return "date" if is_day(column) else ""
