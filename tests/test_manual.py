"""The manual builds strictly, fetches nothing, and its picture, its commands and its examples are true.

Of README.md and docs/*.md every command line is read by the program's own parser, every block of YAML, JSON and
Python is read, and what a Python block imports is imported. The tutorial and the README's own data are run. Not run
here are what installs, trains or asks a model (minutes), what serves without end, and what wants a broker, a GPU, a
cluster or another machine; the manuals of code, features, models, policies, serving and streams are run by the tests
beside those."""

from __future__ import annotations

import ast
import itertools
import json
import os
import re
import shlex
import sqlite3
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.main import get_command

from app.cli import build

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
LINE = re.compile(r"^(?:    |\$ )?(lakewright [^\n]*)$", re.M)
SAID = re.compile(r"`(lakewright [^`\n]+)`")


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


def command_of(line: str) -> tuple[Any, list[str]]:
    """The command that a line names, and the words that are left for it."""
    found: Any = get_command(build())
    words = shlex.split(line, comments=True)[1:]
    while hasattr(found, "commands"):
        at = next((at for at, word in enumerate(words) if not word.startswith("-")), None)
        if at is None:
            break
        found = found.commands[words.pop(at)]
    return found, words


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_command_in_the_manual_is_one(page: Path) -> None:
    text = re.sub(r"\\\n\s*", " ", page.read_text())
    for line in LINE.findall(text):
        command, words = command_of(line)
        command.make_context(command.name, words)
    for said in SAID.findall(text):
        command, words = command_of(said)
        known = {name for one in command.params for name in (*one.opts, *one.secondary_opts)} | {"--help"}
        wrong = {word.strip("[]").partition("=")[0] for word in words if re.match(r"\[?--\w", word)} - known
        assert not wrong, said


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_block_of_the_manual_reads(page: Path) -> None:
    for language, block in re.findall(r"^```(\w+)\n(.*?)^```", page.read_text(), re.M | re.S):
        match language:
            case "json":
                json.loads(block)
            case "yaml":
                configured(yaml.safe_load(block))
            case "python":
                whole = ast.parse(block.replace("...\n", "pass\n"))
                imports = [one for one in whole.body if isinstance(one, ast.Import | ast.ImportFrom)]
                exec(compile(ast.Module(imports, []), page.name, "exec"), {})
            case _:
                assert language in ("sh", "bash", "sql", "lark"), f"{language} in {page.name} is held to nothing"


def configured(document: Any) -> None:
    """Where all that a block of YAML names are settings, they are taken as such."""
    from app.settings import Settings

    if isinstance(document, dict) and set(document) <= set(Settings.model_fields):
        Settings(**document)


def test_own_data_as_the_readme_adds_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    block = next(block for block in re.findall(r"```\n(.*?)```", PAGES[0].read_text(), re.S) if "catalog add" in block)
    with sqlite3.connect(tmp_path / "shop.sqlite") as shop:
        shop.executescript("CREATE TABLE orders (id INTEGER PRIMARY KEY); INSERT INTO orders VALUES (1), (2), (3)")
    lines = block.replace("lakewright ", f"{Path(sys.executable).parent}/lakewright ").splitlines()
    run = "\n".join(line for line in lines if not line.endswith(" serve"))
    surroundings = {**os.environ, "HOME": str(tmp_path), "PYTHONPATH": str(ROOT)}
    done = subprocess.run(["bash", "-ec", run], capture_output=True, text=True, env=surroundings)
    assert done.returncode == 0, done.stderr
    assert "1 row from shop.orders" in done.stdout + done.stderr
