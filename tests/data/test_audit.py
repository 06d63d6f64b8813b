"""The trail keeps every act, and shows when somebody has touched it."""

from __future__ import annotations

import multiprocessing
import random
import shutil
import signal
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from data import lake
from data.audit import Audit, Head, Record, archive, record, trail
from data.audit.chain import digest
from data.audit.group import Group
from data.errors import Forbidden, Invalid, Unavailable
from data.federation import open_gateway


def write(audit: Audit, asked: str, **facts: Any) -> str:
    return audit.write(principal="ann", asked=asked, ran=asked, versions={"shop.orders": "1"}, rows=1, **facts)


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
    result = gateway.query(agent, "SELECT count(*) AS n FROM shop.orders WHERE id > 1", question="how many orders?")
    with pytest.raises(Forbidden):
        gateway.query(agent, "SELECT secret FROM shop.customers")
    gateway.close()
    first, second = open_gateway(home, threads=1).audit.tail(2)
    assert first.id == result.audit_id
    assert (first.principal, first.question, first.outcome, first.rows, first.kind, first.engine) == (
        "agent-ca",
        "how many orders?",
        "answered",
        1,
        "query",
        "duckdb",
    )
    assert first.ran == result.sql
    assert first.versions == {"shop.orders": "1", "shop.customers": "0"}
    assert first.lineage == {"n": [], "": ["shop.orders.id"]}
    assert (second.outcome, second.asked, second.lineage) == ("forbidden", "SELECT secret FROM shop.customers", {})
    assert "secret" in second.message


def test_the_trail_is_whole_across_table_and_journal(audit: Audit) -> None:
    verdict = audit.verify()
    assert (verdict.ok, verdict.records, verdict.problem, verdict.seq) == (True, 6, "", 6)
    assert [entry.asked for entry in audit.tail(3)] == ["SELECT 3", "SELECT 4", "SELECT 5"]
    assert [entry.asked for entry in audit.tail(1)] == ["SELECT 5"]
    assert len(audit.tail(100)) == 6
    audit.close()
    assert lake.read(audit.table).num_rows == 6
    assert Audit(audit.folder).verify() == verdict


def test_a_trail_without_records_is_whole(tmp_path: Path) -> None:
    audit = Audit(tmp_path / "new")
    assert audit.tail() == []
    assert audit.verify().ok
    audit.close()


def test_batches_move_on_beside_the_writers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trail, "BATCH", 5)
    audit = Audit(tmp_path)
    for number in range(12):
        write(audit, f"SELECT {number}")
    audit._mover.join()
    assert lake.read(audit.table).num_rows >= 10
    assert audit.verify().records == 12


def test_a_writer_does_not_wait_for_a_move(audit: Audit, monkeypatch: pytest.MonkeyPatch) -> None:
    started, go_on = threading.Event(), threading.Event()
    append = archive.Archive.append

    def slow(self: archive.Archive, lines: Any) -> int:
        started.set()
        assert go_on.wait(30)
        return append(self, lines)

    monkeypatch.setattr(archive.Archive, "append", slow)
    monkeypatch.setattr(trail, "BATCH", 1)
    write(audit, "SELECT 6")
    assert started.wait(30)
    write(audit, "SELECT 7")
    assert [entry.asked for entry in audit.tail(2)] == ["SELECT 6", "SELECT 7"]
    go_on.set()
    audit.close()
    assert audit.verify().records == 8


def test_small_files_are_joined(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "SMALL_FILES", 4)
    audit = Audit(tmp_path)
    for number in range(9):
        write(audit, f"SELECT {number}")
        audit.flush()
    assert len(audit.archive.files()) < 4
    assert audit.verify().records == 9
    assert [entry.asked for entry in audit.tail(2)] == ["SELECT 7", "SELECT 8"]


def test_several_writers_make_one_chain(tmp_path: Path) -> None:
    trails = [Audit(tmp_path) for _ in range(4)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: write(trails[number % 4], f"SELECT {number}"), range(40)))
    assert Audit(tmp_path).verify().records == 40


