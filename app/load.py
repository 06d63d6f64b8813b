"""The routes of features and models under load, on the lakehouse of the feature benchmark."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.burst import Route, burst
from app.crowd import server
from app.tokens import Tokens
from data.features.bench import lakehouse

if TYPE_CHECKING:
    from finetune.tabular.recipe import TabularRecipe

DISTINCT = 2_000
"""Requests that are made before."""

MODEL, SUBJECTS = "costly", 50_000
"""The model, and of about how many payments it learns."""


def measure(home: Path, clients: int, seconds: float, say: Callable[[str], None]) -> dict[str, Any]:
    """Each route for `seconds` from `clients` at once, each of which asks again when it has its answer (`closed`), or
    once a second (`paced`)."""
    token = Tokens(home / "tokens.sqlite").create("owner", 1)[0]
    found: dict[str, Any] = {}
    with server(home) as (address, _):
        for name, route in routes(home).items():
            burst(address, token, route, 4, min(2.0, seconds))
            found[name] = {}
            for how, pause in (("closed", 0.0), ("paced", 1.0)):
                say(f"{clients} clients at {route.path}, {name}, {how}")
                found[name][how] = burst(address, token, route, clients, seconds, pause)
    return found


def routes(home: Path) -> dict[str, Route]:
    """Features of one key; a score of a payment that is being made, and one of a payment by its key, as of now."""
    rng, cards, now = random.Random(5), lakehouse.cards(home), f"{lakehouse.END.isoformat()}Z"
    keys = [{"card_id": rng.randrange(cards)} for _ in range(DISTINCT)]
    rows = [{**key, "cents": rng.randrange(100, 50_000), "created_at": now} for key in keys]
    score, params = f"/api/models/{MODEL}/invocations", {"at": now}
    return {
        "features": Route("/api/features", [{"view": "cards", "entities": [key], "at": now} for key in keys]),
        "score": Route(score, [{"instances": [row], "params": params} for row in rows]),
        "score_by_key": Route(score, [{"instances": [{"payment_id": n}], "params": params} for n in _subjects(home)]),
    }


def train(home: Path) -> None:
    """Register a model over the features of the benchmark: whether a payment is a large one.

    That is easily learnt: serving is what is measured."""
    from finetune.tabular.job import Workshop, train

    with lakehouse.opened(home) as features:
        owner = features.gateway.policy.principal("owner")
        train(recipe(_step(home)), Workshop(features.gateway, features, owner, home, lambda text: None))


def recipe(step: int) -> TabularRecipe:
    """Of every so many payments one."""
    from finetune.tabular.recipe import TabularRecipe

    some = f"payment_id % {step} = 0"
    parts = dict(zip(("since", "calibration", "test", "until"), (31, 200, 280, 360), strict=True))
    return TabularRecipe.model_validate(
        {
            "name": MODEL,
            "subject": {
                "sql": f"SELECT payment_id, card_id, cents, created_at FROM pay.payments WHERE {some}",
                "key": ["payment_id"],
                "time": "created_at",
                "columns": ["cents"],
            },
            "labels": {
                "sql": "SELECT payment_id, 1 AS label, created_at AS known_at FROM pay.payments "
                f"WHERE {some} AND cents > 5000",
                "maturity": "1h",
            },
            "features": ["cards"],
            "split": {name: (lakehouse.START + timedelta(days=day)).isoformat() for name, day in parts.items()},
            "rule": ["cards.payments_1h"],
            "search": {"trials": 1, "folds": 1},
            "gate": {"margin": 0},
        }
    )


def _step(home: Path) -> int:
    return max(1, lakehouse.cards(home) * lakehouse.EACH // SUBJECTS)


def _subjects(home: Path) -> range:
    """Keys that the model's subject has."""
    step = _step(home)
    return range(0, step * DISTINCT, step)
