"""Measures that a field may stand for: what is counted, summed or picked of the rows that point at the subject."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from agents.forms import period
from agents.forms.asked import Asked
from agents.forms.binding import Aggregate, Binding, Condition, Measure
from agents.forms.reach import Place, called, is_day, is_numeric, phrases
from agents.forms.sample import Samples
from agents.forms.vocabulary import aggregates, listed, parties, sums, tokens
from agents.semantic.renamed import RenamedColumn
from data.catalog import Column
from data.policy import is_text

SHARE = "percent·"
OF_PERIOD = re.compile(r"\b(?:of|in|for|during) (?:the|that|this) (?:month|year|quarter|period)\b", re.I)
"""Words for a period that is named elsewhere."""
LETTERS = re.compile(r"[^\W\d_]")
MONTHLY = re.compile(
    r"\b(?:monthly|quarterly|yearly|annual(?:ly)?|(?:month|quarter|year) by (?:month|quarter|year)"
    r"|(?:by|per|each|every|a|in each|of each|for each)(?: calendar)? (?:month|quarter|year))\b",
    re.I,
)
PICKS: dict[str, Aggregate] = {"last": "latest", "first": "earliest"}
NUMBERS: tuple[Aggregate, ...] = ("sum", "avg", "median", "max", "min")
MOST_ABOUT = 6
"""Tokens of a description that may say what is to be done with what the title names: 'How many there were.'"""
LOOSE = 0.88
"""What a reading keeps of its confidence for each thing that it takes for granted."""
OTHERS = 0.6
"""What it keeps where the field speaks of somebody else than the subject."""
ROLES = frozenset((*tokens("sender"), *tokens("receiver")))
"""Tokens that say who is meant only where rows have such roles."""
MONEY = frozenset({"usd", "dollar", "money"})
"""Words that say that an amount is wanted, and no count."""
DESCRIBED = 0.75
"""What a word counts that is in a table's description alone."""


@dataclass(frozen=True)
class _Phrase:
    """One way to read a field's title: its words without those of a period, and what they ask to be done."""

    words: tuple[str, ...]
    rows: frozenset[str]
    """Words around it that may say which rows are meant."""
    period: str
    aggregate: str
    asking: frozenset[str]
    """The words that ask for the aggregate."""


