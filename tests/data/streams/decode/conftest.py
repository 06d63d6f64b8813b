"""Batches of messages that were never in a topic."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from data.streams.batch import Batch
from data.streams.decode import Decoder, decoder_of
from data.streams.stream import Broker, Stream

Make = Callable[..., Decoder]


class Sent(Batch):
    """Values, and keys where a test has some, of partition 0 from offset 0."""

    def __init__(self, values: Sequence[bytes | None], keys: Sequence[bytes | None] = ()) -> None:
        self.values = pa.array(values, pa.binary())
        self.partitions = np.zeros(len(values), np.int32)
        self.offsets = np.arange(len(values), dtype=np.int64)
        self.keys = keys

    def key(self, index: int) -> bytes | None:
        return self.keys[index] if self.keys else None

    def timestamp(self, index: int) -> datetime | None:
        return datetime(2026, 5, 1, tzinfo=UTC)


@pytest.fixture
def decoder(tmp_path: Path) -> Make:
    """Makes the decoder of a stream whose schema is given as a document."""

    def make(schema: Any, broker: Broker | None = None, **stream: Any) -> Decoder:
        path = None
        if schema is not None:
            path = tmp_path / "schema.json"
            path.write_text(json.dumps(schema), encoding="utf-8")
        given = {"name": "s", "topic": "t", "format": "json", "target": "lake.t", **stream}
        return decoder_of(Stream(schema=path, **given), broker or Broker("127.0.0.1:1"))

    return make


@pytest.fixture
def messages() -> Callable[..., Batch]:
    """Makes the batch of some values, and keys."""
    return Sent


class Known:
    """A schema registry over HTTP, as Confluent's documentation has its answers; `asked` are the paths in order."""

    def __init__(self) -> None:
        self.schemas: dict[int, dict[str, Any]] = {}
        self.subjects: dict[str, int] = {}
        self.asked: list[str] = []
        self.failures: list[int] = []
        """Statuses that the next answers have."""
        self.auth: str | None = None
        self.url = ""

    def add(self, id: int, schema: Any, type: str = "AVRO", subject: str = "t-value") -> None:
        self.schemas[id] = {"schema": json.dumps(schema)} | ({} if type == "AVRO" else {"schemaType": type})
        self.subjects[subject] = id

    def answer(self, path: str, auth: str | None) -> tuple[int, dict[str, Any]]:
        self.asked.append(path)
        if self.failures:
            return self.failures.pop(0), {"error_code": 50001, "message": "Error in the backend data store"}
        if self.auth is not None and auth != self.auth:
            return 401, {"error_code": 401, "message": "Unauthorized"}
        kind, name = path.strip("/").split("/", 1)
        if kind == "schemas":
            found = self.schemas.get(int(name.removeprefix("ids/")))
            return (200, found) if found else (404, {"error_code": 40403, "message": "Schema not found"})
        subject = name.removesuffix("/versions/latest")
        if subject not in self.subjects:
            return 404, {"error_code": 40401, "message": f"Subject '{subject}' not found."}
        id = self.subjects[subject]
        return 200, {"subject": subject, "version": 1, "id": id, **self.schemas[id]}


@pytest.fixture
def known() -> Iterator[Known]:
    """The registry's contents; it listens at `known.url`."""
    known = Known()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, found = known.answer(self.path, self.headers.get("Authorization"))
            body = json.dumps(found).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/vnd.schemaregistry.v1+json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    known.url = f"http://127.0.0.1:{server.server_port}"
    yield known
    server.shutdown()
    server.server_close()
    thread.join()
