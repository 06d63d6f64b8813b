"""What became of each question, in a file, so that a measurement that is stopped goes on where it was."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from agents.evaluation.outcome import Outcome
from data.errors import Invalid

if TYPE_CHECKING:
    from agents.evaluation.question import Line


class Entry(BaseModel):
    """One answer: `side` gave it, made of `parts` (weights, versions), to a question whose gold is `wanted`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    side: str
    parts: str
    file: str
    id: str
    question: str
    wanted: str
    status: Literal["answered", "empty", "forbidden", "truncated", "clarify", "unsure", "failed"]
    sql: str
    seconds: float
    reason: str
    error: str

    @property
    def key(self) -> tuple[str, ...]:
        return self.side, self.parts, self.file, self.id, self.question, self.wanted


class Kept(BaseModel):
    """The file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    version: Literal[1] = 1
    answers: list[Entry] = Field(default_factory=list)


class Ledger:
    """The answers by side and question. An answer is on disk when `add` returns."""

    def __init__(self, path: Path, *, fresh: bool = False) -> None:
        """Invalid when the file is something else, or has no folder; `fresh` begins a new one."""
        if not path.parent.is_dir():
            raise Invalid(f"There is no folder '{path.parent}' for the results.", "Name another file with --results.")
        self._path = path
        entries = [] if fresh or not path.exists() else _read(path).answers
        self._entries = {entry.key: entry for entry in entries}

    def get(self, side: str, parts: str, line: Line) -> Outcome | None:
        entry = self._entries.get((side, parts, *_asked(line)))
        if entry is None:
            return None
        return Outcome(line, entry.status, entry.sql, entry.seconds, entry.reason, entry.error, None, None)

    def add(self, side: str, parts: str, outcome: Outcome) -> None:
        file, name, question, wanted = _asked(outcome.line)
        entry = Entry(
            side=side, parts=parts, file=file, id=name, question=question, wanted=wanted, status=outcome.status,
            sql=outcome.sql, seconds=round(outcome.seconds, 4), reason=outcome.reason, error=outcome.error,
        )  # fmt: skip
        self._entries[entry.key] = entry
        self._write()

    def _write(self) -> None:
        draft = self._path.with_name(f"{self._path.name}.new")
        kept = {"version": 1, "answers": [entry.model_dump() for entry in self._entries.values()]}
        draft.write_text(json.dumps(kept, ensure_ascii=False, indent=1), encoding="utf-8")
        os.replace(draft, self._path)


def _asked(line: Line) -> tuple[str, str, str, str]:
    return line.file, line.id, line.question.question, line.question.wanted


def _read(path: Path) -> Kept:
    try:
        return Kept.model_validate_json(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, ValidationError) as error:
        said = str(error).splitlines()[0]
        remedy = "Name another file with --results, or begin anew with --fresh."
        raise Invalid(f"'{path}' does not hold results of this measurement: {said}.", remedy) from error
