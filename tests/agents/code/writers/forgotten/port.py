"""A harbour: its docks have slips, in which boats lie, and stay."""

from __future__ import annotations

from data.catalog import Catalog, Column, Relationship, SourceConfig, Table


def table(named: str, **columns: str) -> Table:
    made = tuple(Column(column, kind) for column, kind in columns.items())
    return Table("port", named, columns=made, key=f"{named[:-1]}_id")


TABLES = (
    table("docks", dock_id="BIGINT", name="VARCHAR", city="VARCHAR"),
    table("slips", slip_id="BIGINT", dock_id="BIGINT", length="DOUBLE"),
    table("boats", boat_id="BIGINT", slip_id="BIGINT", kind="VARCHAR", city="VARCHAR", built="DATE"),
    table("stays", stay_id="BIGINT", boat_id="BIGINT", slip_id="BIGINT"),
)
LINKS = (
    Relationship("port.slips", "dock_id", "port.docks", "dock_id"),
    Relationship("port.boats", "slip_id", "port.slips", "slip_id"),
    Relationship("port.stays", "boat_id", "port.boats", "boat_id"),
    Relationship("port.stays", "slip_id", "port.slips", "slip_id"),
)
PORT = Catalog((SourceConfig("port", "duckdb", ":memory:", tables=TABLES),), LINKS)
