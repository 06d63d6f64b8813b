"""Question files and folders of them."""

from __future__ import annotations

import json

import pytest

from agents.evaluation.question import read
from data.errors import Invalid

COUNT = "SELECT count(*) FROM tidal.plays"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("{", "not JSON"),
        ("[1]", "valid dictionary"),
        ({"sql": COUNT}, "question: "),
        ({"question": "", "sql": COUNT}, "question: "),
        ({"question": "?"}, "either 'sql' or 'answers'"),
        ({"question": "?", "sql": COUNT, "answers": [[[1]]]}, "either 'sql' or 'answers'"),
        ({"question": "?", "sql": COUNT, "tags": "join"}, "tags: "),
        ({"question": "?", "status": []}, "either 'sql' or 'answers', or the 'status'"),
        ({"question": "?", "status": ["answered"]}, "status: "),
        ({"question": "?", "sql": [], "status": ["clarify"]}, "no right answer"),
        ({"question": "?", "sql": []}, "no right answer"),
        ({"question": "?", "sql": ""}, "no right answer"),
        ({"question": "?", "answers": []}, "no right answer"),
        ({"question": "?", "answers": [[1]]}, "answers: "),
        ({"question": "?", "answers": [[[1], [1, 2]]]}, "differ in length"),
        ({"question": "?", "sql": "DROP TABLE tidal.plays"}, "'DROP' is not a query"),
        ({"question": "?", "sql": COUNT, "dialect": "cobol"}, "'cobol' is no SQL dialect"),
        ({"question": "?", "sql": "SELECT (", "dialect": "mysql"}, "can't be parsed"),
    ],
)
def test_a_bad_line_is_named(lines, line, message):
    with pytest.raises(Invalid, match=r"questions\.jsonl:2: ") as caught:
        lines({"question": "?", "sql": COUNT}, line)
    assert message in str(caught.value)


@pytest.mark.parametrize("text", ["", "\n\n"])
def test_a_file_without_questions_is_refused(lines, text):
    with pytest.raises(Invalid, match="no questions"):
        lines(text)


def test_a_file_that_is_not_there_or_no_text_is_refused(tmp_path):
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    for name in ("missing", "binary"):
        with pytest.raises(Invalid, match="can't be read"):
            read(tmp_path / name)


def test_a_folder_is_its_files_in_order(tmp_path, lines):
    for name in ("b.jsonl", "a.jsonl"):
        lines({"question": f"of {name}", "sql": COUNT, "id": "x"}, {"question": "?", "sql": COUNT}, file=name)
    (tmp_path / "notes.txt").write_text("no questions")
    (tmp_path / "deeper.jsonl").mkdir()
    found = [(line.file, line.number, line.id, line.question.question) for line in read(tmp_path)]
    assert found == [
        ("a.jsonl", 1, "x", "of a.jsonl"),
        ("a.jsonl", 2, "2", "?"),
        ("b.jsonl", 1, "x", "of b.jsonl"),
        ("b.jsonl", 2, "2", "?"),
    ]


def test_a_broken_file_of_a_folder_is_named_with_its_line(tmp_path, lines):
    lines({"question": "?", "sql": COUNT}, file="a.jsonl")
    (tmp_path / "b.jsonl").write_text(json.dumps({"question": "?", "sql": COUNT}) + "\n\n{broken\n")
    with pytest.raises(Invalid, match=r"b\.jsonl:3: this is not JSON"):
        read(tmp_path)


def test_a_folder_without_question_files_is_refused(tmp_path):
    with pytest.raises(Invalid, match=r"has no question files.*\.jsonl"):
        read(tmp_path)
