"""JSON events one at a time, by a validator of JSON Schema: slower, and the judge."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from data.errors import Invalid
from data.streams.batch import Decoded, Reject
from data.streams.decode.column import Column, schema_of
from data.streams.decode.fit import Misfit, record
from data.streams.decode.quote import quote
from data.streams.decode.reader import Row, one_by_one

BACKTRACKS = 100_000
"""Steps of a pattern on one value, after which the value does not match."""


class Exact:
    """Judges events by one schema and makes rows of the valid ones.

    Members that the schema does not name are left out, unless it forbids them; of two members of one name the last
    counts.
    """

    def __init__(self, root: Column, validator: Any) -> None:
        self.root = root
        self.schema = schema_of(root)
        self.validator = validator

    def read(self, events: pa.BinaryArray) -> Decoded:
        """What each event is; none may be null."""
        return one_by_one(events, self.row, self.schema)

    def row(self, event: bytes) -> Row | Reject:
        """One event's row, or the reject, whose index means nothing."""
        value = load(event)
        return value if isinstance(value, Reject) else self.judged(value)

    def judged(self, value: Any) -> Row | Reject:
        """The row of a decoded JSON document, or the reject."""
        try:
            if not self.validator.is_valid(value):
                return Reject(0, "invalid", _violation(next(iter(self.validator.iter_errors(value)))))
            return record(self.root, value)
        except (Misfit, ValueError, RecursionError) as error:
            return Reject(0, "invalid", str(error) or type(error).__name__)


def load(event: bytes) -> Any:
    """The JSON document, or the reject."""
    import orjson

    try:
        return orjson.loads(event)
    except orjson.JSONDecodeError as error:
        return Reject(0, "undecodable", f"The event is not JSON: {error.msg} at byte {error.pos}: {quote(event)}.")


def validator_of(document: Mapping[str, Any], name: str) -> Any:
    """The schema's validator; Invalid where it is no JSON Schema."""
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
