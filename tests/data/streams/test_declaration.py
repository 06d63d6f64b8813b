"""How streams are written down, and what is said of a mistake."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest

from data.catalog import Catalog
from data.errors import Invalid, NotFound
from data.streams.declaration import load_broker, load_streams

MANUAL = (Path(__file__).parents[3] / "docs/streams.md").read_text(encoding="utf-8")
CATALOG = """\
version: 1
sources:
  - name: square
    kind: delta
    location: lake
    tables:
      - name: payments
        columns:
          - {name: id, type: BIGINT}
          - {name: created_at, type: TIMESTAMP}
  - name: tidal
    kind: sqlite
    location: tidal.sqlite
    tables:
      - name: plays
        columns: [{name: id, type: BIGINT}]
"""
TEXT = """\
version: 1
broker: {servers: "${LAKEWRIGHT_BROKERS:-127.0.0.1:9092}"}
streams:
  - name: payments
    topic: square.payments
    schema: payment.json
    target: square.payments
    time: created_at
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / "catalog.yaml").write_text(CATALOG)
    (tmp_path / "payment.json").write_text("{}")
    return tmp_path


def load(home: Path, text: str) -> object:
    (home / "streams.yaml").write_text(text)
    return load_streams(home / "streams.yaml", Catalog.load(home / "catalog.yaml"))


def test_the_manuals_example(home: Path) -> None:
    (example,) = re.findall(r"```yaml\n(.*?)```", MANUAL, re.DOTALL)
    secret = home / "kafka"
    secret.write_text("pa$$word\n")
    (home / "schemas").mkdir()
    (home / "schemas" / "payment.json").write_text("{}")
    (home / "streams.yaml").write_text(example.replace("/run/secrets/kafka", str(secret)))
    found = load_streams(home / "streams.yaml", Catalog.load(home / "catalog.yaml"))
    stream = found.named("payments")
    assert (stream.watermark, stream.upkeep.keep) == (timedelta(minutes=1), timedelta(days=7))
    assert found.broker.options["sasl.password"] == "pa$$word"
    assert "pa$$word" not in repr(found)


def test_the_environment_or_an_option_says_where_the_broker_is(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LAKEWRIGHT_BROKERS", raising=False)
    missing = home / "none.yaml"
    assert load_broker(missing).servers == "127.0.0.1:9092"
    assert load_broker(missing, "other:2").servers == "other:2"
    monkeypatch.setenv("LAKEWRIGHT_BROKERS", "kafka:1")
    assert load_broker(missing).servers == "kafka:1"


def test_an_unknown_stream_is_told_with_those_there_are(home: Path) -> None:
    (home / "streams.yaml").write_text(TEXT)
    with pytest.raises(NotFound, match="no stream 'plays'") as told:
        load_streams(home / "streams.yaml", Catalog.load(home / "catalog.yaml")).named("plays")
    assert "payments" in told.value.remedy


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("time: created_at", "time: made_at"), "8: 'made_at' is not a column of 'square.payments'"),
        (("target: square.payments", "target: square.payment"), "7: there is no table 'square.payment'"),
        (("target: square.payments", "target: tidal.plays"), "7: 'tidal.plays' is in a source of kind 'sqlite'"),
        (("schema: payment.json", "schema: none.json"), "6: there is no file 'none.json'"),
        (("    schema: payment.json\n", ""), "4: 'schema' is missing"),
        (("topic: square.payments", "topic: 'a b'"), "5: .*topic is 'a b'"),
        (("time: created_at", "mode: upsert"), "4: mode 'upsert' needs a 'key'"),
        (("time: created_at", "watermark: 1 minute"), "8: a watermark needs 'time'"),
        (("time: created_at", "ahead: soon"), "8: .*'soon': not a period"),
        (("time: created_at", "ahead: 999999999999 days"), "8: .*longer than anybody will wait"),
        (("time: created_at", "color: red"), "8: there is no setting 'color' here"),
        (("}\nstreams", ", options: {group.id: x}}\nstreams"), "2: 'group.id' is set by Lakewright"),
        (("}\nstreams", ", options: {sasl.password: x}}\nstreams"), "2: a secret stands in the file"),
        (("${LAKEWRIGHT_BROKERS:-127.0.0.1:9092}", "${LAKEWRIGHT_NOWHERE}"), "2: .*'LAKEWRIGHT_NOWHERE'.* is not set"),
    ],
)
def test_a_mistake_is_told_with_its_line(home: Path, change: tuple[str, str], said: str) -> None:
    assert change[0] in TEXT
    with pytest.raises(Invalid, match=rf"streams\.yaml:{said}"):
        load(home, TEXT.replace(*change))
