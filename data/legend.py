"""The meanings of codes that stand in one table for all columns: a kind of code, the code, its label."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from data.catalog import Table
from data.kinds import is_whole
from data.naming import Lexicon, words
from data.policy import is_text
from data.profile import ColumnProfile, TableProfile
from data.sample import Sample
from data.sources.base import quoted

_KINDS = "type kind domain category group set list class table field column family"
KINDS = frozenset(_KINDS.split())
CODES = frozenset({"code", "value", "key", "id", "abbreviation"})
NUMBERS = CODES | {"number"}
LABELS = frozenset({"text", "label", "name", "description", "meaning", "title"})
MOST_ROWS, WIDTH = 2_000, 8
"""The most rows and columns of such a table."""
LONGEST = 40
"""Characters of a label."""
LEAST = 2
"""The fewest letters that the kind of a code has of its table, and of its column."""
LEAST_KINDS = 2
"""The fewest kinds that are called like columns."""
_CODE = re.compile(r"(?:[^:=]*: )?(\d{1,3}|[A-Z0-9][A-Z0-9_]{0,5})\s*(?:[=:–-]|\bis\b)?\s*([^\W\d][\w /'-]{1,38})")
Ends = tuple[str, str, str]
"""The columns for the kind, the code and the label."""


@dataclass(frozen=True)
class Legend:
    """Labels by the kind of code, and by the code; the table that has each kind."""

    labels: Mapping[str, Mapping[str, str]]
    tables: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, sample: Sample, lexicon: Lexicon, profiles: Iterable[TableProfile]) -> Legend:
        """Of all tables of codes; those of people's names are none."""
        found, tables = defaultdict[str, dict[str, str]](dict), dict[str, str]()
        profiles = tuple(profiles)
        named = frozenset(c.column.name.lower() for profile in profiles for c in profile.columns)
        for profile in profiles:
            for kind, code, label in _rows(sample, profile, _ends(lexicon, profile) or _coded(sample, profile, named)):
                found[kind].setdefault(code, label)
                tables.setdefault(kind, profile.table.name)
        single = {kind: labels for kind, labels in found.items() if len({*labels.values()}) == len(labels)}
        return cls(single, tables)

    def of_column(self, table: Table, found: ColumnProfile, lexicon: Lexicon) -> tuple[Mapping[str, str], str]:
        """The labels of a column's values and the table that has them, where a kind of code is called like it and has
        them all."""
        name = found.column.name
        named = {*words(name), *lexicon.said(table.name, name).split()}
        called = {kind: {*words(kind), *lexicon.written_out(words(kind))} for kind in self.labels}
        nearest = sorted(called, key=lambda kind: (kind.lower() != name.lower(), -len(called[kind] & named)))
        for kind in nearest:
            shares = called[kind] & named if is_text(found.column) else called[kind] <= named
            if (shares or _joined(kind, table.name, name)) and (codes := _codes(found, self.labels[kind])):
                return {code: self.labels[kind][code] for code in codes}, self.tables.get(kind, "")
        return {}, ""


def _codes(found: ColumnProfile, labels: Mapping[str, str]) -> list[str]:
    """The codes of a column that labels explain: its texts, or all numbers around its least and its greatest."""
    if is_text(found.column):
        return sorted(found.values) if set(found.values) <= labels.keys() else []
    ends = [str(end) for end in (found.low, found.high)]
    if not is_whole(found.column) or not all(map(_is_number, (*labels, *ends))):
        return []
    numbers = sorted(map(int, labels))
    gapless = numbers[-1] - numbers[0] + 1 == len(numbers)
    within = numbers[0] <= int(ends[0]) < int(ends[1]) <= numbers[-1]
    return [str(number) for number in numbers] if gapless and within else []


def _is_number(code: str) -> bool:
    """Whether a code is written as a number is: 01 is another code than 1."""
    return code.isascii() and code.isdecimal() and code == str(int(code))


