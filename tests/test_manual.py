"""The manual builds strictly, fetches nothing, and its picture and its tutorial are true."""

from __future__ import annotations

import itertools
import os
import re
import sqlite3
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def test_the_manual_builds_strictly_and_fetches_nothing(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "mkdocs", "build", "--quiet", "--site-dir", tmp_path]
    surroundings = {**os.environ, "NO_MKDOCS_2_WARNING": "1", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, env=surroundings)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "lakewright catalog add" in (tmp_path / "reference/cli.html").read_text()
    assert "LAKEWRIGHT_DEVICE" in (tmp_path / "reference/settings.html").read_text()
    assert "POST /api/ask" in (tmp_path / "reference/http.html").read_text()
    for page in tmp_path.rglob("*.html"):
        fetched = re.findall(
            r'<(?:script|img|iframe)[^>]+src="(?:https?:)?//|<link[^>]+rel="stylesheet"[^>]+href="(?:https?:)?//',
            page.read_text(),
        )
        assert not fetched, page


def test_the_picture_shows_the_layers_that_the_imports_are_held_to() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    layers = next(contract["layers"] for contract in contracts if contract["type"] == "layers")
    drawn = re.findall(r'id="(\w+)-to-(\w+)"', (ROOT / "docs/architecture.svg").read_text())
    assert drawn == list(itertools.pairwise(layers))


def test_the_tutorial_holds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = (ROOT / "docs/tutorial.md").read_text()
    books = re.findall(r"```python\n(.*?)```", text, re.S)[0]
    monkeypatch.chdir(tmp_path)
    exec(books, {})
    shell = re.findall(r"```sh\n(.*?)```", text, re.S)[0].replace(
        "lakewright ", f"{Path(sys.executable).parent}/lakewright "
    )
    # Asking makes weights ready for a minute: what is asked is counted from the file instead.
    governed = "\n".join(line for line in shell.splitlines() if " ask " not in line)
    done = subprocess.run(
        ["bash", "-ec", governed], capture_output=True, text=True, env={**os.environ, "PYTHONPATH": str(ROOT)}
    )
    assert done.returncode == 0, done.stderr
    assert "1 row from apiary.harvest" in done.stdout + done.stderr
    with sqlite3.connect("apiary.sqlite") as counted:
        (lund,) = counted.execute("SELECT count(*) FROM keepers WHERE town = 'Lund'").fetchone()
    assert f"town is Lund: {lund}." in text
