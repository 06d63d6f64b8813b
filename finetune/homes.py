"""Grounds under other sources than their own: one with another name, or two; and two grounds side by side."""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from data.catalog import Catalog, SourceConfig, Table
from finetune.ground import Ground

if TYPE_CHECKING:
    import pyarrow as pa

_FIRST = re.compile(r"\bFROM \(?(?:FROM )?(\w+)\.")
SOURCES = (
    "main", "db", "crm", "erp", "billing", "sales", "ops", "core", "app", "shop", "finance", "records", "archive",
    "backoffice", "web", "portal", "prod", "company", "office", "registry", "data", "admin", "planning", "desk",
)  # fmt: skip
RENAMED, SPLIT = 0.3, 0.15


def moved(ground: Ground, rng: random.Random) -> Ground:
    """Most grounds as they are, some under the name of another source, some with their tables in two."""
    share = rng.random()
    names = [t.full_name for t in ground.catalog.tables]
    if share < SPLIT and len(names) > 3:
        second, rest = rng.sample(SOURCES, 2)
        apart = set(rng.sample(names, rng.randint(1, len(names) // 2)))
        return _under(ground, {name: second if name in apart else rest for name in names})
    if share < SPLIT + RENAMED:
        return _under(ground, dict.fromkeys(names, rng.choice(SOURCES)))
    return ground


def beside(ground: Ground, other: Ground) -> Ground:
    """Both as two sources of one catalogue; each query runs where its tables are."""
    own = {source.name for source in ground.catalog.sources}

    def run(sql: str) -> pa.Table:
        match = _FIRST.search(sql)
        return (ground if match and match[1] in own else other).run(sql)

    return Ground(
        f"{ground.name}+{other.name}",
        Catalog(
            ground.catalog.sources + other.catalog.sources,
            ground.catalog.relationships + other.catalog.relationships,
        ),
        {**ground.values, **other.values},
        {**other.words, **ground.words},
        run,
        {**ground.lacks, **other.lacks},
    )


def _under(ground: Ground, sources: Mapping[str, str]) -> Ground:
    """With each table under the source of that name."""
    names = {old: f"{source}.{old.split('.', 1)[1]}" for old, source in sources.items()}
    for source in dict.fromkeys(sources.values()):
        ground.run(f"CREATE SCHEMA IF NOT EXISTS {source}")
    for old, new in names.items():
        ground.run(f"CREATE OR REPLACE VIEW {new} AS FROM {old}")
    return replace(
        ground,
        catalog=_catalog(ground.catalog, sources, names),
        values={names[name]: columns for name, columns in ground.values.items()},
        words=_renamed(ground.words, names),
        lacks={names[name]: lacks for name, lacks in ground.lacks.items()},
    )


def _catalog(catalog: Catalog, sources: Mapping[str, str], names: Mapping[str, str]) -> Catalog:
    made: dict[str, list[Table]] = {}
    for table in catalog.tables:
        source = sources[table.full_name]
        made.setdefault(source, []).append(replace(table, source=source))
    first = catalog.sources[0]
    related = (replace(r, table=names[r.table], to_table=names[r.to_table]) for r in catalog.relationships)
    configs = (SourceConfig(name, first.kind, first.location, tables=tuple(ts)) for name, ts in made.items())
    return Catalog(tuple(configs), tuple(related))


def _renamed(words: Any, names: Mapping[str, str]) -> Any:
    """A bank with the names of tables in it replaced, alone or with an alias behind them."""
    if isinstance(words, dict):
        return {_name(key, names): _renamed(value, names) for key, value in words.items()}
    return _name(words, names) if isinstance(words, str) else words


def _name(text: str, names: Mapping[str, str]) -> str:
    table, alias = text, ""
    if text not in names and text.count(".") == 2:
        table, _, alias = text.rpartition(".")
    return names.get(table, table) + (f".{alias}" if alias else "")
