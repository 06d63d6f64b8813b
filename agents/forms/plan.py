"""Which source each field of a form has: the hints', the remembered, or the likeliest that is likely enough."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from agents.forms.asked import Asked, lead_of
from agents.forms.binding import Binding
from agents.forms.field import Field
from agents.forms.form import Form
from agents.forms.hints import FieldHint
from agents.forms.match import Encode, Matcher
from agents.forms.measured import Measures
from agents.forms.reach import downward, keys_of, nouns, upward
from agents.forms.sample import Samples
from agents.forms.sight import Sight
from data.catalog import Catalog

SURE = 0.76
"""Confidence from which a value is filled in."""
LIKELY = 0.5
"""Confidence from which it is offered as a candidate."""
CLEAR = 0.08
"""How much better than the next the best has to be."""
MOST_CANDIDATES = 4

Plan = Mapping[str, tuple[Binding, ...]]
"""Path -> its bindings: one that is taken, several of which a person chooses, or one of the way `person`, `hidden`."""


@dataclass
class Planner:
    """Plans the bindings of one form about rows of one table, for one caller."""

    form: Form
    table: str
    sight: Sight
    samples: Samples
    encode: Encode

    def plan(self, remembered: Mapping[str, Binding]) -> dict[str, tuple[Binding, ...]]:
        """The bindings of every field. What is remembered needs no model and no look at the data."""
        return {field.path: self._of(field, remembered) for field in self.form.fields}

    def _of(self, field: Field, remembered: Mapping[str, Binding]) -> tuple[Binding, ...]:
        if field.path in remembered:
            return (remembered[field.path],)
        if field.fixed:
            return (Binding("constant", value=field.options[0]),)
        hint = self.form.hints.fields.get(field.path)
        if hint is not None and (told := hinted(hint, self.sight.whole, self.table)) is not None:
            return (told,)
        return self._found(Asked(field, hint.words if hint else "", self._lead))

    def _found(self, asked: Asked) -> tuple[Binding, ...]:
        if asked.field.kind == "object":
            return (Binding("person"),)
        here = list(self._candidates(asked, self._visible))
        chosen = _chosen(here)
        if len(chosen) == 1 and chosen[0].way != "person":
            return chosen
        if self.sight.limited and self._is_elsewhere(asked, here):
            return (Binding("hidden"),)
        return chosen

    def _is_elsewhere(self, asked: Asked, here: list[Binding]) -> bool:
        """Whether the answer is clear in what the caller may not see, but may know of."""
        best = _chosen(list(self._candidates(asked, self._whole)))
        return len(best) == 1 and best[0].way != "person" and self.sight.is_known(best[0])

    def _candidates(self, asked: Asked, among: _Sources) -> Iterator[Binding]:
        yield from among.matcher.columns(asked)
        if asked.field.kind in ("integer", "number", "string", "array"):
            yield from among.measures.bindings(asked)

    @cached_property
    def _lead(self) -> frozenset[str]:
        return lead_of(self.form.fields)

    @cached_property
    def _visible(self) -> _Sources:
        return _Sources.of(self.sight.readable, self.table, self.samples, self.encode)

    @cached_property
    def _whole(self) -> _Sources:
        return _Sources.of(self.sight.whole, self.table, self.samples, self.encode)


@dataclass(frozen=True)
class _Sources:
    matcher: Matcher
    measures: Measures

    @classmethod
    def of(cls, catalog: Catalog, table: str, samples: Samples, encode: Encode) -> _Sources:
        own = catalog.table(table)
        up, down = upward(catalog, own), downward(catalog, own)
        keys = keys_of(catalog, catalog.tables)
        return cls(Matcher(catalog, up, samples, encode), Measures(down, samples, nouns(own), keys))


def _chosen(found: list[Binding]) -> tuple[Binding, ...]:
    """The one that is taken, or the candidates between which a person chooses."""
    best = sorted(found, key=lambda one: -one.confidence)
    if not best or best[0].confidence < LIKELY:
        return (Binding("person"),)
    next_best = next((one.confidence for one in best[1:]), 0.0)
    if best[0].confidence >= SURE and best[0].confidence - next_best >= CLEAR:
        return (replace(best[0], confidence=min(best[0].confidence, 1.0)),)
    near = [one for one in best if one.confidence >= max(LIKELY, best[0].confidence - 0.25)]
    return _several(tuple(replace(one, confidence=min(one.confidence, 1.0)) for one in near[:MOST_CANDIDATES]))


def _several(near: tuple[Binding, ...]) -> tuple[Binding, ...]:
    """Candidates; a single one is doubtful all the same, and stands beside that only a person can tell."""
    return near if len(near) > 1 else (*near, Binding("person", confidence=0.0))


def hinted(hint: FieldHint, catalog: Catalog, table: str) -> Binding | None:
    """The binding that the hints give; None where they leave it open. Invalid for a column that is not reached."""
    if hint.person:
        return Binding("person")
    if hint.constant is not None:
        return Binding("constant", value=hint.constant)
    if hint.feature or hint.score:
        return Binding("feature" if hint.feature else "score", name=hint.feature or hint.score)
    for operation in ("sum", "difference", "ratio", "join"):
        if fields := getattr(hint, operation):
            return Binding("computed", operation=operation, fields=fields, separator=hint.separator)
    return _column(hint.column, catalog, table) if hint.column else None


def _column(name: str, catalog: Catalog, table: str) -> Binding:
    from data.errors import Invalid

    located = catalog.locate(name)
    if located is None:
        raise Invalid(f"The hints name the column '{name}', which there is not.", "Write it as source.table.column.")
    for place in upward(catalog, catalog.table(table)):
        if place.table.full_name == located[0].full_name:
            return Binding("column", place.table.full_name, located[1].name, place.links)
    raise Invalid(f"No links lead from '{table}' to '{name}'.", "Name a column of the subject or of what it links to.")


def taken(binding: Binding) -> Binding:
    """The binding as a person has confirmed it."""
    return replace(binding, confidence=1.0)
