"""Names of tables and columns in words: split, freed of what says nothing, with short words written out."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property, lru_cache
from importlib.resources import files
from typing import Any

import yaml

from data.catalog import Column, Table
from data.kinds import is_dated, is_flag
from data.policy import is_text
from data.units import MONEY, NUMERIC, UNITS

WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+|[^\W\d_A-Za-z]+")
SHARED = 0.8
"""The share of a source's tables, or of a table's columns, whose first word makes it a prefix."""
MANY = 3
"""How many there must be before a word that they share is a prefix."""

CUT = 5
"""Letters that a word of four or more must lack to be taken for another one cut off."""
APART = str.maketrans({"ß": "ss", "ø": "o", "Ø": "O", "æ": "ae", "Æ": "AE", "œ": "oe", "ł": "l", "Ł": "L", "đ": "d"})
"""Letters that are no other letter with an accent."""
ENDINGS = frozenset({"name", "date", "time", "type", "number", "dt", "nm", "amt", "qty"})
"""Words that others are often written together with, as identifiers are."""
NAMING = frozenset({"name", "nm", "title", "ttl", "label"})
"""What a thing is called: its own name stands before it, cut off or not."""
PLURAL = 4
"""Letters from which on a word can be several of what a short one means: 'csts' are customers."""
DAYS = frozenset({"dt", "dte", "date", "dtm", "dttm", "ts"})
"""Words that tell that a column keeps days or times."""
PER = frozenset(
    ["hour", "hourly", "hr", "day", "daily", "week", "month", "monthly", "interest", "int", "tax", "percent"]
)
"""What a number is a rate of, or for."""
CODES = frozenset({"cd", "cde", "code"})
"""Marks of what is no row's own number, but one of a few kinds."""
SORTS = frozenset({"typ", "type", "tp", "ty", "kind", "knd", "cat", "catg"})
"""What of a thing is told behind it."""
SHORT = 4
"""Letters that what a table's rows are called must have more of to be no short word itself."""
MOMENTS = frozenset({"closed", "start", "expiry", "end", "opened"})
"""Meanings of short words that tell when something was, as a column of days means them."""
SIGNS = 2
"""How many of a trade's words a source must have in its names to be one of that trade."""
LEAST, LEFT_OFF, MOST_CUT = 4, 2, 3
"""Letters of a word that is looked up among longer ones, letters that it must lack, and how many it may mean."""
_ODD = re.compile(r"(?:[bcdfgkmpt][lr]|lr|rl|[^aeiou]pr|[^aeiou]tr|[bdgkmnp]n|tm|dm|gm|rg|dg|tg)$")
"""Ends that hardly any whole word has."""
TYPED: dict[tuple[str, bool | None], str] = {("sec", False): "seconds", ("ttl", True): "title"}
"""What a short word at the end of a column's name means by whether the column holds text."""


@lru_cache(maxsize=1)
def _dictionary() -> dict[str, dict[str, str | list[str]] | str]:
    text = files("data").joinpath("abbreviations.yaml").read_text(encoding="utf-8")
    # Every word is text: 'no' and 'on' are no truth values here.
    loaded: dict[str, dict[str, str | list[str]] | str] = yaml.load(text, Loader=yaml.BaseLoader)
    return loaded


@lru_cache(maxsize=16)
def known(kind: str) -> frozenset[str]:
    """A set of words of the general dictionary, such as `identifiers`."""
    words = _dictionary()[kind]
    return frozenset(words.split()) if isinstance(words, str) else frozenset()


@lru_cache(maxsize=8)
def _mostly(kind: str) -> dict[str, str]:
    """What short words mostly stand for in the names of what keeps a kind of thing."""
    found = _dictionary()["beside"]
    assert isinstance(found, dict)
    return dict(found[kind])  # type: ignore[arg-type]


@lru_cache(maxsize=1)
def _trades() -> tuple[tuple[frozenset[str], dict[str, str], dict[str, str]], ...]:
    """Of each trade its signs, what short words mean in it, and what they mean of a time."""
    found: Any = _dictionary()["trades"]
    parted = ((trade["signs"], trade["words"], trade.get("days", {})) for trade in found.values())
    return tuple((frozenset(signs.split()), dict(said), dict(timed)) for signs, said, timed in parted)


@lru_cache(maxsize=1)
def _short() -> dict[str, tuple[str, ...]]:
    found = _dictionary()["short"]
    assert isinstance(found, dict)
    return {word: (long,) if isinstance(long, str) else tuple(long) for word, long in found.items()}


