"""A filling's state as checkpoints and files hold it, and the filling that it stands for."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from agents.forms.binding import from_text
from agents.forms.document import Verdict
from agents.forms.fill import Filler, Values
from agents.forms.form import Form
from agents.forms.plan import Plan
from agents.forms.sight import Sight
from agents.forms.state import Candidate, Choice, FieldValue, Filling, FormState, Source, Subject
from data.values import plain


def plan_record(plan: Plan) -> dict[str, list[str]]:
    """A plan as the state holds it."""
    return {path: [binding.as_text() for binding in bindings] for path, bindings in plan.items()}


def plan_of(state: FormState) -> Plan:
    """The plan that the state holds."""
    return {path: tuple(map(from_text, texts)) for path, texts in state["bindings"].items()}


def values_record(values: Values) -> dict[str, dict[str, Any]]:
    """Values as the state holds them."""
    return {path: _recorded(value) for path, value in values.items()}


def _recorded(value: FieldValue) -> dict[str, Any]:
    """A value as plain data; `asdict` would copy each of thousands in a batch to its depths."""
    candidates = [{**vars(one), "value": plain(one.value), "source": _plainly(one.source)} for one in value.candidates]
    return {**vars(value), "value": plain(value.value), "source": _plainly(value.source), "candidates": candidates}


def _plainly(source: Source | None) -> dict[str, Any] | None:
    return None if source is None else {**vars(source), "key": plain(source.key), "fields": list(source.fields)}


def values_of(state: FormState) -> Values:
    """The values that the state holds."""
    return {path: _value(found) for path, found in state["values"].items()}


def filling_of(state: FormState, form: Form, sight: Sight) -> Filling:
    """The filling, for people and programs."""
    values = values_of(state)
    filled, verdict = Filler(form, sight).document(values)
    subject = state["subject"]
    return Filling(
        filling_id=state["filling_id"], form=form.name, version=form.version, principal=state["principal"],
        status=state["status"], about=state["about"], subject=None if subject is None else Subject(**subject),
        choices=tuple(Choice(**choice) for choice in state["choices"]) if subject is None else (),
        values=tuple(values.values()), document=filled if values else None,
        complete=bool(values) and verdict.is_valid, unfilled=unfilled(form, values, verdict),
        problems=verdict.others if values else (), signer=state["signer"], signed_at=state["signed_at"],
        digest=state["digest"],
    )  # fmt: skip


def unfilled(form: Form, values: Values, verdict: Verdict) -> tuple[str, ...]:
    """What has no value, that which the schema wants first. Fields that count under a condition are among them where
    the schema wants them."""
    empty = [path for path, value in values.items() if value.status != "filled"]
    wanted = [path for path in (*verdict.lacking, *verdict.mending) if values]
    inside = {path for path in empty if any(path == one or path.startswith(f"{one}/") for one in wanted)}
    free = [path for path in empty if path in inside or not form.field(path).condition]
    needed = [path for path in free if path in inside or form.field(path).required]
    return tuple(dict.fromkeys([*(one for one in wanted if one in form), *needed, *free]))


def digest(document: Any) -> str:
    """SHA-256 of a document, the same for the same values."""
    text = json.dumps(document, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def rows_of(state: FormState) -> list[dict[str, Any]]:
    """What a signed filling writes back: a row for each value."""
    subject = state["subject"] or {}
    about = {
        "filling_id": state["filling_id"], "form": state["form"], "version": state["version"],
        "subject_table": subject.get("table", ""), "subject_key": _text(subject.get("key")),
        "signer": state["signer"], "signed_at": state["signed_at"], "digest": state["digest"],
    }  # fmt: skip
    return [
        {**about, **_source(value["source"]), "path": value["path"], "confidence": value["confidence"],
         "value": json.dumps(value["value"], ensure_ascii=False), "changed_by": value["changed_by"]}
        for value in state["values"].values()
        if value["status"] == "filled" and value["source"] is not None
    ]  # fmt: skip


def _source(source: Mapping[str, Any]) -> dict[str, Any]:
    name = ", ".join(source["fields"]) or source["name"]
    return {
        "way": source["way"], "source_table": source["table"], "source_column": source["column"],
        "source_key": _text(source["key"]), "source_version": source["version"], "query": source["query"],
        "passage": source["passage"], "source_name": name or source["by"], "audit_id": source["audit_id"],
    }  # fmt: skip


def _text(value: Any) -> str:
    return "" if value is None else value if isinstance(value, str) else json.dumps(value)


def _value(found: Mapping[str, Any]) -> FieldValue:
    candidates = tuple(Candidate(**{**one, "source": _from(one["source"])}) for one in found["candidates"])
    return FieldValue(**{**found, "source": _from(found["source"]), "candidates": candidates})


def _from(found: Mapping[str, Any] | None) -> Source | None:
    return None if found is None else Source(**{**found, "fields": tuple(found["fields"])})
