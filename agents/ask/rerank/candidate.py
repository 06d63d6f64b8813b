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
LARGER, BESIDE = "larger_", ("agreed", "logprob", "sketched")
"""Signs that tell something else where a larger model writes, and what they are then called as well."""
TOLERATED = 1.0
"""Faults that don't call for a look at the alternatives."""


@dataclass(frozen=True)
class Weighed:
    """`features` are those of `agents.ask.rerank.features`, with what is known once it ran. `logprob` is None for a
    sketch, which no model wrote; `larger`: the model that writes is one of the larger."""

    text: str
    shape: Shape
    features: dict[str, float]
    logprob: float | None
    larger: bool = False

    @classmethod
    def of(cls, text: str, context: Context, logprob: float | None, *, larger: bool = False) -> Weighed | None:
        """A query in the names of the context's catalogue; None where it can't be read."""
        try:
            shape = Shape(statement.query(text), context.catalog)
        except Invalid:
            return None
        if shape.tree.find(exp.Select) is None:
            return None
        return cls(text, shape, features(shape, context), logprob, larger)

    def gave(
        self,
        *,
        nothing: bool = False,
        zero: bool = False,
        agreed: bool = False,
        read: bool = False,
        left: float = 0.0,
        judged: float = 0.0,
        amended: bool = False,
    ) -> Weighed:
        """The same once it ran: whether it gave `nothing`, or no number but `zero`, and whether a query gave the same
        rows that came otherwise, from a model or from none. `read`: it says, or gives the rows of, what the question
        says as a whole. `left`: what a model leaves to what it did not write, as a logarithm. `judged`: how it does
        beside the others, as `agents.ask.rerank.judge` tells. `amended`: it is another query with what that leaves
        out."""
        known = {"nothing": nothing, "zero": zero, "agreed": agreed, "read": read, "left": left, "judged": judged,
            "amended": amended}  # fmt: skip
        return replace(
            self, features={**self.features, **{name: float(there) for name, there in known.items() if there}}
        )

    @property
    def faults(self) -> float:
        """How much speaks against it but for its probability: 0 where nothing does, else more."""
        return -_preference().score(self.features)

    @property
    def evidence(self) -> dict[str, float]:
        """All that it is ranked by."""
        by = {"sketched": 1.0} if self.logprob is None else {"logprob": max(self.logprob, LEAST)}
        told = {**self.features, **by}
        return told | {f"{LARGER}{name}": told[name] for name in BESIDE if self.larger and name in told}

    @property
    def worth(self) -> float:
        """What candidates are ranked by, the best first."""
        return _preference().score(self.evidence)


def _preference() -> Linear:
    return Linear.shipped("preference")
