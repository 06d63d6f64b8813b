"""Names of tables and columns as another hand would have given them."""

from __future__ import annotations

import random
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from data.naming import single
from finetune.phrasing import plural
from finetune.worlds.domain import ColumnSpec, Flag, Link, Moment, TableSpec

ENDING = re.compile(r"_(id|no|code|key|num|number|ref)$")
_CLEAN = re.compile(r"^[a-z][a-z0-9]*(_[a-z0-9]+){0,2}$")
_CHATTY = re.compile(
    r"(^|_)(how|what|when|where|which|who|whom|whose|why|an?|the|this|that|there|many|much|not?|he|her|him|his|i|its?|my"
    r"|ours?|she|their|them|they|us|we|you|are|be|did|do|does|has|have|is|was|were|by|for|from|in|on|to|with)(_|$)"
)
"""Words of sentences, which no name has."""
_SAME = frozenset(("staff", "aircraft", "equipment", "stock", "sheep", "fish", "crew", "personnel", "media", "data"))
"""Words of one number."""


@lru_cache(maxsize=1)
def reserved() -> frozenset[str]:
    """The words that SQL keeps for itself."""
    import duckdb

    kept = "FROM duckdb_keywords() SELECT keyword_name WHERE keyword_category IN ('reserved', 'type_function')"
    with duckdb.connect() as connection:
        return frozenset(name for (name,) in connection.execute(kept).fetchall())


@dataclass(frozen=True)
class Style:
    """The habits of one schema; that of the file itself has none."""

    number: str = ""
    synonyms: float = 0.0
    key: str = ""
    link: str = ""
    prefixed: float = 0.0
    cut: float = 0.0

    @classmethod
    def drawn(cls, rng: random.Random) -> Style:
        return cls(
            rng.choices(("", "singular", "plural"), (4, 3, 3))[0],
            rng.choice((0.1, 0.25, 0.4)),
            rng.choices(("", "id", "table_id", "table_no"), (5, 2, 3, 1))[0],
            rng.choices(("", "{}_id", "{}", "{}_no", "{}_code"), (6, 3, 2, 1, 0.5))[0],
            rng.choices((0.0, 0.05, 1.0), (6, 3, 0.5))[0],
            0.07,
        )


def words(name: str) -> str:
    """A name as it is said."""
    return name.replace("_", " ")


def snake(said: str) -> str:
    """What is said as a name; empty where it is not fit for one."""
    name = said.lower().replace(" ", "_").replace("-", "_")
    return name if _CLEAN.match(name) and not _CHATTY.search(name) else ""


def one(name: str) -> str:
    """A name with its last word in the singular."""
    head, bar, last = name.rpartition("_")
    return name if last in _SAME else head + bar + single(last)


def many(name: str) -> str:
    """A name with its last word in the plural."""
    return name if name.rpartition("_")[2] in _SAME else plural(one(name))


class Namer:
    """Gives names in one style, none of them twice and none that SQL keeps for itself."""

    def __init__(self, style: Style, rng: random.Random) -> None:
        self._style, self._rng = style, rng
        self.cut_off: set[str] = set()

    def table(self, name: str, spec: TableSpec, taken: Iterable[str]) -> str:
        """A table's name: its own or a synonym, in the style's number."""
        pairs = [tuple(map(snake, pair.split("|"))) for pair in spec.nouns]
        own = next((pair for pair in pairs if name in pair), (many(name), one(name)))
        chosen = self._rng.choice(pairs) if self._chance(self._style.synonyms) else own
        if not all(chosen) or "_of_" in chosen[0]:
            chosen = own
        at = {"plural": 0, "singular": 1}.get(self._style.number, int(name != own[0]))
        return self._free((self._shortened(chosen[at]), chosen[at], own[at], name, *own, f"{name}_list"), taken)

    def key(self, name: str, source: str, table: str, taken: Iterable[str]) -> str:
        """An identifier's name, which follows its table's."""
        if ENDING.sub("", name) == one(source) and self._style.number + self._style.key:
            name = name.replace(one(source), one(table), 1)
        forms = {"id": "id", "table_id": f"{one(table)}_id", "table_no": f"{one(table)}_no"}
        return self._free((forms.get(self._style.key, name), name, "id"), taken)

    def link(self, name: str, spec: Link, parents: tuple[str, str], taken: Iterable[str]) -> str:
        """The name of a column that points at a table: called the first of `parents` before, and now the second."""
        role, new = ENDING.sub("", name), one(parents[1])
        if role == one(parents[0]) and self._chance(0.75):
            role = new
        elif spec.words and self._chance(self._style.synonyms / 2):
            role = snake(self._rng.choice(spec.words)) or role
        found = ENDING.search(name)
        written = self._style.link.format(role) if self._style.link else role + (found[0] if found else "")
        return self._free((self._shortened(written), written, f"{role}_id", name), taken)

    def column(self, name: str, spec: ColumnSpec, table: str, taken: Iterable[str]) -> str:
        """Any other column's name."""
        chosen = name
        if spec.words and not isinstance(spec, Flag) and self._chance(self._style.synonyms):
            chosen = snake(self._rng.choice(spec.words)) or name
        if self._chance(self._style.prefixed) and not chosen.startswith(one(table)):
            chosen = f"{one(table)}_{chosen}"
        ending = "date" if isinstance(spec, Moment) and spec.kind == "date" else "value"
        return self._free((self._shortened(chosen), chosen, name, f"{chosen}_{ending}"), taken)

    def _chance(self, share: float) -> bool:
        return self._rng.random() < share

    def _shortened(self, name: str) -> str:
        if not self._chance(self._style.cut):
            return ""
        short = "_".join(self._short(word) for word in name.split("_"))
        if _CHATTY.search(short) or short == name:
            return ""
        self.cut_off.add(short)
        return short

    def _short(self, word: str) -> str:
        """A word cut off, or its consonants."""
        if len(word) < 5:
            return word
        if self._chance(0.5):
            return word[: self._rng.choice((3, 4))]
        return word[0] + "".join(letter for letter in word[1:] if letter not in "aeiouy")[:3]

    @staticmethod
    def _free(names: Iterable[str], taken: Iterable[str]) -> str:
        """The first name that can be given; of the last there is always one more."""
        used, name = set(taken), ""
        for name in names:
            if name and name not in used and name not in reserved():
                return name
        return next(f"{name}_{n}" for n in range(2, 99) if f"{name}_{n}" not in used)
