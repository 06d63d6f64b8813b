"""The slips of a small model: ties, years, time that has passed, shares, groups, bounds, units, and all together."""

from __future__ import annotations

import pytest

from agents import statement
from agents.code.render.sql import in_style
from agents.code.writers.slips import mended
from retrieval import Context
from retrieval.hints import Hint
from tests.agents.code.writers.slips.port import PORT

BY_KIND = "SELECT kind, count(*) AS boats FROM port.boats GROUP BY 1"
STAYS = "SELECT stay_id FROM port.stays WHERE since >= '2024-01-01' AND since < '2025-01-01'"


def whole(question: str, sql: str, *hints: Hint) -> str:
    return in_style(mended(statement.query(sql), Context(question, PORT, hints, ()), PORT))


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
        ("mean days as a fraction", "avg(date_diff('day', a, b))", "avg(epoch(b - a) / 86400.0)"),
        ("mean days", "avg(date_diff('DAY', a, b))", None),
        ("fractional hours", "max(date_diff('HOUR', a, b))", "max(epoch(b - a) / 3600.0)"),
        ("within 30 minutes", "count(*) FILTER(WHERE date_diff('minute', a, b) <= 30)",
         "count(*) FILTER(WHERE epoch(b - a) / 60.0 <= 30)"),
        ("within 3 whole days", "count(*) FILTER(WHERE date_diff('DAY', a, b) <= 3)", None),
        ("days", "max(date_diff('DAY', a, b))", None),
        ("fractional months", "avg(date_diff('MONTH', a, b))", None),
        ("fraction", "avg(date_diff('DAY', CAST(a AS DATE), CAST(b AS DATE)))", None),
        ("fraction", "avg(date_diff('DAY', built, b))", None),
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
        (
            "count(a) * 1.0 / count(*) AS taken, count(a) * 1.0 / count(*) AS share",
            "count(a) AS taken, count(a) * 1.0 / count(*) AS share",
        ),
        ("sum(n) / count(*) AS mean", "sum(n) / count(*) AS mean"),
    ],
)
def test_a_share_is_not_of_itself(outputs: str, made: str) -> None:
    assert whole("", f"SELECT kind, {outputs} FROM x GROUP BY 1") == f"SELECT kind, {made} FROM x GROUP BY 1"


def test_a_share_of_all_rows_may_be_one() -> None:
    assert whole("", "SELECT sum(n) / sum(n) AS share FROM x") == "SELECT sum(n) / sum(n) AS share FROM x"


def test_two_things_of_one_title_are_two() -> None:
    sql = (
        "SELECT d.name, s.length FROM port.slips AS s JOIN port.docks AS d ON s.dock_id = d.dock_id QUALIFY "
        "row_number() OVER (PARTITION BY d.name ORDER BY s.length) = 1"
    )
    assert whole("the shortest slip of each dock", sql) == sql.replace("PARTITION BY d.name", "PARTITION BY d.dock_id")


def column(question: str, span: str, name: str) -> Hint:
    return Hint(span, "column", (f"port.boats.{name}",), start=question.index(span))


@pytest.mark.parametrize(
    ("question", "made"),
    [
        ("boats by kind and city", "kind, city, count(*) AS n FROM port.boats GROUP BY 1, city ORDER BY 3 DESC"),
        (
            "for each kind of boat and its city",
            "kind, city, count(*) AS n FROM port.boats GROUP BY 1, city ORDER BY 3 DESC",
        ),
        (
            "boats by kind, sort by kind and city",
            "kind, count(*) AS n FROM port.boats GROUP BY 1 ORDER BY kind, 2 DESC",
        ),
        ("boats by kind where the city is known", "kind, count(*) AS n FROM port.boats GROUP BY 1 ORDER BY 2 DESC"),
    ],
)
def test_what_is_named_together_is_grouped_together(question: str, made: str) -> None:
    sql = "SELECT kind, count(*) AS n FROM port.boats GROUP BY 1 ORDER BY 2 DESC"
    hints = [column(question, name, name) for name in ("kind", "city")]
    assert whole(question, sql, *hints) == f"SELECT {made}"


