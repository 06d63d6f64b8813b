"""What a model's query forgot of its task: ties, years, time that has passed, shares, and all of it together."""

from __future__ import annotations

import pytest

from agents import statement
from agents.code.render.sql import in_style
from agents.code.writers.forgotten import completed
from retrieval import Context
from retrieval.hints import Hint
from tests.agents.code.writers.forgotten.port import PORT

BY_KIND = "SELECT kind, count(*) AS boats FROM port.boats GROUP BY 1"
STAYS = "SELECT stay_id FROM port.stays WHERE since >= '2024-01-01' AND since < '2025-01-01'"


def whole(question: str, sql: str, *hints: Hint) -> str:
    return in_style(completed(statement.query(sql), Context(question, PORT, hints, ()), PORT))


@pytest.mark.parametrize(
    ("question", "order"),
    [
        ("Most boats first, then by kind.", "boats DESC, kind"),
        ("Sort by number of boats, then kind.", "boats DESC, kind"),
        ("Most first, equal counts by kind of boat", "boats DESC, kind"),
        ("most boats first, kind next", "boats DESC, kind"),
        ("Most boats first, kind where two have as many.", "boats DESC, kind"),
        ("Most boats first; ties broken by kind descending", "boats DESC, kind DESC"),
        ("Most boats first, then tell me what else there is", "boats DESC"),
        ("kind with a number next to it, most first", "boats DESC"),
        ("Most boats first", "boats DESC"),
    ],
)
def test_ties_are_broken_as_the_task_says(question: str, order: str) -> None:
    made = whole(question, f"{BY_KIND} ORDER BY boats DESC")
    assert made == in_style(statement.query(f"{BY_KIND} ORDER BY {order}"))


def test_an_order_that_has_the_key_or_is_not_there_stays() -> None:
    for sql in (BY_KIND, f"{BY_KIND} ORDER BY 2 DESC, 1", f"{BY_KIND} ORDER BY count(*) DESC, kind DESC"):
        assert whole("most first, then by kind", sql) == in_style(statement.query(sql))


@pytest.mark.parametrize("said", ["over 2024-2025", "in 2024 and 2025", "from 2024 to 2025"])
def test_a_period_of_two_years_ends_with_the_second(said: str) -> None:
    assert whole(f"stays {said}", STAYS) == STAYS.replace("2025-01-01", "2026-01-01")


@pytest.mark.parametrize(
    ("question", "sql"),
    [
        ("stays in 2024", STAYS),
        ("stays in 2024 beside all of 2023 and 2025", STAYS),
        ("2023 and 2024", STAYS),
        ("2024 and 2025", f"{STAYS} OR since < '2026-01-01'"),
        ("2024 and 2025", f"SELECT year(since) AS year FROM ({STAYS}) AS x"),
    ],
)
def test_other_years_stay(question: str, sql: str) -> None:
    assert whole(question, sql) == sql


@pytest.mark.parametrize(
    ("question", "sql", "made"),
    [
        ("mean days", "avg(date_diff('day', a, b))", "avg(epoch(b - a) / 86400.0)"),
        ("fractional hours", "max(date_diff('HOUR', a, b))", "max(epoch(b - a) / 3600.0)"),
        ("within 30 minutes", "count(*) FILTER(WHERE date_diff('minute', a, b) <= 30)",
         "count(*) FILTER(WHERE epoch(b - a) / 60.0 <= 30)"),
        ("mean of whole days", "avg(date_diff('DAY', a, b))", None),
        ("days", "max(date_diff('DAY', a, b))", None),
        ("mean months", "avg(date_diff('MONTH', a, b))", None),
        ("mean days", "avg(date_diff('DAY', CAST(a AS DATE), CAST(b AS DATE)))", None),
        ("mean days", "avg(date_diff('DAY', built, b))", None),
    ],
)  # fmt: skip
def test_a_fraction_of_days_is_time_that_has_passed(question: str, sql: str, made: str | None) -> None:
    assert whole(question, f"SELECT {sql} AS n FROM x") == f"SELECT {made or sql} AS n FROM x"


@pytest.mark.parametrize(
    ("outputs", "made"),
    [
        ("100.0 * sum(n) / sum(n) AS share", "100.0 * sum(n) / sum(sum(n)) OVER () AS share"),
        (
            "count(*) FILTER(WHERE n > 3) AS long, count(*) * 1.0 / count(*) AS share",
            "count(*) FILTER(WHERE n > 3) AS long, count(*) FILTER(WHERE n > 3) * 1.0 / count(*) AS share",
        ),
        ("sum(n) / count(*) AS mean", "sum(n) / count(*) AS mean"),
    ],
)
def test_a_share_is_not_of_itself(outputs: str, made: str) -> None:
    assert whole("", f"SELECT kind, {outputs} FROM x GROUP BY 1") == f"SELECT kind, {made} FROM x GROUP BY 1"
    assert whole("", f"SELECT {outputs} FROM x") == f"SELECT {outputs} FROM x"


def test_all_of_it_at_once() -> None:
    question = "Sail boats by length of their slip, skip none; most boats first, then by length"
    hint = Hint("Sail", "value", ("port.boats.kind",), ("sail",))
    made = whole(question, "SELECT length, count(*) AS boats FROM port.boats GROUP BY 1 ORDER BY boats DESC", hint)
    assert made == (
        "SELECT slips.length, count(*) AS boats FROM port.boats JOIN port.slips ON boats.slip_id = slips.slip_id "
        "WHERE boats.kind = 'sail' GROUP BY 1 ORDER BY boats DESC, length"
    )
