"""Whom or what a filling is about: rows of the lakehouse by the words for them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from agents.forms.reach import phrases
from agents.forms.state import Subject
from agents.forms.vocabulary import tokens
from data.catalog import Catalog, Table
from data.errors import Invalid, NotFound
from data.policy import is_text
from data.sources.base import quoted
from data.values import plain, whole

if TYPE_CHECKING:
    from data.gateway import Gateway
    from data.policy import Principal

MOST_CHOICES = 8
LONGEST = 400
EXACT = re.compile(r"([\w$. -]+\.[\w$ -]+):(.+)", re.DOTALL)
BESIDE = re.compile(r"^(?:#|no\.?\s|number\s|id\s|with id\s|called\s|named\s|the\s)+", re.I)


class Subjects:
    """Finds subjects as one caller sees them."""

    def __init__(self, gateway: Gateway, principal: Principal) -> None:
        self._gateway, self._principal = gateway, principal

    @property
    def catalog(self) -> Catalog:
        """What the caller sees."""
        return self._gateway.askable(self._principal)

    def find(self, about: str, table: str = "") -> list[tuple[Subject, str]]:
        """The rows that the words fit, with a detail that tells them apart: `square.merchants:7`, `merchant Blue
        Bottle`, or a title or key alone. `table` is what the form is about. NotFound where there are none."""
        text = about.strip()
        if not text or len(text) > LONGEST:
            raise Invalid(f"'{text[:60]}' does not say whom the form is about.", "Give a key, or a name.")
        for place, rest in self._places(text, table):
            if found := self._rows(place, rest):
                return found
        raise NotFound(f"There is no '{text}' that you may see.", "Give its key or name, such as 'merchant 7'.")

    def keyed(self, words: Sequence[str], table: str) -> dict[str, list[tuple[Subject, str]]]:
        """The same for many texts at once, as far as they are keys of one table."""
        if not table:
            return {}
        place = self.catalog.table(table)
        keys = {key: text for text in words if (key := _key(place, text)) is not None}
        if not keys or place.key is None:
            return {}
        names, given = ", ".join(f"$k{at}" for at in range(len(keys))), dict(enumerate(keys))
        found = self._rowed(place, f"{quoted(place.key)} IN ({names})", {f"k{at}": key for at, key in given.items()})
        return {keys[one.key]: [(one, detail)] for one, detail in found if one.key in keys}

    def _places(self, text: str, table: str) -> Iterator[tuple[Table, str]]:
        """Where to look for which words, the likeliest first."""
        catalog = self.catalog
        if (found := EXACT.fullmatch(text)) and found[1] in catalog:
            yield catalog.table(found[1]), found[2].strip()
            return
        tables = [catalog.table(table)] if table else list(catalog.tables)
        for place in tables:
            if rest := _after_noun(place, text):
                yield place, rest
        for place in tables:
            if table or place.label:
                yield place, text

    def _rows(self, table: Table, words: str) -> list[tuple[Subject, str]]:
        words = words.strip().strip("\"'“”‘’").strip()
        if not words or table.key is None:
            return []
        for condition, value in self._conditions(table, words):
            if found := self._read(table, condition, value):
                return found
        return []

    def _conditions(self, table: Table, words: str) -> Iterator[tuple[str, object]]:
        assert table.key is not None
        if (key := _key(table, words)) is not None:
            yield f"{quoted(table.key)} = $x", key
        if table.label and table.label in table:
            label = quoted(table.label)
            yield f"lower({label}) = lower($x)", words
            escaped = re.sub(r"([%_!])", r"!\1", words)
            yield f"{label} ILIKE '%' || $x || '%' ESCAPE '!'", escaped

    def _read(self, table: Table, condition: str, value: object) -> list[tuple[Subject, str]]:
        return self._rowed(table, condition, {"x": value}, MOST_CHOICES)

    def _rowed(
        self, table: Table, condition: str, params: Mapping[str, object], limit: int | None = None
    ) -> list[tuple[Subject, str]]:
        assert table.key is not None
        label = [table.label] if table.label and table.label in table else []
        names = ", ".join(map(quoted, (table.key, *label, *_details(table))))
        sql = f"SELECT {names} FROM {relation(table)} WHERE {condition} ORDER BY {quoted(table.key)}"
        result = self._gateway.query(self._principal, sql, params=params, limit=limit, question="form subject")
        return [_subject(table, row) for row in result.table.to_pylist()]


def relation(table: Table) -> str:
    """A table's name as SQL."""
    return f"{quoted(table.source)}.{quoted(table.name)}"


def _after_noun(table: Table, text: str) -> str:
    """What follows the word for a table's rows at the beginning of a text; "" where there is no such word."""
    parts = text.split()
    known = set(phrases(table))
    for count in range(min(3, len(parts) - 1), 0, -1):
        if tokens(" ".join(parts[:count])) in known:
            return BESIDE.sub("", " ".join(parts[count:])).strip(" :,")
    return ""


def _key(table: Table, words: str) -> object:
    """A text as a key of a table; None where it can't be one."""
    if table.key is None or is_text(table.column(table.key)):
        return words if table.key else None
    return whole(words)


def _details(table: Table) -> list[str]:
    """Columns that tell rows of one title apart: no names, keys or personal data."""
    told = (table.key, table.label)
    texts = (c.name for c in table.columns if is_text(c) and c.name not in told and "pii" not in c.tags | table.tags)
    return list(texts)[:2]


def _subject(table: Table, row: dict[str, Any]) -> tuple[Subject, str]:
    assert table.key is not None
    key = row.pop(table.key)
    label = row.pop(table.label, None) if table.label else None
    detail = ", ".join(str(plain(value)) for value in row.values() if value is not None)
    return Subject(table.full_name, key, str(label) if label is not None else f"{table.name} {plain(key)}"), detail
