"""Several candidates for one answer: what most of the model's probability stands behind, once they have run.

Candidates that give the same rows say the same, so their probabilities add up (self-consistency: Wang et al., 2022,
https://arxiv.org/abs/2203.11171).
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from agents.ask.state import AskState

if TYPE_CHECKING:
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


def worthwhile(state: AskState, *, nothing: bool) -> bool:
    """Whether alternatives might change the answer; `nothing`: its query failed, or gave no rows."""
    if not state["votable"] or state["logprob"] is None:
        return False
    probability = math.exp(state["logprob"])
    return state["doubtful"] or probability < (CONTESTED if nothing else MAJORITY)


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
