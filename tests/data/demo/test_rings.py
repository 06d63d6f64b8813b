"""What is planted: fraud rings and merchants whose business ends."""

import duckdb
import numpy as np
import pyarrow as pa
import pytest

from data.demo import generate
from data.demo.households import Households
from data.demo.rhythm import DAY, SPAN
from data.demo.sampling import Flags
from data.demo.world import Ring, World


@pytest.fixture(scope="module")
def labels(world: World) -> dict[str, pa.Table]:
    return generate.truth(world)


def test_no_user_is_in_two_rings(world: World) -> None:
    members = np.concatenate([ring.members for ring in world.rings])
    assert len(world.rings) >= 8
    assert len(set(members.tolist())) == len(members) >= 40


def test_most_rings_are_quiet(world: World) -> None:
    assert 0 < sum(ring.loud for ring in world.rings) <= len(world.rings) / 3


def test_accomplices_send_money_in_circles(world: World) -> None:
    for ring in world.rings:
        rows = _transfers(world, ring)
        sent = list(zip(rows["sender_id"], rows["receiver_id"], strict=True))
        size = len(ring.members)
        assert len(sent) >= 4 * size
        assert len(sent) % size == 0
        assert {user for pair in sent for user in pair} == set(ring.members)
        in_and_out = [np.bincount(column, minlength=1)[ring.members].tolist() for column in zip(*sent, strict=True)]
        assert in_and_out[0] == in_and_out[1]


def test_accomplices_share_devices(world: World) -> None:
    for ring in world.rings:
        rows = _transfers(world, ring)
        senders: dict[int, set[int]] = {device: set() for device in rows["device_id"]}
        for device, sender in zip(rows["device_id"], rows["sender_id"], strict=True):
            senders[device].add(sender)
        assert max(map(len, senders.values())) > 2
        assert sum(len(users) > 1 for users in senders.values()) <= 2
        assert not ring.loud or len(senders) <= 2


def test_a_shared_device_is_no_proof(world: World) -> None:
    table = world.tables["cash.transfers"]
    fraudulent = np.concatenate([ring.members for ring in world.rings])
    sent = table["device_id"] > 0
    pairs = set(zip(table["device_id"][sent].tolist(), table["sender_id"][sent].tolist(), strict=True))
    count = np.bincount([device for device, _ in pairs])
    honest = {user for device, user in pairs if count[device] > 1} - set(fraudulent.tolist())
    assert len(honest) > 2 * len(fraudulent)


def test_people_of_a_household_live_in_one_city(world: World) -> None:
    users = world.tables["cash.users"]
    homes = Households.settled(users, np.random.default_rng(1))
    everybody = np.arange(len(users["city"]))
    mates, eldest = homes.housemates(np.random.default_rng(2), everybody), homes.eldest(everybody)
    assert (mates != everybody).mean() > 0.3
    for others in (mates, eldest):
        assert np.array_equal(users["city"][others], users["city"])
        assert np.array_equal(homes.eldest(others), eldest)
    assert np.all(eldest <= everybody)
    assert np.array_equal(mates == everybody, homes.size[homes.place] == 1)


def test_accomplices_share_a_card(world: World) -> None:
    cards = world.tables["cash.cards"]
    for ring in world.rings:
        mine = np.isin(cards["user_id"], ring.members)
        prints = list(zip(cards["network"][mine], cards["last4"][mine], cards["user_id"][mine], strict=True))
        users = {print_[:2]: {p[2] for p in prints if p[:2] == print_[:2]} for print_ in prints}
        assert max(map(len, users.values())) >= 2


def test_rings_pay_with_their_own_cards(world: World) -> None:
    payments, cards = world.tables["square.payments"], world.tables["cash.cards"]
    for ring in world.rings:
        mine = payments["_ring"] == ring.ring_id
        assert set(cards["user_id"][payments["card_id"][mine] - 1]) <= set(ring.members)
        assert np.all(payments["created_at"][mine] > cards["issued_at"][payments["card_id"][mine] - 1])


