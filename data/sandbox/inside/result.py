"""What a program binds to `result`, as an Arrow table of plain types."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import pyarrow as pa


def arrow(value: Any, limits: Mapping[str, Any]) -> tuple[bytes, bool]:
    """The table as an IPC stream, and whether rows were left out. TypeError for what is no table."""
    import pyarrow as pa

    found = _table(value, limits["result_rows"])
    truncated = found.num_rows > limits["result_rows"]
    table = plain(found.slice(0, limits["result_rows"]))
    if table.nbytes > limits["result_bytes"]:
        raise ValueError(f"The result has {table.nbytes} bytes, {limits['result_bytes']} are the most.")
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table.combine_chunks())
    return sink.getvalue().to_pybytes(), truncated


def plain(table: pa.Table) -> pa.Table:
    """Without dictionaries, views and metadata: what the other side takes."""
    import pyarrow as pa

    columns: dict[str, Any] = {}
    for index, field in enumerate(table.schema):
        columns[_fresh(field.name, columns)] = table.column(index).cast(_plain(field.type))
    return pa.table(columns) if columns else pa.table({"result": pa.nulls(0, pa.string())})


def _fresh(name: str, taken: Mapping[str, Any]) -> str:
    while name in taken:
        name += "_"
    return name


def _plain(kind: pa.DataType) -> pa.DataType:
    import pyarrow as pa

    kinds = pa.types
    if kinds.is_dictionary(kind):
        return _plain(kind.value_type)
    if kinds.is_null(kind) or kinds.is_string_view(kind):
        return pa.string()
    if kinds.is_binary_view(kind):
        return pa.binary()
    if kinds.is_list(kind) or kinds.is_large_list(kind):
        return pa.list_(_plain(kind.value_type))
    if kinds.is_struct(kind):
        return pa.struct([(field.name, _plain(field.type)) for field in kind])
    return kind


def _table(value: Any, rows: int) -> pa.Table:
    import pyarrow as pa

    if isinstance(value, pa.Table):
        return value
    if isinstance(value, pa.RecordBatchReader):
        return _read(value, rows)
    if isinstance(value, pa.RecordBatch):
        return pa.Table.from_batches([value])
    kind = f"{type(value).__module__}.{type(value).__name__}"
    convert = next((found for start, found in FRAMES.items() if kind.startswith(start)), None)
    if convert is not None:
        return convert(value, rows)
    if hasattr(value, "__arrow_c_stream__"):
        return _read(pa.RecordBatchReader.from_stream(value), rows)
    return _of_python(value)


def _pandas(value: Any, rows: int) -> pa.Table:
    import pandas
    import pyarrow as pa

    frame = value.to_frame() if isinstance(value, pandas.Series) else value
    if not isinstance(frame, pandas.DataFrame):
        return _of_python(frame.tolist() if hasattr(frame, "tolist") else frame)
    if _tells(frame.index) and not set(frame.index.names) & set(frame.columns):
        frame = frame.reset_index()
    frame = frame.set_axis([_label(name) for name in frame.columns], axis=1)
    return pa.Table.from_pandas(frame.head(rows + 1), preserve_index=False)


def _tells(index: Any) -> bool:
    """Whether an index says more than where the rows stood."""
    return any(name is not None for name in index.names) or index.dtype.kind not in "iu"


def _label(name: Any) -> str:
    return "_".join(str(part) for part in name if part != "") if isinstance(name, tuple) else str(name)


def _polars(value: Any, rows: int) -> pa.Table:
    import polars

    frame = value.collect() if isinstance(value, polars.LazyFrame) else value
    frame = frame.to_frame() if isinstance(frame, polars.Series) else frame
    return frame.head(rows + 1).to_arrow()


def _spark(value: Any, rows: int) -> pa.Table:
    if not hasattr(value, "limit"):
        return _of_python(value.asDict() if hasattr(value, "asDict") else value)
    return value.limit(rows + 1).toArrow()


def _numpy(value: Any, rows: int) -> pa.Table:
    return _of_python(value.tolist()[: rows + 1] if getattr(value, "ndim", 0) else value.item())


def _duckdb(value: Any, rows: int) -> pa.Table:
    return value.limit(rows + 1).to_arrow_table()


def _read(reader: pa.RecordBatchReader, rows: int) -> pa.Table:
    """So many rows of what may have no end."""
    import pyarrow as pa

    batches: list[Any] = []
    for batch in reader:
        batches.append(batch)
        if sum(one.num_rows for one in batches) > rows:
            break
    return pa.Table.from_batches(batches, reader.schema)


FRAMES = {"pandas.": _pandas, "polars.": _polars, "pyspark.": _spark, "numpy.": _numpy, "_duckdb.": _duckdb}
"""How frames of each library become a table, by the module of their type."""


def _of_python(value: Any) -> pa.Table:
    """Of a mapping of columns or of one row, of rows, of values, or of one value."""
    import pyarrow as pa

    if isinstance(value, pa.Array | pa.ChunkedArray):
        return pa.table({"result": value})
    try:
        return _of_values(value.as_py() if isinstance(value, pa.Scalar) else value)
    except (pa.ArrowInvalid, pa.ArrowTypeError, pa.ArrowNotImplementedError) as error:
        kind = type(value).__name__
        raise TypeError(f"`result` is a {kind} that is no table ({error}). Bind a frame, a dict or a value.") from None


def _of_values(value: Any) -> pa.Table:
    import pyarrow as pa

    if isinstance(value, Mapping):
        lengths = {len(column) if isinstance(column, list | tuple) else -1 for column in value.values()}
        if len(lengths) == 1 and lengths != {-1}:
            return pa.table({str(name): list(column) for name, column in value.items()})
        return _rows([value])
    if isinstance(value, list | tuple | set | frozenset):
        rows = [row.asDict() if hasattr(row, "asDict") else row for row in value]
        if rows and all(isinstance(row, Mapping) for row in rows):
            return _rows(rows)
        return pa.table({"result": [_cell(entry) for entry in rows]})
    return pa.table({"result": [_cell(value)]})


def _rows(rows: list[Any]) -> pa.Table:
    """Rows need not have the same keys; what one lacks is null."""
    import pyarrow as pa

    names = dict.fromkeys(name for row in rows for name in row)
    return pa.table({str(name): [_cell(row.get(name)) for row in rows] for name in names})


def _cell(value: Any) -> Any:
    """One value; of a library's own scalar the Python one."""
    return value.item() if type(value).__module__ == "numpy" and hasattr(value, "item") else value
