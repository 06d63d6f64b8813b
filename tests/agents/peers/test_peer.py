"""A peer's process is asked, ended and begun again; its answer is the rows of the last query that runs."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from agents.peers import peer, rows, side
from agents.peers.peer import NAMES, SIDE, Peer, Setup, answered
from data.errors import Invalid, Unavailable
from tests.agents.peers.programs import MOODS, program


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "zoo.sqlite"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript("CREATE TABLE animal (name TEXT); INSERT INTO animal VALUES ('Ada'), ('Bo')")
    return path


@pytest.fixture
def asked(tmp_path: Path, database: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Peer]:
    monkeypatch.setattr(peer, "SIDE", program(tmp_path, MOODS))
    opened = Peer(Setup(Path(sys.executable), "langchain", "", "m", database, seconds=3))
    yield opened
    opened.close()


def test_one_process_answers_all_and_another_follows_one_that_hangs_or_dies(asked: Peer) -> None:
    counting = "SELECT count(*) FROM animal"
    first, again = asked(counting), asked(counting)
    assert (first.status, first.rows, first.sql) == ("answered", [[2]], counting)
    assert first.answer == again.answer
    for lost in ("slow", "die"):
        assert asked(lost).status == "failed"
        found = asked(counting)
        assert found.rows == [[2]]
        assert found.answer != first.answer


@pytest.mark.parametrize(
    ("sql", "error", "status", "got"),
    [
        (["SELECT name FROM animal ORDER BY 1", "SELECT nothing"], "", "answered", [["Ada"], ["Bo"]]),
        (["SELECT 1", "SELECT name FROM animal WHERE name = 'Bo'"], "", "answered", [["Bo"]]),
        (["SELECT 1", "SELECT name FROM animal WHERE name = 'Cy'"], "", "empty", []),
        (["SELECT 1"], "it stopped", "answered", [[1]]),
        (["FROM animal SELECT count(*) WHERE name ILIKE 'a%'"], "", "answered", [[1]]),
        (["SELECT nothing"], "", "failed", []),
        (["SELECT nothing FROM nowhere; DROP TABLE animal"], "", "failed", []),
        (["DELETE FROM animal"], "", "failed", []),
        ([], "it stopped", "failed", []),
        ([], "", "unsure", []),
    ],
)
def test_an_answer_is_the_last_query_that_runs(
    database: Path, sql: list[str], error: str, status: str, got: list[list[object]]
) -> None:
    found = answered({"sql": sql, "answer": "said", "error": error}, database)
    assert (found.status, found.rows) == (status, got)
    assert (found.error is not None) == (status == "failed")


def test_a_query_without_an_end_is_ended(database: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rows, "PATIENCE", 0.1)
    endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
    with pytest.raises(rows.Failed, match="interrupted"):
        rows.of(database, endless)


def test_rows_without_types_are_the_same_on_both_sides() -> None:
    ours = [[date(2024, 5, 1), datetime(2024, 5, 1, 7, 30), True, Decimal("1.5"), None, "2024"]]
    theirs = [["2024-05-01", "2024-05-01 07:30:00", 1, 1.5, None, "2024"]]
    assert rows.plain(ours) == rows.plain(theirs)


def test_a_python_without_the_peers_says_so(database: Path) -> None:
    setup = Setup(Path(sys.executable), "nobody", "", "m", database)
    with pytest.raises(Unavailable, match="does not run nobody"):
        Peer(setup).start()
    with pytest.raises(Invalid, match="can't be run"):
        Peer(replace(setup, python=Path("/no/such/python"))).start()


def test_every_name_has_a_side_that_needs_nothing_of_ours() -> None:
    assert tuple(side.SIDES) == NAMES
    alone = subprocess.run([sys.executable, "-I", str(SIDE)], capture_output=True, text=True, check=False)
    assert "main() missing 6 required positional arguments" in alone.stderr


def test_what_a_peer_raises_is_its_answer_with_the_queries_before_it() -> None:
    def ask(_: str) -> tuple[list[str], str]:
        error = ValueError("no more")
        error.add_note('["SELECT 1"]')
        raise error

    assert side.answered(ask, "?") == {"sql": ["SELECT 1"], "answer": "", "error": "ValueError: no more"}
