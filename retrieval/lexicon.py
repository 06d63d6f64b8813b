"""What people say for values that a store holds as codes: 'Canada' for CA, 'bitcoin' for BTC."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import lru_cache
from importlib.resources import files

import yaml

COUNTRY_SHARE = 0.9
FEWEST_COUNTRIES = 3
"""How many countries a column must name, as few texts may be called like some by chance."""
Names = dict[str, tuple[str, ...]]


Said = dict[str, list[str]]


@dataclass(frozen=True)
class _Lexicon:
    """The file's sections."""

    countries: Said
    codes: Said
    sets: list[Said]
    unknown: list[str]
    senses: Said
    moments: Said


@lru_cache(maxsize=1)
def _lexicon() -> _Lexicon:
    text = files("retrieval").joinpath("lexicon.yaml").read_text(encoding="utf-8")
    return _Lexicon(**yaml.safe_load(text))


@lru_cache(maxsize=1)
def countries() -> Names:
    """ISO 3166 two-letter codes with the country's names and what its people are called."""
    import pycountry

    extra = _lexicon().countries
    names: Names = {}
    for country in pycountry.countries:
        common = getattr(country, "common_name", None)
        official = [name for name in (country.name.split(",")[0], common) if name]
        names[country.alpha_2] = (*official, *extra.get(country.alpha_2, ()))
    return names


def are_countries(values: Collection[str]) -> bool:
    """True when nearly all of a column's values are country codes."""
    known = sum(value in countries() for value in values)
    return len(values) > 0 and known >= COUNTRY_SHARE * len(values)


@lru_cache(maxsize=1)
def _others() -> Names:
    """What else is said for a country, by each of its names in lower case."""
    said = countries().values()
    return {name.lower(): tuple(other for other in names if other != name) for names in said for name in names}


def _named(values: Collection[str]) -> Names:
    """What else is said for the countries that a column names; nothing where it names no others than countries."""
    if sum(value.lower() in _others() for value in values) < max(FEWEST_COUNTRIES, COUNTRY_SHARE * len(values)):
        return {}
    return {value: _others().get(value.lower(), ()) for value in values}


def spoken(values: Collection[str]) -> Iterator[tuple[str, str]]:
    """(what people say, value) for the values of one column that are codes, or the names of countries."""
    codes = _lexicon().codes
    names = countries() if are_countries(values) else _named(values)
    among = _set_of(values)
    for value in values:
        for said in (*names.get(value, ()), *codes.get(value, ()), *among.get(value.lower(), ())):
            yield said, value


def _set_of(values: Collection[str]) -> Said:
    """The set that holds all values, of which people have words for two or more, in lower case."""
    unknown = {mark.lower() for mark in _lexicon().unknown}
    there = {value.lower() for value in values} - unknown
    for listed in _lexicon().sets:
        known = {code.lower(): words for code, words in listed.items()}
        if there <= known.keys() and sum(bool(known[code]) for code in there) > 1:
            return known
    return {}


@lru_cache(maxsize=1)
def senses() -> dict[str, tuple[str, ...]]:
    """What people say for a quantity or a day, with words of which its column's name has one."""
    return {said: tuple(words) for said, words in _lexicon().senses.items()}


@lru_cache(maxsize=1)
def moments() -> dict[str, tuple[str, ...]]:
    """What people do or what happens, with words of which the name of a column that tells when has one."""
    return {said: tuple(words) for said, words in _lexicon().moments.items()}


def unstored(values: Collection[str]) -> Iterator[tuple[str, str]]:
    """(a country's name, its code) for the countries that a column of country codes does not hold."""
    if are_countries(values):
        for code, names in countries().items():
            if code not in values:
                yield from ((name, code) for name in names)
