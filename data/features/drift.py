"""Whether values of features are still spread as they were in training. (`data.drift` is about tables and columns that
changed; this is about what is in them.)

The population stability index and its limits are those of N. Siddiqi, "Credit Risk Scorecards" (Wiley, 2006). How much
of it chance alone gives: B. Yurdakul and J. Naranjo, "Statistical properties of the population stability index",
Journal of Risk Model Validation 14(4), 2020: about (bins - 1) (1/n + 1/m) for samples of n and m of one distribution.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

Verdict = Literal["stable", "moved", "drifted", "too few"]

MOVED, DRIFTED = 0.1, 0.25
"""From here on an index says that there is some change, and that there is much."""

LEAST = 1e-4
"""An empty bin counts as this share: the index would be infinite, however few values are missing from the bin."""

CHANCE = 0.02
"""The most of the index that chance may give, so that MOVED is well above it."""

MISSING = 0.05
"""A change of the share of missing values that is a drift by itself."""


@dataclass(frozen=True)
class Spread:
    """Shares of the values that are there, by bin, and the share of those that are missing."""

    shares: tuple[float, ...]
    missing: float


@dataclass(frozen=True)
class Drift:
    """How far values are from those of training. `index` is None where there are too few to tell."""

    index: float | None
    missing: float
    missing_before: float
    verdict: Verdict


@dataclass(frozen=True)
class Staleness:
    """Seconds between the moment that features were brought up to date and their use."""

    median: float
    longest: float


def stability_index(before: Sequence[float], now: Sequence[float]) -> float:
    """The population stability index of two lists of shares of the same bins: sum((a - e) ln(a / e)). 0 for equal
    ones; it is the same whichever comes first."""
    pairs = zip(before, now, strict=True)
    return sum((a - e) * math.log(a / e) for e, a in ((max(e, LEAST), max(a, LEAST)) for e, a in pairs))


def fewest(bins: int) -> int:
    """Values from which on chance gives less than CHANCE of the index, where training had many more."""
    return max(1, math.ceil((bins - 1) / CHANCE))


def compare(before: Spread, now: Spread, size: int) -> Drift:
    """Hold the spread of `size` values, missing ones among them, against the one of training."""
    there = round(size * (1 - now.missing))
    left = abs(now.missing - before.missing) >= MISSING and size >= fewest(2)
    if there < fewest(len(before.shares)):
        return Drift(None, now.missing, before.missing, "drifted" if left else "too few")
    index = stability_index(before.shares, now.shares)
    verdict: Verdict = "drifted" if index >= DRIFTED or left else "moved" if index >= MOVED else "stable"
    return Drift(index, now.missing, before.missing, verdict)


def staleness(refreshed: Sequence[datetime], used: Sequence[datetime]) -> Staleness | None:
    """How old features were when they were used; None where that is not known of any."""
    ages = sorted((late - early).total_seconds() for early, late in zip(refreshed, used, strict=True))
    return Staleness(ages[(len(ages) - 1) // 2], ages[-1]) if ages else None
