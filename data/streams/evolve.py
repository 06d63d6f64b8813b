"""How a table may follow its events: by new columns that may be empty, and by nothing else."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pyarrow as pa


def evolution(old: pa.Schema, new: pa.Schema) -> tuple[Sequence[pa.Field], Sequence[str]]:
    """The columns to add to a table of schema `old` for rows of schema `new`, and the reasons why it can't be."""
    added, reasons = [], []
    for field in new:
        index = old.get_field_index(field.name)
        if index >= 0 and old.field(index).type != field.type:
            reasons.append(f"'{field.name}' is {old.field(index).type} in the table and {field.type} in the schema")
        elif index < 0 and not field.nullable:
            reasons.append(f"'{field.name}' is new and may not be empty, but the rows before it have none")
        elif index < 0:
            added.append(field)
    missing = [f.name for f in old if not f.nullable and new.get_field_index(f.name) < 0]
    return added, reasons + [f"the table needs '{name}', which the schema lacks" for name in missing]
