"""What one question carries through the graph, and what comes out of it."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import Annotated, Any, Literal, NotRequired, TypedDict

from langgraph.channels import UntrackedValue

from data.values import plain

Status = Literal["answered", "empty", "forbidden", "truncated", "clarify", "unsure", "failed"]

# Earlier questions of a thread that are kept for models that can use them.
REMEMBERED = 5


@dataclass(frozen=True)
class Step:
    """A step of the graph is done. `detail` is for people."""

    name: str
    detail: str
    seconds: float


@dataclass(frozen=True)
class Token:
    """A piece of what the model is writing."""

    text: str


@dataclass(frozen=True)
class Answer:
    """The outcome of one question; `rows` holds Python values in the order of `columns`.

    `sources` has one {table, version, freshness} per table that was read, with `age_seconds` where the freshness
    is known, and the `watermark` of a table that a stream feeds; and one {document, version, heading, page, start, end,
    quote} per passage that is cited. `timings` has seconds per step.
    `error` is {kind, message, remedy, step} when `status` is failed, and for what the gateway forbade.
    `confidence` is the probability that the SQL is right, None where it is not known: no model wrote it, or how often
    the model is right was not measured. `logprob` is that of the SQL as the model sees it. `meanings` tell how the
    values of each column are stored, as `agents.ask.meaning` has it; none where all columns say it themselves.
    """

    status: Status
    answer: str
    sql: str = ""
    columns: list[str] = field(default_factory=list)
    rows: list[list[Any]] = field(default_factory=list)
    sources: list[dict[str, Any]] = field(default_factory=list)
    verified: bool = False
    endpoint: str = ""
    seconds: float = 0.0
    answer_id: str = ""
    timings: dict[str, float] = field(default_factory=dict)
    question: str = ""
    principal: str = ""
    error: dict[str, str] | None = None
    chart: dict[str, Any] | None = None
    attempts: int = 0
    audit_id: str = ""
    confidence: float | None = None
    logprob: float | None = None
    meanings: list[dict[str, Any] | None] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """The answer with values that JSON can hold."""
        return {item.name: plain(getattr(self, item.name)) for item in fields(self)}


Event = Step | Token | Answer


class Turn(TypedDict):
    """An earlier question of the thread, told in full, with the SQL that answered it, or "" where none did."""

    question: str
    sql: str


class Mistake(TypedDict):
    """SQL that was refused, and why, in words that the model may read."""

    sql: str
    message: str


def recent(kept: list[Turn], new: list[Turn]) -> list[Turn]:
    """The last turns of a thread."""
    return (kept + new)[-REMEMBERED:]


class AskState(TypedDict):
    """Plain values, so that a checkpoint can always be read; what is heavy or governed isn't checkpointed.

    `remark` is what was said where that goes on from an earlier question; `question` then tells it in full, and
    `unread` are the words of it that played no part. `votable`: the model can still be asked for alternatives.
    `doubtful`: such answers are too seldom right to be given, but as a "guess", or so seldom that they tell "nothing".
    `wrote` is the reply that the SQL was read from; `declines` the logprob with which the model would rather have
    written none, None where it tells no such thing; `faults` is how much speaks against that reply; `rivalled`: a query
    that no model wrote answers the question better. `lacking` are the question's words that name nothing in the data.
    `readings` are what a question may mean, in words.
    """

    principal: str
    question: str
    remark: str
    unread: list[str]
    turns: Annotated[list[Turn], recent]
    refusal: Literal["forbidden", "unsure", "clarify", ""]
    declined: Literal["clarify", "unsure", ""]
    reply: str
    readings: list[str]
    logprob: float | None
    confidence: float | None
    doubtful: Literal["guess", "nothing", ""]
    votable: bool
    wrote: str
    declines: float | None
    faults: float
    rivalled: bool
    lacking: list[str]
    sql: str
    verified: bool
    attempts: int
    tries_left: int
    mistakes: list[Mistake]
    error: dict[str, str] | None
    timings: dict[str, float]
    context: NotRequired[Annotated[Any, UntrackedValue]]
    result: NotRequired[Annotated[Any, UntrackedValue]]
    wanted: NotRequired[Annotated[Any, UntrackedValue]]
    outcome: NotRequired[Annotated[Any, UntrackedValue]]
    limit: NotRequired[Annotated[Any, UntrackedValue]]


def asked(principal: str, question: str) -> AskState:
    """The state in which a question enters the graph: nothing of an earlier one but the thread's turns."""
    return AskState(
        principal=principal, question=question, remark="", unread=[], turns=[], refusal="", declined="",
        reply="", sql="", verified=False, attempts=0, tries_left=0, mistakes=[], error=None, timings={},
        readings=[], logprob=None, confidence=None, doubtful="", votable=False, wrote="", declines=None,
        faults=0.0, rivalled=False, lacking=[],
    )  # fmt: skip
