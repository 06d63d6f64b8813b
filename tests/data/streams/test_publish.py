"""Files into topics: every event once and in order, one key in one partition, and clear words for what can't go."""

from __future__ import annotations

import datetime as dt
import io
import json
from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from data.errors import Invalid, NotFound, Unavailable
from data.streams import events
from data.streams.brokers import local_broker
from data.streams.events import Event, of_file, of_lines
from data.streams.outlet import Outlet, key_of
from data.streams.publish import Way, publish
from data.streams.stream import Broker, Stream

Consume = Callable[[str], list[Any]]


@pytest.fixture
def outlet(broker: str) -> Iterator[Outlet]:
    with Outlet(Broker(broker)) as opened:
        yield opened


def lines(text: bytes) -> Iterator[Event]:
    return of_lines(io.BytesIO(text), "-")


def values(found: list[Any]) -> list[Any]:
    return [json.loads(message.value()) for message in found]


def test_a_key_stays_in_one_partition_and_in_order(outlet: Outlet, topic: str, consume: Consume) -> None:
    rows = [{"user": number % 20, "n": number} for number in range(2000)]
    text = "\n".join(json.dumps(row) for row in rows).encode()
    told = publish(lines(text), "-", outlet, Way(topic, ["user"]))
    found = consume(topic)
    assert told["events"] == 2000
    assert told["bytes"] == sum(len(message.value()) for message in found)
    places: dict[int, set[int]] = {}
    for message in found:
        places.setdefault(json.loads(message.value())["user"], set()).add(message.partition())
    assert [len(partitions) for partitions in places.values()] == [1] * 20
    assert len({message.partition() for message in found}) == 3
    by_key = sorted(values(found), key=lambda row: row["user"])
    assert by_key == sorted(rows, key=lambda row: row["user"])


def test_the_bytes_are_those_of_the_line(outlet: Outlet, topic: str, consume: Consume) -> None:
    publish(lines(b'\xef\xbb\xbf{"b": 1.50, "a":"\xc3\xa9"} \r\n\n  \n{"c":null}'), "-", outlet, Way(topic))
    assert sorted(m.value() for m in consume(topic)) == [b'{"b": 1.50, "a":"\xc3\xa9"}', b'{"c":null}']


@pytest.mark.parametrize("wrong", [b"{", b"[1]", b"7", b"\xff\xfe", b'{"a": NaN}', b'{"user": 1} {"user": 2}'])
def test_it_stops_at_a_line_that_is_no_object(outlet: Outlet, topic: str, consume: Consume, wrong: bytes) -> None:
    text = b'{"user": 1}\n\n' + wrong + b'\n{"user": 2}\n'
    with pytest.raises(Invalid, match=r"orders\.json:3 is not a JSON object: ") as stopped:
        publish(lines(text), "orders.json", outlet, Way(topic, ["user"]))
    assert "--raw" in stopped.value.remedy
    assert "Sent before it: 1" in stopped.value.remedy
    assert values(consume(topic)) == [{"user": 1}]


def test_it_stops_where_the_key_is_missing(outlet: Outlet, topic: str) -> None:
    with pytest.raises(Invalid, match="-:2 lacks a column of its key: user"):
        publish(lines(b'{"user": 1}\n{"usr": 1}\n'), "-", outlet, Way(topic, ["user"]))


def test_raw_sends_whatever_it_is(outlet: Outlet, topic: str, consume: Consume) -> None:
    text = b'{"user": 1}\n{\n\xff\xfe\n{"usr": 1}\n'
    assert publish(lines(text), "-", outlet, Way(topic, ["user"], raw=True))["events"] == 4
    sent = {message.value(): message.key() for message in consume(topic)}
    assert sent == {b'{"user": 1}': b'{"user":1}', b"{": None, b"\xff\xfe": None, b'{"usr": 1}': None}


@pytest.mark.parametrize(
    "event",
    [
        {"op": "c", "before": None, "after": {"id": 7, "x": 1}},
        {"op": "d", "before": {"id": 7}, "after": None},
        {"schema": {}, "payload": {"op": "u", "before": {"id": 8}, "after": {"id": 7}}},
    ],
)
def test_the_key_of_a_change_is_its_rows(outlet: Outlet, topic: str, consume: Consume, event: Any) -> None:
    stream = Stream("s", topic, "json", None, "lake.t", mode="cdc", key=("id",))
    publish(lines(json.dumps(event).encode()), "-", outlet, Way.into(stream))
    assert [message.key() for message in consume(topic)] == [b'{"id":7}']


@pytest.mark.parametrize("event", [b'{"op":"t"}', b'{"payload":3}', b'{"after":[1]}', b'{"before":{}}'])
def test_an_envelope_without_a_row_has_no_key(outlet: Outlet, topic: str, event: bytes) -> None:
    with pytest.raises(Invalid, match="lacks a column of its key: id"):
        publish(lines(event), "-", outlet, Way(topic, ["id"], envelope=True))


def test_a_stream_of_another_format_is_refused() -> None:
    stream = Stream("swaps", "t", "avro", None, "lake.t")
    with pytest.raises(Invalid, match="The stream 'swaps' reads avro"):
        Way.into(stream)


def test_a_line_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "LONGEST", 10)
    assert [event.value for event in lines(b'{"a": 123}')] == [b'{"a": 123}']
    with pytest.raises(Invalid, match="-:2: the line is longer than 10 bytes"):
        list(lines(b'{"a": 1}\n{"a": 1234567890}'))


