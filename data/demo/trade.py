"""What a merchant's counter has shown by a moment: the facts by which it acts."""

from dataclasses import dataclass

import numpy as np

from data.demo.rhythm import DAY, START
from data.demo.sampling import Column, Columns, Floats, Ints
from data.demo.world import World

_LATER = 10**9
"""More seconds than the demo spans: a merchant and a moment are one number, merchant * _LATER + moment."""


@dataclass(frozen=True)
class Facts:
    """One row per question. Numbers are centred, with about a unit of spread; season is 0 or 1."""

    category: Column
    numbers: dict[str, Floats]


class Ledger:
    """Events of merchants, whose values are summed over (t - window, t] by differences of running sums."""

    def __init__(self, shop: Ints, at: Ints, values: dict[str, Floats]) -> None:
        order = np.argsort(shop * _LATER + at, kind="stable")
        self._keys = (shop * _LATER + at)[order]
        self._sums = {name: np.concatenate([[0.0], np.cumsum(value[order])]) for name, value in values.items()}

    def total(self, name: str, shop: Ints, at: Ints, days: int) -> Floats:
        """The sum of a value for each merchant (row number) over the days before each moment."""
        since = shop * _LATER + np.maximum(at - days * DAY, -1)
        first = np.searchsorted(self._keys, since, side="right")
        last = np.searchsorted(self._keys, shop * _LATER + at, side="right")
        return np.asarray(self._sums[name][last] - self._sums[name][first], dtype=np.float64)


def trade(world: World, shop: Ints, at: Ints) -> Facts:
    """The facts of merchants (row numbers) at moments."""
    sales, claims = _sales(world), _claims(world)

    def quarter(name: str) -> Floats:
        return sales.total(name, shop, at, 90)

    count, revenue = quarter("count"), quarter("revenue")
    some = np.maximum(count, 1)
    recent = 3 * sales.total("count", shop, at, 30)
    month = (START + at.astype("timedelta64[s]")).astype("datetime64[M]").astype(np.int64) % 12
    return Facts(
        world.tables["square.merchants"]["category"][shop],
        {
            "size": (np.log1p(revenue) - 5.5) / 1.5,
            "growth": np.clip((recent - count) / (count + 3) / 0.6, -1.5, 2.0),
            "ticket": np.where(count > 0, (np.log1p(revenue / some) - 3.8) / 0.9, 0.0),
            "tipped": np.where(count > 0, (quarter("tipped") / some - 0.25) / 0.3, 0.0),
            "online": np.where(count > 0, (quarter("online") / some - 0.25) / 0.25, 0.0),
            "returning": np.minimum(quarter("returning"), 4.0) - 0.5,
            "disputed": np.minimum(claims.total("count", shop, at, 90), 2.0),
            "season": np.isin(month, (10, 11)).astype(np.float64),
        },
    )


def _sales(world: World) -> Ledger:
    """Captured payments, in dollars."""
    table = world.tables["square.payments"]
    kept = np.flatnonzero(table["status"] == "captured")
    rows = {name: table[name][kept] for name in ("merchant_id", "card_id", "amount", "tip", "method", "created_at")}
    values = {
        "count": np.ones(len(kept)),
        "revenue": rows["amount"] / 100,
        "tipped": (rows["tip"] >= 0).astype(np.float64),
        "online": (rows["method"] == "online").astype(np.float64),
        "returning": _returning(rows),
    }
    return Ledger(rows["merchant_id"] - 1, rows["created_at"], values)


def _returning(rows: Columns) -> Floats:
    """1 where one of our cards has paid the same merchant before; rows come in order of time."""
    order = np.lexsort((rows["card_id"], rows["merchant_id"]))
    card, shop = rows["card_id"][order], rows["merchant_id"][order]
    out = np.zeros(len(order))
    out[order[1:]] = (card[1:] >= 0) & (card[1:] == card[:-1]) & (shop[1:] == shop[:-1])
    return out


def _claims(world: World) -> Ledger:
    table = world.tables["square.disputes"]
    shop = world.tables["square.payments"]["merchant_id"][table["payment_id"] - 1] - 1
    return Ledger(shop, table["opened_at"], {"count": np.ones(len(shop))})
