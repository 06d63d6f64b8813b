"""What the tools give: bounded, so that one answer never fills a model's context."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel, Field

MOST_ROWS = 200
MOST_BYTES = 60_000
LONGEST = 4_000


class Rows(BaseModel):
    columns: list[str] = []
    rows: list[list[Any]] = Field([], description="In the order of `columns`.")
    truncated: bool = Field(False, description="There are more rows than are given here.")
    sources: list[dict[str, Any]] = Field([], description="Tables that were read, with version and freshness.")


class Asked(Rows):
    status: str = Field(description="answered, empty, forbidden, truncated, clarify, unsure or failed.")
    answer: str = Field(description="What was found, in words; with any other status, why there is nothing.")
    sql: str = ""
    verified: bool = Field(False, description="An approved query gave it.")
    confidence: float | None = None
    answer_id: str = ""


class Queried(Rows):
    audit_id: str
    seconds: float


class Column(BaseModel):
    name: str
    type: str
    description: str = ""


class Table(BaseModel):
    name: str
    description: str = ""
    columns: list[Column]


class Found(BaseModel):
    tables: list[Table]
    passages: list[dict[str, Any]] = Field([], description="Of documents, word for word, best first.")


class Features(BaseModel):
    view: str
    entities: list[dict[str, Any]] = Field(description="keys, features and, where these are null, the reason.")


class Scores(BaseModel):
    predictions: list[dict[str, Any]]


class Filled(BaseModel):
    filling_id: str
    status: str = Field(description="review: it waits for answers and a signature; clarify: choose one of `choices`.")
    values: dict[str, Any] = Field({}, description="By the path of the field.")
    missing: list[str] = []
    choices: list[dict[str, Any]] = []
    problems: list[str] = []


class Program(BaseModel):
    status: str
    code: str
    checks: list[Any] = []
    explanation: str = ""
    code_id: str = ""


def bounded(rows: Sequence[Sequence[Any]], most: int = MOST_ROWS) -> tuple[list[list[Any]], bool]:
    """The first rows that fit, with long texts cut, and whether any were left out."""
    given: list[list[Any]] = []
    left = MOST_BYTES
    for row in rows[:most]:
        short = [clipped(value) for value in row]
        left -= len(json.dumps(short, ensure_ascii=False))
        if left < 0:
            break
        given.append(short)
    return given, len(given) < len(rows)


def clipped(value: Any) -> Any:
    """A text that is not too long; other values as they are."""
    if isinstance(value, str) and len(value) > LONGEST:
        return value[:LONGEST] + "…"
    return value
