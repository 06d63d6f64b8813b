"""A fine-tuning job: examples → adapter → evaluation through the agent → gate → registry."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Literal

from agents.endpoints import weights
from agents.evaluation.figures import Figures
from agents.evaluation.report import Report
from finetune import adapter, disk, examples, forms_job, parity, promotion, sources, stack
from finetune.card import card
from finetune.curves import draw
from finetune.evaluation import Rival, evaluated, rival
from finetune.gate import Verdict
from finetune.loop import ticks
from finetune.lora import Trained, train
from finetune.outcome import Outcome, audited
from finetune.parity.verdict import compared
from finetune.recipe import Recipe
from finetune.registry import Entry, Read, Registered, Registry, flat
from finetune.stack import KIND
from finetune.workshop import Workshop

EXAMPLES, READS = "examples.jsonl", "reads.json"
Stage = Literal["data", "train"]
"""What a job can stop after."""


@dataclass(frozen=True)
class Adapted(Outcome):
    """What a job gave, with the folder of the adapter."""

    adapter: str


def finetune(recipe: Recipe, shop: Workshop, *, resume: bool = False, until: Stage | None = None) -> Adapted:
    """Run the recipe from its data to the gate, or until a stage is done.

    With `resume` an interrupted job goes on from its last checkpoint, and one that was trained, here or elsewhere,
    from its adapter.
    """

    def work() -> Adapted:
        with disk.room():
            return _finetuned(recipe, shop, resume, until)

    return audited(shop.gateway, shop.principal, recipe.name, work, resume=resume)


def _finetuned(recipe: Recipe, shop: Workshop, resume: bool, until: Stage | None) -> Adapted:
    work = shop.home / "finetune" / recipe.name
    work.mkdir(parents=True, exist_ok=True)
    base = weights.base(recipe.base, shop.models, shop.say) if until != "data" else Path()
    rows, reads = _examples(recipe, shop, work)
    if until == "data":
        return _stopped(recipe, until, {"examples": float(len(rows))}, "")
    start = adapter.find(recipe.start, shop.models) if recipe.start else None
    trained = train(recipe, rows, work / "adapter", ticks(shop.say), base=base, start=start, resume=resume)
    if until == "train":
        return _stopped(recipe, until, _metrics(trained, {}), str(trained.adapter))
    return _finished(recipe, shop, trained, reads, base)


def _stopped(recipe: Recipe, until: Stage, metrics: dict[str, float], folder: str) -> Adapted:
    return Adapted("", recipe.name, 0, metrics, False, f"It stopped after the stage '{until}', as asked.", folder)


def _finished(recipe: Recipe, shop: Workshop, trained: Trained, reads: tuple[Read, ...], base: Path) -> Adapted:
    """Evaluation, gate, card, registry, and the installation of an adapter that passed."""
    promotion.mend(recipe.name, shop.home, shop.models)
    against = rival(recipe, shop)
    found = _measured(recipe, shop, trained, against)
    verdict, alike = compared(recipe, shop, base, trained.adapter, found.verdict, found.prompts)
    metrics = found.metrics | alike
    document = card(recipe, trained, metrics, promoted=verdict.promoted, why=verdict.why, by_tag=found.by_tag)
    document.write(trained.adapter)
    pictures = shop.home / "finetune" / recipe.name / "pictures"
    draw(trained, pictures)
    run = logged(recipe, trained, metrics, shop.home, reads=reads, files=pictures)
    beaten = against.version if against else None
    verdict = promotion.settle(run, verdict, trained.adapter, home=shop.home, models=shop.models, beaten=beaten)
    return Adapted(run.run_id, recipe.name, run.version, metrics, verdict.promoted, verdict.why, str(trained.adapter))


@dataclass(frozen=True)
class Measured:
    """What an evaluation found: figures in all and by category, the verdict on them, and prompts that it had."""

    metrics: dict[str, float]
    verdict: Verdict
    prompts: tuple[parity.Prompt, ...]
    by_tag: Mapping[str, Figures] = field(default_factory=dict)


def _measured(recipe: Recipe, shop: Workshop, trained: Trained, against: Rival | None) -> Measured:
    if recipe.dataset.builder != forms_job.BUILDER:
        found = evaluated(recipe, shop, trained.adapter, against)
        metrics = _metrics(trained, found.reports)
        by_tag = found.reports[""].by_tag if found.reports else {}
        return Measured(metrics, judged(recipe, metrics), found.prompts, by_tag)
    metrics = {**_metrics(trained, {}), **forms_job.evaluated(recipe, shop, str(trained.adapter))}
    if against is not None and recipe.evaluation is not None:
        theirs = forms_job.evaluated(recipe, shop, str(against.folder))
        metrics["champion_right_share"] = theirs["right_share"]
    rows = examples.read(shop.home / "finetune" / recipe.name / EXAMPLES)[1]
    prompts = [parity.Prompt(row["system"], row["user"]) for row in rows]
    return Measured(metrics, forms_job.judged(recipe, metrics), parity.spread(prompts, recipe.parity.prompts))


def entry(recipe: Recipe, trained: Trained, scores: Mapping[str, float]) -> Entry:
    """What the registry is told: recipe as parameters, the loss of each step, `scores`, and the adapter's files."""
    return Entry(
        model=recipe.name,
        kind=KIND,
        experiment="finetune",
        folder=trained.adapter,
        params={**flat(recipe.model_dump(mode="json")), "data_hash": trained.data_hash},
        metrics={"seconds": trained.seconds, "examples": trained.examples, **scores},
        series={"loss": trained.losses},
        noted=trained.series,
    )


