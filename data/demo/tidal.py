"""The music service: artists, their tracks, what is played, and who subscribes."""

import numpy as np

from data.demo import names
from data.demo.places import CODES
from data.demo.rhythm import DAY, SPAN, START, Peak, Rhythm, later, not_before
from data.demo.sampling import NULL, Column, Columns, Floats, Ints, Rng, pick, pick_before, zipf
from data.demo.world import World

LISTENING = Rhythm(
    growth=1.0,
    week=(0.95, 0.95, 0.97, 1.0, 1.15, 1.1, 0.95),
    year=(0.97, 0.95, 0.97, 0.98, 1.0, 1.06, 1.08, 1.05, 1.0, 0.98, 1.0, 1.12),
)
LISTENING_HOURS: tuple[Peak, ...] = ((8.3, 1.4, 0.25), (14.0, 3.0, 0.25), (20.5, 2.3, 0.5))
GENRES = {
    "pop": 0.24,
    "rock": 0.2,
    "hip-hop": 0.16,
    "electronic": 0.13,
    "latin": 0.09,
    "jazz": 0.07,
    "folk": 0.06,
    "classical": 0.05,
}
EXPLICIT = {"hip-hop": 0.45, "rock": 0.12, "pop": 0.1, "latin": 0.14, "electronic": 0.06}
PLATFORMS = {"ios": 0.37, "android": 0.29, "web": 0.13, "car": 0.1, "speaker": 0.11}
PRICES = {"free": 0.0, "student": 5.99, "individual": 10.99, "family": 16.99, "hifi": 19.99}
PLANS = {"free": 0.34, "student": 0.13, "individual": 0.33, "family": 0.14, "hifi": 0.06}


def artists(world: World, rng: Rng) -> Columns:
    """Stage names; NOVA is an electronic act, the third most popular."""
    size = world.size("tidal.artists")
    weight = zipf(size, 1.0, 2.0)
    rank = rng.permutation(size)
    nova = int(np.flatnonzero(rank == 2)[0])
    name, genre = names.artists(rng, size), pick(rng, GENRES, size)
    name[nova], genre[nova] = names.NOVA, "electronic"
    home = {str(code): share for code, share in zip(CODES, (0.38, 0.2, 0.11, 0.1, 0.12, 0.09), strict=True)}
    return {
        "artist_id": np.arange(1, size + 1),
        "name": name,
        "genre": genre,
        "country": pick(rng, home, size),
        "_weight": weight[rank],
    }


def tracks(world: World, rng: Rng) -> Columns:
    """At least two tracks an artist, more for the popular; half were out before the demo's time."""
    table = world.tables["tidal.artists"]
    size, count = world.size("tidal.tracks"), len(table["artist_id"])
    extra = np.sqrt(table["_weight"])
    artist = np.sort(
        np.concatenate([np.tile(np.arange(count), 2), rng.choice(count, size - 2 * count, p=extra / extra.sum())])
    )
    chance = np.array([EXPLICIT.get(str(genre), 0.01) for genre in table["genre"]])
    released = _releases(rng, artist)
    return {
        "track_id": np.arange(1, size + 1),
        "artist_id": artist + 1,
        "title": names.titles(rng, size),
        "duration_seconds": np.clip(rng.lognormal(5.35, 0.28, size), 62, 1200).astype(np.int64),
        "explicit": rng.random(size) < chance[artist],
        "released_on": START.astype("datetime64[D]") + released,
        "_since": np.maximum(released, 0) * DAY,
        "_weight": _popularity(rng, table["_weight"], artist),
    }


