"""How alike two forms of a model are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from finetune.parity import walk
from finetune.recipe import Bounds


@dataclass(frozen=True)
class Likeness:
    """A form beside the trainer: the share of tokens that are the same, and how far a log-probability is off on
    average (None where the form does not tell)."""

    form: str
    agreement: float
    logprob: float | None

    def within(self, bounds: Bounds) -> bool:
        return self.agreement >= bounds.agreement and (self.logprob is None or self.logprob <= bounds.logprob)


def beside(name: str, ours: Sequence[walk.Path], theirs: Sequence[walk.Path]) -> Likeness:
    both = list(zip(ours, theirs, strict=True))
    same = [a == b for mine, their in both for a, b in zip(mine.likeliest, their.likeliest, strict=True)]
    apart = [abs(a - b) for mine, their in both for a, b in zip(mine.logprobs, their.logprobs, strict=True)]
    return Likeness(name, mean(same), mean(apart))


def mean(values: Sequence[float]) -> float:
    """1 where there is nothing to compare, such as an answer of no token."""
    return sum(values) / len(values) if values else 1.0
