"""Which source each field of a form has: the hints', the remembered, or the likeliest that is likely enough."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property

from agents.forms.asked import Asked
from agents.forms.binding import Binding
from agents.forms.choice import chosen
from agents.forms.concepts import Concepts
from agents.forms.embedded import Embedded, Encode
from agents.forms.field import Field
from agents.forms.form import Form
from agents.forms.hints import FieldHint
from agents.forms.kin import Kin
from agents.forms.match import Matcher
from agents.forms.measured import Measures
from agents.forms.neighbours import addresses, completed, lead_of, located
from agents.forms.reach import downward, keys_of, nouns, upward
from agents.forms.reader import Read
from agents.forms.rivals import outdone
from agents.forms.rows import Lists
from agents.forms.sample import Samples
from agents.forms.sense import Sense
from agents.forms.sight import Sight
from agents.forms.title import unnumbered
from agents.forms.vocabulary import tokens
from data.catalog import Catalog, Table

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
    read: Read | None = None
    """A model that says which of the likely sources it is; the matcher's own choice without one."""
    documents: bool = False
    """Whether documents may say what the lakehouse does not hold."""

    def plan(self, remembered: Mapping[str, Binding]) -> dict[str, tuple[Binding, ...]]:
        """The bindings of every field. What is remembered needs no model and no look at the data."""
        open_fields = [field for field in self.form.fields if not self._is_settled(field, remembered)]
        if open_fields:
            matcher = self._visible.matcher
            self._embedded.prepare(text for field in open_fields for text in matcher.wanted(self._asked(field, "")))
        self._likely: dict[str, float] = {}
        found = {field.path: self._of(field, remembered) for field in self.form.fields}
        for path in outdone(self.form.fields, found, self._likely):
            found[path] = (*found[path], Binding("person", confidence=0.0))
        return found

    def _is_settled(self, field: Field, remembered: Mapping[str, Binding]) -> bool:
        hint = self.form.hints.fields.get(field.path)
        return field.path in remembered or field.fixed or (hint is not None and not hint.words)

    @cached_property
    def _embedded(self) -> Embedded:
        return Embedded(self.encode)

    def _of(self, field: Field, remembered: Mapping[str, Binding]) -> tuple[Binding, ...]:
        if field.path in remembered:
            return (remembered[field.path],)
        if field.fixed:
            return (Binding("constant", value=field.options[0]),)
        hint = self.form.hints.fields.get(field.path)
        if hint is not None and (told := hinted(hint, field, self.sight.whole, self.table)) is not None:
            return (told,)
        return self._found(self._asked(field, hint.words if hint else ""))

    def _found(self, asked: Asked) -> tuple[Binding, ...]:
        if asked.field.kind == "object":
            return (Binding("person"),)
        here = list(self._candidates(asked, self._visible))
        self._likely[asked.field.path] = max((self._surely(asked, one) for one in here), default=0.0)
        taken = chosen(here) if self.read is None or asked.field.columns else _told(self.read(asked, here))
        if len(taken) == 1 and taken[0].way != "person":
            return taken
        if self.sight.limited and self._is_elsewhere(asked, here):
            return (Binding("hidden"),)
        if taken[0].way == "person" and self.documents and asked.field.kind in ("string", "number", "integer", "any"):
            return (Binding("passage", name=asked.texts[0], value=kind_of(asked.field)),) if asked.texts else taken
        return taken

    def _surely(self, asked: Asked, binding: Binding) -> float:
        """How likely a source is, and of equal ones how near in sense."""
        return binding.confidence + (self._visible.matcher.nearness(asked, binding) if binding.way == "column" else 0.0)

    def _is_elsewhere(self, asked: Asked, here: list[Binding]) -> bool:
        """Whether the answer is clear in what the caller may not see, but may know of."""
        best = chosen(list(self._candidates(asked, self._whole)))
        return len(best) == 1 and best[0].way != "person" and self.sight.is_known(best[0])

    def candidates(self, field: Field) -> tuple[Asked, list[Binding]]:
        """A field's words, and its likely bindings."""
        asked = self._asked(field, "")
        return asked, list(self._candidates(asked, self._visible))

    def _candidates(self, asked: Asked, among: _Sources) -> Iterator[Binding]:
        if asked.field.columns:
            yield from among.lists.bindings(asked)
            return
        yield from among.matcher.columns(asked)
        if asked.field.kind in ("integer", "number", "string", "array"):
            yield from among.measures.bindings(asked)

    def _asked(self, field: Field, words: str) -> Asked:
        heading = field.sections[-1] if field.sections else ""
        kin = self._kin.of(heading)
        own = frozenset(tokens(unnumbered(heading))) if kin else frozenset()
        whole = words or self._whole_of.get(field.path, "")
        opening = field.sections[:1] == self.form.fields[0].sections[:1]
        beside = field.sections in self._located
        return Asked(field, whole, self._lead | own, kin, opening, beside, self._addresses)

    @cached_property
    def _located(self) -> frozenset[tuple[str, ...]]:
        return located(self.form.fields)

    @cached_property
    def _addresses(self) -> bool:
        return addresses(self.form.fields)

    @cached_property
    def _whole_of(self) -> dict[str, str]:
        return completed(self.form.fields)

    @cached_property
    def _kin(self) -> Kin:
        return Kin(self.sight.readable, self.table, self._embedded)

    @cached_property
    def _lead(self) -> frozenset[str]:
        return lead_of(self.form.fields)

    @cached_property
    def _visible(self) -> _Sources:
        return _Sources.of(self.sight.readable, self.table, self.samples, self._embedded)

    @cached_property
    def _whole(self) -> _Sources:
        return _Sources.of(self.sight.whole, self.table, self.samples, self._embedded)