@pytest.mark.parametrize(
    ("question", "bound"),
    [
        ("five or more boats", "count(*) >= 5"),
        ("at least 5 boats", "count(*) >= 5"),
        ("no more than 5 boats", "count(*) > 5"),
        ("more than five boats", "count(*) > 5"),
        ("5 boats", "count(*) > 5"),
        ("at least 5 boats on more than 5 days", "count(*) > 5"),
    ],
)
def test_a_bound_is_in_or_out_as_it_is_told(question: str, bound: str) -> None:
    sql = "SELECT kind FROM port.boats GROUP BY 1 HAVING count(*) > 5"
    assert whole(question, sql) == sql.replace("count(*) > 5", bound)


@pytest.mark.parametrize(
    ("question", "outputs", "made"),
    [
        ("mean stay in minutes", "avg(lasted)", "avg(lasted) / 60.0"),
        ("longest and mean stay in hours", "max(lasted), avg(lasted)", "max(lasted) / 3600.0, avg(lasted) / 3600.0"),
        ("mean stay in minutes", "avg(lasted) / 60.0, max(lasted)", "avg(lasted) / 60.0, max(lasted)"),
        ("mean stay", "avg(lasted)", "avg(lasted)"),
        ("stays that ended in hours of the night in minutes", "sum(lasted)", "sum(lasted)"),
        ("number of stays in minutes", "count(stay_id)", "count(stay_id)"),
    ],
)
def test_seconds_are_told_in_the_unit_that_is_asked_for(question: str, outputs: str, made: str) -> None:
    assert whole(question, f"SELECT {outputs} FROM port.stays") == f"SELECT {made} FROM port.stays"


@pytest.mark.parametrize(
    ("question", "unit", "made"),
    [
        ("stays by quarter (1-4)", "QUARTER", "quarter(since)"),
        ("stays by month of the year, 1 to 12", "MONTH", "month(since)"),
        ("stays by quarter", "QUARTER", "date_trunc('QUARTER', since)"),
        ("stays by month, quarters 1-4", "MONTH", "date_trunc('MONTH', since)"),
    ],
)
def test_periods_are_numbers_where_they_are_counted(question: str, unit: str, made: str) -> None:
    sql = f"SELECT date_trunc('{unit}', since) AS period, count(*) AS n FROM port.stays GROUP BY 1"
    assert whole(question, sql) == f"SELECT {made} AS period, count(*) AS n FROM port.stays GROUP BY 1"


@pytest.mark.parametrize(
    ("sql", "made"),
    [
        ("SELECT kind, count(*) AS n FROM port.boats", "SELECT kind, count(*) AS n FROM port.boats GROUP BY 1"),
        ("SELECT count(*) AS n, kind FROM x GROUP BY 1, 2", "SELECT count(*) AS n, kind FROM x GROUP BY 2"),
        ("SELECT count(*) AS n FROM x GROUP BY 1", "SELECT count(*) AS n FROM x"),
        ("SELECT count(*) AS n, 1 + 1 AS two FROM x", "SELECT count(*) AS n, 1 + 1 AS two FROM x"),
        (
            "SELECT kind IN (SELECT max(k) FROM y) AS top, count(*) AS n FROM x GROUP BY 1",
            "SELECT kind IN (SELECT max(k) FROM y) AS top, count(*) AS n FROM x GROUP BY 1",
        ),
        ("SELECT kind, count(*) AS n FROM x GROUP BY ALL", "SELECT kind, count(*) AS n FROM x GROUP BY ALL"),
        ("SELECT kind, count(*) OVER () AS n FROM x", "SELECT kind, count(*) OVER () AS n FROM x"),
    ],
)
def test_plain_columns_are_groups_and_numbers_are_not(sql: str, made: str) -> None:
    assert whole("", sql) == made


def test_numbers_are_told_by_the_only_column_that_is_named() -> None:
    sql, question = "SELECT count(*) AS n FROM port.boats", "How many boats are there per kind?"
    made = "SELECT kind, count(*) AS n FROM port.boats GROUP BY kind"
    assert whole(question, sql, column(question, "kind", "kind")) == made
    both = "Boats per kind, per city"
    assert whole(both, sql, column(both, "kind", "kind"), column(both, "city", "city")) == sql


