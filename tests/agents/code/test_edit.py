"""A program goes into a file of the working folder: shown, whole, and nowhere else."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from agents.code.edit import edit
from data.errors import DataError, Forbidden, Invalid


def test_a_new_file_is_made_and_an_old_one_is_added_to(tmp_path: Path) -> None:
    path = Path("job.py")
    first = edit(tmp_path, path, "a = 1")
    assert "+a = 1" in first.diff
    first.apply(tmp_path)
    second = edit(tmp_path, path, "b = 2\n")
    second.apply(tmp_path)
    assert (tmp_path / "job.py").read_text() == "a = 1\n\n\nb = 2\n"


def test_a_file_that_was_changed_is_put_in_its_place(tmp_path: Path) -> None:
    (tmp_path / "job.py").write_text("a = 1\nb = 2\nc = 3\n")
    change = edit(tmp_path, Path("job.py"), "a = 1\nb = 5\nc = 3\n")
    assert change.diff == "--- a/job.py\n+++ b/job.py\n@@ -1,3 +1,3 @@\n a = 1\n-b = 2\n+b = 5\n c = 3\n"
    (tmp_path / "job.py").chmod(0o640)
    change.apply(tmp_path)
    assert (tmp_path / "job.py").read_text() == "a = 1\nb = 5\nc = 3\n"
    assert (tmp_path / "job.py").stat().st_mode & 0o777 == 0o640
    assert os.listdir(tmp_path) == ["job.py"]


def test_what_was_shown_is_what_is_written(tmp_path: Path) -> None:
    change = edit(tmp_path, Path("job.py"), "a = 1\n")
    (tmp_path / "job.py").write_text("meanwhile\n")
    with pytest.raises(Invalid, match="changed since"):
        change.apply(tmp_path)
    assert (tmp_path / "job.py").read_text() == "meanwhile\n"


@pytest.mark.parametrize("name", ["../out.py", "/etc/out.py", "link.py", "linked/out.py", "a/../../out.py"])
def test_nothing_outside_the_folder_is_touched(tmp_path: Path, name: str) -> None:
    root = tmp_path / "project"
    root.mkdir()
    (tmp_path / "away").mkdir()
    (root / "link.py").symlink_to(tmp_path / "away" / "out.py")
    (root / "linked").symlink_to(tmp_path / "away")
    with pytest.raises(Forbidden):
        edit(root, Path(name), "a = 1\n")
    assert not list((tmp_path / "away").iterdir())


def test_a_link_that_comes_after_the_look_is_not_followed(tmp_path: Path) -> None:
    root = tmp_path / "project"
    root.mkdir()
    change = edit(root, Path("job.py"), "a = 1\n")
    (root / "job.py").symlink_to(tmp_path / "out.py")
    with pytest.raises(Forbidden):
        change.apply(root)
    assert not (tmp_path / "out.py").exists()


@pytest.mark.parametrize("name", ["none/job.py", "folder", "binary"])
def test_what_is_no_text_file_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "binary").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(DataError):
        edit(tmp_path, Path(name), "a = 1\n")
