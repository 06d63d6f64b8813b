"""The log of predictions: each is on disk before it is given out, and moves into a Delta table in batches.

A request waits for one small SQLite transaction only. It outlives the process, however that ends; a power cut may
take what was written since the file's last checkpoint. Moving is done beside the requests, seconds later and exactly
once: a commit of the table says up to where of the journal it goes.
"""

from __future__ import annotations

import json
import sqlite3
import threading
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from filelock import FileLock, Timeout

from agents.predictors.prediction import Prediction
from data import lake
from data.audit.mover import Mover
from data.errors import Unavailable
from data.transaction import journal, transaction
from data.values import plain

if TYPE_CHECKING:
    import pyarrow as pa

BATCH = 1_000
"""Predictions that the journal holds before they move to the tables."""

SOON = 5.0
"""Seconds after which they move in any case."""

MOST = 20_000
"""Predictions that are moved at once."""

PATIENCE = 60.0

TABLES = """
CREATE TABLE IF NOT EXISTS journal (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, model TEXT NOT NULL, keys TEXT NOT NULL, record TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS journal_by_keys ON journal (model, keys);
CREATE TABLE IF NOT EXISTS name (only_one INTEGER PRIMARY KEY CHECK (only_one = 1), id TEXT NOT NULL);
"""


class PredictionLog:
    """The logs of a home's models. Many threads and processes may write at once."""

    def __init__(self, home: Path) -> None:
        self.folder = home / "lake" / "predictions"
        self._path = home / "predictions.sqlite"
        self._mutex = threading.RLock()
        self._locked = FileLock(home / "predictions.lock", timeout=PATIENCE, poll_interval=0.005)
        self._open: sqlite3.Connection | None = None
        self._mover = Mover(self.flush)
        self._timer: threading.Timer | None = None

    def table(self, model: str) -> Path:
        """The folder of a model's Delta table."""
        return self.folder / model

    def write(self, predictions: Sequence[Prediction]) -> None:
        """Keep predictions, all or none. Unavailable where they can't be kept: then none may be given out."""
        lines = [(p.model, _keys(p), json.dumps(record(p), ensure_ascii=False)) for p in predictions]
        with self._turn() as journal:
            journal.executemany("INSERT INTO journal (model, keys, record) VALUES (?, ?, ?)", lines)
            waiting = journal.execute("SELECT max(seq) - min(seq) + 1 FROM journal").fetchone()[0]
        if waiting >= BATCH:
            self._mover.wake()
        self._soon()

    def newest(self, model: str, keys: str) -> dict[str, Any] | None:
        """The record of the newest prediction for a subject, named as `subject.name_of` does."""
        with self._turn() as journal:
            query = "SELECT record FROM journal WHERE model = ? AND keys = ? ORDER BY seq DESC LIMIT 1"
            found = journal.execute(query, (model, keys)).fetchone()
        if found is not None:
            return dict(json.loads(found[0]))
        return self._moved(model, keys)

    def flush(self) -> None:
        """Move everything into the tables. Writers go on meanwhile."""
        if not self._path.exists():
            return
        try:
            with self._locked:
                while self._move():
                    pass
        except (OSError, Timeout) as error:
            raise Unavailable(
                f"The log of predictions can't be moved: {error}.", "Free the disk or its lock."
            ) from None

    def rows(
        self, model: str, since: datetime | None = None, columns: Sequence[str] | None = None
    ) -> Iterator[pa.Table]:
        """All predictions of a model made since a moment, some at a time."""
        import pyarrow.dataset as ds

        self.flush()
        if lake.version(self.table(model)) is None:
            return
        chosen = None if since is None else ds.field("made_at") >= since.replace(tzinfo=UTC)
        for batch in self._dataset(model).to_batches(columns=list(columns) if columns else None, filter=chosen):
            yield _table(batch)

    def close(self) -> None:
        """Move everything, and let go of the file."""
        with self._mutex:
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None
        self._mover.join()
        self.flush()
        with self._mutex:
            if self._open is not None:
                self._open.close()
                self._open = None

    def _soon(self) -> None:
        """Have the mover woken, once for all that come until then."""
        with self._mutex:
            if self._timer is None:
                self._timer = threading.Timer(SOON, self._wake)
                self._timer.daemon = True  # the journal keeps what nobody waits for
                self._timer.start()

    def _wake(self) -> None:
        with self._mutex:
            timer, self._timer = self._timer, None
        if timer is not None:
            self._mover.wake()

    def _move(self) -> bool:
        """Move one batch; whether there is more than that. What comes meanwhile is for the next time."""
        with self._turn() as journal:
            name = journal.execute("SELECT id FROM name").fetchone()[0]
            lines = journal.execute("SELECT seq, model, record FROM journal ORDER BY seq LIMIT ?", (MOST,)).fetchall()
        if not lines:
            return False
        for model in dict.fromkeys(line[1] for line in lines):
            self._append(
                model, f"lakewright/predictions/{name}", [(s, json.loads(r)) for s, m, r in lines if m == model]
            )
        with self._turn() as journal:
            journal.execute("DELETE FROM journal WHERE seq <= ?", (lines[-1][0],))
        return len(lines) == MOST

    def _append(self, model: str, application: str, lines: Sequence[tuple[int, dict[str, Any]]]) -> None:
        import pyarrow as pa

        def table(found: list[dict[str, Any]]) -> pa.Table:
            return pa.Table.from_pylist([_row(one) for one in found], schema=schema())

        said = f"What the model {model} said, and why."
        lake.append_once(self.table(model), application, lines, table, name=f"predictions_{model}", description=said)

    def _moved(self, model: str, keys: str) -> dict[str, Any] | None:
        import pyarrow.dataset as ds

        if lake.version(self.table(model)) is None:
            return None
        found = _table(self._dataset(model).to_table(filter=ds.field("keys") == keys)).sort_by("made_at")
        if not found.num_rows:
            return None
        row: dict[str, Any] = found.slice(found.num_rows - 1).to_pylist()[0]
        nested = {name: json.loads(row[name]) for name in NESTED}
        return {name: plain(value) for name, value in {**row, **nested}.items()}

    def _dataset(self, model: str) -> Any:
        from deltalake import DeltaTable

        return DeltaTable(self.table(model)).to_pyarrow_dataset()

    @contextmanager
    def _turn(self) -> Iterator[sqlite3.Connection]:
        """The journal in a transaction of its own."""
        try:
            with self._mutex, transaction(self._journal()) as journal:
                yield journal
        except (sqlite3.Error, OSError, Timeout) as error:
            said = f"The log of predictions can't be written: {error}."
            raise Unavailable(said, "Free the disk or its lock.") from None

    def _journal(self) -> sqlite3.Connection:
        if self._open is None:
            # SQLite's own lock gives up at once when two writers open a new journal.
            with self._locked:
                opened = journal(self._path, PATIENCE, TABLES)
                opened.execute("INSERT OR IGNORE INTO name VALUES (1, ?)", (uuid.uuid4().hex,))
                self._open = opened
        return self._open


