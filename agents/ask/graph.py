"""Asking: follow → approved? → retrieve → consult → write → check → run → vote → doubt → repair → explain; or, of a
model: predict."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph

from agents.ask.compose import gave_nothing
from agents.ask.documents.citation import named
from agents.ask.nodes import NODES, Desk, step, unheard
from agents.ask.relay import relayed
from agents.ask.shadow import Shadows, shadowed
from agents.ask.state import Answer, AskState, Event, asked
from agents.ask.vote import worthwhile
from agents.checkpoints import Checkpoints
from agents.endpoints.router import Router
from agents.outside import Approve, Outside, nobody
from data.errors import Invalid, Unavailable
from data.observe import observed
from data.stop import Stop

if TYPE_CHECKING:
    from langchain_core.runnables import RunnableConfig

    from agents.answers import AnswerStore
    from agents.approved import ApprovedQueries
    from agents.ask.weighing import Weighing
    from agents.endpoints import Endpoint
    from agents.endpoints.router import Line
    from agents.predictors.predictor import Predictor
    from data.gateway import Gateway
    from data.policy import Principal
    from retrieval import Retriever
    from retrieval.documents import Library

LONGEST_QUESTION = 4_000
REPAIRABLE = ("invalid", "not_found")

Graph = CompiledStateGraph[AskState, Desk, AskState, AskState]


def after_follow(state: AskState) -> Literal["run", "write", "retrieve", "approved", "explain"]:
    """A remark with its SQL runs; without it, it is written like a question. What stands on its own goes its way."""
    if state["error"] or state.get("outcome"):
        return "explain"
    if state["sql"]:
        return "run"
    if state["remark"]:
        return "retrieve"
    return "write" if state.get("context") else "approved"


def after_approved(state: AskState) -> Literal["run", "retrieve", "explain"]:
    """An approved query runs as it is."""
    if state["error"]:
        return "explain"
    return "run" if state["sql"] else "retrieve"


def after_retrieve(state: AskState) -> Literal["consult", "explain"]:
    """Without a context there is nothing to go on with."""
    return "explain" if state["error"] else "consult"


def after_consult(state: AskState) -> Literal["predict", "write", "explain"]:
    """What documents answer is explained, and a name that nothing visible has. Where no word was found in the data,
    the model says whether it can be asked."""
    if state["error"] or state.get("outcome"):
        return "explain"
    if state.get("wanted"):
        return "predict"
    unread = state["refusal"] == "unsure" and bool(state["context"].catalog.tables)
    return "write" if unread or not state["refusal"] else "explain"


def after_write(state: AskState) -> Literal["check", "vote", "explain"]:
    """A model that asks back isn't pressed, and what its tools gave is the answer. One that gives up but can tell of
    queries is asked for them: whether one is an answer is not for it alone to say."""
    if state["declined"] and state["votable"]:
        return "vote"
    return "explain" if state["error"] or state["declined"] or state.get("outcome") else "check"


def after_check(state: AskState) -> Literal["run", "vote", "repair", "explain"]:
    """Only one query over rows reaches the gateway."""
    return _mend(state) if state["error"] else "run"


def after_run(state: AskState) -> Literal["vote", "repair", "doubt", "explain"]:
    """Rows are explained, unless the model has alternatives that may be better, or tells how sure it is. What is
    forbidden or unavailable isn't retried; an approved query is set aside."""
    if state["verified"] and state["error"] and state["error"]["kind"] in ("forbidden", *REPAIRABLE):
        return "repair"
    if state["error"]:
        return _mend(state)
    if worthwhile(state, nothing=gave_nothing(state["result"])):
        return "vote"
    return "explain" if state["declines"] is None else "doubt"


def after_vote(state: AskState) -> Literal["repair", "doubt", "explain"]:
    """What was elected is doubted as any other; what failed and was not replaced is repaired."""
    if state["error"]:
        return "repair" if state["tries_left"] > 0 else "explain"
    return "doubt"


def after_repair(state: AskState) -> Literal["retrieve", "write"]:
    """Without the approved query, or the one that a remark made, the question stands as any other."""
    return "write" if state["mistakes"] else "retrieve"


def _mend(state: AskState) -> Literal["vote", "repair", "explain"]:
    error = state["error"]
    if not error or error["kind"] not in REPAIRABLE:
        return "explain"
    if worthwhile(state, nothing=True):
        return "vote"
    return "repair" if state["tries_left"] > 0 else "explain"


