"""Who lives with whom: couples, families and flat-shares, who use one device and send each other money."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from data.demo.sampling import Columns, Ints, Rng

SIZES = {1: 0.46, 2: 0.24, 3: 0.12, 4: 0.09, 5: 0.05, 6: 0.04}
"""How many live together, among those with an account."""


@dataclass(frozen=True)
class Households:
    """`street` has the users (row numbers) in the order of their houses, `place` where each user stands in it. For each
    place of the street, `first` is where its household begins, and `size` how many live there."""

    street: Ints
    place: Ints
    first: Ints
    size: Ints

    @classmethod
    def settled(cls, users: Columns, rng: Rng) -> Households:
        """Streets lie in one city, households as well."""
        street = np.lexsort((rng.random(len(users["city"])), users["city"]))
        sizes = rng.choice(list(SIZES), len(street), p=list(SIZES.values()))
        starts = np.zeros(len(street), dtype=bool)
        starts[np.minimum(np.cumsum(sizes) - sizes, len(street) - 1)] = True
        starts[1:] |= users["city"][street[1:]] != users["city"][street[:-1]]
        first = np.flatnonzero(starts)
        number = np.cumsum(starts) - 1
        place = np.empty_like(street)
        place[street] = np.arange(len(street))
        return cls(street, place, first[number], np.diff(first, append=len(street))[number])

    def neighbours(self, rng: Rng, user: Ints) -> Ints:
        """Somebody who lives close by."""
        steps = rng.geometric(0.3, len(user)) * rng.choice((-1, 1), len(user))
        found: Ints = self.street[(self.place[user] + steps) % len(self.street)]
        return found

    def housemates(self, rng: Rng, user: Ints) -> Ints:
        """Another member of the household; the users themselves where they live alone."""
        place = self.place[user]
        first, size = self.first[place], self.size[place]
        step = 1 + (rng.random(len(user)) * (size - 1)).astype(np.int64)
        found: Ints = self.street[first + (place - first + step) % size]
        return found

    def eldest(self, user: Ints) -> Ints:
        """The member of the household who joined first: rows are in that order."""
        begins, household = np.unique(self.first, return_inverse=True)
        found: Ints = np.minimum.reduceat(self.street, begins)[household][self.place[user]]
        return found