NESTED = ("keys", "reasons", "ranking", "features", "sources")
"""Columns that hold JSON."""


def schema() -> pa.Schema:
    """The columns of a log."""
    import pyarrow as pa

    text, moment = pa.string(), pa.timestamp("us", "UTC")
    return pa.schema(
        [
            ("id", text), ("made_at", moment), ("at", moment), ("principal", text), ("model", text),
            ("version", pa.int64()), ("keys", text), ("prediction", pa.float64()), ("flagged", pa.bool_()),
            ("threshold", pa.float64()), ("reasons", text), ("ranking", text), ("features", text),
            ("sources", text), ("freshness", moment),
        ]
    )  # fmt: skip


def record(prediction: Prediction) -> dict[str, Any]:
    """A prediction as the journal keeps it: what its caller got, and who that was."""
    return {
        "threshold": None,
        "flagged": None,
        "ranking": [],
        **prediction.as_json(),
        "principal": prediction.principal,
    }


def _row(found: dict[str, Any]) -> dict[str, Any]:
    """A record as a row of the table."""
    moments = {name: found[name] and _utc(found[name]) for name in ("made_at", "at", "freshness")}
    return {**found, **moments, **{name: json.dumps(found[name], ensure_ascii=False) for name in NESTED}}


def _utc(text: str) -> datetime:
    found = datetime.fromisoformat(text)
    return found.replace(tzinfo=UTC) if found.tzinfo is None else found


def _keys(prediction: Prediction) -> str:
    return json.dumps({name: plain(value) for name, value in prediction.keys.items()}, ensure_ascii=False)


def _table(batch: Any) -> pa.Table:
    """Delta's readers give views of text, which not all functions take."""
    import pyarrow as pa

    found = batch if isinstance(batch, pa.Table) else pa.Table.from_batches([batch])
    return found.cast(pa.schema([schema().field(name) for name in found.column_names]))