def test_writers_that_wait_share_a_transaction() -> None:
    batches: list[list[str]] = []
    first = threading.Event()

    def commit(texts: Any) -> None:
        batches.append(list(texts))
        first.set()
        time.sleep(0.2 if len(batches) == 1 else 0)

    group = Group(commit)
    with ThreadPoolExecutor(9) as pool:
        pool.submit(group.add, "leader")
        assert first.wait(30)
        list(pool.map(group.add, "abcdefgh"))
    assert batches[0] == ["leader"]
    assert sorted(batches[1]) == list("abcdefgh")
    assert len(batches) == 2


def test_each_of_the_writers_hears_of_a_failure() -> None:
    def commit(texts: Any) -> None:
        time.sleep(0.05)
        raise Unavailable("The disk is full.")

    group = Group(commit)
    with ThreadPoolExecutor(4) as pool:
        found = [pool.submit(group.add, letter).exception() for letter in "abcd"]
    assert all(isinstance(error, Unavailable) for error in found)
    assert len({id(error) for error in found}) == 4


def test_a_batch_comes_into_the_table_once(audit: Audit) -> None:
    lines, _ = audit._journal.read()
    audit.archive.append(lines)  # and killed before the journal forgot them
    assert audit.verify().records == 6
    audit.flush()
    assert lake.read(audit.table).num_rows == 6
    assert audit.archive.append(lines) == 6
    assert lake.read(audit.table).num_rows == 6


def test_a_table_of_an_older_version_goes_on(tmp_path: Path) -> None:
    new = ("kind", "bytes", "lineage", "engine", "request")
    text = record.text_of(Record(id="a", at="2024-01-01T00:00:00+00:00", principal="ann", asked="SELECT 0"))
    facts = {name: value for name, value in __import__("json").loads(text).items() if name not in new}
    text = record.canonical(facts)
    rows = [(1, digest(1, Head().hash, text), text)]
    lake.append(tmp_path / "audit", record.arrow(rows).drop_columns(list(new)))
    with sqlite3.connect(tmp_path / "journal.sqlite") as journal:
        journal.executescript("CREATE TABLE head (only_one INTEGER PRIMARY KEY, seq INTEGER, hash TEXT)")
        journal.execute("INSERT INTO head VALUES (1, 1, ?)", (rows[0][1],))
    journal.close()
    audit = Audit(tmp_path)
    assert audit.verify().ok
    write(audit, "SELECT 1", bytes=7)
    audit.flush()
    assert audit.verify().records == 2
    assert [(entry.kind, entry.bytes) for entry in audit.tail()] == [("query", 0), ("query", 7)]


@pytest.mark.parametrize("end", ["\u2028", "\x85", "\x1c", "\x0b\x0c", "\r"])
def test_what_ends_a_line_of_text_ends_none_of_the_log(tmp_path: Path, end: str) -> None:
    """The Delta log holds the least and the greatest text of each column as they are."""
    audit = Audit(tmp_path / "audit")
    audit.write(kind="query", principal="owner", asked=f"a{end}b", question=f"{end}?", outcome="answered")
    audit.flush()
    assert audit.verify().ok
    assert [record.asked for record in audit.tail()] == [f"a{end}b"]
    audit.close()


def test_half_a_character_is_kept(audit: Audit) -> None:
    write(audit, "SELECT '\ud800'")
    audit.flush()
    assert audit.verify().records == 7
    assert audit.tail(1)[0].asked == "SELECT '\ud800'"


def column(name: str, value: Any, at: int = 1) -> Callable[[pa.Table], pa.Table]:
    def tamper(rows: pa.Table) -> pa.Table:
        values = rows[name].to_pylist()
        values[at] = value(values[at]) if callable(value) else value
        return rows.set_column(rows.schema.get_field_index(name), name, pa.array(values, rows.schema.field(name).type))

    return tamper


