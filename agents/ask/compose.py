"""The answer to a question that has gone through the graph: its status, its words, where they come from."""

from __future__ import annotations

import time
import uuid
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from agents import statement
from agents.ask import freshness, newest
from agents.ask.chart import chart
from agents.ask.documents.consult import judged
from agents.ask.explain import explain, is_empty, titles
from agents.ask.meaning import meanings, meant
from agents.ask.outcome import Outcome
from agents.ask.reading import sayable
from agents.ask.refusal import quoted, refusal
from agents.ask.state import Answer, AskState, Status
from agents.ask.wording import Wording

if TYPE_CHECKING:
    from agents.ask.nodes import Desk
    from data.gateway import Result


def compose(state: AskState, desk: Desk) -> Answer:
    """The answer. A failure, a refusal and a question back are never given as an answer from rows."""
    outcome = refusal(state, desk) or state.get("outcome") or _with_rows(state, desk)
    if (limit := state.get("limit")) and outcome.rows:
        outcome = judged(outcome, limit)
    outcome = replace(outcome, answer=" ".join(part for part in (_taken(state), outcome.answer) if part))
    wrote = state["attempts"] > 0
    return Answer(
        **vars(outcome),
        sql="" if state["doubtful"] == "nothing" else state["sql"],
        verified=state["verified"],
        endpoint=desk.endpoint if wrote else "",
        seconds=time.perf_counter() - desk.started,
        answer_id=uuid.uuid4().hex,
        timings=state["timings"],
        question=state["question"],
        principal=state["principal"],
        error=state["error"],
        chart=chart(outcome.columns, meant(outcome.rows, outcome.meanings)),
        attempts=state["attempts"],
        confidence=state["confidence"],
        logprob=state["logprob"],
    )


def rows_of(result: Result) -> tuple[list[str], list[list[Any]]]:
    """Columns and rows of a result as Python values; columns of equal names stay apart."""
    columns = [column.to_pylist() for column in result.table.columns]
    return list(result.table.column_names), [list(row) for row in zip(*columns, strict=True)]


def gave_nothing(result: Result) -> bool:
    """Whether a result has no row that tells anything."""
    return result.table.num_rows < 2 and is_empty(rows_of(result)[1])


def gave_zero(result: Result) -> bool:
    """Whether a result is one row of zeros and nulls, with a zero among them."""
    return not gave_nothing(result) and result.table.num_rows == 1 and newest.nothing(rows_of(result)[1])


def _taken(state: AskState) -> str:
    """How a remark was understood, so that nobody takes the answer for one to something else."""
    if not state["remark"]:
        return ""
    said = f"I took this as: {state['question'].rstrip('.?! ')}."
    return f"{said} {quoted(state['unread'])} played no part." if state["unread"] else said


def _with_rows(state: AskState, desk: Desk) -> Outcome:
    result: Result = state["result"]
    columns, rows = rows_of(result)
    context = state["context"]
    tree = statement.query(state["sql"])
    wording = Wording(tree, context.catalog, sayable(state["question"], context))
    kept = meanings(tree, context.catalog, columns)
    said = explain(wording, columns, meant(rows, kept), truncated=result.truncated)
    status: Status = "truncated" if result.truncated else "empty" if is_empty(rows) else "answered"
    fresh = freshness.note(tree, context, result.sources)
    notes = (fresh, newest.note(tree, context, rows, desk), _unmatched(context, state))
    said = " ".join(part for part in (said, *notes) if part)
    sources = freshness.uses(result.sources, context.now)
    return Outcome(status, said, titles(wording, columns), rows, sources, result.audit_id, kept)


def _unmatched(context: Any, state: AskState) -> str:
    """Names in the question that played no part in the answer, so that nobody takes it for theirs."""
    left = [name for name in context.unknown if name.lower() not in state["sql"].lower()]
    return f"Nothing that you may see matches {quoted(left)}." if left and not state["verified"] else ""
