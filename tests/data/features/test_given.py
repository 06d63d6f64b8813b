"""Features of rows at hand: those of past moments are a training set's, those of now the same from the online store."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from data.errors import Forbidden, Invalid, NotFound
from data.features import training
from data.features.choice import choose
from data.features.compile import plan_of
from data.features.platform import Features
from data.gateway import Gateway
from tests.data.features.conftest import START, label, pay, payment, play
from tests.data.features.views import CARDS, PLAYS

NOW = START + dt.timedelta(minutes=200)


@pytest.fixture
def features(home: Path, gateway: Gateway) -> Iterator[Features]:
    """Two views over some payments and plays, brought up to NOW."""
    coin = random.Random(5)
    pay(
        home,
        [payment(coin.randrange(4), minute, f"{coin.randrange(900)}.10", late=minute % 3) for minute in range(190)],
    )
    play(home, [(name, 30, minute) for minute in range(100, 190, 7) for name in ("ann", "bob")])
    opened = Features(home, gateway)
    plans = [plan_of(view, gateway.catalog, gateway.policy.functions) for view in (CARDS, PLAYS)]
    opened.registry.apply(plans)
    assert len(list(opened.materialize(gateway.policy.principal("owner"), [], NOW, lambda said: None))) == 2
    yield opened
    opened.close()


def rows(*cards: int | None, at: dt.datetime = NOW) -> pa.Table:
    names = pa.array(["ann"] * len(cards))
    return pa.table({"card": pa.array(cards, pa.int64()), "listener": names, "at": [at] * len(cards)})


def trained(features: Features, table: pa.Table, names: list[str]) -> list[dict[str, Any]]:
    """The same rows as labels of a training set."""
    fields = [{"id": i, "card": c, "shop": "a", "at": at, "fraud": 0} for i, (c, at) in enumerate(_labels(table))]
    label(features.home, fields)
    gateway, owner = features.gateway, features.gateway.policy.principal("owner")
    chosen = choose(features.registry.plans(), names, gateway, owner, features.home)
    found: list[pa.Table] = []
    labels = "SELECT id, card, 'ann' AS listener, at FROM pay.labels ORDER BY id"
    training.training_set(
        features.home, gateway, owner, chosen, labels, "at", lambda m: found.append(pa.Table.from_batches(m.batches))
    )
    return found[0].drop_columns(["id"]).to_pylist()


def _labels(table: pa.Table) -> list[tuple[Any, Any]]:
    return list(zip(table["card"].to_pylist(), table["at"].to_pylist(), strict=True))


@pytest.mark.parametrize("names", [["cards", "listeners"], ["cards.spent_1h", "listeners.plays_1h", "cards.shop_1h"]])
def test_past_and_present_are_what_a_training_set_has(features: Features, names: list[str]) -> None:
    owner = features.gateway.policy.principal("owner")
    asked = rows(0, 1, 2, 3, None, 99)
    expected = trained(features, asked, names)
    past, of = features.at(owner, asked, "at", names)
    present, online = features.now(owner, asked, names, NOW)
    assert past.schema.equals(present.schema)
    assert past.to_pylist() == expected
    assert present.to_pylist() == expected
    assert any(row["cards__spent_1h"] for row in expected)
    assert [(one.view, one.history, one.online) for one in of] == [("cards", 0, None), ("listeners", 0, None)]
    reasons = ("", "", "", "", "unknown entity", "unknown entity")
    assert [(one.history, one.online, one.absent) for one in online] == [(0, 0, reasons), (0, 0, ("",) * 6)]
    assert online[0].of(5).absent == ("unknown entity",)
    assert all(one.refreshed is not None for one in (*of, *online))


def test_rows_of_the_past_know_nothing_of_what_came_later(features: Features) -> None:
    owner = features.gateway.policy.principal("owner")
    early = START + dt.timedelta(minutes=30)
    found, _ = features.at(owner, rows(0, 1, at=early), "at", ["cards.newest_1h"])
    moments = found["cards__newest_1h"].to_pylist()
    assert all(moment is not None and moment <= early for moment in moments)
    with pytest.raises(Invalid, match=r"from .* on"):
        features.now(owner, rows(0), ["cards"], early)


def test_who_may_not_see_a_feature_gets_none(features: Features) -> None:
    for who, names, error in (
        ("nobody", ["cards"], NotFound),
        ("filtered", ["cards"], NotFound),
        ("masked", ["cards.spent_1h"], Forbidden),
        ("narrow", ["cards.shops_1h"], Forbidden),
    ):
        principal = features.gateway.policy.principal(who)
        with pytest.raises(error):
            features.at(principal, rows(0), "at", names)
        with pytest.raises(error):
            features.now(principal, rows(0), names, NOW)


def test_rows_without_the_keys_are_refused(features: Features) -> None:
    owner = features.gateway.policy.principal("owner")
    with pytest.raises(Invalid, match="no column 'card'"):
        features.now(owner, rows(0).drop_columns(["card"]), ["cards"], NOW)
    with pytest.raises(Invalid, match="no column 'card'"):
        features.at(owner, rows(0).drop_columns(["card"]), "at", ["cards"])
    with pytest.raises(Invalid, match=r"key of the rows .* 'x'"):
        features.at(owner, pa.table({"card": ["x"], "at": [NOW]}), "at", ["cards"])
    with pytest.raises(Invalid, match="'card' is BIGINT, not 'x'"):
        features.now(owner, pa.table({"card": ["x"]}), ["cards"], NOW)


def test_each_use_is_in_the_audit_trail(features: Features) -> None:
    owner = features.gateway.policy.principal("owner")
    features.now(owner, rows(0, 1), ["cards.spent_1h"], NOW)
    record = features.gateway.audit.tail(1)[0]
    assert (record.asked, record.rows) == ("features of cards", 2)
    assert "pay.payments.amount" in record.lineage["cards__spent_1h"]
