"""The readings of a task: queries that are read from its words, each of which is understood. No model is asked."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from agents.code.state import Task
from agents.code.writers.composed.cases import Cases
from agents.code.writers.composed.classes import Classed
from agents.code.writers.composed.cohorts import Cohorts, of_first
from agents.code.writers.composed.derived import Derived
from agents.code.writers.composed.distribution import Distribution, spread
from agents.code.writers.composed.labelled import Labelled
from agents.code.writers.composed.laid import laid
from agents.code.writers.composed.latest import Latest
from agents.code.writers.composed.query import Composed
from agents.code.writers.composed.request import Request
from agents.code.writers.composed.specified import Specified
from agents.code.writers.composed.trial import Trial
from agents.reader import Classes, read_listed, text_of

_OF_PERIOD = re.compile(r"\bof (?:that|the same|its) (?:year|month|quarter|week|day)['’]s\b", re.I)
"""What a share is within is told by the sentence, not by the name of its column."""


@dataclass(frozen=True)
class Readings:
    """How tasks are read, of whose queries only those are taken that run."""

    trial: Trial

    def first(self, task: Task, tried: tuple[str, ...] = ()) -> Composed | None:
        """The surest reading that was not tried before."""
        return self._wrapped(task, tried) or next((one for one in self._plain(task) if one.sql not in tried), None)

    def _wrapped(self, task: Task, tried: tuple[str, ...]) -> Composed | None:
        """The query of a task that says something of the rows before, or of the values behind, what it asks for."""
        flat = " ".join(task.text.split())
        if (label := Labelled.of(flat)) is not None:
            return self._over(task, label.question, label.applied, tried)
        if (kept := Latest.of(flat)) is not None:
            rows = self.trial.read(kept.kept)
            return self._over(task, kept.question, lambda sql: kept.applied(sql, rows), tried) if rows else None
        if (cases := Cases.of(flat)) is not None:
            told, every = self.trial.read(cases.told), self.trial.read(cases.all)
            if told and every:
                return self._over(task, cases.question, lambda sql: cases.applied(sql, told, every), tried)
        return None

    def _over(
        self, task: Task, question: str, apply: Callable[[str], str | None], tried: tuple[str, ...]
    ) -> Composed | None:
        """The query of a question, with something done to it."""
        for made in self._plain(replace(task, text=question)):
            sql = apply(made.sql)
            if sql and sql not in tried and self.trial.rows(sql) is not None:
                return replace(made, sql=sql)
        return None

    def _plain(self, task: Task) -> Iterator[Composed]:
        """The queries of what a task asks for, the surest first."""
        return (made for made in self._ways(task) if made is not None)

    def _ways(self, task: Task) -> Iterator[Composed | None]:
        question = Request.of(task.text).question
        yield self._distribution(question)
        if of_first(task.text):
            yield self._cohorts(task)
            return
        if not _OF_PERIOD.search(question):
            yield self._listed(task)
        yield self._understood(task)

    def _distribution(self, question: str) -> Composed | None:
        """The query of how many things have how many, if it is that which is asked for."""
        told = Distribution.of(question)
        sql = self.trial.read(told.question) if told and told.question else None
        made = spread(sql) if sql else None
        return self.trial.ran(Composed(made)) if made else None

    def _cohorts(self, task: Task) -> Composed | None:
        """The query of how many things began in each period."""
        listed = Specified.of(task.text)
        request = Request.of(task.text)
        told = Cohorts.of(listed.question if listed else request.question.partition(", order")[0])
        names = tuple(item.name for item in listed.items) if listed else request.outputs
        if told is None or len(names) not in (0, 2) or (listed and not _by_period(listed)):
            return None
        sql = self.trial.read(told.question)
        made = told.applied(sql, self.trial.catalog) if sql else None
        return self.trial.ran(Composed(made, names)) if made else None

    def _listed(self, task: Task, *, loose: bool = False) -> Composed | None:
        """The query of a task that lists its columns, if each of them is understood; that describes them, with
        `loose`."""
        told = Specified.of(task.text, loose=loose)
        names = tuple(item.name for item in told.items) if told else ()
        if told is None or (task.expects and task.expects != names):
            return None
        catalog = self.trial.catalog
        columns = [(item.name, item.said) for item in told.items]
        text = text_of(told.question, columns, frozenset(c.name for table in catalog.tables for c in table.columns))
        listed = read_listed(text, self.trial.retrieve(text), columns, told.classes)
        made = laid(listed, names, told.orders, told.limit, catalog, told.items) if listed else None
        return self.trial.ran(Composed(made.sql, made.names)) if made else None

    def _understood(self, task: Task) -> Composed | None:
        """The query of a task that asks in a sentence, of classes or periods where it names such."""
        classed = Classed.of(" ".join(task.text.split()))
        request = Request.of(classed.question if classed else task.text)
        outputs = task.expects or request.outputs
        if classed is not None:
            return self._asked(request.question, outputs, classes=classed.classes)
        made = self._asked(request.question, outputs)
        derived = Derived.of(request.question, request.outputs) if made is None else None
        if derived is not None:
            made = self._asked(derived.question, outputs, derived)
        return made or self._listed(task, loose=True)

    def _asked(
        self, question: str, outputs: tuple[str, ...], derived: Derived | None = None, classes: Classes | None = None
    ) -> Composed | None:
        sql = self.trial.read(question, outputs, classes)
        return self.trial.ran(Composed.of(sql, outputs, derived, self.trial.catalog)) if sql else None


def _by_period(listed: Specified) -> bool:
    """Whether all rows are asked for, in no other order than that of their periods."""
    return not listed.limit and all(order.by == "period" for order in listed.orders)
