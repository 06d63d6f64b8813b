"""Keys that were deleted, and by which event: an older event that comes later must not bring them back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from data.sources.base import literal, quoted
from data.sources.delta import latest_version
from data.streams.batch import DELETED, OFFSET, ORDER

if TYPE_CHECKING:
    import pyarrow as pa

AT = "_deleted_at"
"""The column that says when a tombstone was written, in UTC."""

PLACE = "_place"
"""The number of a change in its batch, in SQL."""

SETTINGS = {"memory_limit": "256MB", "threads": "2"}


@dataclass(frozen=True)
class Tombstones:
    """A Delta table beside the target. A key may stand in it several times: its newest tombstone counts, so adding
    one again changes nothing."""

    path: Path
    key: tuple[str, ...]

    def add(self, changes: pa.Table) -> None:
        """A tombstone for each of the changes that deletes its key."""
        import pyarrow as pa
        from deltalake import write_deltalake

        dead = changes.filter(changes[DELETED]).select([*self.key, ORDER, OFFSET])
        if dead.num_rows:
            now = pa.array([datetime.now(UTC)] * dead.num_rows, pa.timestamp("us", "UTC"))
            self.path.mkdir(parents=True, exist_ok=True)
            write_deltalake(str(self.path), dead.append_column(AT, now), mode="append")

    def outlived(self, changes: pa.Table) -> pa.Table:
        """Of the changes (at most one a key) those that no tombstone is later than."""
        files = self._files()
        if not files or not changes.num_rows:
            return changes
        places = ", ".join(literal(file) for file in files)
        keys = ", ".join(quoted(name) for name in self.key)
        known = f"SELECT {keys}, {ORDER}, {OFFSET}, true AS {DELETED} FROM read_parquet([{places}])"
        sql = f"""
            WITH known AS ({known} SEMI JOIN changes USING ({keys}) {newest(self.key)})
            SELECT {PLACE} FROM changes LEFT JOIN known USING ({keys})
            WHERE known.{OFFSET} IS NULL OR ({later("known", "changes")}) IS NOT TRUE"""
        return pick(changes, self.key, sql)

    def expire(self, before: datetime) -> int:
        """Forget the tombstones written before a time; returns how many. An older event of such a key would be
        taken for a new one: keep them for longer than events can be late."""
        from deltalake import DeltaTable

        if latest_version(self.path / "_delta_log") is None:
            return 0
        stamp = before.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        metrics = DeltaTable(str(self.path)).delete(f"{AT} < '{stamp}'")
        return int(metrics["num_deleted_rows"] or 0)

    def _files(self) -> Sequence[str]:
        import pyarrow as pa
        from deltalake import DeltaTable

        if latest_version(self.path / "_delta_log") is None:
            return ()
        actions = pa.table(DeltaTable(str(self.path)).get_add_actions(flatten=True))
        return [str(self.path / name) for name in actions["path"].to_pylist()]


def later(one: str, other: str) -> str:
    """SQL (DuckDB's and DataFusion's) for: `one` is the later event of the two. No order is before any order, and of
    the two at one place the deletion is later, so that two partitions which hold one key have one outcome."""
    orders, offsets = (f"{one}.{ORDER}", f"{other}.{ORDER}"), (f"{one}.{OFFSET}", f"{other}.{OFFSET}")
    tie = f"{offsets[0]} = {offsets[1]} AND {one}.{DELETED} AND NOT {other}.{DELETED}"
    return (
        f"{orders[0]} > {orders[1]} OR ({orders[0]} IS NOT NULL AND {orders[1]} IS NULL) OR "
        f"(({orders[0]} IS NOT DISTINCT FROM {orders[1]}) AND ({offsets[0]} > {offsets[1]} OR ({tie})))"
    )


def newest(key: Sequence[str]) -> str:
    """SQL that leaves the last event of each key, by the order of `later`."""
    keys = ", ".join(quoted(name) for name in key)
    order = f"{ORDER} DESC NULLS LAST, {OFFSET} DESC, {DELETED} DESC"
    return f"QUALIFY row_number() OVER (PARTITION BY {keys} ORDER BY {order}) = 1"


def pick(changes: pa.Table, key: Sequence[str], sql: str) -> pa.Table:
    """The changes whose `_place` the query gives, in their order. It sees key and technical columns as `changes`."""
    import duckdb
    import pyarrow as pa

    place = pa.array(range(changes.num_rows), pa.int64())
    seen = changes.select([*key, ORDER, OFFSET, DELETED]).append_column(PLACE, place)
    with duckdb.connect(config=SETTINGS) as connection:
        connection.register("changes", seen)
        places = connection.execute(f"SELECT {PLACE} FROM ({sql}) ORDER BY {PLACE}").to_arrow_table()
    return changes.take(places[PLACE])
