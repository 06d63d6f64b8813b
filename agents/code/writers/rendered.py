"""The writer for the embedded model: it writes SQL inside the grammar, and the program is rendered from that.

The model is asked what the task asks of the data; what the task says of the program (its language, its columns) is
applied to the tree. The embedded model repairs nothing: where its SQL is no good, its next candidates are tried.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from agents import statement
from agents.ask.graph import answered
from agents.ask.pen import Pen
from agents.ask.state import Answer, asked
from agents.code.demands import unmet
from agents.code.render import Unsupported, render
from agents.code.state import Attempt, Draft, Task
from agents.code.writers.composed import wording
from agents.code.writers.composed.afterwards import afterwards
from agents.code.writers.composed.classes import Classed
from agents.code.writers.composed.derived import Derived
from agents.code.writers.composed.mended import led
from agents.code.writers.composed.query import Composed
from agents.code.writers.composed.readings import Readings
from agents.code.writers.composed.request import Request
from agents.code.writers.composed.trial import Trial
from data.errors import Forbidden

if TYPE_CHECKING:
    from agents.code.writers import Bench, Context

MOST_SHORT = 2
"""Candidates that leave out what the task says, after which no other is tried: the rest seldom do better."""
GUESSED = "Not every word of the task was understood: a model guessed this query. Check it before you use it."
ANSWERED = ("answered", "empty", "truncated")


class RenderedWriter:
    """A `Writer` for a model that was trained on our own prompt."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self._trial = Trial(bench)

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
        said, task = task.text, replace(task, text=wording.plain(task.text))
        made = Readings(self._trial).first(task, tried)
        return replace(made, sql=afterwards(said, made.sql)) if made is not None else self._guessed(task, tried)

    def _guessed(self, task: Task, tried: tuple[str, ...]) -> Composed:
        """What the model makes of a task of which not every word is understood."""
        if Classed.of(" ".join(task.text.split())) is not None:
            return Composed(reply="I can't tell what the classes are of.", status="unsure")
        request = Request.of(task.text)
        outputs = task.expects or request.outputs
        derived = Derived.of(request.question, request.outputs)
        question = derived.question if derived else request.question
        answer = self._asked(question)
        if answer.status not in ANSWERED or not answer.sql:
            return Composed(reply=answer.answer, status=answer.status if answer.status != "answered" else "unsure")
        made = self._first(task.text, self._candidates(question, answer.sql), question, outputs, derived, tried)
        return replace(made, guessed=True) if made is not None else Composed(reply=_lacking(outputs), status="unsure")

    def _first(
        self, text: str, queries: Iterator[str], question: str, outputs: tuple[str, ...], derived: Derived | None,
        tried: tuple[str, ...],
    ) -> Composed | None:  # fmt: skip
        """The first query that has what the text of the task names, and rows. One that gives nothing is taken where no
        other gives anything."""
        catalog = self._trial.catalog
        empty: Composed | None = None
        short = 0
        for sql in queries:
            made = Composed.of(sql, outputs, derived, catalog)
            made = replace(made, sql=led(made.sql, question)) if made is not None else None
            if made is None or made.sql in tried:
                continue
            if unmet(text, made.sql, statement.query(made.sql), catalog):
                short += 1
                if short == MOST_SHORT:
                    break
                continue
            rows = self._trial.rows(made.sql)
            if rows:
                return made
            empty = empty or (made if rows == 0 else None)
        return empty

    def _asked(self, question: str) -> Answer:
        return answered(self._trial.desk(), asked(self._bench.principal.name, question))

    def _candidates(self, question: str, first: str) -> Iterator[str]:
        """What was elected, then the model's other candidates, the most probable first."""
        yield first
        bench = self._bench
        state = asked(bench.principal.name, question)
        state["context"] = self._trial.retrieve(question)
        yield from (sql for sql in Pen.of(bench.endpoint, state).queries() if sql != first)

    def _draft(self, task: Task, made: Composed) -> Draft:
        made = replace(made, sql=plain(made.sql)) if task.language in ("sql", "dbt") else made
        names = task.expects if len(task.expects) == len(statement.query(made.sql).selects) else _names(made.names)
        try:
            code = written(task, made.sql, names, self._trial.catalog)
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


def _lacking(outputs: tuple[str, ...]) -> str:
    wanted = ", ".join(outputs)
    return f"I found no query that gives the columns {wanted}." if outputs else "I found no other query for this."


def _names(outputs: tuple[str, ...]) -> tuple[str, ...]:
    from agents.code.render.naming import identifier

    return tuple(identifier(output) for output in outputs)


def _unsure(said: str) -> Draft:
    return Draft(reply="unsure", question=said)
