"""What follows a payment: refunds by the merchant and disputes by the customer."""

import numpy as np

from data.demo.rhythm import DAY, SPAN, later
from data.demo.sampling import Columns, Floats, Ints, Rng, pick
from data.demo.world import World


def refunds(world: World, rng: Rng) -> Columns:
    """Money back for captured payments, more often in retail and travel, a third of it partial."""
    shops = world.tables["square.merchants"]["category"][world.tables["square.payments"]["merchant_id"] - 1]
    weights = np.select([shops == "retail", shops == "travel", shops == "cafe"], [2.5, 2.0, 0.3], 1.0)
    rows, at = _after(world, rng, "square.refunds", weights, 9.0)
    amount = world.tables["square.payments"]["amount"][rows]
    part = np.maximum((amount * rng.uniform(0.1, 0.9, len(rows))).astype(np.int64), 1)
    reasons = {
        "damaged": 0.2,
        "late": 0.14,
        "wrong item": 0.17,
        "cancelled": 0.27,
        "duplicate": 0.09,
        "other": 0.13,
    }
    return {
        "refund_id": np.arange(1, len(rows) + 1),
        "payment_id": rows + 1,
        "amount": np.where(rng.random(len(rows)) < 0.33, part, amount),
        "reason": pick(rng, reasons, len(rows)),
        "created_at": at,
    }


def disputes(world: World, rng: Rng) -> Columns:
    """Chargebacks: a few of the honest payments, and most of the rings', those with the reason fraud."""
    ring = world.tables["square.payments"]["_ring"] > 0
    noticed = np.where(rng.random(len(ring)) < 0.8, 1e5, 0.0)
    rows, at = _after(world, rng, "square.disputes", np.where(ring, noticed, 1.0), 28.0)
    size, fraud = len(rows), ring[rows]
    amount = world.tables["square.payments"]["amount"][rows]
    reasons = {
        "fraud": 0.14,
        "not received": 0.33,
        "not as described": 0.26,
        "duplicate": 0.13,
        "unrecognised": 0.14,
    }
    settled = pick(rng, {"lost": 0.58, "won": 0.37, "open": 0.05}, size)
    return {
        "dispute_id": np.arange(1, size + 1),
        "payment_id": rows + 1,
        "amount": np.where(rng.random(size) < 0.07, np.maximum(amount // 2, 1), amount),
        "reason": np.where(fraud & (rng.random(size) < 0.9), "fraud", pick(rng, reasons, size)),
        "status": np.where(at > SPAN - 50 * DAY, "open", settled),
        "opened_at": at,
    }


def _after(world: World, rng: Rng, name: str, weights: Floats, mean_days: float) -> tuple[Ints, Ints]:
    """Captured payments (row numbers) and a moment after each, together in order of that moment."""
    table = world.tables["square.payments"]
    fits = (table["status"] == "captured") & (table["created_at"] < SPAN - 2 * DAY)
    mass = np.where(fits, weights, 0.0)
    rows = rng.choice(len(mass), world.size(name), replace=False, p=mass / mass.sum())
    at = table["created_at"][rows] + (rng.gamma(2.0, mean_days / 2, len(rows)) * DAY).astype(np.int64) + 600
    late = at > SPAN
    at[late] = later(rng, table["created_at"][rows][late], 1.0)
    order = np.argsort(at, kind="stable")
    return rows[order], at[order]
