"""The FROM clauses that relationships allow."""

from __future__ import annotations

import pytest

from agents.columns import flags, keys, measures, texts, times
from agents.paths import Path, alias_for, paths, pruned
from data.catalog import Catalog, Column, Relationship, SourceConfig, Table

COLUMNS = {
    "users": "user_id:BIGINT name:VARCHAR born:DATE",
    "devices": "device_id:BIGINT user_id:BIGINT model:VARCHAR",
    "transfers": "transfer_id:BIGINT sender_id:BIGINT receiver_id:BIGINT device_id:BIGINT"
    " amount:DECIMAL(12,2) last4_id:VARCHAR flagged:BOOLEAN created_at:TIMESTAMP",
}
RELATED = (
    ("devices", "user_id", "users", "user_id"),
    ("transfers", "sender_id", "users", "user_id"),
    ("transfers", "receiver_id", "users", "user_id"),
    ("transfers", "device_id", "devices", "device_id"),
)


def table(name: str) -> Table:
    columns = (Column(*text.split(":")) for text in COLUMNS[name].split())
    return Table("cash", name, columns=tuple(columns), key=f"{name[:-1]}_id")


@pytest.fixture
def catalog() -> Catalog:
    source = SourceConfig("cash", "sqlite", "cash.sqlite", tables=tuple(map(table, COLUMNS)))
    related = (Relationship(f"cash.{a}", b, f"cash.{c}", d) for a, b, c, d in RELATED)
    return Catalog((source,), tuple(related))


def test_joins_lead_only_to_what_a_row_points_at(catalog: Catalog) -> None:
    assert {path.clause for path in paths(catalog, 1)} == {
        "FROM cash.users",
        "FROM cash.devices",
        "FROM cash.transfers",
        "FROM cash.devices JOIN cash.users ON devices.user_id = users.user_id",
        "FROM cash.transfers JOIN cash.users AS sender ON transfers.sender_id = sender.user_id",
        "FROM cash.transfers JOIN cash.users AS receiver ON transfers.receiver_id = receiver.user_id",
        "FROM cash.transfers JOIN cash.devices ON transfers.device_id = devices.device_id",
    }


@pytest.mark.parametrize("most", [0, 1, 2, 3, 5])
def test_every_path_is_another_one_and_names_each_table_once(catalog: Catalog, most: int) -> None:
    found = paths(catalog, most)
    same = {frozenset((path.base.full_name, *(join.clause for join in path.joins))) for path in found}
    assert len(same) == len(found)
    assert all(len(path.joins) <= most and len(path.scope) == len(path.joins) + 1 for path in found)


def test_what_is_pointed_at_directly_is_not_reached_by_a_detour(catalog: Catalog) -> None:
    assert not any("devices.user_id" in path.clause for path in paths(catalog) if path.base.name == "transfers")


def test_joins_follow_only_joined_tables(catalog: Catalog) -> None:
    for path in paths(catalog):
        known = [path.base.name]
        for join in path.joins:
            assert join.child in known
            known.append(join.alias)


def test_columns_carry_an_alias_only_beside_others(catalog: Catalog) -> None:
    alone, joined = (next(p for p in paths(catalog) if len(p.joins) == n) for n in (0, 1))
    assert alone.column(alone.base.name, "name") == "name"
    assert joined.column(joined.joins[0].alias, "name") == f"{joined.joins[0].alias}.name"


def test_a_role_names_one_of_two_parents(catalog: Catalog) -> None:
    assert [alias_for(r, catalog) for r in catalog.relationships] == [
        "users",
        "sender",
        "receiver",
        "devices",
    ]


def test_pruning_keeps_what_leads_to_the_needed(catalog: Catalog) -> None:
    base = Path(catalog.table("cash.devices"))
    (joined,) = (p for p in paths(catalog) if p.base == base.base and p.joins)
    assert pruned(joined, ["users"]) == joined
    assert pruned(joined, ["devices"]) == base
    longest = max(paths(catalog), key=lambda p: len(p.joins))
    assert [j.alias for j in pruned(longest, ["receiver"]).joins] == ["receiver"]


def test_without_tables_there_is_no_path() -> None:
    assert paths(Catalog(())) == ()


def test_what_columns_can_be_used_for(catalog: Catalog) -> None:
    transfers = catalog.table("cash.transfers")
    assert keys(catalog, transfers) == {"transfer_id", "sender_id", "receiver_id", "device_id"}
    assert [c.name for c in measures(catalog, transfers)] == ["amount"]
    assert [c.name for c in times(transfers)] == ["created_at"]
    assert [c.name for c in texts(transfers)] == ["last4_id"]
    assert [c.name for c in flags(transfers)] == ["flagged"]
