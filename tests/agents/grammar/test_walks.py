"""Whatever is chosen inside a grammar, DuckDB can run it."""

from __future__ import annotations

import random
from typing import Any

import pytest
import sqlglot

from agents.grammar import OTHERWISE, lark
from agents.grammar.acceptance import tokenizer
from data.catalog import Catalog
from retrieval import Context
from retrieval.hints import Hint
from tests.agents.grammar.schemas import AIRLINE, AWKWARD, CHAIN, database

WALKS = 50
CASES: list[tuple[Catalog, str, tuple[Hint, ...], tuple[str, ...]]] = [
    (
        AIRLINE,
        "In March 2025, how many late flights of Blue Air over 60 USD, top 5 called Zorblax on Mondays?",
        (
            Hint("In March 2025", "time", (), ("2025-03-01", "2025-04-01")),
            Hint("late", "value", ("air.flight.status",), ("late",)),
            Hint("flights", "table", ("air.flight",)),
            Hint("Blue Air", "value", ("air.carrier.name",), ("Blue Air",)),
            Hint("over 60", "number", (), ("60",), ">"),
            Hint("5", "number", (), ("5",)),
        ),
        ("Zorblax",),
    ),
    (
        AIRLINE,
        "flights from Rome to Oslo since 2024",
        (
            Hint("flights", "table", ("air.flight",)),
            Hint("Rome", "value", ("air.airport.city", "air.airport.name"), ("Rome",), start=13),
            Hint("Oslo", "value", ("air.airport.city", "air.airport.name"), ("Oslo",), start=21),
            Hint("since 2024", "time", (), ("2024-01-01", "")),
        ),
        (),
    ),
    (AIRLINE, "employees", (), ()),
    (
        AWKWARD,
        "orders of O'Brien in 'X{}' between 5 and 9, say 3",
        (
            Hint("O'Brien", "value", ("my-shop.user.name", "my-shop.order.group"), ("O'Brien",)),
            Hint("between 5 and 9", "number", (), ("5", "9"), "between"),
            Hint("3", "number", (), ("3",)),
        ),
        ("A'b",),
    ),
    (AWKWARD, "in the last five minutes", (Hint("last", "time", (), ("2025-03-03 10:00:00", "")),), ()),
    (CHAIN, "flags on Mondays in May of 2 titles", (Hint("2", "number", (), ("2",)),), ()),
]


def walk(matcher: Any, rng: random.Random) -> str:
    """An answer whose bytes are drawn from those that may follow."""
    import numpy as np

    written = bytearray()
    while not matcher.is_stopped():
        mask = np.unpackbits(np.frombuffer(matcher.compute_bitmask(), np.uint8), bitorder="little")
        token = int(rng.choice(np.flatnonzero(mask)))
        if token > 255:
            break
        matcher.consume_token(token)
        written.append(token)
    assert matcher.is_accepting() or matcher.is_stopped(), matcher.get_error()
    return written.decode()


@pytest.mark.parametrize(("catalog", "question", "hints", "unknown"), CASES, ids=[case[1] for case in CASES])
def test_a_walk_ends_in_sql_that_runs(
    catalog: Catalog, question: str, hints: tuple[Hint, ...], unknown: tuple[str, ...]
) -> None:
    from llguidance import LLMatcher

    grammar = lark(Context(question, catalog, hints, unknown), {"air.flight": {"status": ["late", "lost"]}})
    matcher, rng = LLMatcher(tokenizer(), LLMatcher.grammar_from_lark(grammar)), random.Random(7)
    found = {walk(matcher.deep_copy(), rng) for _ in range(WALKS)} - set(OTHERWISE)
    assert len(found) > WALKS // 6, "a third of the first bytes begins a query"
    with database(catalog) as connection:
        for sql in found:
            connection.execute(sql)
            sqlglot.parse_one(sql, read="duckdb")