builder = StateGraph(AskState, context_schema=Desk)
for node in NODES:
    builder.add_node(node.__name__, step(node))

builder.add_edge(START, "follow")
builder.add_conditional_edges("follow", after_follow)
builder.add_conditional_edges("approved", after_approved)
builder.add_conditional_edges("retrieve", after_retrieve)
builder.add_conditional_edges("consult", after_consult)
builder.add_edge("predict", "explain")
builder.add_conditional_edges("write", after_write)
builder.add_conditional_edges("check", after_check)
builder.add_conditional_edges("run", after_run)
builder.add_conditional_edges("vote", after_vote)
builder.add_edge("doubt", "explain")
builder.add_conditional_edges("repair", after_repair)
builder.add_edge("explain", END)


def compiled(checkpointer: BaseCheckpointSaver[str] | None = None) -> Graph:
    """The graph, ready to run; with a checkpointer it remembers its threads."""
    return builder.compile(checkpointer=checkpointer, name="ask")


class Ask:
    """Answers questions. Endpoints open when first needed; of a mapping the first one is the default. Thread safe."""

    def __init__(
        self,
        gateway: Gateway,
        retriever: Retriever,
        endpoints: Mapping[str, Callable[[], Endpoint]] | Router,
        approved: ApprovedQueries,
        checkpoints: Path,
        answers: AnswerStore,
        *,
        server: str = "",
        predictor: Predictor | None = None,
        library: Library | None = None,
        shadows: Shadows | None = None,
        outside: Outside | None = None,
        limit: int = 10_000,
        timeout: float = 30.0,
    ) -> None:
        """`checkpoints`: SQLite file of the threads, unless `server` is the URL of a PostgreSQL for them.
        `predictor`: what answers questions about scores.
        `library`: the documents that answers cite. `shadows`: where endpoints that only run beside others are compared.
        `outside`: tools of other servers.

        `limit` (rows) and `timeout` (seconds) bound a query."""
        self._gateway, self._retriever, self._approved = gateway, retriever, approved
        self._router = endpoints if isinstance(endpoints, Router) else Router(endpoints)
        self._checkpoints, self._answers = Checkpoints(checkpoints, server), answers
        self._predictor, self._library, self._limit, self._timeout = predictor, library, limit, timeout
        self._shadows, self._outside = shadows, outside
        self._threaded: Graph | None = None

    def stream(
        self,
        principal: Principal,
        question: str,
        *,
        thread: str | None = None,
        endpoint: str | None = None,
        stop: Stop | None = None,
        approve: Approve = nobody,
    ) -> Iterator[Event]:
        """Steps and tokens as they come, then the answer: what `tell` tells, while it works in a thread of its own."""
        stop = stop or Stop()
        options = {"thread": thread, "endpoint": endpoint, "stop": stop, "approve": approve}
        return relayed(lambda write: self.tell(principal, question, write, **options), stop)  # type: ignore[arg-type]

    def tell(
        self,
        principal: Principal,
        question: str,
        write: Callable[[Event], None],
        *,
        thread: str | None = None,
        endpoint: str | None = None,
        stop: Stop | None = None,
        approve: Approve = nobody,
    ) -> Answer:
        """Answer the question. `write` hears steps and tokens as they come, then the answer, which is stored before.

        `thread` continues a conversation of this principal; nobody else's thread of that name is touched.
        `stop.cancel()` ends the query that is under way, when nobody waits for the answer any more. `approve` is asked
        before an outside tool is called that needs a person's word.
        Invalid for a question that is empty or too long; NotFound for an endpoint that isn't set up; Busy where the
        principal's budget for models is used up.
        """
        with observed("question", "ask"):
            return self._told(principal, question, write, thread, endpoint, stop or Stop(), approve)

    def _told(
        self,
        principal: Principal,
        question: str,
        write: Callable[[Event], None],
        thread: str | None,
        endpoint: str | None,
        stop: Stop,
        approve: Approve,
    ) -> Answer:
        question = checked(question)
        line = self._router.line(principal, endpoint, thread, stop)
        desk = replace(self._desk(line, principal, stop, approve), write=write)
        answer = self._answer(desk, asked(principal.name, question), thread)
        with observed("commit", "answers"):
            self._answers.add(answer, self._limit)
        self._record(answer)
        write(answer)
        if thread is None and self._shadows is not None:
            self._compare(self._shadows, principal, answer)
        return answer

    def run(
        self, principal: Principal, question: str, *, thread: str | None = None, endpoint: str | None = None
    ) -> Answer:
        """The answer alone."""
        return self.tell(principal, question, unheard, thread=thread, endpoint=endpoint)

    def forget(self, principal: Principal, thread: str) -> None:
        """Forget what was said in a thread of this principal's."""
        self._checkpoints.saver().delete_thread(_key(principal, thread))

    def weighed(self, principal: Principal, question: str, endpoint: str | None = None) -> Weighing:
        """All that might answer a question, with what each is ranked by; none of it is kept."""
        from agents.ask.weighing import weighing

        desk = self._desk(self._router.line(principal, endpoint, None, stop := Stop()), principal, stop)
        return weighing(desk, checked(question))

    def close(self) -> None:
        """Let go of the threads."""
        if self._shadows is not None:
            self._shadows.close()
        self._checkpoints.close()

    def _compare(self, shadows: Shadows, principal: Principal, answer: Answer) -> None:
        """Have the endpoints asked that run in the shadow, under the same principal's rights."""
        for name in shadowed(self._router.routes().shadow, answer):
            stop = Stop()
            desk = self._desk(self._router.shadow(principal, name, stop), principal, stop)
            shadows.ask(answer, name, partial(self._alone_asked, desk, answer.question))

    def _alone_asked(self, desk: Desk, question: str) -> Answer:
        """An answer that is given to nobody, and not kept."""
        desk = replace(desk, started=time.perf_counter())
        return self._answer(desk, asked(desk.principal.name, question), None)

    def _record(self, answer: Answer) -> None:
        """The question in the audit trail, beside the records of the queries that answered it."""
        self._gateway.audit.write(
            kind="question",
            principal=answer.principal,
            question=answer.question,
            ran=answer.sql,
            versions={named(source): source["version"] for source in answer.sources},
            rows=len(answer.rows),
            ms=round(answer.seconds * 1000, 3),
            outcome=answer.status,
            message=f"answer {answer.answer_id}",
            engine=answer.endpoint,
        )

    def _answer(self, desk: Desk, state: AskState, thread: str | None) -> Answer:
        if thread is None:
            return answered(desk, state)
        graph, config = self._threads(), _thread(desk.principal, thread)
        with self._checkpoints.kept():
            return _walked(desk, partial(graph.stream, state, config, durability="exit"))

    def _threads(self) -> Graph:
        """The graph over the store of threads."""
        saver, graph = self._checkpoints.saver(), self._threaded
        if graph is None or graph.checkpointer is not saver:
            self._threaded = graph = compiled(saver)
        return graph

    def _desk(self, line: Line, principal: Principal, stop: Stop, approve: Approve = nobody) -> Desk:
        return Desk(
            self._gateway, self._retriever, self._approved, principal, line,
            self._limit, self._timeout, time.perf_counter(), stop, self._predictor,
            self._library, partial(self._outside.tools, approve) if self._outside is not None else tuple,
        )  # fmt: skip


