"""The files that an answer's rows are given out as."""

from __future__ import annotations

import base64
import csv
import io
import json
import re

from app.ui import export

COLUMNS = ["name", "n"]
ROWS = [["=1+1", 2], ['a "b", c|d\ne', None], ["é<b>", -3.5]]


def files(columns: list[str], rows: list[list[object]]) -> dict[str, str]:
    found = re.findall(r'download="answer\.(\w+)" href="data:[^;]+;base64,([^"]+)"', export.links(columns, rows))
    return {ending: base64.b64decode(held).decode() for ending, held in found}


def test_each_file_has_all_rows() -> None:
    given = files(COLUMNS, ROWS)
    assert json.loads(given["json"]) == [dict(zip(COLUMNS, row, strict=True)) for row in ROWS]
    told = list(csv.reader(io.StringIO(given["csv"], newline="")))
    assert told == [COLUMNS, ["'=1+1", "2"], ['a "b", c|d\ne', ""], ["é<b>", "-3.5"]]
    lines = given["md"].splitlines()
    assert lines == ["| name | n |", "| --- | --- |", "| =1+1 | 2 |", '| a "b", c\\|d e |  |', "| é&lt;b> | -3.5 |"]


def test_without_rows_there_is_no_file_and_too_many_are_told() -> None:
    assert export.links(COLUMNS, []) == ""
    assert "ask by the API" in export.links(COLUMNS, [["x" * 1_000, n] for n in range(300)])
