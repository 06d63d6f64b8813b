"""The values of text columns that a principal may read, found by governed queries as that principal."""

from __future__ import annotations

import hashlib
import json
import os
import threading
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Protocol

from data.catalog import Catalog, Column, Table
from data.errors import DataError
from data.gateway import Gateway
from data.kinds import is_whole
from data.policy import Principal
from retrieval.lexicon import spoken, unstored
from retrieval.shortened import Labels, Shortened
from retrieval.spans import singular, stem

FEW = 1_000  # a column with more values than this is no enumeration; only labels and codes are then indexed
LONGEST_CODE = 8
MANY = 100_000
KINDS = 12
_STEM = "~"  # before a key that is a stem
LIVE = "live"  # the version of a store that has none
RULES = 4  # counts up when other columns are read than before
TRUSTED = 900.0  # seconds for which the values of a live store count as read


@dataclass(frozen=True)
class Value:
    """A text that stands in a column: `literal` is the text as stored."""

    table: str
    column: str
    literal: str


class Values(Protocol):
    """What a linker needs of the values: those of a form, those that a word may mean, and all the forms."""

    def find(self, form: str) -> tuple[Value, ...]: ...
    def shortened(self, word: str) -> tuple[Value, ...]: ...
    def beginning(self, form: str) -> tuple[Value, ...]: ...
    def is_listed(self, value: Value) -> bool: ...
    def forms(self) -> tuple[str, ...]: ...


class ValueIndex:
    """All values that one principal may read, by the form of what people say for them."""

    def __init__(
        self,
        columns: dict[str, dict[str, list[str]]],
        labels: Labels | None = None,
        numbered: frozenset[tuple[str, str]] = frozenset(),
    ) -> None:
        """`labels` are what codes mean, by table and column; of the `numbered` columns the codes are numbers."""
        self._labels, self._numbered = labels or {}, numbered
        self._by_form: dict[str, list[Value]] = defaultdict(list)
        self._absent: dict[str, list[Value]] = defaultdict(list)
        self.columns = columns
        explained = set(_explained(columns, self._labels))
        for table, by_column in columns.items():
            for column, literals in by_column.items():
                self._add(table, column, [text for text in literals if (table, column, text) not in explained])
        self._shortened = Shortened(columns, self._labels)
        self._forms = tuple(form for form in self._by_form if not form.startswith(_STEM))

    def _add(self, table: str, column: str, literals: list[str]) -> None:
        labels = self._labels.get((table, column), {})
        plain = [] if (table, column) in self._numbered else literals
        said = [(literal, literal) for literal in plain] + list(spoken(plain))
        labelled = {labels[literal]: literal for literal in literals if literal in labels}
        said += labelled.items()
        said += [(words, labelled[label]) for words, label in spoken(list(labelled))]
        for words, literal in said:
            value = Value(table, column, literal)
            form = singular(words)
            for key in dict.fromkeys((form, _inflected(form))):
                if key and value not in self._by_form[key]:
                    self._by_form[key].append(value)

        for words, literal in unstored(plain):
            self._absent[singular(words)].append(Value(table, column, literal))

    def within(self, tables: Iterable[str]) -> ValueIndex:
        """The values of some tables alone."""
        keep = set(tables)
        columns = {table: by_column for table, by_column in self.columns.items() if table in keep}
        labels = {place: told for place, told in self._labels.items() if place[0] in keep}
        return ValueIndex(columns, labels, self._numbered)

    def find(self, form: str) -> tuple[Value, ...]:
        """The values that are spoken or stored in this form (`retrieval.spans.singular`).

        Else the codes of countries that no row has: who asks for those gets none, and not the rows of others.
        """
        return tuple(self._by_form.get(form) or self._by_form.get(_STEM + stem(form)) or self._absent.get(form) or ())

    def shortened(self, word: str) -> tuple[Value, ...]:
        """The values that a word may mean that is none of them: 'cancelled' for CNC."""
        return tuple(Value(*place) for place in self._shortened.find(word))

    def beginning(self, form: str) -> tuple[Value, ...]:
        """The values of several words that begin with these."""
        return tuple(
            value for known, values in self._by_form.items() if known.startswith(f"{form} ") for value in values
        )

    def is_listed(self, value: Value) -> bool:
        """Whether its column has so few values that they are kinds of things."""
        return len(self.columns[value.table][value.column]) <= KINDS

    def forms(self) -> tuple[str, ...]:
        """All forms."""
        return self._forms


