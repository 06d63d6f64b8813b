"""The steps of a question: each reads the state and the desk it works at, and gives back what it changes."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from langgraph.runtime import Runtime

from agents import grammar, statement
from agents.ask import instruct, recency
from agents.ask.compose import compose
from agents.ask.converse import converse, gained
from agents.ask.messages import messages, tries
from agents.ask.outcome import Outcome
from agents.ask.state import AskState, Mistake, Step, Token, Turn
from agents.ask.wanted import Wanted, promising, wanted
from agents.semantic import Semantic
from agents.tools import Toolbox
from data.errors import DataError, Invalid
from data.stop import Stop

if TYPE_CHECKING:
    from agents.approved import ApprovedQueries
    from agents.endpoints import Endpoint
    from agents.predictors.predictor import Predictor
    from data.gateway import Gateway
    from data.policy import Principal
    from retrieval import Context, Retriever

# Tokens that a reply may have: SQL alone, or SQL with a chatty model's words (and thoughts) around it.
MOST_TOKENS, MOST_TOKENS_INSTRUCT = 256, 1024
DECLINED = ("unsure", "clarify")
"""What our trained model writes instead of SQL."""

Update = dict[str, Any]


class Node(Protocol):
    """A step of the graph: what it gives back is merged into the state."""

    __name__: str

    def __call__(self, state: AskState, runtime: Runtime[Desk]) -> Update: ...


class Timed(Protocol):
    """A node as the graph takes it."""

    def __call__(self, state: AskState, runtime: Runtime[Desk]) -> Update: ...


@dataclass(frozen=True)
class Desk:
    """What the nodes work with while a question is answered; `limit` is in rows, `timeout` in seconds."""

    gateway: Gateway
    retriever: Retriever
    approved: ApprovedQueries
    principal: Principal
    endpoint: str
    open: Callable[[], Endpoint]
    limit: int
    timeout: float
    started: float
    stop: Stop
    predictor: Predictor | None = None


def approved(state: AskState, runtime: Runtime[Desk]) -> Update:
    """Take the SQL that a person approved for this question, if there is one; nothing else is looked for then."""
    desk = runtime.context
    entry = desk.approved.match(state["question"])
    if entry is None:
        return {}
    from retrieval import Context

    bare = Context(state["question"], desk.gateway.askable(desk.principal), ())
    return {"sql": entry.sql, "verified": True, "context": bare}


def follow(state: AskState, runtime: Runtime[Desk]) -> Update:
    """Tell a remark that goes on from the thread's last question in full, with the SQL where that is certain."""
    from agents.ask.followup.follow import follow as told

    desk, remark = runtime.context, state["question"]
    if not state["turns"] or desk.approved.match(remark):
        return {}
    found = told(remark, state["turns"], lambda text: desk.retriever.retrieve(desk.principal, text))
    if found is None:
        return {}
    if (not found.sql or found.unread) and desk.open().instruct:
        return {"context": found.context}  # It reads the turns itself.
    if found.back:
        return {"outcome": Outcome("clarify", found.back)}
    fresh: Update = {"question": found.question, "remark": remark, "unread": list(found.unread)}
    if found.replaced and (entry := desk.approved.match(found.question)):
        return {**fresh, "sql": entry.sql, "verified": True, "context": found.context}
    return {**fresh, "sql": found.sql, "tries_left": 1, "context": found.context} if found.sql else fresh


def retrieve(state: AskState, runtime: Runtime[Desk]) -> Update:
    """Find what the question means in what the principal may see."""
    context: Context = runtime.context.retriever.retrieve(runtime.context.principal, state["question"])
    # Whether a name is hidden or doesn't exist makes no difference here, so the status tells neither.
    refusal = "" if context.linked else "forbidden" if context.unknown else "unsure"
    if not refusal and recency.untold(context):
        refusal = "clarify"
    return {"context": context, "refusal": refusal, "wanted": _wanted(context, runtime.context)}


def predict(state: AskState, runtime: Runtime[Desk]) -> Update:
    """Score the subject that the question names, under the principal's rights, or find its logged prediction."""
    from agents.ask.foretell import foretell

    desk = runtime.context
    assert desk.predictor is not None
    return {"outcome": foretell(desk.predictor, desk.principal, state["wanted"])}


def write(state: AskState, runtime: Runtime[Desk]) -> Update:
    """Let the model write SQL, inside the grammar where it can, or call tools; its tokens are streamed."""
    desk, context = runtime.context, state["context"]
    endpoint = desk.open()
    semantic = None if endpoint.instruct else Semantic.of(context.catalog)
    shown = semantic.context(context) if semantic else context
    toolbox = _toolbox(desk, endpoint)
    options: dict[str, Any] = {"max_tokens": MOST_TOKENS_INSTRUCT if endpoint.instruct else MOST_TOKENS}
    if endpoint.grammar:
        options["grammar"] = _grammar(shown)
    said = messages(endpoint, shown, state, toolbox.described() if toolbox is not None else "")
    reply = converse(endpoint, said, toolbox, lambda text: runtime.stream_writer(Token(text)), **options)
    update = {"attempts": state["attempts"] + 1, "tries_left": tries(endpoint, context) - state["attempts"] - 1}
    update |= _read(endpoint, reply, semantic)
    if toolbox is not None and not update["sql"] and (outcome := gained(toolbox)):
        return {**update, "declined": "", "outcome": outcome}
    return update


