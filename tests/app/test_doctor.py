"""`doctor` looks at everything that can be wrong, and every finding says what to do."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from agents.endpoints import EndpointSpec
from app import doctor, home
from app.doctor import installation
from app.doctor.check import Check
from app.secret import complaint
from app.settings import Settings


@pytest.fixture(autouse=True)
def installed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The sandbox has its own tests, and takes a second; how full this machine's disk is proves nothing."""
    monkeypatch.setattr(installation, "LOOKS", tuple(look for look in installation.LOOKS if look.__name__ != "sandbox"))
    monkeypatch.setattr(installation, "LEAST_FREE", 0)


def found(folder: Path, **settings: object) -> dict[str, Check]:
    home.begin(folder)
    checks = doctor.examine(Settings(home=folder, **settings))  # type: ignore[arg-type]
    assert all(check.remedy for check in checks if not check.ok)
    return {check.name: check for check in checks}


def test_a_full_disk_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(installation, "LEAST_FREE", 2**62)
    assert not found(tmp_path / "home")["disk"].ok


def test_an_empty_home_is_in_order(tmp_path: Path) -> None:
    checks = found(tmp_path / "home")
    assert [check for check in checks.values() if not check.ok] == []
    names = {"packages", "weights", "disk", "gpu", "clock", "home", "format", "policy", "catalog", "index", "audit"}
    assert names | {"tokens", "secret", "endpoint", "broker", "online store", "spark"} <= set(checks)


@pytest.mark.parametrize(
    ("settings", "name"),
    [
        ({"online": "redis://127.0.0.1:9/0"}, "online store"),
        ({"spark": "sc://127.0.0.1:9"}, "spark"),
        ({"engine": "spark"}, "spark"),
        ({"host": "0.0.0.0"}, "secret"),
        ({"host": "0.0.0.0", "secret": "changeme-changeme-changeme-changeme"}, "secret"),
        (
            {"endpoints": (EndpointSpec(name="gpu", kind="openai", url="http://127.0.0.1:9/v1", model="m"),)},
            "endpoint: gpu",
        ),
    ],
)
def test_a_service_that_does_not_answer_is_told(tmp_path: Path, settings: dict[str, object], name: str) -> None:
    assert not found(tmp_path / "home", **settings)[name].ok


def test_a_source_that_is_gone_is_told_beside_those_that_answer(tmp_path: Path) -> None:
    place = tmp_path / "home"
    home.begin(place)
    (place / "notes").mkdir()
    (place / "notes" / "a.md").write_text("a")
    (place / home.CATALOG).write_text(
        "version: 1\nsources:\n"
        "  - {name: shop, kind: sqlite, location: gone.sqlite, "
        "tables: [{name: t, columns: [{name: a, type: BIGINT}]}]}\n"
        "  - {name: notes, kind: documents, location: notes}\n"
    )
    checks = found(place)
    assert not checks["source: shop"].ok
    assert checks["source: notes"].ok
    assert not checks["catalog"].ok


def test_a_broken_policy_hides_nothing_else(tmp_path: Path) -> None:
    place = tmp_path / "home"
    home.begin(place)
    (place / home.POLICY).write_text("version: 1\nprincipals: 7\n")
    checks = found(place)
    assert not checks["catalog"].ok
    assert checks["disk"].ok
    assert "tokens" in checks


def test_a_clock_behind_what_was_written_is_told(tmp_path: Path) -> None:
    place = tmp_path / "home"
    home.begin(place)
    os.utime(place / home.POLICY, (time.time() + 86_400, time.time() + 86_400))
    assert not found(place)["clock"].ok


def test_a_newer_format_is_told(tmp_path: Path) -> None:
    place = tmp_path / "home"
    home.begin(place)
    (place / "home.json").write_text('{"format": 99}')
    checks = {check.name: check for check in doctor.examine(Settings(home=place))}
    assert not checks["format"].ok
    assert "Upgrade" in checks["format"].remedy


@pytest.mark.parametrize(
    ("secret", "said"),
    [
        ("", "missing"),
        ("brief", "too short"),
        ("a" * 64, "too plain"),
        ("change-me-qwertzuiopasdfghyxcvbnm1234", "placeholder"),
    ],
)
def test_a_secret_that_is_none_is_told_without_quoting_it(secret: str, said: str) -> None:
    assert said in complaint(secret)
    assert not secret or secret not in complaint(secret)


def test_a_real_secret_is_good() -> None:
    assert complaint("kX3v-9QpLw7_ZbT2mNcR8yFsD4hGjKa0eUi6") == ""
