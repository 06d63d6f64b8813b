"""The format of a home: brought up to date step by step, and never guessed."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from app import home
from app.assembly import Lakewright
from app.backup import restore
from app.conversations import FILE, Conversations
from app.migrations import FORMAT, MARKER, Migration, format_of, mark, migrate
from app.settings import Settings
from data.errors import Invalid


@pytest.fixture
def place(tmp_path: Path) -> Path:
    home.begin(tmp_path / "place")
    return tmp_path / "place"


def test_a_new_home_has_the_newest_format_and_private_files(place: Path) -> None:
    assert format_of(place) == FORMAT
    assert (place / home.POLICY).stat().st_mode & 0o077 == 0


def test_a_home_from_before_formats_is_brought_up_when_it_is_opened(place: Path) -> None:
    (place / MARKER).unlink()
    (place / home.POLICY).chmod(0o644)
    Lakewright.open(Settings.load(place)).close()
    assert format_of(place) == FORMAT
    assert (place / home.POLICY).stat().st_mode & 0o077 == 0


def test_conversations_of_before_go_on_in_the_threads_that_they_had(place: Path) -> None:
    old = """CREATE TABLE conversations (id TEXT PRIMARY KEY, principal TEXT, title TEXT, words TEXT, changed_at TEXT);
        INSERT INTO conversations VALUES ('c1', 'ann', 'Shops', '', '2026-03-01T10:00:00+00:00');"""
    with closing(sqlite3.connect(place / FILE)) as chats:
        chats.executescript(old)
    mark(place, 1)
    assert migrate(place) == ("conversations name their threads",)
    mark(place, 1)
    assert migrate(place) == ("conversations name their threads",)
    kept = Conversations(place)
    assert [(one.title, one.thread) for one in kept.list("ann")] == [("Shops", "c1")]
    assert kept.ask("ann", "c1", "and in Toronto?") == ("c1", 0)


def test_a_newer_home_is_left_alone(place: Path) -> None:
    (place / MARKER).write_text('{"format": 99}')
    with pytest.raises(Invalid, match="has format 99"):
        Lakewright.open(Settings.load(place))


@pytest.mark.parametrize("text", ["", "[]", '{"format": "x"}', '{"format": -1}', '{"format": 1, "more": 2}'])
def test_a_marker_that_makes_no_sense_is_told(place: Path, text: str) -> None:
    (place / MARKER).write_text(text)
    with pytest.raises(Invalid, match="can't be read"):
        migrate(place)


def test_what_a_step_changes_is_backed_up_and_a_cut_step_is_taken_again(place: Path, tmp_path: Path) -> None:
    calls = []

    def rename(folder: Path) -> None:
        calls.append(len(calls))
        (folder / "notes.txt").write_text("new")
        if len(calls) == 1:
            raise KeyboardInterrupt

    (place / "notes.txt").write_text("old")
    steps = (*(Migration("nothing", lambda _: None) for _ in range(FORMAT)), Migration("notes", rename, ("notes.txt",)))
    with pytest.raises(KeyboardInterrupt):
        migrate(place, steps)
    assert format_of(place) == FORMAT
    assert migrate(place, steps) == ("notes",)
    assert migrate(place, steps) == ()
    assert format_of(place) == FORMAT + 1
    assert len(calls) == 2
    restore(place / "backups" / f"format-{FORMAT}.tar.zst", tmp_path / "old")
    assert (tmp_path / "old/notes.txt").read_text() == "old"
