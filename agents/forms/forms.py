"""Forms as an application uses them: filled, reviewed and signed."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, cast

from agents.forms import record
from agents.forms.answered import Asks
from agents.forms.batch import Batch, Progress
from agents.forms.desk import Desk
from agents.forms.embedded import Encode
from agents.forms.fillings import Fillings
from agents.forms.form import Form
from agents.forms.nodes import signature
from agents.forms.passages import Passages
from agents.forms.registry import FormRegistry
from agents.forms.review import accepted, amended
from agents.forms.sample import Shelf
from agents.forms.state import Event, FieldValue, Filling, FormState, begun
from agents.turns import Turns
from data.errors import Invalid, NotFound

if TYPE_CHECKING:
    from agents.forms.graph import Graph
    from agents.predictors.predictor import Predictor
    from data.features.platform import Features
    from data.gateway import Gateway
    from data.policy import Principal

LONGEST_KEY = 200


class Forms:
    """The forms of a home, for many threads and processes: each filling is worked on by one of them at a time."""

    def __init__(
        self,
        home: Path,
        gateway: Gateway,
        encode: Encode,
        *,
        features: Callable[[], Features] | None = None,
        predictor: Callable[[], Predictor] | None = None,
        asks: Asks | None = None,
        library: Callable[[Principal], Passages | None] = lambda _: None,
    ) -> None:
        """`encode` gives the embeddings of texts; `features` and `predictor` open those parts when one is needed.
        `asks` answers questions in words, `library` searches the documents of a principal who may read any."""
        self.registry, self.fillings = FormRegistry(home / "forms.sqlite"), Fillings(home)
        self._gateway, self._encode = gateway, encode
        self._features, self._predictor, self._asks, self._library = features, predictor, asks, library
        self._checkpoints = home / "form-threads.sqlite"
        self._shelf = Shelf()
        self._lock, self._turns = Lock(), Turns(home / "form-turns", "filling")

    def stream(
        self,
        principal: Principal,
        name: str,
        about: str,
        *,
        answers: Mapping[str, Any] | None = None,
        key: str = "",
        as_of: datetime | None = None,
    ) -> Iterator[Event]:
        """Fill a form about what the words name: steps and fields as they come, then the filling, which waits for a
        choice or for review. `answers` are a person's, by path. `key` makes it idempotent: the same principal, form and
        key give the same filling, and one that was broken off goes on. `as_of` is the moment that 'last year' is seen
        from. NotFound for a form or subject that there is not; Invalid for a wrong answer."""
        form = self.registry.get(name)
        desk = self.desk(principal)
        filling_id = _id(principal.name, name, key)
        # What can't be an answer is found before anything is begun.
        empty = {field.path: FieldValue(field.path, "ask") for field in form.fields}
        amended(form, empty, answers or {}, principal.name)
        with self._turns.of(filling_id):
            for event in self._events(desk, form, filling_id, about, bool(key), as_of):
                waits = answers and isinstance(event, Filling) and _lacks(event, answers)
                yield self._answer(principal, filling_id, answers) if answers and waits else event

    def fill(self, principal: Principal, name: str, about: str, **options: Any) -> Filling:
        """The last event of `stream` alone."""
        *_, last = self.stream(principal, name, about, **options)
        return cast(Filling, last)

    def get(self, principal: Principal, filling_id: str) -> Filling:
        """A filling of this principal; NotFound otherwise. One that was broken off goes on."""
        state = self._state(filling_id, principal)
        if state["status"] == "running":
            with self._turns.of(filling_id):
                *_, last = self._again(self.desk(principal), filling_id)
            return cast(Filling, last)
        return self._filling(state, principal)

    def recent(self, principal: Principal, count: int = 20) -> tuple[Filling, ...]:
        """The principal's latest fillings, newest first, without those of forms that were removed."""
        found: list[Filling] = []
        for state in cast(list[FormState], self.fillings.recent(principal.name, count)):
            with suppress(NotFound):
                found.append(self._filling(state, principal))
        return tuple(found)

    def choose(self, principal: Principal, filling_id: str, number: int) -> Filling:
        """Say which of several subjects is meant; Invalid for a number that is none of the choices."""
        with self._turns.of(filling_id):
            state = self._state(filling_id, principal)
            if state["status"] != "clarify":
                raise Invalid(f"The filling '{filling_id}' has no choices to make.", "Review it.")
            if number not in [choice["number"] for choice in state["choices"]]:
                raise Invalid(f"There is no choice {number}.", f"Choose 1 to {len(state['choices'])}.")
            return self._resume(principal, filling_id, number)

    def answer(self, principal: Principal, filling_id: str, answers: Mapping[str, Any]) -> Filling:
        """Answer or change fields: path -> a value, None to take it out, or `{"use": 2}` for the second candidate. All
        are taken or none: NotFound for a field that there is not, Invalid for what it can't hold."""
        with self._turns.of(filling_id):
            return self._answer(principal, filling_id, answers)

    def sign(self, principal: Principal, filling_id: str) -> Filling:
        """Sign: the values are written back with their sources, and the bindings remembered. Signed again, it stays as
        it is. Invalid while something required is missing."""
        with self._turns.of(filling_id):
            return self._sign(principal, filling_id)

    def batch(
        self,
        principal: Principal,
        name: str,
        subjects: Sequence[str],
        *,
        key: str,
        sign: bool = False,
        as_of: datetime | None = None,
    ) -> Iterator[Progress]:
        """Fill a form about many subjects, each named as `fill` takes it, and tell how far it is. With the same
        `key`, a batch that was broken off goes on: none is filled twice. `sign` signs those that are complete."""
        if not key or len(key) > LONGEST_KEY:
            raise Invalid("A batch needs a key.", "Give one, so that it can go on where it was broken off.")
        moment = as_of or datetime.now(UTC).replace(tzinfo=None)
        form, desk = self.registry.get(name), self.desk(principal)
        signed = 0
        try:
            for progress in Batch(desk, form, key, moment, sign).run(subjects):
                signed = progress.signed
                yield progress
        finally:
            if signed:
                self._audit(principal.name, f"sign {name} version {form.version} in a batch", signed, f"key {key}")

    def desk(self, principal: Principal) -> Desk:
        """What this principal's fillings are made with."""
        parts = (self._gateway, principal, self.registry, self.fillings, self._encode)
        return Desk(*parts, self._features, self._predictor, self._asks, self._library(principal), shelf=self._shelf)

    def close(self) -> None:
        """Close the file of the threads."""
        with self._lock:
            if "_connection" in self.__dict__:
                self._connection.close()
                for part in ("_connection", "_saver", "_graph"):
                    self.__dict__.pop(part, None)

    def _answer(self, principal: Principal, filling_id: str, answers: Mapping[str, Any]) -> Filling:
        state = self._reviewed(filling_id, principal)
        filler = self.desk(principal).filler(self.registry.get(state["form"], state["version"]))
        accepted(filler, record.values_of(state), record.plan_of(state), answers, principal.name)
        return self._resume(principal, filling_id, {"answers": dict(answers)})

    def _sign(self, principal: Principal, filling_id: str) -> Filling:
        state = self._state(filling_id, principal)
        if state["status"] == "signed":
            return self._filling(state, principal)
        state = self._reviewed(filling_id, principal)
        desk = self.desk(principal)
        signature(state, self.registry.get(state["form"], state["version"]), desk)
        filling = self._resume(principal, filling_id, {"sign": True})
        about = f"filling {filling_id}, digest {filling.digest}"
        self._audit(principal.name, f"sign {filling.form} version {filling.version}", len(filling.values), about)
        self.fillings.flush()
        with self._lock:
            self._saver.delete_thread(filling_id)
        return filling

    def _events(
        self, desk: Desk, form: Form, filling_id: str, about: str, keyed: bool, as_of: datetime | None
    ) -> Iterator[Event]:
        """A filling from its beginning, or one that is there already."""
        if keyed and filling_id in self.fillings.known([filling_id]):
            yield from self._again(desk, filling_id)
            return
        moment = (as_of or datetime.now(UTC).replace(tzinfo=None)).isoformat()
        state = begun(filling_id, form.name, form.version, desk.principal.name, about, moment)
        self.fillings.keep([state])
        yield from self._go(desk, filling_id, state)

    def _again(self, desk: Desk, filling_id: str) -> Iterator[Event]:
        """A filling that is there: where it was broken off, it goes on."""
        state = self._state(filling_id, desk.principal)
        if state["status"] != "running":
            yield self._filling(state, desk.principal)
            return
        begun_before = bool(self._graph.get_state(_thread(filling_id)).values)
        yield from self._go(desk, filling_id, None if begun_before else state)

    def _go(self, desk: Desk, filling_id: str, given: Any) -> Iterator[Event]:
        """Run the graph until it waits for a person, and keep where it is."""
        config = _thread(filling_id)
        events: Iterator[Any] = self._graph.stream(given, config, context=desk, stream_mode="custom", durability="sync")
        yield from events
        state = cast(FormState, self._graph.get_state(config).values)
        if state["status"] != "signed":
            self.fillings.keep([state])
        yield self._filling(state, desk.principal)

    def _resume(self, principal: Principal, filling_id: str, decision: Any) -> Filling:
        from langgraph.types import Command

        desk = self.desk(principal)
        config = _thread(filling_id)
        if not self._graph.get_state(config).values:
            # A batch has filled it outside of the graph: it enters where that left it.
            self._graph.update_state(config, self._state(filling_id, principal), as_node="check")
            *_, _ = self._go(desk, filling_id, None)
        *_, last = self._go(desk, filling_id, Command(resume=decision))
        return cast(Filling, last)

    def _state(self, filling_id: str, principal: Principal) -> FormState:
        return cast(FormState, self.fillings.get(filling_id, principal.name))

    def _reviewed(self, filling_id: str, principal: Principal) -> FormState:
        state = self._state(filling_id, principal)
        if state["status"] != "review":
            raise Invalid(f"The filling '{filling_id}' is not up for review: it is {state['status']}.", "Look at it.")
        return state

    def _filling(self, state: FormState, principal: Principal) -> Filling:
        form = self.registry.get(state["form"], state["version"])
        return record.filling_of(state, form, self.desk(principal).sight)

    def _audit(self, principal: str, act: str, rows: int, message: str) -> None:
        """A signature in the audit trail."""
        self._gateway.audit.write(
            kind="form", principal=principal, asked=act, rows=rows, outcome="answered", message=message
        )

    @cached_property
    def _connection(self) -> sqlite3.Connection:
        self._checkpoints.parent.mkdir(parents=True, exist_ok=True)
        return sqlite3.connect(self._checkpoints, check_same_thread=False, timeout=30)

    @cached_property
    def _saver(self) -> Any:
        from langgraph.checkpoint.sqlite import SqliteSaver

        return SqliteSaver(self._connection)

    @cached_property
    def _graph(self) -> Graph:
        from agents.forms.graph import compiled

        return compiled(self._saver)


def _lacks(filling: Filling, answers: Mapping[str, Any]) -> bool:
    """Whether it waits for review without these answers: it is new, or was broken off before they were taken."""
    return filling.status == "review" and any(
        value.path in answers and not value.changed_by for value in filling.values
    )


def _id(principal: str, form: str, key: str) -> str:
    """A filling's name: of its own, or the same for the same key."""
    if not key:
        return uuid.uuid4().hex
    if len(key) > LONGEST_KEY:
        raise Invalid(f"The key has {len(key):,} characters; {LONGEST_KEY} are the most.", "Use a shorter key.")
    return hashlib.sha256(json.dumps([principal, form, key]).encode()).hexdigest()[:32]


def _thread(filling_id: str) -> Any:
    return {"configurable": {"thread_id": filling_id}}
