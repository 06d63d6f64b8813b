"""Measures that a field may stand for: what is counted, summed or picked of the rows that point at the subject."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property

from agents.forms.asked import Asked
from agents.forms.binding import Aggregate, Binding, Condition, Measure
from agents.forms.phrase import MOST_ABOUT, Phrase, phrases_of, worded
from agents.forms.reach import Place, called, is_day, is_numeric, phrases
from agents.forms.sample import Samples
from agents.forms.sense import Sense
from agents.forms.spoken import Spoken
from agents.forms.vocabulary import aggregates, listed, parties, picking, sums, tokens, verbs
from agents.semantic.renamed import RenamedColumn
from data.catalog import Column
from data.catalog import Measure as Metric
from data.policy import is_text

SHARE = "percent·"
(NETTED,) = tokens("netted")
"""The token of an amount from which others are taken, as a computed field is."""
PICKS: dict[str, Aggregate] = {"last": "latest", "first": "earliest"}
NUMBERS: tuple[Aggregate, ...] = ("sum", "avg", "median", "max", "min")
LOOSE = 0.88
"""What a reading keeps of its confidence for each thing that it takes for granted."""
OTHERS = 0.6
"""What it keeps where the field speaks of somebody else than the subject."""
ROLES = frozenset((*tokens("sender"), *tokens("receiver")))
"""Tokens that say who is meant only where rows have such roles."""
MONEY = frozenset({"usd", "dollar", "money"})
"""Words that say that an amount is wanted, and no count."""
VAGUE = frozenset({"amount", "value", "total", "sum", "volum", "size", "price", "cost", "fee"}) | MONEY
"""Words for money of any kind."""
COUNTS_TIME = re.compile(
    r"\b(?:how many|number of|over) (?:[\w-]+ )?(?:days|weeks|months|quarters|years|hours)\b", re.I
)
"""What asks for a length of time, and for no rows."""
LEADING = 3
"""Words of a description in which it says that a percentage is wanted."""
DESCRIBED = 0.75
"""What a word counts that is in a table's description alone."""


