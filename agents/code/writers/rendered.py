"""The writer for the embedded model: the SQL of a task, and the program that is rendered from it.

A task is read by its words, and asked of the adapter that has learnt tasks. Where both come to the same rows, the query
is certain. Else it is the model's where that is sure or nothing was read, and its explanation says so. The model
repairs nothing: where its SQL is no good, what was read is taken, then its next candidates, and where there is nothing
else what the adapter for questions answers.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from agents import statement
from agents.ask.graph import answered
from agents.ask.refusal import quoted
from agents.ask.state import asked
from agents.code.render import Unsupported, render
from agents.code.state import Attempt, Draft, Task
from agents.code.writers.composed import wording
from agents.code.writers.composed.afterwards import afterwards
from agents.code.writers.composed.query import Composed
from agents.code.writers.composed.readings import Readings
from agents.code.writers.composed.request import Request
from agents.code.writers.composed.trial import Trial
from agents.code.writers.learnt import Learnt
from data.errors import Forbidden

if TYPE_CHECKING:
    from agents.code.writers import Bench, Context

GUESSED = "A model wrote this query; the words of the task alone do not confirm it. Check it before you use it."
LACKING = "I found no query for this."
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
        return self._draft(task, made) if made.sql else _unsure(made.reply)

    def composed(self, task: Task, tried: tuple[str, ...] = ()) -> Composed:
        """The SQL that answers what a task asks of the data: what the model writes, for certain where the task reads so
        too; what is read alone where the model writes nothing, or what it wrote before was no good."""
        made = Readings(self._trial).first(replace(task, text=wording.plain(task.text)), tried)
        read = replace(made, sql=afterwards(task.text, made.sql)) if made else None
        if read and tried:
            return read
        learnt = self._learnt(task, tried, read)
        if read and (not learnt.sql or not learnt.sure or self._trial.same(read.sql, learnt.sql)):
            return read
        return learnt

    def _learnt(self, task: Task, tried: tuple[str, ...], read: Composed | None) -> Composed:
        """What the model that has learnt tasks makes of one; Forbidden for one that is about nothing that the caller
        may see, unless it was read."""
        found, coder = self._trial.retrieve(task.text), self._bench.endpoint.coder
        if not found.linked and not read:
            if found.unknown:
                named = quoted(found.unknown)
                raise Forbidden(f"Nothing that you may see matches {named}.", "Ask for what you may see.")
            return Composed(reply="I can't tell which data this is about.")
        made = Learnt(coder(), self._trial).first(task, tried) if coder is not None else None
        return made or (not read and self._asked(task, tried)) or Composed(reply=LACKING)

    def _asked(self, task: Task, tried: tuple[str, ...]) -> Composed | None:
        """What the model for questions answers to what a task asks, if it has all that the task names."""
        question = Request.of(wording.plain(task.text)).question
        answer = answered(self._trial.desk(), asked(self._bench.principal.name, question))
        if answer.status not in ANSWERED or not answer.sql or answer.sql in tried:
            return None
        return Composed(answer.sql, guessed=True) if self._trial.meets(task, answer.sql) else None

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


def _names(outputs: tuple[str, ...]) -> tuple[str, ...]:
    from agents.code.render.naming import identifier

    return tuple(identifier(output) for output in outputs)


def _unsure(said: str) -> Draft:
    return Draft(reply="unsure", question=said)
