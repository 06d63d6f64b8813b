"""Features follow what lands: batch, streaming and the plain reference agree on random streams."""

from __future__ import annotations

import datetime as dt
import json
import random
import threading
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from data.errors import DataError, Unavailable
from data.features.compile import plan_of
from data.features.follow import Follower
from data.features.online.get import Lookup
from data.features.platform import Features
from data.features.results import microseconds
from data.streams.batch import Batch, Decoded
from data.streams.decode import Decoder
from data.streams.stream import Broker, Stream
from data.streams.worker import Worker
from tests.data.features import naive
from tests.data.features.conftest import LABELS, PAYMENTS, START, build, label, opened, pay, payment
from tests.data.features.views import CARDS, prepared

Row = dict[str, Any]
CARD = range(5)


class Payments(Decoder):
    """Payments as JSON; amounts and moments are texts."""

    schema = PAYMENTS

    def decode(self, batch: Batch) -> Decoded:
        rows = [json.loads(value) for value in batch.values.to_pylist()]
        for row in rows:
            row["amount"] = Decimal(row["amount"])
            row |= {name: dt.datetime.fromisoformat(row[name]) for name in ("at", "received")}
        return Decoded(pa.Table.from_pylist(rows, PAYMENTS), [], np.arange(len(rows)))


def at(minute: float) -> dt.datetime:
    return START + dt.timedelta(minutes=minute)


def drawn(coin: random.Random, step: int) -> list[Row]:
    """Some payments of an hour: in any order, some known late, some that the view leaves out."""
    return [
        payment(
            coin.choice(CARD), step * 60 - coin.uniform(0, 80), f"{coin.randrange(5000)}.{coin.randrange(100):02}",
            shop=coin.choice("abc"), late=coin.choice((0, 0, 1, 70)), status=coin.choice(("ok", "ok", "failed")),
        )
        for _ in range(coin.randrange(1, 40))
    ]  # fmt: skip


def sent(rows: list[Row]) -> list[bytes]:
    return [json.dumps(row, default=str).encode() for row in rows]


def worker(topic: str, broker: str, home: Path) -> Worker:
    stream = Stream("payments", topic, "json", None, "pay.payments", time="at")
    return Worker(stream, Broker(broker), home, home / "lake/pay/payments", Payments(), linger=0.05)


def platform(home: Path, gateway: Any) -> Features:
    features = Features(home, gateway)
    features.registry.apply([plan_of(CARDS, gateway.catalog, gateway.policy.functions)])
    return features


def materialized(features: Features, minute: float) -> None:
    owner = features.gateway.policy.principal("owner")
    list(features.materialize(owner, [], at(minute), lambda _: None))


def online(features: Features, card: int, minute: float) -> Row:
    plan = features.registry.plan("cards")
    found = dict(Lookup(plan, features.store, plan.outputs).get({"card": card}, microseconds(at(minute))).values)
    return {name: microseconds(value) if isinstance(value, dt.datetime) else value for name, value in found.items()}


def reference(features: Features, rows: list[Row], card: int, minute: float) -> Row:
    return naive.features(features.registry.plan("cards"), prepared(rows), (card,), microseconds(at(minute)))


def training(home: Path, features: Features, minutes: range) -> pa.Table:
    asked = [{"id": n, "card": card, "at": at(minute)} for n, card in enumerate(CARD) for minute in minutes]
    label(home, pa.Table.from_pylist(asked, schema=LABELS).to_pylist())
    owner = features.gateway.policy.principal("owner")
    out = home / "set.parquet"
    features.training_set(owner, 'SELECT card, "at" FROM pay.labels ORDER BY id, "at"', "at", [], str(out))
    return pq.read_table(out)


@pytest.mark.parametrize("seed", range(4))
def test_batch_streaming_and_the_reference_agree(
    seed: int, topic: str, broker: str, produce: Callable[..., None], tmp_path: Path
) -> None:
    coin, rows = random.Random(seed), list[Row]()
    home, other = build(_made(tmp_path / "streamed")), build(_made(tmp_path / "batch"))
    with opened(home) as gateway, opened(other) as beside:
        features, batch = platform(home, gateway), platform(other, beside)
        materialized(features, -100)
        clock = [0]
        follower = Follower(
            features, gateway.policy.principal("owner"), {"pay.payments": home / "lake/pay/payments"},
            now=lambda: at(clock[0]), every=0.01,
        )  # fmt: skip
        follower.start()
        for step in range(1, 4):
            clock[0] = step * 60
            rows += (fresh := drawn(coin, step))
            produce(topic, sent(fresh))
            worker(topic, broker, home).run(threading.Event(), once=True)
        follower.close(finish=True)
        pay(other, rows)
        materialized(batch, 180)
        for card in CARD:
            for minute in (180, 181, 203.7, 260, 500):
                expected = reference(features, rows, card, minute)
                assert online(features, card, minute) == expected
                assert online(batch, card, minute) == expected
        assert follower.failures == 0
        assert training(home, features, range(-60, 240, 30)).equals(training(other, batch, range(-60, 240, 30)))
        features.close()
        batch.close()


def test_a_view_is_current_while_the_stream_runs(
    topic: str, broker: str, produce: Callable[..., None], tmp_path: Path
) -> None:
    home, stop = build(_made(tmp_path / "home")), threading.Event()
    with opened(home) as gateway:
        features = platform(home, gateway)
        tables = {"pay.payments": home / "lake/pay/payments"}
        follower = Follower(features, gateway.policy.principal("owner"), tables, now=lambda: at(10), every=0.01)
        landing = threading.Thread(target=worker(topic, broker, home).run, args=(stop,))
        landing.start()
        follower.start()
        try:
            produce(topic, sent([payment(1, 1)]))
            follower.update()
            assert follower.updates == 0, "nobody has materialised the view"
            materialized(features, 10)
            produce(topic, sent([payment(1, 2)]))
            for _ in range(600):
                if online(features, 1, 10)["payments_1h"] == 2:
                    break
                stop.wait(0.05)
            assert online(features, 1, 10)["payments_1h"] == 2
        finally:
            stop.set()
            landing.join()
            follower.close(finish=False)
            features.close()


def test_a_failure_never_reaches_the_stream(
    topic: str, broker: str, produce: Callable[..., None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, said = build(_made(tmp_path / "home")), list[str]()
    with opened(home) as gateway:
        features = platform(home, gateway)
        materialized(features, 0)
        tables = {"pay.payments": home / "lake/pay/payments"}
        follower = Follower(features, gateway.policy.principal("owner"), tables, said.append, lambda: at(10), 0.01)
        with monkeypatch.context() as patch:
            patch.setattr(features, "materialize", _failing)
            follower.start()
            produce(topic, sent([payment(1, 1)]))
            totals = worker(topic, broker, home).run(threading.Event(), once=True)
            assert not follower.update()
            follower.close(finish=False)
        assert totals.rows == 1
        assert "cards: its features are not brought up to date: The disk is full." in said[0]
        assert follower.update()
        assert online(features, 1, 10)["payments_1h"] == 1
        features.close()


def _failing(*_: Any, **__: Any) -> DataError:
    raise Unavailable("The disk is full.", "Free it.")


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder
