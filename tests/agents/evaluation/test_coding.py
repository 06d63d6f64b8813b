"""Tasks for code in a question file: programs that ran are judged by their rows, and views by what they give."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from agents.ask.state import Answer
from agents.code.state import Delivery
from agents.evaluation.coding import Coding
from agents.evaluation.question import read
from agents.evaluation.report import report
from agents.evaluation.run import outcomes
from data.errors import Invalid
from data.gateway import Gateway
from data.policy import Principal

VIEW = {"name": "v", "entity": "artist", "keys": ["artist_id"], "source": "tidal.plays", "time": "played_at",
        "features": [{"name": "n", "function": "count", "over": ["7d"]}]}  # fmt: skip
LINES = (
    {"id": "a", "task": "SQL for plays by platform", "language": "sql",
     "sql": "SELECT platform, count(*) FROM tidal.plays GROUP BY 1"},
    {"id": "b", "task": "PySpark: first play", "language": "pyspark", "sql": "SELECT min(played_at) FROM tidal.plays"},
    {"id": "c", "task": "Plays of an artist in a week", "language": "feature", "gold": VIEW},
    {"id": "d", "task": "Python for the weather", "language": "python", "sql": "SELECT count(*) FROM tidal.plays"},
)  # fmt: skip
RESULTS: dict[str, list[list[Any]]] = {
    "sql": [["ios", 2], ["web", 1], [None, 1]],
    "pyspark": [["2024-01-01T00:00:00"]],
    "feature": [[1, "2024-03-01T00:00:00", 3]],
}


@dataclass
class Scripted:
    """A coder that delivers what a test says; rows of more than one are cut, as a task keeps only the first."""

    ran: list[str] = field(default_factory=list)

    def write(self, principal: Principal, text: str, *, language: str, endpoint: str) -> Delivery:
        rows = RESULTS.get(language)
        if rows is None:
            return _delivery(language, status="unsure", question="I can't tell.")
        return _delivery(language, result=_result(rows[:1], truncated=len(rows) > 1), code="program")

    def run(self, principal: Principal, code: str, *, language: str) -> Delivery:
        self.ran.append(code)
        return _delivery(language, result=_result(RESULTS[language], truncated=False), code=code)


def _delivery(language: str, status: str = "delivered", **parts: Any) -> Delivery:
    return Delivery("id", status, language, "task", "owner", **parts)  # type: ignore[arg-type]


def _result(rows: list[list[Any]], *, truncated: bool) -> dict[str, Any]:
    return {"columns": [f"c{n}" for n in range(len(rows[0]))], "rows": rows, "truncated": truncated}


def _file(folder: Path, *lines: dict[str, Any]) -> Path:
    path = folder / "code.jsonl"
    path.write_text("\n".join(json.dumps(line) for line in lines))
    return path


def _never(question: str) -> Answer:
    raise AssertionError(f"'{question}' is a task for code.")


def test_programs_are_judged_by_their_rows(gateway: Gateway, owner: Principal, tmp_path: Path) -> None:
    coder = Scripted()
    coding = Coding(lambda: coder, owner)  # type: ignore[arg-type, return-value]
    found = [row["it"] for row in outcomes(read(_file(tmp_path, *LINES)), {"it": _never}, gateway, owner, coding)]
    assert [outcome.right for outcome in found] == [True, True, True, False]
    assert found[3].status == "unsure"
    made = report(found)
    assert (made.execution_accuracy, made.valid_sql) == (0.75, 0.75)
    assert made.by_tag["sql"].execution_accuracy == 1.0
    # The gold view was computed, and the rows that were cut were fetched.
    assert "FeatureView" in coder.ran[0]
    assert coder.ran[1:] == ["program"]


def test_a_task_needs_somebody_to_run_code(gateway: Gateway, owner: Principal, tmp_path: Path) -> None:
    with pytest.raises(Invalid, match="task for code"):
        list(outcomes(read(_file(tmp_path, LINES[0])), {"it": _never}, gateway, owner))


@pytest.mark.parametrize(
    "line",
    [
        {"task": "x", "language": "feature", "sql": "SELECT 1 FROM tidal.plays"},
        {"task": "x", "language": "sql", "gold": VIEW},
        {"task": "x", "language": "cobol", "sql": "SELECT 1 FROM tidal.plays"},
    ],
)
def test_a_line_whose_gold_does_not_fit_is_refused(line: dict[str, Any], tmp_path: Path) -> None:
    with pytest.raises(Invalid, match=r"code\.jsonl:1"):
        read(_file(tmp_path, line))


@pytest.mark.parametrize(
    ("file", "counts"),
    [
        ("code.jsonl", {"sql": 40, "pyspark": 30, "python": 20, "feature": 10}),
        ("code-held.jsonl", {"sql": 40, "pyspark": 30, "python": 20, "feature": 10}),
        ("code-dev.jsonl", {"sql": 16, "pyspark": 12, "python": 8, "feature": 4}),
        ("code-dev2.jsonl", {"sql": 72, "pyspark": 54, "python": 37, "feature": 14}),
        ("code-dev3.jsonl", {"sql": 24, "pyspark": 18, "python": 12, "feature": 6}),
        ("code-dev4.jsonl", {"sql": 40, "pyspark": 30, "python": 20, "feature": 10}),
        ("code-dev5.jsonl", {"sql": 40, "pyspark": 30, "python": 20, "feature": 10}),
        ("code-held2.jsonl", {"sql": 40, "pyspark": 30, "python": 20, "feature": 10}),
    ],
)
def test_the_shipped_tasks_can_be_read(file: str, counts: dict[str, int]) -> None:
    lines = read(Path(__file__).parents[2] / "questions" / file)
    languages = [line.question.language for line in lines]
    assert {name: languages.count(name) for name in set(languages)} == counts
    assert all(line.question.view for line in lines if line.question.language == "feature")
