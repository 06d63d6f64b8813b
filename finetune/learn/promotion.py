"""The last stage: registry, gate and installation, each of which may be done again after a kill."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from agents.predictors.store import CHAMPION
from finetune.gate import Gate, Verdict
from finetune.job import logged
from finetune.learn.stages import Stages
from finetune.lora import Trained
from finetune.promotion import settle
from finetune.recipe import Recipe
from finetune.registry import Entry, Registered, Registry
from finetune.stack import KIND

REGISTERED = "registered"


def promote(
    recipe: Recipe, trained: Trained, metrics: Mapping[str, float], verdict: Verdict, *, stages: Stages, home: Path,
    models: Path, start: Path,
) -> Registered:  # fmt: skip
    """Log the adapter once, let the gate know, and install it if it passed. The adapter before is kept as a version, so
    that `model rollback` finds it."""
    if verdict.promoted:
        _keep(recipe.name, home, start)
    run = _logged(recipe, trained, metrics, stages, home)
    settle(run, verdict, trained.adapter, home=home, models=models)
    return run


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
    if any(CHAMPION in version.aliases for version in registry.store.versions(name)):
        return
    run = registry.log(Entry(name, KIND, "finetune", start, {}, {}))
    Gate(home).promote(name, run.version, "It answered before anything was learnt here.")
