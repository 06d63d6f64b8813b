"""The crypto exchange: wallets and the trades between coins."""

import numpy as np

from data.demo.places import CODES, other_country
from data.demo.rhythm import Peak, Rhythm, later, not_before
from data.demo.sampling import Column, Columns, Ints, Rng, cents, pick, pick_before, zipf
from data.demo.world import World

TRADING = Rhythm(
    growth=0.7,
    week=(1.05, 1.08, 1.05, 1.02, 1.0, 0.92, 0.88),
    year=(1.0, 1.1, 1.45, 1.05, 0.9, 0.8, 0.75, 0.85, 0.8, 1.0, 1.5, 1.35),
)
TRADING_HOURS: tuple[Peak, ...] = ((10.0, 3.5, 0.4), (15.5, 3.0, 0.35), (22.0, 2.5, 0.25))
SOLD = {"USDC": 0.27, "USDT": 0.2, "BTC": 0.2, "ETH": 0.17, "SOL": 0.09, "DOGE": 0.05, "ADA": 0.02}
BOUGHT = {"BTC": 0.3, "ETH": 0.24, "USDC": 0.13, "SOL": 0.14, "USDT": 0.08, "DOGE": 0.07, "ADA": 0.04}


def wallets(world: World, rng: Rng) -> Columns:
    """One wallet for most, several for a few; opened at home, seldom abroad."""
    users, size = world.tables["cash.users"], world.size("tbd.wallets")
    count = len(users["user_id"])
    owner = rng.choice(count, size, p=zipf(count, 0.45)[rng.permutation(count)])
    opened = later(rng, users["created_at"][owner], 45)
    order = np.argsort(opened, kind="stable")
    country = other_country(rng, users["_country"][owner], 0.06)
    return {
        "wallet_id": np.arange(1, size + 1),
        "user_id": owner[order] + 1,
        "kind": pick(rng, {"custodial": 0.69, "self-custody": 0.31}, size),
        "country": CODES[country[order]],
        "created_at": opened[order],
        "_activity": rng.lognormal(0, 1.3, size),
    }


def swaps(world: World, rng: Rng) -> Columns:
    """Trades of very different sizes; self-custody pays more, and a failed trade pays nothing."""
    table, size = world.tables["tbd.wallets"], world.size("tbd.swaps")
    at = np.sort(TRADING.moments(rng, size, TRADING_HOURS))
    wallet = pick_before(rng, table["created_at"], table["_activity"], at)
    at = not_before(rng, at, table["created_at"][wallet])
    order = np.argsort(at, kind="stable")
    at, wallet = at[order], wallet[order]
    sold, bought = coins(rng, size)
    amount = cents(rng, 165.0, 1.6, size, least=500)
    status = pick(rng, {"settled": 0.945, "failed": 0.035, "pending": 0.02}, size)
    return {
        "swap_id": np.arange(1, size + 1),
        "wallet_id": wallet + 1,
        "from_coin": sold,
        "to_coin": bought,
        "amount_usd": amount,
        "fee_usd": fees(rng, table["kind"][wallet], amount, status),
        "status": status,
        "created_at": at,
    }


def fees(rng: Rng, kind: Column, amount: Ints, status: Column) -> Ints:
    """About half a percent, nearly the double for who keeps the keys, and nothing for a trade that failed."""
    rate = np.where(kind == "custodial", 0.005, 0.009) * rng.uniform(0.8, 1.2, len(amount))
    fee = np.maximum(np.rint(amount * rate).astype(np.int64), 10)
    return np.where(status == "failed", 0, fee)


def coins(rng: Rng, size: int) -> tuple[Column, Column]:
    """Two different coins each; where the draw gives the same one twice, the bought one is drawn anew."""
    sold, bought = pick(rng, SOLD, size), pick(rng, BOUGHT, size)
    while len(same := np.flatnonzero(sold == bought)):
        bought[same] = pick(rng, BOUGHT, len(same))
    return sold, bought
