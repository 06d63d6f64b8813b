"""`doctor` tells which walls stand around generated programs."""

from __future__ import annotations

from pathlib import Path

import pytest

from app import doctor, home
from app.settings import Settings
from data.sandbox import Sandbox


def test_every_wall_is_told(tmp_path: Path) -> None:
    checks = {check.name: check for check in _found(tmp_path)}
    assert checks["sandbox"].ok
    assert [name for name in checks if name.startswith("wall: ")] == [
        f"wall: {name}"
        for name in ("users", "processes", "network", "messages", "files", "landlock", "rights", "calls")
    ]


def test_a_missing_wall_comes_with_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = Sandbox.__init__

    def less(self: Sandbox, *given: object, **named: object) -> None:
        whole(self, *given, **named, without=frozenset({"network", "calls"}))  # type: ignore[arg-type]

    monkeypatch.setattr(Sandbox, "__init__", less)
    checks = {check.name: check for check in _found(tmp_path)}
    assert not checks["sandbox"].ok
    assert "network or calls" in checks["sandbox"].detail
    assert "unwalled" in checks["sandbox"].remedy
    assert "user namespaces" in checks["wall: network"].remedy
    assert checks["wall: files"].remedy == ""


def _found(folder: Path) -> tuple[doctor.Check, ...]:
    home.begin(folder)
    return doctor.examine(Settings(home=folder))
