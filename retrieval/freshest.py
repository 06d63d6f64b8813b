"""Of tables that are called the same, those that can hold rows of a period which has hardly passed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from retrieval.hints import Hint
from retrieval.moments import Moment


def fresh(hint: Hint, periods: Sequence[Moment], changed: Callable[[str], datetime | None]) -> Hint:
    """A table's hint without the tables that have not changed since a period of less than days began.

    It stays as it is where none or each of them has.
    """
    starts = [m.since for m in periods if isinstance(m.since, datetime)]
    if hint.kind != "table" or len(hint.targets) < 2 or not starts:
        return hint
    since = min(starts).replace(tzinfo=UTC)
    covering = tuple(t for t in hint.targets if (at := changed(t)) is not None and at >= since)
    return replace(hint, targets=covering) if covering else hint
