"""Several candidates for one answer: the one that does best what the question asks, once they have run.

How probable the model finds a query is one thing that speaks for it; what the question's words were found to mean,
and the form of answer that they ask for, are others (`agents.ask.rerank`). Candidates that give the same rows say the
same, so their probabilities add up (self-consistency: Wang et al., 2022, https://arxiv.org/abs/2203.11171).
Queries that are put together from the hints alone (`agents.ask.sketch`) compete with those that a model writes.
"""

from __future__ import annotations

import math
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import TYPE_CHECKING, Any

from agents import statement
from agents.ask import query
from agents.ask.compose import gave_nothing, gave_zero, rows_of
from agents.ask.rerank.candidate import LEAST, TOLERATED
from agents.ask.state import AskState
from agents.rowsets import digest
from data.errors import DataError, Invalid, TooExpensive

if TYPE_CHECKING:
    from agents.ask.nodes import Desk
    from agents.ask.pen import Pen
    from agents.ask.rerank.candidate import Weighed
    from data.gateway import Result

SIMILAR = 4
"""How many times as probable an answer may be that failed, beside one that ran and is taken instead."""
CONTESTED = SIMILAR / (SIMILAR + 1)
"""An answer that is more probable than this has no other beside it that is similar."""
MAJORITY = 0.5
"""An answer that is more probable than this outweighs all others together."""
MOST_SKETCHES = 12
"""Queries that no model wrote, of which so many run."""
RIVALS = 3
"""Sketches that what was written is compared with, to see whether a vote is worth its time."""
AMENDED, MOST_AMENDED = 2, 6
"""Queries of a kind, the best of the written and the best of the sketches, that are tried with what they leave out, and
how many come of that."""
LEFT = 0.018
"""The least probability that a model leaves to what it did not write."""
SECONDS, FREE, SPARE = 2.0, 0.25, 6.0
"""What all of the alternatives may take to run. What each takes at first is not counted, so that a busy machine runs as
many as an idle one, until all of that comes to as many seconds again."""


@dataclass(frozen=True)
class Ballot:
    """A candidate that ran, or that declines. Those of equal `outcome` say the same; `nothing`: there are no rows.

    `logprob` is None for a sketch; `weighed` tells how well the query does what the question asks."""

    text: str
    sql: str
    declined: str
    logprob: float | None
    outcome: str
    nothing: bool = False
    result: Result | None = None
    weighed: Weighed | None = None

    @property
    def worth(self) -> float:
        """What it is ranked by."""
        return self.weighed.worth if self.weighed else LEAST

    @property
    def amended(self) -> bool:
        """Whether it is made of another one, whose probability it has."""
        return self.weighed is not None and "amended" in self.weighed.features

    def update(self) -> dict[str, Any]:
        """What it changes in the state."""
        return {"wrote": self.text, "sql": self.sql, "declined": self.declined, "error": None, "result": self.result}


@dataclass
class Budget:
    """The seconds that are left for alternatives, and those that are not counted."""

    left: float
    spare: float = SPARE

    def run(self, run: Callable[[float], Result]) -> Result:
        """What a query gives that is told how long it may take. TooExpensive where nothing is left."""
        if self.left <= 0 or self.spare <= 0:
            raise TooExpensive("There is no time left for alternatives.", "Take what ran.")
        begun = time.perf_counter()
        try:
            return run(self.left + FREE)
        finally:
            took = time.perf_counter() - begun
            self.left -= max(0.0, took - FREE)
            self.spare -= min(took, FREE)


