"""Unity Catalog: a real HTTP server that gives the documented answers, over Delta tables on this disk."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pyarrow as pa
import pytest

from data import lake, onboard
from data.catalog import Catalog
from data.errors import DataError, Unavailable
from data.federation import open_gateway

TOKEN = "t/ok:en@1"
API = "/api/2.1/unity-catalog"


class Unity(ThreadingHTTPServer):
    """Answers /schemas and /tables of the catalogue `main`, one item a page, to who shows the token."""

    def __init__(self, tables: dict[str, list[dict[str, Any]]]) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.content = tables
        self.asked: list[str] = []

    def answer(self, path: str, token: str | None) -> tuple[int, dict[str, Any]]:
        parts = urlsplit(path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        self.asked.append(path)
        if token != f"Bearer {TOKEN}":
            return 401, {"error_code": "UNAUTHENTICATED", "message": "no"}
        if query.get("catalog_name") != "main":
            return 404, {"error_code": "CATALOG_NOT_FOUND", "message": "no"}
        schemas = [{"name": name, "catalog_name": "main", "full_name": f"main.{name}"} for name in self.content]
        items = schemas if parts.path == f"{API}/schemas" else self.content[query["schema_name"]]
        at = int(query.get("page_token", 0))
        page = {parts.path.rsplit("/", 1)[1]: items[at : at + 1]}
        return 200, page | {"next_page_token": str(at + 1) if at + 1 < len(items) else None}


class Handler(BaseHTTPRequestHandler):
    server: Unity

    def do_GET(self) -> None:
        status, content = self.server.answer(self.path, self.headers.get("Authorization"))
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: Any) -> None:
        pass


def table(name: str, location: str, form: str = "DELTA") -> dict[str, Any]:
    columns = [
        {"name": "id", "type_name": "LONG", "type_text": "bigint", "position": 0, "nullable": True},
        {"name": "who", "type_name": "STRING", "type_text": "string", "position": 1, "comment": "Who buys."},
    ]
    facts = {"name": name, "catalog_name": "main", "table_type": "EXTERNAL", "data_source_format": form}
    return facts | {"columns": columns, "storage_location": location, "comment": f"All {name}."}


@pytest.fixture
def server(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Unity]:
    monkeypatch.setenv("UC_TOKEN", TOKEN)
    rows = pa.table({"id": pa.array([1, 2], pa.int64()), "who": ["a", "b"]})
    lake.append(tmp_path / "store/orders", rows)
    lake.append(tmp_path / "store/with space", rows)
    tables = {
        "default": [
            table("orders", f"file://{tmp_path}/store/orders"),
            table("spaced", f"file://{tmp_path}/store/with%20space"),
            table("far", "s3://bucket/far"),
        ],
        "empty": [],
        "sales": [table("lines", f"{tmp_path}/store/orders"), table("raw", f"file://{tmp_path}/raw", "CSV")],
    }
    with Unity(tables) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def location(server: Unity, catalog: str = "main") -> str:
    return f"unity://token:${{UC_TOKEN}}@127.0.0.1:{server.server_port}/{catalog}"


def test_all_pages_of_all_schemas_are_tables(tmp_path: Path, server: Unity) -> None:
    onboard.add(tmp_path, "uc", "unity", location(server))
    catalog = Catalog.load(tmp_path / "catalog.yaml")
    assert [found.name for found in catalog.tables] == ["far", "orders", "sales.lines", "sales.raw", "spaced"]
    columns = catalog.table("uc.orders").columns
    assert [(column.name, column.type, column.description) for column in columns] == [
        ("id", "BIGINT", ""),
        ("who", "VARCHAR", "Who buys."),
    ]
    assert catalog.table("uc.orders").description == "All orders."


def test_delta_tables_are_read_at_their_version(tmp_path: Path, server: Unity) -> None:
    onboard.add(tmp_path, "uc", "unity", location(server))
    gateway = open_gateway(tmp_path, threads=1)
    owner = gateway.policy.principal("owner")
    for name in ("uc.orders", "uc.default.orders", "uc.sales.lines", "uc.spaced"):
        assert gateway.query(owner, f"SELECT sum(id) AS n FROM {name}").table.to_pylist() == [{"n": 3}]
    lake.append(tmp_path / "store/orders", pa.table({"id": pa.array([7], pa.int64()), "who": ["c"]}))
    result = gateway.query(owner, "SELECT sum(id) AS n FROM uc.orders")
    assert (result.table.to_pylist(), result.sources[0].version) == ([{"n": 10}], "1")
    gateway.close()


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("far", r"'far' lies in an object store \(s3\).*`spark`"),
        ("sales.raw", r"'sales\.raw' is CSV, not DELTA.*`csv`"),
    ],
)
def test_what_can_not_be_read_says_what_to_do(tmp_path: Path, server: Unity, name: str, said: str) -> None:
    onboard.add(tmp_path, "uc", "unity", location(server))
    gateway = open_gateway(tmp_path, threads=1)
    with pytest.raises(Unavailable, match=said):
        gateway.query(gateway.policy.principal("owner"), f"SELECT * FROM uc.{name}")
    gateway.close()


def test_a_table_that_is_gone_there_is_gone_here(
    tmp_path: Path, server: Unity, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("data.sources.unity.FRESH", 0.0)
    onboard.add(tmp_path, "uc", "unity", location(server))
    gateway = open_gateway(tmp_path, threads=1)
    owner = gateway.policy.principal("owner")
    gateway.query(owner, "SELECT * FROM uc.orders")
    server.content["default"].pop(0)
    with pytest.raises(Unavailable, match="no table 'orders' for this token"):
        gateway.query(owner, "SELECT * FROM uc.orders")
    gateway.close()


def test_a_wrong_token_is_told_and_not_shown(tmp_path: Path, server: Unity, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UC_TOKEN", "hunter2")
    with pytest.raises(Unavailable, match=r"does not let us in \(401\)") as caught:
        onboard.add(tmp_path, "uc", "unity", location(server))
    assert "hunter2" not in str(caught.value)


def test_an_unknown_catalogue_is_quoted(tmp_path: Path, server: Unity) -> None:
    with pytest.raises(Unavailable, match="no catalogue 'mian'"):
        onboard.add(tmp_path, "uc", "unity", location(server, "mian"))


@pytest.mark.parametrize("place", ["unity://127.0.0.1:1/main", "nowhere", "unity://127.0.0.1:1/a/b", "unity://h:1"])
def test_a_server_that_is_not_there_is_named(tmp_path: Path, place: str) -> None:
    with pytest.raises(DataError, match=place.removesuffix("/main").removeprefix("unity://")):
        onboard.add(tmp_path, "uc", "unity", place)
