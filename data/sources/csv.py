"""CSV files with a line of names. Types are seen when the source is added and hold from then on."""

from __future__ import annotations

from collections.abc import Sequence

from data.catalog import Column
from data.errors import Unavailable
from data.sources.files import FileSource, struct

SNIFFED = 200_000
"""How many rows decide on the types of a new source."""


class CsvSource(FileSource):
    """A folder of CSV tables, or one file."""

    suffixes = (".csv", ".tsv")
    typed = False

    def reader(self, files: str, columns: Sequence[Column]) -> str:
        types = struct({column.name: column.type for column in columns})
        fixed = f"types = {types}" if columns else f"sample_size = {SNIFFED}"
        return f"read_csv({files}, header = true, union_by_name = true, {fixed})"

    def fault(self, said: str) -> Unavailable | None:
        # DuckDB quotes the line, which may hold what the caller must not see.
        if "CSV Error" not in said and "COLUMN_TYPES" not in said and "sniffing file" not in said:
            return None
        remedy = "Mend the file, or correct the columns' types in the catalogue."
        return self.unavailable("A CSV file does not fit the declared columns.", remedy)
