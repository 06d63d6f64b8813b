"""Linking: which table, column, value, period or number each phrase of a question means."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from data.catalog import Catalog
from data.units import NUMERIC
from retrieval.anchor import anchored
from retrieval.freshest import fresh
from retrieval.hints import Hint, Kind
from retrieval.identified import identified
from retrieval.moments import MONTHS, Moment, moments
from retrieval.names import Names
from retrieval.numbers import Number, numbers
from retrieval.resolution import Found, Resolution
from retrieval.spans import IDIOM, Span, is_stopword, normal, phrases, plain, singular, words
from retrieval.spelling import Spelling
from retrieval.values import Value, Values

Neighbours = Callable[[list[str]], list[tuple[str, ...]]]
Place = tuple[int, int]

MOST_SIMILAR = 80
"""Words of a question whose phrases are compared with everything by spelling and by sense."""

_CODE = re.compile(r"(?<![\w.,$€£¥−-])\d{4,}(?![\w%]|[.,]\d)")
_CONNECTING = "ending ends end in with number numbers no nr num is last four digits code id"
_CONNECTORS = frozenset(_CONNECTING.split())
_DOLLARS = re.compile(r"(?:\s+(?:dollars?|bucks)\b|\s?\$)", re.I)
_BOTH = re.compile(r"\b(?:both|either|pairs? of)(?: of)?(?: the| its| their)?\s+$", re.I)
_PAIRS = re.compile(r"\s+(?:pairs?|pairings?|combinations?)\b", re.I)
_ARTICLE, _OF = re.compile(r"\ban?\s+$", re.I), re.compile(r"\s+(?:of|by|per)\b", re.I)
_KIND_OF = re.compile(r"(?:kind|type|sort|categor(?:y|ie)|class(?:e)?)s? of (?:the |an? )?(.+)", re.I)
_CONVERTED = re.compile(r"(?:\b(?:in|per|into|as)|/)\s*$", re.I)
_SENTENCE = re.compile(r"(?:[!?]|\w{3,}\.|\n)[\s\"'“”‘’)(]*$")
_CONTRACTION = re.compile(r"['’](?:d|ll|re|ve|m|t)$", re.I)
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_CALENDAR = frozenset(name for full in (*MONTHS, *_WEEKDAYS) for name in (full, full[:3])) | {"sept"}


def utc_now() -> datetime:
    """The time of this moment."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Link:
    """Everything that a question's phrases were found to mean, and the named things that nothing matched.

    `now` is when it was asked, or when it says that it is: what periods were counted from.
    """

    hints: tuple[Hint, ...]
    unknown: tuple[str, ...]
    now: datetime


