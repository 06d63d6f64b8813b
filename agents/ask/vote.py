"""Several candidates for one answer: what most of the model's probability stands behind, once they have run.

Candidates that give the same rows say the same, so their probabilities add up (self-consistency: Wang et al., 2022,
https://arxiv.org/abs/2203.11171).
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
from agents.ask.state import AskState
from agents.rowsets import digest
from data.errors import DataError, Invalid, TooExpensive

if TYPE_CHECKING:
    from agents.ask.nodes import Desk
    from agents.ask.pen import Pen
    from agents.endpoints import Candidate
    from data.gateway import Result

SIMILAR = 4
"""How many times as probable an answer may be that gives nothing, beside one with rows that is taken instead."""
CONTESTED = SIMILAR / (SIMILAR + 1)
"""An answer that is more probable than this has no other beside it that is similar."""
MAJORITY = 0.5
"""An answer that is more probable than this outweighs all others together."""
SECONDS = 2.0
"""What all of the alternatives may take to run."""


@dataclass(frozen=True)
class Ballot:
    """A candidate that ran, or that declines. Those of equal `outcome` say the same; `nothing`: there are no rows."""

    sql: str
    declined: str
    logprob: float
    outcome: str
    nothing: bool = False
    result: Result | None = None

    def update(self) -> dict[str, Any]:
        """What it changes in the state."""
        return {"sql": self.sql, "declined": self.declined, "error": None, "result": self.result}


def ballots(pen: Pen, desk: Desk) -> list[Ballot]:
    """The candidates that can run under the principal's rights, in the time that they have together."""
    deadline = time.perf_counter() + SECONDS
    cast = (_ballot(candidate, pen, desk, deadline) for candidate in pen.candidates())
    return [ballot for ballot in cast if ballot is not None]


def _ballot(candidate: Candidate, pen: Pen, desk: Desk, deadline: float) -> Ballot | None:
    state = pen.state
    try:
        read = pen.read(candidate.text)
        sql, declined = read["sql"], read["declined"]
        if declined:
            return Ballot(sql, declined, candidate.logprob, declined)
        result = _known(sql, state) or _ran(sql, state, desk, deadline)
    except DataError:
        return None
    outcome = digest(rows_of(result)[1], ordered=statement.is_ordered(statement.query(sql)))
    return Ballot(sql, "", candidate.logprob, outcome, gave_nothing(result), result)


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
    return bool(state["doubtful"]) or probability < (CONTESTED if nothing else MAJORITY)


def elected(ballots: Sequence[Ballot], first: float) -> tuple[Ballot, float] | None:
    """The ballot to take with the logprob of its outcome; `first` is the logprob of the answer that was written.

    One that gives nothing gives way to a similar one with rows. None where what ran is far less probable than what
    was written and failed.
    """
    outcomes: dict[str, list[Ballot]] = defaultdict(list)
    for ballot in ballots:
        outcomes[ballot.outcome].append(ballot)
    pools = sorted(((_pooled(found), found) for found in outcomes.values()), key=lambda pool: -pool[0])
    if not pools or pools[0][0] < first - math.log(SIMILAR):
        return None
    best = pools[0]
    if best[1][0].nothing:
        near = best[0] - math.log(SIMILAR)
        best = next((p for p in pools if p[0] >= near and p[1][0].result is not None and not p[1][0].nothing), best)
    return max(best[1], key=lambda ballot: ballot.logprob), best[0]


def _pooled(ballots: Sequence[Ballot]) -> float:
    return math.log(sum(math.exp(ballot.logprob) for ballot in ballots))
