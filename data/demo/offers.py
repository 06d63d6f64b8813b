"""Products that merchants were offered at random, and what they made of it.

What a merchant accepts follows from what its counter shows at that moment (see `trade`) and a taste of its own, so that
a model can learn the first and never the second. Which product was shown, and with what chance, does not depend on
the merchant at all: any policy can be valued on these rows.
"""

import numpy as np
from numpy.typing import NDArray

from data.demo.rhythm import DAY, SPAN, START, hours
from data.demo.sampling import NULL, Columns, Floats, Ints, Rng, pick
from data.demo.trade import Facts, trade
from data.demo.world import World

PRODUCTS = ("loan", "payroll", "loyalty", "invoicing", "instant payout", "gift card")
CHANNELS = {"dashboard": 0.5, "newsletter": 0.35, "adviser": 0.15}
PERSUASION = {"dashboard": 0.0, "newsletter": -0.4, "adviser": 0.6}
"""What a channel adds to the log-odds, whichever the product."""

CAMPAIGN = 0.3
"""How often the product of the month is shown; the others share the rest evenly."""
OPEN_DAYS = 30
"""An offer that nobody accepted by then has expired."""

BASE = {"loan": -2.9, "payroll": -2.8, "loyalty": -2.9, "invoicing": -3.0, "instant payout": -2.7, "gift card": -3.0}
LIKES: dict[str, dict[str, float]] = {
    "loan": {"growth": 1.3, "size": 0.4, "disputed": -1.4},
    "payroll": {"size": 1.1, "tipped": 0.5},
    "loyalty": {"returning": 0.9, "ticket": -0.6},
    "invoicing": {"ticket": 0.9, "tipped": -0.7, "online": -0.3},
    "instant payout": {"size": -0.7, "growth": -1.2, "disputed": 0.4},
    "gift card": {"online": 1.0, "season": 0.9},
}
"""Log-odds that a fact adds, where 1 is about one standard deviation of it."""
TRADES: dict[str, dict[str, float]] = {
    "loan": {"travel": 0.6, "repair": 0.4},
    "payroll": {"restaurant": 1.0, "grocery": 0.6, "travel": -0.6},
    "loyalty": {"cafe": 1.5, "beauty": 1.0, "repair": -1.0},
    "invoicing": {"repair": 1.8, "travel": 1.0, "cafe": -1.2},
    "instant payout": {"cafe": 0.5, "fitness": 0.4},
    "gift card": {"retail": 0.7, "beauty": 1.1, "grocery": -0.6},
}
"""Log-odds that a line of business adds."""


def offers(world: World, rng: Rng) -> Columns:
    """Offers in order of time, with the chance that the product had of being shown; accepted after days or weeks."""
    shop, at = _occasions(world, rng)
    size = len(at)
    propensities = _campaign(rng, at)
    product = (rng.random(size)[:, None] > propensities.cumsum(axis=1)[:, :-1]).sum(axis=1)
    channel = pick(rng, CHANNELS, size)
    persuasion = np.array([PERSUASION[str(name)] for name in channel])
    taste = rng.normal(0, 0.4, (len(world.tables["square.merchants"]["merchant_id"]), len(PRODUCTS)))
    chances = 1 / (1 + np.exp(-(likings(trade(world, shop, at)) + persuasion[:, None] + taste[shop])))
    shown = np.arange(size), product
    first = _first(rng.random(size) < chances[shown], shop, product)
    chances[np.arange(size)[:, None] > first[shop]] = 0.0
    answered = at + np.minimum(rng.gamma(1.6, 5.5, size) * DAY + 600, OPEN_DAYS * DAY - 1).astype(np.int64)
    return {
        "offer_id": np.arange(1, size + 1),
        "merchant_id": shop + 1,
        "product": np.array(PRODUCTS)[product],
        "channel": channel,
        "propensity": propensities[shown],
        "offered_at": at,
        "accepted_at": np.where((first[shop, product] == shown[0]) & (answered <= SPAN), answered, NULL),
        "_chances": chances,
    }


def likings(facts: Facts) -> Floats:
    """(offers, products) log-odds that each product would be accepted, but for channel and taste."""
    columns = [
        BASE[product]
        + sum(weight * facts.numbers[name] for name, weight in LIKES[product].items())
        + np.array([TRADES[product].get(str(name), 0.0) for name in facts.category])
        for product in PRODUCTS
    ]
    return np.stack(columns, axis=1)


def _occasions(world: World, rng: Rng) -> tuple[Ints, Ints]:
    """A merchant (row number) and a working hour for each offer, from a week after it joined until it stops."""
    table = world.tables["square.merchants"]
    first = table["signed_up_at"] // DAY + 7
    life = np.maximum(table["_stops"] // DAY - first, 0)
    shop = rng.choice(len(life), world.size("growth.offers"), p=life / life.sum())
    day = first[shop] + (rng.random(len(shop)) * life[shop]).astype(np.int64)
    at = day * DAY + hours(rng, len(shop), ((10.5, 1.5, 0.6), (15.0, 1.5, 0.4)))
    order = np.argsort(at, kind="stable")
    return shop[order], at[order]


def _campaign(rng: Rng, at: Ints) -> Floats:
    """(offers, products) chances of being shown: each month one product is promoted."""
    month = (START + at.astype("timedelta64[s]")).astype("datetime64[M]").astype(np.int64)
    promoted = rng.integers(0, len(PRODUCTS), int(month.max() - month.min()) + 1)[month - month.min()]
    rest = (1 - CAMPAIGN) / (len(PRODUCTS) - 1)
    return np.where(np.arange(len(PRODUCTS)) == promoted[:, None], CAMPAIGN, rest)


def _first(taken: NDArray[np.bool_], shop: Ints, product: Ints) -> Ints:
    """(merchants, products) the row in which a merchant took a product; nobody takes one twice."""
    rows = np.flatnonzero(taken)[::-1]
    out = np.full((int(shop.max()) + 1, len(PRODUCTS)), len(taken))
    out[shop[rows], product[rows]] = rows
    return out
