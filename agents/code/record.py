"""A delivery out of a task's state, and the state's drafts and attempts as what they are."""

from __future__ import annotations

import hashlib
from dataclasses import asdict
from typing import Any

from agents.code.manual import tests_of
from agents.code.ran import Ran
from agents.code.state import Attempt, Check, CodeState, Delivery, Draft, task_of

GOOD = ("delivered", "written", "planned")
LONGEST = 8_000
"""Characters that are kept of what a program printed."""
FOR_REVIEW = ("approve", "denied")
"""The code is shown, so that a person can decide; nothing says yet that it is good."""


def attempts_of(state: CodeState) -> tuple[Attempt, ...]:
    return tuple(Attempt.of(kept) for kept in state["attempts"])


def draft_of(state: CodeState) -> Draft:
    assert state["draft"] is not None
    return Draft(**state["draft"])


def checks_of(state: CodeState) -> tuple[Check, ...]:
    return tuple(map(Check.of, state["checks"]))


def attempted(state: CodeState) -> Attempt:
    """The newest draft with what became of it."""
    draft, ran = draft_of(state), state.get("ran") or Ran()
    return Attempt(
        len(state["attempts"]) + 1, draft.code, draft.sql, draft.explanation, checks_of(state),
        state["error"], ran.stdout[:LONGEST], ran.stderr[-LONGEST:], state["seconds"],
    )  # fmt: skip


def digest(code: str) -> str:
    """What a person allows is this very text."""
    return hashlib.sha256(code.encode("utf-8", "surrogatepass")).hexdigest()


def delivery_of(state: CodeState) -> Delivery:
    """The task as it stands. Code that is not good is in the attempts alone."""
    shown = state["draft"] is not None and state["status"] in (*GOOD, *FOR_REVIEW)
    draft = draft_of(state) if shown else Draft()
    ran, good = state.get("ran"), state["status"] in GOOD
    # Rows that are to be written are shown to whoever decides.
    read = good or (state["status"] == "approve" and state["write_back"] is not None)
    outcome = ran.as_json() if ran is not None else state["outcome"]
    sources: list[dict[str, Any]] = list((state["outcome"] or {}).get("sources", ()))
    return Delivery(
        code_id=state["code_id"], status=state["status"], language=state["language"], task=state["text"],
        principal=state["principal"], mode=state["mode"], code=draft.code, explanation=draft.explanation,
        checks=checks_of(state), result=_bare(outcome) if read else None, attempts=attempts_of(state),
        tests=tests_of(task_of(state), draft.code, outcome) if good else "", log=tuple(state["log"]),
        sources=tuple(sources) if read else (), question=state["question"], write_back=state["write_back"],
        error=dict(state["error"]) if state["error"] else None, endpoint=state["endpoint"], seconds=state["seconds"],
    )  # fmt: skip


def outcome_of(ran: Ran, most: int) -> dict[str, Any] | None:
    """A run's result as a state keeps it: charts can be large, and go only to whoever waits for them."""
    result = ran.as_json(most)
    return None if result is None else {**result, "charts": [], "sources": list(ran.sources)}


def kept(draft: Draft) -> dict[str, Any]:
    return asdict(draft)


def _bare(outcome: dict[str, Any] | None) -> dict[str, Any] | None:
    return None if outcome is None else {name: value for name, value in outcome.items() if name != "sources"}
