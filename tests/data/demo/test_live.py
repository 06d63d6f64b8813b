"""The live demo: its events fit the tables, come at their pace, and go into a home that stays as people left it."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import jsonschema_rs
import numpy as np
import orjson
import pytest
import yaml
from deltalake import DeltaTable, write_deltalake

from data import demo, onboard
from data.catalog import Catalog
from data.demo import cast, live_home
from data.demo.businesses import BUSINESSES, shares
from data.demo.live import Play
from data.demo.numbers import Numbers
from data.demo.pace import Pace
from data.demo.rhythm import bustle
from data.demo.sampling import stream
from data.demo.schema import CATALOG, POLICY
from data.demo.spoiled import WAYS
from data.demo.world import World
from data.errors import Forbidden, Invalid, NotFound
from data.federation import open_gateway
from data.gateway import Gateway
from data.sources.postgres import stop_managed
from data.streams.brokers import QUIET, local_broker
from data.streams.outlet import Outlet
from data.streams.stream import Broker

DECLARED = yaml.safe_load((live_home.HERE / live_home.STREAMS).read_text())
SCHEMAS = {
    declared["name"]: json.loads((live_home.HERE / declared["schema"]).read_text()) for declared in DECLARED["streams"]
}
FITS = {name: jsonschema_rs.validator_for(schema, validate_formats=True) for name, schema in SCHEMAS.items()}


def build(home: Path) -> None:
    demo.build(home, scale=0.001, seed=7, progress=lambda _: None)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A demo home that is prepared for its live events."""
    made = tmp_path_factory.mktemp("live") / "home"
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("LAKEWRIGHT_CASH_URL", raising=False)
        build(made)
        live_home.prepare(made)
    return made


@pytest.fixture(scope="module")
def gateway(home: Path) -> Iterator[Gateway]:
    opened = open_gateway(home, catalog=home / "catalog.yaml", policy=home / "policy.yaml")
    yield opened
    opened.close()
    stop_managed(home / "postgres")


@pytest.fixture(scope="module")
def world(gateway: Gateway) -> World:
    return cast.read(gateway, gateway.policy.principal("owner"), 7)


@pytest.fixture(scope="module")
def broker() -> Iterator[str]:
    with local_broker() as started:
        yield started.address


@pytest.fixture
def fresh(tmp_path: Path) -> Path:
    """A home with the demo's catalogue and policy, and nothing else."""
    made = tmp_path / "bare"
    made.mkdir()
    for shipped in (CATALOG, POLICY):
        (made / shipped.name).write_bytes(shipped.read_bytes())
    hashes = {shipped.name: live_home.receipt.digest(shipped) for shipped in (CATALOG, POLICY)}
    live_home.receipt.write(made, hashes)
    return made


def play(world: World, home: Path, outlet: Outlet, **settings: Any) -> Play:
    return Play(world, Numbers(home, {business.stream: 1000 for business in BUSINESSES}), outlet, **settings)


def count(gateway: Gateway, principal: str, table: str) -> int:
    rows = gateway.query(gateway.policy.principal(principal), f"SELECT count(*) AS n FROM {table}").table
    return int(rows.column("n")[0].as_py())


def messages(broker: str, topic: str, wanted: int) -> list[Any]:
    """So many messages of the topic, whatever their partition."""
    from confluent_kafka import Consumer, TopicPartition

    consumer = Consumer({"bootstrap.servers": broker, "group.id": "test", "enable.auto.commit": False, **QUIET})
    partitions = consumer.list_topics(topic, timeout=10).topics[topic].partitions
    consumer.assign([TopicPartition(topic, partition, 0) for partition in partitions])
    found: list[Any] = []
    while len(found) < wanted:
        message = consumer.poll(20)
        assert message is not None, f"{topic} has {len(found)} messages instead of {wanted}"
        assert message.error() is None
        found.append(message)
    consumer.close()
    return found


@pytest.mark.parametrize("declared", DECLARED["streams"], ids=lambda declared: str(declared["name"]))
def test_a_schema_says_the_types_of_its_table(home: Path, declared: dict[str, Any]) -> None:
    table = Catalog.load(home / "catalog.yaml").table(declared["target"])
    schema = SCHEMAS[declared["name"]]
    json_types = {"BIGINT": "integer", "VARCHAR": "string", "TIMESTAMP": "string"}
    assert list(schema["properties"]) == [column.name for column in table.columns]
    for column in table.columns:
        said = schema["properties"][column.name]
        kinds = said["type"] if isinstance(said["type"], list) else [said["type"]]
        assert kinds[0] == json_types.get(column.type, "number")
        decimal = str(said.get("x-arrow", column.type)).upper().replace(" ", "")
        assert decimal == column.type
        assert ("null" in kinds) == (column.name not in schema["required"])
    assert declared["time"] == table.time


