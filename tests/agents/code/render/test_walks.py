"""Whatever is chosen inside the grammar, the program that is made of it gives the rows of the SQL."""

from __future__ import annotations

import random
from contextlib import nullcontext, suppress
from typing import Any

import pyarrow as pa
import pytest

from agents.code.render import Dialect, Unsupported, render
from agents.grammar import OTHERWISE, lark
from agents.grammar.acceptance import tokenizer
from agents.paths import written
from data.catalog import Catalog
from retrieval import Context
from retrieval.hints import Hint
from tests.agents.code.render.frames import alike, expected, filled, ran
from tests.agents.grammar.schemas import AIRLINE, CHAIN
from tests.agents.grammar.test_walks import CASES, walk

WALKS = 18
PLAIN = [case for case in CASES if case[0] in (AIRLINE, CHAIN)]


@pytest.mark.parametrize(("catalog", "question", "hints", "unknown"), PLAIN, ids=[case[1] for case in PLAIN])
def test_programs_give_the_rows_of_the_sql(
    catalog: Catalog, question: str, hints: tuple[Hint, ...], unknown: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    named = {table.full_name: table for table in catalog.tables}
    with filled(catalog) as connection:

        def tables(name: str) -> pa.Table:
            return connection.execute(f"SELECT * FROM {written(named[name])}").to_arrow_table()

        for sql in _walked(catalog, question, hints, unknown):
            wanted = expected(connection, sql)
            # Where several rows come first, any of them may be taken.
            free = " LIMIT " in sql or "row_number()" in sql
            for dialect in ("polars", "pandas"):
                program = render(sql, dialect, catalog)
                got = ran(program, tables, monkeypatch)
                same = len(wanted) == len(got) if free else alike(wanted, got, ordered=False)
                assert same, f"{sql}\n{program}\n{wanted[:3]}\n{got[:3]}"


@pytest.mark.parametrize("dialect", ["pyspark", "polars", "pandas"])
def test_all_that_the_grammar_writes_can_be_rendered(dialect: Dialect) -> None:
    for catalog, question, hints, unknown in CASES:
        for sql in _walked(catalog, question, hints, unknown):
            # The day of a moment that has a time zone hangs on who asks.
            with suppress(Unsupported) if '"at"' in sql else nullcontext():
                compile(render(sql, dialect, catalog), "program.py", "exec")


def _walked(catalog: Catalog, question: str, hints: Any, unknown: Any) -> list[str]:
    from llguidance import LLMatcher

    grammar = lark(Context(question, catalog, hints, unknown), {"air.flight": {"status": ["late", "lost"]}})
    matcher, rng = LLMatcher(tokenizer(), LLMatcher.grammar_from_lark(grammar)), random.Random(5)
    return sorted({walk(matcher.deep_copy(), rng) for _ in range(WALKS)} - set(OTHERWISE))
