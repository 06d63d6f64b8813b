"""What a person enters beside what was shown, as answers."""

from __future__ import annotations

from typing import Any

import pytest

from agents.forms.field import Field
from agents.forms.state import Candidate, FieldValue, Source
from app.ui import sources
from app.ui.sheet import Line, answers

CANDIDATES = (Candidate(1, "its name", "Blue", 0.6), Candidate(2, "its owner", "Ann", 0.5))


def line(kind: Any = "string", value: Any = None, candidates: tuple[Candidate, ...] = ()) -> Line:
    return Line(Field("a", kind, "A"), FieldValue("a", "ask", value, candidates=candidates))


@pytest.mark.parametrize(
    ("shown", "entered", "answer"),
    [
        (line(), "Ann", {"a": "Ann"}),
        (line(value="Ann"), "", {"a": None}),
        (line(value="Ann"), " Ann ", {}),
        (line("boolean", True), "yes", {}),
        (line("boolean", True), "no", {"a": "no"}),
        (line("integer", 12), None, {"a": None}),
        (line("array"), "shop, web", {"a": ["shop", "web"]}),
        (line("array", ["shop"]), '["shop"]', {}),
        (line("object"), '{"b": 1}', {"a": {"b": 1}}),
        (line(candidates=CANDIDATES), "Ann — its owner", {"a": {"use": 2}}),
        (line(candidates=CANDIDATES), "Eve", {"a": "Eve"}),
    ],
)
def test_only_what_was_changed_is_an_answer(shown: Line, entered: str | None, answer: dict[str, Any]) -> None:
    assert answers([shown], [entered]) == answer


def test_a_value_that_was_not_taken_shows_no_source() -> None:
    hidden = FieldValue("a", "hidden", source=Source("column", "cash.cards", "last4"), message="Ask for access.")
    assert "cash.cards" not in sources.source(hidden)
    assert "needs someone with access" in sources.source(hidden)
