"""Coding as an application uses it: written, checked, run, approved and delivered."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import uuid
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, cast

from agents.code import record
from agents.code.abort import Abort
from agents.code.context import Contexts
from agents.code.desk import Desk
from agents.code.once import once
from agents.code.seats import Seats
from agents.code.state import LANGUAGES, MODES, CodeState, Delivery, Event, Request, Task, begun
from agents.code.store import Deliveries
from agents.turns import Turns
from data.errors import Invalid

if TYPE_CHECKING:
    from agents.approved import ApprovedQueries
    from agents.code.graph import Graph
    from agents.endpoints.router import Router
    from data.features.platform import Features
    from data.gateway import Gateway
    from data.policy import Principal
    from data.sandbox import Sandbox
    from retrieval import Retriever

LONGEST_TASK, LONGEST_FILE, LONGEST_KEY, LONGEST_CODE = 4_000, 50_000, 200, 100_000
REMEMBERED = 3
"""Earlier tasks of a thread that a writer is told of."""
ENDED = ("delivered", "written", "planned", "clarify", "unsure", "forbidden", "denied", "timeout", "failed")


class Coder:
    """The coding tasks of a home. Thread safe: each task is worked on by one thread at a time."""

    def __init__(
        self,
        home: Path,
        gateway: Gateway,
        retriever: Retriever,
        router: Router,
        sandbox: Callable[[], Sandbox],
        approved: ApprovedQueries,
        *,
        features: Callable[[], Features] | None = None,
        limit: int = 10_000,
        timeout: float = 30.0,
    ) -> None:
        """`sandbox` and `features` open those parts when one is needed.

        `limit` (rows) and `timeout` (seconds) bound a query."""
        self.deliveries = Deliveries(home / "code.sqlite")
        self._home, self._gateway, self._retriever = home, gateway, retriever
        self._router, self._sandbox, self._limit, self._timeout = router, sandbox, limit, timeout
        self._contexts = Contexts(approved, self.deliveries, features)
        self._checkpoints = home / "code-threads.sqlite"
        self._lock, self._turns, self._seats = Lock(), Turns(home / "code-turns", "task"), Seats()

    def stream(
        self,
        principal: Principal,
        text: str,
        *,
        language: str,
        dialect: str | None = None,
        endpoint: str | None = None,
        mode: str = "run",
        thread: str | None = None,
        expects: Sequence[str] = (),
        current: str = "",
        key: str = "",
        stop: Abort | None = None,
    ) -> Iterator[Event]:
        """Work on a task: steps and attempts as they come, then the delivery, which may wait for a person.

        `expects` are columns that the result must have; `current` is a file that is to be changed; `thread` goes on
        from earlier tasks of this principal. `key` makes it idempotent: the same principal and key give the same task,
        and one that was broken off goes on. `stop` breaks it off: then Unavailable is raised.
        Invalid for a task that can't be, NotFound for an unknown endpoint."""
        request = self._request(principal, text, language, dialect, endpoint, mode, thread, expects, current, key)
        with self._turns.of(request.code_id):
            if key and self.deliveries.known(request.code_id):
                yield from self._again(principal, request.code_id, None, stop)
                return
            state = begun(request)
            self.deliveries.keep(state, thread or "")
            yield from self._go(self._desk(principal, state, stop), state, state)

    def write(self, principal: Principal, text: str, **options: Any) -> Delivery:
        """The last event of `stream` alone."""
        *_, last = self.stream(principal, text, **options)
        return cast(Delivery, last)

    def resume(
        self, principal: Principal, code_id: str, approve: bool | None = None, stop: Abort | None = None
    ) -> Delivery:
        """Answer what a task asks of a person, or go on with one that was broken off. One that has ended stays as it
        is: approved twice, it writes once. NotFound for a task that is not this principal's."""
        *_, last = self.follow(principal, code_id, approve, stop)
        return cast(Delivery, last)

    def follow(
        self, principal: Principal, code_id: str, approve: bool | None = None, stop: Abort | None = None
    ) -> Iterator[Event]:
        """The same with steps and attempts as they come."""
        with self._turns.of(code_id):
            yield from self._again(principal, code_id, approve, stop)

    def get(self, principal: Principal, code_id: str) -> Delivery:
        """A task of this principal as it stands; NotFound otherwise."""
        return record.delivery_of(cast(CodeState, self.deliveries.get(code_id, principal.name)))

    def recent(self, principal: Principal, count: int = 20) -> tuple[Delivery, ...]:
        """The principal's latest tasks, newest first."""
        states = cast(list[CodeState], self.deliveries.recent(principal.name, count))
        return tuple(map(record.delivery_of, states))

    def run(
        self,
        principal: Principal,
        code: str,
        *,
        language: str,
        dialect: str | None = None,
        expects: Sequence[str] = (),
        stop: Abort | None = None,
    ) -> Delivery:
        """Check and run a program that somebody wrote; no model is asked, and nothing is written back."""
        if len(code) > LONGEST_CODE:
            raise Invalid(f"The program has {len(code):,} characters; {LONGEST_CODE:,} are the most.", "Shorten it.")
        task = Task("", cast(Any, _one_of(language, LANGUAGES, "language")), dialect, tuple(expects))
        state = begun(Request("", principal.name, task, "run", ""))
        delivery = once(self._desk(principal, state, stop), state, code)
        self._audit(delivery, code)
        return delivery

    def close(self) -> None:
        """Close the file of the threads."""
        with self._lock:
            if "_connection" in self.__dict__:
                self._connection.close()
                for part in ("_connection", "_saver", "_graph"):
                    self.__dict__.pop(part, None)

    def _request(
        self,
        principal: Principal,
        text: str,
        language: str,
        dialect: str | None,
        endpoint: str | None,
        mode: str,
        thread: str | None,
        expects: Sequence[str],
        current: str,
        key: str,
    ) -> Request:
        from agents.code.kinds.sql import require_dialect

        if not text.strip() or len(text) > LONGEST_TASK:
            raise Invalid(f"The task has {len(text):,} characters.", f"Write 1 to {LONGEST_TASK:,}.")
        if len(current) > LONGEST_FILE:
            raise Invalid(f"The file has {len(current):,} characters; {LONGEST_FILE:,} are the most.", "Split it.")
        if dialect is not None:
            require_dialect(dialect)
        task = Task(settled(text), cast(Any, _one_of(language, LANGUAGES, "language")), dialect, tuple(expects))
        turns = tuple(
            f"Earlier task: {kept['text']}\nIts program:\n{kept['draft']['code']}"
            for kept in self.deliveries.turns(principal.name, thread or "", REMEMBERED)
        )
        chosen = cast(Any, _one_of(mode, MODES, "mode"))
        self._router.line(
            principal, endpoint, thread, Abort()
        )  # raises for one that is none, or a budget that is used up
        return Request(_id(principal.name, key), principal.name, task, chosen, endpoint or "", turns, current)

    def _desk(self, principal: Principal, state: CodeState, stop: Abort | None) -> Desk:
        stop = stop or Abort()
        line = self._router.line(principal, state["endpoint"] or None, None, stop)
        return Desk(
            self._home, self._gateway, self._retriever, principal, line, self._sandbox, self._contexts, self._seats,
            self._limit, self._timeout, stop, state["mode"] == "run",
        )  # fmt: skip

    def _again(self, principal: Principal, code_id: str, approve: bool | None, stop: Abort | None) -> Iterator[Event]:
        """A task that is there: what was broken off goes on, and what waits does so until somebody answers."""
        from langgraph.types import Command

        state = cast(CodeState, self.deliveries.get(code_id, principal.name))
        waits = state["status"] == "approve"
        if state["status"] in ENDED or (waits and approve is None):
            yield record.delivery_of(state)
            return
        snapshot = self._graph.get_state(_thread(code_id))
        given: Any = None if snapshot.values else state
        if waits and any(task.interrupts for task in snapshot.tasks):
            given = Command(resume=approve)
        elif waits and approve is False:
            raise Invalid("This was approved before, and broken off as it was carried out.", "Approve it to go on.")
        yield from self._go(self._desk(principal, state, stop), state, given)

    def _go(self, desk: Desk, state: CodeState, given: Any) -> Iterator[Event]:
        """Run the graph until it ends or waits for a person, and keep where it is."""
        config = _thread(state["code_id"])
        events: Iterator[Any]
        events = self._graph.stream(given, config, context=desk, stream_mode="custom", durability="sync")
        yield from events
        snapshot = self._graph.get_state(config)
        ended = cast(CodeState, snapshot.values)
        asked = next((one.value for task in snapshot.tasks for one in task.interrupts), None)
        if asked is not None:
            shown = asked.get("write_back", ended["write_back"])
            ended = {**ended, "status": "approve", "question": asked["question"], "write_back": shown}
        self.deliveries.keep(ended)
        delivery = record.delivery_of(ended)
        if asked is None:
            self._audit(delivery, delivery.code)
            with self._lock:
                self._saver.delete_thread(state["code_id"])
        yield delivery

    def _audit(self, delivery: Delivery, code: str) -> None:
        """The task in the audit trail, beside the records of the queries that it made."""
        self._gateway.audit.write(
            kind="code",
            principal=delivery.principal,
            question=delivery.task,
            asked=f"code in {delivery.language}",
            ran=code,
            versions={source["table"]: str(source["version"]) for source in delivery.sources},
            rows=len((delivery.result or {}).get("rows", ())),
            ms=round(delivery.seconds * 1000, 3),
            outcome=delivery.status,
            message=f"code {delivery.code_id}",
            engine=delivery.endpoint,
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
        from agents.code.graph import compiled

        return compiled(self._saver)


def _one_of(value: str, known: Sequence[str], noun: str) -> str:
    if value not in known:
        raise Invalid(f"There is no {noun} '{value}'.", f"Use one of: {', '.join(known)}.")
    return value


def _id(principal: str, key: str) -> str:
    """A task's name: of its own, or the same for the same key."""
    if not key:
        return uuid.uuid4().hex
    if len(key) > LONGEST_KEY:
        raise Invalid(f"The key has {len(key):,} characters; {LONGEST_KEY} are the most.", "Use a shorter key.")
    return hashlib.sha256(json.dumps([principal, key]).encode()).hexdigest()[:32]


def _thread(code_id: str) -> Any:
    return {"configurable": {"thread_id": code_id}}


def settled(text: str) -> str:
    """A text with one blank, and at most one empty line, where it has more: readers try each way to part a run."""
    lines = [" ".join(line.split()) for line in text.strip().splitlines()]
    return "\n".join(line for before, line in pairwise(["", *lines]) if line or before)
