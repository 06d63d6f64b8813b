"""SQLite files with the questions that are asked of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from data.errors import Invalid

if TYPE_CHECKING:
    from agents.evaluation.question import Line

SUFFIX, QUESTIONS = ".sqlite", ".jsonl"


@dataclass(frozen=True)
class Database:
    """A file whose name is what SQL calls the source, and its questions."""

    path: Path
    lines: tuple[Line, ...]

    @property
    def name(self) -> str:
        return self.path.stem


def read(folder: Path, questions: Path | None, limit: int | None) -> tuple[Database, ...]:
    """Each NAME.sqlite of the folder that has a NAME.jsonl beside it, or in the folder of questions; with a limit so
    many questions of each, evenly spread. Invalid where there is none."""
    found = tuple(_found(folder, questions or folder, limit))
    if not found:
        raise Invalid(
            f"'{folder}' has no {SUFFIX} file whose questions are in '{questions or folder}'.",
            f"Put NAME{SUFFIX} and NAME{QUESTIONS} there, or name the folder of the latter with --questions.",
        )
    return found


def _found(folder: Path, questions: Path, limit: int | None) -> Iterator[Database]:
    from agents.evaluation.question import read as lines_of

    for path in sorted(folder.glob(f"*{SUFFIX}")):
        file = questions / f"{path.stem}{QUESTIONS}"
        if file.is_file():
            yield Database(path, _spread(lines_of(file), limit))


def _spread(lines: tuple[Line, ...], limit: int | None) -> tuple[Line, ...]:
    if limit is None or limit >= len(lines):
        return lines
    return tuple(lines[place * len(lines) // limit] for place in range(limit))
