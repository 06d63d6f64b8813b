"""The writer for the embedded model: it writes SQL inside the grammar, and the program is rendered from that.

The model is asked what the task asks of the data; what the task says of the program (its language, its columns) is
applied to the tree. The embedded model repairs nothing: where its SQL is no good, its next candidates are tried.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from agents import statement
from agents.approved import ApprovedQueries
from agents.ask.graph import answered
from agents.ask.nodes import Desk
from agents.ask.pen import Pen
from agents.ask.state import Answer, asked
from agents.code.demands import unmet
from agents.code.render import Unsupported, render
from agents.code.state import Attempt, Draft, Task
from agents.code.writers.composed.afterwards import afterwards
from agents.code.writers.composed.asides import explained
from agents.code.writers.composed.cases import Cases
from agents.code.writers.composed.classes import Classed
from agents.code.writers.composed.cohorts import Cohorts, of_first
from agents.code.writers.composed.columns import arranged
from agents.code.writers.composed.derived import Derived, derive, placed
from agents.code.writers.composed.distribution import Distribution, spread
from agents.code.writers.composed.labelled import Labelled
from agents.code.writers.composed.laid import laid
from agents.code.writers.composed.latest import Latest
from agents.code.writers.composed.mended import led, mended
from agents.code.writers.composed.phrased import phrased
from agents.code.writers.composed.prefaced import unprefaced
from agents.code.writers.composed.remarks import remarked
from agents.code.writers.composed.request import Request
from agents.code.writers.composed.specified import Specified
from agents.reader import Classes, read, read_listed, text_of
from data.errors import DataError, Forbidden

if TYPE_CHECKING:
    from agents.code.writers import Bench, Context
    from retrieval import Context as Linked

ROWS, SECONDS = 1_000, 30.0
"""What a query may give and take while the writer tries it."""
MOST_SHORT = 2
"""Candidates that leave out what the task says, after which no other is tried: the rest seldom do better."""
GUESSED = "Not every word of the task was understood: a model guessed this query. Check it before you use it."
ANSWERED = ("answered", "empty", "truncated")


_OF_PERIOD = re.compile(r"\bof (?:that|the same|its) (?:year|month|quarter|week|day)['’]s\b", re.I)
"""What a share is within is told by the sentence, not by the name of its column."""


@dataclass(frozen=True)
class Composed:
    """SQL for a task, and the names that its columns are to have, or why there is none. It is `guessed` where a model
    wrote it, as not every word of the task was understood."""

    sql: str = ""
    names: tuple[str, ...] = ()
    reply: str = ""
    status: str = "answered"
    guessed: bool = False


class RenderedWriter:
    """A `Writer` for a model that was trained on our own prompt."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self._found: dict[str, Linked] = {}
        """What was retrieved: reading, asking and the model's other candidates all begin with the same."""

    def write(self, task: Task, context: Context, attempts: tuple[Attempt, ...]) -> Draft:
        """The next draft; Forbidden where the task names what the caller may not see."""
        if task.language == "feature":
            from agents.code.writers.composed.features import feature_draft

            return feature_draft(task, self._bench)
        if task.language == "stream":
            from agents.code.writers.composed.streams import stream_draft

            return stream_draft(task, self._bench)
        made = self.composed(task, tuple(attempt.sql for attempt in attempts if attempt.sql))
        if made.status == "forbidden":
            raise Forbidden(made.reply, "Ask for what you may see.")
        if made.status == "clarify":
            return Draft(reply="clarify", question=made.reply)
        return self._draft(task, made) if made.sql else _unsure(made.reply)

    def composed(self, task: Task, tried: tuple[str, ...] = ()) -> Composed:
        """The SQL that answers what a task asks of the data."""
        said, task = task.text, replace(task, text=phrased(explained(unprefaced(remarked(task.text)))))
        made = self._wrapped(task, tried) or next((one for one in self._readings(task) if one.sql not in tried), None)
        if made is not None:
            return replace(made, sql=afterwards(said, made.sql))
        classed = Classed.of(" ".join(task.text.split()))
        if classed is not None:
            return Composed(reply="I can't tell what the classes are of.", status="unsure")
        request = Request.of(task.text)
        outputs = task.expects or request.outputs
        derived = Derived.of(request.question, request.outputs)
        question = derived.question if derived else request.question
        answer = self._asked(question)
        if answer.status not in ANSWERED or not answer.sql:
            return Composed(reply=answer.answer, status=answer.status if answer.status != "answered" else "unsure")
        made = self._first(task.text, self._candidates(question, answer.sql), question, outputs, derived, tried)
        if made is not None:
            return replace(made, guessed=True)
        wanted = ", ".join(outputs)
        said = f"I found no query that gives the columns {wanted}." if outputs else "I found no other query for this."
        return Composed(reply=said, status="unsure")

    def _wrapped(self, task: Task, tried: tuple[str, ...]) -> Composed | None:
        """The query of a task that says something of the rows before, or of the values behind, what it asks for."""
        flat = " ".join(task.text.split())
        if (label := Labelled.of(flat)) is not None:
            return self._over(task, label.question, label.applied, tried)
        if (kept := Latest.of(flat)) is not None:
            rows = self._rows_of(kept.kept)
            return self._over(task, kept.question, lambda sql: kept.applied(sql, rows), tried) if rows else None
        if (cases := Cases.of(flat)) is not None:
            told, every = self._rows_of(cases.told), self._rows_of(cases.all)
            both = told and every
            return (
                self._over(task, cases.question, lambda sql: cases.applied(sql, told, every), tried) if both else None
            )
        return None

    def _rows_of(self, question: str) -> str:
        """The query of rows that a question lists; "" where it is not understood."""
        return read(question, self._desk().retrieve(question)) or ""

    def _over(
        self, task: Task, question: str, apply: Callable[[str], str | None], tried: tuple[str, ...]
    ) -> Composed | None:
        """The query of a question, with something done to it."""
        for made in self._readings(replace(task, text=question)):
            sql = apply(made.sql)
            if sql and sql not in tried and self._rows(sql) is not None:
                return replace(made, sql=sql)
        return None

    def _readings(self, task: Task) -> Iterator[Composed]:
        """The queries of a task of which every word is understood, the surest first."""
        request = Request.of(task.text)
        if (counted := self._distribution(request.question)) is not None:
            yield counted
        if of_first(task.text):
            if (cohorts := self._cohorts(task)) is not None:
                yield cohorts
            return
        if not _OF_PERIOD.search(request.question) and (listed := self._listed(task)) is not None:
            yield listed
        classed = Classed.of(" ".join(task.text.split()))
        request = Request.of(classed.question if classed else task.text)
        outputs = task.expects or request.outputs
        made = self._understood(request.question, outputs, None, classed.classes if classed else None)
        derived = Derived.of(request.question, request.outputs) if classed is None else None
        if made is None and derived is not None:
            made = self._understood(derived.question, outputs, derived)
        if made is None and classed is None:
            made = self._listed(task, loose=True)
        if made is not None:
            yield made

    def _cohorts(self, task: Task) -> Composed | None:
        """The query of how many things began in each period."""
        listed = Specified.of(task.text)
        request = Request.of(task.text)
        told = Cohorts.of(listed.question) if listed else Cohorts.of(request.question.partition(", order")[0])
        names = tuple(item.name for item in listed.items) if listed else request.outputs
        if (
            told is None
            or len(names) not in (0, 2)
            or (listed and (listed.limit or any(o.by != "period" for o in listed.orders)))
        ):
            return None
        sql = read(told.question, self._desk().retrieve(told.question))
        made = told.applied(sql, self._bench.gateway.askable(self._bench.principal)) if sql else None
        return Composed(made, names) if made and self._rows(made) is not None else None

    def _distribution(self, question: str) -> Composed | None:
        """The query of how many things have how many, if it is that which is asked for."""
        told = Distribution.of(question)
        text = told.question if told else ""
        sql = read(text, self._desk().retrieve(text)) if text else None
        made = spread(sql) if sql else None
        return Composed(made) if made and self._rows(made) is not None else None

    def _listed(self, task: Task, *, loose: bool = False) -> Composed | None:
        """The query of a task that lists its columns, if each of them is understood; that describes them, with
        `loose`."""
        told = Specified.of(task.text, loose=loose)
        names = tuple(item.name for item in told.items) if told else ()
        if told is None or (task.expects and task.expects != names):
            return None
        catalog = self._bench.gateway.askable(self._bench.principal)
        columns = [(item.name, item.said) for item in told.items]
        text = text_of(told.question, columns, frozenset(c.name for table in catalog.tables for c in table.columns))
        read_ = read_listed(text, self._desk().retrieve(text), columns, told.classes)
        made = laid(read_, names, told.orders, told.limit, catalog, told.items) if read_ else None
        return Composed(made.sql, made.names) if made and self._rows(made.sql) is not None else None

    def _understood(
        self, question: str, outputs: tuple[str, ...], derived: Derived | None, classes: Classes | None = None
    ) -> Composed | None:
        """The query of a question of which every word is understood, if it runs; no model is asked then."""
        sql = read(question, self._desk().retrieve(question), outputs, classes)
        made = self._arranged(sql, outputs, derived) if sql else None
        return made if made is not None and self._rows(made.sql) is not None else None

    def _first(
        self, text: str, queries: Iterator[str], question: str, outputs: tuple[str, ...], derived: Derived | None,
        tried: tuple[str, ...],
    ) -> Composed | None:  # fmt: skip
        """The first query that has what the text of the task names, and rows. One that gives nothing is taken where no
        other gives anything."""
        catalog = self._bench.gateway.askable(self._bench.principal)
        empty: Composed | None = None
        short = 0
        for sql in queries:
            made = self._arranged(sql, outputs, derived)
            made = replace(made, sql=led(made.sql, question)) if made is not None else None
            if made is None or made.sql in tried:
                continue
            if unmet(text, made.sql, statement.query(made.sql), catalog):
                short += 1
                if short == MOST_SHORT:
                    break
                continue
            rows = self._rows(made.sql)
            if rows:
                return made
            empty = empty or (made if rows == 0 else None)
        return empty

    def _asked(self, question: str) -> Answer:
        return answered(self._desk(), asked(self._bench.principal.name, question))

    def _desk(self) -> Desk:
        bench = self._bench
        return Desk(
            bench.gateway, bench.retriever, Unapproved(), bench.principal, bench.line, ROWS, SECONDS,
            time.perf_counter(), bench.stop, found=self._found,
        )  # fmt: skip

    def _candidates(self, question: str, first: str) -> Iterator[str]:
        """What was elected, then the model's other candidates, the most probable first."""
        yield first
        bench = self._bench
        state = asked(bench.principal.name, question)
        state["context"] = self._desk().retrieve(question)
        yield from (sql for sql in Pen.of(bench.endpoint, state).queries() if sql != first)

    def _arranged(self, sql: str, outputs: tuple[str, ...], derived: Derived | None) -> Composed | None:
        catalog = self._bench.gateway.askable(self._bench.principal)
        sql = mended(sql, catalog)
        if derived is not None:
            if derived.way not in ("quantile", "nth"):
                made = derive(sql, derived, outputs)
                shown = len(statement.query(made).selects) if made else 0
                return Composed(made, outputs if len(outputs) == shown else ()) if made else None
            given = placed(sql, derived)
            if given is None:
                return None
            sql = given
        if not outputs:
            return Composed(sql)
        made = arranged(sql, outputs, catalog)
        return Composed(made, outputs) if made else None

    def _rows(self, sql: str) -> int | None:
        """1 for a query that gives rows, 0 for one that gives none, None for one that doesn't run."""
        bench = self._bench
        try:
            found = bench.gateway.query(bench.principal, sql, limit=1, timeout=SECONDS, stop=bench.stop)
        except DataError:
            return None
        return int(found.table.num_rows)

    def _draft(self, task: Task, made: Composed) -> Draft:
        catalog = self._bench.gateway.askable(self._bench.principal)
        made = replace(made, sql=plain(made.sql)) if task.language in ("sql", "dbt") else made
        names = task.expects if len(task.expects) == len(statement.query(made.sql).selects) else _names(made.names)
        try:
            code = written(task, made.sql, names, catalog)
        except Unsupported as error:
            return _unsure(str(error))
        said = f"{GUESSED}\n" if made.guessed else ""
        return Draft(code, made.sql, f"{said}The program does what this SQL does:\n{made.sql}")


