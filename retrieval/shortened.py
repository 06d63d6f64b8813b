"""Values that a question says otherwise than they are stored: codes cut from words, and one word of several."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence

from data.naming import bones, shortens
from retrieval.spans import STOPWORDS, singular, stem

MOST_CODES, MOST_TEXTS = 12, 40
"""The most different values of a column of codes, and of one whose values a single word can tell."""
SHORTEST, LONGEST = 5, 3
"""Letters of a word, and words of a text that its first word can tell."""
_CODE = re.compile(r"[A-Z]{3,5}")
_INFLECTED = re.compile(r"(?:ed|ing|ly|al|ally|ation)s?$")
Place = tuple[str, str, str]
"""Table, column and literal."""
Labels = Mapping[tuple[str, str], Mapping[str, str]]

_TELLING = frozenset({"tbl", "dim", "fct", "brg", "ref", "nm", "nr", "dt", "cd", "sk", "ts"})
"""Parts of names that nobody says."""


class Shortened:
    """`find` knows 'cancelled' for CNC, 'estimated' for 'estimate' and 'excavator' for 'excavator damage'."""

    def __init__(self, columns: Mapping[str, Mapping[str, Sequence[str]]], labels: Labels | None = None) -> None:
        """`labels` are what codes mean, by table and column."""
        self._codes: list[Place] = []
        self._stems: dict[str, list[Place]] = defaultdict(list)
        self._firsts: dict[str, list[Place]] = defaultdict(list)
        for table, by_column in columns.items():
            for column, texts in by_column.items():
                self._add(table, column, texts, told=(table, column) in (labels or {}))
        for (table, column), meant in (labels or {}).items():
            self._add_labels(table, column, meant)

    def _add_labels(self, table: str, column: str, meant: Mapping[str, str]) -> None:
        """Codes by each word of what they mean that says which of them it is."""
        for code, label in meant.items():
            parts = singular(label).split()
            for said in parts if len(parts) <= LONGEST else ():
                if len(said) >= SHORTEST and said not in STOPWORDS:
                    self._stems[stem(said)].append((table, column, code))
                    self._firsts[said].append((table, column, code))

    def _add(self, table: str, column: str, texts: Sequence[str], *, told: bool) -> None:
        """`told`: what the texts mean is known."""
        if not told and 1 < len(texts) <= MOST_CODES and all(map(_CODE.fullmatch, texts)):
            self._codes += [(table, column, text) for text in texts]
        for text in texts if len(texts) <= MOST_TEXTS else ():
            said = singular(text).split()
            if len(said) == 1 and len(stem(said[0])) >= SHORTEST:
                self._stems[stem(said[0])].append((table, column, text))
            elif 1 < len(said) <= LONGEST and text.islower() and len(said[0]) >= SHORTEST and said[0] not in STOPWORDS:
                self._firsts[said[0]].append((table, column, text))

    def find(self, word: str) -> tuple[Place, ...]:
        """The values that a word of the question may mean; none where it may mean several of one column."""
        form = singular(word)
        if " " in form or len(form) < SHORTEST - 1:
            return ()
        cut = [place for place in self._codes if _is_cut(place[2].lower(), form)]
        inflected = self._stems.get(stem(form), ()) if _INFLECTED.search(word.lower()) else ()
        for found in (inflected, cut, self._firsts.get(form, ())):
            per_column: dict[tuple[str, str], list[Place]] = defaultdict(list)
            for place in found:
                per_column[place[:2]].append(place)
            alone = tuple(places[0] for places in per_column.values() if len(places) == 1)
            if alone:
                return alone
        return ()


def _is_cut(code: str, word: str) -> bool:
    """True for a word of an event, one little longer than the code, and a form of what the code of four letters begins:
    other words have the same letters by chance."""
    near = len(word) <= len(code) + 3 and not word.endswith("y")
    begins = len(code) > 3 and word.startswith(code) and bool(_INFLECTED.search(word))
    return shortens(code, word) and (near or begins or word.endswith("ed"))


def consonants(text: str) -> str:
    """The words of a name or a phrase by their first letters and the consonants after it, each said once in a row:
    'client' and 'clnt' are alike, and so are 'office' and 'ofc'."""
    parts = re.findall(r"[a-z]+", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", text).lower())
    return " ".join(bones(part) for part in parts if part not in _TELLING)


def is_clipped(name: str) -> bool:
    """Whether a word of a name has at least three letters and no vowel after its first one."""
    parts = re.findall(r"[a-z]+", re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower())
    return any(len(part) > 2 and not re.search(r"[aeiou]", part[1:]) and part not in _TELLING for part in parts)
