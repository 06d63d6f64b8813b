"""Of tables that are called the same, those that hold the rows of a period which has hardly passed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from retrieval.hints import Hint
from retrieval.moments import Moment

RECENT = timedelta(days=1, seconds=1)
"""A day, counted from the second that has begun."""


def fresh(hint: Hint, periods: Sequence[Moment], now: datetime, changed: Callable[[str], datetime | None]) -> Hint:
    """A table's hint without the tables that others are fresher than, for a period within the last day.

    Where it is not known when some changed, those are kept unless another has changed since the period began.
    """
    starts = [m.since.replace(tzinfo=UTC) for m in periods if isinstance(m.since, datetime)]
    if hint.kind != "table" or len(hint.targets) < 2 or not starts or now - min(starts) > RECENT:
        return hint
    known = {t: at for t in hint.targets if (at := changed(t)) is not None}
    freshest = max(known, key=lambda t: known[t], default="")
    if freshest and (len(known) == len(hint.targets) or known[freshest] >= min(starts)):
        return replace(hint, targets=(freshest,))
    return replace(hint, targets=tuple(t for t in hint.targets if t not in known))