class Linker:
    """Links questions for one principal: over the visible catalogue and the values that the principal may read."""

    def __init__(
        self,
        catalog: Catalog,
        values: Values,
        neighbours: Neighbours,
        now: Callable[[], datetime] = utc_now,
        changed: Callable[[str], datetime | None] = lambda table: None,
    ) -> None:
        """`now` gives an aware time; `changed`, when the rows of a table last changed, where that is known."""
        self._catalog, self._values, self._neighbours = catalog, values, neighbours
        self._now, self._changed = now, changed
        self.names = Names(catalog)
        self._sources = frozenset(normal(source.name) for source in catalog.sources)
        self._spelling = Spelling(self.names.said, values.forms())
        self._resolution = Resolution(catalog, self.names)
        units = {column.unit for table in catalog.tables for column in table.columns}
        self._in_seconds = "s" in units and not units & {"ms", "min", "h"}

    def link(self, question: str) -> Link:
        """Periods and numbers first, then names and values with the longest phrases first, then what sounds alike."""
        anchor = anchored(question, self._now())
        question, now = anchor.question, anchor.now
        periods = moments(question, now)
        timed = [_timed(moment) for moment in periods]
        codes = list(self._codes(question, _places(timed)))
        coded = [hint for hint, _ in codes]
        counted = [
            _counted(number)
            for number in numbers(question, _places(timed + coded), timed=self._in_seconds)
            if number.operator or plain(number.text) not in ("one", "zero")
        ]
        idioms = [match.span() for match in IDIOM.finditer(question)]
        taken = _places(timed + counted) + [place for _, place in codes] + idioms
        found_words = words(question)
        free = [span for span in phrases(question) if not _inside(found_words, span, taken)]
        exact = list(self._exact(question, free))
        rest = [s for s in free if not any(s.overlaps(f.span) for f in exact) and not is_stopword(s.text)]
        named = self._told(free, exact)
        named += self._measured(question, free, named)
        left = [
            s
            for s in rest
            if s.end <= MOST_SIMILAR and not _imperative(s) and not any(s.overlaps(f.span) for f in named)
        ]
        named += self._similar(question, left, named)
        placed = [replace(f, hint=replace(f.hint, start=found_words[f.span.start].start())) for f in named]
        placed = [replace(f, hint=fresh(f.hint, periods, now, self._changed)) for f in placed]
        resolved = self._resolution.resolve(question, placed, counted)
        covered = [f.span for f in named]
        unknown = tuple(
            s.text
            for s in rest
            if s.end - s.start == 1
            and not any(s.overlaps(c) for c in covered)
            and _is_name(question, s.text, found_words[s.start].start())
        )
        hints = sorted(timed + coded + counted + resolved, key=lambda hint: hint.start)
        return Link(tuple(identified(question, hints, self._catalog)), unknown, now)

    def _codes(self, question: str, taken: Sequence[Place]) -> Iterator[tuple[Hint, Place]]:
        """Digits that stand in a text column, said next to its name, its table or one of its values.

        The place takes in the words that connect both.
        """
        for match in _CODE.finditer(question):
            stored = self._values.find(match.group())
            if not stored or any(match.start() < end and start < match.end() for start, end in taken):
                continue
            tables, start = self._said_before(question[: match.start()])
            same = [value for value in stored if value.literal == match.group() and value.table in tables]
            if same:
                yield replace(_valued(match.group(), same), start=match.start()), (start, match.end())

    def _said_before(self, text: str) -> tuple[frozenset[str], int]:
        """The tables of the last phrase before the words that connect it with a code, and where it ends.

        'card ending in' -> the tables of 'card'.
        """
        said = words(text)
        while said and plain(said[-1].group()) in _CONNECTORS:
            if plain(said[-1].group()) == "with" and not (len(said) > 1 and said[-2].group().startswith("end")):
                break
            said.pop()
        for size in (2, 1):
            if len(said) >= size and (hint := self.meaning(text[said[-size].start() : said[-1].end()])):
                return Found(Span(0, 0, "", ""), hint, "").tables, said[-1].end()
        return frozenset(), 0

    def _exact(self, question: str, spans: Iterable[Span]) -> Iterator[Found]:
        used: list[Span] = []
        places = words(question)
        for span in spans:
            if any(span.overlaps(other) for other in used):
                continue
            start, end = places[span.start].start(), places[span.end - 1].end()
            pair = self._pair(span, question[:start], question[end:])
            unsaid = is_stopword(span.text) or _imperative(span)
            thing = bool(_ARTICLE.search(question[:start])) and not _OF.match(question, end)
            hint = pair or (self._proper(span, thing) if unsaid else self.meaning(span.text))
            sensed = self._sensed(span, hint)
            if sensed:
                used.append(span)
                yield sensed
            elif hint and not (hint.kind == "value" and _DOLLARS.match(question, end)):
                used.append(span)
                yield Found(span, hint, span.norm, pair=bool(pair))

    def _sensed(self, span: Span, hint: Hint | None) -> Found | None:
        """What is 'heavy' or 'born' by the column that tells it; one that is called so itself may be meant as well."""
        targets = () if span.end - span.start > 1 else self.names.senses.get(span.norm, ())
        if not targets or (hint and (hint.kind != "column" or self.names.columns.get(span.norm))):
            return None
        called = hint.targets if hint else ()
        return Found(span, Hint(span.text, "column", tuple(dict.fromkeys((*called, *targets)))), span.norm, sensed=True)

    def _pair(self, span: Span, before: str, after: str) -> Hint | None:
        """'Both coins', 'pairs of coins', 'coin pairs': the two columns that are called so."""
        if span.end - span.start > 1 or not (_BOTH.search(before) or _PAIRS.match(after)):
            return None
        targets = tuple(target for pair in self.names.pairs(span.norm) for target in pair)
        return Hint(span.text, "column", targets) if targets else None

    def _proper(self, span: Span, thing: bool) -> Hint | None:
        """What function words mean.

        They count when written like a stored value with a capital, as the band 'Five', or for a `thing`, as in
        'caused by a breakdown', and when several of
        them are a declared name, as 'came out', or what people say for a code, as 'US dollars' for USD.
        """
        form = singular(span.text)
        stored = self._values.find(form)
        same = [v for v in stored if v.literal == span.text and (thing or (span.text[0].isupper() and span.start))]
        if span.end - span.start > 1:
            same = same or [v for v in stored if singular(v.literal) != form]
            if not same and span.norm in self.names.columns:
                return Hint(span.text, "column", self.names.columns_of(span.norm))
        return _valued(span.text, same) if same else None

    def meaning(self, text: str, said: str = "") -> Hint | None:
        """What a phrase means, read as `said` when it is misspelt: a value, else a table, else a column."""
        norm, form = normal(said or text), singular(said or text)
        values, tables = self._values.find(form), self.names.tables.get(norm)
        columns = self.names.columns_of(norm) or self._kind_of(text)
        if tables and not (values and text[:1].isupper() and any(v.literal == text for v in values)):
            return Hint(text, "table", tuple(tables))
        if values:
            return _valued(text, values)
        return Hint(text, "column", columns) if columns else None

    def _kind_of(self, text: str) -> tuple[str, ...]:
        """The column that tells the type of a table's rows: of 'kinds of incident' the incident type."""
        asked = _KIND_OF.fullmatch(text)
        if not asked:
            return ()
        tables = self.names.tables.get(normal(asked[1]), ())
        called = (*self.names.columns_of(normal("type")), *self.names.columns_of(normal(f"{asked[1]} type")))
        return tuple(dict.fromkeys(target for target in called if target.rpartition(".")[0] in tables))

    def _measured(self, question: str, spans: Iterable[Span], found: Sequence[Found]) -> Iterator[Found]:
        """Units by the columns that are counted in them, but not where the answer is to be 'in MWh'."""
        places = words(question)
        for span in spans:
            targets = self.names.units.get(span.norm)
            if not targets or any(span.overlaps(f.span) for f in found):
                continue
            if not _CONVERTED.search(question[: places[span.start].start()]):
                yield Found(span, Hint(span.text, "column", tuple(targets)), span.norm, measured=True)

    def _told(self, spans: list[Span], exact: list[Found]) -> list[Found]:
        """The exact ones, but for a loose name within a phrase that is like a table's: 'money received'."""
        loose = [f for f in exact if f.hint.kind == "column" and self.names.only_loose(f.norm) >= set(f.hint.targets)]
        firm = [f for f in exact if f not in loose]
        wider = [
            span
            for span in spans
            if any(span.overlaps(f.span) and span != f.span for f in loose)
            and not any(span.overlaps(f.span) for f in firm)
        ]
        wide = [f for f in self._alike(wider) if f.hint.kind == "table"] if wider else []
        return firm + wide + [f for f in loose if not any(f.span.overlaps(w.span) for w in wide)]

    def _similar(self, question: str, spans: list[Span], exact: list[Found]) -> list[Found]:
        found: list[Found] = []
        for search in (self._misspelt, self._shortened, self._alike):
            left = [span for span in spans if not any(span.overlaps(f.span) for f in found)]
            for new in search(left):
                if not any(new.span.overlaps(f.span) for f in found):
                    found.append(new)
        tables = {f.span.start for f in exact if f.hint.kind == "table"}
        places = words(question)
        return [f for f in found if not (f.alike and _modifies(question, places, f.span, tables))]

    def _misspelt(self, spans: list[Span]) -> Iterator[Found]:
        for span in spans:
            nearest = None if span.norm.isdigit() else self._spelling.nearest(span.text)
            hint = self.meaning(span.text, nearest) if nearest else None
            if nearest and hint:
                yield Found(span, self._begun(span, hint), normal(nearest))

    def _begun(self, span: Span, hint: Hint) -> Hint:
        """A column rather than one of the several values that begin so: all of them are searched for."""
        if hint.kind != "value" or singular(span.text) == singular(hint.literals[0]):
            return hint
        places = {f"{value.table}.{value.column}" for value in self._values.beginning(singular(span.text))}
        return replace(hint, kind="column", literals=()) if places & set(hint.targets) else hint

    def _shortened(self, spans: list[Span]) -> Iterator[Found]:
        for span in spans:
            if span.end - span.start == 1 and (values := self._values.shortened(span.text)):
                yield Found(span, _valued(span.text, values), span.norm, alike=True)

    def _alike(self, spans: list[Span]) -> Iterator[Found]:
        """What phrases of up to two words are like. Who names a source means all of it."""
        short = [
            s
            for s in spans
            if s.end - s.start <= 2 and not s.norm.isdigit() and not _edged(s) and s.norm not in self._sources
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
                yield Found(span, Hint(span.text, kind, target), span.norm, alike=True)

    def _are_measures(self, targets: Iterable[str]) -> bool:
        """True for columns of numbers: what was done, as 'hired', is no amount that sounds like it, as 'paid'."""
        places = [target.rpartition(".") for target in targets if target not in self._catalog]
        return bool(places) and all(
            self._catalog.table(t).column(c).type.upper().startswith(NUMERIC) for t, _, c in places
        )


def _timed(moment: Moment) -> Hint:
    ends = (str(moment.since or ""), str(moment.until or ""))
    return Hint(moment.text, "time", literals=ends, start=moment.start)


def _counted(number: Number) -> Hint:
    return Hint(number.text, "number", literals=number.values, operator=number.operator or "", start=number.start)


def _places(hints: Iterable[Hint]) -> list[Place]:
    return [(hint.start, hint.start + len(hint.span)) for hint in hints]


def _modifies(question: str, places: Sequence[re.Match[str]], span: Span, tables: set[int]) -> bool:
    """True for what stands directly before a table's own word, as 'crypto' in 'crypto wallets'."""
    if span.end not in tables or span.text.endswith(("'s", "’s")):
        return False
    return not question[places[span.end - 1].end() : places[span.end].start()].strip("- ")


def _is_name(question: str, text: str, start: int) -> bool:
    """True for a word with a capital that begins no sentence, and is no contraction, month or day."""
    if not text[:1].isupper() or _CONTRACTION.search(text) or plain(text) in _CALENDAR:
        return False
    before = question[:start]
    return bool(words(before)) and not _SENTENCE.search(before)


def _imperative(span: Span) -> bool:
    """True for a question's first word where it may ask rather than name: 'Name the city …'."""
    return span.start == 0 and span.end == 1 and plain(span.text) in ("name", "rank", "date", "state", "value")


def _valued(text: str, values: Iterable[Value]) -> Hint:
    """One hint per stored text; where phrases fit several texts the first one wins."""
    found = list(values)
    literal = next((v.literal for v in found if v.literal == text), found[0].literal)
    targets = tuple(f"{v.table}.{v.column}" for v in found if v.literal == literal)
    return Hint(text, "value", targets, (literal,))


def _edged(span: Span) -> bool:
    """True for a phrase that begins or ends with a function word, as 'of streams'."""
    parts = [word.group() for word in words(span.text)]
    return is_stopword(parts[0]) or is_stopword(parts[-1])


def _inside(found: Sequence[re.Match[str]], span: Span, taken: Sequence[Place]) -> bool:
    start, end = found[span.start].start(), found[span.end - 1].end()
    return any(start < e and s < end for s, e in taken)
