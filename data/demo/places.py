"""The six countries of the demo, with their cities, money and telephone numbers."""

from dataclasses import dataclass

import numpy as np

from data.demo.sampling import Column, Ints, Rng


@dataclass(frozen=True)
class Country:
    """`rate` is units of the currency to one US dollar, `step` its smallest amount in hundredths.
    `phone` takes the city's area code and a running number; no such numbers are given out."""

    code: str
    share: float
    currency: str
    rate: float
    step: int
    phone: str
    cities: dict[str, tuple[float, str]]


COUNTRIES = (
    Country(
        "US",
        0.44,
        "USD",
        1.0,
        1,
        "+1 {area} 555 {n:04d}",
        {
            "New York": (0.27, "212"),
            "Chicago": (0.19, "312"),
            "Seattle": (0.16, "206"),
            "Austin": (0.15, "512"),
            "Portland": (0.13, "503"),
            "Denver": (0.10, "303"),
        },
    ),
    Country(
        "GB",
        0.15,
        "GBP",
        0.79,
        1,
        "+44 {area} 555 {n:04d}",
        {
            "London": (0.52, "20"),
            "Manchester": (0.22, "161"),
            "Bristol": (0.14, "117"),
            "Edinburgh": (0.12, "131"),
        },
    ),
    Country(
        "CA",
        0.13,
        "CAD",
        1.36,
        1,
        "+1 {area} 555 {n:04d}",
        {
            "Toronto": (0.42, "416"),
            "Montreal": (0.27, "514"),
            "Vancouver": (0.19, "604"),
            "Calgary": (0.12, "403"),
        },
    ),
    Country(
        "AU",
        0.10,
        "AUD",
        1.52,
        1,
        "+61 {area} 5550 {n:04d}",
        {"Sydney": (0.42, "2"), "Melbourne": (0.30, "3"), "Brisbane": (0.17, "7"), "Perth": (0.11, "8")},
    ),
    Country(
        "FR",
        0.10,
        "EUR",
        0.92,
        1,
        "+33 {area} 55 50 {n:04d}",
        {"Paris": (0.50, "1"), "Lyon": (0.24, "4"), "Marseille": (0.16, "9"), "Bordeaux": (0.10, "5")},
    ),
    Country(
        "JP",
        0.08,
        "JPY",
        150.0,
        100,
        "+81 {area} 0555 {n:04d}",
        {"Tokyo": (0.55, "3"), "Osaka": (0.23, "6"), "Kyoto": (0.12, "75"), "Fukuoka": (0.10, "92")},
    ),
)

CODES = np.array([country.code for country in COUNTRIES])
SHARES = np.array([country.share for country in COUNTRIES])
CURRENCIES = np.array([country.currency for country in COUNTRIES])
RATES = np.array([country.rate for country in COUNTRIES])
STEPS = np.array([country.step for country in COUNTRIES])

_CITIES = [(name, i, share, area) for i, c in enumerate(COUNTRIES) for name, (share, area) in c.cities.items()]
CITY = np.array([name for name, *_ in _CITIES])
CITY_COUNTRY = np.array([country for _, country, *_ in _CITIES])
CITY_SHARES = np.array([SHARES[country] * share for _, country, share, _ in _CITIES])


def settle(rng: Rng, size: int) -> Ints:
    """`size` indices into CITY, larger cities more often."""
    return rng.choice(len(CITY), size, p=CITY_SHARES / CITY_SHARES.sum())


def other_country(rng: Rng, country: Ints, share: float) -> Ints:
    """The country indices with about `share` of them replaced by any country."""
    moved = rng.random(len(country)) < share
    return np.where(moved, rng.choice(len(CODES), len(country), p=SHARES), country)


def local_amount(amount: Ints, country: Ints) -> Ints:
    """US cents as hundredths of the country's currency, rounded to what it can pay."""
    step = STEPS[country]
    units = np.maximum(np.rint(amount * RATES[country] / step), 1)
    return np.asarray(units * step, dtype=np.int64)


def phones(cities: Ints) -> Column:
    """A telephone number for each row; within a city they repeat only after 10,000 rows."""
    numbers = (np.arange(len(cities)) * 7919 + 137) % 10_000
    return np.array(
        [
            COUNTRIES[_CITIES[city][1]].phone.format(area=_CITIES[city][3], n=int(n))
            for city, n in zip(cities.tolist(), numbers, strict=True)
        ],
        dtype=object,
    )
