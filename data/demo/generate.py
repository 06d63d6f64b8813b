"""The order in which the demo's tables are made, and their Arrow form."""

from collections.abc import Callable
from typing import TypeAlias

import pyarrow as pa

from data.catalog import Catalog, Table
from data.demo import claims, merchants, offers, payments, people, rings, tbd, tidal, transfers
from data.demo.sampling import Columns, Rng, stream
from data.demo.schema import arrow_table
from data.demo.world import World

Step: TypeAlias = tuple[str, Callable[[World, Rng], Columns]]

BEFORE_RINGS: tuple[Step, ...] = (
    ("cash.users", people.users),
    ("square.merchants", merchants.merchants),
)
AFTER_RINGS: tuple[Step, ...] = (
    ("cash.cards", people.cards),
    ("cash.devices", people.devices),
    ("cash.transfers", transfers.transfers),
    ("square.payments", payments.payments),
    ("square.refunds", claims.refunds),
    ("square.disputes", claims.disputes),
    ("tidal.artists", tidal.artists),
    ("tidal.tracks", tidal.tracks),
    ("tidal.plays", tidal.plays),
    ("tidal.subscriptions", tidal.subscriptions),
    ("tbd.wallets", tbd.wallets),
    ("tbd.swaps", tbd.swaps),
    ("growth.offers", offers.offers),
)


def generate(scale: float, seed: int) -> World:
    """All tables in memory, as columns of numbers; the same for the same scale and seed."""
    world = World(scale, seed)
    _make(world, BEFORE_RINGS)
    world.rings = rings.plan(world, stream(seed, "rings"))
    _make(world, AFTER_RINGS)
    return world


def tables(world: World, catalog: Catalog) -> dict[Table, pa.Table]:
    """The tables as the catalogue declares them, without hidden columns."""
    return {table: arrow_table(table, world.tables[table.full_name]) for table in catalog.tables}


def truth(world: World) -> dict[str, pa.Table]:
    """The hidden labels by name. They are for training and judging models, and stand in no catalogue."""
    labels = rings.truth(world) | merchants.churned(world)
    return {name: pa.table(columns) for name, columns in labels.items()}


def _make(world: World, steps: tuple[Step, ...]) -> None:
    for name, step in steps:
        world.tables[name] = step(world, stream(world.seed, name))
