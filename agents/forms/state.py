"""What one filling of a form carries through the graph, and what comes out of it."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal, TypedDict

from agents.forms.binding import Way
from data.values import plain

Status = Literal["running", "clarify", "review", "signed"]
"""`running`: it was begun, and can go on. `clarify`: several subjects match. `review`: it waits for answers and a
signature."""

FieldStatus = Literal["filled", "ask", "uncertain", "hidden", "invalid"]
"""`filled` has a value with a source. The others have none: `ask` is not in the lakehouse, `uncertain` could be one of
`candidates`, `hidden` needs someone with access, and an `invalid` value does not fit the form."""


@dataclass(frozen=True)
class Source:
    """Where a value was read: for `way` column the table, column and the row's key; for a measure the governed query;
    for a feature or score its name; for a computed one the fields; `person` for what a person said, and who that is.
    `version` is that of the table's store."""

    way: Way
    table: str = ""
    column: str = ""
    key: Any = None
    version: str = ""
    query: str = ""
    passage: str = ""
    name: str = ""
    fields: tuple[str, ...] = ()
    by: str = ""
    audit_id: str = ""


@dataclass(frozen=True)
class Candidate:
    """A source that a field might have, for a person to choose by its number. `binding` is for the program."""

    number: int
    said: str
    value: Any
    confidence: float
    source: Source | None = None
    binding: str = ""


@dataclass(frozen=True)
class FieldValue:
    """A field's value with its source. `changed_by` is the person who changed it, "" for what was found."""

    path: str
    status: FieldStatus
    value: Any = None
    source: Source | None = None
    confidence: float = 0.0
    changed_by: str = ""
    message: str = ""
    """Why there is no value, for people."""
    candidates: tuple[Candidate, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The value without what is for the program alone."""
        found: dict[str, Any] = plain(asdict(self))
        for candidate in found["candidates"]:
            candidate.pop("binding")
        return found


@dataclass(frozen=True)
class Subject:
    """Whom or what a filling is about: a row of `table`, by its key."""

    table: str
    key: Any
    label: str

    def as_json(self) -> dict[str, Any]:
        return {"table": self.table, "key": plain(self.key), "label": self.label}


@dataclass(frozen=True)
class Choice:
    """One of several subjects that the words fit: `number` chooses it, `about` names it without doubt."""

    number: int
    about: str
    label: str
    detail: str = ""


@dataclass(frozen=True)
class Filling:
    """One filling of a form. `document` is the JSON as far as it is filled; `complete` is whether it meets the form's
    schema with nothing required left out. `unfilled` are the paths of fields that count and have no value, required
    ones first; `problems` are what the schema says of the document, in words."""

    filling_id: str
    form: str
    version: int
    principal: str
    status: Status
    about: str
    subject: Subject | None = None
    choices: tuple[Choice, ...] = ()
    values: tuple[FieldValue, ...] = ()
    document: Any = None
    complete: bool = False
    unfilled: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()
    signer: str = ""
    signed_at: str = ""
    digest: str = ""
    """SHA-256 of the document that was signed."""

    def as_json(self) -> dict[str, Any]:
        """The filling as JSON can hold it; `fields` has each value by its path."""
        fields = {value.path: value.as_json() for value in self.values}
        about = {
            "filling_id": self.filling_id, "form": self.form, "version": self.version, "principal": self.principal,
            "status": self.status, "about": self.about, "subject": self.subject and self.subject.as_json(),
            "choices": [asdict(choice) for choice in self.choices],
        }  # fmt: skip
        end = {
            "values": plain(self.document), "fields": fields, "missing": list(self.unfilled),
            "problems": list(self.problems), "complete": self.complete, "signer": self.signer,
            "signed_at": self.signed_at, "digest": self.digest,
        }  # fmt: skip
        return {**about, **end}


@dataclass(frozen=True)
class Step:
    """A step of the graph is done. `detail` is for people."""

    name: str
    detail: str
    seconds: float


@dataclass(frozen=True)
class Filled:
    """A field that has just been filled or found to have no value, for whoever watches."""

    value: FieldValue


Event = Step | Filled | Filling


class FormState(TypedDict):
    """Plain values, so that a checkpoint can always be read. By path, `bindings` has the texts of a field's bindings
    and `values` its value. `decision` is what the person who reviews does next: answers by path, or a signature."""

    filling_id: str
    form: str
    version: int
    principal: str
    status: Status
    about: str
    as_of: str
    subject: dict[str, Any] | None
    choices: list[dict[str, Any]]
    bindings: dict[str, list[str]]
    values: dict[str, dict[str, Any]]
    decision: dict[str, Any]
    signer: str
    signed_at: str
    digest: str


def begun(filling_id: str, form: str, version: int, principal: str, about: str, as_of: str) -> FormState:
    """The state in which a filling enters the graph."""
    return FormState(
        filling_id=filling_id, form=form, version=version, principal=principal, status="running", about=about,
        as_of=as_of, subject=None, choices=[], bindings={}, values={}, decision={}, signer="", signed_at="", digest="",
    )  # fmt: skip
