"""Every function that the engine knows and that is not allowed is refused, whatever a later version adds."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import duckdb
import pytest

from data.errors import DataError
from data.functions import ALLOWED, TABLE_FUNCTIONS

EXTENSIONS = ("avro", "delta", "iceberg", "mysql_scanner", "postgres_scanner", "sqlite_scanner")


def known() -> list[str]:
    """The names of all functions of the engine with the extensions whose wheels are installed."""
    config = {"autoload_known_extensions": False, "autoinstall_known_extensions": False, "threads": 1}
    with duckdb.connect(config=config) as connection:
        for name in EXTENSIONS:
            spec = importlib.util.find_spec(f"duckdb_extension_{name}")
            if spec is not None and spec.origin is not None:
                file = next(Path(spec.origin).parent.rglob("*.duckdb_extension"))
                connection.execute(f"LOAD '{file}'")
        rows = connection.execute("SELECT DISTINCT lower(function_name) FROM duckdb_functions() ORDER BY 1").fetchall()
    # Operators are written between their operands and only compute.
    return [name for (name,) in rows if name.replace("_", "a").isalnum()]


NAMES = known()


def refused(vault: Any, sql: str, name: str) -> bool:
    """Whether the gateway lets the function run under its own name (a synonym of an allowed one may)."""
    try:
        result = vault.first.query(vault.first.policy.principal("owner"), sql)
    except DataError as error:
        return error.kind in ("forbidden", "invalid", "not_found") and "can't run" not in error.message
    return f"{name}(" not in result.sql.lower()


@pytest.mark.parametrize("name", [name for name in NAMES if name not in ALLOWED | TABLE_FUNCTIONS])
def test_what_is_not_allowed_is_refused_as_a_value(vault: Any, name: str) -> None:
    assert refused(vault, f"SELECT \"{name}\"('x')", name)


@pytest.mark.parametrize("name", [name for name in NAMES if name not in TABLE_FUNCTIONS])
def test_what_is_not_allowed_is_refused_as_a_table(vault: Any, name: str) -> None:
    assert refused(vault, f"SELECT * FROM {name}('x')", name)


def test_the_engine_told_its_functions() -> None:
    assert {"read_csv", "current_setting", "postgres_query", "delta_scan", "sqlite_scan", "duckdb_settings"} <= set(
        NAMES
    )


READERS = (
    "read_",
    "scan",
    "duckdb_",
    "pragma",
    "getenv",
    "setting",
    "glob",
    "query",
    "nextval",
    "sleep",
    "write",
    "pg_",
)


def test_no_allowed_name_looks_like_a_reader() -> None:
    assert [name for name in ALLOWED if any(part in name for part in READERS)] == []
