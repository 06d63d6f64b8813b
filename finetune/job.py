"""A fine-tuning job: examples → adapter → evaluation through the agent → gate → registry."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from agents.endpoints import EndpointSpec, open_endpoint, weights
from agents.evaluation.calibrate import fit, scored
from agents.evaluation.question import Line, read
from agents.evaluation.report import Report, report
from agents.evaluation.run import outcomes
from data.errors import Invalid
from finetune import adapter, examples, forms_job
from finetune.card import card
from finetune.corpus import BUILDERS, Corpus, demo
from finetune.dataset import Example
from finetune.gate import Gate, Verdict
from finetune.loop import ticks
from finetune.lora import Trained, train
from finetune.outcome import Outcome, audited
from finetune.recipe import Recipe
from finetune.registry import Entry, Registry, flat

if TYPE_CHECKING:
    from data.gateway import Gateway
    from data.policy import Principal
    from retrieval import Retriever

Say = Callable[[str], None]
FORMS = "forms"
"""The builder of the forms adapter, beside those of the corpus."""
KIND = "adapter"
EXAMPLES = "examples.jsonl"
Stage = Literal["data", "train"]
"""What a job can stop after."""


@dataclass(frozen=True)
class Workshop:
    """What a job works with. `models` is the folder of weights; under `home` are the jobs' files and the registry."""

    gateway: Gateway
    principal: Principal
    retriever: Retriever
    models: Path
    home: Path
    say: Say


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
    base = weights.base(recipe.base, shop.models, shop.say)
    rows = _examples(recipe, shop, work / EXAMPLES)
    if until == "data":
        return _stopped(recipe, until, {"examples": float(len(rows))}, "")
    start = adapter.find(recipe.start, shop.models) if recipe.start else None
    trained = train(recipe, rows, work / "adapter", ticks(shop.say), base=base, start=start, resume=resume)
    if until == "train":
        return _stopped(recipe, until, _metrics(trained, {}), str(trained.adapter))
    return _finished(recipe, shop, trained)


def _stopped(recipe: Recipe, until: Stage, metrics: dict[str, float], folder: str) -> Adapted:
    return Adapted("", recipe.name, 0, metrics, False, f"It stopped after the stage '{until}', as asked.", folder)


def _finished(recipe: Recipe, shop: Workshop, trained: Trained) -> Adapted:
    """Evaluation, gate, card, registry, and the installation of an adapter that passed."""
    if recipe.dataset.builder == FORMS:
        metrics = {**_metrics(trained, {}), **forms_job.evaluated(recipe, shop, str(trained.adapter))}
        verdict = forms_job.judged(recipe, metrics)
    else:
        metrics = _metrics(trained, _evaluated(recipe, shop, trained.adapter))
        verdict = judged(recipe, metrics)
    document = card(recipe, trained, metrics, promoted=verdict.promoted, why=verdict.why)
    document.write(trained.adapter)
    run = Registry(shop.home).log(entry(recipe, trained, metrics))
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


def _examples(recipe: Recipe, shop: Workshop, path: Path) -> list[dict[str, str]]:
    """The recipe's examples, kept in `path` so that a resumed job learns the same ones."""
    known = (*BUILDERS, FORMS)
    if recipe.dataset.builder not in known:
        raise Invalid(f"There is no dataset builder '{recipe.dataset.builder}'.", f"Use one of: {', '.join(known)}.")
    stamp = recipe.dataset.model_dump_json()
    if path.exists():
        made_from, rows = examples.read(path)
        if made_from == stamp:
            return rows
    examples.write(path, stamp, (asdict(example) for example in _built(recipe, shop)))
    return examples.read(path)[1]


def _built(recipe: Recipe, shop: Workshop) -> list[Example]:
    if recipe.dataset.builder == FORMS:
        return forms_job.built(recipe, shop)
    shop.say(f"drawing {recipe.dataset.size} questions and running their SQL")
    corpus = Corpus(recipe.dataset, shop.home / "finetune" / recipe.name / "corpus", shop.models, shop.say)
    return corpus.examples(lambda: demo(shop.gateway, shop.principal, shop.retriever))


def _evaluated(recipe: Recipe, shop: Workshop, folder: Path) -> dict[str, Report]:
    """The adapter's report and the untrained base's, through the agent as it serves."""
    if recipe.evaluation is None:
        return {}
    lines = read(_questions(recipe.evaluation.file))
    return {name: _report(shop, lines, adapter, name) for name, adapter in (("", str(folder)), ("base_", ""))}


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


def _report(shop: Workshop, lines: tuple[Line, ...], adapter: str, name: str) -> Report:
    from agents.answers import AnswerStore
    from agents.approved import ApprovedQueries
    from agents.ask.graph import Ask

    spec = EndpointSpec(name="candidate", kind="embedded", adapter=adapter)
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
