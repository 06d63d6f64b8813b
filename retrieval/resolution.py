"""Of all that the phrases of a question may mean, what they most likely mean together."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from data.catalog import Catalog, Column
from data.kinds import is_flag
from data.units import NUMERIC
from retrieval.graph import distances, neighbours, parents
from retrieval.hints import Hint
from retrieval.names import Names
from retrieval.spans import Span, plain, singular
from retrieval.thesaurus import synonyms

MOST_TARGETS = 3
FAR = 3  # a column this many relationships away from the tables that are surely meant is no likely meaning
LOOSELY_FAR = 2  # the same for a column that is only loosely called so; a time must then be of a table that is meant
UNREACHED = 99

# Everyday words that are also stored as states or reasons: they count only near the tables that are meant.
_WORDS = """
best clear close closed current early first free full good late left like live lost main missing new old online open
other others own right run set still work
"""
_EVERYDAY = frozenset(_WORDS.split())
_INFINITIVE = re.compile(r"\bto\s+$", re.I)
_OBJECT = re.compile(r"\s+(?:an?|the|th[eo]se|this|that|their|our|your|my|his|her|its)\b", re.I)
_PAID_IN = re.compile(r"\b(?:\w+ed|made|paid|taken|spent)\s+in\s+$", re.I)
_NUMBERS, _DATES = re.compile(r"\s+(?:numbers?|codes?)\b", re.I), re.compile(r"\s+(?:dates?|time)\b", re.I)
_IS = re.compile(r"\s*(?:(?:was|were|is|are|got|that|which|ever)\s+)*", re.I)
_NOTHING = re.compile(r"(?!)")


@dataclass(frozen=True)
class Found:
    """A phrase with all that it may mean; `norm` is the form that it was found by."""

    span: Span
    hint: Hint
    norm: str
    alike: bool = False
    """Found by its sense only."""
    sensed: bool = False
    """Tells a quantity or a day by another word, as 'heavy' tells a weight."""
    measured: bool = False
    """Names a unit only."""
    pair: bool = False
    """Means the two columns of one table, as in 'both coins'."""

    @property
    def tables(self) -> frozenset[str]:
        """The tables that it may mean, or that the columns belong to."""
        return frozenset(t if self.hint.kind == "table" else _table_of(t) for t in self.hint.targets)

    @property
    def singular(self) -> bool:
        """True for one word that is written without a plural's ending."""
        return singular(self.span.text) == plain(self.span.text)


