"""What is measured is not learnt: no wording of the training's questions and tasks is one of a file that measures."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from finetune.tasks import FOLDER as TASKS
from finetune.worded import FOLDER as QUESTIONS

MEASURED = Path(__file__).parents[1] / "questions"


def rows(folder: Path) -> Iterator[dict[str, object]]:
    for file in sorted(folder.rglob("*.jsonl")):
        yield from map(json.loads, file.read_text(encoding="utf-8").splitlines())


def words(text: object) -> str:
    """The words of a text, whatever stands between them."""
    return " ".join(re.findall(r"\w+", str(text).casefold()))


@pytest.fixture(scope="module")
def measured() -> set[str]:
    return {words(row[key]) for row in rows(MEASURED) for key in ("question", "task") if key in row}


@pytest.mark.parametrize(("folder", "key"), [(TASKS, "tasks"), (QUESTIONS, "questions")], ids=["tasks", "questions"])
def test_no_wording_that_is_learnt_measures(folder: Path, key: str, measured: set[str]) -> None:
    learnt = {words(text) for row in rows(folder) for text in row[key]}  # type: ignore[attr-defined]
    assert len(learnt) > 9_000
    assert len(measured) > 1_000
    assert not learnt & measured
