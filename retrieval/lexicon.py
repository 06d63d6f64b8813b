"""What people say for values that a store holds as codes: 'Canada' for CA, 'bitcoin' for BTC."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import lru_cache
from importlib.resources import files

import yaml

COUNTRY_SHARE = 0.9
MOST_SEXES = 6
Names = dict[str, tuple[str, ...]]


@lru_cache(maxsize=1)
def _tables() -> dict[str, dict[str, list[str]]]:
    text = files("retrieval").joinpath("lexicon.yaml").read_text(encoding="utf-8")
    loaded: dict[str, dict[str, list[str]]] = yaml.safe_load(text)
    return loaded


@lru_cache(maxsize=1)
def countries() -> Names:
    """ISO 3166 two-letter codes with the country's names and what its people are called."""
    import pycountry

    extra = _tables()["countries"]
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


def are_sexes(values: Collection[str]) -> bool:
    """True for the few values of a column that has both sexes, and maybe what else people may be."""
    held = {value.lower() for value in values} if len(values) <= MOST_SEXES else set()
    return {"f", "m"} <= held or {"female", "male"} <= held


def spoken(values: Collection[str]) -> Iterator[tuple[str, str]]:
    """(what people say, value) for the values of one column that are codes."""
    codes: dict[str, list[str]] = _tables()["codes"]
    names = countries() if are_countries(values) else {}
    sexes = _tables()["sexes"] if are_sexes(values) else {}
    for value in values:
        for said in (*names.get(value, ()), *codes.get(value, ()), *sexes.get(value.lower(), ())):
            yield said, value


def unstored(values: Collection[str]) -> Iterator[tuple[str, str]]:
    """(a country's name, its code) for the countries that a column of country codes does not hold."""
    if are_countries(values):
        for code, names in countries().items():
            if code not in values:
                yield from ((name, code) for name in names)