class Resolution:
    """Settles meanings by what else the question names and by how near the tables are to each other."""

    def __init__(self, catalog: Catalog, names: Names) -> None:
        self._catalog, self._names = catalog, names
        self._near, self._parents = neighbours(catalog), parents(catalog)
        self._units = frozenset((c.unit or "").upper() for t in catalog.tables for c in t.columns) - {""}

    def resolve(self, question: str, found: Sequence[Found], counted: Sequence[Hint]) -> list[Hint]:
        """Of several meanings keeps those nearest, along relationships, to the tables that are surely meant."""
        places = sorted(found, key=lambda f: f.span.start)
        places = [self._rather_column(question, i, places) for i in range(len(places))]
        sure = self._sure(places)
        far, above = distances(self._near, sure), distances(self._parents, sure)
        chosen = [
            replace(f, hint=replace(f.hint, targets=self._chosen(question, i, places, far, above)))
            for i, f in enumerate(places)
        ]
        told = sure | {t for f in chosen if _single(f) and not self._is_loose(f) for t in f.tables}
        likely = [f for f in chosen if not far or self._likely(question, f, far, told)]
        measured = {
            c.unit.upper()
            for f in likely
            if f.hint.kind == "column" and not f.measured
            for c in self._columns(f.hint)
            if c.unit
        }
        likely = [f for f in likely if not (f.measured and measured)]
        asked = [f for i, f in enumerate(likely) if not self._says_unit(question, i, likely, measured, counted)]
        return list(self._widened(question, asked))

    def _sure(self, found: Sequence[Found]) -> set[str]:
        """The tables that are surely meant: the named ones, else those of values and columns."""
        tables = [f for f in found if f.hint.kind == "table" and _single(f)]
        named = [f for f in tables if not self._acts(f)] or tables
        others = [f for f in found if f.hint.kind != "table" and _single(f) and not self._is_unit(f.hint)]
        named = named or [f for f in others if not (self._is_loose(f) or f.alike or f.sensed or f.measured)] or others
        return {table for f in named for table in f.tables}

    def _acts(self, one: Found) -> bool:
        """True for a verb's form that tells of a table less surely than its noun: 'trading' of 'trades'."""
        return plain(one.span.text).endswith("ing") and singular(one.span.text) not in self._names.said

    def _columns(self, hint: Hint) -> Iterator[Column]:
        yield from self._columns_of(hint.targets)

    def _columns_of(self, targets: Sequence[str]) -> Iterator[Column]:
        for target in targets:
            table, _, name = target.rpartition(".")
            yield self._catalog.table(table).column(name)

    def _rather_column(self, question: str, index: int, found: Sequence[Found]) -> Found:
        """'Subscriptions per plan', 'users without a phone': a table's word that means a column.

        It does where another word means the table, or, as the name of a column in the singular, where the
        column's table is surely meant.
        """
        one = found[index]
        if one.hint.kind != "table":
            return one
        others = [f for f in found if f.hint.start != one.hint.start]
        columns: list[str] = []
        if any(f.hint.targets == one.hint.targets for f in others):
            columns = [c for c in self._names.columns.get(one.norm, ()) if _table_of(c) in one.hint.targets]
        own = [c for c in self._names.own.get(one.norm, ()) if _says(c, one.span.text)] if one.singular else []
        if not columns and own and not _owns_next(question, index, found):
            sure = {f.hint.targets[0] for f in others if f.hint.kind == "table" and len(f.hint.targets) == 1}
            sure |= {_table_of(f.hint.targets[0]) for f in others if f.hint.kind == "value" and _single(f)}
            same = {_table_of(f.hint.targets[0]) for f in others if f.hint.kind == "column" and _single(f)}
            columns = [c for c in own if _table_of(c) in (same if _table_of(c) in one.hint.targets else sure)]
        return replace(one, hint=replace(one.hint, kind="column", targets=tuple(columns))) if columns else one

    def _chosen(
        self, question: str, index: int, found: Sequence[Found], far: dict[str, int], above: dict[str, int]
    ) -> tuple[str, ...]:
        one = found[index]
        if one.pair:
            least = min(one.hint.targets, key=lambda t: far.get(_table_of(t), UNREACHED))
            return tuple(t for t in one.hint.targets if _table_of(t) == _table_of(least))
        if one.hint.kind == "table":
            return _nearest_tables(one.hint.targets, far)
        if said := _column_beside(question, index, found):
            return said
        beside = _beside(question, index, found)
        targets = [t for t in one.hint.targets if _table_of(t) == beside] or self._akin(one, beside) or one.hint.targets
        return self._nearest(one, targets, far, above)

    def _akin(self, one: Found, table: str) -> list[str]:
        """The columns of the table that a word follows by another word for them: an episode's 'length' lasts."""
        if not table or one.hint.kind != "column" or one.alike:
            return []
        names, others = self._names, synonyms(one.span.text)
        called = ((*names.columns.get(other, ()), *names.loose.get(other, ())) for other in others)
        return list(dict.fromkeys(c for columns in called for c in columns if _table_of(c) == table))

    def _nearest(
        self, one: Found, targets: Sequence[str], far: dict[str, int], above: dict[str, int]
    ) -> tuple[str, ...]:
        """The nearest columns, then those one step up: 'plays in Canada' may mean the listener's country.

        Of equally near ones those that are really called so come first.
        """

        def steps(target: str) -> int:
            return far.get(_table_of(target), UNREACHED)

        loose = self._names.only_loose(one.norm) if one.hint.kind == "column" else frozenset()
        least = min(map(steps, targets))
        nearest = [t for t in targets if steps(t) == least]
        really = [t for t in nearest if t not in loose]
        nearest = really or (self._lowest(nearest) if one.norm == "date" else nearest)
        settled = not far or any(_is_time(c) for c in self._columns_of(nearest)) or self._are_keys(nearest)
        if really and not settled:
            nearest += [
                t for t in targets if t not in loose and steps(t) > least and above.get(_table_of(t), FAR) <= least + 1
            ]
        return tuple(nearest[:MOST_TARGETS])

    def _are_keys(self, targets: Sequence[str]) -> bool:
        return all(self._catalog.table(_table_of(t)).key == t.rsplit(".", 1)[1] for t in targets)

    def _lowest(self, targets: list[str]) -> list[str]:
        """The columns of the tables that no other of the tables points at: an event's date, not its parties'."""
        pointed = {up for t in targets for up, steps in distances(self._parents, [_table_of(t)]).items() if steps}
        return [t for t in targets if _table_of(t) not in pointed] or targets

    def _likely(self, question: str, one: Found, far: dict[str, int], told: set[str]) -> bool:
        """False for what is too far from the tables that are surely meant."""
        hint = one.hint
        steps = min(far.get(table, UNREACHED) for table in one.tables)
        if hint.kind == "column" and self._names.only_heads(one.norm) >= set(hint.targets):
            return steps == 0 or (steps <= FAR and self._alone(one)) or (steps == 1 and self._befell(one))
        if hint.kind == "column" and " " in one.norm and not one.alike:
            return True
        if hint.kind == "column" and self._is_loose(one):
            known = bool(one.tables & told) or not all(map(_is_time, self._columns(hint)))
            return steps < LOOSELY_FAR and (known or (_single(one) and plain(one.span.text).endswith("ed")))
        if hint.kind == "column":
            return steps < FAR or (steps < UNREACHED and _single(one) and not one.alike)
        if hint.kind == "table":
            return steps <= 1 or not self._acts(one)
        if one.sensed or one.measured or (one.alike and hint.kind == "value"):
            return steps == 0 or (steps == 1 and one.sensed and self._befell(one))
        if hint.kind == "value" and steps > 1:
            start, end = hint.start, hint.start + len(hint.span)
            verb = _INFINITIVE.search(question[:start]) and _OBJECT.match(question, end)
            return not (hint.span in _EVERYDAY or (verb and hint.span.islower()) or self._is_unit(hint))
        return True

    def _befell(self, one: Found) -> bool:
        """Whether a word tells what was done, of the one time at which it was."""
        return _single(one) and plain(one.span.text).endswith("ed") and all(map(_is_time, self._columns(one.hint)))

    def _alone(self, one: Found) -> bool:
        """Whether a word of the name of a measure is in no other name, and nothing else is called so."""
        measured = all(c.type.upper().startswith(NUMERIC) for c in self._columns(one.hint))
        return measured and len(self._names.heads.get(one.norm, ())) == 1

    def _is_loose(self, one: Found) -> bool:
        return one.hint.kind == "column" and self._names.only_loose(one.norm) >= set(one.hint.targets)

    def _is_unit(self, hint: Hint) -> bool:
        return hint.kind == "value" and hint.literals[0].upper() in self._units

    def _says_unit(
        self, question: str, index: int, found: Sequence[Found], measured: set[str], counted: Sequence[Hint]
    ) -> bool:
        """'Volume in US dollars': a currency that tells in what a measure is counted, and is no filter."""
        one = found[index]
        start = one.hint.start
        if not self._is_unit(one.hint) or _PAID_IN.search(question[:start]):
            return False
        if _beside(question, index, found) in one.tables:
            return False  # 'USD payments'
        bounds = (question[h.start + len(h.span) : start] for h in counted if h.start < start)
        return one.hint.literals[0].upper() in measured or any(b.strip() in ("", "in") for b in bounds)

    def _widened(self, question: str, found: Sequence[Found]) -> Iterator[Hint]:
        """The hints, with 'phone number' and 'release date' as one phrase each."""
        merged = -1
        for hint in (f.hint for f in found):
            if hint.start < merged:
                continue
            merged = hint.start + len(hint.span)
            columns = list(self._columns(hint)) if hint.kind == "column" else []
            if columns and (more := _tail(columns).match(question, merged)):
                merged = more.end()
            yield replace(hint, span=question[hint.start : merged])


