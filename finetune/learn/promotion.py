"""The last stage: registry, gate and installation, each of which may be done again after a kill."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from agents.predictors.store import CHAMPION, Version
from finetune.gate import Gate, Verdict
from finetune.job import logged
from finetune.learn.stages import Stages
from finetune.lora import Trained
from finetune.promotion import settle
from finetune.recipe import Recipe
from finetune.registry import Entry, Registered, Registry
from finetune.stack import KIND, inside, same

REGISTERED = "registered"


def promote(
    recipe: Recipe, trained: Trained, metrics: Mapping[str, float], verdict: Verdict, *, stages: Stages, home: Path,
    models: Path, start: Path,
) -> tuple[Registered, Verdict]:  # fmt: skip
    """Log the adapter once, let the gate know, and install it if it passed; what became of the verdict. The adapter
    before, `start`, is kept as a version, so that `model rollback` finds it."""
    if verdict.promoted:
        _keep(recipe.name, home, start)
    run = _logged(recipe, trained, metrics, stages, home)
    beaten = _beaten(run, home, start)
    return run, settle(run, verdict, trained.adapter, home=home, models=models, beaten=beaten)


def _logged(recipe: Recipe, trained: Trained, metrics: Mapping[str, float], stages: Stages, home: Path) -> Registered:
    known = stages.read(REGISTERED)
    if known is not None:
        return Registered(**known)
    run = logged(recipe, trained, metrics, home)
    stages.write(REGISTERED, vars(run))
    return run


def _keep(name: str, home: Path, start: Path) -> None:
    """The adapter that answers as a champion, where its name has none."""
    registry = Registry(home)
    if _champion(name, home) is not None:
        return
    run = registry.log(Entry(name, KIND, "finetune", start, {}, {}))
    Gate(home).promote(name, run.version, "It answered before anything was learnt here.")


def _champion(name: str, home: Path) -> Version | None:
    return next((found for found in Registry(home).store.versions(name) if CHAMPION in found.aliases), None)


def _beaten(run: Registered, home: Path, start: Path) -> int | None:
    """The champion's number if it is the adapter that was gone on from, or this one, decided before a kill."""
    champion = _champion(run.model, home)
    if champion is None or not (champion.version == run.version or same(inside(champion.folder), start)):
        return None
    return champion.version