def test_loud_fraud_comes_in_bursts_at_few_merchants(world: World) -> None:
    payments = world.tables["square.payments"]
    for ring in filter(lambda one: one.loud, world.rings):
        mine = payments["_ring"] == ring.ring_id
        hours = np.unique(payments["created_at"][mine] // 3600)
        assert mine.sum() >= 28
        assert len(hours) <= 12
        assert set(payments["merchant_id"][mine]) <= set(ring.merchants)


def test_quiet_fraud_looks_like_anything_else(world: World) -> None:
    payments, shops = world.tables["square.payments"], world.tables["square.merchants"]
    quiet = np.isin(payments["_ring"], [ring.ring_id for ring in world.rings if not ring.loud])
    honest = (payments["_ring"] < 0) & (payments["card_id"] > 0)
    for name, column in {"amount": payments["amount"], "hour": payments["created_at"] % DAY}.items():
        assert 0.75 < np.median(column[quiet]) / np.median(column[honest]) < 1.33, name
    assert abs(_online(world, quiet) - _online(world, honest)) < 0.1
    for ring in filter(lambda one: not one.loud, world.rings):
        mine = payments["_ring"] == ring.ring_id
        assert len(np.unique(payments["created_at"][mine] // DAY)) >= 15
        assert len(np.unique(payments["merchant_id"][mine])) >= 5
        home = world.tables["cash.users"]["_country"][ring.members - 1]
        assert set(shops["_country"][payments["merchant_id"][mine] - 1]) == set(home)


def test_fraud_is_disputed_as_fraud(labels: dict[str, pa.Table], tables: dict[str, pa.Table]) -> None:
    truth, disputes = labels["fraud_payments"], tables["square.disputes"]
    query = """SELECT count(dispute_id) / count(*), avg((reason = 'fraud')::INT)
        FROM truth LEFT JOIN disputes USING (payment_id)"""
    with duckdb.connect() as connection:
        connection.register("truth", truth)
        connection.register("disputes", disputes)
        ((disputed, as_fraud),) = connection.execute(query).fetchall()
    assert 0.6 < disputed < 0.9
    assert as_fraud > 0.8


def test_honest_people_cry_fraud_too(labels: dict[str, pa.Table], tables: dict[str, pa.Table]) -> None:
    fraud = set(labels["fraud_payments"]["payment_id"].to_pylist())
    rows = tables["square.disputes"].to_pylist()
    assert sum(row["reason"] == "fraud" and row["payment_id"] not in fraud for row in rows) >= 5


def test_the_labels_name_every_kind_of_belonging(labels: dict[str, pa.Table]) -> None:
    kinds = set(labels["fraud_rings"]["kind"].to_pylist())
    assert kinds == {"user", "merchant", "device", "card", "transfer"}


def test_no_column_gives_the_rings_away(tables: dict[str, pa.Table]) -> None:
    names = {column for rows in tables.values() for column in rows.column_names}
    assert not [name for name in names if name.startswith("_") or "ring" in name or "churn" in name]


def test_business_wanes_and_stops(world: World) -> None:
    shops, payments = world.tables["square.merchants"], world.tables["square.payments"]
    rows = np.flatnonzero(shops["_stops"] < SPAN)
    assert 4 <= len(rows) <= len(shops["merchant_id"]) / 3
    at, shop = payments["created_at"], payments["merchant_id"] - 1
    fades, stops = shops["_fades"][shop], shops["_stops"][shop]
    waning = (at > fades) & (stops < SPAN)
    assert not np.any(at > stops)
    early = np.sum(waning & (at < (fades + stops) / 2))
    assert early > 1.8 * (np.sum(waning) - early)


def test_churn_is_labelled_but_not_always_visible(world: World, labels: dict[str, pa.Table]) -> None:
    gone = labels["churning_merchants"]
    statuses = world.tables["square.merchants"]["status"][gone["merchant_id"].to_numpy() - 1]
    assert {"closed", "active"} <= set(statuses)
    days = (gone["stops_at"].to_numpy() - gone["fades_at"].to_numpy()).astype("timedelta64[s]").astype(int) / DAY
    assert days.min() >= 60
    assert days.max() <= 150


def _online(world: World, rows: Flags) -> float:
    return float((world.tables["square.payments"]["method"][rows] == "online").mean())


def _transfers(world: World, ring: Ring) -> dict[str, list[int]]:
    table = world.tables["cash.transfers"]
    mine = table["_ring"] == ring.ring_id
    return {name: table[name][mine].tolist() for name in ("sender_id", "receiver_id", "device_id")}
