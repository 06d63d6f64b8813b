"""In what a column counts, as its name says."""

from __future__ import annotations

from collections.abc import Sequence

from data.catalog import Column

NUMERIC = ("TINYINT", "SMALLINT", "INTEGER", "BIGINT", "HUGEINT", "U", "FLOAT", "REAL", "DOUBLE", "DECIMAL", "NUMERIC")
UNITS = {
    **dict.fromkeys(("cents", "cent", "ct", "cts"), "cents"),
    **dict.fromkeys(("pence", "penny", "pennies"), "pence"),
    **dict.fromkeys(("pct", "percent", "perc", "percentage"), "%"),
    **dict.fromkeys(("min", "mins", "minutes"), "min"),
    **dict.fromkeys(("sec", "secs", "seconds"), "s"),
    **dict.fromkeys(("hrs", "hours"), "h"),
    **dict.fromkeys(("ms", "millis"), "ms"),
    **dict.fromkeys(("km", "kilometers", "kilometres"), "km"),
    **{
        name.lower(): name
        for name in ("kWh", "MWh", "GWh", "Wh", "kW", "MW", "GW", "kV", "kVA", "mg", "kg", "cm", "mm")
    },
    **{name.lower(): name for name in ("m2", "m3", "ml", "lbs", "lb", "mph", "kmh", "mmHg", "bpm", "ppm", "dB", "Hz")},
    **{name.lower(): name for name in ("USD", "EUR", "GBP", "CHF", "JPY", "CAD", "AUD", "SEK", "NOK", "DKK", "PLN")},
    **dict.fromkeys(("tonnes", "tons"), "t"),
    "celsius": "°C",
    "degc": "°C",
    **{name.lower(): name for name in ("hl", "ha", "KB", "MB", "GB", "TB")},
    **dict.fromkeys(("mi", "mile", "miles"), "mi"),
    **dict.fromkeys(("ft", "feet", "foot"), "ft"),
    **dict.fromkeys(("gal", "gals", "gallon", "gallons"), "gal"),
    **dict.fromkeys(("acre", "acres"), "acres"),
    **dict.fromkeys(("sqft", "sqfeet"), "sq ft"),
    **dict.fromkeys(("oz", "ounces"), "oz"),
    **dict.fromkeys(("yd", "yds", "yards"), "yd"),
    "bbl": "bbl",
    **dict.fromkeys(("litres", "liters", "ltr", "ltrs"), "l"),
}
_MONEY = """
amount price fee cost total charge premium balance payment fare rent wage revenue discount tax value salary pay paid
budget deposit refund fine tip gross net earnings income expense spend turnover
"""
MONEY = frozenset(_MONEY.split())
LETTERS = {
    "c": ("°C", "temperature"),
    "f": ("°F", "temperature"),
    "t": ("t", "capacity weight load mass tonnage freight"),
    "g": ("g", "weight mass dose"),
    "l": ("l", "volume capacity fuel"),
    "m": ("m", "height length width depth distance altitude elevation"),
    "in": ("in", "height length width depth thickness diameter size gap clearance rainfall snowfall"),
    "nm": ("nmi", "distance range leg"),
    "h": ("h", "duration delay wait time run worked overtime"),
    "s": ("s", "duration delay wait time run"),
}
"""Single letters, and short words, with the words before them that make them a unit."""
YEAR = "year"
"""What numbers are that tell when: those of a vintage, or of a model's year."""
_LASTING = """
duration wait delay time length run travel stay late early play idle drive flight downtime uptime outage break service
session call visit procedure surgery trip overtime elapsed runtime airtime lag
duty block blk shift lesson match meeting interview
"""
LASTING = frozenset(_LASTING.split())
"""What lasts minutes: else `min` at the end of a name is the least of something."""


_PLANNED = """
hour hours day days week weeks month months minute minutes date time quantity number count
"""
PLANNED = frozenset(_PLANNED.split())
"""What is planned rather than paid in Polish money: `hours_pln`."""


def unit(column: Column, parts: Sequence[str], said: Sequence[str]) -> str | None:
    """The unit of a number whose name has these words, and these when they are written out."""
    if not column.type.upper().startswith(NUMERIC) or "[" in column.type or len(parts) < 2:
        return None
    last, pair = parts[-1], "".join(parts[-2:])
    if last in LETTERS:
        return _letter(last, column, set(said))
    if (last == "min" and not set(said) & LASTING) or (last == "pln" and set(said) & PLANNED):
        return None
    if last in ("days", "years", "months", "weeks"):
        return last
    return (UNITS.get(pair) if len(parts) > 2 else None) or UNITS.get(last)


def _letter(last: str, column: Column, said: set[str]) -> str | None:
    """'amt_c' is in cents, 'temp_c' in degrees, 'cap_t' in tonnes."""
    if last == "c" and said & MONEY:
        whole = not column.type.upper().startswith(("FLOAT", "REAL", "DOUBLE", "DECIMAL", "NUMERIC"))
        return "cents" if whole else None
    measured, of = LETTERS[last]
    return measured if said & set(of.split()) else None
