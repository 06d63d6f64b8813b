"""How a stream is doing: what is still to come, how fast it lands, how fresh its table is, and what could not land."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from data.errors import Unavailable
from data.sources import open_source
from data.sources.delta import DeltaSource, latest_version
from data.streams.commits import Commit, Commits
from data.streams.edges import Edge
from data.streams.stream import Stream

if TYPE_CHECKING:
    from data.catalog import Catalog

MINUTE = timedelta(minutes=1)


@dataclass(frozen=True)
class Partition:
    """One partition: the offset that lands next (None before the first has), the one after the last event, and how
    many events are between them."""

    partition: int
    next: int | None
    end: int
    lag: int


@dataclass(frozen=True)
class Status:
    """One stream now. `lag` is None where the broker does not tell it, and `reason` says why."""

    name: str
    topic: str
    target: str
    mode: str
    lag: int | None = None
    reason: str = ""
    partitions: tuple[Partition, ...] = ()
    events_per_second: float = 0.0
    """Over the last minute."""
    last_commit: datetime | None = None
    freshness: datetime | None = None
    """The time of the newest event that landed."""
    watermark: datetime | None = None
    """The table is whole up to here."""
    dead_letters: int = 0
    files: int = 0
    version: int | None = None
    commits: tuple[Commit, ...] = field(default=(), repr=False)
    """Those of late, newest first."""

    def as_json(self) -> dict[str, Any]:
        """The document for programs; times are in ISO 8601."""
        facts = asdict(self)
        del facts["commits"]
        return {name: value.isoformat() if isinstance(value, datetime) else value for name, value in facts.items()}


class Landed:
    """The table of one stream, looked at again and again. Not for several threads."""

    def __init__(self, stream: Stream, folder: Path) -> None:
        self.stream, self._folder = stream, folder
        self._table: Any = None
        self._commits = Commits(folder / "_delta_log")

    def look(self, edge: Edge, dead: int, now: datetime, back: timedelta = MINUTE) -> Status:
        """The stream now, with its commits of the last `back`. A table that can't be read is a reason, no error."""
        stream = self.stream
        try:
            table = self._newest()
        except Unavailable as error:
            return Status(stream.name, stream.topic, stream.target, stream.mode, None, error.message, dead_letters=dead)
        version = None if table is None else int(table.version())
        commits = () if version is None else tuple(self._commits.since(version, now - back))
        partitions = self._partitions(edge)
        freshest = max((c for c in commits if c.newest), key=lambda c: c.newest or now, default=None)
        return Status(
            stream.name, stream.topic, stream.target, stream.mode,
            lag=None if edge.reason else sum(each.lag for each in partitions),
            reason=edge.reason,
            partitions=partitions,
            events_per_second=rate(commits, now),
            last_commit=commits[0].at if commits else None,
            freshness=None if freshest is None else freshest.newest,
            watermark=None if freshest is None else freshest.watermark,
            dead_letters=dead,
            files=0 if table is None else len(table.file_uris()),
            version=version,
            commits=commits,
        )  # fmt: skip

    def _newest(self) -> Any:
        """delta-rs's table at its newest version; None before it is made. A table made anew is opened anew."""
        from deltalake import DeltaTable
        from deltalake.exceptions import DeltaError

        try:
            if self._table is None and latest_version(self._folder / "_delta_log") is not None:
                self._table = DeltaTable(self._folder)
            elif self._table is not None:
                self._table.update_incremental()
        except (DeltaError, OSError) as error:
            self._table = None
            raise Unavailable(f"The table '{self.stream.target}' can't be read: {error}.") from error
        return self._table

    def _partitions(self, edge: Edge) -> tuple[Partition, ...]:
        return tuple(self._partition(number, edge) for number in sorted(edge.ends))

    def _partition(self, number: int, edge: Edge) -> Partition:
        name = self.stream.application(number, edge.id)
        at = None if self._table is None else self._table.transaction_version(name)
        end = edge.ends[number]
        return Partition(number, at, end, max(0, end - max(at or 0, edge.firsts.get(number, 0))))


def rate(commits: Sequence[Commit], now: datetime, over: timedelta = MINUTE) -> float:
    """Events a second that landed in the time before `now`."""
    landed = sum(c.events or 0 for c in commits if now - over <= c.at)
    return round(landed / over.total_seconds(), 2)


def folder(stream: Stream, catalog: Catalog, home: Path) -> Path:
    """Where the Delta table of a stream's target is."""
    table = catalog.table(stream.target)
    source = open_source(catalog.source(table.source), home)
    assert isinstance(source, DeltaSource)  # a declaration with another kind is refused
    return source.folder(table)


def statuses(
    streams: Sequence[Stream], catalog: Catalog, home: Path, edges: Mapping[str, Edge], dead: Mapping[str, int]
) -> Sequence[Status]:
    """Every stream now. `dead` counts the outstanding dead letters of each by name."""
    now = datetime.now(UTC)
    tables = [Landed(stream, folder(stream, catalog, home)) for stream in streams]
    return [each.look(edges[each.stream.topic], dead.get(each.stream.name, 0), now) for each in tables]