def swapped(rows: pa.Table) -> pa.Table:
    return rows.set_column(0, "seq", pa.array([1, 3, 2, 4]))


def with_text_and_hash(rows: pa.Table) -> pa.Table:
    """A record rewritten together with its readable column and its own hash."""
    text = rows["record"].to_pylist()[1].replace("SELECT 1", "SELECT 9")
    rows = column("record", text)(column("asked", "SELECT 9")(column("ran", "SELECT 9")(rows)))
    return column("hash", digest(2, rows["hash"].to_pylist()[0], text))(rows)


@pytest.mark.parametrize(
    ("tamper", "problem"),
    [
        (column("record", lambda text: text.replace("SELECT 1", "SELECT 9")), "Record 2 "),
        (swapped, "Record 2 "),
        (with_text_and_hash, "Record 3 "),
        (lambda rows: pa.concat_tables([rows.slice(0, 1), rows.slice(2)]), "Record 2 is missing"),
        (lambda rows: rows.slice(1), "Record 1 is missing"),
        (lambda rows: rows.slice(0, 3), "Record 4 is missing"),
        (lambda rows: pa.concat_tables([rows, rows.slice(3)]), "Record 5 is missing or out"),
        (column("asked", "SELECT 9"), "The column 'asked' of record 2 "),
        (column("principal", "eve", 0), "The column 'principal' of record 1 "),
        (column("rows", 0), "The column 'rows' of record 2 "),
        (column("versions", "{}"), "The column 'versions' of record 2 "),
        (column("question", None), "The column 'question' of record 2 "),
        (lambda rows: rows.drop_columns(["principal"]), "The column 'principal' of record 1 "),
        (lambda rows: rows.append_column("note", pa.array(["", "fine", "", ""])), "The column 'note' of record 1 "),
        (column("seq", None), "Record 2 is missing"),
        (column("record", None), "Record 2 ('?') was changed"),
    ],
)
def test_tampering_with_the_table_shows(audit: Audit, tamper: Callable[[pa.Table], pa.Table], problem: str) -> None:
    rows = lake.read(audit.table).sort_by("seq")
    shutil.rmtree(audit.table)
    lake.append(audit.table, tamper(rows))
    verdict = audit.verify()
    assert not verdict.ok
    assert verdict.problem.startswith(problem)


def test_tampering_with_a_file_below_the_table_shows(audit: Audit) -> None:
    (file,) = audit.archive.files()
    pq.write_table(column("asked", "SELECT 9")(pq.read_table(file)), file)
    assert audit.verify().problem.startswith("The column 'asked' of record 2 ")
    Path(file).write_bytes(b"nothing")
    assert audit.verify().problem.startswith("The audit table can't be read")
    Path(file).unlink()
    assert audit.verify().problem.startswith("The audit table can't be read")


@pytest.mark.parametrize(
    ("statement", "problem"),
    [
        ("UPDATE journal SET record = replace(record, 'SELECT 5', 'SELECT 0') WHERE seq = 6", "Record 6 "),
        ("DELETE FROM journal WHERE seq = 5", "Record 5 is missing"),
        ("DELETE FROM journal WHERE seq = 6", "The trail ends at record 5, but its head is record 6"),
        ("UPDATE head SET seq = 5", "The trail ends at record 6, but its head is record 5"),
        ("UPDATE head SET hash = 'f'", "The trail ends at record 6, but its head is record 6"),
        ("DELETE FROM head", "The audit trail can't be written: the journal's head is missing"),
    ],
)
def test_tampering_with_the_journal_shows(audit: Audit, statement: str, problem: str) -> None:
    edit(audit, statement)
    verdict = audit.verify()
    assert not verdict.ok
    assert verdict.problem.startswith(problem)


def edit(audit: Audit, statement: str) -> None:
    with sqlite3.connect(audit.folder / "journal.sqlite") as journal:
        journal.execute(statement)
    journal.close()


