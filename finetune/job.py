"""A fine-tuning job: examples → adapter → evaluation through the agent → gate → registry."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Literal

from agents.endpoints import EndpointSpec, open_endpoint, weights
from agents.evaluation.calibrate import fit, scored
from agents.evaluation.question import Line, read
from agents.evaluation.report import Report, report
from agents.evaluation.run import outcomes
from data.errors import Invalid
from finetune import adapter, examples, sources
from finetune.card import card
from finetune.curves import draw
from finetune.gate import Gate, Verdict
from finetune.loop import ticks
from finetune.lora import Trained, train
from finetune.outcome import Outcome, audited
from finetune.recipe import Recipe
from finetune.registry import Entry, Read, Registry, flat
from finetune.workshop import Workshop

KIND = "adapter"
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
    return audited(
        shop.gateway, shop.principal, recipe.name, lambda: _finetuned(recipe, shop, resume, until), resume=resume
    )


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
    return _finished(recipe, shop, trained, reads)


def _stopped(recipe: Recipe, until: Stage, metrics: dict[str, float], folder: str) -> Adapted:
    return Adapted("", recipe.name, 0, metrics, False, f"It stopped after the stage '{until}', as asked.", folder)


def _finished(recipe: Recipe, shop: Workshop, trained: Trained, reads: tuple[Read, ...]) -> Adapted:
    """Evaluation, gate, card, registry, and the installation of an adapter that passed."""
    metrics = _metrics(trained, _evaluated(recipe, shop, trained.adapter))
    verdict = judged(recipe, metrics)
    document = card(recipe, trained, metrics, promoted=verdict.promoted, why=verdict.why)
    document.write(trained.adapter)
    pictures = shop.home / "finetune" / recipe.name / "pictures"
    draw(trained, pictures)
    run = Registry(shop.home).log(replace(entry(recipe, trained, metrics), reads=reads, files=pictures))
    Gate(shop.home).judge(run.model, run.version, lambda champion: verdict)
    if verdict.promoted:
        install(trained.adapter, shop.models / "adapters" / recipe.name)
    return Adapted(run.run_id, recipe.name, run.version, metrics, verdict.promoted, verdict.why, str(trained.adapter))


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


def judged(recipe: Recipe, metrics: Mapping[str, float]) -> Verdict:
    """Whether the adapter may answer, and why."""
    if recipe.evaluation is None:
        return Verdict(False, "The recipe names no evaluation, so nothing shows that the adapter is good.")
    reached, needed = metrics["execution_accuracy"], recipe.evaluation.gate
    if reached < needed:
        return Verdict(False, f"Execution accuracy {reached:.3f} is below the gate of {needed:.3f}.")
    if reached <= metrics["base_execution_accuracy"]:
        return Verdict(False, f"Execution accuracy {reached:.3f} is no better than the base's.")
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


def _evaluated(recipe: Recipe, shop: Workshop, folder: Path) -> dict[str, Report]:
    """The adapter's report and the untrained base's, through the agent as it serves."""
    if recipe.evaluation is None:
        return {}
    lines = read(_questions(recipe.evaluation.file))
    sides = {"": str(folder), "base_": ""}
    return {name: _report(recipe.base, shop, lines, adapter, name) for name, adapter in sides.items()}


def _questions(file: str) -> Path:
    """The question file as named, or beside the packages, as in a checkout."""
    places = (Path(file), Path(__file__).parents[1] / file)
    for place in places:
        if place.is_file():
            return place
    raise Invalid(
        f"The recipe's question file '{file}' is not here.",
        "Name a JSON Lines file of questions in `evaluation`.",
    )


def _report(base: str, shop: Workshop, lines: tuple[Line, ...], adapter: str, name: str) -> Report:
    from agents.answers import AnswerStore
    from agents.approved import ApprovedQueries
    from agents.ask.graph import Ask

    spec = EndpointSpec(name="candidate", kind="embedded", model=base, adapter=adapter)
    with tempfile.TemporaryDirectory() as scratch:
        room = Path(scratch)
        opened = replace(open_endpoint(spec, shop.models), calibration=None)
        stores = (
            ApprovedQueries(room / "approved.sqlite"),
            room / "threads.sqlite",
            AnswerStore(room / "answers.sqlite"),
        )
        ask = Ask(shop.gateway, shop.retriever, {"candidate": lambda: opened}, *stores)
        shop.say(f"asking {len(lines)} questions{' of the untrained base' if name else ''}")
        try:
            candidates = {spec.name: lambda question: ask.run(shop.principal, question)}
            rows = outcomes(lines, candidates, shop.gateway, shop.principal)
            asked = [row[spec.name] for row in rows]
            marks = scored(asked)
            if adapter and any(mark.logprob is not None for mark in marks):
                fit(marks).write(Path(adapter))
            return report(asked)
        finally:
            ask.close()


def _metrics(trained: Trained, reports: dict[str, Report]) -> dict[str, float]:
    metrics = {"loss": trained.losses[-1], "examples": float(trained.examples), "seconds": trained.seconds}
    for prefix, made in reports.items():
        metrics |= {
            f"{prefix}execution_accuracy": made.execution_accuracy,
            f"{prefix}valid_sql": made.valid_sql,
            f"{prefix}seconds_p50": made.seconds_p50,
        }
    return metrics


def install(folder: Path, target: Path) -> None:
    """Puts the adapter where the embedded endpoint looks first. The one before stays whole until the new one is."""
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = Path(tempfile.mkdtemp(dir=target.parent, prefix=f".{target.name}-"))
    shutil.copytree(folder, fresh, dirs_exist_ok=True)
    fresh.chmod(0o755)
    old = target.with_name(f".{target.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if target.exists():
        os.rename(target, old)
    os.rename(fresh, target)
    shutil.rmtree(old, ignore_errors=True)
