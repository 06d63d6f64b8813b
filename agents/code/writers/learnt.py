"""SQL for a task by the adapter that has learnt from tasks that people worded: any SQL, and only what runs is taken."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from langchain_core.messages import HumanMessage, SystemMessage

from agents import statement
from agents.ask.prompts import CODING, one_line, system
from agents.code.render.sql import in_style, tidied
from agents.code.writers.composed.afterwards import afterwards
from agents.code.writers.composed.query import Composed
from agents.code.writers.composed.trial import Trial
from agents.code.writers.rounding import Rounding
from agents.code.writers.slips import mended
from agents.code.writers.sound import sound
from agents.grammar import OTHERWISE
from data.errors import Invalid

if TYPE_CHECKING:
    from agents.code.state import Task
    from agents.endpoints import Candidate, Endpoint

TOKENS, MOST = 400, 3
"""Tokens that a query may have, and how many queries are looked at."""
SURE = -1.3
"""The logprob from which a query is taken rather than what is read otherwise of the task: of thirty tasks on which both
differed, all six that the model had right were above it, and six of the eighteen that were read right."""


@dataclass(frozen=True)
class Learnt:
    """What the model makes of tasks, over what the caller may see."""

    endpoint: Endpoint
    trial: Trial

    def first(self, task: Task, tried: tuple[str, ...] = ()) -> Composed | None:
        """The likeliest query that runs and has what the task names; one that gives no rows only where no other does.
        None where the model declines first, or writes nothing that will do."""
        empty: Composed | None = None
        for sql, logprob in self.queries(task):
            if sql in tried or not self._meets(task, sql):
                continue
            rows = self.trial.rows(sql)
            made = Composed(sql, _names(sql), guessed=True, sure=logprob >= SURE)
            if rows:
                return made
            empty = empty or (made if rows == 0 else None)
        return empty

    def queries(self, task: Task) -> Iterator[tuple[str, float]]:
        """What the model writes, rounded as the task says, with its logprob, the likeliest first, up to where it
        declines."""
        rounding, seen = Rounding.of(task.text), set[str]()
        for most in (1, MOST):  # Others cost time that the first seldom leaves them to earn.
            for candidate in self.candidates(rounding.text, most):
                text = candidate.text.strip().rstrip(";").rstrip()
                if text in OTHERWISE:
                    return
                if text not in seen:
                    seen.add(text)
                    with suppress(Invalid):
                        yield self._mended(task, rounding.applied(text)), candidate.logprob

    def _mended(self, task: Task, sql: str) -> str:
        """A query without its slips, with its rows as the task wants them."""
        made = in_style(mended(tidied(sql), self.trial.retrieve(task.text), self.trial.catalog))
        return afterwards(task.text, made)

    def candidates(self, text: str, most: int) -> list[Candidate]:
        """What the model might write for a task as it was worded."""
        found = self.trial.retrieve(text)
        asked = [SystemMessage(system(found.catalog, found.values, CODING)), HumanMessage(one_line(text))]
        return self.endpoint.candidates(asked, None, TOKENS, most)

    def _meets(self, task: Task, sql: str) -> bool:
        """Whether a query has what the task names, and can mean what is asked for."""
        trial = self.trial
        found = trial.retrieve(task.text)
        return trial.meets(task, sql) and sound(statement.query(sql), found, trial.catalog)


def _names(sql: str) -> tuple[str, ...]:
    return tuple(item.alias_or_name for item in statement.query(sql).selects)
