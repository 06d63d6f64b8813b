"""A client of the HTTP API.

>>> from lakewright.client import Client
>>> with Client("http://127.0.0.1:8400", token) as lakewright:
...     answer = lakewright.ask("How many shops are there in Toronto?")
...     answer["rows"]
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from types import TracebackType
from typing import Any, Self

import httpx

from lakewright.code import Code
from lakewright.errors import LakewrightError
from lakewright.forms import Forms

__all__ = ["Client", "LakewrightError"]

Document = dict[str, Any]


class Client:
    """Asks a server as the principal that the token stands for. Every method raises LakewrightError."""

    def __init__(self, url: str, token: str, *, timeout: float = 120.0, http: httpx.Client | None = None) -> None:
        """`timeout` is in seconds; `http` is for proxies, certificates and tests."""
        self._http = http or httpx.Client(base_url=url, timeout=timeout)
        self._headers = {"Authorization": f"Bearer {token}"}

    @cached_property
    def code(self) -> Code:
        """Programs that are written over the lakehouse."""
        return Code(self)

    @cached_property
    def forms(self) -> Forms:
        """Forms that are filled from the lakehouse."""
        return Forms(self)

    def ask(
        self,
        question: str,
        *,
        endpoint: str | None = None,
        thread: str | None = None,
        on_event: Callable[[str, Document], None] = lambda name, document: None,
    ) -> Document:
        """The answer. `on_event` hears of each `step` and `token` while it is made."""
        body = {"question": question, "endpoint": endpoint, "thread": thread}
        for name, document in self.events("/api/ask", body):
            if name == "answer":
                return document
            on_event(name, document)
        raise LakewrightError("unavailable", "The server ended the answer early.", "Ask again.")

    def sql(self, sql: str, *, params: Document | None = None, limit: int | None = None) -> Document:
        """One governed query: `columns`, `rows` and where they come from."""
        return self._json("POST", "/api/sql", {"sql": sql, "params": params, "limit": limit})

    def catalog(self) -> list[Document]:
        """The tables that the principal sees."""
        return list(self.pages("/api/catalog", "tables"))

    def pages(self, path: str, name: str) -> Iterator[Document]:
        """The items of a list, page after page."""
        cursor: str | None = ""
        while cursor is not None:
            page = self._json("GET", f"{path}?cursor={cursor}")
            yield from page[name]
            cursor = page.get("next")

    def score(self, model: str, keys: list[Document], **params: Any) -> list[Document]:
        """A registered model's prediction for each subject, with its reasons. `params`: `at`, `version`, `reasons`."""
        body = {"instances": keys, "params": params}
        predictions: list[Document] = self._json("POST", f"/api/models/{model}/invocations", body)["predictions"]
        return predictions

    def rate(self, answer_id: str, thumb: str, note: str = "", *, sql: str = "", consent: bool = False) -> None:
        """Say whether an answer was good: `up`, or `down` with the SQL that it should have run; with `consent` models
        of that home may learn from it."""
        body = {"thumb": thumb, "note": note, "sql": sql, "consent": consent}
        self.send("POST", f"/api/answers/{answer_id}/thumb", body)

    def send(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        headers: Mapping[str, str] | None = None,
        content: bytes = b"",
    ) -> httpx.Response:
        """One request of the API, with a JSON body or `content`."""
        given: Document = {"content": content} if content else {"json": body}
        with _connected():
            response = self._http.request(method, path, headers={**self._headers, **(headers or {})}, **given)
        if response.is_error:
            raise _error(response)
        return response

    def events(
        self, path: str, body: Document, *, headers: Mapping[str, str] | None = None
    ) -> Iterator[tuple[str, Document]]:
        """The server-sent events of a request, as (name, document)."""
        asked = {**self._headers, "Accept": "text/event-stream", **(headers or {})}
        with _connected(), self._http.stream("POST", path, json=body, headers=asked) as response:
            if response.is_error:
                response.read()
                raise _error(response)
            for name, document in _events(response.iter_lines()):
                if name == "error":
                    raise LakewrightError(document["kind"], document["detail"], document["remedy"])
                yield name, document

    def close(self) -> None:
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _json(self, method: str, path: str, body: Document | None = None) -> Document:
        response = self.send(method, path, body)
        with _connected():
            document: Document = response.json()
        return document


@contextmanager
def _connected() -> Iterator[None]:
    """What goes wrong between the client and the server, in words with a remedy."""
    try:
        yield
    except httpx.TimeoutException as error:
        said = "The server did not answer in time."
        raise LakewrightError("unavailable", said, "Ask again, or give the client a longer `timeout`.") from error
    except (httpx.HTTPError, httpx.StreamError) as error:
        said = f"The connection to the server failed: {str(error) or type(error).__name__}."
        remedy = "See that the server runs, and ask again: with the same key, where the request had one."
        raise LakewrightError("unavailable", said, remedy) from error
    except httpx.InvalidURL as error:
        raise LakewrightError("invalid", f"The address is wrong: {error}.", "Give it as http://HOST:PORT.") from error
    except ValueError as error:
        raise LakewrightError("internal", "The server did not answer in JSON.", "Is it Lakewright?") from error


def _error(response: httpx.Response) -> LakewrightError:
    try:
        problem = response.json()
        return LakewrightError(problem["kind"], problem["detail"], problem["remedy"])
    except (ValueError, KeyError, TypeError):
        return LakewrightError("internal", f"The server said {response.status_code}.", "Is it Lakewright?")


def _events(lines: Iterator[str]) -> Iterator[tuple[str, Document]]:
    """Server-sent events as (name, document)."""
    name, data = "", ""
    for line in lines:
        field, _, value = line.partition(": ")
        if field == "event":
            name = value
        elif field == "data":
            data += value
        elif not line and data:
            yield name, json.loads(data)
            name, data = "", ""
