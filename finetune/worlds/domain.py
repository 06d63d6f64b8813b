"""What a file of an invented business, school or club says: its tables, their columns, and how people speak of them."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

_WITHIN = re.compile(r"^(\d+) ?(s|min|h|d|days|w)$")
_SECONDS = {"s": 1, "min": 60, "h": 3600, "d": 86_400, "days": 86_400, "w": 604_800}


def _pair(text: str) -> str:
    if text.count("|") != 1 or not all(part.strip() for part in text.split("|")):
        raise ValueError("two forms with a bar between them are needed, such as 'flights|flight'")
    return text


def _hole(text: str) -> str:
    if text.count("{}") != 1:
        raise ValueError("one '{}' is needed, where the value or the title goes")
    return text


def _span(text: str) -> str:
    if not _WITHIN.match(text):
        raise ValueError("a number and s, min, h, d or w are needed, such as 12h")
    return text


Pair = Annotated[str, AfterValidator(_pair)]
Form = Annotated[str, AfterValidator(_hole)]
Span = Annotated[str, AfterValidator(_span)]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]


def seconds(span: str) -> int:
    """The seconds of a span such as 12h."""
    found = _WITHIN.match(span)
    assert found is not None
    return int(found[1]) * _SECONDS[found[2]]


class Section(BaseModel):
    """A part of the file; what it does not know is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Superlatives(Section):
    """Adjectives for the row with the most and with the least."""

    max: tuple[str, ...] = ()
    min: tuple[str, ...] = ()


class Said(Section):
    """What every column may say."""

    words: tuple[str, ...] = ()
    label: bool = False
    unique: bool = False
    null: float = Field(0.0, ge=0, lt=1)
    missing: tuple[str, ...] = ()
    present: tuple[str, ...] = ()
    superlatives: Superlatives | None = None
    adj: str = ""
    post: tuple[Form, ...] = ()


class Key(Said):
    kind: Literal["key"]
    pattern: str = ""


class Code(Said):
    kind: Literal["code"]
    pattern: str = Field(min_length=1)


class Named(Said):
    kind: Literal["name"]
    of: Literal["person", "first", "last", "company", "city", "country", "title"] | None = None
    parts: tuple[tuple[str, ...], ...] = ()


class Link(Said):
    """`owns` is said behind the rows, `agents` are the parents by what they do, `verbs` what they do with the rows."""

    kind: Literal["link"]
    to: str
    owns: tuple[Form, ...] = ()
    agents: tuple[Pair, ...] = ()
    verbs: tuple[Pair, ...] = ()
    spends: tuple[Pair, ...] = ()
    passive: tuple[str, ...] = ()


class Moment(Said):
    """A time or a date; `times` and `born` say a period of it. With `after` it follows another column's."""

    kind: Literal["time", "date"]
    since: date = Field(date(2021, 1, 1), alias="from")
    until: date = Field(date(2025, 10, 31), alias="to")
    after: str | None = None
    within: Span = "30d"
    event: bool = False
    times: tuple[Form, ...] = ()
    born: tuple[Form, ...] = ()


class Number(Said):
    kind: Literal["amount", "count", "measure", "duration"]
    unit: str | None = None
    low: float
    high: float
    skew: bool = False
    totals: tuple[str, ...] = ()
    sums: tuple[str, ...] = ()
    amounts: tuple[str, ...] = ()


class Choice(Said):
    kind: Literal["choice"]
    values: dict[str, float] = Field(min_length=2)
    rates: dict[str, tuple[str, ...]] = {}


class Flag(Said):
    kind: Literal["flag"]
    share: float = Field(0.5, gt=0, lt=1)
    yes: tuple[str, ...] = Field(min_length=1)
    no: tuple[str, ...] = Field(min_length=1)


class Note(Said):
    kind: Literal["note"]


ColumnSpec = Annotated[Key | Code | Named | Link | Moment | Number | Choice | Flag | Note, Field(discriminator="kind")]


class TableSpec(Section):
    """A table; `lacks` are things that people ask for and its rows do not tell."""

    nouns: tuple[Pair, ...] = Field(min_length=1)
    rows: int = Field(ge=1, le=5000)
    person: bool = False
    did: tuple[str, ...] = ()
    lacks: tuple[str, ...] = ()
    columns: dict[Name, ColumnSpec] = Field(min_length=1)
    asks: dict[str, tuple[str, ...]] = {}

    @property
    def key(self) -> str | None:
        return next((name for name, spec in self.columns.items() if spec.kind == "key"), None)

    @property
    def label(self) -> str | None:
        return next((name for name, spec in self.columns.items() if spec.label), None)

    @property
    def time(self) -> str | None:
        """The event, else the first column of times."""
        moments = {name: spec for name, spec in self.columns.items() if isinstance(spec, Moment) and not spec.born}
        return next((name for name, spec in moments.items() if spec.event), None)

    @property
    def links(self) -> dict[str, Link]:
        return {name: spec for name, spec in self.columns.items() if isinstance(spec, Link)}


class Domain(Section):
    """All tables of a file."""

    tables: dict[Name, TableSpec] = Field(min_length=2)
