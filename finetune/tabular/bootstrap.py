"""Confidence intervals by resampling whole units, such as merchants: rows of the same unit are not independent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

DRAWS = 2_000
LEVEL = 0.95


@dataclass(frozen=True)
class Interval:
    """A statistic of all rows, and where it lies in the middle `level` of the draws (percentile bootstrap)."""

    value: float
    low: float
    high: float
    level: float = LEVEL

    @property
    def excludes_zero(self) -> bool:
        return self.low > 0 or self.high < 0

    def __str__(self) -> str:
        return f"{self.value:.4f} [{self.low:.4f}, {self.high:.4f}]"


def interval(
    units: NDArray[Any],
    statistic: Callable[[Floats], float],
    *,
    draws: int = DRAWS,
    seed: int = 7,
    level: float = LEVEL,
) -> Interval:
    """The interval of `statistic`, which is given a weight for each row: how often its unit was drawn.

    For a difference, let `statistic` compute both sides with the same weights: the draws are then paired. Draws for
    which the statistic is NaN, such as those without a positive row, are left out.
    """
    import numpy as np

    names, row = np.unique(units, return_inverse=True)
    rng = np.random.default_rng(seed)
    share = np.full(len(names), 1 / max(1, len(names)))
    found = [statistic(rng.multinomial(len(names), share)[row].astype(np.float64)) for _ in range(draws)]
    low, high = np.nanquantile(found, ((1 - level) / 2, (1 + level) / 2))
    return Interval(float(statistic(np.ones(len(units)))), float(low), float(high), level)
