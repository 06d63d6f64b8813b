"""What a person says to a filling, and what is learned from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from agents.forms.binding import Binding, from_text
from agents.forms.fill import Filler, Values, chosen
from agents.forms.form import Form
from agents.forms.normal import Misfit, normalised
from agents.forms.plan import Plan, taken
from agents.forms.registry import Correction
from agents.forms.state import FieldValue, Source
from data.errors import Invalid

MOST_ANSWERS = 1_000


def amended(form: Form, values: Values, answers: Mapping[str, Any], by: str) -> Values:
    """The values with a person's answers: a value, null to take one out, or `{"use": 2}` for the second candidate.
    NotFound for a field that there is not, Invalid for an answer that it can't hold."""
    if len(answers) > MOST_ANSWERS:
        raise Invalid(f"{len(answers):,} answers were given; {MOST_ANSWERS:,} are the most.", "Give fewer at once.")
    found = dict(values)
    for path, answer in answers.items():
        form.field(path)
        found[path] = _answered(form, found[path], answer, by)
    return found


def accepted(filler: Filler, values: Values, plan: Plan, answers: Mapping[str, Any], by: str) -> Values:
    """The values with a person's answers, as they then stand together. Invalid for an answer that the form's schema
    refuses there, so that none is dropped without a word."""
    found = amended(filler.form, values, answers, by)
    settled = filler.settled(found, plan)
    for path in answers:
        if found[path].status == "filled" and settled[path].status == "invalid":
            said = f"'{path}' can't be {found[path].value!r}."
            raise Invalid(said, f"The form says: {settled[path].message}. Give another value.")
    return settled


def _answered(form: Form, value: FieldValue, answer: Any, by: str) -> FieldValue:
    if isinstance(answer, Mapping) and set(answer) == {"use"} and value.candidates:
        if (made := chosen(value, answer["use"])) is None:
            said = f"'{value.path}' has no candidate {answer['use']}."
            raise Invalid(said, f"Use a number from 1 to {len(value.candidates)}, or give a value.")
        return made[0]
    if answer is None:
        said = "A person left it empty."
        return replace(value, status="ask", value=None, source=None, changed_by=by, message=said, confidence=1.0)
    try:
        fits = normalised(answer, form.field(value.path))
    except Misfit:
        field = form.field(value.path)
        options = f" of {', '.join(map(str, field.options[:8]))}" if field.options else ""
        wants = field.format or ("one" + options if options else field.kind)
        raise Invalid(f"'{value.path}' can't be {answer!r}.", f"It wants {wants}.") from None
    if value.status == "filled" and value.value == fits:
        return replace(value, confidence=1.0)
    source = Source("person", by=by)
    return replace(value, status="filled", value=fits, source=source, confidence=1.0, changed_by=by, message="")


def learned(plan: Plan, values: Values) -> tuple[dict[str, Binding], list[Correction]]:
    """The bindings that a signature confirms, and those that the person did not take."""
    confirmed: dict[str, Binding] = {}
    corrections = []
    for path, bindings in plan.items():
        value, first = values[path], bindings[0]
        if first.way == "hidden":
            continue
        if len(bindings) > 1:
            picked = _picked(value)
            if picked is not None or value.changed_by:
                corrections.append(Correction(path, first, picked))
            if picked is not None:
                confirmed[path] = taken(picked)
        elif first.way in ("ask", "passage"):
            picked = _picked(value)
            confirmed[path] = taken(picked or Binding("person"))
        elif value.changed_by and first.way not in ("person", "computed", "constant"):
            corrections.append(Correction(path, first, None))
        elif value.status != "invalid":
            confirmed[path] = taken(first)
    return confirmed, corrections


def _picked(value: FieldValue) -> Binding | None:
    """The candidate that a person took."""
    if value.status != "filled" or value.source is None or value.source.way == "person":
        return None
    return next((from_text(one.binding) for one in value.candidates if one.source == value.source), None)
