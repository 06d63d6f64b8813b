"""Fitting the weights that are shipped to questions whose queries were compared with the right ones.

lakewright eval FILE --ballots BALLOTS.jsonl
python -m agents.ask.rerank.fit preference BALLOTS.jsonl...
python -m agents.ask.rerank.fit abstention BALLOTS.jsonl...

With `--from WEIGHTS.json` each weight is drawn to that of before, for questions that are no longer at hand; with
`--only PREFIX` those whose names begin otherwise stay as they were.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import BaseModel, ConfigDict

from agents.ask.rerank.candidate import BESIDE, LARGER
from agents.ask.rerank.linear import Linear

PRIOR, RIDGE = 0.6, 0.2
"""The fault towards which each weight of a preference is drawn, and how much."""
HELD = 4.0
"""How much each is drawn towards that of before instead."""
FATAL = {
    "idle_ratio": 4.0,
    "counts_one": 2.0,
    "idle_share": 2.0,
    "orders_idle": 2.0,
    "wrong_unit": 1.5,
    "told_already": 2.0,
    "tells_missing": 2.0,
    "state_lost": 3.0,
    "sums_senseless": 2.0,
    "sums_one": 2.0,
    "month_for_year": 2.0,
}
"""The faults of what hardly any question means, and hardly any set of questions has."""
FIRM = 0.5
"""How much each weight of an abstention is drawn towards its prior."""
TELLING = {"opinion": 2.5, "ahead": 2.5, "things": 1.0, "sensed": 1.0, "counts_one": 1.0, "told_already": 1.0,
    "free_text": 1.0, "second": 0.5, "kinds": 0.5, "doings": 0.5, "stand_ins": 0.5, "asked_alike": 0.5}  # fmt: skip
"""The priors of what tells of itself that there is no answer; all others are 0."""
GOOD = frozenset({"logprob", "agreed", "read", "right_unit", "self_join_asked", "spoken", "left", "state_told",
    "valued", "year_of_months", "judged"})  # fmt: skip
"""What can only speak for a query; what is in neither of the two can only speak against it."""
PROVEN = {"state_told": 2.0, "judged": 1.0}
"""The priors of what speaks for a query nearly always, and is seldom said; those of the other good ones are 0.5."""
ANY_SIGN = frozenset({"joins", "not_base", "sketched", *map(LARGER.__add__, BESIDE)})
SURE = frozenset({"logprob", "near", "read"})
"""What can only speak for an answer; all else can only speak against one."""
REFUSED = 0.1
"""The share of the questions with an answer that may be refused, of sets that weights were not fitted to. Of databases
that nobody worked with about twice as many are."""


class Rival(BaseModel):
    """A query, in the names that a model writes, with what it is ranked by."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    text: str
    evidence: dict[str, float]
    right: bool


class Ballots(BaseModel):
    """The queries for one question of a set, and the evidence that it has no answer."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    set: str
    question: str
    answerable: bool
    candidates: tuple[Rival, ...]
    doubt: dict[str, float]

    @property
    def tells(self) -> bool:
        """Whether some of its queries are right and others are not; where the right ones give no rows, others that give
        none are right by chance."""
        right = [each for each in self.candidates if each.right]
        return 0 < len(right) < len(self.candidates) and not all("nothing" in each.evidence for each in right)


def preference(read: Sequence[Ballots], before: Linear | None = None, only: str = "") -> Linear:
    """A softmax over the queries of each question. `only`: what the weights that may change begin with."""
    telling, known = [each for each in read if each.tells], before.weights if before else {}
    names = _names([known or FATAL, *(rival.evidence for each in telling for rival in each.candidates)])
    sheets = [
        (_matrix(names, [r.evidence for r in each.candidates]), np.array([r.right for r in each.candidates]))
        for each in telling
    ]
    prior = np.array([known.get(name, 0.0) if before else _prior(name) for name in names])
    held = HELD if before else RIDGE

    def loss(weights: Any) -> tuple[float, Any]:
        total, gradient = held * float(((weights - prior) ** 2).sum()), 2 * held * (weights - prior)
        for rows, right in sheets:
            share = np.exp((scores := rows @ weights) - scores.max())
            share /= share.sum()
            good = share[right].sum() + 1e-12
            total -= float(np.log(good))
            gradient += share @ rows - (share[right] / good) @ rows[right]
        return total, gradient

    bounds = [
        _bounds(name) if name.startswith(only) else (stays, stays) for name, stays in zip(names, prior, strict=True)
    ]
    weights = _least(loss, prior, bounds)
    fitted = f"Which of several queries is right: a softmax over those of {len(telling)} questions of {_sets(read)}."
    if only:
        fitted += f" Only weights {only}… were fitted to them."
    return Linear(fitted=_since(fitted, before), weights=_rounded(names, weights))


def _bounds(name: str) -> tuple[float | None, float | None]:
    if name in ANY_SIGN:
        return None, None
    return (0.0, None) if name in GOOD else (None, 0.0)


def _prior(name: str) -> float:
    """Towards which the weight of a preference is drawn."""
    if name in GOOD:
        return PROVEN.get(name, 0.5)
    return 0.0 if name in ANY_SIGN else -FATAL.get(name, PRIOR)


def _since(fitted: str, before: Linear | None) -> str:
    return f"{fitted} It goes on from: {before.fitted}" if before else fitted


def abstention(read: Sequence[Ballots], before: Linear | None = None, bar: Collection[str] = ()) -> Linear:
    """A logistic regression in which both kinds of questions weigh the same. Its intercept leaves REFUSED of those that
    have an answer on the wrong side: the mean of what that takes in each set with both kinds, of those in `bar` where
    any are, by weights that are fitted without it. One whose names nobody can read doesn't set the bar for all."""
    both = {each.set for each in read if not each.answerable} & {each.set for each in read if each.answerable}
    known, firm = (before.weights, HELD) if before else (TELLING, FIRM)
    weights = _doubting(read, known, firm)
    names = sorted(both & {*bar} if bar else both)
    unseen = [_unseen(read, name, known, firm) for name in names if len(both) > 1]
    unseen = unseen or [[_summed(weights, each.doubt) for each in read if each.answerable]]
    height = float(np.mean([np.quantile(scores, 1 - REFUSED) for scores in unseen]))
    fitted = f"Whether a question has no answer in the data: a logistic regression over {len(read)} questions of "
    return Linear(fitted=_since(f"{fitted}{_sets(read)}.", before), intercept=round(-height, 3), weights=weights)


