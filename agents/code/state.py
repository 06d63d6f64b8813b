"""What one task carries through the graph, and what comes out of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Annotated, Any, Literal, NotRequired, TypedDict, get_args

from langgraph.channels import UntrackedValue

from data.values import plain

Language = Literal["sql", "pyspark", "python", "feature", "stream", "dbt"]
Mode = Literal["plan", "ask", "run"]
"""`plan` runs nothing, `ask` waits for a person before each run, `run` runs in the sandbox."""
Status = Literal[
    "running",  # broken off, or still at work
    "approve",  # a person has to allow a run, or a write
    "delivered",  # it ran, and met all expectations
    "planned",  # written and checked, but not run
    "written",  # what it writes back is in its table
    "clarify",
    "unsure",
    "forbidden",
    "denied",  # the person did not allow it
    "timeout",
    "failed",
]
Verdict = Literal["ok", "failed", "skipped"]

LANGUAGES: tuple[Language, ...] = get_args(Language)
MODES: tuple[Mode, ...] = get_args(Mode)
EXTENSIONS: dict[Language, str] = {
    "sql": "sql", "pyspark": "py", "python": "py", "feature": "py", "stream": "yaml", "dbt": "sql",
}  # fmt: skip


@dataclass(frozen=True)
class Task:
    """What somebody wants written. `dialect` is that of SQL, by sqlglot's name; `expects` are columns that the
    result must have."""

    text: str
    language: Language
    dialect: str | None = None
    expects: tuple[str, ...] = ()


@dataclass(frozen=True)
class Draft:
    """What a writer gives: a program; or, where `reply` is not "code", a `question` back or why it can't.

    `sql` is the same as the program in the gateway's dialect, where the writer knows it: both are run and compared.
    """

    code: str = ""
    sql: str | None = None
    explanation: str = ""
    reply: Literal["code", "clarify", "unsure"] = "code"
    question: str = ""


@dataclass(frozen=True)
class Check:
    """One thing that was looked at: `name` is that of the check, `detail` is for people and for the model."""

    name: str
    verdict: Verdict
    detail: str = ""

    def as_json(self) -> dict[str, str]:
        return asdict(self)

    @classmethod
    def of(cls, kept: Mapping[str, Any]) -> Check:
        """From what `as_json` gave."""
        return cls(**kept)


@dataclass(frozen=True)
class Attempt:
    """One program that was written, and what became of it. `error` is {kind, message, remedy} and says why it is not
    good; `stdout` and `stderr` are what it printed, bounded, and are nobody's words but the program's."""

    number: int
    code: str
    sql: str | None = None
    explanation: str = ""
    checks: tuple[Check, ...] = ()
    error: dict[str, str] | None = None
    stdout: str = ""
    stderr: str = ""
    seconds: float = 0.0

    @property
    def good(self) -> bool:
        """Whether nothing was found wrong with it."""
        return self.error is None and all(check.verdict != "failed" for check in self.checks)

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "checks": [check.as_json() for check in self.checks]}

    @classmethod
    def of(cls, kept: dict[str, Any]) -> Attempt:
        """From what `as_json` gave."""
        return cls(**{**kept, "checks": tuple(map(Check.of, kept["checks"]))})


@dataclass(frozen=True)
class Step:
    """A step of the graph is done. `detail` is for people."""

    name: str
    detail: str
    seconds: float


@dataclass(frozen=True)
class Delivery:
    """The outcome of one task. `code` is good only where `status` is delivered or written: what was written last and
    is not good stands in `attempts` alone. In mode plan it is checked, but has not run.

    `result` is {columns, rows, truncated} of a sample, None where nothing ran. `tests` is the text of a pytest file,
    `log` what was done, line by line. `question` is what a person is asked: of the task, or whether something may
    run. `write_back` is {table, mode, sql, columns, rows, version} of what the code would write, for review.
    """

    code_id: str
    status: Status
    language: Language
    task: str
    principal: str
    mode: Mode = "run"
    code: str = ""
    explanation: str = ""
    checks: tuple[Check, ...] = ()
    result: dict[str, Any] | None = None
    attempts: tuple[Attempt, ...] = ()
    tests: str = ""
    log: tuple[str, ...] = ()
    sources: tuple[dict[str, Any], ...] = ()
    question: str = ""
    write_back: dict[str, Any] | None = None
    error: dict[str, str] | None = None
    endpoint: str = ""
    seconds: float = 0.0

    def as_json(self) -> dict[str, Any]:
        """The delivery with values that JSON can hold."""
        made = {item.name: plain(getattr(self, item.name)) for item in fields(self)}
        made["checks"] = [check.as_json() for check in self.checks]
        made["attempts"] = [attempt.as_json() for attempt in self.attempts]
        return {**made, "log": list(self.log), "sources": [plain(source) for source in self.sources]}


Event = Step | Attempt | Delivery


@dataclass(frozen=True)
class Request:
    """A task with how it is to be worked on, as it enters the graph."""

    code_id: str
    principal: str
    task: Task
    mode: Mode
    endpoint: str
    turns: tuple[str, ...] = ()
    """Earlier tasks of the thread, with the code that was delivered for each."""
    current: str = ""
    """The file as it is, where one is to be changed."""


class CodeState(TypedDict):
    """Plain values, so that a checkpoint can always be read.

    `draft` is what was written last and not yet judged; `attempts` are those that were. `allowed` are digests of
    programs that a person let run. `outcome` is what the newest run gave, of its rows the first ones; `ran` has them
    all, and is not kept."""

    code_id: str
    principal: str
    text: str
    language: Language
    dialect: str | None
    expects: list[str]
    mode: Mode
    endpoint: str
    turns: list[str]
    current: str
    status: Status
    plan: list[str]
    draft: dict[str, Any] | None
    checks: list[dict[str, str]]
    outcome: dict[str, Any] | None
    attempts: list[dict[str, Any]]
    allowed: list[str]
    question: str
    write_back: dict[str, Any] | None
    error: dict[str, str] | None
    log: list[str]
    seconds: float
    ran: NotRequired[Annotated[Any, UntrackedValue]]


def begun(request: Request) -> CodeState:
    """The state in which a task enters the graph."""
    task = request.task
    return CodeState(
        code_id=request.code_id, principal=request.principal, text=task.text, language=task.language,
        dialect=task.dialect, expects=list(task.expects), mode=request.mode, endpoint=request.endpoint,
        turns=list(request.turns), current=request.current,
        status="running", plan=[], draft=None, checks=[], outcome=None, attempts=[],
        allowed=[], question="", write_back=None, error=None, log=[], seconds=0.0,
    )  # fmt: skip


def task_of(state: CodeState) -> Task:
    """The task of a state."""
    return Task(state["text"], state["language"], state["dialect"], tuple(state["expects"]))
