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

    types = {"BIGINT": pa.int64(), "DOUBLE": pa.float64(), "VARCHAR": pa.string(), "TIMESTAMP": pa.int64()}
    missing = ~np.asarray(valid, dtype=bool)
    made = pa.array(np.asarray(data, dtype=object if output.type == "VARCHAR" else None), mask=missing)
    made = made.cast(types[output.type])
    return made.cast(pa.timestamp("us")) if output.type == "TIMESTAMP" else made


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