def _joined(kind: str, table: str, column: str) -> bool:
    """Whether a kind is called by the beginnings of its table and its column: 'ORDST' by the `STATUS` of `ORDERS`."""
    said = kind.lower()
    halves = ((said[:at], said[at:]) for at in range(LEAST, len(said) - LEAST + 1))
    return any(_begins(table, one) and _begins(column, other) for one, other in halves)


def _begins(name: str, part: str) -> bool:
    return any(word.startswith(part) for word in words(name))


def explained(description: str) -> Mapping[str, str]:
    """The labels of codes that a description lists: 'P private, G commercial', '1 = paid; 2 = open'."""
    parts = [_CODE.fullmatch(part.strip()) for part in re.split(r"[,;]", description)]
    labels = {part[1]: part[2] for part in parts if part}
    return labels if all(parts) and len({*labels.values()}) == len(parts) else {}


def _rows(sample: Sample, profile: TableProfile, ends: Ends | None) -> Iterator[tuple[str, str, str]]:
    """(kind, code, label) of a table that has a column for each; nothing of another table."""
    if ends is None or not profile.rows or profile.rows > MOST_ROWS:
        return
    kind, code, label = map(quoted, ends)
    whole = f"{kind} IS NOT NULL AND {code} IS NOT NULL AND length({label}) <= {LONGEST}"
    rows = sample.ask(f"SELECT {kind}, {code}, {label} FROM {sample.of(profile.table)} WHERE {whole} ORDER BY ALL")
    yield from ((str(kind), str(code), str(label)) for kind, code, label in rows or ())


def _coded(sample: Sample, profile: TableProfile, named: Collection[str]) -> Ends | None:
    """The same of three columns of texts, whatever they are called, of which one tells names of columns."""
    texts = [c.column.name for c in profile.columns if is_text(c.column) and not c.personal]
    if len(texts) != 3 or len(profile.columns) > WIDTH or not profile.rows or profile.rows > MOST_ROWS:
        return None
    one, other, third = map(quoted, texts)
    rows = sample.ask(f"SELECT {one}, {other}, {third} FROM {sample.of(profile.table)}") or ()
    values = dict(
        zip(texts, ([str(cell or "") for cell in column] for column in zip(*rows, strict=True)), strict=False)
    )
    kind = next((name for name in texts if _are_kinds({*values.get(name, ())}, len(rows), named)), None)
    rest = [name for name in texts if name != kind]
    code, label = sorted(rest, key=lambda name: sum(map(len, values.get(name, ()))))[:2]
    return (kind, code, label) if kind else None


def _are_kinds(values: Collection[str], rows: int, named: Collection[str]) -> bool:
    """Whether at least half of some repeated values are names of columns."""
    called = sum(value.lower() in named for value in values)
    return LEAST_KINDS <= called < rows and called * 2 >= len(values)


def _ends(lexicon: Lexicon, profile: TableProfile) -> Ends | None:
    """The columns for the kind, the code and the label, by their names; a kind comes with several codes."""
    texts = [found for found in profile.columns if is_text(found.column) and not found.personal]
    last = {c.column.name: lexicon.said(profile.table.name, c.column.name).split()[-1:] for c in texts}
    kinds = [c.column.name for c in texts if KINDS & set(last[c.column.name]) and 0 < c.distinct < profile.sampled]
    codes = [name for name, word in last.items() if CODES & set(word) and name not in kinds]
    codes = codes or [name for name in _numbers(lexicon, profile) if name not in kinds]
    labels = [name for name, word in last.items() if LABELS & set(word)]
    if len(profile.columns) > WIDTH or not (len(kinds) == len(codes) == len(labels) == 1):
        return None
    return kinds[0], codes[0], labels[0]


def _numbers(lexicon: Lexicon, profile: TableProfile) -> list[str]:
    """The columns that may have numbers for codes; the rows' own ids only where there is no other."""
    said = {c.column.name: lexicon.said(profile.table.name, c.column.name).split()[-1:] for c in profile.columns}
    kept = (c.column for c in profile.columns if is_whole(c.column) or (is_text(c.column) and not c.personal))
    found = [column.name for column in kept if NUMBERS & set(said[column.name])]
    return [name for name in found if said[name] != ["id"]] or found
