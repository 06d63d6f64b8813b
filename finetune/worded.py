"""Questions that people worded over the worlds as their files store them.

A world's file of questions has a JSON object a line: `questions`, wordings of the same, and `sql`, FROM-first as the
model writes it, or `unsure` for what the world does not tell.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

FOLDER = Path(__file__).parent / "worlds" / "questions"


@dataclass(frozen=True)
class Worded:
    """A question in several wordings, with the SQL that answers each of them."""

    questions: tuple[str, ...]
    sql: str


@lru_cache(maxsize=64)
def worded(name: str) -> tuple[Worded, ...]:
    """The questions over a world; none where nobody worded any."""
    file = FOLDER / f"{name}.jsonl"
    lines = file.read_text(encoding="utf-8").splitlines() if file.exists() else []
    rows = (json.loads(line) for line in lines if line.strip())
    return tuple(Worded(tuple(row["questions"]), row["sql"]) for row in rows)
