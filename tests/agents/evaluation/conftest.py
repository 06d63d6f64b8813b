"""Question files and scripted endpoints."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import pytest

from agents.ask.state import Answer
from agents.evaluation.outcome import Outcome
from agents.evaluation.question import Line, read
from agents.evaluation.results import Results
from agents.evaluation.run import AskOne, outcomes
from data.gateway import Gateway
from data.policy import Principal

Lines = Callable[..., tuple[Line, ...]]
Evaluate = Callable[..., Results]


@pytest.fixture
def lines(tmp_path: Path) -> Lines:
    """Writes questions, as objects or as text, into a file and reads them."""

    def make(*items: dict[str, Any] | str, file: str = "questions.jsonl") -> tuple[Line, ...]:
        path = tmp_path / file
        path.write_text("\n".join(item if isinstance(item, str) else json.dumps(item) for item in items))
        return read(path)

    return make


@pytest.fixture
def evaluate(gateway: Gateway, owner: Principal) -> Evaluate:
    """Asks every question of the endpoints, by name, as the owner."""

    def run(questions: Iterable[Line], **endpoints: AskOne) -> Results:
        asked: list[dict[str, Outcome]] = list(outcomes(tuple(questions), endpoints, gateway, owner))
        return Results.of(asked, len(asked))

    return run


@pytest.fixture
def answered() -> Callable[..., AskOne]:
    """An endpoint that gives the same rows whatever it is asked."""
    return lambda rows, status="answered", sql="SELECT": lambda question: Answer(status, "", sql=sql, rows=rows)
