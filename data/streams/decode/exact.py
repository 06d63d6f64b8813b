"""JSON events one at a time, by a validator of JSON Schema: slower, and the judge."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from data.errors import Invalid
from data.streams.batch import Reject
from data.streams.decode.column import Column, schema_of
from data.streams.decode.fit import Misfit, record
from data.streams.decode.quote import quote

BACKTRACKS = 100_000
"""Steps of a pattern on one value, after which the value does not match."""


class Exact:
    """Judges events by one schema and makes rows of the valid ones.

    Members that the schema does not name are left out, unless it forbids them; of two members of one name the last
    counts.
    """

    def __init__(self, root: Column, document: Mapping[str, Any], name: str) -> None:
        self.root = root
        self.schema = schema_of(root)
        self.validator = _validator(document, name)

    def read(self, events: pa.BinaryArray) -> tuple[pa.Table, list[int], list[Reject]]:
        """The valid events' rows, their indices, and the rejects. Events may not be null."""
        rows: list[dict[str, Any]] = []
        indices: list[int] = []
        rejects: list[Reject] = []
        for index, event in enumerate(events.to_pylist()):
            found = self.row(event)
            if isinstance(found, Reject):
                rejects.append(Reject(index, found.kind, found.reason))
            else:
                rows.append(found)
                indices.append(index)
        return self.table(rows), indices, rejects

    def row(self, event: bytes) -> dict[str, Any] | Reject:
        """One event's row, or the reject, whose index means nothing."""
        import orjson

        try:
            value = orjson.loads(event)
        except orjson.JSONDecodeError as error:
            return Reject(0, "undecodable", f"The event is not JSON: {error.msg} at byte {error.pos}: {quote(event)}.")
        return self.judged(value)

    def judged(self, value: Any) -> dict[str, Any] | Reject:
        """The row of a decoded JSON document, or the reject."""
        try:
            if not self.validator.is_valid(value):
                return Reject(0, "invalid", _violation(next(iter(self.validator.iter_errors(value)))))
            return record(self.root, value)
        except (Misfit, ValueError, RecursionError) as error:
            return Reject(0, "invalid", str(error) or type(error).__name__)

    def table(self, rows: Sequence[Mapping[str, Any]]) -> pa.Table:
        """Rows of `judged` as a table."""
        columns = [pa.array([row[field.name] for row in rows], field.type) for field in self.schema]
        return pa.table(columns, schema=self.schema)


def _validator(document: Mapping[str, Any], name: str) -> Any:
    import jsonschema_rs

    try:
        # Offline: a schema may not make us read a file or an address.
        return jsonschema_rs.validator_for(
            dict(document),
            validate_formats=True,
            mask="it",
            offline=True,
            pattern_options=jsonschema_rs.FancyRegexOptions(backtrack_limit=BACKTRACKS),
        )
    except (jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError, ValueError) as error:
        message = str(getattr(error, "message", error))
        raise Invalid(
            f"The schema {name} is not a JSON Schema: {message[:300]}.", "Correct it; references stay inside it."
        ) from error


def _violation(error: Any) -> str:
    path = ".".join(str(part) for part in error.instance_path) or "event"
    if error.schema_path and error.schema_path[-1] in ("additionalProperties", "unevaluatedProperties"):
        return f"'{path}' is a field that the schema does not allow, with the value {quote(error.instance)}."
    message = str(error.message)
    return f"'{path}' is {quote(error.instance)}: {message[:200]}."
