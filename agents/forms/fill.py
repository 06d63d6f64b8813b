"""The fields of one filling: each with a value and its source, or with the reason for which it has none."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from agents.forms.binding import Binding, from_text
from agents.forms.compute import computed
from agents.forms.document import Verdict, document, judge
from agents.forms.field import Field, steps
from agents.forms.form import Form
from agents.forms.got import Got
from agents.forms.measured import is_money
from agents.forms.normal import Misfit, normalised
from agents.forms.plan import Plan
from agents.forms.sight import Sight
from agents.forms.state import Candidate, FieldValue, Source

HIDDEN = "It needs someone with access."
PERSON = "The lakehouse does not hold it."
ROUNDS = 4
MOST_CONDITIONAL = 100
Values = dict[str, FieldValue]


@dataclass(frozen=True)
class Filler:
    """Makes the values of one form out of what was fetched."""

    form: Form
    sight: Sight

    def values(self, plan: Plan, got: Mapping[str, Got]) -> Values:
        """Every field of the form, in its order."""
        found = {field.path: self._value(field, plan[field.path], got) for field in self.form.fields}
        return self.settled(found, plan)

    def settled(self, values: Values, plan: Plan) -> Values:
        """The values with those that are made of others, and without those that the form's schema refuses."""
        found = self._computed(values, plan)
        for _ in range(ROUNDS):
            kept = self._kept(found)
            verdict = judge(self.form, document(kept))
            refused = {path: says for path, says in verdict.wrong.items() if path in kept}
            if not refused:
                break
            for path, says in refused.items():
                found[path] = replace(found[path], status="invalid", value=None, message=says)
        return found

    def document(self, values: Values) -> tuple[Any, Verdict]:
        """The document as far as it is filled, and what the schema says of it."""
        filled = document(self._kept(values))
        return filled, judge(self.form, filled)

    def _value(self, field: Field, bindings: tuple[Binding, ...], got: Mapping[str, Got]) -> FieldValue:
        first = bindings[0]
        if len(bindings) > 1:
            return self._uncertain(field, bindings, got)
        match first.way:
            case "person" | "computed":
                return FieldValue(field.path, "ask", message=PERSON)
            case "hidden":
                return FieldValue(field.path, "hidden", message=HIDDEN)
            case "constant":
                return FieldValue(field.path, "filled", first.value, Source("constant"), 1.0)
        if not self.sight.reads(first) and first.way in ("column", "measure"):
            known = self.sight.is_known(first)
            return FieldValue(field.path, "hidden" if known else "ask", message=HIDDEN if known else PERSON)
        if first.way == "rows" and not self.sight.reads(first):
            return FieldValue(field.path, "hidden" if self.sight.is_known(first) else "ask", message=HIDDEN)
        found = got[first.as_text()]
        return self._offered(field, found) if found.offers else self._read(field, first, found)

    def _offered(self, field: Field, got: Got) -> FieldValue:
        """What a person has to confirm before it counts."""
        found: list[Candidate] = []
        for offer in got.offers:
            with suppress(Misfit):
                value = normalised(offer.value, field)
                about = (value, offer.confidence, offer.source, offer.binding.as_text())
                found.append(Candidate(len(found) + 1, offer.said, *about))
        if not found:
            return FieldValue(field.path, "ask", message=PERSON)
        return FieldValue(field.path, "uncertain", message="It has to be confirmed.", candidates=tuple(found))

    def _read(self, field: Field, binding: Binding, got: Got) -> FieldValue:
        if got.source is None:
            return FieldValue(field.path, "ask", message=got.message)
        try:
            value = self._written(got.value, field, binding)
        except Misfit as misfit:
            return FieldValue(field.path, "invalid", message=str(misfit), confidence=binding.confidence)
        return FieldValue(field.path, "filled", value, got.source, binding.confidence)

    def _written(self, raw: Any, field: Field, binding: Binding) -> Any:
        """The value as the form writes it; each column of a list by itself."""
        if binding.rows is None:
            return normalised(raw, field, money=self._is_money(binding))
        columns = {column.path: column for column in field.columns}
        return [
            {
                steps(cell.name)[0]: normalised(
                    value, columns[cell.name], money=self._has_money(cell.table, cell.column)
                )
                for cell, value in zip(binding.rows.cells, row, strict=True)
                if value is not None
            }
            for row in raw
        ]

    def _uncertain(self, field: Field, bindings: tuple[Binding, ...], got: Mapping[str, Got]) -> FieldValue:
        """Candidates with their values; those whose value does not fit are none."""
        found: list[Candidate] = []
        for binding in bindings:
            if binding.way != "person" and self.sight.reads(binding):
                read = self._read(field, binding, got[binding.as_text()])
                if read.status == "filled":
                    about = (read.value, binding.confidence, read.source, binding.as_text())
                    found.append(Candidate(len(found) + 1, binding.said(), *about))
        if not found:
            return FieldValue(field.path, "ask", message=PERSON)
        return FieldValue(field.path, "uncertain", message="It is not sure which is meant.", candidates=tuple(found))

    def _is_money(self, binding: Binding) -> bool:
        if binding.table not in self.sight.readable:
            return False
        table = self.sight.readable.table(binding.table)
        if binding.measure and binding.measure.metric:
            metric = table.measure(binding.measure.metric)
            return bool(metric and metric.unit == "USD")
        return self._has_money(binding.table, binding.column)

    def _has_money(self, table: str, column: str) -> bool:
        known = self.sight.readable
        return table in known and column in known.table(table) and is_money(known.table(table).column(column))

    def _computed(self, values: Values, plan: Plan) -> Values:
        """Until nothing more can be made: a sum may be of sums."""
        found = dict(values)
        for _ in range(ROUNDS):
            have = {path: one.value for path, one in found.items() if one.status == "filled"}
            made = {
                path: self._made(path, binding, have, found)
                for path, (binding, *_) in plan.items()
                if binding.way == "computed" and not found[path].changed_by
            }
            if all(found[path] == one for path, one in made.items()):
                break
            found |= made
        return found

    def _made(self, path: str, binding: Binding, have: Mapping[str, Any], found: Values) -> FieldValue:
        value = computed(binding, have)
        if value is None:
            return FieldValue(path, "ask", message=f"It is made of {', '.join(binding.fields)}, and not all are there.")
        try:
            fits = normalised(value, self.form.field(path))
        except Misfit as misfit:
            return FieldValue(path, "invalid", message=str(misfit))
        sure = min(found[one].confidence for one in binding.fields)
        return FieldValue(path, "filled", fits, Source("computed", fields=binding.fields), sure)

    def _kept(self, values: Values) -> dict[str, Any]:
        """The values that go into the document. One that counts under a condition only is left out where it makes the
        document worse."""
        filled = {path: one.value for path, one in values.items() if one.status == "filled"}
        conditional = [path for path in filled if self.form.field(path).condition and not values[path].changed_by]
        if not conditional or judge(self.form, document(filled)).is_valid:
            return filled
        kept = {path: value for path, value in filled.items() if path not in conditional}
        bad = _badness(judge(self.form, document(kept)))
        for path in conditional[:MOST_CONDITIONAL]:
            worse = _badness(judge(self.form, document({**kept, path: filled[path]})))
            if worse <= bad:
                kept[path], bad = filled[path], worse
        return kept


def _badness(verdict: Verdict) -> int:
    return len(verdict.wrong) + len(verdict.lacking) + len(verdict.others)


def chosen(value: FieldValue, number: int) -> tuple[FieldValue, Binding] | None:
    """A field with one of its candidates taken, and its binding; None where there is no such number."""
    for one in value.candidates:
        if one.number == number:
            taken = replace(value, status="filled", value=one.value, source=one.source, confidence=1.0, message="")
            return taken, from_text(one.binding)
    return None
