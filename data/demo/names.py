"""Invented names for people, businesses, artists and songs, and the addresses that go with them."""

import re
import unicodedata
from collections.abc import Sequence
from itertools import product

import numpy as np

from data.demo import words
from data.demo.places import CODES
from data.demo.sampling import Column, Ints, Rng, pick

NOVA = "Nova"
"""One artist always has this name, so that examples and tests can name it."""

_PLAIN = str.maketrans({"ø": "o", "Ø": "O", "ł": "l", "Ł": "L", "ß": "ss"})


def people(rng: Rng, country: Ints) -> Column:
    """A full name for each country index, from the cultures that live there."""
    out = np.empty(len(country), dtype=object)
    for index, code in enumerate(CODES):
        rows = np.flatnonzero(country == index)
        out[rows] = [_person(rng, culture) for culture in pick(rng, words.CULTURES[str(code)], len(rows))]
    return out


def _person(rng: Rng, culture: str) -> str:
    first, last = words.FIRST[culture].split(), words.LAST[culture].split()
    return f"{first[rng.integers(len(first))]} {last[rng.integers(len(last))]}"


def merchants(rng: Rng, category: Column) -> Column:
    """A trading name for each category; no two are the same."""
    out = np.empty(len(category), dtype=object)
    pairs = list(product(words.ADJECTIVES[:34], words.NOUNS))
    for name, suffixes in words.SUFFIXES.items():
        rows = np.flatnonzero(category == name)
        shops = [f"{a} {b} {suffix}" for (a, b), suffix in product(pairs, suffixes)]
        out[rows] = _distinct(rng, len(rows), shops)
    partners = np.flatnonzero(rng.random(len(category)) < 0.12)
    couples = [f"{a} & {b}" for a, b in product(words.NOUNS, words.NOUNS) if a != b]
    partners = partners[: len(couples)]
    out[partners] = _distinct(rng, len(partners), couples)
    return out


def artists(rng: Rng, size: int) -> Column:
    """Stage names of one to three words, no two the same, without NOVA."""
    forms: tuple[Sequence[str], ...] = (
        words.COINED,
        [f"The {a} {b}" for a, b in product(words.ADJECTIVES, words.PLURALS)],
        [f"{a} {b}" for a, b in product(words.THINGS, words.THINGS) if a != b],
        [f"{a} {b}" for a, b in product(words.COINED, words.NOUNS)],
    )
    counts = [min(len(words.COINED), size // 5)]
    counts += [size // 4, size // 4]
    counts += [size - sum(counts)]
    made = [name for form, count in zip(forms, counts, strict=True) for name in _distinct(rng, count, form)]
    return np.array(made, dtype=object)[rng.permutation(size)]


def titles(rng: Rng, size: int) -> Column:
    """Song titles; no two are the same."""
    nouns = words.NOUNS + words.THINGS + words.PLURALS
    forms = [f"{a} {b}" for a, b in product(words.ADJECTIVES, nouns)]
    forms += [f"{a} Me {b}" for a, b in product(words.FEELINGS, words.PLACES)]
    forms += [f"{a} {b}" for a, b in product(words.FEELINGS, words.PLACES)]
    forms += [f"{a} in the {b}" for a, b in product(words.PLURALS, words.THINGS)]
    forms += [f"{a} of {b}" for a, b in product(words.THINGS, words.PLURALS)]
    forms += [f"{a} {b} {c}" for a, b, c in product(words.ADJECTIVES, words.THINGS[:12], words.THINGS[12:])]
    return np.array(_distinct(rng, size, forms), dtype=object)


def emails(names: Column) -> Column:
    """An address for each person; the row number keeps them apart, and the domains belong to nobody."""
    domains = ("example.com", "example.org", "example.net")
    made = (f"{slug(name, '.')}{row + 1}@{domains[row % 3]}" for row, name in enumerate(names))
    return np.array(list(made), dtype=object)


def shop_emails(names: Column) -> Column:
    """An address for each business."""
    return np.array([f"hello@{slug(name, '-')}.example.com" for name in names], dtype=object)


def slug(name: str, joint: str) -> str:
    """The name in plain lower-case letters and digits, its words tied with `joint`."""
    plain = unicodedata.normalize("NFKD", name.translate(_PLAIN)).encode("ascii", "ignore").decode().lower()
    return joint.join(re.findall(r"[a-z0-9]+", plain.replace("'", "")))


def _distinct(rng: Rng, size: int, pool: Sequence[str]) -> list[str]:
    """`size` different names out of the pool; a second round through it is numbered."""
    order = rng.permutation(len(pool))
    rounds = ((pool[order[i % len(pool)]], i // len(pool)) for i in range(size))
    return [name if not again else f"{name} No. {again + 1}" for name, again in rounds]
