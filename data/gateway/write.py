"""Rows of a governed query into a Delta table: under a write grant, in one commit, once for each key."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from data.catalog import Table
from data.errors import Busy, Invalid, TooExpensive, Unavailable
from data.gateway.writing import Writing, require_grant, require_writable
from data.sources.delta import latest_version

if TYPE_CHECKING:
    import pyarrow as pa

    from data.gateway import Gateway
    from data.gateway.stream import Stream
    from data.policy import Principal

LARGEST = 1024**3
"""Bytes of the rows that are written at once."""


@dataclass(frozen=True)
class Written:
    """What was written; `again` where it had been before, and nothing was done."""

    table: str
    version: int
    rows: int
    again: bool


def write(gateway: Gateway, home: Path, principal: Principal, writing: Writing, key: str) -> Written:
    """Run the SELECT under the principal's rights and keep its rows. With the same `key` they are kept once, also
    after the process was killed: a commit says whose it is.

    Forbidden without a write grant, Invalid for rows that the table can't take, and whatever the gateway raises.
    """
    began = time.perf_counter()
    require_grant(writing, gateway.policy, principal)
    folder = _folder(gateway, home, writing)
    if _done(folder, key) is not None:
        # It was killed between the commit and the catalogue, or is asked for once more.
        written = _again(folder, writing, key)
    else:
        require_writable(writing, gateway.policy, principal, gateway.visible(principal))
        written = _commit(gateway, folder, principal, writing, key)
    if writing.mode == "create":
        _declare(home, gateway, writing, folder)
    if not written.again:
        _record(gateway, principal, writing, written, time.perf_counter() - began)
    return written


def _folder(gateway: Gateway, home: Path, writing: Writing) -> Path:
    """Where the table's log and files are, or will be."""
    from data.sources import open_source
    from data.sources.delta import DeltaSource

    source = open_source(gateway.catalog.source(writing.source), home)
    if not isinstance(source, DeltaSource):
        raise Invalid(f"'{writing.source}' is no Delta source.", "Write to a source of kind delta.")
    known = writing.full_name in gateway.catalog
    return source.folder(gateway.catalog.table(writing.full_name) if known else Table(source.name, writing.table))


def _application(key: str) -> str:
    return f"lakewright/write/{key}"


def _done(folder: Path, key: str) -> int | None:
    """How many rows a write of that key has kept; None where there was none."""
    from deltalake import DeltaTable

    if latest_version(folder / "_delta_log") is None:
        return None
    found: int | None = DeltaTable(folder).transaction_version(_application(key))
    return found


def _again(folder: Path, writing: Writing, key: str) -> Written:
    return Written(writing.full_name, latest_version(folder / "_delta_log") or 0, _done(folder, key) or 0, True)


def _commit(gateway: Gateway, folder: Path, principal: Principal, writing: Writing, key: str) -> Written:
    with gateway.stream(principal, writing.sql) as stream:
        rows = _rows(stream)
        held = rows if writing.mode == "create" else _fitted(rows, writing, folder)
        try:
            _write(folder, held, writing, key)
        except _conflicts():
            if _done(folder, key) is not None:
                return _again(folder, writing, key)
            raise Busy(f"Somebody else writes to '{writing.full_name}' at this moment.", "Try again.") from None
    return Written(writing.full_name, latest_version(folder / "_delta_log") or 0, held.num_rows, False)


def _rows(stream: Stream) -> pa.Table:
    """All rows. They are held in memory, so that a query that fails midway has written nothing. TooExpensive for more
    than is to be held."""
    import pyarrow as pa

    batches: list[Any] = []
    held = 0
    for batch in stream.batches:
        held += batch.nbytes
        if held > LARGEST:
            raise TooExpensive(f"The rows have more than {LARGEST // 2**20:,} MB.", "Write them in several parts.")
        batches.append(batch)
    return pa.Table.from_batches(batches, stream.schema)


def _write(folder: Path, rows: pa.Table, writing: Writing, key: str) -> None:
    from deltalake import CommitProperties, DeltaTable, Transaction, write_deltalake

    told = CommitProperties(app_transactions=[Transaction(_application(key), rows.num_rows)])
    folder.mkdir(parents=True, exist_ok=True)
    try:
        if writing.mode == "create":
            write_deltalake(folder, rows, mode="error", commit_properties=told)
        else:
            # The very snapshot that is committed against is the one that has no write of this key.
            write_deltalake(DeltaTable(folder), rows, mode="append", commit_properties=told)
    except _conflicts():
        raise
    except OSError as error:
        raise Unavailable(f"'{writing.full_name}' can't be written: {error.strerror}.", "Free the disk.") from None
    except Exception as error:  # noqa: BLE001 - of a type that Delta has not, the library raises a bare Exception
        said = f"'{writing.full_name}' can't take the rows: {str(error).splitlines()[0]}."
        raise Invalid(said, "Cast them to types that Delta has.") from None


def _conflicts() -> tuple[type[Exception], ...]:
    from deltalake.exceptions import CommitFailedError

    return (CommitFailedError, FileExistsError)


def _fitted(rows: pa.Table, writing: Writing, folder: Path) -> pa.Table:
    """The rows in the table's columns: by place, as INSERT has them, or in those that it names; others are null."""
    import pyarrow as pa
    from deltalake import DeltaTable

    schema = pa.schema(DeltaTable(folder).schema().to_arrow())
    names = writing.columns or tuple(schema.names)
    if len(names) != rows.num_columns:
        said = f"The rows have {rows.num_columns} columns, and '{writing.full_name}' takes {len(names)}."
        raise Invalid(said, f"Give: {', '.join(names)}.")
    given = {_named(name, schema, writing): rows.column(at) for at, name in enumerate(names)}
    return pa.Table.from_arrays(list(_columns(rows.num_rows, given, schema, writing)), schema=schema)


def _named(name: str, schema: pa.Schema, writing: Writing) -> str:
    for known in schema.names:
        if known.lower() == name.lower():
            return str(known)
    raise Invalid(f"'{writing.full_name}' has no column '{name}'.", f"It has {', '.join(schema.names)}.")


def _columns(size: int, given: dict[str, Any], schema: pa.Schema, writing: Writing) -> Iterator[Any]:
    import pyarrow as pa

    for field in schema:
        try:
            yield given[field.name].cast(field.type) if field.name in given else pa.nulls(size, field.type)
        except (pa.ArrowInvalid, pa.ArrowNotImplementedError) as error:
            said = f"The column '{field.name}' of '{writing.full_name}' can't take the values: "
            raise Invalid(f"{said}{str(error).splitlines()[0]}.", f"Cast them to {field.type}.") from None


def _declare(home: Path, gateway: Gateway, writing: Writing, folder: Path) -> None:
    """Put a new table into the catalogue, where it is not there yet."""
    from deltalake import DeltaTable

    from data.onboard import declare
    from data.sources.columns import of_arrow

    if writing.full_name in gateway.catalog:
        return
    columns = of_arrow(DeltaTable(folder).schema().to_arrow())
    about = "Made by a query that a person approved."
    declare(home, Table(gateway.catalog.source(writing.source).name, writing.table, about, columns=columns))


def _record(gateway: Gateway, principal: Principal, writing: Writing, written: Written, seconds: float) -> None:
    gateway.audit.write(
        kind="code",
        principal=principal.name,
        asked=f"{writing.mode} {writing.full_name}",
        ran=writing.sql,
        versions={written.table: str(written.version)},
        rows=written.rows,
        ms=round(seconds * 1000, 3),
        outcome="written",
    )
