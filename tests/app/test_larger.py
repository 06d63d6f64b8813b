"""Who has a source learnt gets the larger model, where nobody chose one and the machine has room."""

from __future__ import annotations

from pathlib import Path

import pytest

from app import larger
from app.settings import LARGE, LARGE_ADAPTER, Settings, remember
from data.errors import Unavailable

ROOM = 64 * 10**9


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home on a machine with room, and a package index that has the weights."""
    for name in ("MODELS", "ENDPOINT"):
        monkeypatch.delenv(f"LAKEWRIGHT_{name}", raising=False)
    monkeypatch.setattr("finetune.plan.machine.memory", lambda: ROOM)
    monkeypatch.setattr("shutil.disk_usage", lambda _: type("Usage", (), {"free": ROOM}))
    monkeypatch.setattr("app.packaged.prepare", lambda models, name, _: (models / name).mkdir(parents=True))
    monkeypatch.setattr("agents.endpoints.open_endpoint", lambda *_: None)
    return tmp_path


def adopted(home: Path, minutes: float = 25.0) -> tuple[Settings, str]:
    said: list[str] = []
    return larger.adopted(Settings.load(home), minutes, said.append), "\n".join(said)


def test_it_answers_and_learns_from_then_on(home: Path) -> None:
    settings, said = adopted(home)
    assert (settings.endpoint, settings.learner, settings.spec().model) == ("large", LARGE_ADAPTER, LARGE)
    assert Settings.load(home).endpoint == "large"
    assert "model use embedded" in said
    assert adopted(home)[1] == ""  # it is chosen now


def test_an_adapter_that_somebody_chose_learns(home: Path) -> None:
    remember(home, adapter="ours")
    settings, said = adopted(home)
    assert (settings.endpoint, settings.learner, said) == ("embedded", "ours", "")


@pytest.mark.parametrize("chosen", ["embedded", "base", "hosted"])
def test_what_somebody_chose_stays(home: Path, chosen: str) -> None:
    remember(
        home, endpoint=chosen, endpoints=[{"name": "hosted", "kind": "openai", "url": "http://h/v1", "model": "m"}]
    )
    settings, said = adopted(home)
    assert (settings.endpoint, settings.learner, said) == (chosen, "ask-smollm2", "")


def test_a_short_job_teaches_the_small_one(home: Path) -> None:
    settings, said = adopted(home, minutes=5)
    assert settings.learner == "ask-smollm2"
    assert "15 minutes" in said


def test_a_home_whose_small_model_has_learnt_keeps_it(home: Path) -> None:
    (home / "models" / "adapters" / "ask-smollm2").mkdir(parents=True)
    settings, said = adopted(home)
    assert settings.learner == "ask-smollm2"
    assert "learnt here before" in said


@pytest.mark.parametrize(("place", "what"), [("finetune.plan.machine.memory", "memory"), ("shutil.disk_usage", "disk")])
def test_a_machine_without_room_keeps_the_small_one(
    home: Path, monkeypatch: pytest.MonkeyPatch, place: str, what: str
) -> None:
    little = 3 * 10**9
    monkeypatch.setattr(place, lambda *_: little if what == "memory" else type("Usage", (), {"free": little}))
    settings, said = adopted(home)
    assert settings.learner == "ask-smollm2"
    assert f"GB of {what}, and 3.0 are free" in said


def test_without_a_package_index_the_small_one_learns(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def unreachable(*_: object) -> None:
        raise Unavailable("The model's weights could not be fetched: no route to host.", "Run: pip")

    monkeypatch.setattr("app.packaged.prepare", unreachable)
    settings, said = adopted(home)
    assert settings.learner == "ask-smollm2"
    assert "no route to host" in said
    assert Settings.load(home).endpoint == "embedded"
