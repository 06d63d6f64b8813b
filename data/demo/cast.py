"""Who takes part in the live demo: the merchants, users, cards, tracks and wallets that the home holds."""

from __future__ import annotations

import numpy as np

from data.demo.sampling import Column, Columns, Floats, Ints, Rng, stream, zipf
from data.demo.world import World
from data.errors import Invalid, NotFound
from data.gateway import Gateway
from data.policy import Principal

READ = {
    "square.merchants": """SELECT merchant_id, category, country FROM square.merchants
        WHERE status = 'active' ORDER BY 1""",
    "cash.users": "SELECT user_id FROM cash.users ORDER BY 1",
    "cash.cards": """SELECT c.card_id, u.country FROM cash.cards c JOIN cash.users u ON u.user_id = c.user_id
        WHERE c.status = 'active' ORDER BY 1""",
    "cash.devices": "SELECT user_id, device_id FROM cash.devices ORDER BY 1, 2",
    "tidal.tracks": "SELECT track_id, artist_id, duration_seconds FROM tidal.tracks ORDER BY 1",
    "tbd.wallets": "SELECT wallet_id, kind FROM tbd.wallets ORDER BY 1",
}
"""Where the home has more rows than an answer may, those with the smallest identifiers take part."""


def read(gateway: Gateway, principal: Principal, seed: int) -> World:
    """The columns that events are drawn from, each table with a `_weight`: how much of all falls to a row.

    NotFound when the principal sees no demo, Invalid for a demo without rows.
    """
    world = World(1.0, seed)
    for name, sql in READ.items():
        columns = _columns(gateway, principal, sql)
        size = len(next(iter(columns.values())))
        if not size:
            raise Invalid(
                f"There is nothing in '{name}' that could take part.", "Make the demo: lakewright init --demo"
            )
        world.tables[name] = columns | {"_weight": _weights(stream(seed, name), size)}
    return world


def greatest(gateway: Gateway, principal: Principal, column: str, tables: tuple[str, ...]) -> int:
    """The greatest identifier in the tables; 0 where there is none."""
    answers = (_columns(gateway, principal, f"SELECT max({column}) AS most FROM {table}")["most"] for table in tables)
    return max(int(most[0] or 0) for most in answers)


def drawn(rng: Rng, weights: Floats, size: int) -> Ints:
    """`size` indices, each in proportion to its weight."""
    mass = np.cumsum(weights)
    found = np.searchsorted(mass, rng.random(size) * mass[-1], side="right")
    return np.asarray(np.minimum(found, len(mass) - 1), dtype=np.int64)


def _columns(gateway: Gateway, principal: Principal, sql: str) -> Columns:
    try:
        rows = gateway.query(principal, sql).table
    except NotFound as error:
        raise NotFound(
            f"This home does not hold the demo: {error.message}",
            "Make it, in a home of its own: lakewright init --demo",
        ) from None
    return {name: _array(rows.column(name).to_pylist()) for name in rows.column_names}


def _array(values: list[object]) -> Column:
    return np.array(values, dtype=object if any(isinstance(value, str | None) for value in values) else None)


def _weights(rng: Rng, size: int) -> Floats:
    return zipf(size, 0.6)[rng.permutation(size)]
