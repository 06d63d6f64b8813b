"""What stands in the way of good answers over a source: tables that nothing is said of, columns that can't be read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from data.policy import is_text

if TYPE_CHECKING:
    from data.catalog import Table
    from data.gateway import Gateway
    from data.policy import Principal
    from retrieval.retriever import Reader

Findings = dict[str, list[str]]


def findings(source: str, gateway: Gateway, principal: Principal, reader: Reader, withheld: frozenset[str]) -> Findings:
    """Full names by what is amiss: `poor` tables and columns say nothing of themselves, `drafted` ones were described
    by the machine alone, `hidden` columns the principal may not see or sees masked, of `withheld` ones no value was
    learnt, and `unlisted` texts are too many to be recognised in a question."""
    tables = [table for table in reader.catalog.tables if table.source == source]
    texts = reader.values.columns
    return {
        "poor": [table.full_name for table in tables if not (table.description or table.synonyms)],
        "drafted": [table.full_name for table in tables if table.draft],
        "hidden": _hidden(source, gateway, principal, tables),
        "withheld": sorted(name for name in withheld if name.startswith(f"{source}.")),
        "unlisted": [
            f"{table.full_name}.{column.name}"
            for table in tables
            for column in table.columns
            if is_text(column) and column.name not in texts.get(table.full_name, {})
        ],
    }


def _hidden(source: str, gateway: Gateway, principal: Principal, tables: Sequence[Table]) -> list[str]:
    seen = {f"{table.full_name}.{column.name}" for table in tables for column in table.columns}
    masked = {f"{t.full_name}.{name}" for t in tables for name in gateway.policy.masks(principal, t)}
    whole = [table for table in gateway.catalog.tables if table.source == source]
    every = {f"{table.full_name}.{column.name}" for table in whole for column in table.columns}
    return sorted((every - seen) | masked)