def _says(column: str, text: str) -> bool:
    """Whether a column has the very words, and not only their stems: the `bottles` are no bottling."""
    return singular(column.rpartition(".")[2]).split()[-1:] == singular(text).split()[-1:]


def _table_of(target: str) -> str:
    return target.rsplit(".", 1)[0]


def _is_time(column: Column) -> bool:
    return column.type.upper().startswith(("DATE", "TIME")) or (
        column.format is not None and not is_flag(column.format)
    )


def _tail(columns: Sequence[Column]) -> re.Pattern[str]:
    """The word that may follow what such columns are called and belongs to it."""
    if all(map(_is_time, columns)):
        return _DATES
    return _NUMBERS if all(c.type.upper().startswith(("VARCHAR", "TEXT")) for c in columns) else _NOTHING


def _single(found: Found) -> bool:
    return len(found.hint.targets) == 1


def _nearest_tables(targets: Sequence[str], far: dict[str, int]) -> tuple[str, ...]:
    least = min(far.get(target, UNREACHED) for target in targets)
    return tuple(t for t in targets if far.get(t, UNREACHED) == least)[:MOST_TARGETS]


def _touch(question: str, one: Found, other: Found) -> bool:
    """True where the second phrase follows the first with nothing but space between."""
    between = question[one.hint.start + len(one.hint.span) : other.hint.start]
    return one.span.end == other.span.start and not between.strip()


def _beside(question: str, index: int, found: Sequence[Found]) -> str:
    """The table that a column's word follows, as in 'merchant country', or a value's precedes: 'British shops'."""
    other = index - 1 if found[index].hint.kind == "column" else index + 1
    if not 0 <= other < len(found) or found[other].hint.kind != "table" or not _single(found[other]):
        return ""
    first, second = sorted((index, other))
    return found[other].hint.targets[0] if _touch(question, found[first], found[second]) else ""


def _column_beside(question: str, index: int, found: Sequence[Found]) -> tuple[str, ...]:
    """The columns of a value that the word before or after it names: in 'BTC sold', the coin that was sold."""
    one = found[index]
    if one.hint.kind != "value" or len(one.hint.targets) < 2:
        return ()
    for first, second in ((index, index + 1), (index - 1, index)):
        if first < 0 or second >= len(found):
            continue
        start = found[first].hint.start + len(found[first].hint.span)
        if not _IS.fullmatch(question, start, found[second].hint.start):
            continue
        other = found[second if first == index else first]
        named = tuple(t for t in one.hint.targets if t in other.hint.targets)
        if other.hint.kind == "column" and 0 < len(named) < len(one.hint.targets):
            return named
    return ()


def _owns_next(question: str, index: int, found: Sequence[Found]) -> bool:
    """True for a table's word before one of its columns, as 'phone' in 'phone model'."""
    if index + 1 >= len(found) or not _touch(question, found[index], found[index + 1]):
        return False
    after = found[index + 1]
    return after.hint.kind == "column" and bool(after.tables & set(found[index].hint.targets))
