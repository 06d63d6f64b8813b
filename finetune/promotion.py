"""From a verdict to what answers: what can fail is done before anything is decided."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from agents.predictors.store import CHAMPION, Version
from finetune import disk, stack
from finetune.gate import Gate, Verdict
from finetune.installation import install, place, staged
from finetune.registry import Registered, Registry

UNSEEN = -1
"""Whoever is champion."""


def settle(
    run: Registered, verdict: Verdict, adapter: Path, *, home: Path, models: Path, beaten: int | None = UNSEEN
) -> Verdict:
    """Tell the gate, and let an adapter that passed answer. `beaten` is the version of the champion that it was
    compared with, None where there was none."""

    def decide(champion: Version | None) -> Verdict:
        number = champion.version if champion else None
        if not verdict.promoted or beaten in (UNSEEN, number, run.version):
            return verdict
        return Verdict(False, "Another version became champion in the meantime; go on with --resume to compare it too.")

    if not verdict.promoted:
        return Gate(home).judge(run.model, run.version, decide)
    target = models / "adapters" / run.model
    with staged(adapter, target) as fresh:
        decided = Gate(home).judge(run.model, run.version, decide)
        if decided.promoted:
            place(fresh, target)
    return decided


def promote(name: str, version: int | str, why: str, *, home: Path, models: Path) -> Version:
    """Let a version be champion, whatever the gate said of it, and answer. NotFound; Invalid if it is champion already
    or its files are corrupt."""
    with _ready(Registry(home).store.resolve(name, version), models) as go:
        champion = Gate(home).promote(name, version, why)
        go()
    return champion


def rollback(name: str, why: str, *, home: Path, models: Path) -> Version:
    """Let the champion before the present one be champion again, and answer. NotFound; Invalid if there was none."""
    with _ready(Gate(home).before(name), models) as go:
        champion = Gate(home).rollback(name, why)
        go()
    return champion


@contextmanager
def _ready(version: Version, models: Path) -> Iterator[Callable[[], None]]:
    """What lets a version answer once it is champion. Models over features are found by their alias alone."""
    if version.kind != stack.KIND:
        yield lambda: None
        return
    target = models / "adapters" / version.name
    with disk.room(), staged(stack.inside(version.folder), target) as fresh:
        yield lambda: place(fresh, target)


def mend(name: str, home: Path, models: Path) -> None:
    """Finish what a killed process had decided, and let the champion answer if it does not yet."""
    Gate(home).mend(name)
    versions = Registry(home).store.versions(name)
    champion = next((found for found in versions if CHAMPION in found.aliases and found.folder.is_dir()), None)
    if champion is None or champion.kind != stack.KIND:
        return
    folder, target = stack.inside(champion.folder), models / "adapters" / name
    if not stack.same(folder, target):
        install(folder, target)