def plays(world: World, rng: Rng) -> Columns:
    """Listeners with heavy tails on both sides, evenings most; a fifth is skipped early."""
    users, songs = world.tables["cash.users"], world.tables["tidal.tracks"]
    size = world.size("tidal.plays")
    at = np.sort(LISTENING.moments(rng, size, LISTENING_HOURS))
    listens = rng.random(len(users["user_id"])) < 0.7
    user = pick_before(rng, users["created_at"], np.where(listens, users["_activity"], 1e-9), at)
    at = not_before(rng, at, users["created_at"][user])
    track = pick_before(rng, songs["_since"], songs["_weight"], at)
    columns = {
        "user_id": user + 1,
        "track_id": songs["track_id"][track],
        "artist_id": songs["artist_id"][track],
        "seconds_played": listened(rng, songs["duration_seconds"][track]),
        "platform": pick(rng, PLATFORMS, size),
        "played_at": at,
    }
    order = np.argsort(at, kind="stable")
    return {"play_id": np.arange(1, size + 1)} | {name: column[order] for name, column in columns.items()}


def subscriptions(world: World, rng: Rng) -> Columns:
    """One plan for most subscribers; some who cancelled come back on another."""
    users, size = world.tables["cash.users"], world.size("tidal.subscriptions")
    first = rng.choice(len(users["user_id"]), min(size * 7 // 10, len(users["user_id"])), replace=False)
    started = later(rng, users["created_at"][first], 30)
    status, ended = _endings(rng, started)
    gone = rng.permutation(np.flatnonzero((ended >= 0) & (ended < SPAN - 20 * DAY)))[: size - len(first)]
    again = np.minimum(ended[gone] + (rng.uniform(1, 19, len(gone)) * DAY).astype(np.int64), SPAN)
    second = _endings(rng, again)
    user, started = np.concatenate([first, first[gone]]), np.concatenate([started, again])
    status, ended = np.concatenate([status, second[0]]), np.concatenate([ended, second[1]])
    order = np.argsort(started, kind="stable")
    plan = pick(rng, PLANS, len(user))
    return {
        "subscription_id": np.arange(1, len(user) + 1),
        "user_id": user[order] + 1,
        "plan": plan,
        "price": np.array([PRICES[str(name)] for name in plan]),
        "status": status[order],
        "started_at": started[order],
        "ended_at": ended[order],
    }


def _popularity(rng: Rng, fame: Floats, artist: Ints) -> Floats:
    """A track's share of all plays: its artist's fame, most of which goes to a few hits."""
    hit = rng.pareto(1.4, len(artist)).clip(0.05, 40)
    return np.asarray(fame[artist] * hit / np.bincount(artist, hit)[artist])


def _releases(rng: Rng, artist: Ints) -> Ints:
    """Days from the start, negative before it: an artist's tracks lie within some years of each other."""
    size = len(artist)
    debut = -(rng.gamma(1.5, 1900, int(artist.max()) + 1)).astype(np.int64)[artist]
    old = np.clip(debut + (rng.random(size) * 2500).astype(np.int64), -14_000, 700)
    return np.where(rng.random(size) < 0.25, rng.integers(0, 715, size), old)


def listened(rng: Rng, duration: Ints) -> Ints:
    """Most listen to the end, some leave in the middle, some skip within half a minute."""
    kind = rng.choice(3, len(duration), p=(0.66, 0.14, 0.2))
    skipped = np.minimum(1 + rng.exponential(13, len(duration)).astype(np.int64), duration)
    middle = (duration * rng.uniform(0.1, 0.98, len(duration))).astype(np.int64)
    return np.select([kind == 0, kind == 1], [duration, middle], skipped)


def _endings(rng: Rng, started: Ints) -> tuple[Column, Ints]:
    """A status, and an end for the cancelled; whatever would end after the span still runs."""
    ended = started + ((3 + rng.exponential(210, len(started))) * DAY).astype(np.int64)
    quits = (rng.random(len(started)) < 0.62) & (ended <= SPAN)
    runs = pick(rng, {"active": 0.91, "paused": 0.09}, len(started))
    return np.where(quits, "cancelled", runs), np.where(quits, ended, NULL)