def words(name: str) -> list[str]:
    """The words of a name in snake, kebab or camel case or with spaces, in lower case and without accents."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", name.translate(APART)) if not unicodedata.combining(c))
    return [word.lower() for word in WORD.findall(bare)]


@lru_cache(maxsize=50_000)
def single(word: str) -> str:
    """A word without a plural's ending."""
    if word in ("species", "series", "news", "means", "premises"):
        return word
    for plural, ending in (("ies", "y"), ("sses", "ss"), ("ches", "ch"), ("shes", "sh"), ("xes", "x"), ("uses", "us")):
        if word.endswith(plural) and len(word) > len(plural) + 1:
            return word.removesuffix(plural) + ending
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")) else word


def many(singular: str) -> str:
    """A word, or several, with the last one in the plural."""
    if singular.endswith("y") and singular[-2:-1] not in "aeiou":
        return f"{singular[:-1]}ies"
    return f"{singular}es" if singular.endswith(("s", "x", "ch", "sh")) else f"{singular}s"


@lru_cache(maxsize=50_000)
def shortens(short: str, long: str) -> bool:
    """Whether a word of three letters or more is a long one cut off ('dest'), or its consonants ('stf')."""
    if not 3 <= len(short) < len(long) or short[0] != long[0] or short in known("ordinary"):
        return False
    if long.startswith(short):
        return len(long) - len(short) >= 3
    letters = iter(long)
    return not set(short[1:]) & set("aeiou") and all(letter in letters for letter in short)


def _is_cut(short: str, long: str) -> bool:
    """Whether a word begins with the first letter of a short one, and has the others in their order."""
    letters = iter(long)
    return len(short) < len(long) - 1 and long.startswith(short[:1]) and all(letter in letters for letter in short)


def bones(word: str) -> str:
    """A word by its first letter and the consonants after it, each said once in a row: 'caller' is 'clr'."""
    return re.sub(r"(.)\1+", r"\1", word[:1] + re.sub(r"[aeiou]", "", word[1:]))


@lru_cache(maxsize=50_000)
def cut_from(word: str) -> tuple[str, ...]:
    """The longer words of the general dictionary that a name of four letters or more may be cut off from: those that
    begin with it, else those with its consonants, else the only one that has them all in their order."""
    if len(word) < LEAST or word in known("long") or word in known("beginnings") or word in known("ordinary"):
        return ()
    longer = [long for long in _long() if long[0] == word[0] and len(long) > len(word)]
    bare, odd = not set(word[1:]) & set("aeiou"), bool(_ODD.search(word))
    begun = [long for long in longer if long.startswith(word) and len(long) - len(word) >= LEFT_OFF]
    same = [long for long in longer if (bare or odd) and bones(long) == bones(word)]
    started = [long for long in longer if bare and bones(long).startswith(bones(word))]
    hidden = [long for long in longer if bare and _is_cut(word, long)]
    return tuple((begun or same or started or (hidden if len(hidden) == 1 else []))[:MOST_CUT])


@lru_cache(maxsize=1)
def _long() -> tuple[str, ...]:
    return tuple(str(_dictionary()["long"]).split())


