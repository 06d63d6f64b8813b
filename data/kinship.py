"""Keys and links that a store does not declare, inferred from names and rows, each with its evidence."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from data.catalog import Table
from data.likeness import Likeness
from data.naming import Lexicon, known, single
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
ALIKE = {"TINYINT": "whole", "SMALLINT": "whole", "INTEGER": "whole", "BIGINT": "whole", "HUGEINT": "whole"}
ALIKE |= {f"U{name}": "whole" for name in tuple(ALIKE)} | {"VARCHAR": "text", "TEXT": "text", "UUID": "uuid"}
ALIKE |= {"DOUBLE": "number"}


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


def key(profile: TableProfile, lexicon: Lexicon) -> tuple[str | None, str]:
    """The column that identifies a row, with what speaks for it. None where no unique column is also named so."""
    unique = [found for found in profile.columns if found.unique and _kind(found)]
    if profile.sampled < 2:
        return None, ""
    named = [found for found in unique if _is_key_name(profile.table, found.column.name, lexicon)]
    first = [found for found in unique[:1] if found is profile.columns[0] and identifies(profile.table, found, lexicon)]
    scope = f"all {profile.sampled:,} rows" if profile.whole else f"{profile.sampled:,} sampled rows"
    if named or first:
        return (named or first)[0].column.name, f"key inferred: unique and never null in {scope}"
    names = ", ".join(found.column.name for found in unique[:5])
    return None, f"may be a key: {names} (unique in {scope})" if unique else ""


def identifies(table: Table, found: ColumnProfile, lexicon: Lexicon) -> bool:
    """Whether a column is named as an identifier of anything."""
    return bool(set(lexicon.stem(table.name, found.column.name)) & known("identifiers"))


def links(
    sample: Sample, profiles: Mapping[str, TableProfile], declared: Sequence[Link], lexicon: Lexicon
) -> Iterator[Link]:
    """The links among profiled tables, keys being set, that no store declares but names and values speak for: of each
    column the likeliest."""
    known_links = {(link.table, link.column.lower()) for link in declared}
    targets = [profile for profile in profiles.values() if profile.table.key]
    likeness, keys = Likeness(lexicon), _Keys(sample)
    for profile in profiles.values():
        for found in profile.columns:
            if (profile.table.name, found.column.name.lower()) in known_links or not found.distinct:
                continue
            best = max(
                _candidates(keys, likeness, profile, found, targets),
                key=lambda link: (link.score, -len(link.to_table)),
                default=None,
            )
            if best:
                yield best


def _candidates(
    keys: _Keys, likeness: Likeness, profile: TableProfile, found: ColumnProfile, targets: Sequence[TableProfile]
) -> Iterator[Link]:
    for target in targets:
        end = target.column(str(target.table.key))
        if not _kind(found) or _kind(found) != _kind(end):
            continue
        named = likeness.of(profile.table, found.column.name, target.table, end.column.name)
        told = _told(keys, profile, found, target)
        score = 1 - (1 - named) * (1 - told)
        if score >= SURE and (share := keys.share(profile.table, found, target.table)) >= ENOUGH:
            evidence = f"inferred: {_percent(share)} of {min(found.distinct, VALUES):,} sampled values are there"
            ends = (profile.table.name, found.column.name, target.table.name, end.column.name)
            yield Link(*ends, evidence, round(score * share, 2))


def _told(keys: _Keys, profile: TableProfile, found: ColumnProfile, target: TableProfile) -> float:
    """What finding the values in a key would say without any name, up to 1: nothing for numbers from 1 to n, which
    are in every such key."""
    own = bool(profile.table.key) and found.column.name.lower() == str(profile.table.key).lower()
    if own or found.unique or found.distinct < FEW or target.table.name == profile.table.name:
        return 0.0
    return 1 - 0.5 ** (min(found.distinct, 20) * keys.rarity(target.table) / BITS)


class _Keys:
    """Which share of a column's values is in a key, and how rare such values are; each key is read once."""

    def __init__(self, sample: Sample) -> None:
        self._sample = sample
        self._held: dict[str, str | None] = {}
        self._rarity: dict[str, float] = {}

    def rarity(self, target: Table) -> float:
        """In bits: how many values like these there might be for each that there is."""
        if target.name not in self._rarity:
            held = self._of(target)
            rows = self._sample.ask(f"SELECT k FROM {held} ORDER BY hash(k) LIMIT {VALUES}") if held else None
            self._rarity[target.name] = _rarity([row[0] for row in rows or ()])
        return self._rarity[target.name]

    def share(self, table: Table, found: ColumnProfile, target: Table) -> float:
        held, name = self._of(target), quoted(found.column.name)
        if held is None:
            return 0.0
        values = f"SELECT DISTINCT {name} AS v FROM {self._sample.of(table)} WHERE {name} IS NOT NULL LIMIT {VALUES}"
        rows = self._sample.ask(f"SELECT count(*), count(*) FILTER (v IN (SELECT k FROM {held})) FROM ({values})")
        return rows[0][1] / rows[0][0] if rows and rows[0][0] else 0.0

    def _of(self, target: Table) -> str | None:
        if target.name not in self._held:
            name, key = quoted(f"keys {len(self._held)}"), quoted(str(target.key))
            select = f"SELECT DISTINCT {key} AS k FROM {self._sample.place(target)} WHERE {key} IS NOT NULL"
            made = self._sample.ask(f"CREATE TEMP TABLE {name} AS {select}") is not None
            self._held[target.name] = name if made else None
        return self._held[target.name]


def _rarity(values: Sequence[object]) -> float:
    if not values:
        return 0.0
    if all(isinstance(value, int) for value in values):
        numbers = [value for value in values if isinstance(value, int)]
        possible = float(max(numbers) - min(numbers) + 1)
    else:
        # The letters seen at each place, each with each: 'C0001' to 'C0300' are all that are like them.
        texts = [str(value) for value in values]
        longest = max(map(len, texts))
        possible = math.prod(float(len({text[at : at + 1] for text in texts})) for at in range(min(longest, 24)))
    return math.log2(max(1.0, possible / len(values)))


def _percent(share: float) -> str:
    # What is not all must not read as all.
    return "100 %" if share == 1 else f"{min(share * 100, 99.9):.1f} %"


def _is_key_name(table: Table, column: str, lexicon: Lexicon) -> bool:
    """Whether a column is called a table's identifier: by that word alone, or with the table's own name."""
    parts = lexicon.stem(table.name, column)
    core = [part for part in parts if part not in known("identifiers")]
    if len(core) == len(parts):
        return False
    owner, said = lexicon.written_out(lexicon.bare(table.name)), lexicon.written_out(core)
    return not core or {single(word) for word in said} <= {single(word) for word in owner}


def _kind(found: ColumnProfile) -> str | None:
    return ALIKE.get(found.column.type.upper())
