"""JSON files: one object a line, or arrays of objects. Types are seen when the source is added, and hold."""

from __future__ import annotations

from collections.abc import Sequence

from data.catalog import Column
from data.errors import Unavailable
from data.sources.files import FileSource, struct

SNIFFED = 200_000
"""How many objects decide on the types of a new source."""


class JsonSource(FileSource):
    """A folder of JSON tables, or one file. A name that an object lacks is null."""

    suffixes = (".json", ".ndjson", ".jsonl")
    typed = False

    def reader(self, files: str, columns: Sequence[Column]) -> str:
        types = struct({column.name: column.type for column in columns})
        fixed = f"columns = {types}" if columns else f"sample_size = {SNIFFED}, union_by_name = true"
        return f"read_json({files}, {fixed})"

    def fault(self, said: str) -> Unavailable | None:
        # DuckDB quotes the value, which may be one that the caller must not see.
        if "JSON" not in said or "file" not in said:
            return None
        remedy = "Mend the file, or correct the columns' types in the catalogue."
        return self.unavailable("A JSON file does not fit the declared columns.", remedy)
