"""A private database for one piece of work: it sorts and joins what the gateway gave, and spills to disk."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from data.sources.base import literal

if TYPE_CHECKING:
    import duckdb

MEMORY = "256MB"
"""What the database holds in memory; sorting more goes to disk."""


@contextmanager
def workspace(home: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """A database in a folder of its own in the home, which goes when the work is done."""
    import duckdb

    spill = home / "spill"
    spill.mkdir(parents=True, exist_ok=True)
    config = {"autoinstall_known_extensions": False, "autoload_known_extensions": False}
    with (
        tempfile.TemporaryDirectory(prefix="features-", dir=spill, ignore_cleanup_errors=True) as folder,
        duckdb.connect(str(Path(folder) / "work.duckdb"), config=config) as connection,
    ):
        connection.execute(f"SET memory_limit = {literal(MEMORY)}")
        connection.execute(f"SET temp_directory = {literal(str(Path(folder) / 'spilled'))}")
        connection.execute("SET python_enable_replacements = false")
        yield connection
