"""The trail keeps every query, and shows when somebody has touched it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pyarrow as pa
import pytest

from data import audit as trail
from data import lake
from data.audit import Audit
from data.errors import Forbidden
from data.federation import open_gateway


def write(audit: Audit, asked: str) -> str:
    return audit.write(
        principal="ann",
        question="",
        asked=asked,
        ran=asked,
        versions={"shop.orders": "1"},
        rows=1,
        ms=1.0,
        outcome="answered",
        message="",
    )


@pytest.fixture
def audit(tmp_path: Path) -> Audit:
    """Six records: four in the Delta table, two in the journal."""
    audit = Audit(tmp_path / "system")
    for number in range(4):
        write(audit, f"SELECT {number}")
    audit.flush()
    write(audit, "SELECT 4")
    write(audit, "SELECT 5")
    return audit


def test_answers_and_refusals_are_kept(home: Path) -> None:
    gateway = open_gateway(home, threads=1)
    agent = gateway.policy.principal("agent-ca")
    result = gateway.query(agent, "SELECT count(*) FROM shop.orders", question="how many orders?")
    with pytest.raises(Forbidden):
        gateway.query(agent, "SELECT secret FROM shop.customers")
    gateway.close()
    first, second = open_gateway(home, threads=1).audit.tail(2)
    assert first.id == result.audit_id
    assert (first.principal, first.question, first.outcome, first.rows) == (
        "agent-ca",
        "how many orders?",
        "answered",
        1,
    )
    assert first.ran == result.sql
    assert first.versions == {"shop.orders": "1", "shop.customers": "0"}
    assert (second.outcome, second.asked) == ("forbidden", "SELECT secret FROM shop.customers")
    assert "secret" in second.message


def test_the_trail_is_whole_across_table_and_journal(audit: Audit) -> None:
    assert audit.verify() == trail.Verdict(True, 6)
    assert [record.asked for record in audit.tail(3)] == ["SELECT 3", "SELECT 4", "SELECT 5"]
    audit.close()
    assert lake.read(audit.table).num_rows == 6
    assert Audit(audit.folder).verify() == trail.Verdict(True, 6)


def test_batches_move_on_by_themselves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trail, "BATCH", 5)
    audit = Audit(tmp_path)
    for number in range(12):
        write(audit, f"SELECT {number}")
    assert lake.read(audit.table).num_rows == 10
    assert audit.verify() == trail.Verdict(True, 12)


def test_several_writers_make_one_chain(tmp_path: Path) -> None:
    trails = [Audit(tmp_path) for _ in range(4)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: write(trails[number % 4], f"SELECT {number}"), range(40)))
    assert Audit(tmp_path).verify() == trail.Verdict(True, 40)


def test_a_flush_that_died_after_its_commit_does_no_harm(audit: Audit) -> None:
    with sqlite3.connect(audit.folder / "journal.sqlite") as journal:
        rows = journal.execute("SELECT seq, hash, record FROM journal ORDER BY seq").fetchall()
    journal.close()
    lake.append(audit.table, trail._arrow(rows))
    assert audit.verify() == trail.Verdict(True, 6)
    audit.flush()
    assert lake.read(audit.table).num_rows == 6


def changed(rows: pa.Table) -> pa.Table:
    texts = rows["record"].to_pylist()
    texts[1] = texts[1].replace("SELECT 1", "SELECT 9")
    return rows.set_column(rows.schema.get_field_index("record"), "record", pa.array(texts))


def swapped(rows: pa.Table) -> pa.Table:
    return rows.set_column(0, "seq", pa.array([1, 3, 2, 4]))


@pytest.mark.parametrize(
    ("tamper", "problem"),
    [
        (changed, "Record 2 "),
        (swapped, "Record 2 "),
        (lambda rows: pa.concat_tables([rows.slice(0, 1), rows.slice(2)]), "Record 2 is missing"),
        (lambda rows: rows.slice(1), "Record 1 is missing"),
        (lambda rows: rows.slice(0, 3), "Record 4 is missing"),
    ],
)
def test_tampering_with_the_table_shows(audit: Audit, tamper: Callable[[pa.Table], pa.Table], problem: str) -> None:
    rows = lake.read(audit.table).sort_by("seq")
    import shutil

    shutil.rmtree(audit.table)
    lake.append(audit.table, tamper(rows))
    verdict = audit.verify()
    assert not verdict.ok
    assert verdict.problem.startswith(problem)


@pytest.mark.parametrize(
    ("statement", "problem"),
    [
        ("UPDATE journal SET record = replace(record, 'SELECT 5', 'SELECT 0') WHERE seq = 6", "Record 6 "),
        ("DELETE FROM journal WHERE seq = 5", "Record 5 is missing"),
        ("DELETE FROM journal WHERE seq = 6", "The trail ends at record 5, but 6 were written."),
    ],
)
def test_tampering_with_the_journal_shows(audit: Audit, statement: str, problem: str) -> None:
    with sqlite3.connect(audit.folder / "journal.sqlite") as journal:
        journal.execute(statement)
    journal.close()
    verdict = audit.verify()
    assert not verdict.ok
    assert verdict.problem.startswith(problem)


def test_the_table_takes_no_deletes(audit: Audit) -> None:
    from deltalake import DeltaTable
    from deltalake.exceptions import DeltaError

    with pytest.raises(DeltaError):
        DeltaTable(str(audit.table)).delete("seq = 1")
