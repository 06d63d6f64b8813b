"""How far the name of a column says that it points at a key: 0 for not at all, 1 for plainly."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from data.catalog import Table
from data.naming import Lexicon, known, shortens, single, words

PLAIN, PART, RANK, ROLE = 1.0, 0.9, 0.75, 0.75
"""The key's or the table's own name; that with a role; a place in a tree; a person's part."""
OTHER = 0.9
"""What is left where one name says a number and the other a code."""
UNSURE = frozenset({"lead", "head", "coach", "contact", "chair", "guide", "principal"})
"""Parts of a person that are as well something else."""
Words = Sequence[str]


class Likeness:
    """Compares the names of one source."""

    def __init__(self, lexicon: Lexicon, targets: Iterable[Table]) -> None:
        """`targets` are the tables whose keys columns may point at."""
        self._lexicon = lexicon
        self._near: dict[str, set[str]] = defaultdict(set)
        self._people: set[str] = set()
        self._alike: dict[str, frozenset[str]] = {}
        for target in targets:
            named = self._lexicon.bare(target.name)
            keyed = (*_bare(self._lexicon.stem(target.name, str(target.key))), *_bare(words(str(target.key))))
            for word in self._tokens((*named, *keyed)):
                self._near[word].add(target.name)
            if {single(word) for word in self._lexicon.written_out(named)} & known("people"):
                self._people.add(target.name)

    def same(self, table: Table, column: str, target: Table, key: str) -> float:
        """The likeness to another unique column than the key: their names, which are of one thing, are the same."""
        said, keyed = self._lexicon.stem(table.name, column), self._lexicon.stem(target.name, key)
        return PLAIN if _bare(said) and self._same(said, keyed) and not _counts(_bare(said)) else 0.0

    def near(self, table: Table, column: str) -> frozenset[str]:
        """The only targets that a column's name may be like; `of` tells how much."""
        said = self._lexicon.stem(table.name, column)
        if not _bare(said):
            return frozenset()
        found = {table.name} | self._people if self._plays_role(said) else {table.name}
        tokens = {word for token in self._tokens(said) for word in self._similar(token)}
        return frozenset(found.union(*(self._near[token] for token in tokens if token in self._near)))

    def _tokens(self, parts: Words) -> frozenset[str]:
        long = (word for part in parts for meaning in self._lexicon.meanings(part) for word in meaning.split())
        return frozenset(single(word) for word in (*parts, *long))

    def _similar(self, token: str) -> frozenset[str]:
        if token not in self._alike:
            self._alike[token] = frozenset(word for word in self._near if _equal(token, word))
        return self._alike[token]

    def of(self, table: Table, column: str, target: Table, key: str) -> float:
        """The likeness of a column's name to a key's; a table's key is not like itself."""
        if target.name == table.name and column.lower() == key.lower():
            return 0.0
        own = bool(table.key) and column.lower() == str(table.key).lower()
        said, keyed = self._lexicon.stem(table.name, column), self._lexicon.stem(target.name, key)
        if not said:
            return 0.0
        named = _bare(self._lexicon.bare(target.name)) or self._lexicon.bare(target.name)
        if own:
            return self._extends(table, said, keyed, named)
        goals = [goal for goal in (_bare(keyed), named, _bare(words(key))) if goal]
        other = target.name != table.name
        found = self._named(said, keyed, named, goals) if other else self._again(said, keyed, named)
        return max(found, self._in_role(said, target))

    def _extends(self, table: Table, said: Words, keyed: Words, named: Words) -> float:
        """A table's own key points at another's where it is called after that other table: details of a patient."""
        core, mine = _bare(said), _bare(self._lexicon.bare(table.name))
        about_other = bool(core) and self._same(core, named) and not self._same(core, mine)
        return PLAIN if about_other and (self._same(core, _bare(keyed)) or not _bare(keyed)) else 0.0

    def _named(self, said: Words, keyed: Words, named: Words, goals: Sequence[Words]) -> float:
        """`goals` are what a link is called after: the key, the table, and the key with its table's prefix."""
        core, trimmed = _bare(said), _bare(_trimmed(said))
        identifies = len(_trimmed(said)) > len(trimmed)
        if not identifies and said[-1] != single(said[-1]):
            return 0.0
        if core and self._same(said, keyed) and not _counts(core):
            return PLAIN
        for whole in (core, trimmed):
            if any(self._same(whole, goal) for goal in goals) and (identifies or self._same(whole, named)):
                return PLAIN * (1.0 if _alike(said, keyed) else OTHER)
        if not identifies and _counts(said):
            return 0.0
        if not identifies:
            # 'billing_address' may be a text as well: the name alone says less.
            return PART * OTHER if self._same(trimmed[-len(named) :], named) and len(trimmed) > len(named) else 0.0
        ends = any(len(trimmed) > len(goal) and self._same(trimmed[-len(goal) :], goal) for goal in goals)
        return PART if ends else 0.0

    def _again(self, said: Words, keyed: Words, named: Words) -> float:
        """A row of the same table: its parent, the one before, the one that referred it."""
        trimmed = _bare(_trimmed(said))
        ranked = any(word in known("ranks") for word in self._lexicon.written_out(trimmed))
        goals = [goal for goal in (_bare(keyed), named) if goal]
        ends = any(len(said) > len(goal) and self._same(trimmed[-len(goal) :], goal) for goal in goals)
        if ends and len(said) > len(keyed):
            return PART
        surely = len(_trimmed(said)) > len(trimmed) or trimmed[0] in ("parent", "mother", "father", "sire", "dam")
        return RANK if ranked and len(trimmed) == 1 and surely else 0.0

    def _in_role(self, said: Words, target: Table) -> float:
        """A manager is one of the employees, whatever the key of these is called."""
        return ROLE if target.name in self._people and self._plays_role(said) else 0.0

    def _plays_role(self, said: Words) -> bool:
        parts = self._lexicon.written_out(_bare(_trimmed(said)))
        if said[-1] == "by" and len(parts) == 1 and (parts[0].endswith("ed") or parts[0] in known("passives")):
            return True
        if list(said) == parts and (_counts(said) or parts[0].endswith("ed") or parts[0] in UNSURE):
            return False
        return len(parts) == 1 and (parts[0] in known("roles") or single(parts[0]) in known("roles"))

    def _same(self, one: Words, other: Words) -> bool:
        """Whether both are the same words, as they stand or written out."""
        if not one or not other:
            return False
        return any(
            len(left) == len(right) and all(map(_equal, left, right))
            for left in self._variants(one)
            for right in self._variants(other)
        )

    def _variants(self, parts: Words) -> Iterator[Words]:
        yield parts
        yield self._lexicon.written_out(parts)
        if len(parts) == 1:
            yield from ([*long.split()] for long in self._lexicon.meanings(parts[0])[1:])


