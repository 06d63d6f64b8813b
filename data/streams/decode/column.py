"""The columns that events become: a tree whose leaves say what a value must be and what it may not be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

import pyarrow as pa

Kind = Literal[
    "string", "integer", "number", "boolean", "timestamp", "date", "decimal", "binary", "struct", "list", "text"
]
"""`text` is JSON text: what has no one type for a column."""

SIMPLE: dict[Kind, pa.DataType] = {
    "string": pa.string(),
    "integer": pa.int64(),
    "number": pa.float64(),
    "boolean": pa.bool_(),
    "timestamp": pa.timestamp("us", "UTC"),
    "date": pa.date32(),
    "binary": pa.binary(),
    "text": pa.string(),
}


@dataclass(frozen=True)
class Column:
    """One column. A struct has its fields as `children`, a list the one child `item`."""

    name: str
    kind: Kind
    required: bool = False
    """Whether the event must name it."""
    null: bool = False
    """Whether its value may be null."""
    limits: Mapping[str, Any] = field(default_factory=dict)
    """Constraints by JSON Schema's keywords."""
    children: tuple[Column, ...] = ()
    precision: tuple[int, int] = (38, 9)
    """Digits and digits after the point of a decimal."""
    texts: bool = False
    """Whether JSON has its values as texts."""

    @property
    def nullable(self) -> bool:
        """Whether the column may hold null."""
        return self.null or not self.required

    @property
    def type(self) -> pa.DataType:
        """The column's Arrow type."""
        if self.kind == "struct":
            return pa.struct([child.field for child in self.children])
        if self.kind == "list":
            return pa.list_(self.children[0].field)
        if self.kind == "decimal":
            return pa.decimal128(*self.precision)
        return SIMPLE[self.kind]

    @property
    def field(self) -> pa.Field:
        """The column as Arrow names it."""
        return pa.field(self.name, self.type, self.nullable)


def schema_of(root: Column) -> pa.Schema:
    """The schema of a table whose rows are the struct."""
    return pa.schema([child.field for child in root.children])
