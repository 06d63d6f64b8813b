"""The four businesses as producers of events: what each of them sends, and how much at what time of day."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from data.demo import payments, tbd, tidal, transfers, words
from data.demo.cast import drawn
from data.demo.places import CODES, CURRENCIES, local_amount
from data.demo.rhythm import Peak, bustle
from data.demo.sampling import NULL, Column, Columns, Floats, Ints, Rng, blank, cents, pick, pick_same
from data.demo.world import World

CODE = {str(code): index for index, code in enumerate(CODES)}
Draw = Callable[[World, Rng, int, float], Columns]
"""(who there is, random numbers, how many, the hour of the day) to the columns but for the identifier and the times."""


@dataclass(frozen=True)
class Business:
    """One producer. Its topic is `stream`'s; events with the same `key` column come in order."""

    stream: str
    topic: str
    identifier: str
    key: str
    times: tuple[str, ...]
    """The columns that say when; the first is when it happened."""
    tables: tuple[str, ...]
    """Where its identifiers stand so far."""
    money: tuple[str, ...]
    """Columns drawn in cents."""
    share: float
    """Of all events over a day."""
    peaks: Sequence[Peak]
    draw: Draw


def shares(hour: float) -> Floats:
    """How much of all falls to each business at this hour; they sum to 1. Customers live in many time zones."""
    weights = np.array([business.share * (1 + bustle(hour, business.peaks)) for business in BUSINESSES])
    return np.asarray(weights / weights.sum(), dtype=np.float64)


def _payments(world: World, rng: Rng, size: int, hour: float) -> Columns:
    table = world.tables["square.merchants"]
    shop = drawn(rng, table["_weight"] * _open(table["category"], hour), size)
    card, payer = _cards(world, rng, table["country"][shop])
    prices = np.array([payments.PRICES.get(str(name), (40.0, 0.7)) for name in table["category"][shop]])
    amount = cents(rng, prices[:, 0], prices[:, 1], size, least=100)
    method = payments.methods(world, rng, shop, np.zeros(size, dtype=bool))
    return {
        "merchant_id": table["merchant_id"][shop],
        "card_id": card,
        "amount": amount,
        "tip": payments.tips(world, rng, shop, amount, method),
        "currency": CURRENCIES[payer],
        "local_amount": local_amount(amount, payer),
        "method": method,
        "status": pick(rng, {"captured": 0.952, "failed": 0.036, "pending": 0.012}, size),
    }


def _open(category: Column, hour: float) -> Floats:
    """How busy each merchant is at this hour."""
    kinds, index = np.unique(category.astype(str), return_inverse=True)
    busy = [bustle(hour, payments.OPENING.get(str(kind), payments.SHOP_HOURS)) for kind in kinds]
    return np.array(busy)[index]


def _cards(world: World, rng: Rng, country: Column) -> tuple[Ints, Ints]:
    """A card from the merchant's country, where it is one of ours; and the index of the country that pays."""
    cards = world.tables["cash.cards"]
    order = np.argsort(cards["country"].astype(str), kind="stable")
    found = pick_same(rng, country.astype(str), cards["country"][order].astype(str))
    ours = np.where(found >= 0, cards["card_id"][order][found], NULL).astype(np.int64)
    return blank(rng, ours, 0.42), np.array([CODE.get(str(code), 0) for code in country])


def _transfers(world: World, rng: Rng, size: int, hour: float) -> Columns:
    users, devices = world.tables["cash.users"], world.tables["cash.devices"]
    sender = drawn(rng, users["_weight"], size)
    other = drawn(rng, users["_weight"], size)
    receiver = np.where(other == sender, (sender + 1) % len(users["user_id"]), other)
    device = pick_same(rng, users["user_id"][sender], devices["user_id"])
    known = np.where(device >= 0, devices["device_id"][device], NULL)
    return {
        "sender_id": users["user_id"][sender],
        "receiver_id": users["user_id"][receiver],
        "device_id": blank(rng, known, 0.12),
        "amount": transfers.amounts(rng, size),
        "status": pick(rng, {"completed": 0.95, "failed": 0.033, "reversed": 0.017}, size),
        "note": blank(rng, np.array(words.NOTES, dtype=object)[rng.integers(0, len(words.NOTES), size)], 0.42),
    }


def _plays(world: World, rng: Rng, size: int, hour: float) -> Columns:
    users, songs = world.tables["cash.users"], world.tables["tidal.tracks"]
    track = drawn(rng, songs["_weight"], size)
    return {
        "user_id": users["user_id"][drawn(rng, users["_weight"], size)],
        "track_id": songs["track_id"][track],
        "artist_id": songs["artist_id"][track],
        "seconds_played": tidal.listened(rng, songs["duration_seconds"][track]),
        "platform": pick(rng, tidal.PLATFORMS, size),
    }


def _swaps(world: World, rng: Rng, size: int, hour: float) -> Columns:
    table = world.tables["tbd.wallets"]
    wallet = drawn(rng, table["_weight"], size)
    sold, bought = tbd.coins(rng, size)
    amount = cents(rng, 165.0, 1.6, size, least=500)
    status = pick(rng, {"settled": 0.945, "failed": 0.035, "pending": 0.02}, size)
    return {
        "wallet_id": table["wallet_id"][wallet],
        "from_coin": sold,
        "to_coin": bought,
        "amount_usd": amount,
        "fee_usd": tbd.fees(rng, table["kind"][wallet], amount, status),
        "status": status,
    }


BUSINESSES = (
    Business(
        "payments",
        "square.payments",
        "payment_id",
        "merchant_id",
        ("created_at", "received_at"),
        ("square.payments",),
        ("amount", "tip", "local_amount"),
        0.4,
        payments.SHOP_HOURS,
        _payments,
    ),
    Business(
        "transfers",
        "cash.transfers",
        "transfer_id",
        "sender_id",
        ("created_at",),
        ("cash.transfers", "live.transfer_events"),
        ("amount",),
        0.17,
        transfers.SENDING_HOURS,
        _transfers,
    ),
    Business(
        "plays",
        "tidal.plays",
        "play_id",
        "user_id",
        ("played_at",),
        ("tidal.plays", "live.play_events"),
        (),
        0.34,
        tidal.LISTENING_HOURS,
        _plays,
    ),
    Business(
        "swaps",
        "tbd.swaps",
        "swap_id",
        "wallet_id",
        ("created_at",),
        ("tbd.swaps", "live.swap_events"),
        ("amount_usd", "fee_usd"),
        0.09,
        tbd.TRADING_HOURS,
        _swaps,
    ),
)
