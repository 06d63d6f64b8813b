"""Conditions on the columns of one table: the SQL with how it is said, as 'failed', 'over $500' or 'with no phone'."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from agents.columns import flags, keys, measures, texts, times
from agents.grammar import quote
from agents.paths import Path
from data.catalog import Column, Table
from finetune import bounds, comparisons, fragments, stretches

if TYPE_CHECKING:
    from finetune.noun_phrases import Speaker

Write = Callable[[str], str]


@dataclass(frozen=True)
class Condition:
    """`sql` with how it is said: before the noun (`adj`), after it (`post`), or as the title of a row (`named`)."""

    sql: str
    place: str
    text: str
    column: str = ""


Made = Condition | None
Maker = Callable[[Write], Made]


class Conditions:
    """Draws conditions in the words of a speaker."""

    def __init__(self, speaker: Speaker) -> None:
        self._speaker, self._rng, self._phrases = speaker, speaker.rng, speaker.phrases

    def of(self, path: Path, alias: str, most: int, avoid: frozenset[str] = frozenset()) -> list[Condition]:
        """Up to `most` conditions on different columns of one table of the path."""
        makers = self._makers(path.scope[alias])
        self._rng.shuffle(makers)
        found: list[Condition] = []
        for column, make in makers:
            if len(found) == most:
                break
            if column not in avoid and column not in {c.column for c in found}:
                condition = make(partial(path.column, alias))
                if condition:
                    found.append(Condition(condition.sql, condition.place, condition.text, column))
        return found

    def _makers(self, table: Table) -> list[tuple[str, Maker]]:
        """What makes a condition on each column; a column that stands twice is chosen twice as often."""
        stored = self._speaker.values.get(table.full_name, {})
        shown = (c for c in texts(table) if c.name == table.label or "pii" not in c.tags)
        weighed: list[tuple[Column, Callable[..., Made], int]] = [
            *((c, self._text, self._weight(table, c)) for c in shown if stored.get(c.name)),
            *((c, self._measured, 2) for c in measures(self._speaker.catalog, table)),
            *((c, self._timed, 5 if c.name == table.time else 1) for c in times(table)),
            *((c, self._flag, 2) for c in flags(table)),
        ]
        makers: list[tuple[str, Maker]] = [
            (column.name, partial(make, table, column)) for column, make, weight in weighed for _ in range(weight)
        ]
        return [*makers, *self._nulls(table), *self._compared(table)]

    def _weight(self, table: Table, column: Column) -> int:
        """Values of few are asked for most, the middle of long texts hardly."""
        full = f"{table.full_name}.{column.name}"
        many = len(self._speaker.values[table.full_name][column.name]) > 60 or full in self._speaker.profile.unique
        return 2 if column.name == table.label else 1 if many else 4

    # Texts ---------------------------------------------------------------------------------------------------------

    def _text(self, table: Table, column: Column, write: Write) -> Made:
        stored, rng = self._speaker.values[table.full_name][column.name], self._rng
        if fragments.fits(column.name, stored) and rng.random() < 0.15:
            return self._fragment(table, column, stored, write)
        if len(stored) > 60 and column.name != table.label:
            return None
        written, share = write(column.name), rng.random()
        if share < 0.12 and len(stored) > 1:
            return self._several(table, column, stored, written)
        if share < 0.19 and column.name != table.label and len(stored) > 1:
            return self._unlike(table, column, stored, written)
        value = rng.choice(stored)
        if column.name == table.label and (first := _first_name(self._speaker.values, table, column)):
            return self._full_name(table, column, first, write)
        return self._placed(f"{written} = {quote(value)}", self._speaker.say(value, stored), table, column)

    def _full_name(self, table: Table, column: Column, first: str, write: Write) -> Condition:
        """'Ada Byron' where first names and surnames stand apart."""
        values = self._speaker.values[table.full_name]
        given, surname = self._rng.choice(values[first]), self._rng.choice(values[column.name])
        sql = f"{write(first)} = {quote(given)} AND {write(column.name)} = {quote(surname)}"
        return Condition(sql, "named", f"{given} {surname}")

    def _fragment(self, table: Table, column: Column, stored: list[str], write: Write) -> Made:
        found = fragments.draw(stored, self._rng)
        if found is None:
            return None
        form = self._rng.choice(self._phrases[f"text_{found.kind}"])
        said = form.format(w=found.said, c=self._speaker.column(table, column.name))
        return Condition(f"{write(column.name)} ILIKE {quote(found.pattern)}", "post", said)

    def _several(self, table: Table, column: Column, stored: list[str], written: str) -> Condition:
        size = 3 if len(stored) > 3 and self._rng.random() < 0.25 else 2
        chosen = self._rng.sample(stored, size)
        link = self._rng.choice((" or ", " or ", " and ")) if column.name == table.label else " or "
        said = [self._speaker.say(value, stored) for value in chosen]
        both = link.join((", ".join(said[:-1]), said[-1]))
        return self._placed(f"{written} IN ({', '.join(map(quote, chosen))})", both, table, column)

    def _unlike(self, table: Table, column: Column, stored: list[str], written: str) -> Condition:
        rng = self._rng
        if len(stored) > 3 and rng.random() < 0.25:
            a, b = rng.sample(stored, 2)
            said = rng.choice(self._phrases["neither"]).format(
                x=self._speaker.say(a, stored),
                y=self._speaker.say(b, stored),
                c=self._speaker.column(table, column.name),
            )
            return Condition(f"{written} NOT IN ({quote(a)}, {quote(b)})", "post", said)
        value = rng.choice(stored)
        sql, said = f"{written} != {quote(value)}", self._speaker.say(value, stored)
        if column.name in PLACES and rng.random() < 0.7:
            return Condition(sql, "post", rng.choice(self._phrases["not_places"]).format(self._place(value, stored)))
        form = rng.choice(self._phrases["unlike"])
        return Condition(sql, "post", form.format(x=said, c=self._speaker.column(table, column.name)))

    def _place(self, value: str, stored: list[str]) -> str:
        """A place in words that stand after 'in': no word for its people."""
        said = self._speaker.say(value, stored)
        return value if said.split()[-1] in DEMONYMS else said

    def _placed(self, sql: str, said: str, table: Table, column: Column) -> Condition:
        entry, rng = self._speaker.about(table).get("says", {}).get(column.name), self._rng
        place = column.name in PLACES and not entry
        if place and said.split()[-1] in DEMONYMS and " or " not in said:
            return Condition(sql, "adj", said.removesuffix("s") if said.endswith("ns") else said)
        if place and column.name != table.label:
            where = " or ".join(
                word if word.split()[-1] not in DEMONYMS else self._code(word, table, column)
                for word in said.split(" or ")
            )
            return Condition(sql, "post", rng.choice(self._speaker.words["places"]).format(where))
        if column.name == table.label:
            return Condition(sql, "named", said)
        if rng.random() < 0.15:
            form = rng.choice(self._phrases["whose_is"])
            return Condition(sql, "post", form.format(c=self._speaker.column(table, column.name), x=said))
        if entry and entry.get("adj") and " or " not in said and rng.random() < 0.5:
            return Condition(sql, "adj", entry["adj"].format(said))
        options = entry.get("post") if entry else None
        options = options or [f"with {self._speaker.column(table, column.name)} {{}}"]
        return Condition(sql, "post", rng.choice(options).format(said))

    def _code(self, people: str, table: Table, column: Column) -> str:
        """The stored code of a country that a word for its people was drawn for."""
        from retrieval.lexicon import spoken

        stored = self._speaker.values[table.full_name][column.name]
        return next((literal for words, literal in spoken(stored) if words == people), people)

    # Numbers, times, flags -----------------------------------------------------------------------------------------

    def _measured(self, table: Table, column: Column, write: Write) -> Made:
        quantiles = self._speaker.profile.numbers.get(f"{table.full_name}.{column.name}")
        bound = bounds.draw(column, quantiles, self._rng, self._phrases)
        if bound is None:
            return None
        name = self._speaker.column(table, column.name)
        return Condition(f"{write(column.name)} {bound.sql}", "post", bound.said(name, self._rng, self._phrases))

    def _timed(self, table: Table, column: Column, write: Write) -> Made:
        return stretches.condition(self._speaker, table, column, write(column.name))

    def _flag(self, table: Table, column: Column, write: Write) -> Condition:
        word = column.name.removeprefix("is_").replace("_", " ")
        default = ([f"that are {word}", word], [f"that are not {word}"])
        yes, no = self._speaker.about(table).get("flags", {}).get(column.name, default)
        value = self._rng.random() < 0.6
        said = self._rng.choice(yes if value else no)
        place = "adj" if " " not in said else "post"
        return Condition(f"{write(column.name)} = {'true' if value else 'false'}", place, said)

    def _nulls(self, table: Table) -> list[tuple[str, Maker]]:
        """Something missing, or there: in the bank's words, or in those that fit any column with gaps."""
        entry, gaps, key = self._speaker.about(table), self._speaker.profile.nulls, keys(self._speaker.catalog, table)
        found: list[tuple[str, Maker]] = []
        for kind, operator in (("missing", "IS NULL"), ("present", "IS NOT NULL")):
            known = entry.get(kind, {})
            found += [(name, partial(self._null, said, operator, name)) for name, said in known.items()]
            for column in table.columns:
                open_ = f"{table.full_name}.{column.name}" in gaps and column.name not in key
                if open_ and column.name not in known:
                    said = [f.format(self._speaker.column(table, column.name)) for f in self._phrases[f"{kind}_any"]]
                    found.append((column.name, partial(self._null, said, operator, column.name)))
        return found

    def _null(self, said: list[str], operator: str, name: str, write: Write) -> Condition:
        return Condition(f"{write(name)} {operator}", "post", self._rng.choice(said))

    def _compared(self, table: Table) -> list[tuple[str, Maker]]:
        """One column against another of the same kind."""
        pairs = comparisons.pairs(self._speaker, table)
        return [(pair.first, partial(self._pair, table, pair)) for pair in self._rng.sample(pairs, min(1, len(pairs)))]

    def _pair(self, table: Table, pair: comparisons.Pair, write: Write) -> Condition:
        sql, said = comparisons.condition(self._speaker, table, pair, write)
        return Condition(sql, "post", said)


def _first_name(values: dict[str, dict[str, list[str]]], table: Table, column: Column) -> str | None:
    """The column of first names beside one of surnames."""
    if column.name not in SURNAMES:
        return None
    return next((n for n in FIRST_NAMES if n in table and values.get(table.full_name, {}).get(n)), None)


FIRST_NAMES = ("first_name", "given_name", "forename", "firstname")
SURNAMES = ("last_name", "surname", "family_name", "lastname")
PLACES = ("city", "country", "region", "state", "town")
_DEMONYMS = """
American Americans Canadian Canadians British Brits English Australian Australians Aussie French Japanese German Germans
Spanish Spaniards Italian Italians Dutch Brazilian Brazilians Mexican Mexicans Indian Indians Chinese Korean Irish
"""
DEMONYMS = frozenset(_DEMONYMS.split())