def logged(
    recipe: Recipe, trained: Trained, scores: Mapping[str, float], home: Path, *, reads: tuple[Read, ...] = (),
    files: Path | None = None,
) -> Registered:  # fmt: skip
    """Log a training and register its adapter, with all that decides what it answers."""
    with tempfile.TemporaryDirectory() as room:
        model = Path(room) / "model"
        stack.package(recipe, trained, scores, model)
        made = replace(entry(recipe, trained, scores), folder=model, reads=reads, files=files)
        return Registry(home).log(made)


def judged(recipe: Recipe, metrics: Mapping[str, float]) -> Verdict:
    """Whether the adapter may answer, and why."""
    if recipe.evaluation is None:
        return Verdict(False, "The recipe names no evaluation, so nothing shows that the adapter is good.")
    reached, needed = metrics["execution_accuracy"], recipe.evaluation.gate
    if reached < needed:
        return Verdict(False, f"Execution accuracy {reached:.3f} is below the gate of {needed:.3f}.")
    if reached <= metrics["base_execution_accuracy"]:
        return Verdict(False, f"Execution accuracy {reached:.3f} is no better than the base's.")
    champion = metrics.get("champion_execution_accuracy", 0.0)
    if reached < champion:
        return Verdict(False, f"Execution accuracy {reached:.3f} is worse than the champion's {champion:.3f}.")
    return Verdict(True, f"Execution accuracy {reached:.3f} passes the gate of {needed:.3f}.")


def _examples(recipe: Recipe, shop: Workshop, work: Path) -> tuple[list[dict[str, str]], tuple[Read, ...]]:
    """The recipe's examples and what they were read from, kept in `work` so that a resumed job learns the same ones."""
    stamp, kept, said = recipe.dataset.model_dump_json(), work / EXAMPLES, work / READS
    if recipe.method == "dpo":
        stamp = f"{recipe.method} {stamp}"
    if kept.exists():
        made_from, rows = examples.read(kept)
        if made_from == stamp:
            facts = json.loads(said.read_text(encoding="utf-8")) if said.exists() else []
            return rows, tuple(Read(**fact) for fact in facts)
    drawn = sources.build(recipe, shop)
    written = said.with_suffix(".part")
    written.write_text(json.dumps([asdict(read) for read in drawn.reads]), encoding="utf-8")
    os.replace(written, said)
    examples.write(kept, stamp, drawn.examples)
    return examples.read(kept)[1], drawn.reads


def _metrics(trained: Trained, reports: dict[str, Report]) -> dict[str, float]:
    metrics = {"loss": trained.losses[-1], "examples": float(trained.examples), "seconds": trained.seconds}
    for prefix, made in reports.items():
        metrics |= {
            f"{prefix}execution_accuracy": made.execution_accuracy,
            f"{prefix}valid_sql": made.valid_sql,
            f"{prefix}seconds_p50": made.seconds_p50,
        }
    return metrics