class Measures:
    """Holds fields against the tables whose rows point at a subject."""

    def __init__(self, places: Sequence[Place], samples: Samples, own: frozenset[str], keys: frozenset[str]) -> None:
        """`own` are the words for the subject itself, `keys` the columns that only identify."""
        self._places, self._samples, self._own, self._keys = places, samples, own, keys
        self._roles = frozenset[str]().union(*(place.role for place in places))

    def bindings(self, asked: Asked) -> list[Binding]:
        """Bindings to measures, the likeliest first."""
        found = [
            replace(binding, confidence=round(binding.confidence * (LOOSE if second else 1.0), 3))
            for second, text in enumerate(_worded(asked))
            for phrase in _phrases(text, asked)
            for place in self._places
            for binding in self._of(asked, phrase, place)
        ]
        best = sorted(found, key=lambda one: (-one.confidence, len(one.links)))
        return list({replace(one, confidence=0).as_text(): one for one in reversed(best)}.values())[::-1]

    def _of(self, asked: Asked, phrase: _Phrase, place: Place) -> Iterator[Binding]:
        said = set(phrase.words) | phrase.rows
        named = {one for words in phrases(place.table) if said.issuperset(words) for one in words}
        where, valued = self.conditions(place, (*phrase.words, *self._around(asked, phrase, place)), phrase.period)
        kinds = self._number(asked, phrase, place, named) if asked.field.kind in ("integer", "number") else ()
        if asked.field.kind == "string":
            kinds = self._picked(asked, phrase, place, named)
        elif asked.field.kind == "array" and asked.field.items == "string":
            kinds = self._listed(phrase, place, named)
        for measure, spent, sure in kinds:
            if measure.aggregate == "share" and not where:
                continue
            read = (
                spent
                | MONEY
                | (named - self._roles)
                | valued
                | phrase.asking
                | self._own
                | listed("subject")
                | asked.lead
                | set(place.role)
            )
            about = set(tokens(place.table.description)) - self._roles
            about |= listed("soft") | (ROLES - self._roles)
            telling = [one for one in phrase.words if one in read or one not in asked.neutral]
            weights = (1.0 if one in read else DESCRIBED if one in about else 0.0 for one in telling)
            share = sum(weights) / max(len(telling), 1)
            made = replace(measure, where=where if not measure.metric else (), period=phrase.period)
            if phrase.period and not self.timed(place):
                continue
            others = (said & parties()) - read - place.entity
            if others - (listed("earlier") if named else set()):
                sure *= OTHERS
            granted = (bool(measure.metric and where), self._farther(place))
            sure = sure * share * LOOSE ** sum(granted)
            yield Binding("measure", place.table.full_name, made.column, place.links, made, confidence=round(sure, 3))

    def _around(self, asked: Asked, phrase: _Phrase, place: Place) -> frozenset[str]:
        """The words of the heading, where the title leaves it to that which rows are meant."""
        named = any(set(phrase.words).issuperset(words) for words in phrases(place.table))
        return frozenset() if named or not asked.headings else frozenset(tokens(asked.headings[-1]))

    def _approved(self, place: Place, asked: Asked) -> bool:
        """Whether the description names an approved measure."""
        names = (name for metric in place.table.measures for name in (metric.name, *metric.synonyms))
        return any((own := set(tokens(name))) and own.issubset(asked.about) for name in names)

    def _number(
        self, asked: Asked, phrase: _Phrase, place: Place, named: set[str]
    ) -> Iterator[tuple[Measure, set[str], float]]:
        """(a measure, the words that it explains, how sure that is before the words are counted)"""
        said, time = set(phrase.words), self.timed(place)
        metrics = [
            (metric.name, set(tokens(name)))
            for metric in place.table.measures
            for name in (metric.name, *metric.synonyms)
            if said.issuperset(tokens(name)) and phrase.aggregate in ("", "sum")
        ]
        yield from ((Measure("sum", metric=name, time=time), spent, 1.0) for name, spent in metrics)
        if SHARE in said and named:
            yield Measure("share", time=time), {SHARE}, 1.0
        money = bool(said & MONEY)
        if phrase.aggregate in ("", "count") and named and SHARE not in said and not money:
            plain = LOOSE if asked.field.kind == "integer" else LOOSE**2
            yield Measure("count", time=time), set(), 1.0 if phrase.aggregate else plain
        for column in self._numeric(place):
            spent = max((set(name) & said for name in called(column.semantic)), key=len, default=set())
            whole = any(said.issuperset(name) for name in called(column.semantic))
            bare = named and asked.field.kind == "number" and is_money(column.stored)
            asks: str = phrase.aggregate or ("sum" if spent & sums() or money or bare else "")
            if asks in NUMBERS and (whole or (named and self._only(place, column))):
                aggregate: Aggregate = asks
                sure = 1.0 if named or spent & sums() else LOOSE
                # What an approved measure has a name for is not summed by hand.
                sure *= LOOSE if any(spent & words for _, words in metrics) or self._approved(place, asked) else 1.0
                yield Measure(aggregate, column.stored.name, time=time), spent if whole else set(), sure

    def _farther(self, place: Place) -> bool:
        """Whether the table's rows also point at the subject by fewer links."""
        return any(
            one.table.full_name == place.table.full_name and len(one.links) < len(place.links) for one in self._places
        )

    def _picked(
        self, asked: Asked, phrase: _Phrase, place: Place, named: set[str]
    ) -> Iterator[tuple[Measure, set[str], float]]:
        """The moment of the first or last row, or what stands in it."""
        time, said = self.timed(place), set(phrase.words)
        pick = PICKS.get(phrase.aggregate)
        if not pick or not named or not time:
            return
        if asked.field.format in ("date", "date-time") or "date·" in said:
            yield Measure("max" if pick == "latest" else "min", time, time=time), {"date·"}, 1.0
        elif not asked.field.format:
            for column in place.columns():
                whole = [name for name in called(column.semantic) if said.issuperset(name)]
                if whole and is_text(column.semantic):
                    yield Measure(pick, column.stored.name, time=time), {o for n in whole for o in n}, 1.0

    def _listed(self, phrase: _Phrase, place: Place, named: set[str]) -> Iterator[tuple[Measure, set[str], float]]:
        """The different values of a column that holds one of a few."""
        said = set(phrase.words)
        for column in place.columns():
            whole = [name for name in called(column.semantic) if said.issuperset(name)]
            if whole and self._samples.choices(place.table, column.stored.name):
                spent = {one for name in whole for one in name}
                sure = 1.0 if named else LOOSE
                yield Measure("list", column.stored.name, time=self.timed(place)), spent, sure

    def conditions(self, place: Place, words: Sequence[str], within: str) -> tuple[tuple[Condition, ...], set[str]]:
        """What the words say of the rows by values, and those words. 'Opened in 2025' says when, and not which."""
        found, spent, said = [], set[str](), set(words)
        if within and place.table.time and place.table.time in place.table:
            when = {one for name in called(place.table.column(place.table.time)) for one in name}
            spent, said = (said & when) - self._roles, said - when
        for column in place.columns():
            if not is_text(column.stored):
                continue
            choices = self._samples.choices(place.table, column.stored.name)
            # A currency behind an amount is its unit, and does not say which rows are meant.
            meanings = {one: set(tokens(column.meaning(one))) - MONEY for one in choices}
            hits = [one for one, meant in meanings.items() if meant and said.issuperset(meant)]
            if hits:
                found.append(Condition(column.stored.name, tuple(sorted(hits))))
                spent |= {one for hit in hits for one in tokens(column.meaning(hit))}
                spent |= {one for name in called(column.semantic) if said.issuperset(name) for one in name}
        return tuple(found), spent

    def _numeric(self, place: Place) -> list[RenamedColumn]:
        return [
            column
            for column in place.columns()
            if is_numeric(column.stored)
            and is_numeric(column.semantic)
            and f"{place.table.full_name}.{column.stored.name}".lower() not in self._keys
        ]

    def _only(self, place: Place, column: RenamedColumn) -> bool:
        """Whether a column is the one that is meant where none is named: the amount, or the only number."""
        numbers = self._numeric(place)
        amounts = [one for one in numbers if ("amount",) in called(one.semantic)]
        return [column] == (amounts or numbers)

    def timed(self, place: Place) -> str:
        """The stored column of a table's own time; "" where there is none."""
        days = (one.stored.name for one in place.columns() if is_day(one.semantic))
        return next((name for name in days if name == place.table.time), "")


