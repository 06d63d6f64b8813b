"""Fitting the weights of `preference.json` to queries whose rows were compared with the right ones.

    python -m agents.ask.rerank.fit BALLOTS.jsonl... [--leave-out NAME]

A line is a question: `{"set": "hospital", "candidates": [{"evidence": {"logprob": -1.2, ...}, "right": true}, ...]}`.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from pydantic import BaseModel, ConfigDict

PRIOR, RIDGE = 0.6, 0.4
"""The fault towards which each weight is drawn, and how much."""
ANY_SIGN = frozenset({"joins", "not_base", "sketched"})
GOOD = frozenset({"logprob", "agreed", "right_unit", "self_join_asked", "spoken"})
"""What can only speak for a query; what is in neither can only speak against it."""


class Rival(BaseModel):
    """A query with what it is ranked by."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    evidence: dict[str, float]
    right: bool


class Ballots(BaseModel):
    """The queries for one question of a set."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    set: str
    candidates: tuple[Rival, ...]

    @property
    def tells(self) -> bool:
        """Whether some are right and others are not."""
        return len({each.right for each in self.candidates}) == 2


@dataclass(frozen=True)
class Sheet:
    """Questions as matrices of evidence, one row for each candidate, and which candidates are right."""

    names: tuple[str, ...]
    questions: Sequence[tuple[Any, Any]]

    @classmethod
    def of(cls, read: Sequence[Ballots]) -> Sheet:
        names = tuple(sorted({name for each in read for rival in each.candidates for name in rival.evidence}))
        rows = [[[r.evidence.get(n, 0.0) for n in names] for r in each.candidates] for each in read]
        right = [[r.right for r in each.candidates] for each in read]
        return cls(names, [(np.array(m), np.array(r)) for m, r in zip(rows, right, strict=True)])

    @property
    def prior(self) -> Any:
        return np.array([0.5 if n in GOOD else 0.0 if n in ANY_SIGN else -PRIOR for n in self.names])

    @property
    def bounds(self) -> list[tuple[float | None, float | None]]:
        return [(None, None) if n in ANY_SIGN else (0.0, None) if n in GOOD else (None, 0.0) for n in self.names]

    def loss(self, weights: Any) -> tuple[float, Any]:
        """The negative logarithm of the probability of right candidates, with its gradient."""
        away = weights - self.prior
        total, gradient = RIDGE * float(away @ away), 2 * RIDGE * away
        for rows, right in self.questions:
            scores = rows @ weights
            share = np.exp(scores - scores.max())
            share /= share.sum()
            good = share[right].sum()
            total -= float(np.log(good + 1e-12))
            gradient += share @ rows - (share[right] / good) @ rows[right]
        return total, gradient

    def chosen(self, weights: Mapping[str, float]) -> float:
        """The share of the questions whose best candidate is right."""
        array = np.array([weights.get(name, 0.0) for name in self.names])
        return float(np.mean([right[int(np.argmax(rows @ array))] for rows, right in self.questions]))


def fitted(read: Sequence[Ballots]) -> dict[str, float]:
    """Weights by name."""
    from scipy.optimize import minimize

    sheet = Sheet.of([each for each in read if each.tells])
    found = minimize(sheet.loss, sheet.prior, jac=True, method="L-BFGS-B", bounds=sheet.bounds)
    return {name: round(float(weight), 3) for name, weight in zip(sheet.names, found.x, strict=True)}


def main() -> None:
    """Print the weights, and how often the best candidate is right in each set when the others are fitted on."""
    parser = argparse.ArgumentParser(prog="python -m agents.ask.rerank.fit", description=__doc__)
    parser.add_argument("files", type=Path, nargs="+")
    parser.add_argument("--leave-out", action="append", default=[], help="a set that is only measured")
    told = parser.parse_args()
    lines = (line for path in told.files for line in path.read_text(encoding="utf-8").splitlines())
    read = [Ballots.model_validate_json(line) for line in lines]
    known = [each for each in read if each.set not in told.leave_out]
    for name in sorted({each.set for each in read}):
        others = fitted([each for each in known if each.set != name])
        mine = Sheet.of([each for each in read if each.set == name and each.tells])
        print(f"{name}: {mine.chosen(others):.3f} of the {len(mine.questions)} questions that can be lost")
    print(json.dumps(fitted(known), indent=2))


if __name__ == "__main__":
    main()
