"""What a catalogue entry might say of a table and its columns: drafts for a person to edit, made from names, types
and values."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from data import formats, personal
from data.catalog import Column, Table
from data.flags import ENDINGS
from data.formats import WHOLE, written
from data.kinds import is_flag
from data.kinship import Link
from data.legend import Legend, explained
from data.naming import Lexicon, known, single, words
from data.policy import is_text
from data.profile import ColumnProfile, TableProfile
from data.sample import Sample
from data.sources.base import quoted
from data.units import LETTERS, UNITS, YEAR, unit

Labels = tuple[tuple[str, str], ...]
SYNONYMS = 4
CODES, WIDTH = 30, 4
"""The most rows and columns of a table whose codes and labels a draft lists."""
LISTED = 12
YEARS, MOST_YEARS = (1900, 2040), 100
"""Between which numbers are taken for years, and of how many different ones at most."""
_KINDS = """
type kind code status state reason category class group level grade genre region mode method priority stage unit
currency language country severity speciality species channel cause role section
"""
KINDS = frozenset(_KINDS.split())
"""What tables of codes are about: others with numbers for keys have names of things for labels."""
LABELS = frozenset({"name", "title", "label", "description", "text", "meaning", "value"})


@dataclass(frozen=True)
class Drafts:
    """Drafts for the tables of one source, from their profiles and links."""

    lexicon: Lexicon
    profiles: Mapping[str, TableProfile]
    links: Sequence[Link]
    labels: Mapping[str, Mapping[str, str]]
    """Of small tables of codes, by name: the label of each code."""
    legend: Legend

    @classmethod
    def of(
        cls, sample: Sample | None, lexicon: Lexicon, profiles: Mapping[str, TableProfile], links: Sequence[Link]
    ) -> Drafts:
        """Reads the labels of the small tables that links point at, but no personal ones."""
        goals = {link.to_table for link in links if link.to_table in profiles}
        found = {name: _labels(sample, lexicon, profiles[name]) for name in sorted(goals)} if sample else {}
        labels = {name: labels for name, labels in found.items() if labels}
        legend = Legend.of(sample, lexicon, profiles.values()) if sample else Legend({})
        return cls(lexicon, profiles, links, labels, legend)

    def table(self, table: Table) -> Table:
        """The table with drafts where it says nothing; it is marked where one was made."""
        described = table.description or self._sentence(table)
        synonyms = table.synonyms or self._table_synonyms(table)
        drafted = (described, synonyms) != (table.description, table.synonyms)
        columns = tuple(self.column(table, column) for column in table.columns)
        return replace(table, description=described, synonyms=synonyms, columns=columns, draft=table.draft or drafted)

    def column(self, table: Table, column: Column) -> Column:
        """The same for one column."""
        seen = self._profile(table, column)
        told = unit(column, self.lexicon.stem(table.name, column.name), self._said(table, column))
        measured = column.unit or told or self._year(table, column, seen)
        known = replace(column, unit=measured)
        format = column.format or (seen.format if seen else None) or self._counted(table, known, seen)
        labels, legend = (column.labels, column.legend) if column.labels else self._labels(table, column, seen)
        full = replace(known, format=format, labels=labels, legend=legend)
        full = replace(full, description=column.description or self._description(table, full, seen))
        full = replace(full, synonyms=column.synonyms or self._synonyms(table, full))
        return full if full == column else replace(full, draft=True)

    def _year(self, table: Table, column: Column, seen: ColumnProfile | None) -> str | None:
        """The unit of whole numbers that can only be years, where the name doesn't say so, as of a `vintage`."""
        told = {*self._said(table, column)} & ({"year"} | known("identifiers"))
        if seen is None or column.type.upper() not in WHOLE or told or self._is_key(table, column):
            return None
        few = 1 < seen.distinct <= MOST_YEARS and seen.low is not None and seen.high is not None
        return YEAR if few and YEARS[0] <= int(str(seen.low)) <= int(str(seen.high)) <= YEARS[1] else None

    def _counted(self, table: Table, column: Column, seen: ColumnProfile | None) -> str | None:
        """Days since 1970-01-01, where the name says that it is a day, or no other column of the source is one."""
        if seen is None or self._is_key(table, column) or not formats.is_counted(column, seen.low, seen.high):
            return None
        return formats.DAYS if formats.says_day(self._said(table, column)) or self._undated else None

    def _is_key(self, table: Table, column: Column) -> bool:
        """Whether its numbers are those of rows, here or elsewhere."""
        linked = any((link.table, link.column) == (table.name, column.name) for link in self.links)
        return linked or column.name == table.key

    @cached_property
    def _undated(self) -> bool:
        """Whether several tables have numbers that may be days, and none has a day of another kind."""
        every = [(name, found) for name, profile in self.profiles.items() for found in profile.columns]
        if any(c.column.type.upper().startswith(("DATE", "TIME")) or (c.format and "%" in c.format) for _, c in every):
            return False
        return len({name for name, c in every if formats.is_counted(c.column, c.low, c.high)}) > 1

    def _labels(self, table: Table, column: Column, seen: ColumnProfile | None) -> tuple[Labels, str]:
        """What the codes mean, by the description or by a table of codes, and that table."""
        linked = any((link.table, link.column) == (table.name, column.name) for link in self.links)
        if seen is None or linked or column.format or seen.format:
            return (), ""
        told = explained(column.description)
        if is_text(column) and len(told) > 1 and set(seen.values) <= told.keys():
            return tuple(sorted((code, told[code]) for code in seen.values)), ""
        labels, legend = self.legend.of_column(table, seen, self.lexicon)
        return tuple(labels.items()), legend

    def _profile(self, table: Table, column: Column) -> ColumnProfile | None:
        found = self.profiles.get(table.name)
        return found.column(column.name) if found and column.name in found.table else None

    def _said(self, table: Table, column: Column) -> list[str]:
        return self.lexicon.said(table.name, column.name).split()

    # Tables -------------------------------------------------------------------------------------------------------

    def _sentence(self, table: Table) -> str:
        said = self.lexicon.said(table.name)
        goals = dict.fromkeys(self._singular(link.to_table) for link in self.links if link.table == table.name)
        others = [goal for goal in goals if goal != self._singular(table.name)]
        if table.name in self.labels and len(table.columns) == 2:
            return f"Codes of {said}."
        plain = said == " ".join(words(table.name.rpartition(".")[2]))
        if plain and not others:
            return ""
        return f"{said.capitalize()}{f', each with its {_listed(others)}' if others else ''}."

    def _table_synonyms(self, table: Table) -> tuple[str, ...]:
        said = self.lexicon.said(table.name)
        found = [said, *self._otherwise(said, self.lexicon.bare(table.name))]
        return tuple(
            each for each in found if each != _spoken(table.name) and (each == said or each not in self._called)
        )

    @cached_property
    def _called(self) -> frozenset[str]:
        """What the tables are called."""
        return frozenset(map(self.lexicon.said, self.profiles))

    def _singular(self, table: str) -> str:
        *front, last = self.lexicon.said(table).split() or [table]
        return " ".join([*front, single(last)])

    # Columns ------------------------------------------------------------------------------------------------------

    def _description(self, table: Table, column: Column, seen: ColumnProfile | None) -> str:
        said = " ".join(self._phrase(table, column))
        facts = [said.capitalize()] if said and said != _spoken(column.name) else []
        facts += [f"in {column.unit}"] if column.unit and facts else []
        facts += [f"a date written {written(column.format)}"] if column.format and not is_flag(column.format) else []
        goal = next((one for one in self.links if (one.table, one.column) == (table.name, column.name)), None)
        values = self._values(column, seen, goal)
        facts += [f"links to {self._singular(goal.to_table)}"] if goal and not values and facts else []
        start = ", ".join(facts)
        return f"{start}: {values}" if start and values else start or values

    def _values(self, column: Column, seen: ColumnProfile | None, goal: Link | None) -> str:
        if seen is None or seen.personal:
            return ""
        if column.format and is_flag(column.format):
            return f"{column.format.replace('/', ' or ')} for yes or no"
        labels = self.labels.get(goal.to_table, {}) if goal else dict(column.labels)
        if labels:
            return ", ".join(f"{code} {label}" for code, label in list(labels.items())[:LISTED])
        return ", ".join(seen.values)

    def _phrase(self, table: Table, column: Column) -> list[str]:
        """The column's words written out, without a unit or a mark that tells how it is kept."""
        parts = self.lexicon.stem(table.name, column.name)
        if column.unit and len(parts) > 1:
            parts = parts[:-1] if parts[-1] in UNITS or parts[-1] in LETTERS else parts[:-2] or parts
        if len(parts) > 1 and parts[-1] in ENDINGS | {"sk", "pk", "fk"}:
            parts = parts[:-1]
        if len(parts) > 1 and parts[0] in ("is", "has"):
            parts = parts[1:]
        return " ".join(self.lexicon.in_place(parts, column)).split()

    def _synonyms(self, table: Table, column: Column) -> tuple[str, ...]:
        taken = {_spoken(other.name) for other in table.columns}
        taken |= {self._singular(table.name), self.lexicon.said(table.name)}
        goals = {self._singular(link.to_table) for link in self.links if link.table == table.name}
        found = [said for said in self._sayings(table, column) if said not in taken | goals and len(said) > 1]
        return tuple(dict.fromkeys(found))[:SYNONYMS]

    def _sayings(self, table: Table, column: Column) -> Iterator[str]:
        phrase = self._phrase(table, column)
        yield " ".join(phrase)
        pointing = any((link.table, link.column) == (table.name, column.name) for link in self.links)
        core = [word for word in phrase if word not in known("identifiers")]
        if pointing or phrase[-1:] == ["code"]:
            yield " ".join(core)
        yield from self._otherwise(" ".join(phrase), self.lexicon.stem(table.name, column.name))

    def _otherwise(self, said: str, parts: Iterable[str]) -> Iterator[str]:
        """The same with another meaning of one of its short words."""
        for part in parts:
            for first, second in zip(self.lexicon.meanings(part)[:1], self.lexicon.meanings(part)[1:2], strict=False):
                if (other := re.sub(rf"\b{re.escape(first)}\b", second, said)) != said:
                    yield other


