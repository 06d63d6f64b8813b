"""An environment in the cache folder is made once for what it is to hold."""

from __future__ import annotations

from pathlib import Path

import pytest

from data import environment


def test_an_environment_is_made_once_and_again_for_other_versions(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    made: list[list[str]] = []

    def make(folder: Path, _: str, wanted: list[str], __: str) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        made.append(wanted)

    monkeypatch.setattr(environment, "_make", make)
    for wanted in (["a==1"], ["a==1"], ["a==2"]):
        python = environment.provide("tried", "A", wanted, "", lambda _: None)
    assert made == [["a==1"], ["a==2"]]
    assert python == tmp_path / "lakewright" / "tried" / "bin" / "python"


def test_nothing_of_ours_is_on_the_path_of_another_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", "/ours")
    monkeypatch.setenv("THEIRS", "kept")
    alone = environment.alone()
    assert "PYTHONPATH" not in alone
    assert alone["THEIRS"] == "kept"
