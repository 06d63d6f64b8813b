"""Code of a Lakewright server: what comes back from it, and the client's part for it.

>>> from lakewright.client import Client
>>> with Client("http://127.0.0.1:8400", token) as lakewright:
...     delivery = lakewright.code.write("Count the merchants by country.", language="pyspark", mode="run")
...     print(delivery.code)
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Literal, Protocol, Self

import httpx

from lakewright.errors import LakewrightError

Document = dict[str, Any]
Language = Literal["sql", "pyspark", "python", "feature", "stream", "dbt"]
Mode = Literal["plan", "ask", "run"]


class _Read:
    """A record out of JSON: what a newer server says beyond it is left out."""

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Self:
        known = {field.name for field in fields(cls)}  # type: ignore[arg-type]
        return cls(**{name: value for name, value in document.items() if name in known})


@dataclass(frozen=True)
class Check(_Read):
    """One thing that was looked at; `verdict` is `ok`, `failed` or `skipped`."""

    name: str
    verdict: str
    detail: str = ""


@dataclass(frozen=True)
class Attempt(_Read):
    """One program that was written, with what was found wrong with it."""

    number: int
    code: str
    checks: Sequence[Check] = ()
    error: Document | None = None
    stdout: str = ""
    stderr: str = ""

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Self:
        return super().of({**document, "checks": tuple(map(Check.of, document["checks"]))})


@dataclass(frozen=True)
class Delivery(_Read):
    """A task as it stands. `code` is good where `status` is `delivered` or `written`; where it is `approve`, a person
    has to answer `question`. `result` is {columns, types, rows, count, truncated, sample, charts}, or None."""

    code_id: str
    status: str
    language: str
    task: str
    mode: str
    code: str
    explanation: str
    checks: Sequence[Check]
    result: Document | None
    attempts: Sequence[Attempt]
    tests: str
    log: Sequence[str]
    sources: Sequence[Document]
    question: str
    write_back: Document | None
    error: Document | None
    endpoint: str
    seconds: float

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Self:
        checks = tuple(map(Check.of, document["checks"]))
        attempts = tuple(map(Attempt.of, document["attempts"]))
        return super().of({**document, "checks": checks, "attempts": attempts})


class Connection(Protocol):
    """What code needs of a client."""

    def send(
        self, method: str, path: str, body: Any = None, *, headers: Mapping[str, str] | None = ...
    ) -> httpx.Response: ...

    def events(
        self, path: str, body: Document, *, headers: Mapping[str, str] | None = ...
    ) -> Iterator[tuple[str, Document]]: ...


class Code:
    """A client's part for code. Every method raises LakewrightError."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def write(
        self,
        task: str,
        *,
        language: Language = "sql",
        mode: Mode = "plan",
        dialect: str | None = None,
        endpoint: str | None = None,
        thread: str | None = None,
        expects: Sequence[str] = (),
        current: str = "",
        key: str = "",
        on_event: Callable[[str, Document], None] | None = None,
    ) -> Delivery:
        """Write a program. The same `key` again gives the same task. `on_event` hears of each `step` and `attempt`."""
        body = {
            "task": task, "language": language, "mode": mode, "dialect": dialect, "endpoint": endpoint,
            "thread": thread, "expects": [*expects], "current": current,
        }  # fmt: skip
        headers = {"Idempotency-Key": key} if key else {}
        if on_event is None:
            return self._sent("POST", "", body, headers)
        for event, document in self._connection.events("/api/code", body, headers=headers):
            if event == "delivery":
                return Delivery.of(document)
            on_event(event, document)
        raise LakewrightError("unavailable", "The server ended the task early.", "Ask again with the same key.")

    def run(
        self, code: str, *, language: Language = "sql", dialect: str | None = None, expects: Sequence[str] = ()
    ) -> Delivery:
        """Check and run a program that somebody wrote."""
        body = {"code": code, "language": language, "dialect": dialect, "expects": [*expects]}
        return self._sent("POST", "/run", body)

    def get(self, code_id: str) -> Delivery:
        """A task as it stands."""
        return self._sent("GET", f"/{code_id}")

    def recent(self, count: int = 20) -> Sequence[Delivery]:
        """The latest tasks, newest first."""
        found = self._connection.send("GET", f"/api/code?count={count}").json()
        return tuple(map(Delivery.of, found["tasks"]))

    def approve(self, code_id: str) -> Delivery:
        """Let the program run, or its rows be written."""
        return self._sent("POST", f"/{code_id}/approval", {"decision": "approve"})

    def deny(self, code_id: str) -> Delivery:
        """Do not let it."""
        return self._sent("POST", f"/{code_id}/approval", {"decision": "deny"})

    def resume(self, code_id: str) -> Delivery:
        """Go on with a task that was broken off."""
        return self._sent("POST", f"/{code_id}/resume")

    def _sent(self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None) -> Delivery:
        return Delivery.of(self._connection.send(method, f"/api/code{path}", body, headers=headers).json())
