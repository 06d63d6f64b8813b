"""What may change in the shape of a stream's events while its table stays: it grows by nullable columns, only."""

from __future__ import annotations

from dataclasses import dataclass, field

import pyarrow as pa


@dataclass(frozen=True)
class Evolution:
    """The columns that rows of a new schema add to a table; `reasons` say why the table can't take them."""

    added: list[pa.Field] = field(default_factory=list)
    reasons: list[str] = field(default_factory=list)


def evolution(old: pa.Schema, new: pa.Schema) -> Evolution:
    """Compares columns by name. The order of columns, and how Arrow lays out a type, make no difference."""
    found = Evolution()
    for column in new:
        if column.name in old.names:
            found.reasons.extend(_changes(old.field(column.name), column))
        elif twin := next((name for name in old.names if name.casefold() == column.name.casefold()), None):
            found.reasons.append(f"The new field '{column.name}' is '{twin}' but for upper and lower case.")
        elif not column.nullable:
            found.reasons.append(
                f"The new field '{column.name}' is required; only one that may be missing can be added."
            )
        else:
            found.added.append(column)
    for column in old:
        if column.name not in new.names and not column.nullable:
            found.reasons.append(f"The required field '{column.name}' was removed.")
    return found


def _changes(old: pa.Field, new: pa.Field) -> list[str]:
    if not same(old.type, new.type):
        return [f"The type of '{old.name}' changed from {old.type} to {new.type}."]
    if new.nullable and not old.nullable:
        return [f"The field '{old.name}' may now be null or missing; in the table it may not."]
    return []


def same(old: pa.DataType, new: pa.DataType) -> bool:
    """Whether two types hold the same values."""
    types = pa.types
    if types.is_struct(old) and types.is_struct(new):
        fields = {field.name: field for field in new}
        return old.num_fields == new.num_fields and all(
            field.name in fields and same(field.type, fields[field.name].type) for field in old
        )
    if types.is_timestamp(old) and types.is_timestamp(new):
        return bool(old.unit == new.unit)  # a moment stands in UTC in a column without a zone
    if _is_list(old) and _is_list(new):
        return same(old.value_type, new.value_type)
    for kinds in ((types.is_string, types.is_large_string, types.is_string_view), BINARIES):
        if any(kind(old) for kind in kinds):
            return any(kind(new) for kind in kinds)
    return bool(old.equals(new))


BINARIES = (pa.types.is_binary, pa.types.is_large_binary, pa.types.is_binary_view)


def _is_list(type: pa.DataType) -> bool:
    return bool(pa.types.is_list(type) or pa.types.is_large_list(type) or pa.types.is_list_view(type))
