"""The moments of a view's history whose values are needed, a piece of the entities at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from data.features.fetch import AT, ROW
from data.features.pieces import between
from data.features.plan import KNOWN, TIME, Plan, key_columns
from data.features.scan import Scan
from data.sources.base import literal

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

PIECE = 200_000
"""Events of a piece, as far as they are not of one value of the first key."""

ASKED = "asked"
"""The table that has the moments of a piece: the keys, `_at`, `_row` from 0 on, and how many events (`n`)."""


@dataclass(frozen=True)
class Since:
    """What has values already: all moments up to `until` (microseconds), before the events of some files came."""

    until: int
    added: Sequence[Path]


class Moments:
    """Moments up to `until` at which something became known of an entity; with `since`, those without right values."""

    def __init__(
        self, work: duckdb.DuckDBPyConnection, plan: Plan, files: Sequence[Path], until: int, since: Since | None
    ) -> None:
        self._work, self._plan, self._files, self._until, self._since = work, plan, files, until, since
        self._keys = key_columns(plan.keys)

    @property
    def schema(self) -> pa.Schema:
        """The keys and `_at`."""
        empty = f"SELECT {self._keys}, make_timestamp({KNOWN}) AS {AT} FROM {self._read(self._files)} LIMIT 0"
        return self._work.execute(empty).to_arrow_table().schema

    def pieces(self) -> Iterator[int]:
        """Fills the table `asked` again and again; gives its rows."""
        for where in self._cut():
            yield self._ask(where)

    def look(self) -> tuple[int, bool]:
        """How many moments there are in all, and whether some of them have values."""
        rows, known = 0, False
        for where in self._cut():
            rows += self._ask(where)
            known = known or self._known(where)
        return rows, known

    def _cut(self) -> Iterator[str]:
        if self._files:
            yield from between(Scan.of(self._files, self._plan).cuts(PIECE), self._plan)

    def _ask(self, where: str) -> int:
        moments = (
            f"SELECT {self._keys}, {KNOWN} AS {AT}, count(*) AS n FROM {self._read(self._files)} "
            f"WHERE {KNOWN} <= {self._until} AND {where} GROUP BY ALL"
        )
        place = f"row_number() OVER (ORDER BY {self._keys}, {AT}) - 1 AS {ROW}"
        asked = f"SELECT *, {place} FROM ({self._wrong(moments, where)})"
        self._work.execute(f"CREATE OR REPLACE TEMP TABLE {ASKED} AS {asked}")
        rows: int = self._work.execute(f"SELECT count(*) FROM {ASKED}").fetchall()[0][0]
        return rows

    def _wrong(self, moments: str, where: str) -> str:
        """Of some moments those that have no values, or values that later events have changed."""
        if self._since is None:
            return moments
        fresh = (
            f"SELECT {self._keys}, min({KNOWN}) AS first, max({TIME}) + {self._plan.horizon} AS last "
            f"FROM {self._read(self._since.added)} WHERE {where} GROUP BY {self._keys}"
        )
        return (
            f"SELECT moments.* FROM ({moments}) AS moments LEFT JOIN ({fresh}) AS fresh USING ({self._keys}) "
            f"WHERE {AT} > {self._since.until} OR ({AT} >= first AND {AT} < last)"
        )

    def _known(self, where: str) -> bool:
        """Whether a moment of `asked` was there before: not all of its events are new."""
        assert self._since is not None
        fresh = (
            f"SELECT {self._keys}, {KNOWN} AS {AT}, count(*) AS fresh FROM {self._read(self._since.added)} "
            f"WHERE {where} GROUP BY ALL"
        )
        sql = (
            f"SELECT 1 FROM {ASKED} LEFT JOIN ({fresh}) AS fresh USING ({self._keys}, {AT}) "
            f"WHERE {AT} <= {self._since.until} AND n > coalesce(fresh, 0) LIMIT 1"
        )
        return bool(self._work.execute(sql).fetchall())

    def _read(self, files: Sequence[Path]) -> str:
        if files:
            return f"read_parquet([{', '.join(literal(str(file)) for file in files)}])"
        columns = ", ".join(f'CAST(NULL AS {key.type}) AS "{key.name}"' for key in self._plan.keys)
        return f"(SELECT {columns}, 0::BIGINT AS {TIME}, 0::BIGINT AS {KNOWN} WHERE FALSE)"
