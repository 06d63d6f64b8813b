"""Statements that would write what nobody approved, or to where nobody may: each is refused in words."""

from __future__ import annotations

from pathlib import Path

import pytest

from agents.endpoints.scripted import scripted
from data import lake
from data.errors import Invalid, TooExpensive
from data.gateway import Gateway, write
from data.gateway.writing import Writing, read_writing
from data.policy import Principal
from tests.agents.code.conftest import Make

ROWS = "SELECT customer_id, sum(amount) AS total FROM shop.orders GROUP BY customer_id"


@pytest.mark.parametrize(
    "text",
    [
        f"INSERT INTO lab.totals {ROWS}; DROP TABLE lab.totals",
        f"INSERT INTO lab.totals PARTITION (a = 1) {ROWS}",
        f"INSERT INTO lab.totals AS other {ROWS}",
        f"INSERT INTO lab.totals (amount, AMOUNT) {ROWS}",
        f"INSERT INTO lab.totals {ROWS} RETURNING *",
        f"INSERT OVERWRITE lab.totals {ROWS}",
        f"INSERT OR REPLACE INTO lab.totals {ROWS}",
        f"INSERT INTO lab.totals {ROWS} ON CONFLICT DO NOTHING",
        f"INSERT INTO lab.totals BY NAME {ROWS}",
        f"WITH a AS (SELECT 1) INSERT INTO lab.totals {ROWS}",
        "INSERT INTO lab.totals VALUES (1, 2.0)",
        f"CREATE OR REPLACE TABLE lab.totals AS {ROWS}",
        f"CREATE TABLE IF NOT EXISTS lab.totals AS {ROWS}",
        f"CREATE TABLE lab.x USING parquet LOCATION '/tmp/evil' AS {ROWS}",
        f"CREATE VIEW lab.x AS {ROWS}",
        f"CREATE TABLE a.lab.x AS {ROWS}",
    ],
)
def test_a_statement_that_says_more_than_is_carried_out_is_refused(text: str) -> None:
    with pytest.raises(Invalid):
        read_writing(text)


@pytest.mark.parametrize("name", ["_delta_log", "../evil", "a/b", "a.b", "totals--", "totals", "TOTALS", ""])
def test_a_table_is_not_made_of_any_name(coder: Make, ann: Principal, home: Path, name: str) -> None:
    opened = coder(scripted(f'```sql\nCREATE TABLE lab."{name}" AS {ROWS}\n```', "UNSURE: no"))
    delivery = opened.write(ann, "Keep the totals", language="sql")
    assert delivery.status == "unsure"
    assert not delivery.attempts[0].good
    assert [place.name for place in (home / "lab").iterdir()] == ["totals"]


def test_a_comment_names_no_other_table(coder: Make, bob: Principal, home: Path) -> None:
    text = f"INSERT INTO /* shop.orders -- */ lab.totals /* ; */ {ROWS} -- lab.mine"
    assert coder(scripted(f"```sql\n{text}\n```")).write(bob, "Keep", language="sql").status == "forbidden"


def test_a_type_that_delta_has_not_is_told(coder: Make, ann: Principal, home: Path) -> None:
    text = "CREATE TABLE lab.x AS SELECT id, INTERVAL 1 DAY AS i FROM shop.orders"
    opened = coder(scripted(f"```sql\n{text}\n```"))
    waiting = opened.write(ann, "Keep", language="sql")
    done = opened.resume(ann, waiting.code_id, True)
    assert done.status == "failed"
    assert "'lab.x' can't take the rows" in (done.error or {})["message"]


def test_more_rows_than_memory_holds_are_not_written(
    gateway: Gateway, ann: Principal, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(write, "LARGEST", 1_000)
    writing = Writing("lab", "totals", "append", "SELECT a.id, a.amount FROM shop.orders a, range(1000) b")
    with pytest.raises(TooExpensive, match="Write them in several parts"):
        write.write(gateway, home, ann, writing, "key")
    assert lake.read(home / "lab" / "totals").num_rows == 1
