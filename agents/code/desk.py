"""What one task is worked on with: everything that is read goes through the gateway as its principal."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from agents.code.abort import Abort
from agents.code.ran import Ran, failure, named
from agents.code.writers import Bench, Context, Writer, writer
from data.errors import DataError, Forbidden

if TYPE_CHECKING:
    from agents.code.context import Contexts
    from agents.code.seats import Seats
    from agents.code.state import CodeState
    from agents.endpoints.router import Line
    from data.catalog import Catalog
    from data.gateway import Gateway
    from data.policy import Principal
    from data.sandbox import Chart, Outcome, Sandbox
    from retrieval import Retriever

TRIES = 4
"""Programs that are written for one task at most: the first one, and three that mend it."""
MOST_ROWS = 1_000_000
"""Rows of a table up to which a program gets it whole; where one has more, each gives a sample."""
SAMPLE = 50_000
"""Rows of each table in a sample."""
COUNTING = 10.0
"""Seconds for counting a table's rows; one that takes longer is large."""

LONGEST = 2_000
"""Characters that are kept of an error's message."""

SAID = 80
"""Characters by which a refusal is known in a program's last words."""
EXPENSIVE = frozenset({"timeout", "memory"})


@dataclass(frozen=True)
class Desk:
    """`limit` is in rows of a result, `timeout` in seconds of a query."""

    home: Path
    gateway: Gateway
    retriever: Retriever
    principal: Principal
    line: Line
    sandbox: Callable[[], Sandbox]
    contexts: Contexts
    seats: Seats
    limit: int = 10_000
    timeout: float = 30.0
    stop: Abort = field(default_factory=Abort)
    looks: bool = True
    """Whether the writer may run queries of its own, to look at rows."""

    @cached_property
    def writer(self) -> Writer:
        return writer(Bench(self.gateway, self.retriever, self.principal, self.line, self.stop, self.looks))

    @cached_property
    def _known(self) -> dict[str, Context]:
        return {}

    @cached_property
    def visible(self) -> Catalog:
        """What the principal can ask about."""
        return self.gateway.askable(self.principal)

    def context(self, state: CodeState) -> Context:
        """What the writer may know of a task; it is looked up once."""
        if state["code_id"] not in self._known:
            self._known[state["code_id"]] = self.contexts.of(self, state)
        return self._known[state["code_id"]]

    def query(self, sql: str) -> Ran:
        """The rows of one governed query. Raises what the gateway raises."""
        result = self.gateway.query(
            self.principal, sql, limit=self.limit, timeout=self.timeout, question="code", stop=self.stop
        )
        versions = {use.table: use.version for use in result.sources}
        return Ran(result.table, result.truncated, sources=named(list(versions), versions))

    def program(self, code: str, language: Literal["python", "pyspark"], tables: Sequence[str] = ()) -> Ran:
        """What a program gives in the sandbox. Of `tables`, as far as they are known, large ones give a sample."""
        from data.sandbox import Program

        sample = SAMPLE if any(self._is_large(name) for name in tables) else None
        with self.seats.taken():
            outcome = self.sandbox().run(self.principal, Program(code, language, sample), cancel=self.stop.event)
        return self._ran(outcome, sample)

    def versions(self, tables: Sequence[str]) -> tuple[dict[str, Any], ...]:
        """Tables with the versions that they are at."""
        known = {name: self.visible.table(name) for name in dict.fromkeys(tables) if name in self.visible}
        return named(list(known), {name: self._version(name) for name in known})

    def _version(self, table: str) -> str:
        try:
            return self.gateway.version(self.visible.table(table))
        except DataError:
            return "live"

    def _is_large(self, table: str) -> bool:
        try:
            counted = self.gateway.query(self.principal, f"SELECT count(*) AS n FROM {table}", timeout=COUNTING)
        except DataError:
            return True
        return int(counted.table.column("n")[0].as_py()) > MOST_ROWS

    def _ran(self, outcome: Outcome, sample: int | None) -> Ran:
        table = None if outcome.result is None else outcome.result.slice(0, self.limit)
        cut = outcome.truncated or (outcome.result is not None and outcome.result.num_rows > self.limit)
        return Ran(
            table, cut, _failure(outcome), outcome.stdout, outcome.stderr, self.versions(outcome.tables),
            tuple(map(_chart, outcome.charts)), sample,
        )  # fmt: skip


def _chart(chart: Chart) -> dict[str, Any]:
    """A chart as JSON can hold it: hostile until shown to be harmless."""
    if chart.kind == "vega":
        return {"name": chart.name, "kind": chart.kind, "spec": chart.spec}
    return {"name": chart.name, "kind": chart.kind, "png": b64encode(chart.png).decode("ascii")}


def _failure(outcome: Outcome) -> Mapping[str, str] | None:
    """Why a program gave nothing, as attempts keep it."""
    fault = outcome.error
    said = (
        ""
        if fault is None
        else f"{f'Line {fault.line}: ' if fault.line else ''}{fault.type}: {fault.message[:LONGEST]}"
    )
    if outcome.status == "ok":
        lacking = failure("invalid", "The program ended without a result.", "Bind its outcome to `result`.")
        return lacking if outcome.result is None else None
    if (refused := _refused(outcome)) is not None:
        return failure("forbidden", refused.message, refused.remedy)
    if outcome.status in EXPENSIVE:
        return failure("too_expensive", f"The program was stopped ({outcome.status}). {said}", "Let it do less.")
    if outcome.status in ("killed", "refused"):
        return failure("unavailable", f"The program was {outcome.status}. {said}", "See: lakewright doctor")
    return failure("invalid", said or f"The program ended with '{outcome.status}'.")


def _refused(outcome: Outcome) -> Forbidden | None:
    """What a program ended on because its principal may not see it: no other program for that would do better. A
    function that is not allowed is its writer's mistake."""
    refused, fault = outcome.refused, outcome.error
    if outcome.status != "error" or refused is None or fault is None or "function" in refused.facts:
        return None
    return refused if refused.message[:SAID] in fault.message else None
