"""Values as Arrow and Python have them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np

from data.features.plan import Output

if TYPE_CHECKING:
    import pyarrow as pa

EPOCH = datetime(1970, 1, 1)
US = timedelta(microseconds=1)


def array(output: Output, data: Any, valid: Any) -> pa.Array:
    """A column of an output."""
    import pyarrow as pa

    there = np.asarray(valid, dtype=bool)
    if output.type == "VARCHAR":
        return pa.array(np.asarray(data, dtype=object), pa.string(), mask=~there)
    types = {"BIGINT": pa.int64(), "DOUBLE": pa.float64(), "TIMESTAMP": pa.timestamp("us")}
    numbers = np.ascontiguousarray(data, dtype=np.float64 if output.type == "DOUBLE" else np.int64)
    known = None if there.all() else pa.py_buffer(np.packbits(there, bitorder="little"))
    return pa.Array.from_buffers(types[output.type], len(numbers), [known, pa.py_buffer(numbers)])


def plain(output: Output, value: Any) -> Any:
    """A stored value as Python has it."""
    return moment(value) if output.type == "TIMESTAMP" and value is not None else value


def moment(at: int) -> datetime:
    """Microseconds as a moment in UTC, without a zone."""
    return EPOCH + timedelta(microseconds=at)


def now() -> datetime:
    """This moment in UTC, without a zone."""
    return datetime.now(UTC).replace(tzinfo=None)


def microseconds(at: datetime) -> int:
    """A moment as microseconds; one without a zone is in UTC."""
    naive = at if at.tzinfo is None else at.astimezone(UTC).replace(tzinfo=None)
    return (naive - EPOCH) // US
