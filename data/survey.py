"""A new source looked through, table by table: what its catalogue entry should say, with the evidence."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from data import keys, kinship, roles
from data.catalog import Column, Table
from data.draft import Drafts
from data.errors import DataError
from data.kinship import Link
from data.naming import Lexicon
from data.profile import ColumnProfile, TableProfile, profile
from data.sample import Sample
from data.sources.base import Source

PATIENCE = 180.0
"""Seconds for a whole source: tables that are not reached by then are listed without a profile."""

REMOTE = "not looked at: only the engine of its own server reads it"


@dataclass(frozen=True)
class Survey:
    """The tables as the catalogue should have them, their links, and the comments that carry the evidence."""

    tables: tuple[Table, ...]
    links: tuple[Link, ...]
    profiles: Mapping[str, TableProfile] = field(default_factory=dict)
    notes: Mapping[str, str] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        return {
            "profile": [
                _table_json(self.profiles[table.name], table) for table in self.tables if table.name in self.profiles
            ],
            "relationships": [vars(link) for link in self.links],
        }


def survey(source: Source, tables: Sequence[Table], declared: Sequence[Link], say: Callable[[str], None]) -> Survey:
    """Look through a source; what can't be read in time is left as the store describes it."""
    lexicon = Lexicon(tables)
    if not source.local:
        drafts = Drafts.of(None, lexicon, {}, declared)
        notes = {table.name: REMOTE for table in tables}
        return Survey(tuple(map(drafts.table, tables)), tuple(declared), notes=notes)
    sample = Sample([source])
    try:
        profiles, notes = _profiles(sample, tables, lexicon, say)
        known = {table.name: _known(table, profiles.get(table.name), lexicon, notes) for table in tables}
        seen = {name: replace(found, table=known[name]) for name, found in profiles.items()}
        if len(seen) > 1:
            say(f"Looking for links among {len(seen)} tables.")
        inferred = tuple(kinship.links(sample, seen, declared, lexicon))
        drafts = Drafts.of(sample, lexicon, seen, (*declared, *inferred))
    finally:
        sample.close()
    notes |= {f"{source.name}.{link.table}.{link.column}": link.evidence for link in inferred}
    return Survey(tuple(drafts.table(known[table.name]) for table in tables), (*declared, *inferred), seen, notes)


def _profiles(
    sample: Sample, tables: Sequence[Table], lexicon: Lexicon, say: Callable[[str], None]
) -> tuple[dict[str, TableProfile], dict[str, str]]:
    profiles: dict[str, TableProfile] = {}
    notes: dict[str, str] = {}
    end = time.monotonic() + PATIENCE
    for number, table in enumerate(tables, start=1):
        say(f"Looking at {table.full_name} ({number} of {len(tables)}).")
        try:
            found = profile(sample, table, lexicon) if time.monotonic() < end else None
        except DataError as error:
            notes[table.name] = f"not looked at: {error.message}"
            continue
        if found is None:
            notes[table.name] = "not looked at: it takes too long"
        else:
            profiles[table.name] = found
    return profiles, notes


def _known(table: Table, found: TableProfile | None, lexicon: Lexicon, notes: dict[str, str]) -> Table:
    """The table with its key and its tags as its profile suggests; the evidence goes to the notes."""
    if found is None:
        return table
    evidence = [f"{found.rows:,} rows" if found.rows is not None else "too many rows to count"]
    evidence += [] if found.whole else [f"{found.sampled:,} sampled"]
    if table.key is None:
        key, why = keys.key(found, lexicon)
        table = replace(table, key=key)
        evidence += [why] if why else []
    full = replace(found, table=table)
    table = replace(table, label=table.label or roles.label(full, lexicon), time=_timed(table, full, lexicon))
    notes[table.name] = "; ".join(evidence)
    for column in found.columns:
        notes[f"{table.name}.{column.column.name}"] = _evidence(column)
    return replace(table, columns=tuple(_tagged(column) for column in found.columns))


def _timed(table: Table, found: TableProfile, lexicon: Lexicon) -> str | None:
    """The table's time. What was taken for it by its type alone may be its end."""
    return roles.time(found, lexicon) or table.time


def _tagged(found: ColumnProfile) -> Column:
    return replace(found.column, tags=found.column.tags | ({"pii"} if found.personal else set()))


def _evidence(found: ColumnProfile) -> str:
    facts = [f"{found.nulls:.1%} null".replace(".0%", "%")] if found.nulls else []
    facts.append("unique" if found.unique else f"{found.distinct:,} different")
    if found.low is not None:
        facts.append(f"{found.low} to {found.high}")
    return "; ".join([*facts, *([found.personal] if found.personal else [])])


def _table_json(found: TableProfile, table: Table) -> dict[str, Any]:
    columns = [
        {
            "name": column.column.name,
            "type": column.column.type,
            "null_share": round(column.nulls, 4),
            "distinct": column.distinct,
            "unique": column.unique,
            "min": column.low,
            "max": column.high,
            "values": list(column.values),
            "personal": column.personal,
            "format": column.format,
        }
        for column in found.columns
    ]
    return {
        "table": table.full_name,
        "rows": found.rows,
        "sampled": found.sampled,
        "key": table.key,
        "columns": columns,
    }