class Lexicon:
    """What the names of one source mean: by a general dictionary, and by the long words that the source itself has."""

    def __init__(self, tables: Sequence[Table]) -> None:
        self._tables = {table.name: table for table in tables}
        parted = [words(table.name.rpartition(".")[2]) for table in tables]
        firsts = Counter(parts[0] for parts in parted if parts)
        often = firsts.most_common(1)
        shared = often and often[0][1] >= max(MANY, SHARED * len(tables))
        self._prefix = often[0][0] if shared else None
        self._expanded: dict[str, tuple[str, ...]] = {}
        self._bare: dict[str, list[str]] = {}
        self._stems: dict[tuple[str, str], list[str]] = {}

    @cached_property
    def _words(self) -> frozenset[str]:
        """All words of the source's names."""
        names = [table.name for table in self._tables.values()]
        names += [column.name for table in self._tables.values() for column in table.columns]
        return frozenset(word for name in names for word in words(name))

    @cached_property
    def _vocabulary(self) -> frozenset[str]:
        return frozenset({single(word) for word in self._words if len(word) > 3} - _short().keys())

    @cached_property
    def _trade(self) -> tuple[dict[str, str], dict[str, str]]:
        """What short words mean in the trades that the source's names are signs of, and what they mean of a time."""
        own = {*map(single, self._words)}
        found = [(said, timed) for signs, said, timed in _trades() if len(signs & own) >= SIGNS]
        return (
            {short: long for said, _ in found for short, long in said.items()},
            {short: long for _, timed in found for short, long in timed.items()},
        )

    @cached_property
    def _initials(self) -> dict[str, str]:
        """The tables of several words by their first letters: 'wo' is a work order."""
        parted = [self.bare(name) for name in self._tables]
        long = [parts for parts in parted if len(parts) > 1 and all(len(part) > 2 for part in parts)]
        return {"".join(part[0] for part in parts): " ".join(map(single, parts)) for parts in long}

    def bare(self, table: str) -> list[str]:
        """The words of a table's name without its schema, and without words that tell how the store is built."""
        if table not in self._bare:
            self._bare[table] = self._parted(self._unlayered(table))
        return self._bare[table]

    def _unlayered(self, table: str) -> list[str]:
        parts = words(table.rpartition(".")[2])
        while len(parts) > 1 and (parts[0] == self._prefix or parts[0] in known("layers")):
            parts = parts[1:]
        while len(parts) > 1 and parts[-1] in known("layer_endings"):
            parts = parts[:-1]
        return parts

    def stem(self, table: str, column: str) -> list[str]:
        """The words of a column's name without a prefix that its table's columns share, or that tells a type.

        A table that is cut off before what its rows are called is written out, and so is a last word that the type
        explains."""
        if (table, column) not in self._stems:
            self._stems[table, column] = self._parted(self._typed(table, column))
        return self._stems[table, column]

    def _typed(self, table: str, column: str) -> list[str]:
        if not (unwrapped := self._unwrapped(table, column)):
            return unwrapped
        *parts, last = unwrapped
        columns = self._tables[table].columns if table in self._tables else ()
        texts = (is_text(each) for each in columns if each.name == column)
        return [*parts, TYPED.get((last, next(texts, None)), last)]

    def _unwrapped(self, table: str, column: str) -> list[str]:
        parts = words(column)
        own = self._own_prefix(table)
        while len(parts) > 1 and (parts[0] == own or parts[0] in known("wrappers")):
            parts, own = parts[1:], None
        thing = self._thing(table)
        if len(parts) == 2 and parts[1] in NAMING and len(parts[0]) > 2 and thing.startswith(parts[0]):
            alike = (other for other in self._tables if other != table and self._thing(other).startswith(parts[0]))
            return parts if any(alike) else [thing, parts[1]]
        return parts

    def _own_prefix(self, table: str) -> str | None:
        found = self._tables.get(table)
        firsts = [parts[0] for c in (found.columns if found else ()) if len(parts := words(c.name)) > 1]
        often = Counter(firsts).most_common(1)
        total = len(found.columns) if found else 0
        if not often:
            return None
        prefix, times = often[0]
        if len(prefix) > 3 or times < (MANY if len(prefix) > 1 else 2):
            return None
        thing, meant = self._thing(table), self.meanings(prefix)
        if times > total / 2 and thing not in meant and prefix not in known("ordinary") and _is_cut(prefix, thing):
            return prefix
        return prefix if times == total and not meant else None

    def _thing(self, table: str) -> str:
        """What a row of the table is, in one word."""
        return single((self.bare(table) or [""])[-1])

    def _parted(self, parts: Iterable[str]) -> list[str]:
        return [piece for part in parts for piece in self._pieces(part)]

    def _pieces(self, word: str) -> tuple[str, ...]:
        """A word that is two: 'custno' is a 'cust' and its 'no'."""
        if len(word) < 5 or word in _short() or word in known("ordinary") or single(word) in known("whole"):
            return (word,)
        for at in range(len(word) - 2, 2, -1):
            head, ending = word[:at], word[at:]
            if self._is_word(head) and (
                ending in ENDINGS | known("identifiers") or (len(ending) > 2 and ending in _short())
            ):
                return (head, ending)
        return (word,)

    def _is_word(self, head: str) -> bool:
        return head in _short() or head in self._vocabulary or head in known("ordinary")

    def _is_whole(self, word: str) -> bool:
        return word in known("ordinary") or word in known("whole") or word in UNITS

    def meanings(self, word: str) -> tuple[str, ...]:
        """What a short word may stand for, the likeliest first; nothing for a word that stands for itself."""
        if word not in self._expanded:
            self._expanded[word] = tuple(dict.fromkeys(self._meanings(word)))
        return self._expanded[word]

    def _meanings(self, word: str) -> Iterator[str]:
        if word in self._trade[0]:
            yield self._trade[0][word]
            return
        listed = _short().get(word, ())
        if not listed and len(word) >= PLURAL and word.endswith("s") and not self._is_whole(word):
            listed = tuple(map(many, _short().get(word[:-1], ())))
        # Of several meanings those which the source itself speaks of.
        spoken = [long for long in listed if len(listed) > 1 and single(long) in self._vocabulary]
        if word in self._initials and (word not in _short() or len(word) > 2):
            yield self._initials[word]
        yield from spoken or listed
        if not listed:
            # A word that the source has at length may still be cut off, if much is: 'exhib', but not 'owner'.
            least = len(word) + CUT if word in self._vocabulary else 0
            found = (long for long in self._vocabulary if len(long) >= least and shortens(word, long))
            own = sorted(found, key=lambda long: (len(long), long))
            yield from own or ([] if self._is_whole(word) else cut_from(word))

    def written_out(self, parts: Iterable[str]) -> list[str]:
        """The words with short ones as what they most likely stand for."""
        return [long for part in parts for long in (self.meanings(part)[:1] or (part,))[0].split()]

    def in_place(self, parts: Sequence[str], column: Column | None = None) -> list[str]:
        """What each of the words in the name of a column stands for by what it is beside; without a column, in the name
        of a table."""
        return [self._meant(parts, at, column) for at in range(len(parts))]

    def said(self, table: str, column: str | None = None) -> str:
        """What a person would say for a table or a column."""
        if column is None:
            return " ".join(self.in_place(self.bare(table)))
        columns = self._tables[table].columns if table in self._tables else ()
        kept = next((each for each in columns if each.name == column), None)
        parts = self.stem(table, column)
        return " ".join(self.in_place(parts, kept) if kept else self.written_out(parts))

    def _meant(self, parts: Sequence[str], at: int, column: Column | None) -> str:
        if column is not None and is_dated(column) and parts[at] in self._trade[1]:
            return self._trade[1][parts[at]]
        if parts[at] in self._trade[0]:
            return self._trade[0][parts[at]]
        for kind in _kinds(parts, at, column):
            if long := self._beside(kind, parts[at]):
                return long
        meanings = self.meanings(parts[at]) or (parts[at],)
        if column is None or len(meanings) < 2:
            return meanings[0]
        if is_dated(column):
            return next((one for one in meanings if one in MOMENTS), meanings[0])
        return next((one for one in meanings if (one in MONEY) is not is_text(column)), meanings[0])

    def _beside(self, kind: str, word: str) -> str:
        """What a word means in a name of a kind, "" for what it means anywhere. Of the meanings that are listed those
        are before it which the source itself speaks of, but for days: a day of registration is beside any region."""
        long, listed = _mostly(kind).get(word, ""), _short().get(word, ())
        if kind == "thing":
            return next((one for one in (long, *listed) if single(one) in self._things), "") or self._cut(word) or long
        spoken = kind != "date" and long not in self._vocabulary and any(one in self._vocabulary for one in listed)
        return "" if spoken else long

    @cached_property
    def _things(self) -> frozenset[str]:
        return frozenset(thing for table in self._tables if len(thing := self._thing(table)) > SHORT)

    def _cut(self, word: str) -> str:
        """The one table whose rows a word is short for; "" where there is none, or several, and for a word that stands
        for itself, as a product is no production."""
        found = [thing for thing in self._things if word not in self._vocabulary and shortens(word, thing)]
        return found[0] if len(found) == 1 else ""