@dataclass(frozen=True)
class Poll:
    """Casts the ballots of one question; `ran` is what gave rows before, by its SQL."""

    pen: Pen
    desk: Desk
    budget: Budget
    ran: dict[str, Result] = field(default_factory=dict)

    def cast(self, text: str, logprob: float | None, *, amended: bool = False) -> Ballot | None:
        """A query with its rows; None where it fails. `amended`: it is made of another one."""
        pen, state = self.pen, self.pen.state
        try:
            read = pen.read(text)
            sql, declined = read["sql"], read["declined"]
            if declined:
                return Ballot(text, sql, declined, logprob, declined)
            result = self.ran[sql] = self.ran.get(sql) or _known(sql, state) or self._run(sql)
        except DataError:
            return None
        outcome = digest(rows_of(result)[1], ordered=statement.is_ordered(statement.query(sql)))
        nothing, weighed = gave_nothing(result), pen.weighed(text, logprob, amended=amended)
        weighed = weighed.gave(nothing=nothing, zero=gave_zero(result)) if weighed else None
        return Ballot(text, sql, "", logprob, outcome, nothing, result, weighed)

    def _run(self, sql: str) -> Result:
        query.check(sql, self.pen.state["context"])
        return self.budget.run(lambda left: query.run(sql, self.pen.state, self.desk, min(left, self.desk.timeout)))


def ballots(pen: Pen, desk: Desk) -> list[Ballot]:
    """The candidates and sketches that can run under the principal's rights, in the time that they have together.

    The model is asked for no others where the sketch of most worth gives the rows of what it wrote for the most part:
    that is cheaper to find out than what else it might have written."""
    cast = Poll(pen, desk, Budget(SECONDS)).cast
    drawn = [ballot for each in _tried(pen) if (ballot := cast(each.text, None))]
    state = pen.state
    wrote = cast(state["wrote"], state["logprob"]) if state["sql"] and state["logprob"] is not None else None
    sure = state["logprob"] is not None and math.exp(state["logprob"]) > MAJORITY
    if sure and wrote and drawn and wrote.outcome == max(drawn, key=lambda ballot: ballot.worth).outcome:
        return _compared([wrote, *drawn, *_amended([wrote, *drawn], pen, cast)], pen, desk)
    written = [ballot for each in pen.candidates() if (ballot := cast(each.text, each.logprob))]
    return _compared([*written, *drawn, *_amended([*written, *drawn], pen, cast)], pen, desk)


def everything(pen: Pen, desk: Desk) -> list[Ballot]:
    """All candidates and the sketches that would run, whatever was written: what weights are fitted to."""
    told = [*((c.text, c.logprob) for c in pen.candidates()), *((each.text, None) for each in _tried(pen))]
    cast = Poll(pen, desk, Budget(desk.timeout)).cast
    found = [made for text, logprob in told if (made := cast(text, logprob))]
    return _compared([*found, *_amended(found, pen, cast)], pen, desk)


def _amended(found: Sequence[Ballot], pen: Pen, cast: Callable[..., Ballot | None]) -> list[Ballot]:
    """The best of both kinds with what they leave out: as probable as what they were made of."""
    queries = [ballot for ballot in found if ballot.weighed]
    written = [ballot for ballot in queries if ballot.logprob is not None][:AMENDED]
    drawn = [ballot for ballot in queries if ballot.logprob is None][:AMENDED]
    known, more = {ballot.text for ballot in queries}, dict[str, float | None]()
    for ballot in (*written, *drawn):
        for text in pen.amended(ballot.weighed.shape) if ballot.weighed else ():
            more.setdefault(text, ballot.logprob)
    new = islice(((text, logprob) for text, logprob in more.items() if text not in known), MOST_AMENDED)
    return [made for text, logprob in new if (made := cast(text, logprob, amended=True))]


def _tried(pen: Pen) -> list[Weighed]:
    """The sketches that run: those of most worth, and what is read of the question as a whole."""
    drawn = pen.sketches()
    return [*drawn[:MOST_SKETCHES], *(each for each in drawn[MOST_SKETCHES:] if "read" in each.features)]


