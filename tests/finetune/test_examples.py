"""A file of examples comes back as it was written, and a broken one is named by its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from data.errors import Invalid
from finetune import examples

ROWS = [{"system": "s", "user": "né?\u2028", "answer": "SELECT 1"}, {"system": "s", "user": "v", "answer": "unsure"}]


@pytest.mark.parametrize("name", ["e.jsonl", "e.jsonl.gz"])
def test_a_file_comes_back(tmp_path: Path, name: str) -> None:
    examples.write(tmp_path / name, "made so", ROWS)
    assert examples.read(tmp_path / name) == ("made so", ROWS)
    assert [file.name for file in tmp_path.iterdir()] == [name]


def test_a_file_without_a_stamp(tmp_path: Path) -> None:
    (tmp_path / "e.jsonl").write_text('{"system": "s"}\n')
    assert examples.read(tmp_path / "e.jsonl") == ("", [{"system": "s"}])


@pytest.mark.parametrize(
    ("text", "complaint"),
    [("{}\n{", "e.jsonl:2 is no JSON object: '{'"), ("[1]", "e.jsonl:1"), (None, "can't be read")],
)
def test_a_broken_file_is_named(tmp_path: Path, text: str | None, complaint: str) -> None:
    if text is not None:
        (tmp_path / "e.jsonl").write_text(text)
    with pytest.raises(Invalid, match=complaint):
        examples.read(tmp_path / "e.jsonl")
