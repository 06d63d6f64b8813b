"""Where training sets and scores go: a Parquet file, or a Delta table of the home; both say what they are made of."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from data.errors import Invalid, NotFound
from data.features.recipe import Recipe

if TYPE_CHECKING:
    import pyarrow as pa

NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
TRAINING = "training"
METADATA = "lakewright"
"""Under this name the recipe stands in a file's schema and in a table's commits."""


@dataclass(frozen=True)
class Written:
    """A training set that was written: where it is, its rows, and what it is made of."""

    place: Path
    rows: int
    recipe: Recipe


class Described(Protocol):
    """What rows are made of."""

    def as_json(self) -> str: ...


class Made(Protocol):
    """Rows that are read once, a batch at a time."""

    @property
    def schema(self) -> pa.Schema: ...
    @property
    def batches(self) -> Iterator[pa.RecordBatch]: ...
    @property
    def recipe(self) -> Described: ...
    @property
    def rows(self) -> int: ...


class Writer:
    """Writes one set of rows. A file or table is there whole or not at all."""

    def __init__(self, out: str, home: Path, folder: str = TRAINING) -> None:
        """`out` ends with `.parquet`, or is the name of a table, which `folder` of the lake gets."""
        self.place = _place(out, home, folder)
        self.rows = 0

    def write(self, made: Made) -> None:
        self.rows = made.rows
        if self.place.suffix == ".parquet":
            self._file(made)
        else:
            self._table(made)

    def _file(self, made: Made) -> None:
        import pyarrow.parquet as pq

        draft = self.place.with_suffix(".parquet.new")
        try:
            with pq.ParquetWriter(draft, made.schema, **_encodings(made.schema)) as writer:
                for batch in made.batches:
                    writer.write_batch(batch)
            os.replace(draft, self.place)
        except OSError as error:
            raise Invalid(f"'{self.place}' can't be written: {error.strerror or error}.", "Choose another.") from None
        finally:
            draft.unlink(missing_ok=True)

    def _table(self, made: Made) -> None:
        import pyarrow as pa
        from deltalake import CommitProperties, write_deltalake

        self.place.mkdir(parents=True, exist_ok=True)
        write_deltalake(
            self.place,
            pa.RecordBatchReader.from_batches(made.schema, made.batches),
            mode="overwrite",
            schema_mode="overwrite",
            commit_properties=CommitProperties(custom_metadata={METADATA: made.recipe.as_json()}),
        )


def _encodings(schema: pa.Schema) -> dict[str, Any]:
    """Differences of whole numbers and moments: as small as a dictionary of them, and made in half the time."""
    import pyarrow.types as types

    numbers = [f.name for f in schema if types.is_integer(f.type) or types.is_timestamp(f.type)]
    texts = [f.name for f in schema if types.is_string(f.type) or types.is_large_string(f.type)]
    differences = dict.fromkeys(numbers, "DELTA_BINARY_PACKED")
    return {"use_dictionary": texts, "column_encoding": differences, "compression": "snappy"}


def recipe(like: str, home: Path) -> Recipe:
    """What a training set is made of. NotFound where there is none, Invalid where it does not say."""
    place = _place(like, home)
    if not place.exists():
        raise NotFound(f"There is no training set '{like}'.", "Give a file, or the name of a table.")
    if place.suffix == ".parquet":
        import pyarrow.parquet as pq

        try:
            found = (pq.read_schema(place).metadata or {}).get(METADATA.encode(), b"")
        except (OSError, ValueError):
            raise Invalid(f"'{like}' is no Parquet file.") from None
        return Recipe.parse(found)
    from deltalake import DeltaTable

    return Recipe.parse(DeltaTable(place).history(1)[0].get(METADATA, ""))


def _place(out: str, home: Path, folder: str = TRAINING) -> Path:
    if out.endswith(".parquet"):
        return Path(out).expanduser().absolute()
    if not NAME.fullmatch(out):
        remedy = "Write a path that ends with .parquet, or a name of small letters, digits and _."
        raise Invalid(f"'{out}' is neither a Parquet file nor a table's name.", remedy)
    return home / "lake" / folder / out