def _spoken(name: str) -> str:
    """A name as it is said without knowing more: this needs no synonym."""
    return name.rpartition(".")[2].replace("_", " ").lower()


def _listed(names: Sequence[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else "".join(names)


def _labels(sample: Sample, lexicon: Lexicon, goal: TableProfile) -> Mapping[str, str]:
    """Codes and labels of a small table whose rows are no people."""
    key = goal.table.key
    if key is None or not goal.rows or goal.rows > CODES or len(goal.columns) > WIDTH or goal.column(key).personal:
        return {}
    owner = {single(word) for word in lexicon.said(goal.table.name).split()}
    layer = set(words(goal.table.name)[:1]) & {"lkp", "lk", "lu", "l", "lookup", "lkup", "ref", "cd", "code", "codes"}
    if owner & (set(personal.PEOPLE.split()) | known("people")):
        return {}
    if not (owner & KINDS or layer or is_text(goal.column(key).column)):
        return {}
    texts = [found for found in goal.columns if is_text(found.column) and found.column.name != key]
    named = [t for t in texts if set(lexicon.said(goal.table.name, t.column.name).split()) & LABELS]
    label = next(iter(named or (texts if len(texts) == 1 else [])), None)
    if label is None or label.personal:
        return {}
    code, text = quoted(key), quoted(label.column.name)
    rows = sample.ask(f"SELECT {code}, {text} FROM {sample.of(goal.table)} WHERE {text} IS NOT NULL ORDER BY 1")
    kept = {str(one): str(other) for one, other in rows or () if len(str(other)) <= CODES}
    return kept if all(len(code) <= 12 for code in kept) else {}
