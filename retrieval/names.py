"""What tables and columns are called: their names, synonyms, and names without a unit or time suffix."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence

from data.catalog import Catalog, Column, SourceConfig, Table
from data.kinds import is_flag
from data.naming import Lexicon, known, single
from data.naming import words as parted
from data.units import NUMERIC
from retrieval.described import phrases
from retrieval.kin import base
from retrieval.lexicon import moments, senses
from retrieval.shortened import consonants, is_clipped
from retrieval.spans import is_stopword, normal, singular
from retrieval.verbs import is_past

# Endings of column names that nobody says: 'fee_usd' is the fee, 'signed_up_at' is when one signed up.
_ENDINGS = """
at on date time timestamp datetime ts utc usd eur gbp seconds secs sec ms minutes mins hours pct percent cents year yr
"""
_SUFFIXES = frozenset(_ENDINGS.split())
_TELLING = "code cd name nm count cnt quantity qty amount amt number no iso iso2 iso3 flag indicator kind type"
_ROLES = frozenset(_TELLING.split())
"""Endings that tell what a column is: a 'city name' is a city, and a 'bed count' counts beds."""
_UNHEARD = _ROLES | {"title"}
"""Endings that people leave out: the 'book title' is the book."""
_KINDS = frozenset({"type", "kind", "category", "class"})
_TAUGHT = frozenset({"course", "lesson", "section", "training", "seminar", "workshop"})
"""What a class is among, rather than a kind of thing."""
_SORTS = frozenset(map(normal, ("type", "kind", "category", "class", "status", "code")))
"""What a table of several words is not called by its last one: each thing has a type, and not that of defects."""
_SAME_KIND = {**{kind: _KINDS - {kind} for kind in _KINDS}, "code": frozenset({"type", "kind"})}
"""Words for what something is, of which people say any."""
UNITS = {
    "km": ("km", "kilometre", "kilometer"), "kg": ("kg", "kilo", "kilogram"), "t": ("tonne", "ton"),
    "l": ("litre", "liter"), "hl": ("hl", "hectolitre", "hectoliter"), "kWh": ("kWh", "kilowatt hour"),
    "MWh": ("MWh", "megawatt hour"), "GWh": ("GWh",), "kW": ("kW", "kilowatt"), "MW": ("MW", "megawatt"),
    "m": ("metre", "meter"), "cm": ("cm", "centimetre"), "g": ("gram",), "mm": ("mm", "millimetre"),
    "mi": ("mile",), "nmi": ("nautical mile",),
    "ft": ("foot", "feet"), "in": ("inch", "inches"), "yd": ("yard",), "gal": ("gallon",),
    "acres": ("acre", "acreage"), "sq ft": ("square foot", "square feet"), "lb": ("lb", "lbs"), "oz": ("ounce",),
    "bbl": ("barrel",), "GB": ("GB", "gigabyte"), "MB": ("MB", "megabyte"), "ha": ("hectare",),
}  # fmt: skip
"""What people say for units that measure things, but not money or time: those are said of much else."""
_COMMON = "euro cent dollar usd eur buck pence penny second minute hour percent"
UNIT_WORDS = frozenset(normal(said) for words in (*UNITS.values(), _COMMON.split()) for said in words)
"""The normal forms of units: nothing else is called alike."""
ROLES = frozenset({"date", "id", "name"})
"""What everybody calls the columns that are a table's time, key and label."""
_UNSAID = _ROLES - _KINDS
"""Words that say too little alone."""
_CUT = re.compile(r"[a-z][^\Waeiou\d_]{2,4}|[a-z]{3,}[^\Waeiour\d_][rlmnvwz]")
"""A word cut off or without its vowels, as in 'agt' and 'subscr', and no word that people say."""
_ASKING = frozenset({"is", "has", "was", "had", "are", "can", "did"})


def spoken_name(column: Column) -> str:
    """The column's name in words, without the endings that tell a unit, that it is a time or what was done with what it
    counts; "" if it has none."""
    tokens = column.name.lower().split("_")
    endings = _SUFFIXES | {(column.unit or "").lower()}
    counts = column.type.upper().startswith(NUMERIC)
    kept = tokens
    while len(kept) > 1 and (kept[-1] in endings or (counts and is_past(kept[-1]))):
        kept = kept[:-1]
    said = " ".join(kept)
    return said if len(kept) < len(tokens) and said and not is_stopword(said) else ""


