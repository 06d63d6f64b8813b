"""A harbour: its docks have slips, in which boats lie, and stay."""

from __future__ import annotations

from data.catalog import Catalog, Column, Relationship, SourceConfig, Table


def table(named: str, **columns: str) -> Table:
    """Of columns with their types, and the units behind those."""
    made = tuple(
        Column(column, kind, unit=unit or None)
        for column, told in columns.items()
        for kind, _, unit in [told.partition(" ")]
    )
    return Table("port", named, columns=made, key=f"{named[:-1]}_id", label="name" if "name" in columns else None)


TABLES = (
    table("docks", dock_id="BIGINT", name="VARCHAR", city="VARCHAR"),
    table("slips", slip_id="BIGINT", dock_id="BIGINT", length="DOUBLE"),
    table("boats", boat_id="BIGINT", slip_id="BIGINT", kind="VARCHAR", city="VARCHAR", built="DATE"),
    table("stays", stay_id="BIGINT", boat_id="BIGINT", slip_id="BIGINT", since="TIMESTAMP", lasted="BIGINT seconds"),
)
LINKS = (
    Relationship("port.slips", "dock_id", "port.docks", "dock_id"),
    Relationship("port.boats", "slip_id", "port.slips", "slip_id"),
    Relationship("port.stays", "boat_id", "port.boats", "boat_id"),
    Relationship("port.stays", "slip_id", "port.slips", "slip_id"),
)
PORT = Catalog((SourceConfig("port", "duckdb", ":memory:", tables=TABLES),), LINKS)