def test_the_tables_are_delta_as_their_schemas_say(home: Path) -> None:
    for name in ("square/payments", "live/transfer_events", "live/play_events", "live/swap_events"):
        table = DeltaTable(home / "lake" / name)
        types = {field.name: str(field.type.type) for field in table.schema().fields}
        assert {kind for column, kind in types.items() if column.endswith("_at")} == {"timestamp_ntz"}
    payments = {field.name: str(field.type.type) for field in DeltaTable(home / "lake/square/payments").schema().fields}
    assert (payments["payment_id"], payments["amount"], payments["local_amount"]) == (
        "long",
        "decimal(12,2)",
        "decimal(14,2)",
    )


@pytest.mark.parametrize("hour", [3.5, 12.0, 20.0])
def test_events_fit_their_schemas_and_point_at_rows_of_the_home(
    world: World, home: Path, hour: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    class At(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> datetime:
            return datetime(2026, 3, 4, int(hour), int(hour % 1 * 60), tzinfo=tz)

    monkeypatch.setattr("data.demo.live.datetime", At)
    now = datetime(2026, 3, 4, int(hour), tzinfo=UTC)
    makes = play(world, home, Outlet(Broker("127.0.0.1:1")), rate=1000)
    seen: dict[str, int] = {}
    for happening in islice(makes.happenings(stream(7, "test")), 2000):
        row = json.loads(orjson.dumps(happening.at(now), option=orjson.OPT_UTC_Z))
        FITS[happening.business.stream].validate(row)
        seen[happening.business.stream] = seen.get(happening.business.stream, 0) + 1
        moment = datetime.fromisoformat(row[happening.business.times[0]])
        assert timedelta(0) < now - moment < timedelta(seconds=0.5)
        match happening.business.stream:
            case "payments":
                assert row["merchant_id"] in world.tables["square.merchants"]["merchant_id"]
                assert row["card_id"] is None or row["card_id"] in world.tables["cash.cards"]["card_id"]
            case "transfers":
                assert row["sender_id"] != row["receiver_id"]
                assert {row["sender_id"], row["receiver_id"]} <= set(world.tables["cash.users"]["user_id"].tolist())
            case "plays":
                songs = world.tables["tidal.tracks"]
                at = int(np.flatnonzero(songs["track_id"] == row["track_id"])[0])
                assert row["artist_id"] == songs["artist_id"][at]
                assert row["seconds_played"] <= songs["duration_seconds"][at]
            case "swaps":
                assert row["from_coin"] != row["to_coin"]
                assert row["wallet_id"] in world.tables["tbd.wallets"]["wallet_id"]
    assert set(seen) == set(FITS)


def test_the_same_seed_tells_the_same_story(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Noon(datetime):
        @classmethod
        def now(cls, tz: Any = None) -> datetime:
            return datetime(2026, 3, 4, 12, tzinfo=tz)

    monkeypatch.setattr("data.demo.live.datetime", Noon)

    def story(name: str, seed: int) -> list[tuple[str, Any, float]]:
        (tmp_path / name).mkdir()
        makes = play(world, tmp_path / name, Outlet(Broker("127.0.0.1:1")), rate=100)
        return [(h.business.stream, h.row, h.delay) for h in islice(makes.happenings(stream(seed, "live")), 300)]

    assert story("one", 7) == story("two", 7)
    assert story("three", 8) != story("four", 7)


@pytest.mark.parametrize("business", BUSINESSES, ids=lambda business: business.stream)
def test_each_way_of_being_wrong_is_wrong(world: World, home: Path, business: Any) -> None:
    makes = play(world, home, Outlet(Broker("127.0.0.1:1")), rate=1000)
    found = next(h for h in makes.happenings(stream(7, "test")) if h.business == business)
    row = found.at(datetime.now(UTC))
    assert len(WAYS) == 12
    for way, spoil in WAYS.items():
        value = spoil(row)
        try:
            said = orjson.loads(value)
        except orjson.JSONDecodeError:
            assert way in ("empty", "cut short", "no JSON", "wrong encoding")
            continue
        if way == "a far future":
            assert FITS[business.stream].is_valid(said)
            assert datetime.fromisoformat(said[business.times[0]]) > datetime.now(UTC) + timedelta(days=1)
        elif way == "too large":
            assert len(value) > next(d["max_bytes"] for d in DECLARED["streams"] if d["name"] == business.stream)
        else:
            assert not FITS[business.stream].is_valid(said), way


def test_a_run_sends_what_it_says(world: World, home: Path, broker: str) -> None:
    with Outlet(Broker(broker)) as outlet:
        for business in BUSINESSES:
            outlet.require(business.topic, 3)
        totals = play(world, home, outlet, rate=2000, bad=0.1).run(0.5, threading.Event())
    assert totals["events"] == sum(totals["topics"].values()) == 1000
    bad = totals["malformed"]
    assert set(bad) == set(WAYS)
    assert max(bad.values()) - min(bad.values()) <= 1
    assert 60 <= sum(bad.values()) <= 140
    wrong = 0
    for business in BUSINESSES:
        found = messages(broker, business.topic, totals["topics"][business.topic])
        places: dict[bytes, set[int]] = {}
        numbers = []
        for message in found:
            assert set(json.loads(message.key())) == {business.key}
            places.setdefault(message.key(), set()).add(message.partition())
            if fits(business.stream, message.value()):
                numbers.append(json.loads(message.value())[business.identifier])
        assert {len(partitions) for partitions in places.values()} == {1}
        assert len(set(numbers)) == len(numbers)
        assert min(numbers) > 1000
        wrong += len(found) - len(numbers)
    # Only the far future and the size are not the schema's to see.
    assert wrong == sum(bad.values()) - bad["a far future"] - bad["too large"]


def fits(name: str, value: bytes | None) -> bool:
    try:
        return FITS[name].is_valid(orjson.loads(value or b""))
    except orjson.JSONDecodeError:
        return False


def test_a_run_stops_when_it_is_told(world: World, home: Path, broker: str) -> None:
    stop = threading.Event()
    with Outlet(Broker(broker)) as outlet:
        running = play(world, home, outlet, rate=200)
        outlet.require("square.payments", 1)
        with ThreadPoolExecutor(1) as pool:
            totals = pool.submit(running.run, None, stop)
            while running.sent.total() < 20:
                assert not totals.done()
            stop.set()
            assert totals.result(20)["events"] == running.sent.total() >= 20


def test_the_pace_is_kept_and_never_made_up_for() -> None:
    now = [0.0]
    pace = Pace(100, lambda: now[0])
    taken = 0
    for _ in range(1024):
        now[0] += 1 / 256
        taken += pace.take(50)
    assert taken == 400
    now[0] += 60
    assert [pace.take(70), pace.take(70), pace.take(70)] == [70, 30, 0]
    assert pace.pause() == pytest.approx(0.01)
    assert Pace(0.5, lambda: 0.0).pause() == 0.1
    assert Pace(1e6, lambda: 0.0).pause() == 0.002


def test_a_slow_pace_still_sends_one_by_one() -> None:
    now = [0.0]
    pace = Pace(0.5, lambda: now[0])
    taken = []
    for _ in range(8):
        now[0] += 0.5
        taken.append(pace.take(10))
    assert taken == [0, 0, 0, 1, 0, 0, 0, 1]


def test_a_day_is_as_busy_as_its_peaks_say() -> None:
    for business in BUSINESSES:
        hours = np.arange(0, 24, 0.1)
        assert np.mean([bustle(hour, business.peaks) for hour in hours]) == pytest.approx(1, abs=0.02)
    payments, plays = shares(16.0), shares(20.5)
    assert payments[0] > plays[0]
    assert plays[2] > payments[2]
    assert payments.sum() == pytest.approx(1)


def test_no_identifier_is_given_out_twice(tmp_path: Path) -> None:
    def take(_: int) -> list[int]:
        first = Numbers(tmp_path, {"a": 41, "b": 0}).take({"a": 3, "b": 0})
        assert first["b"] == 1
        return list(range(first["a"], first["a"] + 3))

    with ThreadPoolExecutor(8) as pool:
        given = [number for block in pool.map(take, range(40)) for number in block]
    assert sorted(given) == list(range(42, 42 + 120))


@pytest.mark.parametrize("damaged", ["", "{", "[]", '{"a": "x"}', '{"a": null}'])
def test_numbers_go_on_from_the_tables_where_the_file_is_damaged(tmp_path: Path, damaged: str) -> None:
    (tmp_path / "live.json").write_text(damaged)
    assert Numbers(tmp_path, {"a": 7}).take({"a": 1}) == {"a": 8}


def test_identifiers_begin_after_the_greatest_in_the_home(gateway: Gateway) -> None:
    owner = gateway.policy.principal("owner")
    for business in BUSINESSES:
        assert cast.greatest(gateway, owner, business.identifier, business.tables) == count(
            gateway, "owner", business.tables[0]
        )


def test_the_cast_is_read_under_the_principals_rights(gateway: Gateway) -> None:
    with pytest.raises(Forbidden):
        cast.read(gateway, gateway.policy.principal("square-analyst"), 7)


def test_who_sees_the_live_tables(gateway: Gateway) -> None:
    for table in ("live.transfer_events", "live.play_events", "live.swap_events"):
        assert count(gateway, "owner", table) == 0
    assert count(gateway, "cash-analyst", "live.transfer_events") == 0
    for principal, table in (
        ("cash-analyst", "live.play_events"),
        ("support-ca", "live.swap_events"),
        ("square-analyst", "live.transfer_events"),
    ):
        with pytest.raises(Forbidden):
            count(gateway, principal, table)


def test_support_sees_the_transfers_of_its_country(home: Path, gateway: Gateway) -> None:
    columns = ", ".join(column.name for column in gateway.catalog.table("cash.transfers").columns)
    owner = gateway.policy.principal("owner")
    rows = gateway.query(owner, f"SELECT {columns} FROM cash.transfers LIMIT 500").table
    folder = home / "lake" / "live" / "transfer_events"
    moved = rows.cast(live_home.arrow_schema(gateway.catalog.table("live.transfer_events")))
    write_deltalake(folder, moved, mode="append")
    try:
        seen = "live.transfer_events WHERE sender_id IN (SELECT user_id FROM cash.users WHERE country = 'CA')"
        canadian = count(gateway, "owner", seen)
        assert 0 < canadian < 500
        assert count(gateway, "support-ca", "live.transfer_events") == canadian
        assert count(gateway, "cash-analyst", "live.transfer_events") == 500
    finally:
        DeltaTable(folder).delete()


def test_preparing_twice_changes_nothing(fresh: Path) -> None:
    assert live_home.prepare(fresh)
    before = {path: path.read_bytes() for path in fresh.rglob("*") if path.is_file()}
    assert live_home.prepare(fresh) == []
    assert {path: path.read_bytes() for path in fresh.rglob("*") if path.is_file()} == before


def test_the_catalogue_only_grows(fresh: Path) -> None:
    live_home.prepare(fresh)
    before, after = Catalog.load(CATALOG), Catalog.load(fresh / "catalog.yaml")
    assert after.sources[: len(before.sources)] == before.sources
    assert [source.name for source in after.sources] == [*(source.name for source in before.sources), "live"]
    assert after.relationships[: len(before.relationships)] == before.relationships
    assert all(table.description and table.key and table.time for table in after.source("live").tables)
    assert all(line in (fresh / "catalog.yaml").read_text().splitlines() for line in CATALOG.read_text().splitlines())


def test_what_a_person_wrote_stays(fresh: Path) -> None:
    mine = {"policy.yaml": POLICY.read_text() + "\n# mine\n", "streams.yaml": "version: 1\n"}
    for name, text in mine.items():
        (fresh / name).write_text(text)
    (fresh / "schemas").mkdir()
    (fresh / "schemas" / "play.json").write_text("{}")
    done = live_home.prepare(fresh)
    assert any("'policy.yaml' was edited and stays" in line for line in done)
    assert {name: (fresh / name).read_text() for name in mine} == mine
    assert (fresh / "schemas" / "play.json").read_text() == "{}"
    assert (fresh / "schemas" / "swap.json").exists()


def test_another_source_of_that_name_is_refused(fresh: Path) -> None:
    (fresh / "mine").mkdir()
    (fresh / "mine" / "a.csv").write_text("a\n1\n")
    onboard.add(fresh, "live", "csv", str(fresh / "mine"))
    before = (fresh / "catalog.yaml").read_text()
    with pytest.raises(Invalid, match="another source 'live'"):
        live_home.prepare(fresh)
    assert (fresh / "catalog.yaml").read_text() == before


def test_a_home_without_the_demo_is_told(tmp_path: Path) -> None:
    (tmp_path / "catalog.yaml").write_text("version: 1\nsources: []\n")
    with pytest.raises(NotFound, match="does not hold the demo"):
        live_home.prepare(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir() if path.name[0] != ".") == ["catalog.yaml"]


def test_it_comes_out_of_the_catalogue_as_any_source(fresh: Path) -> None:
    live_home.prepare(fresh)
    (fresh / "policy.yaml").write_bytes(POLICY.read_bytes())
    onboard.remove(fresh, "live")
    assert Catalog.load(fresh / "catalog.yaml") == Catalog.load(CATALOG)


def test_the_demo_can_be_built_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LAKEWRIGHT_CASH_URL", raising=False)
    build(tmp_path / "again")
    live_home.prepare(tmp_path / "again")
    build(tmp_path / "again")
    assert Catalog.load(tmp_path / "again" / "catalog.yaml") == Catalog.load(CATALOG)
    assert live_home.prepare(tmp_path / "again")
