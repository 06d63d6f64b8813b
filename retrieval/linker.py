"""Linking: which table, column, value, period or number each phrase of a question means."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property

from data.catalog import Catalog
from data.naming import words as parted
from data.units import NUMERIC
from retrieval.anchor import anchored
from retrieval.asking import is_thing
from retrieval.examples import exampled
from retrieval.freshest import fresh
from retrieval.hints import Hint
from retrieval.identified import identified
from retrieval.moments import Moment, moments
from retrieval.names import ROLES, UNIT_WORDS, Names
from retrieval.numbers import SMALL, Number, numbers
from retrieval.occasion import without_occasion
from retrieval.resolution import Found, Resolution
from retrieval.similar import Neighbours, Similar, is_name, valued
from retrieval.spans import IDIOM, Span, is_stopword, normal, phrases, plain, singular, words
from retrieval.thesaurus import synonyms
from retrieval.unread import preface
from retrieval.values import Values

Place = tuple[int, int]

MOST_SIMILAR = 80
"""Words of a question whose phrases are compared with everything by spelling and by sense."""

LEADING = 4
"""Letters of a word that means the table whose name begins with it."""

_CODE = re.compile(r"(?<![\w.,$€£¥−-])\d{4,}(?![\w%]|[.,]\d)")
_CONNECTING = "ending ends end in with number numbers no nr num is last four digits code id"
_CONNECTORS = frozenset(_CONNECTING.split())
_DOLLARS = re.compile(r"(?:\s+(?:dollars?|bucks)\b|\s?\$)", re.I)
_BOTH = re.compile(r"\b(?:both|either|pairs? of)(?: of)?(?: the| its| their)?\s+$", re.I)
_PAIRS = re.compile(r"\s+(?:pairs?|pairings?|combinations?)\b", re.I)
_ARTICLE, _OF = re.compile(r"\ban?\s+$", re.I), re.compile(r"\s+(?:of|by|per)\b", re.I)
_KIND_OF = re.compile(r"(?:kind|type|sort|categor(?:y|ie)|class(?:e)?)s? of (?:the |an? )?(.+)", re.I)
_KINDS = ("type", "kind", "category", "class", "sort")
_EACH = re.compile(r"\b(?:per|each|every|by|across|which|what)(?: (?:the|our|different))?\s+$", re.I)
_NUMBER = re.compile(r"\s+(?:no\.|nr\b|numbers?\b)", re.I)
_THE = re.compile(r"\b(?:the|our|this)(?: \w+)?\s+$", re.I)
_STARS = re.compile(
    r"(?<!top )(?<!first )(?<!best )(?<!last )(?<!the )"
    rf"\b(?P<n>[1-5]|{'|'.join(list(SMALL)[1:6])})[- ]stars?\b",
    re.IGNORECASE,
)
_ASIDE = re.compile(r"today|tonight|tomorrow|now|this (?:morning|afternoon|evening)", re.I)
"""What is said of when one asks, before what is asked."""
_WITHIN = re.compile(r"^(?:in|during|for|of|throughout|over)\s+(?:the\s+)?", re.I)
_CONVERTED = re.compile(r"(?:\b(?:in|per|into|as)|/)\s*$", re.I)


def utc_now() -> datetime:
    """The time of this moment."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Link:
    """Everything that a question's phrases were found to mean, and the named things that nothing matched.

    `now` is when it was asked, or when it says that it is: what periods were counted from. `said` is the question with
    what is no part of what it asks blanked out: that day, and what it is asked for.
    """

    hints: tuple[Hint, ...]
    unknown: tuple[str, ...]
    now: datetime
    said: str


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
        self._catalog, self._values = catalog, values
        self._now, self._changed = now, changed
        self.names = Names(catalog)
        self._similar = Similar(catalog, self.names, values, neighbours, self.meaning)
        self._resolution = Resolution(catalog, self.names)
        units = {column.unit for table in catalog.tables for column in table.columns}
        self._in_seconds = "s" in units and not units & {"ms", "min", "h"}
        self._in_metres = bool(units & {"m", "cm", "mm"})

    def link(self, question: str) -> Link:
        """Periods and numbers first, then names and values with the longest phrases first, then what sounds alike."""
        anchor = anchored(question, self._now())
        question, now = without_occasion(anchor.question, self._is_known), anchor.now
        periods = moments(question, now)
        timed = [_timed(moment) for moment in periods]
        begun = preface(question)
        timed = [h for h in timed if not (_ASIDE.fullmatch(h.span) and h.start < begun)]
        called = [*self._periods(timed)]
        timed = [h for h in timed if h.start not in {hint.start for hint, _ in called}]
        codes = [*called, *self._codes(question, _places(timed)), *self._starred(question)]
        coded = [hint for hint, _ in codes]
        counted = [
            _counted(number)
            for number in numbers(question, _places(timed + coded), timed=self._in_seconds, metres=self._in_metres)
            if number.operator or plain(number.text) not in ("one", "zero")
        ]
        idioms = [match.span() for match in IDIOM.finditer(question)]
        taken = _places(timed + counted) + [place for _, place in codes] + idioms
        found_words = words(question)
        free = [span for span in phrases(question) if not _inside(found_words, span, taken)]
        exact = [self._thing(self._verbatim(found)) for found in self._exact(question, free)]
        rest = [s for s in free if not any(s.overlaps(f.span) for f in exact) and not is_stopword(s.text)]
        named = self._told(free, exact)
        named += self._measured(question, free, named)
        left = [
            s
            for s in rest
            if s.end <= MOST_SIMILAR
            and not _imperative(s)
            and s.norm not in UNIT_WORDS
            and not any(s.overlaps(f.span) for f in named)
        ]
        named += self._similar.find(question, left, named)
        placed = [replace(f, hint=replace(f.hint, start=found_words[f.span.start].start())) for f in named]
        placed = [replace(f, hint=fresh(f.hint, periods, now, self._changed)) for f in placed]
        resolved = self._resolution.resolve(question, placed, counted)
        covered = [f.span for f in named]
        unknown = tuple(
            s.text
            for s in rest
            if s.end - s.start == 1
            and not any(s.overlaps(c) for c in covered)
            and is_name(question, s.text, found_words[s.start].start())
        )
        resolved = [hint for hint in resolved if hint.start >= begun or not _said_in_passing(hint)]
        hints = sorted(timed + coded + counted + resolved, key=lambda hint: hint.start)
        hints = exampled(question, [*identified(question, hints, self._catalog)])
        return Link(tuple(hints), unknown, now, question)

    def _is_known(self, word: str) -> bool:
        """Whether the data has a name or a value that is called so."""
        return not is_stopword(word) and self.meaning(word) is not None

    def _periods(self, timed: Iterable[Hint]) -> Iterator[tuple[Hint, Place]]:
        """Periods that are the very name of something, whenever it begins: the term 'Spring 2025'."""
        for hint in timed:
            named = _WITHIN.sub("", hint.span)
            if not named[:1].isalpha() or named.isalpha():
                continue
            same = [v for v in self._values.find(singular(named)) if v.literal.casefold() == named.casefold()]
            if same:
                yield replace(valued(named, same), start=hint.start), (hint.start, hint.start + len(hint.span))

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
                yield replace(valued(match.group(), same), start=match.start()), (start, match.end())

    def _starred(self, question: str) -> Iterator[tuple[Hint, Place]]:
        """'One-star reviews' by the column of stars, else of ratings."""
        if "star" in self.names.tables:
            return
        found = self.names.columns_of("star") or self.names.columns_of("rating")
        targets = tuple(name for name in found if self._is_number(name))
        for match in _STARS.finditer(question) if targets else ():
            number = match["n"].lower()
            yield (
                Hint(match.group(), "number", targets, (str(SMALL.get(number, number)),), "=", match.start()),
                match.span(),
            )

    def _is_number(self, name: str) -> bool:
        table, _, column = name.rpartition(".")
        return self._catalog.table(table).column(column).type.upper().startswith(NUMERIC)

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
            if unsaid:
                hint = pair or self._proper(span, thing) or self._noun(span, question[:start], question[end:])
            else:
                hint = pair or self.meaning(span.text) or self._leading(span)
            hint = self._grouping(span, hint, question[:start], question[end:])
            hint = self._circle(span, hint, question[:start])
            sensed = self._sensed(span, hint)
            if sensed:
                used.append(span)
                yield sensed
            elif hint and not (hint.kind == "value" and _DOLLARS.match(question, end)):
                used.append(span)
                yield Found(span, hint, span.norm, pair=bool(pair))

    def _grouping(self, span: Span, hint: Hint | None, before: str, after: str) -> Hint | None:
        """'Each curator' is a column of that name rather than the job title Curator, and so is the 'phone no.'."""
        said = hint and hint.kind == "value" and (_EACH.search(before) or _NUMBER.match(after))
        columns = self.names.columns_of(span.norm) if said else ()
        return Hint(span.text, "column", columns) if columns and hint and span.text.islower() else hint

    def _circle(self, span: Span, hint: Hint | None, before: str) -> Hint | None:
        """'The club' is the one table of `club_members` rather than the text 'club' of another table."""
        if hint is None or hint.kind != "value" or not _THE.search(before) or not span.text.islower():
            return hint
        others = {target.rpartition(".")[0] for target in hint.targets}
        said = singular(span.text)
        named = [name for name in self._led.get(said, ()) if len(own := self._names_of(name)[0]) > 1 and own[0] == said]
        return Hint(span.text, "table", (named[0],)) if len(named) == 1 and named[0] not in others else hint

    def _leading(self, span: Span) -> Hint | None:
        """'Fuel' is the one table of `fuel_uplifts` where nothing is called so, rather than a text that is alike."""
        word = singular(span.text)
        if " " in word or span.norm in self.names.senses or len(word) < LEADING:
            return None
        named = self._led.get(word, ())
        return Hint(span.text, "table", (named[0],)) if len(named) == 1 else None

    @cached_property
    def _led(self) -> dict[str, tuple[str, ...]]:
        """Tables by the first word of a name of several."""
        led: dict[str, dict[str, None]] = defaultdict(dict)
        for table in self._catalog.tables:
            for first, *rest in filter(None, self._names_of(table.full_name)):
                if rest:
                    led[first][table.full_name] = None
        return {word: tuple(names) for word, names in led.items()}

    def _sensed(self, span: Span, hint: Hint | None) -> Found | None:
        """What is 'heavy' or 'born' by the column that tells it; one that is called so itself may be meant as well."""
        targets = self.names.senses.get(span.norm, ())
        several = span.end - span.start > 1
        if not targets or (hint and (several or hint.kind != "column")):
            return None
        if hint is None:
            return Found(span, Hint(span.text, "column", tuple(targets)), span.norm, sensed=True)
        return Found(span, replace(hint, targets=tuple(dict.fromkeys((*hint.targets, *targets)))), span.norm)

    def _verbatim(self, found: Found) -> Found:
        """'Opened' by `opened_on`, and not by the `openings`, of which it only has the stem."""
        if found.hint.kind not in ("column", "table"):
            return found
        said = found.span.text.lower()
        parts = {t: t.rpartition(".")[2].lower().split("_") for t in self.names.columns_of(found.norm)}
        same = tuple(t for t, own in parts.items() if said in own or singular(said) in map(singular, own))
        if found.hint.kind == "column":
            same = tuple(t for t in same if said in parts[t])
            return replace(found, hint=replace(found.hint, targets=same)) if said.endswith("ed") and same else found
        called = {word for name in found.hint.targets for word in self._words_of(name)}
        if not same or singular(said) in called:
            return found
        return replace(found, hint=Hint(found.hint.span, "column", same))

    def _words_of(self, name: str) -> list[str]:
        """The words that a table is called by, its own first, each in the singular."""
        return [word for called in self._names_of(name) for word in called]

    def _names_of(self, name: str) -> list[list[str]]:
        """The words of each name that a table has, in the singular."""
        table = self._catalog.table(name)
        return [[singular(word) for word in parted(text)] for text in (table.name, *table.synonyms)]

    def _thing(self, found: Found) -> Found:
        """'Jobs' are the vacancies, whose `job_title` is loosely called so, as both words are for the same things."""
        loosely = found.hint.kind == "column" and self.names.only_loose(found.norm) >= {*found.hint.targets}
        if not loosely or singular(found.span.text) == found.span.text.lower():
            return found
        owners = {target.rpartition(".")[0] for target in found.hint.targets}
        called = (table for other in synonyms(found.span.text) for table in self.names.tables.get(other, ()))
        known = tuple(dict.fromkeys(called))
        tables = tuple(table for table in known if table in owners) or known[: len(known) == 1]
        return replace(found, hint=Hint(found.span.text, "table", tables)) if tables else found

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
        capital = span.text[0].isupper() and (span.start or (span.text.isupper() and len(span.text) > 1))
        same = [v for v in stored if v.literal == span.text and (thing or capital)]
        if span.end - span.start > 1:
            same = same or [v for v in stored if singular(v.literal) != form]
            if not same and span.norm in self.names.columns:
                return Hint(span.text, "column", self.names.columns_of(span.norm))
        return valued(span.text, same) if same else None

    def _noun(self, span: Span, before: str, after: str) -> Hint | None:
        """A table by a word that asks elsewhere, as 'per order'."""
        tables = self.names.tables.get(span.norm, ()) if is_thing(span.text, before, after) else ()
        return Hint(span.text, "table", tuple(tables)) if tables else None

    def meaning(self, text: str, said: str = "") -> Hint | None:
        """What a phrase means, read as `said` when it is misspelt: a value, else a table, else a column."""
        norm, form = normal(said or text), singular(said or text)
        values, tables = self._values.find(form), self.names.tables.get(norm)
        columns = self.names.columns_of(norm) or self._kind_of(text)
        if tables and not (values and text[:1].isupper() and any(v.literal == text for v in values)):
            return Hint(text, "table", tuple(tables))
        if values:
            return valued(text, values)
        return Hint(text, "column", columns) if columns else None

    def _kind_of(self, text: str) -> tuple[str, ...]:
        """The column that tells the type of a table's rows: of 'kinds of incident' the incident type."""
        asked = _KIND_OF.fullmatch(text)
        if not asked:
            return ()
        tables = self.names.tables.get(normal(asked[1]), ())
        named = self.names.columns_of(normal(f"{asked[1]} type"))
        called = (*(c for kind in _KINDS for c in self.names.columns_of(normal(kind))), *named)
        own = tuple(dict.fromkeys(target for target in called if target.rpartition(".")[0] in tables))
        return own or named

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
        loose = [f for f in loose if f.norm not in ROLES or not self._told_apart(spans, exact, f)]
        firm = [
            f
            for f in exact
            if f not in loose and (f.norm not in ROLES or f.hint.kind != "column" or self.names.columns.get(f.norm))
        ]
        wider = [
            span
            for span in spans
            if any(span.overlaps(f.span) and span != f.span for f in loose)
            and not any(span.overlaps(f.span) for f in firm)
        ]
        wide = [f for f in self._similar.alike(wider) if f.hint.kind == "table"] if wider else []
        return firm + wide + [f for f in loose if not any(f.span.overlaps(w.span) for w in wide)]

    def _told_apart(self, spans: list[Span], exact: list[Found], role: Found) -> bool:
        """True for the date, name or number of something unknown, as in 'leaving date'."""
        before = next((s for s in spans if s.end == role.span.start and s.end - s.start == 1), None)
        return bool(before and not is_stopword(before.text) and not any(before.overlaps(f.span) for f in exact))


def _said_in_passing(hint: Hint) -> bool:
    """Whether a value is no name or code: 'we are reviewing the box office' limits nothing that is asked after it."""
    return hint.kind == "value" and hint.span.islower()


def _timed(moment: Moment) -> Hint:
    ends = (str(moment.since or ""), str(moment.until or ""))
    return Hint(moment.text, "time", literals=ends, start=moment.start)


def _counted(number: Number) -> Hint:
    return Hint(number.text, "number", literals=number.values, operator=number.operator or "", start=number.start)


def _places(hints: Iterable[Hint]) -> list[Place]:
    return [(hint.start, hint.start + len(hint.span)) for hint in hints]


def _imperative(span: Span) -> bool:
    """True for a question's first word where it may ask rather than name: 'Name the city …'."""
    return span.start == 0 and span.end == 1 and plain(span.text) in ("name", "rank", "date", "state", "value")


def _inside(found: Sequence[re.Match[str]], span: Span, taken: Sequence[Place]) -> bool:
    start, end = found[span.start].start(), found[span.end - 1].end()
    return any(start < e and s < end for s, e in taken)