def test_an_anchor_shows_a_tail_that_was_cut_everywhere(audit: Audit) -> None:
    before = audit.verify()
    anchor = Head(before.seq, before.hash)
    rows = lake.read(audit.table).sort_by("seq").slice(0, 3)
    shutil.rmtree(audit.table)
    lake.append(audit.table, rows)
    edit(audit, "DELETE FROM journal")
    edit(audit, f"UPDATE head SET seq = 3, hash = '{rows['hash'].to_pylist()[2]}'")
    assert audit.verify().ok
    verdict = audit.verify(anchor)
    assert (verdict.ok, verdict.problem) == (False, "The trail ends at record 3, before the anchor's record 6.")


def test_an_anchor_shows_a_chain_that_was_made_anew(audit: Audit) -> None:
    before = audit.verify()
    forged = Audit(audit.folder.parent / "forged")
    for number in range(8):
        write(forged, f"SELECT {number}")
    assert forged.verify().ok
    assert "record 6 is another one" in forged.verify(Head(before.seq, before.hash)).problem.lower()


def test_an_anchor_holds_while_the_trail_grows(audit: Audit) -> None:
    before = audit.verify()
    write(audit, "SELECT 6")
    audit.flush()
    after = audit.verify(Head.parse(f"{before.seq}:{before.hash}"))
    assert after.ok
    assert (after.seq, after.hash == before.hash) == (7, False)
    assert audit.verify(Head(0, Head().hash)).ok
    with pytest.raises(Invalid, match="'7' is no anchor"):
        Head.parse("7")


def test_a_lost_journal_goes_on_and_says_so(audit: Audit) -> None:
    audit.close()
    for file in audit.folder.glob("journal.sqlite*"):
        file.unlink()
    later = Audit(audit.folder)
    write(later, "SELECT 6")
    assert later.verify().records == 8
    told, last = later.tail(2)
    assert (told.kind, told.asked, last.asked) == ("admin", "audit begin", "SELECT 6")
    assert "Records after 6" in told.message


def test_the_table_takes_no_deletes(audit: Audit) -> None:
    from deltalake import DeltaTable
    from deltalake.exceptions import DeltaError

    with pytest.raises(DeltaError):
        DeltaTable(str(audit.table)).delete("seq = 1")


def test_a_long_trail_is_checked_a_few_rows_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "CHUNK", 3)
    audit = Audit(tmp_path)
    for number in range(10):
        write(audit, f"SELECT {number}")
    audit.close()
    assert audit.verify().records == 10


def _asking(home: Path, told: Connection) -> None:
    """Ask without end, and tell of each answer."""
    trail.BATCH = 7
    gateway = open_gateway(home, threads=1)
    owner = gateway.policy.principal("owner")
    for number in count(1):
        told.send(gateway.query(owner, f"SELECT id, {number} AS n FROM files.visits").audit_id)


def _heard(answers: Connection) -> Iterator[str]:
    while True:
        try:
            yield answers.recv()
        except EOFError:
            return


def test_a_kill_loses_no_answered_query(home: Path) -> None:
    rng = random.Random(5)
    told: list[str] = []
    context = multiprocessing.get_context("forkserver")  # what the children import is imported once
    context.set_forkserver_preload(["data.federation", "deltalake", "duckdb", "pyarrow.parquet", __name__])
    for _ in range(20):
        answers, there = context.Pipe(duplex=False)
        child = context.Process(target=_asking, args=(home, there), daemon=True)
        child.start()
        there.close()
        told.append(answers.recv())
        time.sleep(rng.uniform(0, 0.2))
        child.kill()
        with answers:
            told += _heard(answers)
        child.join()
        assert child.exitcode == -signal.SIGKILL
    audit = open_gateway(home, threads=1).audit
    verdict = audit.verify()
    assert verdict.ok, verdict.problem
    assert lake.version(audit.table)  # some batches had moved on before or while they were killed
    kept = {entry.id for entry in audit.tail(1_000_000)}
    assert len(told) > 20
    assert set(told) <= kept
    audit.close()
    assert lake.read(audit.table).num_rows == verdict.records == len(kept)
