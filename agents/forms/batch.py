"""One form about many subjects: planned once, read in a few queries for hundreds of them, and kept as it goes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from agents.forms import record
from agents.forms.desk import Desk
from agents.forms.form import Form
from agents.forms.plan import Plan
from agents.forms.state import FormState, Subject, begun
from data.errors import DataError, Invalid

CHUNK = 256
"""Subjects that are filled at once, and kept in one transaction."""
MOST = 100_000


@dataclass(frozen=True)
class Progress:
    """How far a batch is. `done` counts subjects; `skipped` are those that an earlier run had filled, `failed` those
    that name nothing, each with the reason. `filling_ids` are those of the last chunk."""

    done: int
    total: int
    signed: int
    incomplete: int
    skipped: int
    failed: tuple[tuple[str, str], ...]
    filling_ids: tuple[str, ...]

    def as_json(self) -> dict[str, Any]:
        failed = [{"subject": subject, "message": message} for subject, message in self.failed]
        counts = {name: getattr(self, name) for name in ("done", "total", "signed", "incomplete", "skipped")}
        return {**counts, "failed": failed}


@dataclass
class Batch:
    """One run over a list. Each filling has the name that the list's key and its subject give it, so that a run that
    goes on knows which are there."""

    desk: Desk
    form: Form
    key: str
    today: datetime
    sign: bool

    def run(self, subjects: Sequence[str]) -> Iterator[Progress]:
        """Fill them, and tell after each chunk."""
        wanted = list(dict.fromkeys(one.strip() for one in subjects if one.strip()))
        if not wanted or len(wanted) > MOST:
            raise Invalid(f"{len(wanted):,} subjects were given; 1 to {MOST:,} can be.", "Split the list.")
        plans: dict[str, Plan] = {}
        signed = incomplete = skipped = 0
        failed: list[tuple[str, str]] = []
        for at in range(0, len(wanted), CHUNK):
            names = {self._id(one): one for one in wanted[at : at + CHUNK]}
            there = self.desk.fillings.known(list(names))
            found, wrong = self._found([one for name, one in names.items() if name not in there])
            failed += wrong
            states = [state for table, several in found.items() for state in self._filled(table, several, plans)]
            self._keep(states)
            skipped += len(there)
            signed += sum(state["status"] == "signed" for state in states)
            incomplete += sum(state["status"] != "signed" for state in states)
            done = min(at + CHUNK, len(wanted))
            yield Progress(done, len(wanted), signed, incomplete, skipped, tuple(failed), tuple(names))
        self.desk.fillings.flush()

    def _id(self, subject: str) -> str:
        text = json.dumps([self.desk.principal.name, self.form.name, self.form.version, self.key, subject])
        return hashlib.sha256(text.encode()).hexdigest()[:32]

    def _found(self, subjects: Sequence[str]) -> tuple[dict[str, list[tuple[str, Subject]]], list[tuple[str, str]]]:
        """The subjects by table, and those that are not clear."""
        found: dict[str, list[tuple[str, Subject]]] = {}
        failed = []
        known = self.desk.subjects.keyed(subjects, self.form.hints.subject)
        for words in subjects:
            try:
                several = known.get(words) or self.desk.subjects.find(words, self.form.hints.subject)
                if len(several) > 1:
                    raise Invalid(f"{len(several)} match '{words}'.", "Give its key.")
                found.setdefault(several[0][0].table, []).append((words, several[0][0]))
            except DataError as error:
                failed.append((words, error.message))
        return found, failed

    def _filled(self, table: str, subjects: Sequence[tuple[str, Subject]], plans: dict[str, Plan]) -> list[FormState]:
        if table not in plans:
            plans[table] = self.desk.plan(self.form, table)
        plan, filler = plans[table], self.desk.filler(self.form)
        got = self.desk.fetch(table, [subject.key for _, subject in subjects], plan, self.today)
        bindings = record.plan_record(plan)
        states = []
        for words, subject in subjects:
            if subject.key in got:
                values = filler.values(plan, got[subject.key])
                state = self._state(words, subject, record.values_record(values), bindings)
                states.append(self._signed(state) if self.sign else state)
        return states

    def _state(
        self, words: str, subject: Subject, values: dict[str, dict[str, Any]], bindings: dict[str, list[str]]
    ) -> FormState:
        about = (self.form.name, self.form.version, self.desk.principal.name, words, self.today.isoformat())
        state = begun(self._id(words), *about)
        state |= {"status": "review", "subject": subject.as_json(), "values": values, "bindings": bindings}
        return state

    def _signed(self, state: FormState) -> FormState:
        """The state with a signature, if the form is whole."""
        from agents.forms.nodes import signature

        try:
            return signature(state, self.form, self.desk)
        except Invalid:
            return state

    def _keep(self, states: Sequence[FormState]) -> None:
        """Signed ones with what they write back, in one transaction with the others."""
        ordered = sorted(states, key=lambda state: state["status"] != "signed")
        rows = [record.rows_of(state) for state in ordered if state["status"] == "signed"]
        self.desk.fillings.keep(ordered, rows)
