"""The answer to a question that has gone through the graph: its status, its words, where they come from."""

from __future__ import annotations

import time
import uuid
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from agents import statement
from agents.ask import freshness, newest, recency
from agents.ask.chart import chart
from agents.ask.explain import explain, is_empty, titles
from agents.ask.names import called, numbers, words
from agents.ask.outcome import Outcome
from agents.ask.reading import reading, sayable
from agents.ask.state import Answer, AskState, Status
from agents.ask.wording import Wording

if TYPE_CHECKING:
    from agents.ask.nodes import Desk
    from data.catalog import Catalog
    from data.gateway import Result

MOST_NAMES, MOST_OFFERED = 12, 3


def compose(state: AskState, desk: Desk) -> Answer:
    """The answer. A failure, a refusal and a question back are never given as an answer from rows."""
    outcome = _without_rows(state, desk) or state.get("outcome") or _with_rows(state, desk)
    outcome = replace(outcome, answer=" ".join(part for part in (_taken(state), outcome.answer) if part))
    wrote = state["attempts"] > 0
    return Answer(
        **vars(outcome),
        sql=state["sql"],
        verified=state["verified"],
        endpoint=desk.endpoint if wrote else "",
        seconds=time.perf_counter() - desk.started,
        answer_id=uuid.uuid4().hex,
        timings=state["timings"],
        question=state["question"],
        principal=state["principal"],
        error=state["error"],
        chart=chart(outcome.columns, outcome.rows),
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


def _taken(state: AskState) -> str:
    """How a remark was understood, so that nobody takes the answer for one to something else."""
    if not state["remark"]:
        return ""
    said = f"I took this as: {state['question'].rstrip('.?! ')}."
    return f"{said} {_quoted(state['unread'])} played no part." if state["unread"] else said


def _with_rows(state: AskState, desk: Desk) -> Outcome:
    result: Result = state["result"]
    columns, rows = rows_of(result)
    context = state["context"]
    tree = statement.query(state["sql"])
    wording = Wording(tree, context.catalog, sayable(state["question"], context))
    said = explain(wording, columns, rows, truncated=result.truncated)
    status: Status = "truncated" if result.truncated else "empty" if is_empty(rows) else "answered"
    fresh = freshness.note(tree, context, result.sources)
    notes = (fresh, newest.note(tree, context, rows, desk), _unmatched(context, state))
    said = " ".join(part for part in (said, *notes) if part)
    sources = freshness.uses(result.sources, context.now)
    return Outcome(status, said, titles(wording, columns), rows, sources, result.audit_id)


def _without_rows(state: AskState, desk: Desk) -> Outcome | None:
    """Why there are no rows, or None when there are."""
    if error := state["error"]:
        status: Status = "forbidden" if error["kind"] == "forbidden" else "failed"
        opening = "You may not see this" if status == "forbidden" else "This question could not be answered"
        return _words(status, f"{opening}: {error['message']} {error['remedy']}".strip())
    if state["declined"]:
        return _words(state["declined"], _declined(state, desk))
    if state.get("outcome"):
        return None
    if state["doubtful"]:
        return _words("unsure", _guess(state))
    if state["refusal"] == "clarify" and not state["sql"]:
        return _words("clarify", recency.untold(state["context"]))
    if state["refusal"] and not state["sql"]:
        named = _quoted(state["context"].unknown)
        start = f"Nothing that you may see matches {named}." if named else "I can't tell which data this is about."
        return _words(state["refusal"], f"{start} {_offer(desk.gateway.askable(desk.principal))}")
    return None


def _words(status: Status, text: str) -> Outcome:
    return Outcome(status, text)


def _offer(catalog: Catalog) -> str:
    names = [table.full_name for table in catalog.tables]
    if not names:
        return "You have been granted no data yet: ask an administrator."
    more = " and others" if len(names) > MOST_NAMES else ""
    return f"You can ask about {', '.join(names[:MOST_NAMES])}{more}."


def _declined(state: AskState, desk: Desk) -> str:
    """Why a model wrote no SQL, or what it asks back: in its own words where it has some."""
    if state["reply"]:
        return _model_words(state)
    if state["declined"] == "clarify":
        return _which(state["readings"])
    return f"What you may see doesn't tell this. {_known(state) or _offer(desk.gateway.askable(desk.principal))}"


def _which(readings: Sequence[str]) -> str:
    if len(readings) > 1:
        return f"This can mean {', or '.join(readings)}. Say which of them you mean."
    return "This can mean several things. Please say more exactly what you want to know."


def _known(state: AskState) -> str:
    """What there is about the things that the question names."""
    context = state["context"]
    named = {target for hint in context.hints if hint.kind == "table" for target in hint.targets}
    tables = [table for table in context.catalog.tables if table.full_name in named][:MOST_OFFERED]
    said = (f"{words(table.name)} have {', '.join(map(called, table.columns[:MOST_NAMES]))}" for table in tables)
    return f"You can ask what there is: {'; '.join(said)}." if tables else ""


def _guess(state: AskState) -> str:
    """A query that is too seldom right to be an answer, offered to somebody who can tell."""
    said = reading(state["sql"], state["question"], state["context"])
    meant = f": {said}" if said else ""
    return f"I am not sure enough of this to answer it. My best guess is the SQL here{meant}. Run it if you mean that."


def _model_words(state: AskState) -> str:
    """What a model asks back or gives as its reason, unless it mentions numbers that nobody gave it."""
    words = " ".join(state["reply"].split())[:500]
    if words and numbers(words) <= numbers(state["question"]):
        return words
    return "Please say more exactly what you want to know."


def _unmatched(context: Any, state: AskState) -> str:
    """Names in the question that played no part in the answer, so that nobody takes it for theirs."""
    left = [name for name in context.unknown if name.lower() not in state["sql"].lower()]
    return f"Nothing that you may see matches {_quoted(left)}." if left and not state["verified"] else ""


def _quoted(names: Sequence[str]) -> str:
    return ", ".join(f"“{name}”" for name in names)