def written(task: Task, sql: str, names: tuple[str, ...], catalog: Any) -> str:
    """The program of a query in the language of a task."""
    if task.language == "sql":
        from agents.code.render import sql as plain

        return plain.program(sql, task.dialect, names)
    if task.language == "dbt":
        from agents.code.render import dbt

        return dbt.program(sql, task.dialect, names)
    library = "pandas" if "pandas" in task.text.lower() else "polars"
    return render(sql, "pyspark" if task.language == "pyspark" else library, catalog, names)  # type: ignore[arg-type]


def plain(sql: str) -> str:
    """The query without what only programs need: quantiles of decimals as DuckDB has them."""
    from sqlglot import exp

    tree = statement.query(sql)
    for quantile in tree.find_all(exp.PercentileCont):
        if isinstance(quantile.this, exp.Cast):
            quantile.set("this", quantile.this.this.copy())
    return tree.sql(dialect=statement.DIALECT) if tree.find(exp.PercentileCont) else sql


class Unapproved(ApprovedQueries):
    """No approved queries: a task is no question that somebody approved an answer to."""

    def __init__(self) -> None:
        pass

    def match(self, question: str) -> None:
        """None."""
        return


def _names(outputs: tuple[str, ...]) -> tuple[str, ...]:
    from agents.code.render.naming import identifier

    return tuple(identifier(output) for output in outputs)


def _unsure(said: str) -> Draft:
    return Draft(reply="unsure", question=said)
