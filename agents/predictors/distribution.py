"""How the values of a column were spread in training, so that those seen later can be held against them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Values = NDArray[np.float64]

BINS = 10


@dataclass(frozen=True)
class Distribution:
    """Shares of the values that are there, by bin, and the share of those that are not.

    Numbers: `edges` part the bins, `shares` has one more; bin i has the values in (edges[i-1], edges[i]].
    Categories: no edges; a share for each category, then one for all others.
    """

    missing: float
    shares: tuple[float, ...]
    edges: tuple[float, ...] = ()

    @classmethod
    def of_numbers(cls, values: Values, bins: int = BINS) -> Distribution:
        """Bins that are about equally full; fewer where many values are equal."""
        import numpy as np

        there = values[np.isfinite(values)]
        inner = np.unique(np.quantile(there, np.arange(1, bins) / bins, method="lower")) if len(there) else there
        return cls(0.0, (), tuple(inner.tolist())).again(values)

    @classmethod
    def of_codes(cls, codes: Values, categories: Sequence[str]) -> Distribution:
        """Codes are places in `categories`; one past the last for all others, NaN for none."""
        return cls(0.0, (0.0,) * (len(categories) + 1)).again(codes)

    def again(self, values: Values) -> Distribution:
        """Other values of the same column in the same bins."""
        import numpy as np

        there = values[np.isfinite(values)]
        if self.edges or not self.shares:
            size, places = len(self.edges) + 1, np.searchsorted(self.edges, there, side="left")
        else:
            size = len(self.shares)
            places = np.minimum(there.astype(np.int64), size - 1)
        counts = np.bincount(places, minlength=size) / max(1, len(there))
        missing = 1.0 - len(there) / len(values) if len(values) else 0.0
        return Distribution(float(missing), tuple(counts.tolist()), self.edges)

    def as_json(self) -> dict[str, Any]:
        return {"missing": self.missing, "shares": list(self.shares), "edges": list(self.edges)}

    @classmethod
    def parse(cls, found: dict[str, Any]) -> Distribution:
        return cls(found["missing"], tuple(found["shares"]), tuple(found["edges"]))
