"""Where the threads of conversations are kept: a SQLite file, or a PostgreSQL that several servers share."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any

from data.errors import Unavailable

if TYPE_CHECKING:
    from langgraph.checkpoint.base import BaseCheckpointSaver

CONNECTIONS = 8
"""Of one server to PostgreSQL, at most."""
PATIENCE = 5.0
"""Seconds within which a connection has to be there."""


class Checkpoints:
    """Opened when first needed. Thread safe."""

    def __init__(self, file: Path, server: str = "") -> None:
        """`server` is the URL of a PostgreSQL database that is used instead of the file."""
        self._file, self._server = file, server
        self._lock, self._open = Lock(), ExitStack()
        self._saver: BaseCheckpointSaver[str] | None = None

    def saver(self) -> BaseCheckpointSaver[str]:
        """What LangGraph keeps threads with; Unavailable where they can't be kept."""
        with self._lock, self.kept():
            if self._saver is None:
                self._saver = self._in_postgres() if self._server else self._in_file()
            return self._saver

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Failures of the store while the block runs are Unavailable."""
        try:
            yield
        except sqlite3.Error as error:
            raise Unavailable(f"'{self._file}' can't be used: {error}.", "Look whether the disk is full.") from error
        except Exception as error:
            if type(error).__module__.partition(".")[0] not in ("psycopg", "psycopg_pool"):
                raise
            said = str(error).partition("\n")[0] or type(error).__name__
            raise Unavailable(
                f"The PostgreSQL of threads can't be used: {said}", "See the setting `threads`."
            ) from error

    def close(self) -> None:
        """Let go of the store; the next use opens it again."""
        with self._lock:
            self._saver = None
            self._open.close()

    def _in_file(self) -> BaseCheckpointSaver[str]:
        from langgraph.checkpoint.sqlite import SqliteSaver

        self._file.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(self._file, check_same_thread=False, timeout=10)
        # Outlives the process. A power cut may take what was said last, which the answers and the audit trail have.
        connection.execute("PRAGMA synchronous = NORMAL")
        self._open.callback(connection.close)
        return SqliteSaver(connection)

    def _in_postgres(self) -> BaseCheckpointSaver[str]:
        try:
            from langgraph.checkpoint.postgres import PostgresSaver
            from psycopg.rows import dict_row
            from psycopg_pool import ConnectionPool
        except ImportError as error:
            said = f"Threads in PostgreSQL need langgraph-checkpoint-postgres: {error}."
            raise Unavailable(said, "Install `lakewright[postgres]`, or leave the setting `threads` out.") from error
        options: Any = {"autocommit": True, "prepare_threshold": 0, "row_factory": dict_row, "connect_timeout": 3}
        pool: Any = ConnectionPool(
            self._server, kwargs=options, min_size=1, max_size=CONNECTIONS, timeout=PATIENCE, open=False,
            check=ConnectionPool.check_connection,
        )  # fmt: skip
        with ExitStack() as failing:
            failing.callback(pool.close)
            pool.open(wait=True, timeout=PATIENCE)
            made = PostgresSaver(pool)
            made.setup()
            failing.pop_all()
        self._open.callback(pool.close)
        saver: BaseCheckpointSaver[str] = made
        return saver
