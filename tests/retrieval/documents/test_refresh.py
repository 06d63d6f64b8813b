"""The index follows the folder: by content, file by file, and whatever happens to it."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from data.errors import Busy
from data.gateway import Gateway
from retrieval.documents import Library
from retrieval.documents.store import Store


def test_only_what_has_changed_is_read(library: Library, gateway: Gateway, home: Path) -> None:
    first = library.refresh("handbook")[0]
    assert sorted(first.added) == ["salaries.md", "support/refunds.md", "tills.pdf"]
    os.utime(home / "handbook" / "tills.pdf")
    (home / "handbook" / "salaries.md").unlink()
    refunds = home / "handbook" / "support" / "refunds.md"
    refunds.write_text(refunds.read_text().replace("500", "750"))
    (home / "handbook" / "new.txt").write_text("Dogs may come to the office on Fridays.")
    second = library.refresh("handbook")[0]
    assert (second.added, second.changed, second.removed) == (["new.txt"], ["support/refunds.md"], ["salaries.md"])
    assert second.unchanged == 1
    owner = gateway.policy.principal("owner")
    found = library.search(owner, "How much may be refunded, and what does the chief earn?", top=20)
    texts = " ".join(one.passage.text for one in found)
    assert "750 USD" in texts
    assert "500 USD" not in texts
    assert "chief executive" not in texts


def test_a_file_that_can_not_be_read_is_reported_and_skipped(library: Library, gateway: Gateway, home: Path) -> None:
    library.refresh("handbook")
    (home / "handbook" / "broken.pdf").write_bytes(b"%PDF-1.7 broken")
    (home / "handbook" / "latin.txt").write_bytes(b"caf\xe9")
    (home / "handbook" / "tills.pdf").write_bytes(b"no PDF any more")
    for _ in range(2):
        report = library.refresh("handbook")[0]
        assert [skipped["file"] for skipped in report.skipped] == ["broken.pdf", "latin.txt", "tills.pdf"]
        assert all(skipped["problem"] and skipped["remedy"] for skipped in report.skipped)
        assert report.unchanged == 2
    owner = gateway.policy.principal("owner")
    assert all("tills" not in one.passage.path for one in library.search(owner, "the till fails", top=20))
    kept = {file.path: file.problem for file in library.shelves(owner)[0].files}
    assert "not a whole PDF" in kept["broken.pdf"]


def test_links_and_hidden_files_are_left_out(library: Library, home: Path) -> None:
    (home / "outside.md").write_text("# Outside\n\nSecret.\n")
    (home / "handbook" / "link.md").symlink_to(home / "outside.md")
    (home / "handbook" / "linked").symlink_to(home / "secret")
    (home / "secret" / "plan.md").write_text("# Plan\n\nSecret.\n")
    (home / "handbook" / ".hidden.md").write_text("# Hidden\n\nSecret.\n")
    assert sorted(library.refresh("handbook")[0].added) == ["salaries.md", "support/refunds.md", "tills.pdf"]


def test_two_refreshes_do_not_meet(library: Library, home: Path) -> None:
    from filelock import FileLock

    library.refresh("handbook")
    with FileLock(home / "index" / "documents" / "handbook.lock"), pytest.raises(Busy, match="already"):
        library.refresh("handbook")


SLOW = """
import sys, time
from pathlib import Path
import numpy as np
from retrieval.documents.refresh import refresh
from retrieval.documents.store import Store

class Slow:
    def encode(self, texts):
        time.sleep(0.08)
        return np.ones((len(texts), 384), np.float32)

place, folder = Path(sys.argv[1]), Path(sys.argv[2])
refresh(Store(place, "many", folder), "many", folder, Slow)
"""


def test_a_refresh_that_is_killed_leaves_whole_files_and_goes_on(tmp_path: Path) -> None:
    folder, place = tmp_path / "many", tmp_path / "index" / "many.sqlite"
    folder.mkdir()
    for number in range(20):
        (folder / f"{number:02}.md").write_text(f"# Rule {number}\n\nOne.\n\n## More\n\nTwo {number}.\n")
    root = Path(__file__).parents[3]
    command = [sys.executable, "-c", SLOW, str(place), str(folder)]
    killed = subprocess.Popen(command, cwd=root)
    store = Store(place, "many", folder)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and len(_files(store)) < 3:
        assert killed.poll() is None
        time.sleep(0.05)
    killed.send_signal(signal.SIGKILL)
    killed.wait()
    before = store.files()
    assert 3 <= len(before) < 20
    passages, vectors = store.passages()
    assert {passage.path for passage in passages} == set(before)
    assert len(passages) == len(vectors) == 2 * len(before)
    subprocess.run(command, cwd=root, check=True)
    after = store.files()
    assert len(after) == 20
    assert {path: after[path].read_at for path in before} == {path: file.read_at for path, file in before.items()}
    assert len(store.passages()[0]) == 40


def _files(store: Store) -> dict[str, object]:
    try:
        return dict(store.files())
    except sqlite3.OperationalError:
        return {}


def test_an_index_that_was_lost_is_made_again(library: Library, gateway: Gateway, home: Path) -> None:
    library.refresh("handbook")
    shutil.rmtree(home / "index")
    owner = gateway.policy.principal("owner")
    assert library.search(owner, "refunds") == []
    library.refresh("handbook")
    assert library.search(owner, "refunds")


def test_a_search_that_is_kept_is_not_taken_for_one_of_a_new_index(
    library: Library, gateway: Gateway, home: Path
) -> None:
    library.refresh("handbook")
    owner = gateway.policy.principal("owner")
    assert "500 USD" in " ".join(one.passage.text for one in library.search(owner, "refund limit", top=20))
    shutil.rmtree(home / "index")
    refunds = home / "handbook" / "support" / "refunds.md"
    refunds.write_text(refunds.read_text().replace("500", "750"))
    library.refresh("handbook")
    assert "500 USD" not in " ".join(one.passage.text for one in library.search(owner, "refund limit", top=20))
