"""A view over the small lakehouse with every function, and its prepared events as Python makes them."""

from __future__ import annotations

import datetime as dt
import math
from typing import Any

from data.features.definition import Feature, FeatureView
from data.features.plan import KNOWN, TIME
from data.features.results import microseconds

OVER = ("5m", "1h")

CARDS = FeatureView(
    name="cards",
    entity="card",
    keys=("card",),
    source="pay.payments",
    time="at",
    known_at="received",
    filter="status = 'ok'",
    ttl="2h",
    delay="1m",
    owner="risk",
    description="How a card is used.",
    features=(
        Feature("payments", "count", over=OVER),
        Feature("spent", "sum", "amount", over=OVER, unit="USD"),
        Feature("largest", "max", "amount", over=OVER),
        Feature("median", "quantile", "amount", over=OVER),
        Feature("risk", "avg", "score", over=OVER),
        Feature("least", "min", "score", over=OVER),
        Feature("shops", "approx_distinct", "shop", over=OVER),
        Feature("shop", "last", "shop", over=OVER),
        Feature("newest", "max", "at", over=OVER),
        Feature("quiet", "age", over=OVER),
    ),
)


PLAYS = FeatureView(
    name="listeners",
    entity="listener",
    keys=("listener",),
    source="music.plays",
    time="at",
    delay="1m",
    features=(
        Feature("plays", "count", over=("1h",)),
        Feature("seconds", "sum", "seconds", over=("1h",)),
    ),
)


def prepared(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The events of CARDS: what its SQL says, in Python."""
    return [_prepared(row) for row in rows if row["status"] == "ok" and row["card"] is not None]


def _prepared(row: dict[str, Any]) -> dict[str, Any]:
    score = row["score"] if row["score"] is not None and math.isfinite(row["score"]) else None
    return {
        "card": row["card"],
        TIME: microseconds(row["at"]),
        KNOWN: max(microseconds(row["at"]), microseconds(row["received"] + dt.timedelta(minutes=1))),
        "_v0": None if row["amount"] is None else int(row["amount"] * 100),
        "_v1": None if score is None else int(math.copysign(math.floor(abs(score * 1e6) + 0.5), score)),
        "_v2": score,
        "_v3": row["shop"],
        "_v4": microseconds(row["at"]),
    }
