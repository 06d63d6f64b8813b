"""Where the queries of a task are read and tried: on what the caller may see."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from agents import rowsets, statement
from agents.approved import ApprovedQueries
from agents.ask.compose import rows_of
from agents.ask.nodes import Desk
from agents.code.demands import unmet
from agents.code.writers.composed.query import Composed
from agents.reader import Classes, read
from data.errors import DataError, Invalid

if TYPE_CHECKING:
    from agents.code.state import Task
    from agents.code.writers import Bench
    from data.catalog import Catalog
    from data.gateway import Result
    from retrieval import Context

ROWS = 1_000
"""Rows that a query may give while the writer tries it."""
SECONDS, LEAST = 30.0, 2.0
"""What all queries that are tried for a task may take, and what each may take nevertheless."""


class Trial:
    """What a query needs to be read and tried: what is retrieved for its question, and the data itself."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self._found: dict[str, Context] = {}
        """What was retrieved: reading, asking and the model's other candidates all begin with the same."""
        self._left = SECONDS

    @property
    def catalog(self) -> Catalog:
        """What the caller may ask for."""
        return self._bench.gateway.askable(self._bench.principal)

    def desk(self) -> Desk:
        """Where a question is asked: one that nobody approved an answer to."""
        bench = self._bench
        return Desk(
            bench.gateway, bench.retriever, Unapproved(), bench.principal, bench.line, ROWS, SECONDS,
            time.perf_counter(), bench.stop, found=self._found,
        )  # fmt: skip

    def retrieve(self, question: str) -> Context:
        """What the words of a question are in the data."""
        return self.desk().retrieve(question)

    def read(self, question: str, outputs: tuple[str, ...] = (), classes: Classes | None = None) -> str | None:
        """The query of a question; None where a word that asks something is not understood."""
        return read(question, self.retrieve(question), outputs, classes)

    def rows(self, sql: str) -> int | None:
        """1 for a query that gives rows, 0 for one that gives none, None for one that doesn't run."""
        try:
            return int(self._ran(sql, 1).table.num_rows)
        except DataError:
            return None

    def same(self, one: str, other: str) -> bool:
        """Whether two queries give the same rows, in whatever order."""
        try:
            tables = [rowsets.table(rows_of(self._ran(sql, ROWS))[1]) for sql in (one, other)]
        except DataError:
            return False
        return rowsets.same(*tables)

    def meets(self, task: Task, sql: str) -> bool:
        """Whether it is one query, with as many columns as the caller expects, that leaves out nothing that the task
        names."""
        try:
            tree = statement.query(sql)
        except Invalid:
            return False
        if task.expects and len(tree.selects) != len(task.expects):
            return False
        return not unmet(task.text, sql, tree, self.catalog)

    def _ran(self, sql: str, limit: int) -> Result:
        bench, begun = self._bench, time.perf_counter()
        try:
            return bench.gateway.query(
                bench.principal, sql, limit=limit, timeout=max(LEAST, self._left), stop=bench.stop
            )
        finally:
            self._left -= time.perf_counter() - begun

    def ran(self, made: Composed | None) -> Composed | None:
        """What was composed, if it runs."""
        return made if made is not None and self.rows(made.sql) is not None else None


class Unapproved(ApprovedQueries):
    """No approved queries: a task is no question that somebody approved an answer to."""

    def __init__(self) -> None:
        pass

    def match(self, question: str) -> None:
        """None."""
        return
