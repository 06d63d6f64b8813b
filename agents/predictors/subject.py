"""The subjects that callers name: rows with all that a model needs beside features."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from agents.predictors.artifact import Spec
from agents.predictors.gather import Gather
from data.errors import Invalid, TooExpensive
from data.features.plan import Plan
from data.features.results import microseconds, moment
from data.gateway import SourceUse
from data.policy import Principal
from data.sources.base import quoted
from data.values import plain, whole

if TYPE_CHECKING:
    import pyarrow as pa

    from data.gateway import Gateway

Keys = Mapping[str, Any]


@dataclass(frozen=True)
class Found:
    """A subject's row by column, and the tables that it was read from."""

    row: Mapping[str, Any]
    tables: tuple[SourceUse, ...] = ()


class Subjects:
    """The subjects of one model, as one caller sees them. Callers at the same time share a query."""

    def __init__(
        self, gateway: Gateway, principal: Principal, spec: Spec, plans: Sequence[Plan], schema: pa.Schema
    ) -> None:
        """`plans` are those of the features, `schema` the subject's columns."""
        self.spec, self.schema = spec, schema
        self._gateway, self._principal = gateway, principal
        own = (column.name for column in spec.columns if not column.feature and column.name != spec.choice)
        entities = (key.name for plan in plans for key in plan.keys)
        self.needed = tuple(dict.fromkeys((*own, *entities)))
        self._gather: Gather[tuple[Keys, datetime | None], Found | None] = Gather(self._looked_up)

    def complete(self, keys: Sequence[Keys], at: datetime | None) -> list[Found | None]:
        """The row of each; None where the caller sees no such subject. What is given whole is taken as it is. Of
        several rows the newest counts that is not after `at`. Invalid for what can't be read."""
        asked = [self._typed(one) for one in keys]
        missing = [i for i, one in enumerate(asked) if not self._whole(one)]
        found: list[Found | None] = [Found(one) for one in asked]
        for i in missing:
            self._require_key(asked[i])
        for i, one in zip(missing, self._gather.ask([(asked[i], at) for i in missing]) if missing else (), strict=True):
            found[i] = one
        return found

    def _whole(self, keys: Keys) -> bool:
        return all(name in keys for name in self.needed)

    def _require_key(self, keys: Keys) -> None:
        names = self.spec.key
        if set(keys) == set(names) and None not in keys.values():
            return
        given = ", ".join(f"'{name}'" for name in keys) or "nothing"
        key = ", ".join(f"'{name}'" for name in names)
        rest = ", ".join(f"'{name}'" for name in (*self.needed, self.spec.time))
        said = f"'{self.spec.name}' wants the key {key}, and {given} was given."
        raise Invalid(said, f"Give the key alone, or everything that is read: {rest}.")

    def _typed(self, keys: Keys) -> dict[str, Any]:
        known = set(self.schema.names)
        if unknown := [name for name in keys if name not in known]:
            names = ", ".join(f"'{name}'" for name in self.schema.names)
            raise Invalid(f"'{self.spec.name}' has no column '{unknown[0]}'.", f"It has {names}.")
        return {name: typed(name, value, self.schema.field(name).type) for name, value in keys.items()}

    def _looked_up(self, asked: Sequence[tuple[Keys, datetime | None]]) -> list[Found | None]:
        key = self.spec.key
        params: dict[str, object] = {}
        conditions = []
        for i, (keys, _) in enumerate(asked):
            params |= {f"k{i}_{place}": keys[name] for place, name in enumerate(key)}
            conditions.append([f"$k{i}_{place}" for place in range(len(key))])
        sql = f"SELECT * FROM ({self.spec.subject}) AS subject WHERE {_among(key, conditions)}"
        result = self._gateway.query(self._principal, sql, params=params)
        if result.truncated:
            raise TooExpensive("These are more rows than one query may give.", "Ask for fewer subjects at once.")
        rows: dict[str, list[dict[str, Any]]] = {}
        for row in result.table.to_pylist():
            rows.setdefault(name_of(row, key), []).append(row)
        return [self._newest(rows.get(name_of(keys, key), []), at, result.sources) for keys, at in asked]

    def _newest(
        self, rows: Sequence[Mapping[str, Any]], at: datetime | None, tables: tuple[SourceUse, ...]
    ) -> Found | None:
        if at is not None and len(rows) > 1:
            rows = [row for row in rows if (told := naive(row[self.spec.time])) is None or told <= at]
        best = max(rows, key=lambda row: naive(row[self.spec.time]) or datetime.min, default=None)
        return None if best is None else Found(best, tables)


def _among(key: Sequence[str], values: Sequence[Sequence[str]]) -> str:
    """The condition that the key is one of some."""
    if len(key) == 1:
        return f"{quoted(key[0])} IN ({', '.join(one for [one] in values)})"
    each = (" AND ".join(f"{quoted(n)} = {v}" for n, v in zip(key, one, strict=True)) for one in values)
    return " OR ".join(f"({one})" for one in each)


def name_of(keys: Keys, names: Sequence[str]) -> str:
    """The key of a row as text: equal for equal keys, however they came."""
    return json.dumps({name: plain(keys[name]) for name in names if name in keys}, ensure_ascii=False)


def naive(value: Any) -> datetime | None:
    """A moment or a day in UTC, without a zone."""
    if isinstance(value, datetime):
        return moment(microseconds(value))
    return datetime(value.year, value.month, value.day) if isinstance(value, date) else None


def typed(name: str, value: Any, kind: pa.DataType) -> Any:
    """A value out of JSON as a column's type has it; Invalid quotes what does not fit."""
    import pyarrow as pa

    try:
        found = _read(value, kind)
        pa.scalar(found, kind)  # too large a number, for one
    except (ValueError, TypeError, InvalidOperation, OverflowError):  # Arrow's errors are among these
        said = f"'{name}' is {kind}, not {value!r}."
        raise Invalid(said, "Give values in the types of the subject's columns.") from None
    return found


def from_text(name: str, text: str, kind: pa.DataType) -> Any:
    """The same out of words."""
    import pyarrow.types as at

    if at.is_integer(kind):
        return typed(name, text if (number := whole(text)) is None else number, kind)
    return typed(name, text, kind)


def _read(value: Any, kind: pa.DataType) -> Any:
    import pyarrow.types as at

    if value is None:
        return None
    if at.is_timestamp(kind) or at.is_date(kind):
        return naive(value if isinstance(value, date) else datetime.fromisoformat(value))
    if at.is_decimal(kind) and not isinstance(value, bool):
        return Decimal(str(value)).quantize(Decimal(1).scaleb(-kind.scale))
    if at.is_integer(kind) and isinstance(value, float) and value.is_integer():
        return int(value)
    wanted = _python(kind)
    if isinstance(value, wanted) and (wanted is bool or not isinstance(value, bool)):
        return value
    raise TypeError


def _python(kind: pa.DataType) -> type | tuple[type, ...]:
    import pyarrow.types as at

    if at.is_boolean(kind):
        return bool
    if at.is_integer(kind):
        return int
    return (int, float) if at.is_floating(kind) else str