@dataclass(frozen=True)
class _Sources:
    matcher: Matcher
    measures: Measures
    lists: Lists

    @classmethod
    def of(cls, catalog: Catalog, table: str, samples: Samples, encode: Encode) -> _Sources:
        own = catalog.table(table)
        up, down = upward(catalog, own), downward(catalog, own)
        keys = keys_of(catalog, catalog.tables)
        linked = {place.table.full_name: _linked(catalog, place.table) for place in down}
        measures = Measures(down, samples, nouns(own), keys, Sense(down, Concepts(encode), encode), linked)
        lists = Lists(catalog, up, down, measures, samples, encode)
        return cls(Matcher(catalog, up, samples, encode), measures, lists)


def _linked(catalog: Catalog, table: Table) -> frozenset[str]:
    """The words for the rows that those of a table link to."""
    return frozenset[str]().union(*(place.entity for place in upward(catalog, table) if place.links)) - nouns(table)


def _told(binding: Binding | None) -> tuple[Binding, ...]:
    """What a model took."""
    return (binding or Binding("person"),)


def hinted(hint: FieldHint, field: Field, catalog: Catalog, table: str) -> Binding | None:
    """The binding that the hints give; None where they leave it open. Invalid for a column that is not reached."""
    if hint.person:
        return Binding("person")
    if hint.constant is not None:
        return Binding("constant", value=hint.constant)
    if hint.feature or hint.score:
        return Binding("feature" if hint.feature else "score", name=hint.feature or hint.score)
    for way in ("query", "ask", "passage"):
        if words := getattr(hint, way):
            return Binding(way, name=words, value=kind_of(field) if way == "passage" else None)
    for operation in ("sum", "difference", "ratio", "join"):
        if fields := getattr(hint, operation):
            return Binding("computed", operation=operation, fields=fields, separator=hint.separator)
    return _column(hint.column, catalog, table) if hint.column else None


def kind_of(field: Field) -> str:
    """What kind of value a field looks for in a passage."""
    if field.kind in ("integer", "number"):
        return "number"
    kinds = {"date": "date", "date-time": "date", "email": "email", "uri": "uri", "phone": "phone"}
    return kinds.get(field.format, "string")


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
