"""Columns whose values no training text may hold: an adapter serves everybody, whatever they may see."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from data.catalog import Table
    from data.gateway import Gateway
    from data.policy import Policy, Principal

PERSONAL = "pii"


def withheld(gateway: Gateway, principal: Principal) -> frozenset[str]:
    """The full names of the stored columns that are tagged as personal and that somebody in the policy does not see as
    they are, among those that `principal` sees."""
    policy = gateway.policy
    return frozenset(
        f"{table.full_name}.{column.name}"
        for table in gateway.visible(principal).tables
        for column in table.columns
        if PERSONAL in column.tags and not _everybody(policy, table.full_name, column.name)
    )


def _everybody(policy: Policy, table: str, column: str) -> bool:
    whole = policy.catalog.table(table)
    return all(_sees(policy, one, whole, column) for one in policy.principals.values())


def _sees(policy: Policy, principal: Principal, table: Table, column: str) -> bool:
    """Whether every row shows them the column as it is stored."""
    granted = column in {own.name for own in policy.columns(principal, table)}
    return granted and column not in policy.masks(principal, table) and policy.row_filter(principal, table) is None
