"""Keys and links that a store does not declare, inferred from names and rows, each with its evidence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from data.catalog import Table
from data.personal import words
from data.profile import ColumnProfile, TableProfile
from data.sample import Sample
from data.sources.base import quoted

VALUES = 5_000
"""How many different values of a column are looked for in the other table."""
ENOUGH = 0.98
"""The share of them that must be there."""
ALIKE = {"TINYINT": "whole", "SMALLINT": "whole", "INTEGER": "whole", "BIGINT": "whole", "HUGEINT": "whole"}
ALIKE |= {f"U{name}": "whole" for name in tuple(ALIKE)} | {"VARCHAR": "text", "TEXT": "text", "UUID": "uuid"}


@dataclass(frozen=True)
class Link:
    """Values of `table.column` are those of `to_table.to_column`. `evidence` is empty where the store declares it."""

    table: str
    column: str
    to_table: str
    to_column: str
    evidence: str = ""


def key(profile: TableProfile) -> tuple[str | None, str]:
    """The column that identifies a row, with what speaks for it. None where no unique column is also named so."""
    unique = [found for found in profile.columns if found.unique and _kind(found)]
    named = [found for found in unique if _is_key_name(profile.table, found.column.name)]
    scope = f"all {profile.sampled:,} rows" if profile.whole else f"{profile.sampled:,} sampled rows"
    if named and profile.sampled > 1:
        return named[0].column.name, f"key inferred: unique and never null in {scope}"
    names = ", ".join(found.column.name for found in unique[:5])
    return None, f"may be a key: {names} (unique in {scope})" if unique and profile.sampled > 1 else ""


def links(sample: Sample, profiles: Mapping[str, TableProfile], declared: Sequence[Link]) -> Iterator[Link]:
    """The links among profiled tables, keys being set, that no store declares but names and values speak for."""
    known = {(link.table, link.column.lower()) for link in declared}
    targets = [profile.table for profile in profiles.values() if profile.table.key]
    for profile in profiles.values():
        for found in profile.columns:
            if (profile.table.name, found.column.name.lower()) in known or not _kind(found):
                continue
            for target in targets:
                evidence = _fits(profile, found, target, profiles) and _included(sample, profile.table, found, target)
                if evidence:
                    yield Link(profile.table.name, found.column.name, target.name, str(target.key), evidence)
                    break


def _fits(profile: TableProfile, found: ColumnProfile, target: Table, profiles: Mapping[str, TableProfile]) -> bool:
    """Whether a column is named after another table's key and is of its type."""
    key_name = str(target.key)
    if target.name == profile.table.name and found.column.name.lower() == key_name.lower():
        return False
    if found.column.name.lower() == str(profile.table.key).lower() and found.column.name.lower() == key_name.lower():
        return False
    if _kind(found) != _kind(profiles[target.name].column(key_name)):
        return False
    name, root = "".join(words(found.column.name)), _root(target.name)
    ends = {root, *(f"{root}{end}" for end in ("id", "key", "code", "no", "uuid", "".join(words(key_name))))}
    generic = words(key_name) in (["id"], ["key"], ["code"], ["uuid"], ["name"])
    return name in ends or (not generic and name == "".join(words(key_name)))


def _included(sample: Sample, table: Table, found: ColumnProfile, target: Table) -> str:
    name, key_name = quoted(found.column.name), quoted(str(target.key))
    values = f"SELECT DISTINCT {name} AS v FROM {sample.of(table)} WHERE {name} IS NOT NULL LIMIT {VALUES}"
    within = f"SELECT {key_name} FROM {sample.place(target)}"
    rows = sample.ask(f"SELECT count(*), count(*) FILTER (v IN ({within})) FROM ({values})")
    if not rows or rows[0][0] == 0 or rows[0][1] / rows[0][0] < ENOUGH:
        return ""
    share = rows[0][1] / rows[0][0]
    return f"inferred: {_percent(share)} of {rows[0][0]:,} sampled values are there"


def _percent(share: float) -> str:
    # What is not all must not read as all.
    return "100 %" if share == 1 else f"{min(share * 100, 99.9):.1f} %"


def _is_key_name(table: Table, column: str) -> bool:
    name, root = "".join(words(column)), _root(table.name)
    return name in {
        "id",
        "uuid",
        "guid",
        "key",
        "code",
        *(f"{root}{end}" for end in ("id", "key", "code", "uuid", "no")),
    }


def _root(table: str) -> str:
    """A table's name without its schema, as one of its rows is called."""
    name = "".join(words(table.rpartition(".")[2]))
    for plural, single in (("ies", "y"), ("sses", "ss"), ("ches", "ch"), ("xes", "x"), ("s", "")):
        if name.endswith(plural) and not name.endswith("ss"):
            return name.removesuffix(plural) + single
    return name


def _kind(found: ColumnProfile) -> str | None:
    return ALIKE.get(found.column.type.upper())
