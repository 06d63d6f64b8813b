"""What a question came to."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from agents.ask.state import Status


@dataclass(frozen=True)
class Outcome:
    """The part of an answer that differs between an outcome with rows and one without."""

    status: Status
    answer: str
    columns: list[str] = field(default_factory=list)
    rows: list[list[Any]] = field(default_factory=list)
    sources: list[dict[str, Any]] = field(default_factory=list)
    audit_id: str = ""
    meanings: list[dict[str, Any] | None] = field(default_factory=list)
