"""What publishing reads of streams.yaml."""

from __future__ import annotations

from pathlib import Path

import pytest

from data.errors import Invalid, NotFound
from data.streams import address

TEXT = """\
version: 1
broker:
  servers: ${LAKEWRIGHT_BROKERS:-127.0.0.1:9092}
  options: {security.protocol: SASL_SSL, sasl.password: "${file:secret}", linger.ms: 7}
streams:
  - {name: orders, topic: shop.orders, format: json, target: lake.orders, mode: upsert, key: [shop, id], anything: 1}
  - {name: visits, topic: shop.visits, key: id}
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    secret = tmp_path / "secret"
    secret.write_text("pa$$word\n")
    (tmp_path / "streams.yaml").write_text(TEXT.replace("file:secret", f"file:{secret}"))
    return tmp_path


def test_the_broker_has_its_options(home: Path) -> None:
    found = address.broker(home)
    assert found.servers == "127.0.0.1:9092"
    assert found.options == {"security.protocol": "SASL_SSL", "sasl.password": "pa$$word", "linger.ms": "7"}
    assert "pa$$word" not in repr(found)


def test_the_environment_or_an_option_says_where_it_is(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAKEWRIGHT_BROKERS", "kafka:1")
    assert address.broker(home).servers == "kafka:1"
    assert address.broker(home, "other:2").servers == "other:2"


def test_a_home_without_a_declaration_has_the_usual_broker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert address.broker(tmp_path).servers == "127.0.0.1:9092"
    monkeypatch.setenv("LAKEWRIGHT_BROKERS", "kafka:1")
    assert address.broker(tmp_path).servers == "kafka:1"


def test_a_missing_variable_is_told(tmp_path: Path) -> None:
    (tmp_path / "streams.yaml").write_text("broker: {servers: '${LAKEWRIGHT_NOWHERE}'}")
    with pytest.raises(Invalid, match=r"streams\.yaml: .*'LAKEWRIGHT_NOWHERE'.* is not set"):
        address.broker(tmp_path)


def test_a_stream_has_its_topic_and_key(home: Path) -> None:
    orders = address.stream(home, "orders")
    assert (orders.topic, orders.key, orders.mode, orders.format) == ("shop.orders", ("shop", "id"), "upsert", "json")
    assert address.stream(home, "visits").key == ("id",)


def test_an_unknown_stream_is_told_with_those_like_it(home: Path) -> None:
    with pytest.raises(NotFound, match="no stream 'order'") as told:
        address.stream(home, "order")
    assert "'orders'" in told.value.remedy
