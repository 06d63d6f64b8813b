"""Several candidates for one answer: the one that does best what the question asks, once they have run.

How probable the model finds a query is one thing that speaks for it; what the question's words were found to mean,
and the form of answer that they ask for, are others (`agents.ask.rerank`). Candidates that give the same rows say the
same, so their probabilities add up (self-consistency: Wang et al., 2022, https://arxiv.org/abs/2203.11171).
"""

from __future__ import annotations

import math
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from agents import statement
from agents.ask import query
from agents.ask.compose import gave_nothing, rows_of
from agents.ask.rerank.candidate import LEAST, TOLERATED
from agents.ask.state import AskState
from agents.rowsets import digest
from data.errors import DataError, Invalid, TooExpensive

if TYPE_CHECKING:
    from agents.ask.nodes import Desk
    from agents.ask.pen import Pen
    from agents.endpoints import Candidate
    from data.gateway import Result

SIMILAR = 4
"""How many times as probable an answer may be that failed, beside one that ran and is taken instead."""
CONTESTED = SIMILAR / (SIMILAR + 1)
"""An answer that is more probable than this has no other beside it that is similar."""
MAJORITY = 0.5
"""An answer that is more probable than this outweighs all others together."""
SECONDS = 2.0
"""What all of the alternatives may take to run."""


@dataclass(frozen=True)
class Ballot:
    """A candidate that ran, or that declines. Those of equal `outcome` say the same; `nothing`: there are no rows.

    `worth` is what it is ranked by: how well the query does what the question asks, and its probability."""

    text: str
    sql: str
    declined: str
    logprob: float
    outcome: str
    nothing: bool = False
    result: Result | None = None
    worth: float = LEAST

    def update(self) -> dict[str, Any]:
        """What it changes in the state."""
        return {"wrote": self.text, "sql": self.sql, "declined": self.declined, "error": None, "result": self.result}


def ballots(pen: Pen, desk: Desk) -> list[Ballot]:
    """The candidates that can run under the principal's rights, in the time that they have together."""
    written = pen.candidates()
    deadline = time.perf_counter() + SECONDS
    cast = (_ballot(candidate, pen, desk, deadline) for candidate in written)
    return [ballot for ballot in cast if ballot is not None]


def _ballot(candidate: Candidate, pen: Pen, desk: Desk, deadline: float) -> Ballot | None:
    state = pen.state
    try:
        read = pen.read(candidate.text)
        sql, declined = read["sql"], read["declined"]
        if declined:
            return Ballot(candidate.text, sql, declined, candidate.logprob, declined)
        result = _known(sql, state) or _ran(sql, state, desk, deadline)
    except DataError:
        return None
    outcome = digest(rows_of(result)[1], ordered=statement.is_ordered(statement.query(sql)))
    nothing = gave_nothing(result)
    weighed = pen.weighed(candidate.text, candidate.logprob)
    worth = weighed.gave(nothing=nothing).worth if weighed else LEAST
    return Ballot(candidate.text, sql, "", candidate.logprob, outcome, nothing, result, worth)


def _known(sql: str, state: AskState) -> Result | None:
    """The result of what was written, which ran already; its error is raised again."""
    if sql != state["sql"]:
        return None
    if state["error"]:
        raise Invalid(state["error"]["message"], state["error"]["remedy"])
    result: Result = state["result"]
    return result


def _ran(sql: str, state: AskState, desk: Desk, deadline: float) -> Result:
    left = deadline - time.perf_counter()
    if left <= 0:
        raise TooExpensive("There is no time left for alternatives.", "Take what ran.")
    query.check(sql, state["context"])
    return query.run(sql, state, desk, min(left, desk.timeout))


def worthwhile(state: AskState, *, nothing: bool) -> bool:
    """Whether alternatives might change the answer; `nothing`: its query failed, or gave no rows."""
    if not state["votable"] or state["logprob"] is None:
        return False
    probability = math.exp(state["logprob"])
    contested = probability < (CONTESTED if nothing else MAJORITY)
    return contested or bool(state["doubtful"]) or state["faults"] > TOLERATED


def elected(ballots: Sequence[Ballot], first: float | None) -> tuple[Ballot, float] | None:
    """The query of most worth, with the logprob of all that give its rows; one that declines only where there is none.

    `first` is the logprob of the query that was written, None where there was none. Nobody is elected where what ran is
    far less probable than what was written and failed."""
    queries = [ballot for ballot in ballots if not ballot.declined]
    if not queries:
        return next(((ballot, ballot.logprob) for ballot in ballots), None)
    best = max(queries, key=lambda ballot: ballot.worth)
    pools: dict[str, list[Ballot]] = defaultdict(list)
    for ballot in queries:
        pools[ballot.outcome].append(ballot)
    if first is not None and max(map(_pooled, pools.values())) < first - math.log(SIMILAR):
        return None
    return best, _pooled(pools[best.outcome])


def _pooled(ballots: Sequence[Ballot]) -> float:
    return math.log(sum(math.exp(ballot.logprob) for ballot in ballots))
