"""A stranger: a database that nobody trained for, made from a seed, as one SQLite file."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from random import Random

Rows = Mapping[str, Sequence[Sequence[object]]]


@dataclass(frozen=True)
class Stranger:
    """`rows` draws the rows of every table that `ddl` creates; the same seed gives the same rows."""

    name: str
    ddl: str
    rows: Callable[[Random], Rows]
    seed: int = 1

    def write(self, folder: Path) -> Path:
        """Write the database into the folder as NAME.sqlite."""
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{self.name}.sqlite"
        path.unlink(missing_ok=True)
        connection = sqlite3.connect(path)
        connection.executescript(self.ddl)
        for table, rows in self.rows(Random(self.seed)).items():
            marks = ", ".join("?" * len(rows[0]))
            connection.executemany(f'INSERT INTO "{table}" VALUES ({marks})', rows)
        connection.commit()
        connection.close()
        return path
