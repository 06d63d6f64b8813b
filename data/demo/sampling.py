"""Random draws shared by all generators: every function takes its generator, and whole arrays at a time."""

import zlib
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

Ints: TypeAlias = NDArray[np.int64]
Floats: TypeAlias = NDArray[np.float64]
Flags: TypeAlias = NDArray[np.bool_]
Column: TypeAlias = NDArray[Any]
Columns: TypeAlias = dict[str, Column]
Rng: TypeAlias = np.random.Generator

NULL = -1
"""A missing identifier, amount (in cents) or time (in seconds); all present ones are zero or more."""


def stream(seed: int, table: str) -> Rng:
    """A generator of the table's own, so that what one table draws never shifts another."""
    return np.random.default_rng((seed, zlib.crc32(table.encode())))


def zipf(n: int, power: float = 1.0, shift: float = 2.0) -> Floats:
    """Zipf-Mandelbrot shares of `n` ranks, the largest first; they sum to 1."""
    weights = (np.arange(n, dtype=np.float64) + 1 + shift) ** -power
    return np.asarray(weights / weights.sum(), dtype=np.float64)


def pick(rng: Rng, shares: dict[str, float], size: int) -> Column:
    """`size` labels drawn with the given shares, which need not sum to 1."""
    weights = np.array(list(shares.values()))
    return np.array(list(shares))[rng.choice(len(shares), size, p=weights / weights.sum())]


def pick_before(rng: Rng, since: Ints, weights: Floats, at: Ints) -> Ints:
    """For each moment in `at` an index drawn by weight among those with `since` <= that moment.

    Where nothing existed yet the earliest is taken; the caller moves the moment if that matters.
    """
    order = np.argsort(since, kind="stable")
    mass = np.cumsum(weights[order])
    known = np.maximum(np.searchsorted(since[order], at, side="right"), 1)
    drawn = np.searchsorted(mass, rng.random(len(at)) * mass[known - 1], side="right")
    return np.asarray(order[np.minimum(drawn, known - 1)], dtype=np.int64)


def pick_same(rng: Rng, wanted: Column, groups: Column) -> Ints:
    """For each label in `wanted` the index of a random member of that group; NULL where it has none."""
    order = np.argsort(groups, kind="stable")
    first = np.searchsorted(groups[order], wanted, side="left")
    count = np.searchsorted(groups[order], wanted, side="right") - first
    slot = np.minimum(first + (rng.random(len(wanted)) * count).astype(np.int64), len(groups) - 1)
    return np.asarray(np.where(count > 0, order[slot], NULL), dtype=np.int64)


def cents(rng: Rng, median: Floats | float, sigma: Floats | float, size: int, least: int = 50) -> Ints:
    """Lognormal amounts in whole cents; `median` in dollars, never below `least` cents."""
    amounts = np.asarray(median) * np.exp(np.asarray(sigma) * rng.standard_normal(size))
    return np.asarray(np.maximum(np.rint(amounts * 100), least), dtype=np.int64)


def blank(rng: Rng, column: Column, share: float) -> Column:
    """The column with about `share` of its values missing: None in text, NULL in numbers."""
    missing = rng.random(len(column)) < share
    text = column.dtype.kind in "UO"
    out = column.astype(object) if text else column.copy()
    out[missing] = None if text else NULL
    return out
