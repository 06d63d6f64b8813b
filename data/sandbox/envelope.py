"""Opens an Arrow stream that nobody is to be trusted with: sizes, kinds and types are looked at before values are.

A message of Arrow is a table of FlatBuffers (https://arrow.apache.org/docs/format/Columnar.html). Compression is
refused, since a few bytes could stand for gigabytes; so are types in which many rows share the same bytes.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any

from data.sandbox.frames import Garbled

if TYPE_CHECKING:
    import pyarrow as pa

HEADER, COMPRESSION = 2, 3
"""Which field of a message is its header, and which one of a record batch tells how it is compressed."""
MOST_COLUMNS = 2_000
DEEPEST = 8
REFUSED = (ValueError, LookupError, ArithmeticError, OSError, MemoryError, RecursionError, NotImplementedError)
"""What reading a spoiled stream may raise beside Arrow's own errors."""


def opened(body: bytes, rows: int) -> pa.Table:
    """The table. Garbled for what is not whole, plain, uncompressed and small enough."""
    import pyarrow as pa

    try:
        _messages(body)
        reader = pa.ipc.open_stream(body)
        _schema(reader.schema)
        table = _batches(reader, rows)
        table.validate(full=True)
        _readable(table)
    except (pa.ArrowException, struct.error, StopIteration, *REFUSED) as error:
        raise error if isinstance(error, Garbled) else Garbled("The result is no Arrow table.") from None
    return table


def _batches(reader: Any, rows: int) -> pa.Table:
    import pyarrow as pa

    batches, count = [], 0
    for batch in reader:
        count += batch.num_rows
        if count > rows:
            raise Garbled(f"The result has more than {rows} rows.")
        batches.append(batch)
    table = pa.Table.from_batches(batches, reader.schema)
    # What a program says of its columns is no part of their values, and libraries act on it.
    return table.cast(pa.schema([field.remove_metadata() for field in reader.schema]))


def _messages(body: bytes) -> None:
    """One schema and record batches, none of them compressed; dictionaries are none."""
    import pyarrow as pa

    reader = pa.lib.MessageReader.open_stream(pa.py_buffer(body))
    first = reader.read_next_message()
    if first.type != "schema":
        raise Garbled("The result has no schema.")
    while True:
        try:
            message = reader.read_next_message()
        except StopIteration:
            return
        if message.type != "record batch" or _compressed(message.metadata.to_pybytes()):
            raise Garbled(f"The result holds a {message.type} that is not taken.")


def _compressed(metadata: bytes) -> bool:
    """Whether a message is a compressed record batch. Raises struct.error where an offset leads nowhere."""
    (root,) = struct.unpack_from("<I", metadata)
    header = _field(metadata, root, HEADER)
    if header is None:
        raise Garbled("A message has no header.")
    (offset,) = struct.unpack_from("<I", metadata, header)
    return _field(metadata, header + offset, COMPRESSION) is not None


def _field(metadata: bytes, table: int, index: int) -> int | None:
    """Where a field of a table is; None where it is left out."""
    (back,) = struct.unpack_from("<i", metadata, table)
    fields = table - back
    if fields < 0:
        raise Garbled("A message points outside of itself.")
    (size,) = struct.unpack_from("<H", metadata, fields)
    place = 4 + 2 * index
    if place + 2 > size:
        return None
    (offset,) = struct.unpack_from("<H", metadata, fields + place)
    return table + offset if offset else None


def _schema(schema: pa.Schema) -> None:
    if len(schema) > MOST_COLUMNS:
        raise Garbled(f"The result has {len(schema)} columns; {MOST_COLUMNS} are the most.")
    for field in schema:
        _type(field.type, DEEPEST)


def _readable(table: pa.Table) -> None:
    """Every name and value can be turned into one of Python: there are dates beyond its calendar."""
    from pyarrow import types

    if len(set(table.column_names)) < table.num_columns or len(str(table.schema)) < table.num_columns:
        raise Garbled("The result has two columns of one name.")
    for column in table.columns:
        if not (types.is_integer(column.type) or types.is_floating(column.type)):
            column.to_pylist()


def _type(kind: pa.DataType, depth: int) -> None:
    from pyarrow import types

    inner = types.is_struct(kind) or types.is_list(kind) or types.is_large_list(kind)
    if inner and depth:
        for index in range(kind.num_fields):
            _type(kind.field(index).type, depth - 1)
        return
    flat = types.is_primitive(kind) or types.is_decimal(kind) or types.is_boolean(kind)
    text = types.is_string(kind) or types.is_large_string(kind) or types.is_binary(kind) or types.is_large_binary(kind)
    if types.is_timestamp(kind) and kind.tz is not None:
        _zone(kind)
    if inner or not (flat or text or types.is_temporal(kind)):
        raise Garbled(f"The result has a column of {str(kind)[:60]}, which is not taken.")


def _zone(kind: Any) -> None:
    """A time zone is looked up by its name, which may be any text."""
    import pyarrow as pa

    try:
        pa.lib.string_to_tzinfo(kind.tz)
    except (pa.ArrowException, *REFUSED):
        raise Garbled("The result has a column of times in a zone that there is not.") from None
