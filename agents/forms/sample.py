"""Some values of tables, as the caller sees them: they tell what kind of thing a column holds."""

from __future__ import annotations

import re
import time
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from threading import Lock
from typing import TYPE_CHECKING, Any

from agents.forms.subject import relation
from data.catalog import Table
from data.errors import DataError
from data.sources.base import quoted

if TYPE_CHECKING:
    from data.gateway import Gateway
    from data.policy import Principal

ROWS = 1_000
FEW = 40
"""Different texts in the sample of a column that holds one of a few."""
SECONDS, CALLERS = 120.0, 32
"""How long samples are kept, and of how many callers."""
SHAPES: Mapping[str, re.Pattern[str]] = {
    "email": re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+"),
    "phone": re.compile(r"\+?[\d\s()./-]{6,24}"),
    "uri": re.compile(r"[a-z][a-z0-9+.-]*://\S+", re.I),
    "ipv4": re.compile(r"\d{1,3}(?:\.\d{1,3}){3}"),
    "uuid": re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.I),
    "date": re.compile(r"\d{4}-\d\d-\d\d"),
    "date-time": re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d.*"),
}
"""What texts of a format look like."""
FORMATS = {"idn-email": "email", "tel": "phone", "telephone": "phone", "url": "uri", "uri-reference": "uri"}
"""Other names of these formats."""


class Samples:
    """The first rows of each table that was asked for; nothing for one that can't be read."""

    def __init__(self, gateway: Gateway, principal: Principal) -> None:
        self._gateway, self._principal = gateway, principal
        self._read: dict[str, Mapping[str, Sequence[Any]]] = {}

    def of(self, table: Table, column: str) -> Sequence[Any]:
        """Different values of a stored column, without nulls; none of one that is masked."""
        if table.full_name not in self._read:
            self._read[table.full_name] = self._rows(table)
        return self._read[table.full_name].get(column.lower(), ())

    def choices(self, table: Table, column: str) -> Sequence[str]:
        """The texts of a column that holds one of a few."""
        found = [value for value in self.of(table, column) if isinstance(value, str)]
        return found if len(found) <= FEW else ()

    def _rows(self, table: Table) -> Mapping[str, Sequence[Any]]:
        masked = self._gateway.policy.masks(self._principal, table)
        names = [column.name for column in table.columns if column.name not in masked]
        if not names:
            return {}
        sql = f"SELECT {', '.join(map(quoted, names))} FROM {relation(table)}"
        try:
            rows = self._gateway.query(self._principal, sql, limit=ROWS, question="form sample").table
        except DataError:
            return {}
        columns = (rows.column(at).drop_null().unique().to_pylist() for at in range(len(names)))
        return {name.lower(): values for name, values in zip(names, columns, strict=True)}


class Shelf:
    """Samples by who sees them, kept for a while: planning one form after another reads no table twice."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[str, str], tuple[float, Samples]] = OrderedDict()
        self._lock = Lock()

    def of(self, gateway: Gateway, principal: Principal) -> Samples:
        """The samples of what a principal sees now, or saw in the last minutes."""
        key, now = (principal.name, gateway.policy.fingerprint(principal)), time.monotonic()
        with self._lock:
            found = self._kept.get(key)
            if found is None or now - found[0] > SECONDS:
                self._kept[key] = found = (now, Samples(gateway, principal))
            self._kept.move_to_end(key)
            if len(self._kept) > CALLERS:
                self._kept.popitem(last=False)
            return found[1]


def shape_of(format: str) -> re.Pattern[str] | None:
    """What texts of a format look like, where that is known."""
    return SHAPES.get(FORMATS.get(format, format))


def fitting(values: Sequence[Any], format: str) -> float:
    """The share of texts that look like a format; 1 where nothing is known of either."""
    pattern = shape_of(format)
    if pattern is None or not values:
        return 1.0
    return sum(bool(pattern.fullmatch(str(value).strip())) for value in values) / len(values)
