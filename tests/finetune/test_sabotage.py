"""Whatever is spoilt on the way to a promotion, the champion answers as before and the reason names what is off."""

from __future__ import annotations

import json
import resource
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from agents.predictors.store import CHAMPION
from data.errors import DataError, Invalid, Unavailable
from data.federation import open_gateway
from finetune import disk, job, promotion, stack
from finetune.evaluation import Evaluated
from finetune.examples import write
from finetune.gate import Verdict
from finetune.loop import CHECKPOINT
from finetune.lora import Trained, train
from finetune.recipe import Recipe
from finetune.registry import Registered
from finetune.workshop import Workshop
from retrieval import Retriever
from tests.finetune.parity.test_parity import (
    PROMPTS,
    cut_off,
    flipped,
    no_stop_token,
    other_base,
    told,
    wrong_template,
)


@dataclass(frozen=True)
class Room:
    """A home whose champion is version 1 of `tiny`, and a challenger that is trained."""

    shop: Workshop
    recipe: Recipe
    base: Path
    trained: Trained

    @property
    def answering(self) -> bytes:
        return (self.shop.models / "adapters" / "tiny" / "adapter_model.safetensors").read_bytes()

    @property
    def champion(self) -> int:
        return promotion.Registry(self.shop.home).store.resolve("tiny", CHAMPION).version

    def settled(self) -> Registered:
        """The adapter registered, without a verdict."""
        return job.logged(self.recipe, self.trained, {"execution_accuracy": 0.9}, self.shop.home)


