"""The steps of a question: each reads the state and the desk it works at, and gives back what it changes."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Protocol

from langgraph.runtime import Runtime

from agents.ask import query, recency
from agents.ask.compose import compose
from agents.ask.converse import converse, gained
from agents.ask.messages import tries
from agents.ask.outcome import Outcome
from agents.ask.pen import Pen, Update
from agents.ask.reading import readings
from agents.ask.rerank.judge import opened
from agents.ask.state import AskState, Event, Mistake, Step, Token, Turn
from agents.ask.vote import ballots, elected, rivalled
from agents.ask.wanted import Wanted, promising, wanted
from agents.endpoints.caller import calling
from agents.tools import Toolbox
from data.errors import DataError
from data.observe import observed
from data.stop import Stop

if TYPE_CHECKING:
    from langchain_core.tools import BaseTool

    from agents.approved import ApprovedQueries
    from agents.ask.rerank.judge import Judge
    from agents.endpoints import Endpoint
    from agents.endpoints.router import Line
    from agents.predictors.predictor import Predictor
    from data.gateway import Gateway
    from data.policy import Principal
    from retrieval import Context, Retriever
    from retrieval.documents import Library


class Node(Protocol):
    """A step of the graph: what it gives back is merged into the state."""

    __name__: str

    def __call__(self, state: AskState, runtime: Runtime[Desk]) -> Update: ...


def unheard(event: Event) -> None:
    """For a question whose answer alone is wanted."""


class Timed(Protocol):
    """A node as the graph takes it."""

    def __call__(self, state: AskState, runtime: Runtime[Desk]) -> Update: ...


@dataclass(frozen=True)
class Desk:
    """What the nodes work with while a question is answered; `limit` is in rows, `timeout` in seconds.
    `write` hears each step, token and answer when it comes."""

    gateway: Gateway
    retriever: Retriever
    approved: ApprovedQueries
    principal: Principal
    line: Line
    limit: int
    timeout: float
    started: float
    stop: Stop
    predictor: Predictor | None = None
    library: Library | None = None
    outside: Callable[[], Sequence[BaseTool]] = tuple
    write: Callable[[Event], None] = unheard
    found: dict[str, Context] = field(default_factory=dict)
    """What was retrieved for this question: several steps look for the same words."""

    @property
    def endpoint(self) -> str:
        """The name of the endpoint that answers."""
        return self.line.name

    def open(self) -> Endpoint:
        """The endpoint that answers."""
        return self.line()

    @property
    def judge(self) -> Judge:
        """What reads queries beside the question."""
        return opened(self.retriever.models)

    def retrieve(self, text: str) -> Context:
        """What the text means in what the principal may see."""
        if text not in self.found:
            self.found[text] = self.retriever.retrieve(self.principal, text)
        return self.found[text]


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
    found = told(remark, state["turns"], desk.retrieve)
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
    context = runtime.context.retrieve(state["question"])
    # Whether a name is hidden or doesn't exist makes no difference here, so the status tells neither.
    refusal = "" if context.linked else "forbidden" if context.unknown else "unsure"
    if not refusal and recency.untold(context):
        refusal = "clarify"
    return {"context": context, "refusal": refusal, "wanted": _wanted(context, runtime.context)}


def consult(state: AskState, runtime: Runtime[Desk]) -> Update:
    """Look into the documents that the principal may read, where the question is one for them."""
    from agents.ask.documents.consult import consult as consulted

    desk = runtime.context
    if desk.library is None or state.get("wanted"):
        return {}

    return dict(consulted(desk.library, desk.principal, state["context"], state["refusal"], desk.retrieve))


def predict(state: AskState, runtime: Runtime[Desk]) -> Update:
    """Score the subject that the question names, under the principal's rights, or find its logged prediction."""
    from agents.ask.foretell import foretell

    desk = runtime.context
    assert desk.predictor is not None
    return {"outcome": foretell(desk.predictor, desk.principal, state["wanted"])}


def write(state: AskState, runtime: Runtime[Desk]) -> Update:
    """Let the model write SQL, inside the grammar where it can, or call tools; its tokens are streamed. Where it can't
    be reached, the endpoint that stands in for it writes."""
    return runtime.context.line.attempt(lambda endpoint: _written(endpoint, state, runtime))


