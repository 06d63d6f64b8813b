"""Links that a store does not declare, inferred from names and rows, each with its evidence."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from data.catalog import Table
from data.keys import comparable, identifies
from data.likeness import Likeness
from data.naming import Lexicon
from data.profile import ColumnProfile, TableProfile
from data.sample import Sample
from data.sources.base import quoted

VALUES = 5_000
"""How many different values of a column are looked for in the other table."""
ENOUGH = 0.98
"""The share of them that must be there."""
SURE = 0.7
"""The score from which a link is drawn."""
BITS = 30.0
"""How much the values' being there must say before it counts as half a name does."""
FEW = 3
"""Fewer different values than these say nothing by themselves."""


@dataclass(frozen=True)
class Link:
    """Values of `table.column` are those of `to_table.to_column`. `evidence` is empty where the store declares it;
    `score` says how sure it is, up to 1."""

    table: str
    column: str
    to_table: str
    to_column: str
    evidence: str = ""
    score: float = 1.0


def links(
    sample: Sample, profiles: Mapping[str, TableProfile], declared: Sequence[Link], lexicon: Lexicon
) -> Iterator[Link]:
    """The links among profiled tables, keys being set, that no store declares but names and values speak for: of each
    column the likeliest."""
    declared_ends = {(link.table, link.column.lower()) for link in declared}
    likely = [
        candidate
        for candidate in (
            *_others(lexicon, profiles),
            *_candidates(lexicon, profiles, _rarities(sample, profiles.values())),
        )
        if (candidate.table.name, candidate.found.column.name.lower()) not in declared_ends
    ]
    best: dict[tuple[str, str], Link] = {}
    for link in _held(sample, likely):
        ends = (link.table, link.column)
        if ends not in best or _rank(link) > _rank(best[ends]):
            best[ends] = link
    columns = ((profile.table.name, found.column.name) for profile in profiles.values() for found in profile.columns)
    yield from (best[column] for column in columns if column in best)


@dataclass(frozen=True)
class _Candidate:
    """A column that may point at the key of a table, before the values have been looked for there."""

    table: Table
    found: ColumnProfile
    target: Table
    goal: str
    score: float


def _rank(link: Link) -> tuple[float, int]:
    # Of copies of a table the one with the shortest name: 'customers' before 'customers_2019'.
    return link.score, -len(link.to_table)


def _candidates(
    lexicon: Lexicon, profiles: Mapping[str, TableProfile], rarities: Mapping[str, float]
) -> Iterator[_Candidate]:
    targets = [profile for profile in profiles.values() if profile.table.key]
    likeness = Likeness(lexicon, [target.table for target in targets])
    for profile in profiles.values():
        for found in profile.columns:
            if not found.distinct or not (kind := comparable(found)):
                continue
            near = likeness.near(profile.table, found.column.name)
            for target in targets:
                told = _told(profile, found, target, rarities[target.table.name])
                other = comparable(target.column(str(target.table.key))) != kind
                if other or (target.table.name not in near and told < SURE):
                    continue
                named = likeness.of(profile.table, found.column.name, target.table, str(target.table.key))
                score = 1 - (1 - named) * (1 - told)
                if score >= SURE:
                    yield _Candidate(profile.table, found, target.table, str(target.table.key), score)


def _others(lexicon: Lexicon, profiles: Mapping[str, TableProfile]) -> Iterator[_Candidate]:
    """Columns with the name of a unique column of another table that is not its key: a product's code beside its id."""
    likeness = Likeness(lexicon, ())
    goals: dict[tuple[str, str | None], list[tuple[Table, ColumnProfile]]] = {}
    for profile in profiles.values():
        for found in profile.columns:
            other = found.unique and profile.sampled > 1 and found.column.name != profile.table.key
            if other and (comparable(found) == "text" or identifies(profile.table, found, lexicon)):
                goals.setdefault(_named(found), []).append((profile.table, found))
    for profile in profiles.values():
        for found in profile.columns:
            for target, goal in goals.get(_named(found), ()):
                if target.name == profile.table.name or found.unique or not found.distinct:
                    continue
                if score := likeness.same(profile.table, found.column.name, target, goal.column.name):
                    yield _Candidate(profile.table, found, target, goal.column.name, score)


