"""Where a catalogue and its stores have drifted apart, each with what to do."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from data.catalog import Catalog, Column, Relationship, SourceConfig, Table
from data.engines.database import same_type
from data.errors import DataError
from data.sample import Sample, reachable
from data.sources import open_source
from data.sources.base import Found, Source, quoted

DEEP_SECONDS = 60.0
"""How long one look at the rows may take."""


@dataclass(frozen=True)
class Drift:
    """One difference. `broken` where queries fail or answers are wrong by it; else it is only worth knowing."""

    source: str
    message: str
    remedy: str
    broken: bool = True


def check(home: Path, catalog: Catalog, *, deep: bool = False) -> list[Drift]:
    """All differences of names and types; with `deep` those of keys and relationships too, which reads the tables."""
    found = [drift for config in catalog.sources for drift in _source(home, config)]
    return [*found, *_deep(home, catalog)] if deep else found


def _source(home: Path, config: SourceConfig) -> Iterator[Drift]:
    source = open_source(config, home)
    try:
        stored = {table.name.lower(): table for table in source.tables()}
    except DataError as error:
        yield Drift(config.name, error.message, error.remedy)
        return
    for table in config.tables:
        found = stored.pop(table.name.lower(), None)
        if found is None:
            remedy = f"Take '{table.name}' out of the catalogue, or bring it back."
            yield Drift(config.name, f"The table '{table.full_name}' is not in the store.", remedy)
        else:
            yield from _table(source, table, found)
    for new in stored.values():
        message = f"The store has a table '{new.name}' that is not in the catalogue."
        yield Drift(config.name, message, "Describe it in the catalogue if people should ask about it.", broken=False)


def _table(source: Source, table: Table, found: Found) -> Iterator[Drift]:
    stored = {column.name.lower(): column for column in found.columns}
    for column in table.columns:
        there = stored.pop(column.name.lower(), None)
        if there is None:
            remedy = (
                f"Take '{column.name}' out of the catalogue, or rename it there: '{table.full_name}' can't be read."
            )
            message = f"The column '{column.name}' of '{table.full_name}' is not in the store."
            yield Drift(table.source, message, remedy)
        elif source.typed and not same_type(column.type, there.type):
            yield _changed(table, column, there)
    for new in stored.values():
        message = (
            f"The store has a column '{new.name}' ({new.type}) of '{table.full_name}' that is not in the catalogue."
        )
        yield Drift(table.source, message, "Describe it in the catalogue if people should ask about it.", broken=False)
    if not table.description or table.draft:
        remedy = "Say in its `description` what one of its rows is: answers get better."
        remedy += " Then take its `draft` away." if table.draft else ""
        state = "described by a draft only" if table.draft else "not described"
        yield Drift(table.source, f"The table '{table.full_name}' is {state}.", remedy, broken=False)


def _changed(table: Table, column: Column, there: Column) -> Drift:
    message = f"The column '{column.name}' of '{table.full_name}' is {there.type} in the store, not {column.type}."
    if _widens(there.type, column.type):
        return Drift(table.source, message, "It is read as the catalogue says; nothing is lost.", broken=False)
    return Drift(table.source, message, f"Set its type to {there.type} in the catalogue.")


def _widens(stored: str, declared: str) -> bool:
    """Whether every value of the stored type is one of the declared type."""
    import duckdb

    with duckdb.connect() as connection:
        try:
            query = f"SELECT can_cast_implicitly(CAST(NULL AS {stored}), CAST(NULL AS {declared}))"
            row = connection.execute(query).fetchone()
        except duckdb.Error:
            return False
    return same_type(declared, "VARCHAR") or bool(row and row[0])


def _deep(home: Path, catalog: Catalog) -> Iterator[Drift]:
    sample = Sample(reachable(open_source(config, home) for config in catalog.sources), seconds=DEEP_SECONDS)
    try:
        places: Mapping[str, str] = dict(_places(sample, catalog))
        for table in catalog.tables:
            if table.key and table.full_name in places:
                yield from _key(sample, table, table.key, places[table.full_name])
        for link in catalog.relationships:
            if link.table in places and link.to_table in places:
                yield from _link(sample, link, places)
    finally:
        sample.close()


def _places(sample: Sample, catalog: Catalog) -> Iterator[tuple[str, str]]:
    for table in catalog.tables:
        if table.source in sample.sources:
            try:
                yield table.full_name, sample.place(table)
            except DataError:
                continue  # the look at names and types has said so


def _key(sample: Sample, table: Table, key: str, place: str) -> Iterator[Drift]:
    name = quoted(key)
    query = f"SELECT count(*), count({name}), count(DISTINCT {name}) FROM {place}"
    for rows, there, distinct in _rows(sample, query):
        if there > distinct or rows > there:
            reason = f"{there - distinct:,} of {rows:,} rows repeat a value and {rows - there:,} have none"
            message = f"The key '{key}' of '{table.full_name}' is not unique: {reason}."
            yield Drift(table.source, message, "Mend the store, or name another `key` in the catalogue (or none).")


def _link(sample: Sample, link: Relationship, places: Mapping[str, str]) -> Iterator[Drift]:
    column, to_column = quoted(link.column), quoted(link.to_column)
    within = f"SELECT {to_column} FROM {places[link.to_table]} WHERE {to_column} IS NOT NULL"
    lost = f"count(*) FILTER ({column} NOT IN ({within}))"
    for rows, missing in _rows(sample, f"SELECT count({column}), {lost} FROM {places[link.table]}"):
        if missing:
            start, end = f"{link.table}.{link.column}", f"{link.to_table}.{link.to_column}"
            message = f"{missing:,} of {rows:,} values of '{start}' are not in '{end}'."
            source = link.table.partition(".")[0]
            yield Drift(source, message, "Load what is missing, or take the relationship out of the catalogue.")


def _rows(sample: Sample, query: str) -> list[tuple[int, ...]]:
    try:
        return sample.ask(query) or []
    except DataError:
        return []  # values of types that can't be compared
