"""Keeping a table that is written in small commits quick to read: its files joined, and old ones removed."""

from __future__ import annotations

import json
import math
import re
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from data.sources.delta import latest_version
from data.streams.memory import spare

if TYPE_CHECKING:
    import pyarrow as pa
    from deltalake import DeltaTable

    from data.streams.stream import Upkeep

TARGETS = (8 * 1024 * 1024, 128 * 1024 * 1024)
"""Bytes of joined files. Small commits grow to the first size before they are written once more to the second:
joined with the large file at once, each of them would have all of it written again."""

ROWS = 65_536
"""Rows of a row group: the writer holds one in memory."""

LEAST = timedelta(hours=1)
"""How long old files stay whatever the policy says: queries and writers under way may need them."""

OFTEN = timedelta(days=1)
"""Tables are tended so often, if there is no need to do it earlier."""

COMMITS = 100
"""Commits after which the log gets a new checkpoint: that has all files removed lately, and may be large."""

TRIES = 3
"""Attempts to join files; another writer may replace them meanwhile."""

MARK = "_upkeep"
"""The file in the table's folder that was touched when it was last tended. Delta ignores such names."""

RETENTION = "delta.deletedFileRetentionDuration"


@dataclass(frozen=True)
class Tended:
    """What upkeep did: how many files it joined to larger ones, and how many old ones it removed."""

    joined: int
    removed: int


def configuration(upkeep: Upkeep) -> Mapping[str, str]:
    """The properties of a table that is kept so. Given when it is made, they spare its writers a conflict with the
    commit that sets them later."""
    kept = f"interval {_hours(upkeep)} hours"
    return {RETENTION: kept, "delta.logRetentionDuration": kept}


def due(path: Path, upkeep: Upkeep, table: DeltaTable | None = None) -> bool:
    """Whether the table has too many small files, or was written and not tended for long. Who has it open gives it."""
    from deltalake import DeltaTable

    if latest_version(path / "_delta_log") is None:
        return False
    return _overdue(path, upkeep) or _target(table or DeltaTable(str(path)), upkeep) is not None


def tend(path: Path, upkeep: Upkeep) -> Tended:
    """Join small files, remove those that no version younger than `upkeep.keep` has, and shorten the log.

    Writers may append and readers read meanwhile; a merge under way may fail, and has to be tried again. The rows and
    the transactions of applications stay as they are. Where `keep` is not what the table's properties say, these are
    changed once: an append at that very moment may then have to be tried again too.
    """
    from deltalake import DeltaTable

    table = DeltaTable(str(path))
    # Before the checkpoint, so that versions which were the newest a moment ago can still be opened.
    table.cleanup_metadata()
    joined = _join(path, upkeep)
    removed = _remove(path, upkeep)
    _checkpoint(path)
    (path / MARK).touch()
    return Tended(joined, removed)


def _overdue(path: Path, upkeep: Upkeep) -> bool:
    often = min(OFTEN, max(LEAST, upkeep.keep / 8))
    try:
        return time.time() - (path / MARK).stat().st_mtime > often.total_seconds()
    except FileNotFoundError:
        return (latest_version(path / "_delta_log") or 0) > upkeep.files


def _target(table: DeltaTable, upkeep: Upkeep) -> int | None:
    """The size to which files are to be joined; None where there aren't too many of any size."""
    import pyarrow as pa

    files = pa.table(table.get_add_actions(flatten=True))
    for least, target in pairwise((0, *TARGETS)):
        # What is more than half as large as the target can hardly be joined to it.
        if _several(files, least // 2, target // 2) > upkeep.files:
            return target
    return None


def _several(files: pa.Table, least: int, below: int) -> int:
    """How many files are of such a size (in bytes), where a partition has several of them."""
    import pyarrow.compute as pc

    sizes = files["size_bytes"]
    files = files.filter(pc.and_(pc.greater_equal(sizes, least), pc.less(sizes, below)))
    partitions = [name for name in files.column_names if name.startswith("partition.")]
    if not partitions:
        return files.num_rows if files.num_rows > 1 else 0
    counts = files.group_by(partitions).aggregate([([], "count_all")])["count_all"]
    return sum(count for count in counts.to_pylist() if count > 1)


def _join(path: Path, upkeep: Upkeep) -> int:
    """Join files if there are too many; returns how many were."""
    from deltalake import DeltaTable, WriterProperties
    from deltalake.exceptions import CommitFailedError

    for _ in range(TRIES):
        table = DeltaTable(str(path))
        target = _target(table, upkeep)
        if target is None:
            break
        spare()
        with suppress(CommitFailedError):
            zstd = WriterProperties(compression="ZSTD", compression_level=3, max_row_group_size=ROWS)
            done = table.optimize.compact(target_size=target, max_concurrent_tasks=1, writer_properties=zstd)
            return int(done["numFilesRemoved"])
    return 0


def _remove(path: Path, upkeep: Upkeep) -> int:
    """Remove the files that no version of late has, those of writers that were killed among them; returns how many."""
    from deltalake import DeltaTable
    from deltalake.exceptions import CommitFailedError

    table, hours = DeltaTable(str(path)), _hours(upkeep)
    with suppress(CommitFailedError):  # another writer was first each time: the next upkeep does it
        if _retained(table) != hours:
            # Files that the log does not know are removed too, so it has to know for long enough which ones it had.
            table.alter.set_table_properties(dict(configuration(upkeep)))
        return len(table.vacuum(hours, dry_run=False, full=True))
    return 0


def _checkpoint(path: Path) -> None:
    from deltalake import DeltaTable

    table = DeltaTable(str(path))
    try:
        last = int(json.loads((path / "_delta_log" / "_last_checkpoint").read_bytes())["version"])
    except (FileNotFoundError, KeyError, ValueError):
        last = 0
    if table.version() - last >= COMMITS:
        table.create_checkpoint()


def _hours(upkeep: Upkeep) -> int:
    return math.ceil(max(upkeep.keep, LEAST) / timedelta(hours=1))


def _retained(table: DeltaTable) -> int | None:
    """For how many hours the table's log knows the files that were removed; None if that is said otherwise."""
    said = table.metadata().configuration.get(RETENTION, "interval 168 hours")
    found = re.fullmatch(r"interval (\d+) (hour|day|week)s?", said)
    if found is None:
        return None
    return int(found[1]) * {"hour": 1, "day": 24, "week": 168}[found[2]]
