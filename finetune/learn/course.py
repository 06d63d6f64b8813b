"""What every learning has in common: stages in a folder, the adapter that is gone on from, training, contest, gate."""

from __future__ import annotations

import os
import shutil
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

from agents.endpoints import Endpoint, weights
from agents.endpoints.dialogue import Dialogue
from data.errors import Invalid
from finetune import adapter, examples, promotion
from finetune.gate import Verdict
from finetune.learn import contest
from finetune.learn.budget import Budget
from finetune.learn.card import card
from finetune.learn.drawing import EXAMPLES, Row
from finetune.learn.promotion import promote
from finetune.learn.stages import Facts, Stages
from finetune.loop import ticks
from finetune.lora import Trained, train
from finetune.parity import Prompt, spread
from finetune.parity.verdict import compared
from finetune.recipe import Dataset, Recipe, Train
from finetune.workshop import Workshop

Device = Literal["auto", "cpu", "cuda"]
TRAIN = Train(epochs=1, batch=8, lr=1e-4, warmup=0.1, checkpoint_every=20)
WIDTH = 576
"""The width of the model that the rate is for; a wider one learns as much more slowly (Yang et al., 2022,
https://arxiv.org/abs/2203.03466)."""
WORLDS = "worlds.jsonl"


@dataclass(frozen=True)
class Plan:
    """How a learning goes about it: `adapter` is the name of the one that answers, `until` the last stage to do."""

    adapter: str
    minutes: float = 25.0
    until: str | None = None
    device: Device = "auto"


