"""One entry of the trail, its exact text, and the columns in which the table shows it."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from contextvars import ContextVar
from dataclasses import asdict, dataclass, field, fields
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import pyarrow as pa

Kind = Literal["query", "question", "document", "training", "form", "code", "admin"]
"""What was done. A question's queries have records of their own beside the question's."""

REQUEST: ContextVar[str] = ContextVar("request", default="")
"""The identifier of the request that is being answered; "" where there is none."""

NESTED = ("versions", "lineage")
"""Fields that the table shows as JSON text."""


@dataclass(frozen=True)
class Record:
    """One act: who asked what, what ran over which versions (table -> version), and how it ended.

    `at` is UTC in ISO 8601. `bytes` were scanned in stores. `lineage` has, for each output column, the
    `source.table.column` that its values come from; under "" stand those that only decide about rows. `request` is
    the identifier of the request that it was done for, which its caller and the server's log know too.
    """

    id: str
    at: str
    principal: str
    question: str = ""
    asked: str = ""
    ran: str = ""
    versions: Mapping[str, str] = field(default_factory=dict)
    rows: int = 0
    ms: float = 0.0
    outcome: str = "done"
    message: str = ""
    kind: Kind = "query"
    bytes: int = 0
    lineage: Mapping[str, Sequence[str]] = field(default_factory=dict)
    engine: str = ""
    request: str = ""


def text_of(record: Record) -> str:
    """The text that the chain's hashes are made of."""
    return canonical(asdict(record))


def record_of(text: str) -> Record:
    """The record of a text; what an older version did not write yet has its default."""
    facts = json.loads(text)
    return Record(**{item.name: facts[item.name] for item in fields(Record) if item.name in facts})


def canonical(value: Any) -> str:
    """JSON that is the same for the same facts. Half a surrogate pair, which no store takes, is escaped."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def shown(text: str) -> dict[str, Any]:
    """Column -> value, as the table shows a text's record to readers; only what the text itself has."""
    facts = json.loads(text)
    columns = {item.name: facts[item.name] for item in fields(Record) if item.name in facts}
    return {name: _plain(canonical(value) if name in NESTED else value) for name, value in columns.items()}


def _plain(value: Any) -> Any:
    return value.encode("utf-8", "replace").decode("utf-8") if isinstance(value, str) else value


def arrow(rows: Sequence[tuple[int, str, str]]) -> pa.Table:
    """Rows of (place, hash, text) with their readable columns beside the exact text that was hashed."""
    import pyarrow as pa

    records = [shown(text) for _, _, text in rows]
    columns: dict[str, Any] = {"seq": [row[0] for row in rows], "hash": [row[1] for row in rows]}
    columns |= {item.name: [record.get(item.name) for record in records] for item in fields(Record)}
    return pa.table(columns | {"record": [row[2] for row in rows]}, schema=schema())


def schema() -> pa.Schema:
    """The table's columns."""
    import pyarrow as pa

    kinds = {"seq": pa.int64(), "rows": pa.int64(), "bytes": pa.int64(), "ms": pa.float64()}
    names = ["seq", "hash", *(item.name for item in fields(Record)), "record"]
    return pa.schema([(name, kinds.get(name, pa.string())) for name in names])
