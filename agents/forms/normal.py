"""Values as a form wants them: dates, money, telephones, countries and choices, each by its library."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_EVEN, Decimal
from functools import lru_cache
from typing import Any

from agents.forms.field import Field
from agents.forms.sample import FORMATS
from agents.forms.vocabulary import tokens
from data.values import plain

DAYS = ("%Y-%m-%d", "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%d-%m-%Y", "%Y/%m/%d", "%Y%m%d", "%d %B %Y", "%B %d, %Y")
YES, NO = ("yes", "true", "y", "on", "1"), ("no", "false", "n", "off", "0")
CENTS = Decimal("0.01")


class Misfit(ValueError):
    """A value that a field can't hold; the message says why, without the value."""


DIALLED = re.compile(r"\+\d[\d ()./-]{6,20}")
"""A text that is a telephone number, whatever the field is called."""


def normalised(value: Any, field: Field, *, money: bool = False) -> Any:
    """The value as JSON that the field's own type, format, pattern and options allow. Misfit where there is none."""
    for form in _forms(value, field, money):
        if _allowed(form, field):
            return form
    wants = field.format or ("one of its options" if field.options else field.kind)
    raise Misfit(f"What was found does not fit: the form wants {wants}.")


def chosen(value: Any, options: Sequence[Any]) -> Any:
    """The option that a value means, whatever its spelling; None for none."""
    for option in options:
        if value == option and isinstance(value, bool) == isinstance(option, bool):
            return option
    said = {_folded(one) for one in _spellings(value)}
    return next((option for option in options if _folded(option) in said), None)


def _forms(value: Any, field: Field, money: bool) -> Iterator[Any]:
    """The ways to write a value, the likeliest first."""
    if field.options:
        yield chosen(value, field.options)
        return
    match field.kind:
        case "boolean":
            yield _truth(value)
        case "integer" | "number":
            yield _number(value, field.kind, money)
        case "string":
            yield from _texts(value, field)
        case _:
            yield plain(value)


def _texts(value: Any, field: Field) -> Iterator[str]:
    format = FORMATS.get(field.format, field.format)
    if isinstance(value, date):
        yield from _days(value, format)
    elif isinstance(value, bool):
        yield from ("Yes" if value else "No", "Y" if value else "N")
    elif isinstance(value, Decimal | float):
        yield str(_number(value, "number", True))
    else:
        text = str(value).strip()
        if format == "phone" or DIALLED.fullmatch(text) or "phone·" in tokens(field.title):
            yield from _phones(text)
        if format in ("date", "date-time"):
            yield from _days_of(text, format)
        yield text
        yield from _spellings(value)


def _days(value: date, format: str) -> Iterator[str]:
    if format == "date-time" or (isinstance(value, datetime) and not format):
        moment = value if isinstance(value, datetime) else datetime(value.year, value.month, value.day)
        yield (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).isoformat().replace("+00:00", "Z")
    yield from (value.strftime(way) for way in DAYS)
    yield str(value.year)


def _days_of(text: str, format: str) -> Iterator[str]:
    try:
        yield from _days(datetime.fromisoformat(text), format)
    except ValueError:
        return


def _phones(text: str) -> Iterator[str]:
    import phonenumbers as library

    try:
        number = library.parse(text, None)
    except library.NumberParseException:
        return
    if library.is_possible_number(number):
        for way in ("E164", "INTERNATIONAL", "NATIONAL"):
            yield library.format_number(number, getattr(library.PhoneNumberFormat, way))


def _number(value: Any, kind: str, money: bool) -> int | float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal | str):
        return None
    try:
        number = Decimal(str(value).replace(",", "").strip())
    except ArithmeticError:
        return None
    if not number.is_finite():
        return None
    if money:
        number = number.quantize(CENTS, ROUND_HALF_EVEN)
    if kind == "integer":
        return int(number) if number == number.to_integral_value() else None
    return int(number) if number == number.to_integral_value() and isinstance(value, int) else float(number)


def _truth(value: Any) -> bool | None:
    if isinstance(value, bool):
        return value
    said = str(value).strip().lower()
    return True if said in YES else False if said in NO else None


def _spellings(value: Any) -> tuple[str, ...]:
    """A value's text, a truth as yes or no, and a country by its other names."""
    if isinstance(value, bool):
        return YES[:3] if value else NO[:3]
    text = str(plain(value)).strip()
    return (text, *_countries(text))


@lru_cache(maxsize=2048)
def _countries(text: str) -> tuple[str, ...]:
    import pycountry

    if not 2 <= len(text) <= 60:
        return ()
    try:
        found: Any = pycountry.countries.lookup(text)
    except LookupError:
        return ()
    common = getattr(found, "common_name", None)
    return tuple(name for name in (found.alpha_2, found.alpha_3, found.name, common) if name)


def _folded(value: Any) -> str:
    return re.sub(r"[^0-9a-z]+", "", str(value).lower())


def _allowed(form: Any, field: Field) -> bool:
    if form is None:
        return False
    return bool(_validator(field.kind, field.format, field.pattern).is_valid(form))


@lru_cache(maxsize=2048)
def _validator(kind: str, format: str, pattern: str) -> Any:
    from data.streams.decode.exact import validator_of

    schema: dict[str, Any] = {} if kind == "any" else {"type": kind}
    schema |= {word: text for word, text in (("format", format), ("pattern", pattern)) if text}
    return validator_of(schema, "of a field")
