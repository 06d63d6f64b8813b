"""A decoded Avro datum as its column holds it."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from data.streams.decode.column import Column
from data.streams.decode.fit import Misfit, fits


def native(column: Column, value: Any, path: str) -> Any:
    """The value for Arrow's builder of the column; Misfit where the column can't hold it."""
    if value is None:
        if column.null:
            return None
        raise Misfit(path, None, f"a {column.kind}")
    if column.kind == "struct":
        inner = f"{path}." if path else ""
        return {child.name: native(child, value.get(child.name), inner + child.name) for child in column.children}
    if column.kind == "list":
        return [native(column.children[0], item, f"{path}[{index}]") for index, item in enumerate(value)]
    if column.kind == "text":
        return text(value)
    if column.kind == "string":
        return str(value)
    if column.kind == "decimal" and not (isinstance(value, Decimal) and fits(value, *column.precision)):
        raise Misfit(path, value, f"a decimal of {column.precision[0]} digits")
    return value


def text(value: Any) -> str:
    """A value as JSON text; bytes as ISO 8859-1, as Avro's own JSON encoding has them."""
    import orjson

    def other(value: Any) -> str:
        return value.decode("latin-1") if isinstance(value, bytes) else str(value)

    return orjson.dumps(value, default=other, option=orjson.OPT_NON_STR_KEYS | orjson.OPT_PASSTHROUGH_DATETIME).decode()