def _named(found: ColumnProfile) -> tuple[str, str | None]:
    return found.column.name.lower(), comparable(found)


def _told(profile: TableProfile, found: ColumnProfile, target: TableProfile, rarity: float) -> float:
    """What finding the values in a key would say without any name, up to 1: nothing for numbers from 1 to n, which
    are in every such key."""
    own = bool(profile.table.key) and found.column.name.lower() == str(profile.table.key).lower()
    if rarity == 0 or own or found.unique or found.distinct < FEW or target.table.name == profile.table.name:
        return 0.0
    return 1 - math.pow(0.5, min(found.distinct, 20) * rarity / BITS)


def _held(sample: Sample, likely: Sequence[_Candidate]) -> Iterator[Link]:
    """The links of those candidates whose values are there; each key is read once, for all that may point at it."""
    for number, end in enumerate(dict.fromkeys((one.target.full_name, one.goal) for one in likely)):
        pointing = [one for one in likely if (one.target.full_name, one.goal) == end]
        key, held = quoted(end[1]), quoted(f"keys {number}")
        wanted = " UNION ".join(f"({_values(sample, candidate)})" for candidate in pointing)
        select = f"SELECT DISTINCT {key} AS k FROM {sample.place(pointing[0].target)} WHERE {key} IN ({wanted})"
        if sample.ask(f"CREATE TEMP TABLE {held} AS {select}") is None:
            continue
        for candidate in pointing:
            query = (
                f"SELECT count(*), count(*) FILTER (v IN (SELECT k FROM {held})) FROM ({_values(sample, candidate)})"
            )
            for there, within in sample.ask(query) or ():
                if there and within / there >= ENOUGH:
                    yield _link(candidate, within / there, there)


def _values(sample: Sample, candidate: _Candidate) -> str:
    name = quoted(candidate.found.column.name)
    place = sample.of(candidate.table)
    # In order, as the same values are asked for twice.
    return f"SELECT DISTINCT {name} AS v FROM {place} WHERE {name} IS NOT NULL ORDER BY hash({name}), v LIMIT {VALUES}"


def _link(candidate: _Candidate, share: float, looked: int) -> Link:
    evidence = f"inferred: {_percent(share)} of {looked:,} sampled values are there"
    ends = (candidate.table.name, candidate.found.column.name, candidate.target.name, candidate.goal)
    return Link(*ends, evidence, round(candidate.score * share, 2))


def _rarities(sample: Sample, profiles: Iterable[TableProfile]) -> dict[str, float]:
    """By table: how many values like those of its key there might be for each that there is, in bits."""
    found = {}
    for profile in profiles:
        place, key = sample.of(profile.table), profile.table.key
        rows = sample.ask(f"SELECT {quoted(key)} FROM {place} LIMIT {VALUES}") if place and key else None
        found[profile.table.name] = _rarity([row[0] for row in rows or ()], profile.rows or 0)
    return found


def _rarity(values: Sequence[object], rows: int) -> float:
    if not values or not rows:
        return 0.0
    if all(isinstance(value, int) for value in values):
        numbers = [value for value in values if isinstance(value, int)]
        possible = float(max(numbers) - min(numbers) + 1)
    else:
        # The letters seen at each place, each with each: 'C0001' to 'C0300' are all that are like them.
        texts = [str(value) for value in values]
        longest = max(map(len, texts))
        possible = math.prod(float(len({text[at : at + 1] for text in texts})) for at in range(min(longest, 24)))
    return math.log2(max(1.0, possible / rows))


def _percent(share: float) -> str:
    # What is not all must not read as all.
    return "100 %" if share == 1 else f"{min(share * 100, 99.9):.1f} %"
