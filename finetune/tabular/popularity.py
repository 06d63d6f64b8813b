"""What everybody takes: the rankings that a personal one has to beat."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from finetune.tabular.ranking import Shown

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

PRIOR = 50.0
"""A group's rates count as many rows of everybody's as this: small groups say little."""


def popularity(seen: Shown, choices: int) -> Floats:
    """(choices,) how often each is taken when it is shown; weighted, so that promotions don't count."""
    import numpy as np

    weight = 1 / seen.propensity
    shown = np.bincount(seen.choice, weight, choices)
    taken = np.bincount(seen.choice, weight * seen.taken, choices)
    mean = taken.sum() / shown.sum()
    return np.asarray((taken + mean) / (shown + 1), dtype=np.float64)


def by_group(seen: Shown, groups: NDArray[Any], choices: int, asked: NDArray[Any]) -> Floats:
    """(rows, choices) the rates in the group of each row of `asked`; a group that was never seen has everybody's."""
    import numpy as np

    everybody = popularity(seen, choices)
    names, index = np.unique(groups.astype(str), return_inverse=True)
    cell = index * choices + seen.choice
    shown = np.bincount(cell, minlength=len(names) * choices).reshape(-1, choices)
    taken = np.bincount(cell, seen.taken, len(names) * choices).reshape(-1, choices)
    rates = np.vstack([(taken + PRIOR * everybody) / (shown + PRIOR), everybody])
    place = np.searchsorted(names, asked.astype(str))
    known = names[np.minimum(place, len(names) - 1)] == asked.astype(str)
    return np.asarray(rates[np.where(known, place, len(names))], dtype=np.float64)
