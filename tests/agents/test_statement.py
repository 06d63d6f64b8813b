from __future__ import annotations

import pytest

from agents import statement
from data.errors import Invalid


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("", "0 statements"),
        ("SELECT 1; SELECT 2", "2 statements"),
        ("DROP TABLE a.b", "'DROP' is not a query"),
        ("COPY a.b TO 'x'", "'COPY' is not a query"),
        ("SELECT FROM WHERE", "can't be parsed"),
        ("SELECT " + "(" * 5_000, "can't be parsed"),
        ("SELECT 'open", "can't be parsed"),
    ],
)
def test_what_is_not_one_query_is_refused(sql, message):
    with pytest.raises(Invalid, match=message) as caught:
        statement.query(sql)
    assert "\x1b" not in str(caught.value)
    assert len(str(caught.value)) < 300


@pytest.mark.parametrize(
    ("sql", "reads"),
    [
        ("SELECT 42", False),
        ("SELECT 42 FROM a.b", False),
        ("FROM a.b", True),
        ("FROM a.b SELECT count(*)", True),
        ("SELECT x + 1 FROM a.b", True),
        ("SELECT * FROM read_csv('x')", False),
        ("SELECT * FROM (VALUES (1))", False),
        ("SELECT (SELECT max(x) FROM a.b)", True),
    ],
)
def test_a_query_of_constants_reads_no_rows(sql, reads):
    assert statement.reads_rows(statement.query(sql)) is reads


def test_other_dialects_are_translated():
    assert statement.translated("SELECT `a` FROM t LIMIT 3", "mysql") == 'SELECT "a" FROM t LIMIT 3'
    assert statement.is_dialect("BigQuery")
    assert not statement.is_dialect("cobol")


def test_only_an_outer_order_counts():
    assert statement.is_ordered(statement.query("SELECT a FROM b.c ORDER BY a"))
    assert not statement.is_ordered(statement.query("SELECT a FROM (SELECT a FROM b.c ORDER BY a)"))
