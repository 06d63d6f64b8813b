"""Values that are named as examples: they limit nothing."""

from __future__ import annotations

from dataclasses import replace

import pytest

from retrieval.examples import exampled, lists
from retrieval.hints import Hint

STYLE, COLOUR, MAKER = ("cellar.wine.style",), ("cellar.wine.style", "cellar.grape.colour"), ("cellar.wine.maker",)
RED, WHITE = Hint("red", "value", STYLE, ("red",)), Hint("white", "value", COLOUR, ("white",))
ROSE, ACME = Hint("rosé", "value", STYLE, ("rosé",)), Hint("Acme", "value", MAKER, ("Acme",))


def hinted(question: str, *hints: Hint) -> list[Hint]:
    return exampled(question, [replace(hint, start=question.index(hint.span)) for hint in hints])


@pytest.mark.parametrize(
    ("question", "hints", "listed"),
    [
        ("bottles by style, so red, white, rosé and so on", (RED, WHITE, ROSE), "red, white, rosé and so on"),
        ("how many red, white etc. were sold", (RED, WHITE), "red, white etc."),
        ("bottles (red, a few dark ones, rosé, and so forth)", (RED, ROSE), "red, a few dark ones, rosé, and so forth"),
        ("each colour (red, white ...) please", (RED, WHITE), "red, white ..."),
        ("wines of Acme, by colour: red, white and the like", (ACME, RED, WHITE), "red, white and the like"),
    ],
)
def test_a_list_of_examples_means_the_column_of_its_values(question: str, hints: tuple[Hint, ...], listed: str) -> None:
    *others, last = hinted(question, *hints)
    assert last == Hint(listed, "column", STYLE)
    assert lists(last)
    assert not any(map(lists, others))
    assert all(hint.literals == ("Acme",) for hint in others)


@pytest.mark.parametrize(
    "question",
    [
        "red and white wines",
        "white wines, how many red...",
        "red wines that beat the like of white",
        "red wine, and so many bottles of white",
        "red wines that were sold, drunk, given away etc. white",
    ],
)
def test_other_values_stay(question: str) -> None:
    assert {hint.kind for hint in hinted(question, RED, WHITE)} == {"value"}


def test_a_period_between_values_is_not_swallowed() -> None:
    year = Hint("in 2024", "time", literals=("2024-01-01", "2025-01-01"))
    assert {hint.kind for hint in hinted("red in 2024 white...", RED, year, WHITE)} == {"value", "time"}


@pytest.mark.parametrize("text", ["a" + " " * 4_000 + "b", "," * 4_000, "a" * 4_000 + "-", "red, " * 800])
def test_a_long_question_takes_no_long_time(text: str) -> None:
    """What takes the cube of its length would not come to an end."""
    assert exampled(f"{text} and so o", [RED]) == [RED]


def test_a_value_of_another_column_ends_the_list() -> None:
    first, last = hinted("Acme, red, white and so on", ACME, RED, WHITE)
    assert (first.literals, last.targets) == (("Acme",), STYLE)
