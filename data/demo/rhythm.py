"""When things happen: growth over the years, the seasons, the week and the hour of the day.

Moments are whole seconds since START, on the wall clock of the place where they happen.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from data.demo.sampling import Floats, Ints, Rng

START = np.datetime64("2024-01-01T00:00:00", "s")
END = np.datetime64("2025-12-31T23:59:59", "s")
DAY = 86_400
SPAN = int((END - START).astype(np.int64))
DAYS = SPAN // DAY + 1

Peak = tuple[float, float, float]
"""An hour of the day, how many hours it spreads, and its share of all activity."""

DAYTIME: tuple[Peak, ...] = ((11.0, 2.5, 0.5), (17.0, 3.0, 0.5))


@dataclass(frozen=True)
class Rhythm:
    """Activity per day. `growth` is the log of the last day over the first; weeks start on Monday."""

    growth: float
    week: Sequence[float]
    year: Sequence[float]

    def mass(self) -> Floats:
        """Cumulative activity at each midnight, DAYS + 1 values from 0 to 1."""
        day = np.arange(DAYS)
        dates = START.astype("datetime64[D]") + day
        month = dates.astype("datetime64[M]").astype(np.int64) % 12
        weekday = (dates.astype(np.int64) + 3) % 7  # 1970-01-01 was a Thursday
        density = np.exp(self.growth * day / DAYS) * np.array(self.week)[weekday] * np.array(self.year)[month]
        return np.concatenate(([0.0], np.cumsum(density) / density.sum()))

    def days(self, shares: Floats) -> Ints:
        """The day on which each cumulative share (0 to 1) falls."""
        found = np.searchsorted(self.mass(), shares, side="right") - 1
        return np.clip(found, 0, DAYS - 1).astype(np.int64)

    def moments(self, rng: Rng, size: int, peaks: Sequence[Peak] = DAYTIME) -> Ints:
        """`size` moments over the whole span."""
        return self.days(rng.random(size)) * DAY + hours(rng, size, peaks)

    def at(self, moments: Ints) -> Floats:
        """The cumulative share that lies before each moment."""
        return np.interp(moments / DAY, np.arange(DAYS + 1), self.mass())


def hours(rng: Rng, size: int, peaks: Sequence[Peak]) -> Ints:
    """Seconds since midnight, drawn around the peaks."""
    centre, width, share = np.array(peaks).T
    peak = rng.choice(len(peaks), size, p=share / share.sum())
    hour = (centre[peak] + width[peak] * rng.standard_normal(size)) % 24
    return np.asarray(np.minimum(hour * 3600, DAY - 1), dtype=np.int64)


def bustle(hour: float, peaks: Sequence[Peak]) -> float:
    """How busy an hour of the day is, where 1 is the day's mean; the dead of night still has a tenth of it."""
    centre, width, share = np.array(peaks).T
    away = (hour - centre + 12) % 24 - 12
    density = share / share.sum() / (width * np.sqrt(2 * np.pi)) * np.exp(-((away / width) ** 2) / 2)
    return float(0.1 + 0.9 * 24 * density.sum())


def joining(rng: Rng, size: int) -> Ints:
    """Sorted moments at which accounts are opened: a rush at the launch, then steady growth."""
    launch = rng.random(size) < 0.4
    share = np.where(launch, rng.beta(1, 14, size), rng.random(size) ** 0.9)
    return np.sort((share * (DAYS - 1)).astype(np.int64) * DAY + hours(rng, size, DAYTIME))


def later(rng: Rng, since: Ints, mean_days: float) -> Ints:
    """Moments an exponentially distributed time after `since`, never past the end."""
    return np.minimum(since + (rng.exponential(mean_days * DAY, len(since))).astype(np.int64), SPAN)


def not_before(rng: Rng, moments: Ints, since: Ints) -> Ints:
    """The moments, where those before `since` move to some days after it."""
    return np.asarray(np.where(moments < since, later(rng, since, 6), moments))


def dates(moments: Ints) -> NDArray[np.datetime64]:
    """The moments as datetime64[s]; negative ones become NaT."""
    out = START + moments.astype("timedelta64[s]")
    out[moments < 0] = np.datetime64("NaT")
    return out