@lru_cache(maxsize=100_000)
def _equal(one: str, other: str) -> bool:
    left, right = single(one), single(other)
    return left == right or shortens(left, right) or shortens(right, left)


def _counts(said: Words) -> bool:
    """Whether a name that has no word for an identifier is of a number: 'total_orders', 'rooms', 'unit_price'."""
    return said[-1] != single(said[-1]) or bool(set(said) & known("quantities"))


def _bare(parts: Words) -> Words:
    """The words without those that only say that it is an identifier."""
    kept = list(parts)
    while kept and kept[-1] in known("identifiers"):
        kept = kept[:-1]
    while len(kept) > 1 and kept[0] in ("id", "fk"):
        kept = kept[1:]
    return kept


def _trimmed(parts: Words) -> Words:
    """The words without those at either side that say which end of a link it is: 'depot_id_from'."""
    kept = list(parts)
    while len(kept) > 1 and kept[-1] in known("ends"):
        kept = kept[:-1]
    return kept


def _alike(said: Words, keyed: Words) -> bool:
    """Whether the words for an identifier do not contradict each other."""
    kinds = [{"code", "cd", "cde"}, {"no", "nr", "num", "nbr", "number"}]
    ends = [next((i for i, kind in enumerate(kinds) if parts and parts[-1] in kind), None) for parts in (said, keyed)]
    return None in ends or ends[0] == ends[1]
