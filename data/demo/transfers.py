"""Money between users: mostly among a handful of acquaintances, who live close to each other."""

import numpy as np

from data.demo import rings, words
from data.demo.households import Households
from data.demo.rhythm import Peak, Rhythm, not_before
from data.demo.sampling import NULL, Columns, Ints, Rng, blank, cents, pick, pick_before
from data.demo.world import World

SENDING = Rhythm(
    growth=0.9,
    week=(0.9, 0.85, 0.9, 1.0, 1.35, 1.2, 0.8),
    year=(0.9, 0.95, 1.0, 1.0, 1.0, 1.05, 1.1, 1.05, 1.0, 1.0, 1.05, 1.3),
)
SENDING_HOURS: tuple[Peak, ...] = ((12.5, 2.5, 0.4), (19.5, 2.5, 0.6))


def transfers(world: World, rng: Rng) -> Columns:
    """Honest transfers and the circles of the fraud rings, in order of time."""
    honest, fraud = _honest(world, rng), rings.circles(world, rng)
    columns = {name: np.concatenate([honest[name], fraud[name]]) for name in honest}
    order = np.argsort(columns["created_at"], kind="stable")
    columns = {name: column[order] for name, column in columns.items()}
    size = len(order)
    columns["transfer_id"] = np.arange(1, size + 1)
    columns["status"] = pick(rng, {"completed": 0.95, "failed": 0.033, "reversed": 0.017}, size)
    columns["note"] = blank(rng, np.array(words.NOTES, dtype=object)[rng.integers(0, len(words.NOTES), size)], 0.42)
    return columns


def _honest(world: World, rng: Rng) -> Columns:
    users = world.tables["cash.users"]
    size = world.size("cash.transfers")
    at = SENDING.moments(rng, size, SENDING_HOURS)
    sender = pick_before(rng, users["created_at"], users["_activity"], at)
    at = not_before(rng, at, users["created_at"][sender])
    homes = Households.settled(users, rng)
    receiver = _receivers(world, rng, homes, sender, at)
    shared = rng.random(size) < 0.6
    owner = np.where(shared, homes.eldest(sender), sender)
    return {
        "sender_id": sender + 1,
        "receiver_id": receiver + 1,
        "device_id": _devices(world, rng, owner + 1, at),
        "amount": amounts(rng, size),
        "created_at": np.maximum(at, users["created_at"][receiver]),
        "_ring": rings.unmarked(size),
    }


def _receivers(world: World, rng: Rng, homes: Households, sender: Ints, at: Ints) -> Ints:
    """A housemate, a neighbour on the street, or anybody who has joined by then; never the sender."""
    users = world.tables["cash.users"]
    joined = users["created_at"]
    mate = homes.housemates(rng, sender)
    at_home = (rng.random(len(sender)) < 0.45) & (mate != sender)
    near = np.where(at_home, mate, homes.neighbours(rng, sender))
    anybody = pick_before(rng, joined, users["_activity"], at)
    strange = (rng.random(len(sender)) < 0.2) | (joined[near] > at) | (near == sender)
    receiver = np.where(strange, anybody, near)
    return np.where(receiver == sender, np.where(sender > 0, 0, 1), receiver)


def _devices(world: World, rng: Rng, user: Ints, at: Ints) -> Ints:
    """One of the user's devices; missing where it was not recorded, or not seen before."""
    devices = world.tables["cash.devices"]
    order = np.argsort(devices["user_id"], kind="stable")
    first = np.searchsorted(devices["user_id"][order], user, side="left")
    count = np.searchsorted(devices["user_id"][order], user, side="right") - first
    slot = np.minimum(first + (rng.random(len(user)) ** 2 * count).astype(np.int64), len(order) - 1)
    known = (count > 0) & (devices["first_seen_at"][order[slot]] <= at)
    return blank(rng, np.where(known, devices["device_id"][order[slot]], NULL), 0.12)


def amounts(rng: Rng, size: int) -> Ints:
    """Heavy-tailed; people like round sums."""
    amount = cents(rng, 27.0, 1.25, size, least=100)
    rounded = np.maximum(np.rint(amount / 500).astype(np.int64), 1) * 500
    return np.where(rng.random(size) < 0.45, rounded, amount)
