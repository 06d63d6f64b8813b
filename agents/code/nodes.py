"""The steps of a coding task. Each reads the state and gives what it changes."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Protocol

from langgraph.config import get_stream_writer
from langgraph.runtime import Runtime
from langgraph.types import interrupt

from agents import statement
from agents.code import demands, record
from agents.code.compare import compared
from agents.code.desk import Desk
from agents.code.kinds import kind_of
from agents.code.ran import KEPT, Ran, failure
from agents.code.state import Attempt, CodeState, Step, task_of
from data.errors import DataError, Forbidden
from data.gateway.writing import read_writing
from data.observe import observed

Change = dict[str, Any]
Node = Callable[[CodeState, Desk], tuple[Change, str]]
"""What a step changes, and what it did in words."""

LONGEST_LINE = 300


def prepare(state: CodeState, desk: Desk) -> tuple[Change, str]:
    """What there is to read, and what will be done."""
    context = desk.context(state)
    tables = ", ".join(table.full_name for table in context.catalog.tables)
    steps = [f"choose among: {tables or 'no table that you may see'}", f"write {state['language']}", "check the text"]
    steps += [] if state["mode"] == "plan" else ["ask whether it may run"] if state["mode"] == "ask" else []
    steps += [] if state["mode"] == "plan" else ["run it under your rights", "compare the result with what is expected"]
    return {"plan": steps}, "; ".join(context.hints)


def write(state: CodeState, desk: Desk) -> tuple[Change, str]:
    """The next draft, or a question back."""
    context = replace(desk.context(state), plan=tuple(state["plan"]))
    fresh: Change = {"checks": [], "error": None, "outcome": None, "ran": None, "write_back": None}
    try:
        draft = desk.writer.write(task_of(state), context, record.attempts_of(state))
        fresh["endpoint"] = desk.line.name
    except DataError as error:
        return {**fresh, "draft": None, "error": _kept(error)}, error.message
    if draft.reply != "code":
        lacking = _lacking(state)
        status, question = ("clarify", lacking) if lacking else (draft.reply, draft.question)
        return {**fresh, "status": status, "question": question, "draft": None}, question
    if again := next((one for one in record.attempts_of(state) if one.code == draft.code), None):
        wrong = again.error or failure("invalid", unmet(again), "Say more exactly what is wanted.")
        return {**fresh, "draft": None, "error": wrong}, f"attempt {again.number} again"
    if not draft.code.strip():
        fresh["error"] = failure("invalid", "There was no program in the reply.", "Write one.")
    return {**fresh, "draft": record.kept(draft)}, f"{len(draft.code.splitlines())} lines"


def check(state: CodeState, desk: Desk) -> tuple[Change, str]:
    """What can be told of the text alone."""
    draft, task = record.draft_of(state), task_of(state)
    checks = kind_of(task.language).check(draft.code, task, desk)
    if not state["current"]:
        checks = [*checks, demands.checked(task, draft, desk.visible)]
    change: Change = {"checks": [one.as_json() for one in checks]}
    if task.language == "sql" and (writing := read_writing(draft.code, task.dialect or statement.DIALECT)):
        change["write_back"] = {"table": writing.full_name, "mode": writing.mode, "sql": writing.sql}
    return change, ", ".join(one.name for one in checks)


def permit(state: CodeState, desk: Desk) -> tuple[Change, str]:
    """A person says whether this very text may run."""
    mark = record.digest(record.draft_of(state).code)
    if mark in state["allowed"]:
        return {}, "allowed before"
    if interrupt({"code_id": state["code_id"], "question": "May this program run?"}) is not True:
        return {"status": "denied"}, "not allowed"
    return {"status": "running", "allowed": [*state["allowed"], mark]}, "allowed"


def run(state: CodeState, desk: Desk) -> tuple[Change, str]:
    """Run it under the principal's rights."""
    ran = _ran(state, desk)
    change: Change = {"ran": ran, "outcome": record.outcome_of(ran, KEPT), "error": ran.error}
    rows = 0 if ran.table is None else ran.table.num_rows
    return change, ran.error["message"] if ran.error else f"{rows:,} rows"


def compare(state: CodeState, desk: Desk) -> tuple[Change, str]:
    """The result beside what is expected of it."""
    # Of a task that was broken off here the rows are gone: reading them again changes nothing.
    ran = state.get("ran") or _ran(state, desk)
    if ran.error is not None or ran.table is None:
        return {"error": ran.error or failure("invalid", "It gave no rows.")}, "no result"
    found = compared(ran, task_of(state), record.draft_of(state).sql, desk)
    checks = [*state["checks"], {"name": "runs", "verdict": "ok", "detail": ""}, *(one.as_json() for one in found)]
    return {"checks": checks, "ran": ran}, ", ".join(f"{one.name} {one.verdict}" for one in found)


