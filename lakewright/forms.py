"""Forms of a Lakewright server: what comes back from it, and the client's part for them.

>>> from lakewright.client import Client
>>> with Client("http://127.0.0.1:8400", token) as lakewright:
...     filling = lakewright.forms.fill("merchant-onboarding", "merchant Blue Bottle", key="blue-bottle-1")
...     filling = lakewright.forms.answer(filling.filling_id, {path: ... for path in filling.missing})
...     file = lakewright.forms.download(lakewright.forms.sign(filling.filling_id).filling_id)
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Literal, Protocol, Self, TypeVar

import httpx

from lakewright.errors import LakewrightError

Document = dict[str, Any]
FillingStatus = Literal["running", "clarify", "review", "signed"]
ValueStatus = Literal["filled", "ask", "uncertain", "hidden", "invalid"]


class _Read:
    """A record out of JSON: what a newer server says beyond it is left out."""

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Self:
        known = {field.name for field in fields(cls)}  # type: ignore[arg-type]
        return cls(**{name: value for name, value in document.items() if name in known})


Record = TypeVar("Record", bound=_Read)


@dataclass(frozen=True)
class Source(_Read):
    """Where a value was read. `way` is `column`, `measure`, `feature`, `score`, `computed`, `constant` or `person`."""

    way: str
    table: str = ""
    column: str = ""
    key: Any = None
    version: str = ""
    query: str = ""
    passage: str = ""
    name: str = ""
    fields: Sequence[str] = ()
    by: str = ""
    audit_id: str = ""


@dataclass(frozen=True)
class Candidate(_Read):
    """A source that a field might have; answer `{"use": number}` to take it."""

    number: int
    said: str
    value: Any
    confidence: float


@dataclass(frozen=True)
class FieldValue(_Read):
    """A field with its value, or why it has none."""

    path: str
    status: ValueStatus
    value: Any = None
    source: Source | None = None
    confidence: float = 0.0
    changed_by: str = ""
    message: str = ""
    candidates: Sequence[Candidate] = ()

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Self:
        source = document["source"]
        candidates = tuple(map(Candidate.of, document["candidates"]))
        return super().of({**document, "source": source and Source.of(source), "candidates": candidates})


@dataclass(frozen=True)
class Choice(_Read):
    """One of several subjects that the words fit."""

    number: int
    about: str
    label: str
    detail: str = ""


@dataclass(frozen=True)
class Filling(_Read):
    """A filling of a form. `values` is the document as far as it is filled, `fields` each value with its source, by
    path; `missing` are the paths that have no value yet."""

    filling_id: str
    form: str
    version: int
    status: FillingStatus
    about: str
    subject: Document | None
    choices: Sequence[Choice]
    values: Any
    fields: Mapping[str, FieldValue]
    missing: Sequence[str]
    problems: Sequence[str]
    complete: bool
    signer: str
    signed_at: str
    digest: str

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Self:
        values = {path: FieldValue.of(value) for path, value in document["fields"].items()}
        return super().of({**document, "choices": tuple(map(Choice.of, document["choices"])), "fields": values})


@dataclass(frozen=True)
class Batch(_Read):
    """How far a batch is. `fillings` are (subject, filling id); `failed` are (subject, why)."""

    done: int
    total: int
    signed: int
    incomplete: int
    skipped: int
    failed: Sequence[tuple[str, str]]
    fillings: Sequence[tuple[str, str]]

    @classmethod
    def of(cls, document: Mapping[str, Any]) -> Self:
        failed = tuple((one["subject"], one["message"]) for one in document["failed"])
        fillings = tuple((one["subject"], one["filling_id"]) for one in document["fillings"])
        return super().of({**document, "failed": failed, "fillings": fillings})


class Connection(Protocol):
    """What the forms need of a client."""

    def send(
        self, method: str, path: str, body: Any = None, *, headers: Mapping[str, str] | None = ..., content: bytes = ...
    ) -> httpx.Response: ...

    def events(
        self, path: str, body: Document, *, headers: Mapping[str, str] | None = ...
    ) -> Iterator[tuple[str, Document]]: ...


class Forms:
    """A client's part for forms. Every method raises LakewrightError."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def list(self) -> Sequence[Document]:
        """The forms that can be filled."""
        found: list[Document] = self._get("")["forms"]
        return found

    def get(self, name: str) -> Document:
        """What a form asks for."""
        return self._get(f"/{name}")

    def add(self, name: str, file: bytes) -> Document:
        """Add a form: a JSON Schema, or a PDF with fields. For the administrator."""
        found: Document = self._connection.send("PUT", f"/api/forms/{name}", content=file).json()
        return found

    def fill(
        self,
        name: str,
        about: str,
        *,
        answers: Mapping[str, Any] | None = None,
        as_of: str | None = None,
        key: str = "",
        on_event: Callable[[str, Document], None] | None = None,
    ) -> Filling:
        """Fill a form. The same `key` again gives the same filling. `on_event` hears of each `step`, and of each field
        as it is `filled`. `as_of` is a moment with its zone, in ISO 8601."""
        body = {"about": about, "answers": dict(answers or {}), "as_of": as_of}
        path, headers = f"/api/forms/{name}/fill", _key(key)
        if on_event is None:
            return Filling.of(self._connection.send("POST", path, body, headers=headers).json())
        for event, document in self._connection.events(path, body, headers=headers):
            if event == "filling":
                return Filling.of(document)
            on_event(event, document)
        raise LakewrightError("unavailable", "The server ended the filling early.", "Fill it again with the same key.")

    def filling(self, filling_id: str) -> Filling:
        """A filling as it is now; one that was broken off goes on."""
        return Filling.of(self._get(f"/fillings/{filling_id}"))

    def recent(self, count: int = 20) -> Sequence[Filling]:
        """The latest fillings, newest first."""
        return tuple(map(Filling.of, self._get(f"/fillings?count={count}")["fillings"]))

    def choose(self, filling_id: str, number: int) -> Filling:
        """Say which of several subjects is meant."""
        return self._review(filling_id, {"choice": number})

    def answer(self, filling_id: str, answers: Mapping[str, Any]) -> Filling:
        """Answer or change fields, by path: all are taken, or none."""
        return self._review(filling_id, {"answers": dict(answers)})

    def sign(self, filling_id: str) -> Filling:
        """Sign a filling that is complete."""
        return Filling.of(self._connection.send("POST", f"/api/forms/fillings/{filling_id}/sign").json())

    def download(self, filling_id: str, format: Literal["", "pdf", "json"] = "") -> bytes:
        """The signed form as a file, by default as what it came as."""
        asked = f"?format={format}" if format else ""
        return self._connection.send("GET", f"/api/forms/fillings/{filling_id}/download{asked}").content

    def batch(
        self, name: str, subjects: Sequence[str], *, key: str, sign: bool = False, as_of: str | None = None
    ) -> Iterator[Batch]:
        """Fill a form about many subjects, and tell how far it is. The same `key` goes on where it was broken off."""
        body = {"subjects": [*subjects], "sign": sign, "as_of": as_of}
        for _, document in self._connection.events(f"/api/forms/{name}/batch", body, headers=_key(key)):
            yield Batch.of(document)

    def _review(self, filling_id: str, body: Document) -> Filling:
        return Filling.of(self._connection.send("PATCH", f"/api/forms/fillings/{filling_id}", body).json())

    def _get(self, path: str) -> Document:
        found: Document = self._connection.send("GET", f"/api/forms{path}").json()
        return found


def _key(key: str) -> dict[str, str]:
    return {"Idempotency-Key": key} if key else {}
