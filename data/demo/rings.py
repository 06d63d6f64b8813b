"""Planted fraud rings. Accomplices open accounts close together, share devices and a card, and send money in circles.
Then they spend: loud rings at once, most of them quietly, after they have waited. It is disputed weeks later."""

from collections.abc import Iterator

import numpy as np

from data.demo.rhythm import DAY, SPAN
from data.demo.sampling import NULL, Column, Columns, Ints, Rng
from data.demo.world import Ring, World

_LAST_START = SPAN - 90 * DAY
"""Rings start early enough that their disputes still fall into the span."""
_LOUD_ONE_IN = 4
_CAREFUL = 0.7
"""How often the members of a quiet ring send from a device of their own."""


def plan(world: World, rng: Rng) -> tuple[Ring, ...]:
    """Choose accomplices and victims; a user belongs to one ring at most."""
    rings: list[Ring] = []
    free = world.tables["cash.users"]["created_at"] < _LAST_START - 60 * DAY
    for ring_id in range(1, world.size("rings") + 1):
        members = _members(world, rng, free)
        free[members - 1] = False
        loud = ring_id % _LOUD_ONE_IN == 1
        begins = _begins(world, rng, members, loud)
        victims = _victims(world, rng, begins) if loud else members[:0]
        rings.append(Ring(ring_id, members, victims, begins, loud))
    return tuple(rings)


def circles(world: World, rng: Rng) -> Columns:
    """Transfers that go round a ring within hours, each hop a little smaller; sent from shared devices,
    or where the ring is quiet, seldom so."""
    hops = [hop for ring in world.rings for _ in range(_circles(rng, ring)) for hop in _circle(world, rng, ring)]
    names = ("sender_id", "receiver_id", "device_id", "amount", "created_at", "_ring")
    return dict(zip(names, np.array(hops, dtype=np.int64).T, strict=True))


def truth(world: World) -> dict[str, Columns]:
    """The hidden labels of fraud: which payments, and who and what belongs to which ring."""
    payments = world.tables["square.payments"]
    fraud = payments["_ring"] > 0
    members = [
        (ring.ring_id, kind, int(key))
        for ring in world.rings
        for kind, keys in _belongings(world, ring)
        for key in keys
    ]
    ring, kind, key = zip(*members, strict=True)
    return {
        "fraud_payments": {"payment_id": payments["payment_id"][fraud], "ring_id": payments["_ring"][fraud]},
        "fraud_rings": {"ring_id": np.array(ring), "kind": np.array(kind), "id": np.array(key)},
    }


def own(column: Column, members: Ints) -> Ints:
    """Row numbers that belong to the members."""
    return np.flatnonzero(np.isin(column, members))


def _members(world: World, rng: Rng, free: Column) -> Ints:
    users = world.tables["cash.users"]
    size = int(rng.integers(5, 9))
    countries = users["_country"]
    large = [c for c in np.unique(countries) if np.sum(free & (countries == c)) >= 3 * size]
    home = rng.choice(countries[free & np.isin(countries, large)])
    pool = users["user_id"][free & (countries == home)]
    start = int(rng.integers(0, max(1, len(pool) - 3 * size)))
    return np.sort(rng.choice(pool[start : start + 3 * size], size, replace=False))


def _begins(world: World, rng: Rng, members: Ints, loud: bool) -> int:
    """Loud rings start weeks after the last has joined; quiet ones may sleep for most of a year."""
    ready = max(int(world.tables["cash.users"]["created_at"][members - 1].max()), 45 * DAY) + 10 * DAY
    wait = 40 * DAY if loud else min(300 * DAY, _LAST_START - ready)
    return ready + int(rng.uniform(0, wait))


def _victims(world: World, rng: Rng, begins: int) -> Ints:
    merchants = world.tables["square.merchants"]
    trading = (merchants["signed_up_at"] < begins - 7 * DAY) & (merchants["_stops"] == SPAN)
    small = trading & (merchants["_weight"] <= np.median(merchants["_weight"]))
    found = merchants["merchant_id"][small]
    return rng.choice(found, min(len(found), int(rng.integers(2, 4))), replace=False)


def _circles(rng: Rng, ring: Ring) -> int:
    return int(rng.integers(4, 8) if ring.loud else rng.integers(7, 12))


def _circle(world: World, rng: Rng, ring: Ring) -> Iterator[tuple[int, ...]]:
    order = rng.permutation(ring.members)
    own_devices, shared = _first_devices(world, order), _first_devices(world, ring.members[:2])
    amount = float(rng.uniform(25_000, 90_000))
    moment = ring.begins + int(rng.uniform(0, ring.days * DAY))
    alone = 0.0 if ring.loud else _CAREFUL
    for sender, receiver, mine in zip(order, np.roll(order, -1), own_devices, strict=True):
        device = mine if rng.random() < alone else rng.choice(shared)
        yield sender, receiver, int(device), int(amount), moment, ring.ring_id
        amount *= float(rng.uniform(0.95, 0.995))
        moment += int(rng.integers(5, 90)) * 60


def _first_devices(world: World, members: Ints) -> Ints:
    """The first device of each member, all of whom joined before the ring starts."""
    devices = world.tables["cash.devices"]
    mine = [devices["device_id"][own(devices["user_id"], members[i : i + 1])[0]] for i in range(len(members))]
    return np.array(mine, dtype=np.int64)


def _belongings(world: World, ring: Ring) -> Iterator[tuple[str, Ints]]:
    cards, transfers = world.tables["cash.cards"], world.tables["cash.transfers"]
    yield "user", ring.members
    yield "merchant", ring.merchants
    yield "device", _first_devices(world, ring.members[:2])
    yield "card", cards["card_id"][own(cards["user_id"], ring.members)]
    yield "transfer", transfers["transfer_id"][transfers["_ring"] == ring.ring_id]


def unmarked(size: int) -> Ints:
    """The ring column of honest rows."""
    return np.full(size, NULL)