def test_parquet_rows_become_json(outlet: Outlet, topic: str, consume: Consume, tmp_path: Path) -> None:
    moment = dt.datetime(2026, 1, 2, 3, 4, 5, 600000)
    rows = pa.table(
        {
            "id": [1, 2],
            "amount": pa.array([Decimal("12.30"), None], pa.decimal128(12, 2)),
            "at": pa.array([moment, None], pa.timestamp("us")),
            "day": [moment.date(), None],
            "ratio": [0.5, float("nan")],
            "tags": [["a"], []],
        }
    )
    pq.write_table(rows, tmp_path / "rows.parquet")
    publish(of_file(tmp_path / "rows.parquet"), "rows.parquet", outlet, Way(topic, ["id"]))
    assert sorted(values(consume(topic)), key=lambda row: row["id"]) == [
        {
            "id": 1,
            "amount": 12.3,
            "at": "2026-01-02T03:04:05.600000+00:00",
            "day": "2026-01-02",
            "ratio": 0.5,
            "tags": ["a"],
        },
        {"id": 2, "amount": None, "at": None, "day": None, "ratio": None, "tags": []},
    ]


def test_csv_rows_become_json(tmp_path: Path) -> None:
    (tmp_path / "rows.csv").write_text("id,name,price,on\n1,Ann,2.5,true\n2,,3,false\n")
    assert [event.said for event in of_file(tmp_path / "rows.csv")] == [
        {"id": 1, "name": "Ann", "price": 2.5, "on": True},
        {"id": 2, "name": "", "price": 3.0, "on": False},
    ]


@pytest.mark.parametrize("name", ["rows.parquet", "rows.csv"])
def test_a_file_of_another_kind_is_told(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"a,b\n1\n2,3,4\n")
    with pytest.raises(Invalid, match=f"{name}' can't be read"):
        list(of_file(tmp_path / name))


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match=r"no file .*rows\.json"):
        list(of_file(tmp_path / "rows.json"))


def test_a_topic_is_made_once(outlet: Outlet, consume: Consume) -> None:
    assert outlet.require("test.made-once", 4)
    assert not outlet.require("test.made-once", 9)
    topics = outlet._topics()
    assert len(topics["test.made-once"].partitions) == 4


@pytest.mark.parametrize("name", ["", ".", "..", "a b", "a/b", "ü", "x" * 250])
def test_a_name_that_no_topic_has_is_refused(outlet: Outlet, name: str) -> None:
    with pytest.raises(Invalid, match="can't be a topic's name"):
        outlet.require(name, 1)


def test_an_event_that_is_too_large_is_told(outlet: Outlet, topic: str) -> None:
    text = b'{"a": 1}\n{"a": "' + b"x" * 1_100_000 + b'"}'
    with pytest.raises(Invalid, match=r"big\.json:2: An event of 1,100,009 bytes is too large"):
        publish(lines(text), "big.json", outlet, Way(topic))


def test_the_queue_being_full_only_slows_it_down(broker: str, topic: str, consume: Consume) -> None:
    with Outlet(Broker(broker, {"queue.buffering.max.messages": "10"})) as outlet:
        for number in range(500):
            outlet.send(topic, b"%d" % number)
    assert outlet.delivered == 500
    assert sorted(int(message.value()) for message in consume(topic)) == list(range(500))


def test_a_broker_that_does_not_answer_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("data.streams.outlet.PATIENCE", 0.2)
    with (
        Outlet(Broker("127.0.0.1:1")) as outlet,
        pytest.raises(Unavailable, match=r"127\.0\.0\.1:1. does not answer") as told,
    ):
        outlet.require("t", 1)
    assert "lakewright stream broker" in told.value.remedy


def test_it_counts_what_did_not_arrive() -> None:
    def some(stop: Callable[[], None]) -> Iterator[Event]:
        yield from (Event(b"{}", {}, 1), Event(b"{}", {}, 2))
        while not outlet.delivered:
            outlet.poll(0.01)
        stop()
        yield Event(b"{}", {}, 3)

    options = {"message.timeout.ms": "300"}
    with local_broker() as started, Outlet(Broker(started.address, options)) as outlet:
        outlet.require("t", 1)
        with pytest.raises(Unavailable, match=r"1 events did not arrive at '.*'.*; 2 did") as told:
            publish(some(lambda: started.process.kill()), "-", outlet, Way("t"))
    assert told.value.facts == {"delivered": 2, "failed": 1}


@pytest.mark.parametrize("options", [{"sasl.pasword": "secret"}, {"linger.ms": "secret"}])
def test_wrong_options_are_told_without_their_values(options: dict[str, str]) -> None:
    with pytest.raises(Invalid, match="options are refused") as told:
        Outlet(Broker("127.0.0.1:1", options))
    assert "secret" not in str(told.value)


def test_no_option_takes_away_that_events_arrive_once(broker: str) -> None:
    options = Outlet(Broker(broker, {"acks": "0", "enable.idempotence": "false", "linger.ms": "1"}))._options
    assert (options["acks"], options["enable.idempotence"], options["linger.ms"]) == ("all", True, "1")


def test_a_key_says_its_columns_in_the_declared_order() -> None:
    assert key_of({"b": 2, "a": "x", "c": None}, ["a", "b"]) == b'{"a":"x","b":2}'
    assert key_of({"a": 1}, []) is None


def test_progress_is_told(outlet: Outlet, topic: str, monkeypatch: pytest.MonkeyPatch) -> None:
    moments = iter(range(0, 1000, 3))
    monkeypatch.setattr("data.streams.publish.time", SimpleNamespace(monotonic=lambda: next(moments)))
    told: list[str] = []
    publish((Event(b"{}", {}, 1) for _ in range(2500)), "-", outlet, Way(topic), told.append)
    assert told == ["0 events, 0 a second", "1,000 events, 167 a second", "2,000 events, 222 a second"]
