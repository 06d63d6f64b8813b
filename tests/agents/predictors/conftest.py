"""A small lakehouse of card payments whose home has features and a model."""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from agents.predictors.predictor import Predictor
from agents.predictors.store import ModelStore
from data.features.compile import plan_of
from data.features.platform import Features
from data.gateway import Gateway
from data.policy import Principal
from tests.agents.predictors import tiny
from tests.data.features.conftest import START, build, opened, pay, payment
from tests.data.features.views import CARDS

NOW = START + dt.timedelta(minutes=200)


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """190 payments with four cards, one a minute, their features up to NOW, and the model `risk`."""
    home = build(tmp_path_factory.mktemp("shop"))
    coin = random.Random(5)
    pay(home, [payment(coin.randrange(4), m, f"{coin.randrange(100)}.25", shop="ab"[m % 2]) for m in range(190)])
    with opened(home) as gateway:
        features = Features(home, gateway)
        features.registry.apply([plan_of(CARDS, gateway.catalog, gateway.policy.functions)])
        list(features.materialize(gateway.policy.principal("owner"), [], NOW, lambda said: None))
        features.close()
    tiny.register(home)
    return home


@pytest.fixture(scope="session")
def gateway(shop: Path) -> Iterator[Gateway]:
    with opened(shop) as gateway:
        yield gateway


@pytest.fixture(scope="session")
def features(shop: Path, gateway: Gateway) -> Iterator[Features]:
    opened = Features(shop, gateway)
    yield opened
    opened.close()


@pytest.fixture
def predictor(shop: Path, features: Features, gateway: Gateway) -> Iterator[Predictor]:
    made = Predictor(features, gateway, ModelStore(shop))
    yield made
    made.close()


@pytest.fixture
def owner(gateway: Gateway) -> Principal:
    return gateway.policy.principal("owner")