@pytest.mark.parametrize(
    ("question", "bound"),
    [
        ("boats with more than 3 stays", "count(*) > 3"),
        ("boats with at least three long stays", "count(*) >= 3"),
        ("boats that stayed for more than 3 hours", "sum(lasted) > 3"),
    ],
)
def test_how_many_there_are_is_counted(question: str, bound: str) -> None:
    sql = "SELECT boat_id FROM port.stays GROUP BY 1 HAVING sum(lasted) > 3"
    assert whole(question, sql) == sql.replace("sum(lasted) > 3", bound)


def period(question: str, span: str, since: str, until: str) -> Hint:
    return Hint(span, "time", (), (since, until), start=question.index(span))


@pytest.mark.parametrize(
    ("question", "hints", "days"),
    [
        ("in the last quarter of 2024", [("last quarter of 2024", "2024-10-01", "2025-01-01")],
         ("2024-10-01", "2025-01-01")),
        ("in 2024", [("in 2024", "2024-01-01", "2025-01-01")], ("2024-01-01", "2025-01-01")),
        ("after June 2024", [("after June 2024", "2024-07-01", "")], ("2024-01-01", "2025-01-01")),
        ("in 2023 or 2024", [("2023", "2023-01-01", "2024-01-01")], ("2024-01-01", "2025-01-01")),
        ("in May or June 2023", [("May", "2023-05-01", "2023-06-01"), ("June 2023", "2023-06-01", "2023-07-01")],
         ("2024-01-01", "2025-01-01")),
        ("at any time", [], ("2024-01-01", "2025-01-01")),
        ("at the end of June 2024", [("of June 2024", "2024-06-01", "2024-07-01")], ("2024-01-01", "2025-01-01")),
    ],
)  # fmt: skip
def test_a_period_is_the_one_that_is_named(
    question: str, hints: list[tuple[str, str, str]], days: tuple[str, str]
) -> None:
    made = STAYS.replace("2024-01-01", days[0]).replace("2025-01-01", days[1])
    assert whole(question, STAYS, *(period(question, *hint) for hint in hints)) == made


def test_a_period_may_have_one_end() -> None:
    sql, question = "SELECT stay_id FROM port.stays WHERE since >= '2024-06-01'", "after June 2024"
    made = whole(question, sql, period(question, question, "2024-07-01", ""))
    assert made == sql.replace("2024-06-01", "2024-07-01")


@pytest.mark.parametrize(
    ("question", "label"),
    [
        ("boats under 10, 10-20 and above", "under 10"),
        ("less than 10, 10-20", "less than 10"),
        ("<10 and 10-20", "<10"),
        ("short, 10-20 and long", "<10"),
    ],
)
def test_classes_are_called_as_the_task_calls_them(question: str, label: str) -> None:
    sql = "SELECT CASE WHEN n < 10 THEN '<10' WHEN n < 20 THEN '10-20' ELSE '20+' END AS class FROM x"
    assert whole(question, sql) == sql.replace("'<10'", f"'{label}'")
    assert "'20 or more'" in whole("up to 20, 20 or more", sql)


@pytest.mark.parametrize(
    ("question", "order"),
    [
        ("Sorted by kind.", "kind, boats DESC"),
        ("sort by kind descending", "kind DESC, boats DESC"),
        ("sorted by boats, kind", "boats DESC"),
        ("order by length", "boats DESC"),
    ],
)
def test_rows_are_sorted_by_what_is_named_first(question: str, order: str) -> None:
    made = whole(question, f"{BY_KIND} ORDER BY boats DESC")
    assert made == in_style(statement.query(f"{BY_KIND} ORDER BY {order}"))


def test_all_of_it_at_once() -> None:
    question = "Sail boats by length of their slip, skip none; most boats first, then by length"
    hint = Hint("Sail", "value", ("port.boats.kind",), ("sail",))
    made = whole(question, "SELECT length, count(*) AS boats FROM port.boats GROUP BY 1 ORDER BY boats DESC", hint)
    assert made == (
        "SELECT slips.length, count(*) AS boats FROM port.boats JOIN port.slips ON boats.slip_id = slips.slip_id "
        "WHERE boats.kind = 'sail' GROUP BY 1 ORDER BY boats DESC, length"
    )
