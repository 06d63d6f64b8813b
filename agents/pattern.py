"""Questions with places for values, such as "top {n:number} cities in {month:month}", and SQL that takes the values."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache

from sqlglot import TokenType

from data.errors import Invalid
from data.sources.base import literal
from retrieval.moments import MONTHS, month_number, next_month
from retrieval.numbers import SMALL

PLACE = re.compile(r"\{\s*(\w+)\s*(?::\s*(\w+)\s*)?\}")
NUMBERS = list(SMALL)[:13]
NUMBER = rf"-?\d+(?:[.,]\d+)*|{'|'.join(NUMBERS)}"
MONTH = (
    rf"(?:{'|'.join(f'{name[:3]}(?:{name[3:]})?' for name in MONTHS)})\.?,? \d{{4}}|\d{{4}}-\d{{2}}|(?:this|last) month"
)
END = r"[\s.,;:!?…]*"
Value = str
"""A literal of the gateway's dialect."""


@dataclass(frozen=True)
class Kind:
    """What may stand in a place: how it is written, and its literal; None where it says nothing after all."""

    written: str
    read: Callable[[str], Value | None]


@dataclass(frozen=True)
class Pattern:
    """A question with places."""

    question: str
    places: Mapping[str, str]
    """The kind of each place, by its name."""

    @classmethod
    def of(cls, question: str) -> Pattern:
        """Invalid for a kind that there is not, a name that is there twice, or nothing but places."""
        places: dict[str, str] = {}
        for name, kind in PLACE.findall(question):
            if name in places:
                raise Invalid(f"The place '{{{name}}}' is there twice.", "Give each its own name.")
            if kind and kind not in KINDS:
                raise Invalid(f"There are no places of the kind '{kind}'.", f"Use one of: {', '.join(KINDS)}.")
            places[name] = kind or "text"
        if not re.search(r"\w", PLACE.sub("", question)):
            raise Invalid(f"'{question}' has no words of its own.", "Write the question around its places.")
        return cls(question, places)

    def values(self, question: str) -> dict[str, Value] | None:
        """The literals in a question that is worded so; None for any other."""
        found = _expression(self.question).fullmatch(" ".join(question.split()))
        if found is None:
            return None
        read = {name: KINDS[kind].read(found[name]) for name, kind in self.places.items()}
        values = {name: value for name, value in read.items() if value is not None}
        return values if len(values) == len(read) else None

    def require_places(self, sql: str) -> None:
        """Invalid unless the SQL has `$name` for each place, and no other."""
        wanted, had = set(self.places), {name for name, _, _ in _parameters(sql)}
        if lacking := sorted(wanted - had):
            raise Invalid(f"The SQL does not use '${lacking[0]}'.", "Use each place of the question.")
        if strange := sorted(had - wanted):
            raise Invalid(f"The question has no place '{{{strange[0]}}}'.", "Name each value of the SQL there.")


def bound(sql: str, values: Mapping[str, Value]) -> str:
    """The SQL as it is, but with a literal for each `$name`."""
    for name, start, end in reversed(_parameters(sql)):
        sql = sql[:start] + values[name] + sql[end:]
    return sql


def _parameters(sql: str) -> list[tuple[str, int, int]]:
    """Each `$name` outside texts and comments, with where it starts and ends."""
    from sqlglot.dialects.duckdb import DuckDB

    tokens = DuckDB().tokenize(sql)
    pairs = itertools.pairwise(tokens)
    return [(b.text, a.start, b.end + 1) for a, b in pairs if a.token_type == TokenType.PARAMETER]


@cache
def _expression(question: str) -> re.Pattern[str]:
    """Matches a question whatever its case, spacing and last punctuation."""
    parts, at = [], 0
    text = " ".join(question.split()).rstrip(".,;:!?… ")
    for place in PLACE.finditer(text):
        parts += [re.escape(text[at : place.start()]), f"(?P<{place[1]}>{KINDS[place[2] or 'text'].written})"]
        at = place.end()
    return re.compile("".join((*parts, re.escape(text[at:]), END)), re.IGNORECASE)


def _number(text: str) -> Value | None:
    if text.lower() in NUMBERS:
        return str(SMALL[text.lower()])
    plain = re.sub(r",(?=\d{3}(?:\D|$))", "", text)
    return plain if re.fullmatch(r"-?\d+(\.\d+)?", plain) else None


def _date(text: str) -> Value | None:
    try:
        return f"DATE '{date.fromisoformat(text)}'"
    except ValueError:
        return None


def _month(text: str) -> Value | None:
    words = text.lower().replace(".", "").replace(",", "").split()
    if words[-1] == "month":
        first = next_month(datetime.now(UTC).date(), -1 if words[0] == "last" else 0)
        return _date(first.isoformat())
    if len(words) == 1:
        return _date(f"{text}-01")
    return _date(f"{words[1]}-{month_number(words[0]):02}-01")


KINDS: Mapping[str, Kind] = {
    "text": Kind(r"\S.{0,199}?", lambda text: literal(text.strip("\"'“”‘’"))),
    "number": Kind(NUMBER, _number),
    "date": Kind(r"\d{4}-\d{2}-\d{2}", _date),
    "month": Kind(MONTH, _month),
    "year": Kind(r"\d{4}", str),
}
"""`month` is its first day, `year` a number."""
