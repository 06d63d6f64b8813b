"""Who writes a program: a large model that is told what there is, or the embedded one, whose SQL is rendered."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from agents.code.state import Attempt, Draft, Task
from data.stop import Stop

if TYPE_CHECKING:
    from agents.endpoints import Endpoint
    from agents.endpoints.router import Line
    from data.catalog import Catalog
    from data.gateway import Gateway
    from data.policy import Principal
    from retrieval import Retriever


@dataclass(frozen=True)
class Example:
    """A task with a program or query for it that a person has approved, or that was delivered before."""

    task: str
    code: str


@dataclass(frozen=True)
class Context:
    """What a writer may know: nothing but what the caller may see.

    `catalog` is cut to the tables that fit the task where there are many; `hints` are what phrases of the task mean;
    `features` describe the feature views; `plan` are the steps that were planned; `turns` are earlier tasks of the
    thread with their code; `current` is the file that is to be changed, "" where there is none.
    """

    catalog: Catalog
    hints: tuple[str, ...] = ()
    features: tuple[str, ...] = ()
    examples: tuple[Example, ...] = ()
    plan: tuple[str, ...] = ()
    turns: tuple[str, ...] = ()
    current: str = ""


@dataclass(frozen=True)
class Bench:
    """What a writer works with: everything it reads goes through `gateway` as `principal`. `runs`: whether it may run
    queries to look at rows; where a person approves each run, it may not."""

    gateway: Gateway
    retriever: Retriever
    principal: Principal
    line: Line
    stop: Stop = field(default_factory=Stop)
    runs: bool = True

    @property
    def endpoint(self) -> Endpoint:
        """The endpoint that answers; Unavailable when none can be opened."""
        return self.line()


class Writer(Protocol):
    """Writes the next draft. `attempts` are those that were no good, oldest first, each with what was wrong.

    Raises DataError where it can't write at all: Forbidden for what the caller may not see, Unavailable for a model
    that does not answer. What it can't make of the task is a Draft whose `reply` says so."""

    def write(self, task: Task, context: Context, attempts: tuple[Attempt, ...]) -> Draft: ...


def writer(bench: Bench) -> Writer:
    """The writer for an endpoint: a model that was trained on our own prompt writes SQL, which is rendered."""
    if bench.endpoint.instruct:
        from agents.code.writers.chat import ChatWriter

        return ChatWriter(bench)
    from agents.code.writers.rendered import RenderedWriter

    return RenderedWriter(bench)