def answered(desk: Desk, state: AskState) -> Answer:
    """The answer to a question that stands in no thread."""
    return _walked(desk, partial(_alone().stream, state))


def _walked(desk: Desk, stream: Callable[..., Iterator[object]]) -> Answer:
    """Walk the graph; Unavailable when nobody waits any more. Each step runs in this very thread: a stream of another
    mode than `updates` would have LangGraph hand it over to others."""
    answers: list[Answer] = []

    def write(event: Event) -> None:
        answers.append(event) if isinstance(event, Answer) else desk.write(event)

    for _ in stream(context=replace(desk, write=write), stream_mode="updates"):
        if desk.stop.reason == "gone":
            raise Unavailable("Nobody waits for the answer any more.", "Ask again.")
    return answers[-1]


@cache
def _alone() -> Graph:
    return compiled()


def _thread(principal: Principal, name: str) -> RunnableConfig:
    return {"configurable": {"thread_id": _key(principal, name)}}


def _key(principal: Principal, thread: str) -> str:
    """Two principals may choose the same name for a thread: the key holds both, each in its quotes."""
    return json.dumps([principal.name, thread])


def checked(question: str) -> str:
    """The question without outer spaces; Invalid when it is empty or too long to be one."""
    text = question.strip()
    if not text:
        raise Invalid("The question is empty.", "Ask something about your data.")
    if len(text) > LONGEST_QUESTION:
        start = " ".join(text[:60].split())
        raise Invalid(
            f"The question '{start}…' is {len(text):,} characters long; {LONGEST_QUESTION:,} are the most.",
            "Ask for one thing at a time.",
        )
    return text
