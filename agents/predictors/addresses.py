"""Where an MLflow store says that its files are: full addresses, which are wrong once its home lies elsewhere."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

FOLDER = "mlflow"
"""The folder of artefacts in a home."""
COLUMNS = (
    ("experiments", "artifact_location"),
    ("runs", "artifact_uri"),
    ("logged_models", "artifact_location"),
    ("model_versions", "source"),
    ("model_versions", "storage_location"),
)


def root(home: Path) -> str:
    """The address of a home's artefacts."""
    return (home.resolve() / FOLDER).as_uri()


def follow(file: Path, home: Path) -> None:
    """Have a store that came with its home from elsewhere tell where its files are now, all at once or not at all."""
    here = root(home)
    with closing(sqlite3.connect(file, timeout=60)) as store, store:
        known = {name for (name,) in store.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        if "experiments" not in known:
            return
        for there in _roots(store, here):
            for table, column in COLUMNS:
                if table in known:
                    moved = f"UPDATE {table} SET {column} = ? || substr({column}, ?) WHERE substr({column}, 1, ?) = ?"
                    store.execute(f"{moved} AND substr({column}, ?, 1) IN ('', '/')", _bound(here, there))


def _roots(store: sqlite3.Connection, here: str) -> list[str]:
    """Where experiments lie that this home's trainings made, if not here."""
    found = store.execute("SELECT DISTINCT artifact_location FROM experiments WHERE artifact_location LIKE 'file:%'")
    return [there for (there,) in found if there != here and there.endswith(f"/{FOLDER}")]


def _bound(here: str, there: str) -> tuple[str | int, ...]:
    return here, len(there) + 1, len(there), there, len(there) + 1
