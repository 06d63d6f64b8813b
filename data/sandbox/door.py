"""The gateway as one program sees it: one principal, one run, so many queries, so many rows."""

from __future__ import annotations

from typing import Any

from data.errors import DataError, Forbidden, Invalid, TooExpensive
from data.gateway import Gateway
from data.policy import Principal
from data.sandbox.program import Limits
from data.sandbox.sampling import sampled
from data.stop import Stop

LONGEST_SQL = 64 * 1024


class Door:
    """Answers the requests of one run. Whatever the program writes into a request, the principal stays the one that
    the run was begun for."""

    def __init__(self, gateway: Gateway, principal: Principal, limits: Limits, sample: int | None) -> None:
        self._gateway = gateway
        self._principal = principal
        self._limits = limits
        self._sample = sample
        self._asked = 0
        self.stop = Stop()
        self.queries: list[str] = []
        self.tables: dict[str, None] = {}
        self.refused: Forbidden | None = None

    def answer(self, request: dict[str, Any]) -> tuple[dict[str, Any], memoryview | bytes]:
        """The head and the body of the answer to one request; a refusal is an answer too."""
        try:
            self._count()
            operation = OPERATIONS.get(str(request.get("op")))
            if operation is None:
                raise Invalid("The door does not know this request.", "Ask for sql, table or tables.")
            return operation(self, request)
        except DataError as error:
            if isinstance(error, Forbidden):
                self.refused = error
            return {"ok": False, "kind": error.kind, "message": str(error)}, b""

    def sql(self, request: dict[str, Any]) -> tuple[dict[str, Any], memoryview | bytes]:
        return self._read(_text(request, "sql"))

    def table(self, request: dict[str, Any]) -> tuple[dict[str, Any], memoryview | bytes]:
        parts = _text(request, "name").replace("`", "").replace('"', "").split(".")
        return self._read("SELECT * FROM " + ".".join(f'"{part}"' for part in parts))

    def names(self, request: dict[str, Any]) -> tuple[dict[str, Any], memoryview | bytes]:
        catalog = self._gateway.askable(self._principal)
        return {"ok": True, "tables": [table.full_name for table in catalog.tables]}, b""

    def _count(self) -> None:
        self._asked += 1
        if self._asked > self._limits.queries:
            most = self._limits.queries
            raise TooExpensive(f"A program may ask {most} times.", "Read more with one query.", queries=most)

    def _read(self, sql: str) -> tuple[dict[str, Any], memoryview | bytes]:
        import pyarrow as pa

        wanted = sql if self._sample is None else sampled(sql, self._sample)
        sink = pa.BufferOutputStream()
        with self._gateway.stream(self._principal, wanted, stop=self.stop) as stream:
            self.tables.update(dict.fromkeys(use.table for use in stream.sources))
            with pa.ipc.new_stream(sink, stream.schema) as writer:
                rows = 0
                for batch in stream.batches:
                    rows += batch.num_rows
                    self._bound(rows, sink.tell() + batch.nbytes)
                    writer.write_batch(batch)
        self.queries.append(stream.audit_id)
        return {"ok": True, "rows": rows}, memoryview(sink.getvalue())

    def _bound(self, rows: int, size: int) -> None:
        if rows > self._limits.rows or size > self._limits.bytes:
            most = f"{self._limits.rows:,} rows or {self._limits.bytes // 2**20} MB"
            raise TooExpensive(f"A program may read {most} at once.", "Filter or aggregate in SQL first.")


OPERATIONS = {"sql": Door.sql, "table": Door.table, "tables": Door.names}


def _text(request: dict[str, Any], name: str) -> str:
    text = request.get(name)
    if not isinstance(text, str) or not text.strip():
        raise Invalid(f"The request has no {name}.", "Give a text.")
    if len(text) > LONGEST_SQL:
        raise Invalid(f"The {name} is too long.", f"{LONGEST_SQL} characters are the most.")
    return text
