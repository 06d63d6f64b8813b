"""Numbers in the unit that a question names, whatever the store counts in."""

from __future__ import annotations

import pytest

from agents import statement
from agents.ask.units import converted, scaled
from retrieval import Context
from retrieval.hints import Hint
from tests.agents.test_rerank import catalog

SHOWN = "FROM harbour.boat SELECT name, weight"


def context(question: str, *numbers: Hint) -> Context:
    placed = tuple(Hint(h.span, h.kind, h.targets, h.literals, h.operator, question.find(h.span)) for h in numbers)
    return Context(question, catalog(), placed)


def same(one: str, other: str) -> bool:
    return statement.query(one) == statement.query(other)


@pytest.mark.parametrize(
    ("question", "sql", "right"),
    [
        ("weights of the boats in tonnes", SHOWN, "FROM harbour.boat SELECT name, weight / 1000"),
        ("weights of the boats", SHOWN, SHOWN),
        ("weights of the boats in kg", SHOWN, SHOWN),
        (
            "total tonnes of boats",
            "FROM harbour.boat SELECT sum(weight)",
            "FROM harbour.boat SELECT sum(weight) / 1000",
        ),
        ("total tonnes", "FROM harbour.boat SELECT sum(weight) / 1000", "FROM harbour.boat SELECT sum(weight) / 1000"),
        (
            "tonnes of moored boats",
            "FROM harbour.boat SELECT sum(weight) FILTER (WHERE moored = true)",
            "FROM harbour.boat SELECT sum(weight) FILTER (WHERE moored = true) / 1000",
        ),
        ("how many boats in km", "FROM harbour.boat SELECT count(*)", "FROM harbour.boat SELECT count(*)"),
    ],
)
def test_what_is_shown_is_in_the_unit_that_is_asked_for(question: str, sql: str, right: str) -> None:
    assert same(converted(sql, context(question)), right)


@pytest.mark.parametrize(("said", "kept"), [("over 3 tonnes", "3000"), ("over 3 kg", "3"), ("over 3", "3")])
def test_a_bound_is_compared_as_the_store_keeps_it(said: str, kept: str) -> None:
    over = Hint("over 3", "number", literals=("3",), operator=">")
    question = f"boats {said}"
    found = scaled("FROM harbour.boat SELECT name WHERE weight > 3", context(question, over))
    assert same(found, f"FROM harbour.boat SELECT name WHERE weight > {kept}")
    assert same(converted(SHOWN, context(question, over)), SHOWN)
