"""The businesses that take payments, and how long each of them trades."""

import numpy as np

from data.demo import names
from data.demo.places import CITY, CITY_COUNTRY, CODES, phones, settle
from data.demo.rhythm import DAY, SPAN, dates, joining
from data.demo.sampling import Column, Columns, Ints, Rng, blank, pick, pick_same, zipf
from data.demo.world import World

CATEGORIES = {
    "restaurant": 0.22,
    "cafe": 0.17,
    "retail": 0.19,
    "grocery": 0.1,
    "beauty": 0.12,
    "fitness": 0.07,
    "repair": 0.08,
    "travel": 0.05,
}


def merchants(world: World, rng: Rng) -> Columns:
    """Merchants in order of joining. Business wanes at `_fades` and ends at `_stops`; SPAN means never."""
    size = world.size("square.merchants")
    city = settle(rng, size)
    category = pick(rng, CATEGORIES, size)
    joined = joining(rng, size)
    fades, stops = _lives(rng, joined)
    name = names.merchants(rng, category)
    owner = pick_same(rng, CODES[CITY_COUNTRY[city]], world.tables["cash.users"]["country"])
    return {
        "merchant_id": np.arange(1, size + 1),
        "name": name,
        "category": category,
        "city": CITY[city],
        "country": CODES[CITY_COUNTRY[city]],
        "owner_user_id": blank(rng, np.where(owner >= 0, owner + 1, owner), 0.36),
        "email": blank(rng, names.shop_emails(name), 0.03),
        "phone": blank(rng, phones(city), 0.1),
        "status": _statuses(rng, stops),
        "signed_up_at": joined,
        "_country": CITY_COUNTRY[city],
        "_weight": zipf(size, 0.95, 3.0)[rng.permutation(size)],
        "_price": rng.lognormal(0, 0.35, size),
        "_fades": fades,
        "_stops": stops,
    }


def churned(world: World) -> dict[str, Columns]:
    """The hidden labels of the merchants whose business waned and stopped."""
    table = world.tables["square.merchants"]
    rows = table["_fades"] < SPAN
    return {
        "churning_merchants": {
            "merchant_id": table["merchant_id"][rows],
            "fades_at": dates(table["_fades"][rows]),
            "stops_at": dates(table["_stops"][rows]),
        }
    }


def _lives(rng: Rng, joined: Ints) -> tuple[Ints, Ints]:
    """About one in eight, of those who joined early enough, wanes over two to five months and stops."""
    size = len(joined)
    fades = joined + (rng.uniform(90, 480, size) * DAY).astype(np.int64)
    stops = fades + (rng.uniform(60, 150, size) * DAY).astype(np.int64)
    early = np.flatnonzero(stops < SPAN - 20 * DAY)
    churns = np.isin(np.arange(size), rng.choice(early, min(len(early), max(10, size // 8)), replace=False))
    return np.where(churns, fades, SPAN), np.where(churns, stops, SPAN)


def _statuses(rng: Rng, stops: Ints) -> Column:
    gone = pick(rng, {"closed": 0.55, "active": 0.3, "paused": 0.15}, len(stops))
    trading = pick(rng, {"active": 0.95, "paused": 0.05}, len(stops))
    return np.where(stops < SPAN, gone, trading)
