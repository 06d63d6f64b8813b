"""Card payments to merchants: when, where, how much and by which card."""

import numpy as np

from data.demo import fraud, rings
from data.demo.places import CURRENCIES, local_amount, other_country
from data.demo.rhythm import DAY, SPAN, Peak, Rhythm, hours
from data.demo.sampling import NULL, Column, Columns, Flags, Floats, Ints, Rng, blank, cents, pick, pick_before
from data.demo.world import World

SHOPPING = Rhythm(
    growth=0.45,
    week=(0.82, 0.84, 0.9, 1.0, 1.22, 1.35, 0.95),
    year=(0.86, 0.9, 0.96, 0.98, 1.02, 1.04, 1.05, 1.03, 0.98, 1.0, 1.1, 1.4),
)
PRICES = {
    "restaurant": (36.0, 0.6),
    "cafe": (8.5, 0.5),
    "retail": (48.0, 0.9),
    "grocery": (39.0, 0.75),
    "beauty": (58.0, 0.55),
    "fitness": (45.0, 0.6),
    "repair": (120.0, 0.9),
    "travel": (230.0, 1.0),
}
"""Median in dollars and spread of an amount."""
OPENING: dict[str, tuple[Peak, ...]] = {
    "restaurant": ((12.6, 1.0, 0.35), (19.4, 1.6, 0.65)),
    "cafe": ((8.6, 1.4, 0.6), (14.0, 2.2, 0.4)),
    "fitness": ((7.2, 1.2, 0.4), (18.2, 1.6, 0.6)),
}
SHOP_HOURS: tuple[Peak, ...] = ((11.5, 2.0, 0.45), (16.2, 2.4, 0.55))
TIPPING = {"restaurant": 0.62, "cafe": 0.4, "beauty": 0.55}
"""How many customers tip."""


def payments(world: World, rng: Rng) -> Columns:
    """Honest payments and those of the fraud rings, in order of time."""
    honest, burst = fraud.quietly(world, rng, _honest(world, rng)), fraud.bursts(world, rng)
    raw = {name: np.concatenate([honest[name], burst[name]]) for name in honest}
    order = np.argsort(raw["created_at"], kind="stable")
    columns = {name: column[order] for name, column in raw.items()}
    shop = columns["merchant_id"] - 1
    method = methods(world, rng, shop, fraud.in_bursts(world, columns["_ring"]))
    payer = _payer_countries(world, rng, shop, columns["card_id"])
    return columns | {
        "payment_id": np.arange(1, len(order) + 1),
        "tip": tips(world, rng, shop, columns["amount"], method),
        "currency": CURRENCIES[payer],
        "local_amount": local_amount(columns["amount"], payer),
        "method": method,
        "status": pick(rng, {"captured": 0.952, "failed": 0.036, "pending": 0.012}, len(order)),
        "received_at": _received(rng, columns["created_at"], method),
    }


def _honest(world: World, rng: Rng) -> Columns:
    size = world.size("square.payments")
    shop, day = _visits(world, rng, size)
    table = world.tables["square.merchants"]
    category = table["category"][shop]
    at = np.clip(day * DAY + _hours(rng, category), table["signed_up_at"][shop], table["_stops"][shop])
    median = np.array([PRICES[str(name)][0] for name in table["category"]]) * table["_price"]
    sigma = np.array([PRICES[str(name)][1] for name in table["category"]])
    return {
        "merchant_id": shop + 1,
        "card_id": _cards(world, rng, shop, at),
        "amount": cents(rng, median[shop], sigma[shop], size, least=100),
        "created_at": at,
        "_ring": rings.unmarked(size),
    }


