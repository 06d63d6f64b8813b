"""Phrases that come near to names and values: misspelt, shortened, or alike in sense."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from data.catalog import Catalog
from data.naming import shortens
from data.units import NUMERIC
from retrieval.hints import Hint, Kind
from retrieval.kin import base, forms
from retrieval.light import LIGHT
from retrieval.moments import MONTHS
from retrieval.names import Names
from retrieval.resolution import Found
from retrieval.shortened import consonants
from retrieval.spans import GENERIC, Span, is_stopword, normal, plain, singular, words
from retrieval.spelling import Spelling
from retrieval.thesaurus import MOST_WORDS, kindred, synonyms
from retrieval.values import Value, Values

Neighbours = Callable[[list[str]], list[tuple[str, ...]]]
"""For each phrase the tables or columns that are called something alike."""
Meaning = Callable[[str, str], Hint | None]
"""What a phrase means when it is read as another."""

_SENTENCE = re.compile(r"(?:[!?]|\w{3,}\.|\n)[\s\"'“”‘’)(]*$")
_CONTRACTION = re.compile(r"['’](?:d|ll|re|ve|m|t)$", re.I)
_UNDONE = re.compile(r"(?:un|non-?)(\w{2,}(?:ed|id|en|ld|lt|nt))", re.I)
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
CALENDAR = frozenset(name for full in (*MONTHS, *_WEEKDAYS) for name in (full, full[:3])) | {"sept"}


MOST_SYNONYMOUS = 3
"""Tables or columns that another word for them may mean."""


class Similar:
    """What phrases most likely mean that nothing is called exactly."""

    def __init__(
        self, catalog: Catalog, names: Names, values: Values, neighbours: Neighbours, meaning: Meaning
    ) -> None:
        self._catalog, self._values, self._neighbours, self._meaning = catalog, values, neighbours, meaning
        self._names = names
        self._spelling = Spelling(names.said, values.forms())
        self._sources = frozenset(normal(source.name) for source in catalog.sources)

    def find(self, question: str, spans: list[Span], exact: list[Found]) -> list[Found]:
        """The meanings of phrases that are none exactly; the first that fits wins."""
        found: list[Found] = []
        places = words(question)
        searches = (
            self._denied,
            self._misspelt,
            self._clipped,
            self._cut,
            self._shortened,
            self._akin,
            self._synonymous,
            self.alike,
        )
        for search in searches:
            left = [span for span in spans if not any(span.overlaps(f.span) for f in found)]
            if search == self.alike:
                left = [span for span in left if not _names(question, places, span)]
            for new in search(left):
                if search == self._akin and not self._tells(new, exact):
                    continue
                if not any(new.span.overlaps(f.span) for f in found):
                    found.append(new)
        tables = {f.span.start for f in exact if f.hint.kind == "table"}
        return [
            f for f in found if not (f.alike and f.hint.kind != "value" and _modifies(question, places, f.span, tables))
        ]

    def _synonymous(self, spans: list[Span]) -> Iterator[Found]:
        """Other words for what a table or a column is called; where they fit too many of them they tell nothing."""
        for span in spans:
            if span.end - span.start > MOST_WORDS or plain(span.text) in LIGHT:
                continue
            others = synonyms(span.text)
            tables = dict.fromkeys(t for other in others for t in self._names.tables.get(other, ()))
            columns = dict.fromkeys(
                c for other in others for c in (*self._names.columns.get(other, ()), *self._names.loose.get(other, ()))
            )
            kind: Kind = "table" if tables else "column"
            if 0 < len(found := tuple(tables or columns)) <= MOST_SYNONYMOUS:
                yield Found(span, Hint(span.text, kind, found), span.norm, alike=True)
            elif not found and (values := self._kindred(span)):
                yield Found(span, valued(span.text, values), span.norm, alike=True)

    def _akin(self, spans: list[Span]) -> Iterator[Found]:
        """Other forms of the words that tables and columns are called, as 'valuable' of a value; tables first."""
        for span in spans:
            if span.end - span.start > 1 or plain(span.text) in LIGHT or is_stopword(span.text):
                continue
            known = [(norm, t) for norm in map(normal, forms(span.text)) for t in self._called(norm)]
            found = known or self._names.bases.get(base(plain(span.text)), [])
            for kind in ("table", "column"):
                some = [pair for pair in found if (pair[1] in self._catalog) == (kind == "table")]
                targets = tuple(dict.fromkeys(target for _, target in some))
                if 0 < len(targets) <= MOST_SYNONYMOUS:
                    yield Found(span, Hint(span.text, kind, targets, alike=True), some[0][0], alike=True)

    def _tells(self, one: Found, exact: list[Found]) -> bool:
        """Whether another form of a word is taken: for a measure, and for a table where none is named: who 'pays' for
        something that is named does not ask for payments."""
        if one.hint.kind == "table":
            return not any(found.hint.kind == "table" for found in exact)
        return self._are_measures(one.hint.targets)

    def _called(self, norm: str) -> tuple[str, ...]:
        return tuple(self._names.tables.get(norm, ())) or self._names.columns_of(norm)

    def _kindred(self, span: Span) -> tuple[Value, ...]:
        """A value by another word for it, as 'physicians' by the role 'Doctor'; of columns that have few values, as
        others have names."""
        found = (self._values.find(singular(other)) for other in kindred(span.text))
        listed = (tuple(value for value in values if self._values.is_listed(value)) for values in found)
        return next((values for values in listed if values), ())

    def _denied(self, spans: list[Span]) -> Iterator[Found]:
        """'Unpaid' by the column that tells what is paid."""
        for span in spans:
            if not (said := _UNDONE.fullmatch(span.text)):
                continue
            hint = self._meaning(said[1], said[1])
            targets = hint.targets if hint else tuple(self._names.senses.get(normal(said[1]), ()))
            if targets and (hint is None or hint.kind == "column"):
                yield Found(span, Hint(span.text, "column", targets), span.norm)

    def _cut(self, spans: list[Span]) -> Iterator[Found]:
        """'Agents' by the table `agt`, where just one is called so shortly."""
        for span in spans:
            said = singular(span.text)
            tables = [table for table, short in self._names.cut.items() if shortens(short, said)]
            if len(tables) == 1 and " " not in said and not is_stopword(span.text):
                yield Found(span, Hint(span.text, "table", (tables[0],)), span.norm)

    def _misspelt(self, spans: list[Span]) -> Iterator[Found]:
        for span in spans:
            nearest = None if span.norm.isdigit() else self._spelling.nearest(span.text)
            hint = self._meaning(span.text, nearest) if nearest else None
            if nearest and hint:
                yield Found(span, self._begun(span, hint), normal(nearest))

    def _begun(self, span: Span, hint: Hint) -> Hint:
        """A column rather than one of the several values that begin so: all of them are searched for."""
        if hint.kind != "value" or singular(span.text) == singular(hint.literals[0]):
            return hint
        begun = self._values.beginning(singular(span.text))
        places = Counter(f"{value.table}.{value.column}" for value in begun)
        several = any(places[target] > 1 for target in hint.targets)
        return replace(hint, kind="column", literals=()) if several else hint

    def _clipped(self, spans: list[Span]) -> Iterator[Found]:
        """What names mean that leave vowels out, as `clnt` a client: a table, or the columns that are called so."""
        for span in spans:
            targets = () if is_stopword(span.text) else self._names.clipped.get(consonants(singular(span.text)), ())
            tables = tuple(target for target in targets if target in self._catalog)
            if found := (tables or tuple(targets))[:MOST_SYNONYMOUS]:
                yield Found(span, Hint(span.text, "table" if tables else "column", found), span.norm)

    def _shortened(self, spans: list[Span]) -> Iterator[Found]:
        for span in spans:
            alone = span.end - span.start == 1 and span.norm not in self._sources
            if alone and (values := self._values.shortened(span.text)):
                yield Found(span, valued(span.text, values), span.norm, alike=True)

    def alike(self, spans: list[Span]) -> Iterator[Found]:
        """What phrases of up to two words are like. Who names a source means all of it."""
        short = [
            s
            for s in spans
            if s.end - s.start <= 2
            and not s.norm.isdigit()
            and not _edged(s)
            and s.norm not in self._sources
            and plain(s.text) not in GENERIC
        ]
        targets = self._neighbours([span.text for span in short])
        tables = {
            span.start
            for span, target in zip(short, targets, strict=True)
            if target and target[0] in self._catalog and span.end - span.start == 1
        }
        for span, target in zip(short, targets, strict=True):
            if target and not (span.end - span.start == 2 and tables & {span.start, span.start + 1}):
                if span.text.lower().endswith("ed") and self._are_measures(target):
                    continue
                kind: Kind = "table" if target[0] in self._catalog else "column"
                yield Found(span, Hint(span.text, kind, target, alike=True), span.norm, alike=True)

    def _are_measures(self, targets: Iterable[str]) -> bool:
        """True for columns of numbers: what was done, as 'hired', is no amount that sounds like it, as 'paid'."""
        places = [target.rpartition(".") for target in targets if target not in self._catalog]
        return bool(places) and all(
            self._catalog.table(t).column(c).type.upper().startswith(NUMERIC) for t, _, c in places
        )


def valued(text: str, values: Iterable[Value]) -> Hint:
    """One hint per stored text; where phrases fit several texts the first one wins."""
    found = list(values)
    literal = next((v.literal for v in found if v.literal == text), found[0].literal)
    targets = tuple(f"{v.table}.{v.column}" for v in found if v.literal == literal)
    return Hint(text, "value", targets, (literal,))


def _modifies(question: str, places: Sequence[re.Match[str]], span: Span, tables: set[int]) -> bool:
    """True for what stands directly before a table's own word, as 'crypto' in 'crypto wallets'."""
    if span.end not in tables or span.text.endswith(("'s", "’s")):
        return False
    return not question[places[span.end - 1].end() : places[span.end].start()].strip("- ")


def _edged(span: Span) -> bool:
    """True for a phrase that begins or ends with a function word, as 'of streams'."""
    parts = [word.group() for word in words(span.text)]
    return is_stopword(parts[0]) or is_stopword(parts[-1])


def is_name(question: str, text: str, start: int) -> bool:
    """True for a word with a capital that begins no sentence, and is no contraction, month or day."""
    if not text[:1].isupper() or _CONTRACTION.search(text) or plain(text) in CALENDAR:
        return False
    before = question[:start]
    return bool(words(before)) and not _SENTENCE.search(before)


def _names(question: str, places: Sequence[re.Match[str]], span: Span) -> bool:
    """True for a phrase with a proper name: a city is no column, however near the word comes to 'city'."""
    return any(is_name(question, place.group(), place.start()) for place in places[span.start : span.end])