def judge(state: CodeState, desk: Desk) -> tuple[Change, str]:
    """Keep the attempt with what is wrong with it, if anything is."""
    if state["mode"] == "plan" and not state["error"]:
        skipped = {"name": "runs", "verdict": "skipped", "detail": "Nothing is run in mode plan."}
        state = {**state, "checks": [*state["checks"], skipped]}
    attempt = record.attempted(state)
    get_stream_writer()(attempt)
    return {"attempts": [*state["attempts"], attempt.as_json()], "checks": state["checks"]}, (
        "good" if attempt.good else "no good"
    )


def review(state: CodeState, desk: Desk) -> tuple[Change, str]:
    """A person says whether the rows may be written."""
    write_back = state["write_back"]
    assert write_back is not None
    outcome = state["outcome"] or {}
    shown = {**write_back, "columns": outcome.get("columns", []), "types": outcome.get("types", [])}
    question = f"May the rows be written to {write_back['table']}?"
    if interrupt({"code_id": state["code_id"], "question": question, "write_back": shown}) is not True:
        return {"status": "denied"}, "not allowed"
    return {"status": "running", "write_back": {**shown, "approved": True}}, "allowed"


def commit(state: CodeState, desk: Desk) -> tuple[Change, str]:
    """Write the rows: the gateway does, under the principal's write grant, once."""
    from data.gateway.write import write as written

    draft, task = record.draft_of(state), task_of(state)
    writing = read_writing(draft.code, task.dialect or statement.DIALECT)
    assert writing is not None
    done = written(desk.gateway, desk.home, desk.principal, writing, state["code_id"])
    kept = {**(state["write_back"] or {}), "rows": done.rows, "version": done.version}
    return {"status": "written", "write_back": kept}, f"{done.rows:,} rows in version {done.version}"


def deliver(state: CodeState, desk: Desk) -> tuple[Change, str]:
    """How it ended."""
    attempts = record.attempts_of(state)
    if state["status"] != "running":
        return {}, state["status"]
    if lacking := _lacking(state):
        return {"status": "clarify", "question": lacking, "error": None}, lacking
    if state["error"]:
        status = {"forbidden": "forbidden", "too_expensive": "timeout"}.get(state["error"]["kind"], "failed")
        return {"status": status}, state["error"]["message"]
    if not attempts or not attempts[-1].good:
        said = f"No program met what is expected, in {len(attempts)} tries. {unmet(attempts[-1]) if attempts else ''}"
        return {"status": "failed", "error": failure("invalid", said, "Say more exactly what is wanted.")}, "failed"
    status = "planned" if state["mode"] == "plan" else "delivered"
    return {"status": status}, status


NODES: tuple[Node, ...] = (prepare, write, check, permit, run, compare, judge, review, commit, deliver)


class Timed(Protocol):
    """A node as the graph calls it."""

    def __call__(self, state: CodeState, runtime: Runtime[Desk]) -> Change: ...


def step(node: Node) -> Timed:
    """The node with its time taken and its failure kept as a value: routing decides what to do about it."""
    name = node.__name__

    def timed(state: CodeState, runtime: Runtime[Desk]) -> Change:
        began = time.perf_counter()
        try:
            with observed("step", f"code.{name}"):
                change, detail = node(state, runtime.context)
        except DataError as error:
            change, detail = {"error": _kept(error)}, error.message
        runtime.context.stop.check()
        seconds = time.perf_counter() - began
        detail = " ".join(detail.split())[:LONGEST_LINE]
        get_stream_writer()(Step(name, detail, seconds))
        line = f"{name}: {detail}" if detail else name
        return {**change, "seconds": state["seconds"] + seconds, "log": [*state["log"], line]}

    return timed


def unmet(attempt: Attempt) -> str:
    """The checks that an attempt failed, in words."""
    return "; ".join(check.detail for check in attempt.checks if check.verdict == "failed")


def _lacking(state: CodeState) -> str:
    """What is asked back where all that is wrong with the last attempt is what it leaves out; "" else."""
    attempts = record.attempts_of(state)
    failed = [check for check in attempts[-1].checks if check.verdict == "failed"] if attempts else []
    if not failed or attempts[-1].error or any(check.name != demands.NAME for check in failed):
        return ""
    return f"{failed[0].detail} Say it in other words, or in several tasks."


def _ran(state: CodeState, desk: Desk) -> Ran:
    task = task_of(state)
    return kind_of(task.language).run(record.draft_of(state).code, task, desk)


def _kept(error: DataError) -> dict[str, str]:
    """A function that is not on the list is a mistake of the writer, not something that the caller asked to see."""
    kind = "invalid" if isinstance(error, Forbidden) and "function" in error.facts else error.kind
    return {"kind": kind, "message": error.message, "remedy": error.remedy}