def _visits(world: World, rng: Rng, size: int) -> tuple[Ints, Ints]:
    """A merchant and a day for each payment: steady until the business fades, then falling to none."""
    table = world.tables["square.merchants"]
    joined, fades, stops = (SHOPPING.at(table[name]) for name in ("signed_up_at", "_fades", "_stops"))
    steady, waning = fades - joined, (stops - fades) / 2
    mass = table["_weight"] * (steady + waning)
    shop = rng.choice(len(mass), size, p=mass / mass.sum())
    whole = rng.random(size) * (steady + waning)[shop] < steady[shop]
    u = rng.random(size)
    share = np.where(whole, joined[shop] + u * steady[shop], fades[shop] + (1 - np.sqrt(1 - u)) * (stops - fades)[shop])
    return shop, SHOPPING.days(share)


def _hours(rng: Rng, category: Column) -> Ints:
    out = hours(rng, len(category), SHOP_HOURS)
    for name, peaks in OPENING.items():
        rows = np.flatnonzero(category == name)
        out[rows] = hours(rng, len(rows), peaks)
    return out


def _cards(world: World, rng: Rng, shop: Ints, at: Ints) -> Ints:
    """One of our cards, mostly from the merchant's country; missing where the customer banks elsewhere."""
    cards, users = world.tables["cash.cards"], world.tables["cash.users"]
    holder = users["_country"][cards["user_id"] - 1]
    country = other_country(rng, world.tables["square.merchants"]["_country"][shop], 0.06)
    out = np.full(len(shop), NULL)
    for index in np.unique(holder):
        rows, mine = np.flatnonzero(country == index), np.flatnonzero(holder == index)
        found = mine[pick_before(rng, cards["issued_at"][mine], cards["_activity"][mine], at[rows])]
        out[rows] = np.where(cards["issued_at"][found] <= at[rows], cards["card_id"][found], NULL)
    return blank(rng, out, 0.42)


def _payer_countries(world: World, rng: Rng, shop: Ints, card: Ints) -> Ints:
    """The customer pays in the card's currency, or in the merchant's where the card is not ours."""
    users, cards = world.tables["cash.users"], world.tables["cash.cards"]
    known = users["_country"][cards["user_id"][np.maximum(card, 1) - 1] - 1]
    foreign = other_country(rng, world.tables["square.merchants"]["_country"][shop], 0.04)
    return np.where(card > 0, known, foreign)


def methods(world: World, rng: Rng, shop: Ints, loud: Flags) -> Column:
    """How the card was read; in bursts mostly not at all."""
    category = world.tables["square.merchants"]["category"][shop]
    counter = pick(rng, {"chip": 0.34, "tap": 0.47, "swipe": 0.07, "online": 0.12}, len(shop))
    remote = pick(rng, {"chip": 0.2, "tap": 0.2, "swipe": 0.04, "online": 0.56}, len(shop))
    usual = np.where(np.isin(category, ("retail", "travel")), remote, counter)
    return np.where(loud & (rng.random(len(shop)) < 0.85), "online", usual)


def tips(world: World, rng: Rng, shop: Ints, amount: Ints, method: Column) -> Ints:
    """Between a tenth and a quarter of the amount, seldom online; missing where nobody tipped."""
    category = world.tables["square.merchants"]["category"]
    share: Floats = np.array([TIPPING.get(str(name), 0.0) for name in category])[shop]
    tipped = rng.random(len(shop)) < np.where(method == "online", share / 6, share)
    rate = rng.choice((0.10, 0.15, 0.18, 0.20, 0.25), len(shop), p=(0.16, 0.26, 0.24, 0.26, 0.08))
    return np.where(tipped, np.maximum(np.rint(amount * rate).astype(np.int64), 1), NULL)


def _received(rng: Rng, created: Ints, method: Column) -> Ints:
    """Seconds later; but one in fifteen comes minutes to days later, from an offline terminal."""
    size = len(created)
    offline = (method != "online") & (rng.random(size) < 0.066)
    delay = np.where(offline, 60 + np.minimum(rng.lognormal(9.2, 1.5, size), 6 * DAY), rng.integers(1, 30, size))
    return np.minimum(created + delay.astype(np.int64), SPAN)
