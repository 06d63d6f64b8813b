"""`learn`: from a source to an adapter that answers better over it, in stages that are each done once."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any, Literal, get_args

from agents.endpoints import weights
from agents.evaluation.question import read
from agents.semantic import Semantic
from data import onboard
from data.declarations import VIEWS
from data.errors import Forbidden, Invalid
from finetune import adapter, examples
from finetune.ground import Ground
from finetune.job import Workshop
from finetune.learn import contest
from finetune.learn.budget import Budget
from finetune.learn.card import card
from finetune.learn.described import Findings, findings
from finetune.learn.drawing import EXAMPLES, SHARD, Drawing, Row, earlier, replay
from finetune.learn.promotion import promote
from finetune.learn.stages import Facts, Stages
from finetune.learn.verdict import verdict
from finetune.learn.withheld import withheld
from finetune.loop import ticks
from finetune.lora import Trained, speed, train
from finetune.outcome import Outcome, audited
from finetune.recipe import Dataset, Recipe, Train
from finetune.refusals import ANSWERS
from retrieval import Retriever
from retrieval.retriever import Reader, cut

Stage = Literal["profile", "index", "examples", "train", "evaluate", "promote"]
STAGES: tuple[Stage, ...] = get_args(Stage)
QUESTIONS = "questions.jsonl"
MARGIN = 0.02
"""By how much more must be right of what was held back."""
LEAST, PER_TABLE, MOST = 24, 150, 3_000
"""Examples: the fewest, how many each table asks for, and the most."""
OWN, EARLIER = 0.65, 0.15
"""Shares of the examples: over the source, and of what other jobs learnt; the rest are of invented worlds."""
RUNGS = (80, 240, 480, 960)
"""Numbers of examples over invented worlds, so that one drawing serves several jobs."""
TRAIN = Train(epochs=1, batch=8, lr=4e-4, warmup=0.1, checkpoint_every=20)
NOTES = (
    "The questions were generated over the source, not asked by people: of wordings, values and combinations of tables "
    "and columns that this training held back. The adapter before may know the wordings from invented worlds. How sure "
    "answers may be was measured on the same questions."
)


@dataclass(frozen=True)
class Plan:
    """How a job goes about it: `adapter` is the name of the one that answers, `until` the last stage to do."""

    adapter: str
    minutes: float = 25.0
    until: Stage | None = None
    device: Literal["auto", "cpu", "cuda"] = "auto"


@dataclass(frozen=True)
class Learned(Outcome):
    """What a job gave. `stage` is the last one that was done; `execution_accuracy` is that of the learned adapter on
    what was held back, None before it was measured; `card` is a file for people."""

    source: str
    adapter: str
    stage: str
    execution_accuracy: float | None
    seconds: float
    findings: Findings
    card: str


def learn(source: str, shop: Workshop, plan: Plan) -> Learned:
    """Learn a source as the principal sees it. A job that was interrupted goes on behind its last finished stage.

    NotFound for an unknown source, Busy while another job learns, Invalid where nothing can be asked of it.
    """
    name = shop.gateway.catalog.source(source).name
    return audited(shop.gateway, shop.principal, f"learn {name}", lambda: Learning(name, shop, plan).run())


class Learning:
    """One job."""

    def __init__(self, source: str, shop: Workshop, plan: Plan) -> None:
        if not name_only(plan.adapter):
            raise Invalid(f"The adapter {plan.adapter!r} is a folder.", "Set `adapter` to the name of one.")
        self.source, self.shop, self.plan = source, shop, plan
        self.budget = Budget(plan.minutes)
        self.stages = Stages(shop.home / "learn" / source, STAGES, self.budget, shop.say)
        self.steps: Mapping[Stage, Callable[[], Mapping[str, Any]]] = {
            "profile": self.profile, "index": self.index, "examples": self.examples, "train": self.train,
            "evaluate": self.evaluate, "promote": self.promote,
        }  # fmt: skip

    def run(self) -> Learned:
        """All stages, or those up to the one that was asked for."""
        began = time.perf_counter()
        with self.stages.alone():
            self._begin()
            for name in STAGES:
                self.stages.run(name, self.steps[name])
                if name == self.plan.until:
                    break
            return self._outcome(name, time.perf_counter() - began)

    def _begin(self) -> None:
        """Go on with the job that was interrupted, unless what is seen of the catalogue has changed since."""
        identity = {"source": self.source, "adapter": self.plan.adapter, "principal": self.shop.principal.name}
        self.stages.begin(identity)
        profiled = self.stages.read("profile")
        if profiled is not None and profiled["catalog"] != self._seen():
            self.shop.say("The catalogue has changed since: starting anew.")
            self.stages.clear()
            self.stages.begin(identity)

    # Stages --------------------------------------------------------------------------------------------------------

    def profile(self) -> Facts:
        """Draft what the catalogue does not say, and set the adapter aside that is gone on from."""
        if self.shop.gateway.catalog.source(self.source).kind != VIEWS:
            onboard.redraft(self.shop.home, self.source, say=self.shop.say)
        keep(adapter.find(self.plan.adapter, self.shop.models), self.start)
        return {"catalog": self._seen()}

    def index(self) -> Facts:
        """Read the values and the cards that questions are linked by."""
        if not any(table.source == self.source for table in self.reader.catalog.tables):
            raise Forbidden(
                f"'{self.shop.principal.name}' sees no table of '{self.source}'.", "Grant some of them in the policy."
            )
        assert self.reader.index is not None
        found = findings(self.source, self.shop.gateway, self.shop.principal, self.reader, self.withheld)
        return {"findings": found}

    def examples(self) -> Facts:
        """Draw what is held back, measure how fast this machine learns, and draw what can be learnt in the time."""
        ground = Ground.read(self.shop.gateway, self.shop.principal, self.reader, withheld=self.withheld)
        drawing = Drawing(self._grounds(ground), self.folder, self.shop.models, self.budget, self.shop.say)
        held, first = drawing.held(self.budget.questions), drawing.own(SHARD)
        if not held or not first:
            raise Invalid(
                f"No questions can be drawn over '{self.source}'.", "It needs a table with rows that can be read."
            )
        pace = speed(self._recipe(len(first)), first[: 3 * TRAIN.batch], self.base)
        count = self.budget.examples(pace, min(MOST, PER_TABLE * self._tables), LEAST)
        self.shop.say(f"learning {count} examples, at {pace:.1f} a second")
        rows, general = self._mixed(drawing, count)
        examples.write(self.folder / EXAMPLES, "", rows)
        examples.write(self.folder / "worlds.jsonl", "", general)
        self._write_questions(held)
        return {"count": len(rows), "held": len(held), "speed": pace, "now": ground.now.isoformat()}

    def train(self) -> Facts:
        """Go on from the adapter that answers."""
        trained = self._trained()
        return {"loss": trained.losses[-1], "examples": trained.examples, "seconds": trained.seconds}

    def evaluate(self) -> Facts:
        """Both adapters on what was held back, and on worlds that neither learnt from."""
        now = datetime.fromisoformat(self._fact("examples")["now"])
        retriever = Retriever(self.shop.gateway, self.shop.models, self.shop.home / "index", now=lambda: now)
        trained, lines = self._trained(), read(self.folder / QUESTIONS)
        adapters = {contest.GENERAL: self.start, contest.LEARNED: trained.adapter}
        opened = {
            name: contest.opened(folder, str(self.base), self.shop.models, self.plan.device)
            for name, folder in adapters.items()
        }
        asked = contest.contest(
            lines, self.shop.principal, self.shop.gateway, retriever, opened,
            seconds=max(self.budget.asking, self.budget.left), say=self.shop.say,
        )  # fmt: skip
        contest.calibrate(asked[contest.LEARNED], trained.adapter)
        general = examples.read(self.folder / "worlds.jsonl")[1]
        recipe = self._recipe(trained.examples)
        return {**contest.facts(asked), "worlds": contest.worlds(recipe, general, self.base, adapters)}

    def promote(self) -> Facts:
        """Gate, card, registry, installation."""
        facts, trained = self._fact("evaluate"), self._trained()
        told = {**facts, "findings": self._fact("index")["findings"], "notes": NOTES}
        decided = verdict(facts, MARGIN, f"questions held back over '{self.source}'")
        recipe = self._recipe(trained.examples)
        card(f"{self.plan.adapter}, with {self.source} learnt", recipe, trained, told, decided).write(trained.adapter)
        run = promote(
            recipe, trained, metrics(facts), decided, stages=self.stages, home=self.shop.home,
            models=self.shop.models, start=self.start,
        )  # fmt: skip
        return {"run_id": run.run_id, "version": run.version, "promoted": decided.promoted, "why": decided.why}

    # What the stages share -----------------------------------------------------------------------------------------

    @property
    def folder(self) -> Path:
        return self.stages.folder

    @property
    def start(self) -> Path:
        """The adapter that is gone on from, as it was when the job began."""
        return self.folder / "start"

    @cached_property
    def base(self) -> Path:
        """The folder of the base model."""
        return weights.base(adapter.shape(self.start)[0], self.shop.models, self.shop.say)

    @property
    def reader(self) -> Reader:
        return self.shop.retriever.reader(self.shop.principal)

    @cached_property
    def withheld(self) -> frozenset[str]:
        return withheld(self.shop.gateway, self.shop.principal)

    @property
    def _tables(self) -> int:
        return sum(table.source == self.source for table in self.reader.catalog.tables)

    def _seen(self) -> str:
        """A hash of what the principal sees and may teach."""
        seen = repr((self.shop.gateway.askable(self.shop.principal), sorted(self.withheld)))
        return hashlib.sha256(seen.encode()).hexdigest()[:16]

    def _grounds(self, ground: Ground) -> list[Ground]:
        """The source alone, and now and then with all that stands beside it."""
        semantic = Semantic.of(self.reader.catalog)
        own = [semantic.table(t.full_name) for t in self.reader.catalog.tables if t.source == self.source]
        if len(own) == len(ground.catalog.tables):
            return [ground]
        part = replace(ground, catalog=cut(ground.catalog, own))
        return [part, part, part, ground]

    def _mixed(self, drawing: Drawing, count: int) -> tuple[list[Row], list[Row]]:
        """The examples, and those over worlds that are held out."""
        own = drawing.own(max(1, round(OWN * count)))
        other = earlier(self.shop.home, self.source, round(EARLIER * count))
        left = max(1, count - len(own) - len(other)) if len(own) >= OWN * count else len(own) // 2 + 1
        rung = next((rung for rung in RUNGS if rung >= left), RUNGS[-1])
        worlds, general = replay(rung, self.shop.home, self.shop.models, self.shop.say)
        return [bare(row) for row in (*own, *other, *worlds[:left])], general

    def _write_questions(self, rows: list[Row]) -> None:
        """The held-back questions as a question file, with the SQL as the store has it."""
        semantic = Semantic.of(self.reader.catalog)
        lines = (question(row, number, semantic) for number, row in enumerate(rows, start=1))
        part = self.folder / f"{QUESTIONS}.part"
        part.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), encoding="utf-8")
        os.replace(part, self.folder / QUESTIONS)

    def _recipe(self, count: int) -> Recipe:
        return recipe(self.plan.adapter, self.start, count, self.plan.device)

    def _trained(self) -> Trained:
        rows = examples.read(self.folder / EXAMPLES)[1]
        made = self._recipe(len(rows))
        return train(
            made, rows, self.folder / "adapter", ticks(self.shop.say), base=self.base, start=self.start, resume=True
        )

    def _fact(self, stage: Stage) -> Facts:
        found = self.stages.read(stage)
        assert found is not None
        return found

    def _outcome(self, stage: Stage, seconds: float) -> Learned:
        ended = self.stages.read("promote") or {
            "run_id": "", "version": 0, "promoted": False, "why": f"It stopped after the stage '{stage}', as asked.",
        }  # fmt: skip
        evaluated, indexed = self.stages.read("evaluate"), self.stages.read("index") or {"findings": {}}
        made = self.folder / "adapter"
        return Learned(
            model=self.plan.adapter,
            metrics=metrics(evaluated) if evaluated else {},
            source=self.source,
            adapter=str(made) if made.is_dir() else "",
            stage=stage,
            execution_accuracy=evaluated[contest.LEARNED]["execution_accuracy"] if evaluated else None,
            seconds=seconds,
            findings=indexed["findings"],
            card=str(made / "card.md") if (made / "card.md").is_file() else "",
            **ended,
        )


def name_only(text: str) -> bool:
    """Whether an adapter is named, not placed."""
    return bool(text) and Path(text).name == text


def keep(folder: Path, target: Path) -> None:
    """A copy of an adapter, whole or not at all."""
    part = target.with_name(f"{target.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    shutil.copytree(folder, part)
    os.rename(part, target)


def recipe(name: str, start: Path, count: int, device: Literal["auto", "cpu", "cuda"]) -> Recipe:
    """Of an adapter that goes on from the one in `start`."""
    base, lora = adapter.shape(start)
    return Recipe(
        name=name,
        base=base,
        start=str(start),
        dataset=Dataset(builder="learn", size=count),
        lora=lora,
        train=TRAIN,
        device=device,
    )


def bare(row: Row) -> Row:
    """An example without what training does not read."""
    return {name: row[name] for name in ("system", "user", "answer", "family")}


def question(row: Row, number: int, semantic: Semantic) -> dict[str, Any]:
    """A line of a question file."""
    answer = row["answer"]
    gold: dict[str, Any] = {"status": [answer]} if answer in ANSWERS else {"sql": semantic.stored(answer)}
    return {"id": str(number), "question": row["question"], **gold, "tags": [row["family"]]}


def metrics(facts: Mapping[str, Any]) -> dict[str, float]:
    """What the registry is told of a contest; figures of the adapter before are `base_`."""
    found: dict[str, float] = {}
    for prefix, name in (("", contest.LEARNED), ("base_", contest.GENERAL)):
        figures = {key: value for key, value in facts[name].items() if key != "n"}
        found |= {f"{prefix}{key}": float(value) for key, value in figures.items()}
        found[f"{prefix}worlds"] = float(facts["worlds"][name])
    return found
