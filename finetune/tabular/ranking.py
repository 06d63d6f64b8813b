"""How good a ranking is, judged on choices that were shown at random (off-policy evaluation).

Each row logs the probability with which its choice was drawn. A policy that shows its first choice is valued on the
rows where chance showed the same one, each weighted by 1 / probability: inverse propensity scoring (Horvitz and
Thompson 1952); with equal probabilities it is the replay method (Li et al. 2011). Divided by the sum of the weights it
is self-normalised (Swaminathan and Joachims 2015), which is what intervals are made of: it varies less.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from data.errors import Invalid
from finetune.tabular.metrics import DRAWS, Interval, drawn

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]
    Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Shown:
    """What was shown at random, a row each; `choice` is an index into the choices, `taken` 0 or 1."""

    unit: NDArray[Any]
    choice: Ints
    propensity: Floats
    taken: Floats

    def __post_init__(self) -> None:
        """Invalid where a probability can't be one: the estimate would be silently wrong."""
        import numpy as np

        if not len(self.choice):
            raise Invalid("Nothing was shown in this period, so no policy can be valued.", "Take a longer period.")
        wrong = self.propensity[~((self.propensity > 0) & (self.propensity <= 1))]
        if len(wrong):
            said = f"{len(wrong)} rows have a propensity that is no probability, such as {float(wrong[0])!r}."
            raise Invalid(said, "Log with each row the probability with which its choice was drawn.")
        if not bool(np.isin(self.taken, (0.0, 1.0)).all()):
            raise Invalid("Whether a choice was taken must be 0 or 1.", "Leave out rows that are not decided yet.")


@dataclass(frozen=True)
class Value:
    """What following a policy gives for each time that something is shown."""

    acceptance: float
    """Self-normalised; NaN where chance never showed what the policy would."""
    unbiased: float
    """Without normalisation: unbiased, but varies more, and may exceed 1."""
    matched: int
    """Rows in which chance showed what the policy would have."""


@dataclass(frozen=True)
class Quality:
    """How high a ranking puts what was taken."""

    hit_rate: float
    """Share of what was taken that stood first."""
    ndcg: float
    """Mean of 1 / log2(1 + rank) of what was taken (Järvelin and Kekäläinen 2002, one relevant choice)."""


def first(scores: Floats) -> Ints:
    """The choice that each row of (rows, choices) scores puts first; of equal ones that which is listed first."""
    import numpy as np

    return np.asarray(np.argmax(scores, axis=1), dtype=np.int64)


def value(shown: Shown, chosen: Ints) -> Value:
    """What the policy that shows `chosen` would give."""
    import numpy as np

    weight = _weights(shown, chosen)
    total = float(weight.sum())
    accepted = float((weight * shown.taken).sum())
    return Value(accepted / total if total else np.nan, accepted / len(weight), int((weight > 0).sum()))


def difference(shown: Shown, ours: Ints, theirs: Ints, *, draws: int = DRAWS, seed: int = 7) -> Interval:
    """How much more acceptance `ours` gives than `theirs`, paired, with whole units resampled."""
    import numpy as np

    columns = [np.stack([w, w * shown.taken], axis=1) for w in (_weights(shown, ours), _weights(shown, theirs))]
    parts = np.concatenate(columns, axis=1)

    def above(weights: Floats | None) -> float:
        all_ours, taken_ours, all_theirs, taken_theirs = parts.sum(axis=0) if weights is None else weights @ parts
        if not all_ours or not all_theirs:
            return float("nan")
        return float(taken_ours / all_ours - taken_theirs / all_theirs)

    return drawn(above, shown.unit, seed, draws)


def quality(shown: Shown, scores: Floats) -> Quality:
    """Over what was taken, weighted as if every choice had been shown equally often."""
    import numpy as np

    rows = np.flatnonzero(shown.taken)
    if not len(rows):
        return Quality(float("nan"), float("nan"))
    order = np.argsort(-scores[rows], axis=1, kind="stable")
    rank = 1 + np.argmax(order == shown.choice[rows][:, None], axis=1)
    weight = 1 / shown.propensity[rows]
    return Quality(
        float(np.average(rank == 1, weights=weight)), float(np.average(1 / np.log2(1 + rank), weights=weight))
    )


def _weights(shown: Shown, chosen: Ints) -> Floats:
    import numpy as np

    return np.where(shown.choice == chosen, 1 / shown.propensity, 0.0)