def _explained(columns: Mapping[str, Mapping[str, Sequence[str]]], labels: Labels) -> Iterator[tuple[str, str, str]]:
    """(table, column, text) of the labels where they only explain codes: in a column that has all labels of another,
    as a table of codes has. Who says one means the code."""
    texts = {
        (t, c): set(found) for t, by_column in columns.items() for c, found in by_column.items() if len(found) <= FEW
    }
    for owner, meanings in labels.items():
        told = {meanings[code] for code in texts.get(owner, ()) if code in meanings}
        for place, found in texts.items():
            if len(told) > 1 and place not in labels and told <= found:
                yield from ((*place, text) for text in told)


def _inflected(form: str) -> str:
    """The key under which other inflections of a verb's form find it.

    'fail' finds 'failed', but 'opened' does not find 'open'.
    """
    root = stem(form)
    return _STEM + root if " " not in form and form.endswith("ed") and root != form else ""


def _text_columns(table: Table) -> Iterator[Column]:
    return (column for column in table.columns if column.type.upper().startswith(("VARCHAR", "TEXT")))


def _numbered(table: Table) -> Iterator[Column]:
    return (column for column in table.columns if column.labels and is_whole(column))


def read_column(gateway: Gateway, principal: Principal, table: Table, column: Column) -> list[str]:
    """The distinct texts of a column as the principal sees them; none where there are too many."""
    sql = f'SELECT DISTINCT "{column.name}" FROM {table.full_name} WHERE "{column.name}" IS NOT NULL'
    for most in (MANY,) if column.name in (table.label, table.key) else (FEW, MANY):
        result = gateway.query(principal, sql, limit=most + 1, question="value index")
        literals = [str(text) for text in result.table.column(0).to_pylist() if str(text).strip()]
        if len(literals) <= most:
            return sorted(literals)
        if not all(map(_is_code, literals)):
            break
    return []


def _is_code(text: str) -> bool:
    """True for a few digits, as a card's last four or a postal code: a question may name one of many."""
    return text.isdigit() and len(text) <= LONGEST_CODE


def read_table(gateway: Gateway, principal: Principal, table: Table) -> dict[str, list[str]]:
    """Values per text column, and of numbers that are codes with labels, without the masked columns."""
    masked = gateway.policy.masks(principal, table)
    columns = (c for c in (*_text_columns(table), *_numbered(table)) if c.name not in masked)
    return {column.name: read_column(gateway, principal, table, column) for column in columns}


@dataclass(frozen=True)
class Reading:
    """The values of one table as read at a version of it; `at` is in seconds since the epoch."""

    version: str
    at: float
    columns: dict[str, list[str]]

    def holds(self, version: str) -> bool:
        """True while the table is still at that version; a live store is trusted for a while."""
        return self.version == version and (version != LIVE or time.time() - self.at < TRUSTED)


def _stamp(gateway: Gateway, principal: Principal, visible: Catalog) -> str:
    shape = [(t.full_name, [(c.name, bool(c.labels)) for c in t.columns]) for t in visible.tables]
    return hashlib.sha256(json.dumps([RULES, gateway.policy.fingerprint(principal), shape]).encode()).hexdigest()[:16]


def load(gateway: Gateway, principal: Principal, folder: Path, known: ValueIndex | None = None) -> ValueIndex:
    """The principal's value index; what is kept in `folder` is read again where its table has changed.

    A source that is down is left out until it is back. `known` is given back while it holds just these values.
    """
    visible = gateway.askable(principal)
    path = folder / f"values-{_stamp(gateway, principal, visible)}.json"
    kept = _read(path)
    readings = dict(kept)
    for table in visible.tables:
        try:
            version = gateway.version(table)
            if table.full_name not in kept or not kept[table.full_name].holds(version):
                readings[table.full_name] = Reading(version, time.time(), read_table(gateway, principal, table))
        except DataError:
            readings.pop(table.full_name, None)
    if readings != kept:
        _write(path, readings)
    columns = {name: reading.columns for name, reading in readings.items()}
    if known is not None and known.columns == columns:
        return known
    labels = {(t.full_name, c.name): dict(c.labels) for t in visible.tables for c in t.columns if c.labels}
    numbered = frozenset((table.full_name, column.name) for table in visible.tables for column in _numbered(table))
    return ValueIndex(columns, labels, numbered)


def _read(path: Path) -> dict[str, Reading]:
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
        return {name: Reading(**fields) for name, fields in kept.items()}
    except (FileNotFoundError, ValueError, TypeError, AttributeError):
        return {}


def _write(path: Path, readings: dict[str, Reading]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(f".{os.getpid()}.{threading.get_ident()}.tmp")
    temporary.touch(mode=0o600)
    text = json.dumps({name: asdict(r) for name, r in readings.items()}, ensure_ascii=False)
    temporary.write_text(text, encoding="utf-8")
    os.replace(temporary, path)
