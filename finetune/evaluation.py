"""An adapter's questions, asked through the agent in the form that serves it, beside its base and who answers now."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass, replace
from pathlib import Path

from agents.endpoints import EndpointSpec, open_endpoint
from agents.evaluation.calibrate import fit, scored
from agents.evaluation.question import Line, read
from agents.evaluation.report import Report, report
from agents.evaluation.run import outcomes
from agents.predictors.store import CHAMPION
from data.errors import Invalid, NotFound
from finetune import adapter, stack
from finetune.parity import Prompt, Recorder
from finetune.recipe import Recipe
from finetune.registry import Registry
from finetune.workshop import Workshop


@dataclass(frozen=True)
class Rival:
    """The adapter that answers by this name now; `version` is its number in the registry, None where it ships."""

    folder: Path
    version: int | None


@dataclass(frozen=True)
class Evaluated:
    """Reports by side, `""` the adapter's own, and the prompts that it was asked."""

    reports: dict[str, Report]
    prompts: tuple[Prompt, ...]


@dataclass(frozen=True)
class Side:
    """One of those that are asked: its prefix among the metrics, its base and its adapter, if any."""

    prefix: str
    base: str
    adapter: str


def rival(recipe: Recipe, shop: Workshop) -> Rival | None:
    """Who has to be beaten: the champion of the registry, else an adapter of that name that is installed or ships."""
    versions = Registry(shop.home).store.versions(recipe.name)
    champion = next((found for found in versions if CHAMPION in found.aliases), None)
    if champion is not None:
        return Rival(stack.inside(champion.folder), champion.version)
    try:
        return Rival(adapter.find(recipe.name, shop.models), None)
    except NotFound:
        return None


def evaluated(recipe: Recipe, shop: Workshop, folder: Path, against: Rival | None) -> Evaluated:
    """The reports of the adapter, of the untrained base and of the rival."""
    if recipe.evaluation is None:
        return Evaluated({}, ())
    lines, recorder = read(questions(recipe.evaluation.file)), Recorder()
    sides = [Side("", recipe.base, str(folder)), Side("base_", recipe.base, "")]
    if against is not None:
        sides.append(Side("champion_", adapter.shape(against.folder)[0], str(against.folder)))
    reports = {side.prefix: _report(side, shop, lines, recorder) for side in sides}
    return Evaluated(reports, recorder.some(recipe.parity.prompts))


def questions(file: str) -> Path:
    """The question file as named, or beside the packages, as in a checkout."""
    places = (Path(file), Path(__file__).parents[1] / file)
    for place in places:
        if place.is_file():
            return place
    raise Invalid(
        f"The recipe's question file '{file}' is not here.",
        "Name a JSON Lines file of questions in `evaluation`.",
    )


WORDS = {"": "", "base_": " of the untrained base", "champion_": " of the champion"}


def _report(side: Side, shop: Workshop, lines: tuple[Line, ...], recorder: Recorder) -> Report:
    from agents.answers import AnswerStore
    from agents.approved import ApprovedQueries
    from agents.ask.graph import Ask

    spec = EndpointSpec(name="candidate", kind="embedded", model=side.base, adapter=side.adapter)
    with tempfile.TemporaryDirectory() as scratch:
        room = Path(scratch)
        opened = replace(open_endpoint(spec, shop.models), calibration=None)
        if not side.prefix:
            opened.chat.callbacks = [recorder]
        stores = (
            ApprovedQueries(room / "approved.sqlite"),
            room / "threads.sqlite",
            AnswerStore(room / "answers.sqlite"),
        )
        ask = Ask(shop.gateway, shop.retriever, {"candidate": lambda: opened}, *stores)
        shop.say(f"asking {len(lines)} questions{WORDS[side.prefix]}")
        try:
            candidates = {spec.name: lambda question: ask.run(shop.principal, question)}
            rows = outcomes(lines, candidates, shop.gateway, shop.principal)
            asked = [row[spec.name] for row in rows]
            marks = scored(asked)
            if not side.prefix and any(mark.logprob is not None for mark in marks):
                fit(marks).write(Path(side.adapter))
            return report(asked)
        finally:
            ask.close()