def _unseen(read: Sequence[Ballots], name: str, known: Mapping[str, float], firm: float) -> list[float]:
    """What the questions of a set that have an answer score by weights that were fitted to the others."""
    weights = _doubting([each for each in read if each.set != name], known, firm)
    return [_summed(weights, each.doubt) for each in read if each.set == name and each.answerable]


def _summed(weights: dict[str, float], evidence: dict[str, float]) -> float:
    return sum(weights.get(name, 0.0) * value for name, value in evidence.items())


def _doubting(read: Sequence[Ballots], known: Mapping[str, float], firm: float) -> dict[str, float]:
    """The weights of an abstention, drawn as firmly to those that are known."""
    names = _names([known, *(each.doubt for each in read)])
    rows = _matrix(names, [each.doubt for each in read])
    lacks = np.array([not each.answerable for each in read])
    prior = np.array([known.get(name, 0.0) for name in names])
    each_weighs = np.where(lacks, 0.5 / lacks.sum(), 0.5 / (~lacks).sum()) * len(read)

    def loss(weights: Any) -> tuple[float, Any]:
        scores = rows @ weights[1:] + weights[0]
        chance = 1 / (1 + np.exp(-scores))
        off = each_weighs * (chance - lacks)
        total = float((each_weighs * np.logaddexp(0, np.where(lacks, -scores, scores))).sum())
        gradient = np.concatenate([[off.sum()], off @ rows + 2 * firm * (weights[1:] - prior)])
        return total + firm * float(((weights[1:] - prior) ** 2).sum()), gradient

    bounds: list[Any] = [(None, None), *((None, 0.0) if name in SURE else (0.0, None) for name in names)]
    return _rounded(names, _least(loss, np.zeros(len(names) + 1), bounds)[1:])


def _least(loss: Callable[[Any], tuple[float, Any]], start: Any, bounds: Sequence[Any]) -> Any:
    from scipy.optimize import minimize

    return minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds).x


def _names(each: Iterable[Mapping[str, float]]) -> tuple[str, ...]:
    return tuple(sorted({name for evidence in each for name in evidence}))


def _matrix(names: Sequence[str], each: Sequence[dict[str, float]]) -> Any:
    return np.array([[evidence.get(name, 0.0) for name in names] for evidence in each])


def _sets(read: Sequence[Ballots]) -> str:
    return ", ".join(sorted({each.set.removesuffix(".jsonl") for each in read}))


def _rounded(names: Sequence[str], weights: Any) -> dict[str, float]:
    return {name: round(float(weight), 3) for name, weight in zip(names, weights, strict=True) if abs(weight) > 0.0005}


def main() -> None:
    """Write the weights as they are shipped; on standard error, what each set gets from the weights of the others."""
    parser = argparse.ArgumentParser(prog="python -m agents.ask.rerank.fit", description="Fit shipped weights.")
    parser.add_argument("what", choices=("preference", "abstention"))
    parser.add_argument("files", type=Path, nargs="+")
    parser.add_argument("--from", dest="before", type=Path, help="the weights to go on from")
    parser.add_argument(
        "--bar", action="append", default=[], metavar="SET", help="a set that the bar of an abstention is drawn by"
    )
    parser.add_argument("--only", default="", metavar="PREFIX", help="what the weights begin with that may change")
    told = parser.parse_args()
    if told.only and told.before is None:
        parser.error("--only leaves the other weights as they were: name theirs with --from")
    before = Linear.model_validate_json(told.before.read_text(encoding="utf-8")) if told.before else None
    lines = [line for path in told.files for line in path.read_text(encoding="utf-8").splitlines()]
    read = [Ballots.model_validate_json(line) for line in lines]
    if unknown := {*told.bar} - {each.set for each in read}:
        parser.error(f"there is no set {', '.join(map(repr, sorted(unknown)))} among {_sets(read)}")
    fits = {
        "preference": (partial(preference, only=told.only), chosen),
        "abstention": (partial(abstention, bar=told.bar), refused),
    }
    fit, measure = fits[told.what]
    for name in sorted({each.set for each in read}):
        others, own = ([each for each in read if (each.set == name) is mine] for mine in (False, True))
        if others:
            sys.stderr.write(f"{name}: {measure(fit(others, before), own)}\n")
    sys.stdout.write(json.dumps(fit(read, before).model_dump(), indent=2) + "\n")


def chosen(model: Linear, read: Sequence[Ballots]) -> str:
    """How many questions get a right query."""
    best = [max(each.candidates, key=lambda r: model.score(r.evidence)).right for each in read if each.candidates]
    return f"{sum(best)} right of {sum(each.answerable for each in read)}"


def refused(model: Linear, read: Sequence[Ballots]) -> str:
    """How many of both kinds of questions are refused."""
    kinds = [[model.score(each.doubt) >= 0 for each in read if each.answerable is kind] for kind in (True, False)]
    return ", ".join(f"{sum(kind)} of {len(kind)}" for kind in kinds) + " refused that have an answer, that have none"


if __name__ == "__main__":
    main()
