"""What the rings pay by card. Loud ones drain a few small merchants in bursts. Quiet ones spend for weeks as anybody
does, so that only whom they are connected with gives them away."""

from collections.abc import Iterator

import numpy as np

from data.demo.rhythm import DAY
from data.demo.rings import own
from data.demo.sampling import NULL, Columns, Flags, Ints, Rng
from data.demo.world import Ring, World


def bursts(world: World, rng: Rng) -> Columns:
    """Card payments of loud rings: two or three hours in which their cards empty into their merchants."""
    parts = [part for ring in world.rings if ring.loud for part in _bursts_of(world, rng, ring)]
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def quietly(world: World, rng: Rng, honest: Columns) -> Columns:
    """The honest payments, of which some become the quiet rings': visits in their country that another bank's card
    would have paid. So their shops, hours and amounts are those of anybody."""
    columns = honest | {"card_id": honest["card_id"].copy(), "_ring": honest["_ring"].copy()}
    for ring in world.rings:
        if not ring.loud:
            free = _visits(world, ring, columns)
            rows = rng.choice(free, min(len(free), int(rng.integers(30, 51))), replace=False)
            columns["card_id"][rows] = rng.choice(_cards(world, ring), len(rows))
            columns["_ring"][rows] = ring.ring_id
    return columns


def in_bursts(world: World, ring: Ints) -> Flags:
    """Which rows belong to a loud ring, given the ring column."""
    return np.isin(ring, [one.ring_id for one in world.rings if one.loud])


def _visits(world: World, ring: Ring, payments: Columns) -> Ints:
    """Payments (row numbers) without a card of ours in the ring's country, while it spends."""
    country = world.tables["square.merchants"]["_country"][payments["merchant_id"] - 1]
    home = world.tables["cash.users"]["_country"][ring.members[0] - 1]
    since = payments["created_at"] - (ring.begins + 10 * DAY)
    spending = (since > 0) & (since < ring.days * DAY)
    return np.flatnonzero((payments["card_id"] == NULL) & (country == home) & spending)


def _bursts_of(world: World, rng: Rng, ring: Ring) -> Iterator[Columns]:
    mine = _cards(world, ring)
    for day in np.sort(rng.choice(ring.days, int(rng.integers(2, 4)), replace=False)):
        size = int(rng.integers(14, 26))
        opens = ring.begins + int(day) * DAY + int(rng.integers(0, 8 * 3600))
        yield {
            "merchant_id": rng.choice(ring.merchants, size),
            "card_id": rng.choice(mine, size),
            "amount": np.rint(rng.uniform(80, 620, size) * 100).astype(np.int64),
            "created_at": opens + rng.integers(0, 3 * 3600, size),
            "_ring": np.full(size, ring.ring_id),
        }


def _cards(world: World, ring: Ring) -> Ints:
    """The members' cards that were issued before the ring starts."""
    cards = world.tables["cash.cards"]
    mine = cards["card_id"][own(cards["user_id"], ring.members)]
    found: Ints = mine[cards["issued_at"][mine - 1] < ring.begins]
    return found
