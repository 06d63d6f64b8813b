"""The steps of a filling. Each reads the state and gives what it changes."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Protocol

from langgraph.config import get_stream_writer
from langgraph.runtime import Runtime
from langgraph.types import interrupt

from agents.forms import record
from agents.forms.desk import Desk
from agents.forms.form import Form
from agents.forms.review import accepted, learned
from agents.forms.state import Filled, FormState, Step
from data.errors import Invalid, NotFound
from data.observe import observed

Change = dict[str, Any]
Node = Callable[[FormState, Desk], tuple[Change, str]]
"""What a step changes, and what it did in words."""


def understand(state: FormState, desk: Desk) -> tuple[Change, str]:
    """What the form asks for."""
    form = _form(state, desk)
    return {"version": form.version}, f"{len(form.fields):,} fields of '{form.name}' version {form.version}"


def resolve(state: FormState, desk: Desk) -> tuple[Change, str]:
    """Whom or what it is about."""
    found = desk.subjects.find(state["about"], _form(state, desk).hints.subject)
    if len(found) == 1:
        return {"subject": found[0][0].as_json(), "choices": []}, found[0][0].label
    choices = [
        {"number": at, "about": f"{one.table}:{one.as_json()['key']}", "label": one.label, "detail": detail}
        for at, (one, detail) in enumerate(found, start=1)
    ]
    return {"status": "clarify", "choices": choices}, f"{len(found)} match '{state['about']}'"


def clarify(state: FormState, desk: Desk) -> tuple[Change, str]:
    """Which of several subjects is meant."""
    number = interrupt({"choices": state["choices"]})
    about = next((choice["about"] for choice in state["choices"] if choice["number"] == number), None)
    if about is None:
        raise Invalid(f"There is no choice {number}.", f"Choose 1 to {len(state['choices'])}.")
    [(subject, _)] = desk.subjects.find(about)
    return {"subject": subject.as_json(), "about": about, "status": "running"}, subject.label


def plan(state: FormState, desk: Desk) -> tuple[Change, str]:
    """Where each field's value comes from."""
    assert state["subject"] is not None
    made = desk.plan(_form(state, desk), state["subject"]["table"])
    sure = sum(len(bindings) == 1 and bindings[0].way not in ("person", "hidden") for bindings in made.values())
    return {"bindings": record.plan_record(made)}, f"{sure:,} of {len(made):,} fields have a source"


def fetch(state: FormState, desk: Desk) -> tuple[Change, str]:
    """The values, through the gateway."""
    assert state["subject"] is not None
    table, key = state["subject"]["table"], state["subject"]["key"]
    made = record.plan_of(state)
    got = desk.fetch(table, [key], made, datetime.fromisoformat(state["as_of"])).get(key)
    if got is None:
        raise NotFound(f"'{state['subject']['label']}' is not there any more.", "Begin again.")
    values = desk.filler(_form(state, desk)).values(made, got)
    for value in values.values():
        get_stream_writer()(Filled(value))
    filled = sum(value.status == "filled" for value in values.values())
    return {"values": record.values_record(values)}, f"{filled:,} filled"


def check(state: FormState, desk: Desk) -> tuple[Change, str]:
    """What the form's schema says, and what is left for a person."""
    filling = record.filling_of(state, _form(state, desk), desk.sight)
    return {"status": "review"}, f"{len(filling.unfilled):,} to be answered"


def review(state: FormState, desk: Desk) -> tuple[Change, str]:
    """A person looks at it: they answer, change, or sign."""
    decision = interrupt({"filling_id": state["filling_id"]})
    return {"decision": decision}, "signed" if decision.get("sign") else "answered"


def amend(state: FormState, desk: Desk) -> tuple[Change, str]:
    """What the person said."""
    form, answers = _form(state, desk), state["decision"]["answers"]
    plan, by = record.plan_of(state), state["principal"]
    values = accepted(desk.filler(form), record.values_of(state), plan, answers, by)
    return {"values": record.values_record(values), "decision": {}}, f"{len(answers):,} answers"


def sign(state: FormState, desk: Desk) -> tuple[Change, str]:
    """The signature, with what is written back and remembered."""
    signed = signature(state, _form(state, desk), desk)
    desk.fillings.keep([signed], [record.rows_of(signed)])
    remember(state, _form(state, desk), desk)
    return {name: signed[name] for name in ("status", "signer", "signed_at", "digest")}, signed["digest"][:12]


NODES: tuple[Node, ...] = (understand, resolve, clarify, plan, fetch, check, review, amend, sign)


def signature(state: FormState, form: Form, desk: Desk) -> FormState:
    """The state as its principal has signed it; Invalid while the form is not whole."""
    filling = record.filling_of(state, form, desk.sight)
    if not filling.complete:
        lacking = "; ".join(filling.problems[:2]) or ", ".join(f"'{path}'" for path in filling.unfilled[:5])
        raise Invalid(f"The form is not complete: {lacking}.", "Answer what is missing, then sign.")
    now = datetime.now(UTC).isoformat(timespec="microseconds")
    signed: FormState = {**state, "status": "signed", "signer": state["principal"], "signed_at": now}
    signed["digest"] = record.digest(filling.document)
    return signed


def remember(state: FormState, form: Form, desk: Desk) -> None:
    """Keep the bindings that the signature confirms, and what the person corrected."""
    assert state["subject"] is not None
    confirmed, corrections = learned(record.plan_of(state), record.values_of(state))
    table = state["subject"]["table"]
    desk.registry.correct(form, table, corrections, state["principal"])
    desk.registry.confirm(form, table, desk.sight.stamp, confirmed, state["principal"])


class Timed(Protocol):
    """A node as the graph calls it."""

    def __call__(self, state: FormState, runtime: Runtime[Desk]) -> Change: ...


def step(node: Node) -> Timed:
    """A node of the graph that tells when it is done."""

    def run(state: FormState, runtime: Runtime[Desk]) -> Change:
        began = time.perf_counter()
        with observed("step", f"forms.{node.__name__}"):
            change, detail = node(state, runtime.context)
        get_stream_writer()(Step(node.__name__, detail, time.perf_counter() - began))
        return change

    return run


def _form(state: FormState, desk: Desk) -> Form:
    return desk.registry.get(state["form"], state["version"])