class Names:
    """The normal forms of what tables and columns are called."""

    def __init__(self, catalog: Catalog) -> None:
        self.tables: dict[str, list[str]] = defaultdict(list)
        self.columns: dict[str, list[str]] = defaultdict(list)
        self.own: dict[str, list[str]] = defaultdict(list)
        """Columns by their own names only."""
        self.loose: dict[str, list[str]] = defaultdict(list)
        """Columns by what they are also called: without suffix, and 'date', 'id' and 'name' for each table's."""
        self.heads: dict[str, list[str]] = defaultdict(list)
        """Columns by the one word that the others of their names only tell more of: a 'credit limit' is a limit."""
        self.units: dict[str, list[str]] = defaultdict(list)
        """Columns by what they are counted in."""
        self.senses: dict[str, list[str]] = defaultdict(list)
        """Columns of quantities and days by other words for them: what is 'heavy' has a weight."""
        self.clipped: dict[str, list[str]] = defaultdict(list)
        """Tables and columns whose names leave vowels out, by the consonants of what they stand for."""
        self.cut: dict[str, str] = {}
        """Tables by what they are called in one short word that nothing is known to be short for."""
        self.bases: dict[str, list[tuple[str, str]]] = defaultdict(list)
        """(normal form, table or column) by what single words that they are called have without their endings."""
        self.said: list[str] = []
        self._teaches = any(_TAUGHT & {*map(single, parted(table.name))} for table in catalog.tables)
        self._last: dict[str, dict[str, list[str]]] = defaultdict(lambda: defaultdict(list))
        for table in catalog.tables:
            for said in (table.name, *table.synonyms, *_described(table)):
                self._add(self.tables, said, table.full_name)
            for column in table.columns:
                self._add_column(table, column)
            for said, name in _roles(table):
                self._add(self.loose, said, f"{table.full_name}.{name}")
            for target, name in ((table.full_name, table.name), *_columns(table)):
                if is_clipped(name) and not (target == table.full_name and table.synonyms):
                    self.clipped[consonants(name)].append(target)
        for source in catalog.sources:
            self._add_written_out(catalog, source)
        for called in (self.tables, self.columns, self.loose, self.heads):
            for norm, targets in called.items():
                if " " not in norm and (left := base(norm)):
                    self.bases[left] += [(norm, target) for target in targets]

    def _add_column(self, table: Table, column: Column) -> None:
        target = f"{table.full_name}.{column.name}"
        for said in (column.name, *column.synonyms):
            self._add(self.columns, said, target)
        self._add(self.own, column.name, target)
        for said in UNITS.get(column.unit or "", ()):
            self.units[normal(said)].append(target)
        for said in _described(column):
            self._add(self.loose, said, target)
        if short := spoken_name(column):
            self._add(self.loose, short, target)
        last = (short or column.name).replace("_", " ").split()
        if last:
            self._last[normal(last[-1])][table.full_name].append(target)

    def _add_written_out(self, catalog: Catalog, source: SourceConfig) -> None:
        """What short words stand for, and parts of names that mean them: a 'power plant' is a plant."""
        lexicon = Lexicon(source.tables)
        nouns: dict[str, list[str]] = defaultdict(list)
        for table in source.tables:
            said = lexicon.said(table.name)
            self._add(self.tables, said, table.full_name)
            if _CUT.fullmatch(said):
                self.cut[table.full_name] = single(said)
            nouns[normal(said.split()[-1] if said else "")].append(table.full_name)
        for noun, targets in nouns.items():
            if len(targets) == 1 and noun not in self.tables and noun not in _SORTS:
                self._add(self.tables, noun, targets[0])
        links = {(link.table, link.column) for link in catalog.relationships}
        for table in source.tables:
            for column in table.columns:
                if column.name != table.key:
                    said = lexicon.said(table.name, column.name)
                    linking = (table.full_name, column.name) in links
                    if linking:
                        self._add_role(f"{table.full_name}.{column.name}", said, nouns)
                    stored = " ".join(parted(column.name))
                    for text in dict.fromkeys((*(column.synonyms or (said,)), stored)):
                        parts = text.lower().split()
                        self._add_senses(f"{table.full_name}.{column.name}", parts, timed=_tells_when(column))
                        if not linking:
                            self._add_parts(f"{table.full_name}.{column.name}", column, parts)

    def _add_role(self, target: str, said: str, nouns: Collection[str]) -> None:
        """A link by what it is to the row, without the noun of what it leads to: the 'origin' of an 'origin depot'."""
        role = [word for word in said.lower().split() if word not in known("identifiers")]
        if len(role) > 1 and normal(role[-1]) in nouns:
            self._loosely(role[:-1], target)
            if normal(role[-1]) in _SORTS:
                self._add_head(role[-1], target)
        if len(role) == 1 and normal(role[0]) not in nouns:
            self._loosely(role, target)

    def _add_senses(self, target: str, said: Sequence[str], *, timed: bool) -> None:
        for section in (senses(), moments()) if timed else (senses(),):
            for word, others in section.items():
                if set(others) & set(said) and target not in self.senses[normal(word)]:
                    self.senses[normal(word)].append(target)

    def _add_parts(self, target: str, column: Column, said: Sequence[str]) -> None:
        kept = list(said)
        while len(kept) > 1 and (kept[-1] in _SUFFIXES | {(column.unit or "").lower()} or kept[-1].isdigit()):
            kept.pop()
        if len(kept) > 1 and kept[0] in _ASKING:
            kept = kept[1:]
        self._loosely(kept, target)
        if len(kept) < 2:
            return
        if kept[-1] in _UNHEARD:
            self._loosely(kept[:-1], target)
        for kind in _SAME_KIND.get(kept[-1], ()):
            self._loosely([*kept[:-1], kind], target)
            if kind != "class" or not self._teaches:
                self._add_head(kind, target)
        self._add_head(kept[-1], target)

    def _loosely(self, said: Sequence[str], target: str) -> None:
        text = " ".join(said)
        known = normal(text) in self.tables or target in self.columns.get(normal(text), ())
        if text and not known and not is_stopword(text):
            self._add(self.loose, text, target)

    def _add_head(self, said: str, target: str) -> None:
        norm = normal(said)
        if not is_stopword(said) and said not in _UNSAID and target not in self.heads[norm] and norm not in self.tables:
            self.heads[norm].append(target)

    def _add(self, targets: dict[str, list[str]], said: str, target: str) -> None:
        form = singular(said.replace("_", " "))
        if form not in self.said:
            self.said.append(form)
        if target not in targets[normal(said)]:
            targets[normal(said)].append(target)

    def columns_of(self, norm: str) -> tuple[str, ...]:
        """The columns of a normal form: those that are called so first, then those that are loosely called so."""
        return tuple(dict.fromkeys((*self.columns.get(norm, ()), *self.loose.get(norm, ()), *self.heads.get(norm, ()))))

    def only_loose(self, norm: str) -> frozenset[str]:
        """The columns that are only loosely called so."""
        return frozenset((*self.loose.get(norm, ()), *self.heads.get(norm, ()))) - frozenset(self.columns.get(norm, ()))

    def only_heads(self, norm: str) -> frozenset[str]:
        """The columns that a part of whose name is called so, and nothing else."""
        return frozenset(self.heads.get(norm, ())) - {*self.columns.get(norm, ()), *self.loose.get(norm, ())}

    def pairs(self, norm: str) -> tuple[tuple[str, ...], ...]:
        """The two columns of a table whose names end in this word, of each table that has just two."""
        return tuple(tuple(found) for found in self._last.get(norm, {}).values() if len(found) == 2)


def _described(one: Table | Column) -> Iterator[str]:
    """What a person who described it calls it; a draft only repeats the name."""
    return iter(()) if one.draft else phrases(one.description, things=isinstance(one, Table))


def _columns(table: Table) -> Iterator[tuple[str, str]]:
    return ((f"{table.full_name}.{column.name}", column.name) for column in table.columns if column.name != table.key)


def _tells_when(column: Column) -> bool:
    """Whether it is a day or a time, as such or in a format."""
    return column.type.upper().startswith(("DATE", "TIME")) or bool(column.format and not is_flag(column.format))


def _roles(table: Table) -> Iterator[tuple[str, str]]:
    """The roles of a table's columns, as they are said."""
    for said, name in (("date", table.time), ("id", table.key), ("name", table.label)):
        if name:
            yield said, name
