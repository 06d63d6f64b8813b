"""One query that a model wrote, weighed against its question."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sqlglot import exp

from agents import statement
from agents.ask.rerank.features import features
from agents.ask.rerank.linear import Linear
from agents.ask.rerank.shape import Shape
from data.errors import Invalid

if TYPE_CHECKING:
    from retrieval import Context

LEAST = -20.0
"""A logprob below this is as good as none."""
TOLERATED = 2.0
"""Faults that don't call for a look at the alternatives."""


@dataclass(frozen=True)
class Weighed:
    """`features` are those of `agents.ask.rerank.features`, with `nothing` where it gave no rows."""

    shape: Shape
    features: dict[str, float]
    logprob: float

    @classmethod
    def of(cls, text: str, context: Context, logprob: float) -> Weighed | None:
        """A query in the names of the context's catalogue; None where it can't be read."""
        try:
            shape = Shape(statement.query(text), context.catalog)
        except Invalid:
            return None
        if shape.tree.find(exp.Select) is None:
            return None
        return cls(shape, features(shape, context), logprob)

    def gave(self, *, nothing: bool) -> Weighed:
        """The same once it ran."""
        return replace(self, features={**self.features, "nothing": 1.0}) if nothing else self

    @property
    def faults(self) -> float:
        """How much speaks against it but for its probability: 0 where nothing does, else more."""
        return -_preference().score(self.features)

    @property
    def worth(self) -> float:
        """What candidates are ranked by, the best first."""
        return _preference().score({**self.features, "logprob": max(self.logprob, LEAST)})


def _preference() -> Linear:
    return Linear.shipped("preference")