class Course(ABC):
    """A learning with a folder of its own."""

    names: tuple[str, ...]

    def __init__(self, folder: str, shop: Workshop, plan: Plan) -> None:
        if Path(plan.adapter).name != plan.adapter:
            raise Invalid(f"The adapter {plan.adapter!r} is a folder.", "Set `adapter` to the name of one.")
        self.shop, self.plan, self.budget = shop, plan, Budget(plan.minutes)
        self.stages = Stages(shop.home / "learn" / folder, self.names, self.budget, shop.say)

    @property
    @abstractmethod
    def steps(self) -> Mapping[str, Callable[[], Mapping[str, Any]]]:
        """What does each stage, by its name."""

    @abstractmethod
    def begin(self) -> None:
        """Go on with what was interrupted, or start anew."""

    def go(self) -> tuple[str, float]:
        """Do all stages, or those up to the one that was asked for; the last one, and the seconds it all took."""
        began, last = time.perf_counter(), self.names[0]
        with self.stages.alone():
            self.begin()
            for last in self.names:
                self.stages.run(last, self.steps[last])
                if last == self.plan.until:
                    break
        return last, time.perf_counter() - began

    # The adapters --------------------------------------------------------------------------------------------------

    @property
    def folder(self) -> Path:
        return self.stages.folder

    @property
    def start(self) -> Path:
        """The adapter that is gone on from, as it was in the beginning."""
        return self.folder / "start"

    @property
    def made(self) -> Path:
        """The adapter that is made."""
        return self.folder / "adapter"

    @cached_property
    def base(self) -> Path:
        """The folder of the base model."""
        return weights.base(adapter.shape(self.start)[0], self.shop.models, self.shop.say)

    def set_aside(self) -> None:
        """Keep a copy of the adapter that answers, whole or not at all."""
        promotion.mend(self.plan.adapter, self.shop.home, self.shop.models)
        part = self.folder / "start.part"
        shutil.rmtree(part, ignore_errors=True)
        shutil.copytree(adapter.find(self.plan.adapter, self.shop.models), part)
        shutil.rmtree(self.start, ignore_errors=True)
        os.rename(part, self.start)

    def opened(self, folder: Path) -> Endpoint:
        """One of the two adapters, ready to answer."""
        return contest.opened(folder, str(self.base), self.shop.models, self.plan.device)

    def recipe(self, count: int) -> Recipe:
        """Of so many examples."""
        base, lora = adapter.shape(self.start)
        dataset = Dataset(builder="learn", size=count)
        train = TRAIN.model_copy(update={"lr": TRAIN.lr * WIDTH / max(WIDTH, weights.width(self.base))})
        return Recipe(
            name=self.plan.adapter, base=base, start=str(self.start), dataset=dataset, lora=lora, train=train,
            device=self.plan.device,
        )  # fmt: skip

    def fitting(self, rows: Sequence[Row]) -> list[Row]:
        """The examples that the model can read whole."""
        dialogue, most = Dialogue.load(self.base), weights.context_size(self.base)
        prefixes = {system: len(dialogue.prefix(system)) for system in {row["system"] for row in rows}}

        def size(row: Row) -> int:
            return prefixes[row["system"]] + len(dialogue.turn(row["user"])) + len(dialogue.answer(row["answer"]))

        return [row for row in rows if size(row) <= most]

    # Stages --------------------------------------------------------------------------------------------------------

    def train(self) -> Facts:
        """Go on from the adapter that answers."""
        trained = self.trained()
        return {"loss": trained.losses[-1], "examples": trained.examples, "seconds": trained.seconds}

    def trained(self) -> Trained:
        """The training, done or gone on with; one that ended is not done again."""
        rows = examples.read(self.folder / EXAMPLES)[1]
        told = ticks(self.shop.say)
        return train(self.recipe(len(rows)), rows, self.made, told, base=self.base, start=self.start, resume=True)

    def judged(self, asked: contest.Asked) -> Facts:
        """The facts of a contest, with worlds that neither adapter learnt from; how sure answers may be is measured."""
        contest.calibrate(asked[contest.LEARNED], self.made)
        general = examples.read(self.folder / WORLDS)[1]
        adapters = {contest.GENERAL: self.start, contest.LEARNED: self.made}
        recipe = self.recipe(self.trained().examples)
        return {**contest.facts(asked), "worlds": contest.worlds(recipe, general, self.base, adapters)}

    def finish(self, title: str, facts: Facts, decided: Verdict) -> Facts:
        """Card, registry, gate and installation."""
        trained = self.trained()
        recipe = self.recipe(trained.examples)
        decided, alike = compared(recipe, self.shop, self.base, self.made, decided, self._prompts(recipe))
        card(title, recipe, trained, facts, decided).write(trained.adapter)
        run, decided = promote(
            recipe, trained, metrics(facts) | alike, decided, stages=self.stages, home=self.shop.home,
            models=self.shop.models, start=self.start,
        )  # fmt: skip
        return {"run_id": run.run_id, "version": run.version, "promoted": decided.promoted, "why": decided.why}

    def _prompts(self, recipe: Recipe) -> tuple[Prompt, ...]:
        """Some that the agent would write: over what was learnt, and over worlds that were not."""
        rows = [*examples.read(self.folder / EXAMPLES)[1], *examples.read(self.folder / WORLDS)[1]]
        prompts = dict.fromkeys(Prompt(row["system"], row["user"]) for row in rows)
        return spread(tuple(prompts), recipe.parity.prompts)

    def fact(self, stage: str) -> Facts:
        """What a finished stage gave."""
        found = self.stages.read(stage)
        assert found is not None
        return found

    def outcome(self, last: str) -> Facts:
        """What every learning gives back, wherever it stopped."""
        stopped = {"run_id": "", "version": 0, "promoted": False, "why": f"It stopped after '{last}', as asked."}
        evaluated, told = self.stages.read("evaluate"), self.made / "card.md"
        return {
            **(self.stages.read("promote") or stopped),
            "model": self.plan.adapter,
            "metrics": metrics(evaluated) if evaluated else {},
            "execution_accuracy": evaluated[contest.LEARNED]["execution_accuracy"] if evaluated else None,
            "adapter": str(self.made) if self.made.is_dir() else "",
            "card": str(told) if told.is_file() else "",
            "stage": last,
        }


def metrics(facts: Mapping[str, Any]) -> dict[str, float]:
    """What the registry is told of a contest; figures of the adapter before are `base_`."""
    found: dict[str, float] = {}
    for prefix, name in (("", contest.LEARNED), ("base_", contest.GENERAL)):
        figures = {key: value for key, value in facts[name].items() if key != "n"}
        found |= {f"{prefix}{key}": float(value) for key, value in figures.items()}
        found[f"{prefix}worlds"] = float(facts["worlds"][name])
    return found
