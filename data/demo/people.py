"""The wallet business: users, cards and devices. Identifiers are row numbers from 1, in order of time."""

import numpy as np

from data.demo import names, words
from data.demo.places import CITY, CITY_COUNTRY, CODES, phones, settle
from data.demo.rhythm import DAY, SPAN, joining, later
from data.demo.sampling import Column, Columns, Ints, Rng, blank, pick
from data.demo.world import World

OLDEST, YOUNGEST = np.datetime64("1944-01-01"), np.datetime64("2007-06-30")


def users(world: World, rng: Rng) -> Columns:
    """People of six countries, more in the larger cities."""
    size = world.size("cash.users")
    city = settle(rng, size)
    country = CITY_COUNTRY[city]
    name = names.people(rng, country)
    return {
        "user_id": np.arange(1, size + 1),
        "name": name,
        "email": names.emails(name),
        "phone": blank(rng, phones(city), 0.07),
        "city": CITY[city],
        "country": CODES[country],
        "birth_date": _births(rng, size),
        "created_at": joining(rng, size),
        "_country": country,
        "_activity": rng.lognormal(0, 1.1, size),
    }


def cards(world: World, rng: Rng) -> Columns:
    """None to three cards a user. Accomplices register one and the same card under several names."""
    people = world.tables["cash.users"]
    count = rng.choice(4, len(people["user_id"]), p=(0.12, 0.58, 0.24, 0.06))
    for ring in world.rings:
        count[ring.members - 1] = np.maximum(count[ring.members - 1], 1)
    user = np.repeat(people["user_id"], count)
    columns = {
        "user_id": user,
        "network": _networks(rng, people["country"][user - 1]),
        "last4": np.array([f"{n:04d}" for n in rng.integers(0, 10_000, len(user))], dtype=object),
        "status": pick(rng, {"active": 0.86, "blocked": 0.04, "expired": 0.10}, len(user)),
        "issued_at": _first_then_later(rng, user, people["created_at"][user - 1], 9, 240),
        "_activity": people["_activity"][user - 1] * rng.lognormal(0, 0.5, len(user)),
    }
    _share_cards(world, columns)
    return _numbered("card_id", columns, "issued_at")


def devices(world: World, rng: Rng) -> Columns:
    """Phones and browsers, by the user who first used them."""
    people = world.tables["cash.users"]
    count = rng.choice(5, len(people["user_id"]), p=(0.05, 0.55, 0.27, 0.10, 0.03))
    for ring in world.rings:
        count[ring.members - 1] = np.maximum(count[ring.members - 1], 1)
    user = np.repeat(people["user_id"], count)
    platform = pick(rng, {"ios": 0.47, "android": 0.36, "web": 0.17}, len(user))
    model = np.empty(len(user), dtype=object)
    for name, models in words.MODELS.items():
        rows = np.flatnonzero(platform == name)
        model[rows] = np.array(models)[rng.integers(0, len(models), len(rows))]
    seen = _first_then_later(rng, user, people["created_at"][user - 1], 0.01, 200)
    return _numbered(
        "device_id",
        {"user_id": user, "platform": platform, "model": model, "first_seen_at": seen},
        "first_seen_at",
    )


def _births(rng: Rng, size: int) -> Column:
    span = int((YOUNGEST - OLDEST).astype(np.int64))
    return OLDEST + (rng.beta(2.6, 1.5, size) * span).astype("timedelta64[D]")


def _networks(rng: Rng, country: Column) -> Column:
    network = pick(rng, {"visa": 0.52, "mastercard": 0.32, "amex": 0.10, "discover": 0.06}, len(country))
    return np.where((network == "discover") & (country != "US"), "visa", network)


def _first_then_later(rng: Rng, user: Ints, joined: Ints, soon: float, spread: float) -> Ints:
    """A user's first item comes `soon` days after joining, the others about `spread` days after."""
    first = np.concatenate(([True], user[1:] != user[:-1]))
    return np.where(first, later(rng, joined, soon), later(rng, joined, spread))


def _share_cards(world: World, cards: Columns) -> None:
    """Half of each ring uses its first member's card; all are issued before the ring starts."""
    for ring in world.rings:
        rows = [int(np.flatnonzero(cards["user_id"] == member)[0]) for member in ring.members]
        shared = rows[: max(2, len(rows) // 2)]
        cards["last4"][shared] = cards["last4"][shared[0]]
        cards["network"][shared] = cards["network"][shared[0]]
        cards["issued_at"][rows] = np.clip(cards["issued_at"][rows], 0, ring.begins - DAY)
        cards["status"][rows] = "active"


def _numbered(key: str, columns: Columns, time: str) -> Columns:
    """The rows in order of time, numbered from 1."""
    order = np.argsort(columns[time], kind="stable")
    assert int(columns[time].max()) <= SPAN
    return {key: np.arange(1, len(order) + 1)} | {name: column[order] for name, column in columns.items()}
