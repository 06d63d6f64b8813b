"""The demo's payments with features and a small model over them."""

from __future__ import annotations

import shutil
from pathlib import Path

from agents.predictors.artifact import Column, Spec
from app.cli import build as cli
from app.cli.command import run
from tests.agents.predictors import tiny

UNTIL = "2025-12-31T23:59:59"
RISK = Spec(
    name="risk",
    task="classify",
    subject="SELECT payment_id, card_id, created_at, amount, method FROM square.payments WHERE card_id IS NOT NULL",
    key=("payment_id",),
    time="created_at",
    features=("card_payments.spent_1d", "card_payments.payments_30d"),
    columns=(
        Column("amount"),
        Column("card_payments__spent_1d"),
        Column("card_payments__payments_30d"),
        Column("method", "category", ("chip", "tap", "swipe", "online")),
    ),
    threshold=0.5,
    description="The probability that a payment will be charged back as fraud.",
)


def copied(demo_home: Path, home: Path) -> Path:
    """A copy of the demo's Delta and SQLite stores with its features of cards, and the model `risk`."""
    home.mkdir(mode=0o700)
    for name in ("catalog.yaml", "policy.yaml", "tidal.sqlite"):
        shutil.copyfile(demo_home / name, home / name)
    for name in ("lake/square", "lake/tbd", "features"):
        shutil.copytree(demo_home / name, home / name)
    for command in (["apply"], ["materialize", "card_payments", "--until", UNTIL]):
        assert run(cli(), ["features", *command, "--home", str(home)]) == 0
    tiny.register(home, RISK)
    return home