@pytest.fixture(scope="module")
def made(tiny: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Base, home and challenger, which the tests copy: making a store takes seconds."""
    root = tmp_path_factory.mktemp("sabotage")
    shutil.copytree(tiny, root / "base")
    (root / "base" / "tokenizer_config.json").write_text(json.dumps(told()))
    (root / "catalog.yaml").write_text("version: 1\n")
    write(root / "mine.jsonl", "", [{"system": p.system, "user": p.user, "answer": "SELECT 1"} for p in PROMPTS])
    room = _room(root)
    promotion.settle(room.settled(), Verdict(True, "first"), room.trained.adapter, home=root, models=root / "models")
    return root


@pytest.fixture
def room(made: Path, tmp_path: Path) -> Room:
    shutil.copytree(made, tmp_path / "copy", symlinks=True)
    return _room(tmp_path / "copy")


def _room(root: Path) -> Room:
    recipe = Recipe.model_validate(
        {
            "name": "tiny", "base": str(root / "base"), "device": "cpu", "precision": "float32",
            "dataset": {"builder": "jsonl", "size": 100, "file": str(root / "mine.jsonl")},
            "lora": {"r": 4, "alpha": 8}, "train": {"batch": 4, "lr": 0.01, "checkpoint_every": 1},
            "evaluation": {"file": "none", "gate": 0.5},
        }
    )  # fmt: skip
    gateway = open_gateway(root)
    owner = gateway.policy.principal("owner")
    shop = Workshop(gateway, owner, Retriever(gateway, root, root), root / "models", root, lambda _: None)
    rows = [{"system": p.system, "user": p.user, "answer": "SELECT 1"} for p in PROMPTS]
    return Room(
        shop, recipe, root / "base", train(recipe, rows, root / "work" / "adapter", base=root / "base", resume=True)
    )


def gated(room: Room, monkeypatch: pytest.MonkeyPatch, accuracy: float = 0.9, champion: float = 0.8) -> job.Adapted:
    """The end of a job whose challenger was measured so."""

    def report(value: float) -> Any:
        return SimpleNamespace(execution_accuracy=value, valid_sql=1.0, seconds_p50=0.1, by_tag={})

    reports = {"": report(accuracy), "base_": report(0.0), "champion_": report(champion)}
    monkeypatch.setattr(job, "evaluated", lambda *_: Evaluated(reports, PROMPTS))
    return job._finished(room.recipe, room.shop, room.trained, (), room.base)


@pytest.mark.parametrize(
    ("spoil", "named"),
    [
        (wrong_template, "template"),
        (no_stop_token, "stop tokens"),
        (other_base, "of another base"),
        (cut_off, "are corrupt"),
        (flipped, "is corrupt: its checksum"),
    ],
)
def test_a_spoilt_challenger_is_refused_by_name(
    spoil: Callable[[Path, Path], None], named: str, room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = room.answering
    spoil(room.base, room.trained.adapter)
    outcome = gated(room, monkeypatch)
    assert not outcome.promoted
    assert named in outcome.why
    assert (room.champion, room.answering) == (1, before)


def test_three_points_worse_than_the_champion(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    before = room.answering
    outcome = gated(room, monkeypatch, accuracy=0.85, champion=0.88)
    assert not outcome.promoted
    assert outcome.why == "Execution accuracy 0.850 is worse than the champion's 0.880."
    assert (room.champion, room.answering) == (1, before)


def test_a_champion_that_nobody_compared_with(room: Room) -> None:
    second, third = room.settled(), room.settled()
    promotion.promote("tiny", 2, "By hand.", home=room.shop.home, models=room.shop.models)
    places = {"home": room.shop.home, "models": room.shop.models}
    verdict = promotion.settle(third, Verdict(True, "Better."), room.trained.adapter, beaten=1, **places)
    assert not verdict.promoted
    assert "became champion in the meantime" in verdict.why
    assert room.champion == second.version


@pytest.mark.parametrize("spoil", [cut_off, flipped])
def test_a_corrupt_version_is_not_promoted_by_hand(spoil: Callable[[Path, Path], None], room: Room) -> None:
    before, run = room.answering, room.settled()
    version = promotion.Registry(room.shop.home).store.resolve("tiny", run.version)
    spoil(room.base, stack.inside(version.folder))
    with pytest.raises(Invalid, match=f"{stack.inside(version.folder)}.* corrupt"):
        promotion.promote("tiny", run.version, "By hand.", home=room.shop.home, models=room.shop.models)
    assert (room.champion, room.answering) == (1, before)
    assert [path.name for path in (room.shop.models / "adapters").iterdir()] == ["tiny"]


@contextmanager
def full(size: int) -> Iterator[None]:
    """No file grows beyond `size` bytes, as on a disk that has no more."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_full_disk_at_the_promotion(room: Room) -> None:
    before, run = room.answering, room.settled()
    places = {"home": room.shop.home, "models": room.shop.models}
    with full(4096), pytest.raises(Unavailable, match=r"The disk is full: \[Errno 27\]"):
        promotion.promote("tiny", run.version, "By hand.", **places)
    assert (room.champion, room.answering) == (1, before)
    with full(4096), pytest.raises(Unavailable, match="The disk is full"), disk.room():
        promotion.settle(run, Verdict(True, "Better."), room.trained.adapter, **places)
    assert (room.champion, room.answering) == (1, before)
    assert [path.name for path in (room.shop.models / "adapters").iterdir()] == ["tiny"]
    assert promotion.promote("tiny", run.version, "By hand.", **places).version == run.version


def test_a_full_disk_while_it_trains(room: Room) -> None:
    rows = [{"system": p.system, "user": p.user, "answer": "SELECT 2"} for p in PROMPTS]
    out = room.shop.home / "work" / "other"
    with full(4096), pytest.raises(Unavailable, match="The disk is full"), disk.room():
        train(room.recipe, rows, out, base=room.base)
    assert Trained.read(out, "") is None
    assert not (out / CHECKPOINT).exists()
    assert train(room.recipe, rows, out, base=room.base, resume=True).losses


def test_a_half_written_checkpoint(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [{"system": p.system, "user": p.user, "answer": "SELECT 3"} for p in PROMPTS]
    out = room.shop.home / "work" / "third"

    def stop(tick: Any) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(room.recipe, rows, out, stop, base=room.base)
    whole = (out / CHECKPOINT).read_bytes()
    for part in (whole[:-200], whole[:100], b""):
        (out / CHECKPOINT).write_bytes(part)
        with pytest.raises(DataError, match="is corrupt or half-written"):
            train(room.recipe, rows, out, base=room.base, resume=True)
    (out / CHECKPOINT).write_bytes(whole)
    assert len(train(room.recipe, rows, out, base=room.base, resume=True).losses) == 2


def test_a_process_that_was_killed_between_gate_and_place(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [{"system": p.system, "user": p.user, "answer": "SELECT 4"} for p in PROMPTS]
    other = replace(room, trained=train(room.recipe, rows, room.shop.home / "work" / "new", base=room.base))
    before, run = room.answering, other.settled()
    with monkeypatch.context() as killed:
        killed.setattr(promotion, "place", lambda *_: (_ for _ in ()).throw(SystemExit))
        with pytest.raises(SystemExit):
            promotion.promote("tiny", run.version, "", home=room.shop.home, models=room.shop.models)
    assert (room.champion, room.answering) == (2, before)
    promotion.mend("tiny", room.shop.home, room.shop.models)
    assert room.answering == (other.trained.adapter / "adapter_model.safetensors").read_bytes() != before
