"""SQL that cuts rows into pieces of whole entities, so that what is held does not grow with them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from data.features.plan import Plan
from data.sources.base import literal


def between(cuts: Sequence[Any], plan: Plan) -> Iterator[str]:
    """Conditions for what lies before, between and after some values of the first key, which are in order."""
    key = f'"{plan.keys[0].name}"'
    ends = [f"{key} < {_typed(cut, plan)}" for cut in cuts]
    starts = [f"{key} >= {_typed(cut, plan)}" for cut in cuts]
    for start, end in zip(["TRUE", *starts], [*ends, "TRUE"], strict=True):
        yield f"{start} AND {end}"


def _typed(value: Any, plan: Plan) -> str:
    """A value of the first key as it stands in SQL."""
    return f"CAST({literal(str(value))} AS {plan.keys[0].type})"
