"""What is planted: fraud rings and merchants whose business ends."""

import duckdb
import numpy as np
import pyarrow as pa
import pytest

from data.demo import generate
from data.demo.rhythm import DAY, SPAN
from data.demo.world import Ring, World


@pytest.fixture(scope="module")
def labels(world: World) -> dict[str, pa.Table]:
    return generate.truth(world)


def test_no_user_is_in_two_rings(world: World) -> None:
    members = np.concatenate([ring.members for ring in world.rings])
    assert len(world.rings) >= 3
    assert len(set(members.tolist())) == len(members) >= 15


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
        assert len(set(rows["device_id"])) <= 2
        assert len(set(rows["sender_id"])) > 2


def test_accomplices_share_a_card(world: World) -> None:
    cards = world.tables["cash.cards"]
    for ring in world.rings:
        mine = np.isin(cards["user_id"], ring.members)
        prints = list(zip(cards["network"][mine], cards["last4"][mine], cards["user_id"][mine], strict=True))
        users = {print_[:2]: {p[2] for p in prints if p[:2] == print_[:2]} for print_ in prints}
        assert max(map(len, users.values())) >= 2


def test_fraud_comes_in_bursts_at_few_merchants(world: World) -> None:
    payments = world.tables["square.payments"]
    for ring in world.rings:
        mine = payments["_ring"] == ring.ring_id
        hours = np.unique(payments["created_at"][mine] // 3600)
        assert mine.sum() >= 28
        assert len(hours) <= 12
        assert set(payments["merchant_id"][mine]) <= set(ring.merchants)
        assert set(world.tables["cash.cards"]["user_id"][payments["card_id"][mine] - 1]) <= set(ring.members)


def test_fraud_is_disputed_as_fraud(labels: dict[str, pa.Table], tables: dict[str, pa.Table]) -> None:
    truth, disputes = labels["fraud_payments"], tables["square.disputes"]
    query = """SELECT count(dispute_id) / count(*), avg((reason = 'fraud')::INT)
        FROM truth LEFT JOIN disputes USING (payment_id)"""
    with duckdb.connect() as connection:
        connection.register("truth", truth)
        connection.register("disputes", disputes)
        ((disputed, as_fraud),) = connection.execute(query).fetchall()
    assert 0.35 < disputed < 0.75
    assert as_fraud > 0.8


def test_honest_people_cry_fraud_too(labels: dict[str, pa.Table], tables: dict[str, pa.Table]) -> None:
    fraud = set(labels["fraud_payments"]["payment_id"].to_pylist())
    rows = tables["square.disputes"].to_pylist()
    assert sum(row["reason"] == "fraud" and row["payment_id"] not in fraud for row in rows) >= 10


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


def _transfers(world: World, ring: Ring) -> dict[str, list[int]]:
    table = world.tables["cash.transfers"]
    mine = table["_ring"] == ring.ring_id
    return {name: table[name][mine].tolist() for name in ("sender_id", "receiver_id", "device_id")}
