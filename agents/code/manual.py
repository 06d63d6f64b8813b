"""The tests that are handed out with a program: a small pytest file that runs it on a server again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from agents.code.state import Task

TEMPLATE = '''\
"""Checks of a program that Lakewright wrote. LAKEWRIGHT_URL and LAKEWRIGHT_TOKEN say where it runs, and as whom."""

import os

import pytest
from lakewright.client import Client

TASK = {task}
LANGUAGE = {language}
DIALECT = {dialect}
COLUMNS = {columns}
CODE = {code}


@pytest.fixture(scope="module")
def delivery():
    with Client(os.environ["LAKEWRIGHT_URL"], os.environ["LAKEWRIGHT_TOKEN"]) as lakewright:
        yield lakewright.code.run(CODE, language=LANGUAGE, dialect=DIALECT, expects=COLUMNS)


def test_it_runs(delivery):
    assert delivery.status == "delivered", delivery.error


def test_it_has_its_columns(delivery):
    assert delivery.result["columns"] == COLUMNS


def test_no_column_is_lost_in_nulls(delivery):
    rows = delivery.result["rows"]
    for at, name in enumerate(COLUMNS):
        assert not rows or name in {nulls} or any(row[at] is not None for row in rows), name
'''


def tests_of(task: Task, code: str, outcome: Mapping[str, Any] | None) -> str:
    """The text of the file. Everything of the task and the program in it is a quoted text."""
    columns = list((outcome or {}).get("columns", ())) or list(task.expects)
    rows = (outcome or {}).get("rows", ())
    nulls = [name for at, name in enumerate(columns) if all(row[at] is None for row in rows)]
    return TEMPLATE.format(
        task=_text(task.text), language=_text(task.language), dialect=repr(task.dialect), columns=ascii(columns),
        code=_text(code), nulls=ascii(nulls),
    )  # fmt: skip


def _text(value: str) -> str:
    """A text as Python reads it back, a line of it on each line; ASCII alone, so that nothing in it hides."""
    lines = value.splitlines(keepends=True)
    if len(lines) < 2:
        return ascii(value)
    return "(\n" + "".join(f"    {line!a}\n" for line in lines) + ")"
