"""What has been made so far while the demo is generated: later tables look up the earlier ones here."""

from dataclasses import dataclass, field

from data.demo.sampling import Columns, Ints

SIZES: dict[str, tuple[int, int]] = {
    "cash.users": (20_000, 400),
    "cash.transfers": (150_000, 3_000),
    "square.merchants": (4_000, 80),
    "square.payments": (350_000, 7_000),
    "square.refunds": (11_000, 260),
    "square.disputes": (3_200, 315),
    "tidal.artists": (1_000, 60),
    "tidal.tracks": (10_000, 400),
    "tidal.plays": (300_000, 7_000),
    "tidal.subscriptions": (12_000, 320),
    "tbd.wallets": (7_000, 260),
    "tbd.swaps": (80_000, 2_500),
    "growth.offers": (40_000, 1_200),
    "rings": (56, 8),
}
"""Rows at scale 1, and the fewest at any scale: below that, questions would have no interesting answers."""


@dataclass(frozen=True)
class Ring:
    """Accomplices: their user ids, and the moment when they start. Loud ones have merchants whom they drain in bursts;
    the others spend quietly, wherever anybody does."""

    ring_id: int
    members: Ints
    merchants: Ints
    begins: int
    loud: bool

    @property
    def days(self) -> int:
        """For how long it spends."""
        return 45 if self.loud else 90


@dataclass
class World:
    """The tables so far. A column whose name starts with an underscore is never written to a store."""

    scale: float
    seed: int
    tables: dict[str, Columns] = field(default_factory=dict)
    rings: tuple[Ring, ...] = ()

    def size(self, name: str) -> int:
        """Rows that the table should have at this scale."""
        at_one, least = SIZES[name]
        return max(least, round(at_one * self.scale))