def _compared(found: Sequence[Ballot], pen: Pen, desk: Desk) -> list[Ballot]:
    left = _left([ballot.logprob for ballot in found if ballot.logprob is not None and not ballot.amended])
    agreed = [_agreed(ballot, found, left) for ballot in found]
    judged = iter(_judged([ballot.weighed for ballot in agreed if ballot.weighed], pen, desk))
    return [replace(ballot, weighed=next(judged)) if ballot.weighed else ballot for ballot in agreed]


def _judged(queries: Sequence[Weighed], pen: Pen, desk: Desk) -> list[Weighed]:
    """With what is thought of each beside the others."""
    told = desk.judge.judge(pen.context.question, [one.shape.tree for one in queries])
    return [one.gave(judged=logit) for one, logit in zip(queries, told, strict=True)]


def rivalled(wrote: Weighed, pen: Pen, desk: Desk) -> bool:
    """Whether a sketch does better than what a model wrote, before either ran."""
    more = (pen.weighed(text, wrote.logprob, amended=True) for text in pen.amended(wrote.shape))
    others = [one for one in (*pen.sketches()[:RIVALS], *more) if one and one.text != wrote.text]
    if not others:
        return False
    first, *judged = _judged([wrote, *others], pen, desk)
    return any(other.worth > first.worth for other in judged)


def _left(logprobs: Sequence[float]) -> float:
    """The logarithm of the probability that the model leaves to what it did not write."""
    return math.log(max(LEFT, 1 - sum(map(math.exp, logprobs))))


def _agreed(ballot: Ballot, others: Sequence[Ballot], left: float) -> Ballot:
    """A model's query that a sketch gives the same rows as, or the other way round, is likelier to be right; so is one
    that gives the rows of what the question says as a whole."""
    if ballot.weighed is None:
        return ballot
    same = [other for other in others if not other.declined and other.outcome == ballot.outcome]
    agreed = any((other.logprob is None) != (ballot.logprob is None) for other in same)
    read = any("read" in other.weighed.features for other in same if other.weighed)
    return replace(ballot, weighed=ballot.weighed.gave(agreed=agreed, read=read, left=left * (ballot.logprob is None)))


def _known(sql: str, state: AskState) -> Result | None:
    """The result of what was written, which ran already; its error is raised again."""
    if sql != state["sql"]:
        return None
    if state["error"]:
        raise Invalid(state["error"]["message"], state["error"]["remedy"])
    result: Result = state["result"]
    return result


def worthwhile(state: AskState, *, nothing: bool) -> bool:
    """Whether alternatives might change the answer; `nothing`: its query failed, or gave no rows."""
    if not state["votable"] or state["logprob"] is None:
        return False
    probability = math.exp(state["logprob"])
    contested = probability < (CONTESTED if nothing else MAJORITY)
    return contested or bool(state["doubtful"]) or state["faults"] > TOLERATED or state["rivalled"]


def elected(ballots: Sequence[Ballot], first: float | None) -> tuple[Ballot, float | None] | None:
    """The query of most worth, with the logprob of all that give its rows, None where no model wrote any of them; one
    that declines only where there is no query.

    `first` is the logprob of the query that was written, None where there was none. Nobody is elected where what ran is
    far less probable than what was written and failed."""
    queries = [ballot for ballot in ballots if not ballot.declined]
    if not queries:
        return next(((ballot, ballot.logprob) for ballot in ballots), None)
    best = max(queries, key=lambda ballot: ballot.worth)
    pools: dict[str, list[float]] = defaultdict(list)
    for ballot in sorted(queries, key=lambda ballot: ballot.amended):
        if ballot.logprob is not None and not (ballot.amended and pools[ballot.outcome]):
            pools[ballot.outcome].append(ballot.logprob)
    probable = max(map(_pooled, pools.values()), default=LEAST)
    if best.logprob is not None and first is not None and probable < first - math.log(SIMILAR):
        return None
    return best, _pooled(pools[best.outcome]) if best.outcome in pools else None


def _pooled(logprobs: Sequence[float]) -> float:
    return min(0.0, math.log(sum(map(math.exp, logprobs))))