def _written(endpoint: Endpoint, state: AskState, runtime: Runtime[Desk]) -> Update:
    desk, context = runtime.context, state["context"]
    pen, toolbox = Pen.of(endpoint, state), _toolbox(desk, endpoint)
    said = pen.messages(toolbox.described() if toolbox is not None else "")
    options = pen.options()
    with desk.line.metered(endpoint) as spending:
        reply = converse(endpoint, said, toolbox, lambda text: desk.write(Token(text)), spending=spending, **options)
    reply = replace(reply, text=pen.converted(reply.text))
    update: Update = {
        "attempts": state["attempts"] + 1,
        "tries_left": tries(endpoint, context) - state["attempts"] - 1,
    }
    update |= pen.read(reply.text)
    update |= pen.sure(reply.logprob if update["sql"] else None)
    update |= {"wrote": reply.text, "declines": reply.otherwise if update["sql"] else reply.logprob}
    weighed = pen.weighed(reply.text, reply.logprob or 0.0) if endpoint.ranking is not None else None
    update["faults"] = weighed.faults if weighed else 0.0
    update["rivalled"] = weighed is not None and rivalled(weighed, pen, desk)
    update["votable"] = endpoint.ranking is not None and (bool(update["sql"]) or pen.reconsiders(reply, update))
    if update["declined"] == "clarify":
        update["readings"] = readings(pen.queries(), state["question"], context)
    if toolbox is not None and not update["sql"] and (outcome := gained(toolbox)):
        return {**update, "declined": "", "outcome": outcome}
    return update


def check(state: AskState, runtime: Runtime[Desk]) -> Update:
    """Refuse, before anything runs, what isn't one query over rows."""
    query.check(state["sql"], state["context"])
    return {}


def run(state: AskState, runtime: Runtime[Desk]) -> Update:
    """Run the SQL through the gateway under the principal's rights."""
    desk = runtime.context
    return {"result": query.run(state["sql"], state, desk, desk.timeout)}


def vote(state: AskState, runtime: Runtime[Desk]) -> Update:
    """Run the model's alternatives too, and take the answer that most of its probability stands behind."""
    pen = Pen.of(runtime.context.open(), state)
    winner = elected(ballots(pen, runtime.context), state["logprob"])
    if winner is None:
        return {"votable": False}
    ballot, logprob = winner
    return {"votable": False, **ballot.update(), **pen.sure(logprob if ballot.sql else None)}


def doubt(state: AskState, runtime: Runtime[Desk]) -> Update:
    """Say whether the question can be answered from the data at all, by all that speaks for and against it."""
    if state["declines"] is None:
        return {}  # No model wrote it, or one that doesn't tell.
    from agents.ask.abstain.doubt import doubtful

    return doubtful(Pen.of(runtime.context.open(), state), runtime.context.retriever.encode)


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
    runtime.context.write(answer)
    good = answer.status in ("answered", "empty", "truncated")
    # A model that is shown earlier turns learns from SQL; where none was written there is none to show.
    kept = good and bool(state["sql"])
    # What a remark goes on from is the last question, answered or not; a remark that came to nothing isn't one.
    context = state.get("context")
    if not kept and (good or state["remark"] or state.get("outcome") or context is None or not context.linked):
        return {"turns": []}
    return {"turns": [Turn(question=state["question"], sql=state["sql"] if kept else "")]}


NODES: tuple[Node, ...] = (
    follow,
    approved,
    retrieve,
    consult,
    predict,
    write,
    check,
    run,
    vote,
    doubt,
    repair,
    explain,
)


def step(node: Node) -> Timed:
    """The node with its time taken and its failure kept as a value: routing decides what to do about it."""
    name = node.__name__

    def timed(state: AskState, runtime: Runtime[Desk]) -> Update:
        begun = time.perf_counter()
        try:
            with calling(runtime.context.line.caller), observed("step", f"ask.{name}"):
                update = node(state, runtime)
        except DataError as error:
            update = {"error": {"kind": error.kind, "message": error.message, "remedy": error.remedy, "step": name}}
            if "retry_after" in error.facts:
                update["error"]["retry_after"] = str(error.facts["retry_after"])
        seconds = time.perf_counter() - begun
        if name in ("follow", "consult", "doubt") and not update:
            return {}  # A question that stands on its own, or is none for documents: nothing was done.
        if name != "explain":
            runtime.context.write(Step(name, _detail(name, state, update), seconds))
        timings = state["timings"]
        return {**update, "timings": {**timings, name: timings.get(name, 0.0) + seconds}}

    return timed


def _toolbox(desk: Desk, endpoint: Endpoint) -> Toolbox | None:
    """Tools for a model that calls some, where there is anything that they know of."""
    if desk.predictor is None or not endpoint.tools or not endpoint.instruct or endpoint.grammar:
        return None
    toolbox = Toolbox(desk.predictor, desk.principal, outside=desk.outside())
    return toolbox if toolbox.described() else None


def _wanted(context: Context, desk: Desk) -> Wanted | None:
    """What the question wants of a model over features; None for nearly all questions."""
    if desk.predictor is None or not promising(context.question):
        return None
    models = desk.predictor.visible(desk.principal)
    return wanted(context.question, models, desk.gateway.askable(desk.principal), context.hints)


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
        case "consult":
            outcome = update.get("outcome")
            return str(outcome.status) if outcome else str(update.get("question", ""))
        case "predict":
            return str(update["outcome"].status)
        case "write":
            return str(update.get("sql", "")) or ("tools" if update.get("outcome") else "")
        case "run":
            return f"{update['result'].table.num_rows} rows"
        case "vote":
            return str(update.get("sql", "") or update.get("declined", ""))
    return ""