class Measures:
    """Holds fields against the tables whose rows point at a subject."""

    def __init__(
        self,
        places: Sequence[Place],
        samples: Samples,
        own: frozenset[str],
        keys: frozenset[str],
        sense: Sense | None = None,
        linked: Mapping[str, frozenset[str]] | None = None,
    ) -> None:
        """`own` are the words for the subject itself, `keys` the columns that only identify. `sense` finds tables that
        are not called by a word of theirs; `linked` are by table the words for the rows that its rows link to."""
        self._linked = linked or {}
        self._spoken = Spoken(places, samples, own | MONEY)
        self._places, self._samples, self._own, self._keys, self._sense = places, samples, own, keys, sense
        self._roles = frozenset[str]().union(*(place.role for place in places))

    def bindings(self, asked: Asked) -> list[Binding]:
        """Bindings to measures, the likeliest first."""
        found = [
            replace(binding, confidence=round(binding.confidence * (LOOSE if second else 1.0), 3))
            for second, text in enumerate(worded(asked))
            for phrase in phrases_of(text, asked)
            for place in self._places
            for binding in self._of(asked, phrase, place)
        ]
        best = sorted(self._once(found), key=lambda one: (-one.confidence, len(one.links)))
        several: dict[str, Binding] = {}
        for one in best:
            several.setdefault(replace(one, confidence=0).as_text(), one)
        return list(several.values())

    def _once(self, found: Sequence[Binding]) -> Iterator[Binding]:
        """Without sums that are just an approved measure which was found too."""
        approved = {
            (one.table, one.links, one.measure.period, self._text(one))
            for one in found
            if one.measure and one.measure.metric
        }
        for one in found:
            own = one.measure
            if own is None or own.metric or (one.table, one.links, own.period, self._text(one)) not in approved:
                yield one

    def _text(self, binding: Binding) -> str:
        """A measure as the catalogue writes it."""
        own = binding.measure
        if own is None:
            return ""
        if own.metric:
            table = next(one.table for one in self._places if one.table.full_name == binding.table)
            metric = table.measure(own.metric)
            return " ".join(metric.expression.replace('"', "").lower().split()) if metric else ""
        where = " and ".join(f"{one.column} = '{one.values[0]}'" for one in own.where if len(one.values) == 1)
        return f"{own.aggregate}({own.column})" + (f" filter (where {where})" if own.where else "")

    def _of(self, asked: Asked, phrase: Phrase, place: Place) -> Iterator[Binding]:
        titled = self._spoken.titled(phrase)
        said = set(phrase.words) | phrase.rows | (frozenset() if titled else _aside(asked))
        done = {verb: verbs()[verb] for verb in phrase.words if verb in verbs()}
        said |= set(done.values())
        named = {one for words in phrases(place.table) if said.issuperset(words) for one in words}
        asks = phrase.aggregate or set(phrase.words) & (sums() | MONEY | {SHARE})
        implied = self._spoken.implied(asked, phrase, place) if asks and not (named or titled) else set()
        named |= implied
        sensed = not titled and place.table.full_name == self._sensed(phrase)
        if sensed:
            named |= {*phrases(place.table)[0], *phrase.words} - picking() - self._roles
        beside = self._around(asked, phrase, place) | asked.only
        where, valued = self.conditions(place, (*phrase.words, *beside), phrase.period)
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
                | {verb for verb, noun in done.items() if noun in named}
                | valued
                | phrase.asking
                | self._own
                | (listed("subject") - self._roles)
                | asked.lead
                | set(place.role)
            )
            about = set(tokens(place.table.description)) - self._roles
            about |= listed("soft") | (ROLES - self._roles)
            neutral = (asked.neutral | self._beside(place, bool(named))) - picking()
            telling = [one for one in phrase.words if one in read or one not in neutral]
            weights = (
                1.0 if one in read else DESCRIBED if one in about else self._idle(phrase, one) for one in telling
            )
            share = sum(weights) / max(len(telling), 1)
            made = replace(measure, where=where if not measure.metric else (), period=phrase.period)
            if phrase.period and not self.timed(place):
                continue
            others = (said & parties()) - read - place.entity
            if others - (listed("earlier") if named else listed("earlier") - set(phrase.words)):
                sure *= OTHERS
            granted = (bool(measure.metric and where), self._farther(place), sensed, bool(implied))
            sure *= OTHERS if titled and place.table.full_name not in titled else 1.0
            sure *= OTHERS if measure.aggregate != "share" and SHARE in _aside(asked) else 1.0
            sure *= OTHERS if NETTED in phrase.words else 1.0
            sure = sure * share * LOOSE ** sum(granted)
            yield Binding("measure", place.table.full_name, made.column, place.links, made, confidence=round(sure, 3))

    def _idle(self, phrase: Phrase, token: str) -> float:
        """What a word counts that nothing explains: much where the title hardly means less without it."""
        return self._sense.idle(phrase.text, token) if self._sense is not None and token not in self._weighty else 0.0

    @cached_property
    def _weighty(self) -> frozenset[str]:
        """Tokens that always tell something: of parts and parties, of what is done, of time, and what rows are called."""  # noqa: E501
        rows = {one for place in self._places for words in phrases(place.table) for one in words}
        asking = {one for phrase, _ in aggregates() for one in phrase}
        return (
            frozenset(rows | asking)
            | ROLES
            | self._roles
            | parties()
            | sums()
            | MONEY
            | VAGUE
            | listed("units_of_time")
        )

    def _beside(self, place: Place, named: bool) -> frozenset[str]:
        """What says nothing of rows that are named: parts that nobody has here, and whom they link to."""
        return (ROLES - self._roles) | self._linked.get(place.table.full_name, frozenset()) if named else frozenset()

    def _sensed(self, phrase: Phrase) -> str:
        return self._sense.of(phrase.text, phrase.around) if self._sense is not None else ""

    def _around(self, asked: Asked, phrase: Phrase, place: Place) -> frozenset[str]:
        """The words of the heading, where the title leaves it to that which rows are meant."""
        named = any(set(phrase.words).issuperset(words) for words in phrases(place.table))
        if named:
            return frozenset()
        return (frozenset(tokens(asked.headings[-1])) if asked.headings else frozenset()) | _aside(asked)

    def _approved(self, place: Place, asked: Asked) -> bool:
        """Whether the description names an approved measure."""
        names = (name for metric in place.table.measures for name in (metric.name, *metric.synonyms))
        return any((own := set(tokens(name))) and own.issubset(asked.about) for name in names)

    def _number(
        self, asked: Asked, phrase: Phrase, place: Place, named: set[str]
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
        if named and (SHARE in said or (phrase.aggregate == "count" and SHARE in asked.about[:LEADING])):
            yield Measure("share", time=time), {SHARE}, 1.0
            return
        if COUNTS_TIME.search(phrase.text):
            return
        money = bool(said & (MONEY - {"money"} if phrase.aggregate == "count" else MONEY))
        # Sales as an amount are what an approved measure sums, where there is one.
        takes = asked.field.kind == "number" and phrase.aggregate in ("", "sum") and said & sums()
        approved = [one.name for one in place.table.measures if takes and named and is_sum(one)]
        if len(approved) == 1 and not metrics:
            yield Measure("sum", metric=approved[0], time=time), set(takes or ()), 1.0
        if phrase.aggregate in ("", "count") and named and SHARE not in said and not money and not takes:
            plain = LOOSE if asked.field.kind == "integer" else LOOSE**2
            yield Measure("count", time=time), set(), 1.0 if phrase.aggregate else plain
        for column in self._numeric(place):
            told = {one for name in called(column.semantic) if said.issuperset(name) for one in name}
            spent = told or max((set(name) & said for name in called(column.semantic)), key=len, default=set())
            whole = bool(told)
            # A number without a word for what is to be done is a sum, if it is of money: 'Refunds in 2025', 'Tips'.
            bare = asked.field.kind == "number" and is_money(column.stored) and (named or bool(told - VAGUE))
            asks: str = phrase.aggregate or ("sum" if spent & sums() or money or bare else "")
            if not is_money(column.stored) and (money or (asks == "sum" and told <= sums() and phrase.aggregate == "")):
                continue
            if asks in NUMBERS and (whole or (named and is_money(column.stored) and self._only(place, column))):
                aggregate: Aggregate = asks
                sure = 1.0 if named or spent & sums() else LOOSE
                # What an approved measure has a name for is not summed by hand.
                summed = any(spent & words for _, words in metrics) or approved or self._approved(place, asked)
                sure *= LOOSE**2 if summed and aggregate == "sum" else 1.0
                yield Measure(aggregate, column.stored.name, time=time), spent if whole else set(), sure

    def _farther(self, place: Place) -> bool:
        """Whether the table's rows also point at the subject by fewer links."""
        return any(
            one.table.full_name == place.table.full_name and len(one.links) < len(place.links) for one in self._places
        )

    def _picked(
        self, asked: Asked, phrase: Phrase, place: Place, named: set[str]
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

    def _listed(self, phrase: Phrase, place: Place, named: set[str]) -> Iterator[tuple[Measure, set[str], float]]:
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


def _aside(asked: Asked) -> frozenset[str]:
    """The words of a short description, which may say what a title leaves out: 'Captured payments only.'"""
    return frozenset(asked.about) if len(asked.about) <= MOST_ABOUT else frozenset()


def is_money(column: Column | None) -> bool:
    """Whether a column holds money."""
    return column is not None and (column.unit or "").upper() in {"USD", "EUR", "GBP", "CHF", "JPY", "CAD", "AUD"}


def is_sum(metric: Metric) -> bool:
    """Whether an approved measure sums some of the rows."""
    return metric.expression.lower().lstrip().startswith("sum(")