def check(state: AskState, runtime: Runtime[Desk]) -> Update:
    """Refuse, before anything runs, what isn't one query over rows."""
    if not state["sql"]:
        raise Invalid("The model wrote no SQL.", "Write one SELECT statement.")
    if not statement.reads_rows(statement.query(state["sql"])):
        raise Invalid("The SQL gives constants instead of reading rows.", "Select columns or aggregates of a table.")
    recency.keep(statement.query(state["sql"]), state["context"])
    return {}


def run(state: AskState, runtime: Runtime[Desk]) -> Update:
    """Run the SQL through the gateway under the principal's rights."""
    desk = runtime.context
    result = desk.gateway.query(
        desk.principal,
        state["sql"],
        limit=desk.limit,
        timeout=desk.timeout,
        question=state["question"],
        stop=desk.stop,
    )
    return {"result": result}


def repair(state: AskState, runtime: Runtime[Desk]) -> Update:
    """Set refused SQL aside. Nothing of an approved query that this principal can't run is kept or shown."""
    fresh: Update = {"sql": "", "error": None, "verified": False}
    if state["verified"] or state["error"] is None or not state["attempts"]:
        return fresh
    error = state["error"]
    mistake = Mistake(sql=state["sql"], message=f"{error['message']} {error['remedy']}".strip())
    return {**fresh, "mistakes": [*state["mistakes"], mistake]}


def explain(state: AskState, runtime: Runtime[Desk]) -> Update:
    """Put the answer together from the rows, or say why there is none."""
    answer = compose(state, runtime.context)
    runtime.stream_writer(answer)
    good = answer.status in ("answered", "empty", "truncated")
    # A model that is shown earlier turns learns from SQL; where none was written there is none to show.
    kept = good and bool(state["sql"])
    # What a remark goes on from is the last question, answered or not; a remark that came to nothing isn't one.
    context = state.get("context")
    if not kept and (good or state["remark"] or state.get("outcome") or context is None or not context.linked):
        return {"turns": []}
    return {"turns": [Turn(question=state["question"], sql=state["sql"] if kept else "")]}


NODES: tuple[Node, ...] = (follow, approved, retrieve, predict, write, check, run, repair, explain)


def step(node: Node) -> Timed:
    """The node with its time taken and its failure kept as a value: routing decides what to do about it."""
    name = node.__name__

    def timed(state: AskState, runtime: Runtime[Desk]) -> Update:
        begun = time.perf_counter()
        try:
            update = node(state, runtime)
        except DataError as error:
            update = {"error": {"kind": error.kind, "message": error.message, "remedy": error.remedy, "step": name}}
        seconds = time.perf_counter() - begun
        if name == "follow" and not update:
            return {}  # A question that stands on its own: nothing was done.
        if name != "explain":
            runtime.stream_writer(Step(name, _detail(name, state, update), seconds))
        timings = state["timings"]
        return {**update, "timings": {**timings, name: timings.get(name, 0.0) + seconds}}

    return timed


def _grammar(context: Context) -> str:
    """The grammar for a question; Invalid where no query over the tables that it means can keep to its period."""
    text = grammar.lark(context)
    if not text and (period := recency.brief(context)):
        raise Invalid(f"No table that this is about can tell “{period.span}”.", "Ask about a table that has times.")
    return text


def _toolbox(desk: Desk, endpoint: Endpoint) -> Toolbox | None:
    """Tools for a model that calls some, where there is anything that they know of."""
    if desk.predictor is None or not endpoint.tools or not endpoint.instruct or endpoint.grammar:
        return None
    toolbox = Toolbox(desk.predictor, desk.principal)
    return toolbox if toolbox.described() else None


def _wanted(context: Context, desk: Desk) -> Wanted | None:
    """What the question wants of a model over features; None for nearly all questions."""
    if desk.predictor is None or not promising(context.question):
        return None
    models = desk.predictor.visible(desk.principal)
    return wanted(context.question, models, desk.gateway.askable(desk.principal), context.hints)


def _read(endpoint: Endpoint, reply: str, semantic: Semantic | None) -> Update:
    """What the reply says: SQL, or that the model can't or needs to know more."""
    if semantic is not None:
        said = reply.strip().rstrip("; \n")
        declined = said if said in DECLINED else ""
        return {"reply": "", "sql": "" if declined else semantic.stored(said), "declined": declined}
    declined, words = instruct.declined(reply)
    return {"reply": words, "sql": "" if declined else instruct.sql(reply), "declined": declined}


def _detail(name: str, state: AskState, update: Update) -> str:
    """What a person watching may want to know about the step, but never an approved query's SQL."""
    if name == "approved":
        return "found" if update.get("sql") else ""
    if state["verified"] and update.get("error"):
        return "the approved query can't be run"
    if update.get("error"):
        return str(update["error"]["message"])
    match name:
        case "follow":
            return str(update.get("question", ""))
        case "retrieve":
            return ", ".join(hint.text for hint in update["context"].hints)
        case "predict":
            return str(update["outcome"].status)
        case "write":
            return str(update.get("sql", "")) or ("tools" if update.get("outcome") else "")
        case "run":
            return f"{update['result'].table.num_rows} rows"
    return ""
