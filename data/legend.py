"""The meanings of codes that stand in one table for all columns: a kind of code, the code, its label."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from data.catalog import Table
from data.naming import Lexicon, words
from data.policy import is_text
from data.profile import ColumnProfile, TableProfile
from data.sample import Sample
from data.sources.base import quoted

_KINDS = "type kind domain category group set list class table field column family"
KINDS = frozenset(_KINDS.split())
CODES = frozenset({"code", "value", "key", "id", "abbreviation"})
LABELS = frozenset({"text", "label", "name", "description", "meaning", "title"})
MOST_ROWS, WIDTH = 2_000, 8
"""The most rows and columns of such a table."""
LONGEST = 40
"""Characters of a label."""


@dataclass(frozen=True)
class Legend:
    """Labels by the kind of code, and by the code."""

    labels: Mapping[str, Mapping[str, str]]

    @classmethod
    def of(cls, sample: Sample, lexicon: Lexicon, profiles: Iterable[TableProfile]) -> Legend:
        """Of all tables of codes; those of people's names are none."""
        found: dict[str, dict[str, str]] = defaultdict(dict)
        for profile in profiles:
            for kind, code, label in _rows(sample, lexicon, profile):
                found[kind].setdefault(code, label)
        return cls({kind: labels for kind, labels in found.items() if len({*labels.values()}) == len(labels)})

    def of_column(self, table: Table, found: ColumnProfile, lexicon: Lexicon) -> Mapping[str, str]:
        """The labels of a column's values, where a kind of code is called like it and has them all."""
        if not found.values or not is_text(found.column):
            return {}
        named = {*words(found.column.name), *lexicon.said(table.name, found.column.name).split()}
        for kind, labels in self.labels.items():
            called = {*words(kind), *lexicon.written_out(words(kind))}
            if called & named and set(found.values) <= labels.keys():
                return {code: labels[code] for code in sorted(found.values)}
        return {}


def _rows(sample: Sample, lexicon: Lexicon, profile: TableProfile) -> Iterator[tuple[str, str, str]]:
    """(kind, code, label) of a table that has a column for each; nothing of another table."""
    ends = _ends(lexicon, profile)
    if ends is None or not profile.rows or profile.rows > MOST_ROWS:
        return
    kind, code, label = map(quoted, ends)
    whole = f"{kind} IS NOT NULL AND {code} IS NOT NULL AND length({label}) <= {LONGEST}"
    rows = sample.ask(f"SELECT {kind}, {code}, {label} FROM {sample.of(profile.table)} WHERE {whole} ORDER BY ALL")
    yield from ((str(kind), str(code), str(label)) for kind, code, label in rows or ())


def _ends(lexicon: Lexicon, profile: TableProfile) -> tuple[str, str, str] | None:
    """The columns for the kind, the code and the label, by their names; a kind comes with several codes."""
    texts = [found for found in profile.columns if is_text(found.column) and not found.personal]
    last = {c.column.name: lexicon.said(profile.table.name, c.column.name).split()[-1:] for c in texts}
    kinds = [c.column.name for c in texts if KINDS & set(last[c.column.name]) and 0 < c.distinct < profile.sampled]
    codes = [name for name, word in last.items() if CODES & set(word) and name not in kinds]
    labels = [name for name, word in last.items() if LABELS & set(word)]
    if len(profile.columns) > WIDTH or not (len(kinds) == len(codes) == len(labels) == 1):
        return None
    return kinds[0], codes[0], labels[0]
