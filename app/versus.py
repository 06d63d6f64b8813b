"""Two endpoints side by side, from what they answered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from app.assembly import Lakewright
    from data.policy import Principal

USED = """
SELECT count(*) AS requests, count(*) FILTER (outcome NOT IN ('answered', 'shadow')) AS failed_requests,
round(coalesce(quantile_cont(seconds, 0.5), 0), 3) AS seconds_p50,
round(coalesce(quantile_cont(seconds, 0.95), 0), 3) AS seconds_p95,
coalesce(sum(input_tokens), 0) AS input_tokens, coalesce(sum(output_tokens), 0) AS output_tokens,
coalesce(sum(cost), 0) AS cost FROM system.model_usage WHERE endpoint = $endpoint
"""


def compare(lakewright: Lakewright, principal: Principal, first: str, second: str) -> dict[str, Any]:
    """`endpoints`: of each the answers by status, thumbs, requests, seconds, tokens and cost. `both`: the questions
    that one was asked in the shadow of the other."""
    sides = {name: _side(lakewright, principal, name) for name in (first, second)}
    return {"endpoints": sides, "both": asdict(lakewright.shadows.pairs(first, second))}


def measures(sides: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """The measures that any of the sides has."""
    return list(dict.fromkeys(name for side in sides.values() for name in side))


def _side(lakewright: Lakewright, principal: Principal, name: str) -> dict[str, Any]:
    used = lakewright.gateway.query(principal, USED, params={"endpoint": name}).table.to_pylist()[0]
    return lakewright.answers.outcomes(name) | {key: _number(value) for key, value in used.items()}


def _number(value: Any) -> int | float:
    return int(value) if int(value) == value else float(value)
