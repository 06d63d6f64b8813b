"""Unity Catalog: a catalogue server by its open REST API. Its Delta tables on this machine's disks are read."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from data.catalog import Column, SourceConfig, Table
from data.errors import DataError, Unavailable
from data.sources.base import Found, State
from data.sources.delta import DeltaSource

if TYPE_CHECKING:
    import httpx

API = "/api/2.1/unity-catalog"
PATIENCE = 5.0
"""Seconds to wait for the server."""
FRESH = 60.0
"""Seconds for which the server's list of tables holds: a table that is dropped there is gone here soon after."""
MOST_PAGES = 10_000
LOOPBACK = ("localhost", "127.0.0.1", "::1")


class UnitySource(DeltaSource):
    """One catalogue of a Unity Catalog server, at `unity://token:${TOKEN}@host:port/catalog`, which is https but
    for this machine's own server; `http://` and `https://` say it themselves."""

    default_schema = "default"

    def __init__(self, config: SourceConfig, home: Path) -> None:
        super().__init__(config, home)
        self._listed: tuple[float, Mapping[str, Mapping[str, Any]]] | None = None

    def directories(self) -> Sequence[Path]:
        try:
            return [self.folder(table) for table in self.config.tables if self._local(table)]
        except DataError:
            return ()  # a server that is away is told by `attach`, to those who ask for it

    def attach(self) -> None:
        self._tables()

    def state(self, table: Table) -> State:
        self.folder(table)
        return super().state(table)

    def folder(self, table: Table) -> Path:
        """The folder of the table's log. Unavailable, with what to do, for a table that can't be read from here."""
        facts = self._facts(table)
        place = _path(str(facts.get("storage_location", "")))
        if place is None:
            scheme = urlsplit(str(facts.get("storage_location", ""))).scheme or "nowhere"
            remedy = "Read it through a source of kind `spark`, or keep a copy of it on this machine's disks."
            raise self.unavailable(f"'{table.name}' lies in an object store ({scheme}).", remedy)
        if facts.get("data_source_format") != "DELTA":
            remedy = f"Add its folder as a source of a kind of its own, such as {_kind(facts)}."
            raise self.unavailable(f"'{table.name}' is {facts.get('data_source_format')}, not DELTA.", remedy)
        return place

    def tables(self) -> Sequence[Found]:
        return [
            Found(name, _columns(facts), description=str(facts.get("comment") or ""))
            for name, facts in sorted(self._tables().items())
        ]

    def _local(self, table: Table) -> bool:
        facts = self._tables().get(table.name, {})
        return facts.get("data_source_format") == "DELTA" and _path(str(facts.get("storage_location", ""))) is not None

    def _facts(self, table: Table) -> Mapping[str, Any]:
        facts = self._tables().get(table.name)
        if facts is None:
            remedy = f"Run `lakewright catalog check`, or grant the token SELECT on it at {self._server()}."
            raise self.unavailable(f"The server has no table '{table.name}' for this token.", remedy)
        return facts

    def _tables(self) -> Mapping[str, Mapping[str, Any]]:
        if self._listed is None or time.monotonic() - self._listed[0] > FRESH:
            self._listed = (time.monotonic(), dict(self._named()))
        return self._listed[1]

    def _named(self) -> Iterator[tuple[str, Mapping[str, Any]]]:
        catalog = self._catalog()
        with self._client() as client:
            for schema in self._pages(client, "schemas", {"catalog_name": catalog}):
                for table in self._pages(client, "tables", {"catalog_name": catalog, "schema_name": schema["name"]}):
                    name = str(table["name"])
                    yield (name if schema["name"] == self.default_schema else f"{schema['name']}.{name}"), table

    def _pages(self, client: httpx.Client, what: str, query: Mapping[str, str]) -> Iterator[Mapping[str, Any]]:
        token: str | None = None
        for _ in range(MOST_PAGES):
            page = self._get(client, what, {**query, **({"page_token": token} if token else {})})
            yield from page.get(what) or ()
            token = page.get("next_page_token")
            if not token:
                return
        raise self.unavailable(f"The list of {what} at {self._server()} has no end.")

    def _client(self) -> httpx.Client:
        import httpx

        secret = unquote(urlsplit(self.config.location).password or "")
        headers = {"Authorization": f"Bearer {secret}"} if secret else {}
        # Neither proxies nor redirects: the token is for this server alone.
        return httpx.Client(timeout=PATIENCE, trust_env=False, headers=headers)

    def _get(self, client: httpx.Client, what: str, query: Mapping[str, str]) -> Mapping[str, Any]:
        import httpx

        try:
            answer = client.get(f"{self._server()}{API}/{what}", params=dict(query))
            content = answer.json() if answer.status_code == 200 else None
        except (httpx.HTTPError, ValueError):
            content, answer = None, None
        if answer is None or not isinstance(content, dict):
            raise self._failed(answer.status_code if answer is not None else None)
        return content

    def _failed(self, status: int | None) -> Unavailable:
        where = self._server()
        if status in (401, 403):
            remedy = "Write its token into the location as 'unity://token:${NAME}@host:port/catalog', and renew it."
            return self.unavailable(f"Unity Catalog at {where} does not let us in ({status}).", remedy)
        if status == 404:
            return self.unavailable(f"Unity Catalog at {where} has no catalogue '{self._catalog()}'.")
        said = f" ({status})" if status is not None else ""
        return self.unavailable(f"Unity Catalog does not answer at {where}{said}.")

    def _server(self) -> str:
        parts = urlsplit(self.config.location)
        scheme = parts.scheme
        if scheme == "unity":
            scheme = "http" if parts.hostname in LOOPBACK else "https"
        host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
        return f"{scheme}://{host}" + (f":{parts.port}" if parts.port else "")

    def _catalog(self) -> str:
        remedy = "Write it as 'unity://token:${NAME}@host:port/catalog'."
        try:
            parts = urlsplit(self.config.location)
            name = unquote(parts.path.strip("/"))
            good = parts.scheme in ("unity", "http", "https") and parts.hostname and parts.port != 0
        except ValueError:
            good, name = False, ""
        if not good or not name or "/" in name:
            raise self.unavailable(f"'{self.place}' is no Unity Catalog.", remedy)
        return name


def _path(location: str) -> Path | None:
    """A place on this machine's disks; None for any other."""
    parts = urlsplit(location)
    if parts.scheme not in ("", "file") or parts.netloc not in ("", "localhost") or not parts.path.startswith("/"):
        return None
    return Path(unquote(parts.path) if parts.scheme else location).resolve()


def _kind(facts: Mapping[str, Any]) -> str:
    form = str(facts.get("data_source_format", "")).lower()
    return f"`{form}`" if form in ("parquet", "csv", "json") else "`spark`"


def _columns(facts: Mapping[str, Any]) -> tuple[Column, ...]:
    declared = sorted(facts.get("columns") or (), key=lambda column: int(column.get("position") or 0))
    return tuple(
        Column(column["name"], _type(str(column.get("type_text") or "string")), str(column.get("comment") or ""))
        for column in declared
    )


def _type(text: str) -> str:
    from sqlglot import exp
    from sqlglot.errors import SqlglotError

    try:
        return exp.DataType.build(text, dialect="spark").sql("duckdb").replace("TEXT", "VARCHAR")
    except SqlglotError:
        return "VARCHAR"