def _kinds(parts: Sequence[str], at: int, column: Column | None) -> Iterator[str]:
    """What the name of a column says that it keeps, or that of a table, as far as it tells what one of its words is
    short for."""
    word, last, named = parts[at], len(parts) - 1, _identifies(parts)
    if at == last - 1 and parts[-1] in SORTS:
        yield "thing"
    if column is None or named:
        yield from ["thing"] if at == last - named and parts[-1] not in CODES else []
        yield from ["text"] if at == last - 1 and parts[-1] in CODES else []
    elif is_dated(column) or DAYS & {*parts[:at], *parts[at + 1 :]}:
        beside = DAYS & {*parts[max(at - 1, 0) : at], *parts[at + 1 : at + 2]}
        yield from ["date"] if beside or at == last else []
    elif column.type.upper().startswith("BOOL") or is_flag(column.format):
        yield "flag"
    elif column.type.upper().startswith(NUMERIC):
        others = {long for part in {*parts} - {word} for long in (part, *_short().get(part, ()))}
        yield from ["rate"] if others & PER else []
        yield from ["money"] if others & (MONEY - {"total"}) else []
        yield "number"
    elif is_text(column):
        yield from ["text"] if at == last else []


def _identifies(parts: Sequence[str]) -> bool:
    """Whether the last of several words names a row."""
    return len(parts) > 1 and parts[-1] in known("identifiers")
