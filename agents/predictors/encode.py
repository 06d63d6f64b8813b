"""Rows of columns as the matrix that the trees read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from agents.predictors.artifact import Column
from data.errors import Invalid

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

    Matrix = NDArray[np.float64]


def encode(columns: Sequence[Column], rows: pa.Table) -> Matrix:
    """One column of float64 each: numbers, of which infinite ones and NaN count as missing; categories as their place,
    one past the last for a new one; missing values as NaN. Invalid for a column that is not there or no number."""
    import numpy as np

    known = set(rows.column_names)
    if missing := [c.name for c in columns if c.name not in known]:
        raise Invalid(f"The rows have no column '{missing[0]}', which the model reads.", "Add it; it may be null.")
    matrix = np.empty((rows.num_rows, len(columns)), order="F")
    for place, column in enumerate(columns):
        read = _numbers if column.kind == "number" else _codes
        matrix[:, place] = read(column, rows.column(column.name))
    return matrix


def _numbers(column: Column, values: pa.ChunkedArray) -> Matrix:
    import numpy as np
    import pyarrow as pa

    if pa.types.is_boolean(values.type):
        values = values.cast(pa.int8())
    try:
        found: Matrix = values.cast(pa.float64()).to_numpy().astype(np.float64)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        raise Invalid(f"'{column.name}' is no number: it is {values.type}.", "Give a number or null.") from None
    return np.where(np.isfinite(found), found, np.nan)


def _codes(column: Column, values: pa.ChunkedArray) -> Matrix:
    import numpy as np
    import pyarrow as pa
    import pyarrow.compute as pc

    texts = values.cast(pa.string())
    codes = pc.index_in(texts, value_set=pa.array(column.categories, pa.string()))
    codes = pc.if_else(pc.is_valid(texts), pc.fill_null(codes, len(column.categories)), None)
    found: Matrix = codes.cast(pa.float64()).to_numpy().astype(np.float64)
    return found