def is_money(column: Column | None) -> bool:
    """Whether a column holds money."""
    return column is not None and (column.unit or "").upper() in {"USD", "EUR", "GBP", "CHF", "JPY", "CAD", "AUD"}


def _phrases(text: str, asked: Asked) -> Iterator[_Phrase]:
    """The readings of a title: with each word that asks for an aggregate, and with none."""
    own, rest = period.read(text)
    rest = OF_PERIOD.sub(" ", MONTHLY.sub(" ", rest) if own else rest)
    places = (*asked.texts, *asked.headings[-1:], asked.field.description)
    meant = own or next((found for place in places if (found := period.read(place)[0])), "")
    meant = meant or next((found for place in places if (found := period.within(text, place))), "")
    words = tokens(rest)
    if not words:
        return
    asking = [(phrase, name) for phrase, name in aggregates() if phrase and _within(phrase, words)]
    for phrase, name in asking:
        spent = frozenset(one for other, _ in asking for one in other) if name == "count" else frozenset(phrase)
        yield _Phrase(words, asked.section, meant, name, spent)
    about = asked.about if not asking and len(asked.about) <= MOST_ABOUT else ()
    for phrase, name in aggregates():
        if phrase and _within(phrase, about):
            yield _Phrase(words, asked.section, meant, name, frozenset())
    yield _Phrase(words, asked.section, meant, "", frozenset())


def _worded(asked: Asked) -> list[str]:
    """The texts that speak of more than a period: 'January 2025' leaves it to the description, or to the section
    around it, what is meant."""
    found = [text for text in asked.texts if any(LETTERS.search(one) for one in tokens(period.read(text)[1]))]
    return found or [MONTHLY.sub(" ", one) for one in asked.headings[-1:]]


def _within(phrase: Sequence[str], words: Sequence[str]) -> bool:
    length = len(phrase)
    return any(tuple(words[at : at + length]) == tuple(phrase) for at in range(len(words) - length + 1))
