"""The streams of a home for all who watch them: looked at once every moment, however many ask."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from data.sources.delta import latest_version
from data.streams.deadletters import FOLDER
from data.streams.declaration import FILE, Streams, load_streams
from data.streams.edges import Edge, edges
from data.streams.letters import outstanding
from data.streams.status import Landed, Status, folder

if TYPE_CHECKING:
    from data.catalog import Catalog

BACK = timedelta(minutes=5)
"""How far back the rates and lags go."""
OFTEN = timedelta(seconds=1)
"""The broker and the tables are not asked more often than this."""
UNKNOWN = Edge(reason="The broker has not answered yet.")

Sample = tuple[datetime, int]


@dataclass(frozen=True)
class View:
    """All streams at one time, in the order of their declaration, with the lags that were seen before."""

    at: datetime
    streams: Sequence[Status] = ()
    lags: Mapping[str, Sequence[Sample]] = field(default_factory=dict)


class Monitor:
    """Safe for several threads. Nobody waits for the broker: it is asked aside."""

    def __init__(self, home: Path, catalog: Callable[[], Catalog]) -> None:
        self._home, self._catalog = home, catalog
        self._lock, self._answered = threading.Lock(), threading.Event()
        self._written: object = None
        self._declared: Streams | None = None
        self._tables: Sequence[Landed] = ()
        self._edges: Mapping[str, Edge] = {}
        self._asked = datetime.min.replace(tzinfo=UTC)
        self._asking: threading.Thread | None = None
        self._lags: dict[str, deque[Sample]] = {}
        self._dead: tuple[int | None, Mapping[str, int]] = None, {}
        self._view = View(datetime.min.replace(tzinfo=UTC))

    def view(self, *, patience: float = 0.0) -> View:
        """The streams as they were a moment ago; the very first look waits so many seconds for the broker.

        Invalid, with the line, for a wrong streams.yaml.
        """
        with self._lock:
            self._read()
            self._ask()
        self._answered.wait(patience)
        with self._lock:
            if datetime.now(UTC) - self._view.at > OFTEN:
                self._view = self._look()
            return self._view

    def close(self) -> None:
        """Wait for what the broker is being asked."""
        if self._asking is not None:
            self._asking.join()

    def _read(self) -> None:
        """Take in the declaration when it has been written anew."""
        path, catalog = self._home / FILE, self._catalog()
        written = (path.stat().st_mtime_ns if path.exists() else None, id(catalog))
        if written == self._written:
            return
        self._declared = load_streams(path, catalog) if path.exists() else None
        streams = self._declared.streams if self._declared else ()
        self._tables = [Landed(stream, folder(stream, catalog, self._home)) for stream in streams]
        self._lags = {stream.name: deque(maxlen=BACK // OFTEN) for stream in streams}
        self._written, self._view = written, View(datetime.min.replace(tzinfo=UTC))

    def _ask(self) -> None:
        busy = self._asking is not None and self._asking.is_alive()
        if self._declared is None or not self._declared.streams:
            self._answered.set()
        elif not busy and datetime.now(UTC) - self._asked > OFTEN:
            self._asking = threading.Thread(target=self._listen, args=(self._declared,), daemon=True)
            self._asking.start()

    def _listen(self, declared: Streams) -> None:
        found = edges(declared.broker, (stream.topic for stream in declared.streams))
        with self._lock:
            self._edges, self._asked = found, datetime.now(UTC)
        self._answered.set()

    def _look(self) -> View:
        now, dead = datetime.now(UTC), self._outstanding()
        found = [
            each.look(self._edges.get(each.stream.topic, UNKNOWN), dead.get(each.stream.name, 0), now, BACK)
            for each in self._tables
        ]
        for status in found:
            if status.lag is not None:
                self._lags[status.name].append((now, status.lag))
        seen = {name: [s for s in lags if now - s[0] <= BACK] for name, lags in self._lags.items()}
        return View(now, found, seen)

    def _outstanding(self) -> Mapping[str, int]:
        """Counted again only when the dead letters have changed."""
        version = latest_version(self._home / FOLDER / "_delta_log")
        if version != self._dead[0]:
            self._dead = version, outstanding(self._home)
        return self._dead[1]
