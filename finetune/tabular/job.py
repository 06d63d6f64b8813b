"""A training: rows → search → trees → calibration → frozen test → MLflow → gate."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from filelock import FileLock, Timeout

from agents.predictors.artifact import INSIDE, Column, Spec
from agents.predictors.store import ModelStore
from data.errors import Busy, DataError
from finetune.gate import Gate
from finetune.outcome import Outcome, audited
from finetune.registry import Entry, Part, Read, Registry, flat
from finetune.tabular import choices, costs, frozen, labelled, plots, views
from finetune.tabular.inputs import Inputs, check_cases, columns, inputs
from finetune.tabular.judge import Judged, Test, ablations, judge
from finetune.tabular.labelled import Labelled
from finetune.tabular.model import Model, model, save
from finetune.tabular.package import package
from finetune.tabular.recipe import TabularRecipe
from finetune.tabular.search import Found, search
from finetune.tabular.verdict import decide

if TYPE_CHECKING:
    from data.features.platform import Features
    from data.gateway import Gateway
    from data.policy import Principal

KIND = "tabular"
JUDGES = {"classify": judge, "rank": choices.judge}


@dataclass(frozen=True)
class Workshop:
    """What a training works with. Under `home` are its files and the registry."""

    gateway: Gateway
    features: Features
    principal: Principal
    home: Path
    say: Callable[[str], None]

    def folder(self, recipe: TabularRecipe) -> Path:
        return self.home / "finetune" / "tabular" / recipe.name


@dataclass(frozen=True)
class Made:
    """Everything that a training found."""

    rows: Labelled
    digest: str
    left_out: dict[str, str]
    train: Inputs
    found: Found
    model: Model
    test: Test
    frozen: str
    judged: Judged
    ablations: dict[str, dict[str, float]]

    @property
    def metrics(self) -> dict[str, float]:
        added = {f"added_by_{view}": values["pr_auc_added"] for view, values in self.ablations.items()}
        return {**self.judged.metrics, **added}


def train(recipe: TabularRecipe, shop: Workshop) -> Outcome:
    """Run the recipe from its data to the gate. One that was stopped goes on with its search when it is run again.

    Busy while another process trains the same; Invalid where the rows can't teach.
    """
    return audited(shop.gateway, shop.principal, recipe.name, lambda: _alone(recipe, shop))


def _alone(recipe: TabularRecipe, shop: Workshop) -> Outcome:
    folder = shop.folder(recipe)
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with FileLock(folder / "train.lock", timeout=0):
            return _trained(recipe, shop)
    except Timeout:
        raise Busy(f"'{recipe.name}' is being trained by another process.", "Wait for it.") from None


def _trained(recipe: TabularRecipe, shop: Workshop) -> Outcome:
    Gate(shop.home).mend(recipe.name)
    made = _made(recipe, shop)
    shop.say("writing to MLflow")
    with tempfile.TemporaryDirectory(dir=shop.folder(recipe)) as scratch:
        run = Registry(shop.home).log(_entry(recipe, made, Path(scratch)))
    verdict = Gate(shop.home).judge(
        run.model, run.version, lambda champion: decide(recipe, made.judged.metrics, made.test, champion)
    )
    return Outcome(run.run_id, run.model, run.version, made.metrics, verdict.promoted, verdict.why)


def _made(recipe: TabularRecipe, shop: Workshop) -> Made:
    folder, say = shop.folder(recipe), shop.say
    views.provide(shop.features, shop.principal, recipe.features, say)
    rows = labelled.collect(
        recipe, shop.features, shop.principal, folder / "rows.parquet", _champions(recipe, shop), say
    )
    check_cases(rows.parts, recipe.needed)
    found, left_out = columns(recipe, rows.parts["train"])
    rows, how = _with_frozen(recipe, rows, found, folder / "test.parquet")
    digest = labelled.digest(rows.parts)
    train = inputs(found, rows.parts["train"], recipe.negatives)
    calibration = inputs(found, rows.parts["calibration"])
    moments = labelled.moments(rows.parts["train"])
    best = search(recipe, train, moments, digest, folder.parent / "search.sqlite", say)
    say("growing the trees")
    missed = costs.misses(recipe.costs, rows.parts["calibration"])
    made = model(recipe, train, calibration, missed, best.parameters)
    test = Test.of(recipe, rows.parts["test"], train)
    say(f"judging on {len(test.blocks):,} rows of the frozen test")
    judged = JUDGES[recipe.task](recipe, made, train, calibration, rows.parts, missed, test)
    without = ablations(recipe, best.parameters, train, test, judged.raw, say)
    return Made(rows, digest, left_out, train, best, made, test, how, judged, without)


def _champions(recipe: TabularRecipe, shop: Workshop) -> tuple[str, ...]:
    """The features that the champion reads, as far as they are still there: it is judged on the same rows."""
    try:
        spec = Spec.read(ModelStore(shop.home).resolve(recipe.name).folder)
    except DataError:
        return ()
    plans, kept = shop.features.registry.plans(), []
    for name in spec.features:
        view, _, feature = name.partition(".")
        plan = plans.get(view)
        if plan is not None and plan.output(feature) is not None and shop.features.state(plan)[0] is not None:
            kept.append(name)
    return tuple(kept)


def _with_frozen(recipe: TabularRecipe, rows: Labelled, found: tuple[Column, ...], file: Path) -> tuple[Labelled, str]:
    """The same rows with the frozen test in the place of the fresh one."""
    test, how = frozen.frozen(recipe, rows.parts["test"], found, rows.made.as_json(), file)
    parts = {**rows.parts, "test": test}
    check_cases({"test": test}, recipe.needed)
    return replace(rows, parts=parts), how


def _entry(recipe: TabularRecipe, made: Made, scratch: Path) -> Entry:
    """What MLflow is told. The folders are written under `scratch`."""
    artefact = scratch / INSIDE.name
    spec = save(recipe, made.model, made.train, made.rows, artefact)
    package(spec, artefact, made.test.rows, scratch / "model")
    files = scratch / "files"
    plots.draw(made.judged, made.test, made.model.trees, files / "plots")
    (files / "recipe.json").write_text(recipe.model_dump_json(indent=1), encoding="utf-8")
    (files / "features.json").write_text(json.dumps(spec.features, indent=1), encoding="utf-8")
    best = {f"best.{name}": value for name, value in made.found.parameters.items()}
    about = {"data_digest": made.digest, "columns": len(spec.columns), "left_out": made.left_out, "frozen": made.frozen}
    return Entry(
        model=recipe.name,
        kind=KIND,
        experiment=recipe.name,
        folder=scratch / "model",
        params={**flat(recipe.model_dump(mode="json")), **best, **flat(about)},
        metrics=made.metrics,
        series={"search_pr_auc": made.found.values},
        files=files,
        reads=_reads(recipe, made),
        parts=tuple(Part(f"without {view}", values, {"without": view}) for view, values in made.ablations.items()),
    )


def _reads(recipe: TabularRecipe, made: Made) -> tuple[Read, ...]:
    """The data sets of the run, with the versions that they were made of."""
    source = asdict(made.rows.made)
    return tuple(
        Read(f"{recipe.name} {part}", labelled.digest({part: rows}), {**source, "part": part}, part)
        for part, rows in made.rows.parts.items()
    )
