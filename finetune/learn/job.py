"""`learn`: from a source to an adapter that answers better over it, in stages that are each done once."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any, Literal, get_args

from agents.evaluation.question import read
from agents.grammar import OTHERWISE
from agents.semantic import Semantic
from data import onboard
from data.declarations import VIEWS
from data.errors import Forbidden, Invalid
from finetune import examples
from finetune.ground import Ground
from finetune.learn import contest
from finetune.learn.course import TRAIN, WORLDS, Course, Plan
from finetune.learn.described import Findings, findings
from finetune.learn.drawing import EXAMPLES, SHARD, Drawing, Row, bare, earlier, replay
from finetune.learn.stages import Facts
from finetune.learn.verdict import verdict
from finetune.learn.withheld import withheld
from finetune.lora import speed
from finetune.outcome import Outcome, audited
from finetune.workshop import Workshop
from retrieval import Retriever
from retrieval.retriever import Reader, cut

Stage = Literal["profile", "index", "examples", "train", "evaluate", "promote"]
QUESTIONS = "questions.jsonl"
MARGIN = 0.05
"""By how much more must be right of what was held back: what is gained of generated questions is more than what is
gained of people's."""
LEAST, PER_TABLE, MOST = 24, 150, 3_000
"""Examples: the fewest, how many each table asks for, and the most."""
OWN, EARLIER = 0.65, 0.15
"""Shares of the examples: over the source, and of what other jobs learnt; the rest are of invented worlds."""
MIXED = 0.65
"""Of the speed over the source alone, what is left among examples of other worlds, which share fewer prefixes."""
NOTES = (
    "The questions were generated over the source, not asked by people: of wordings, values and combinations of tables "
    "and columns that this training held back. The adapter before may know the wordings from invented worlds. How sure "
    "answers may be was measured on the same questions."
)


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


class Learning(Course):
    """One source."""

    names: tuple[str, ...] = get_args(Stage)

    def __init__(self, source: str, shop: Workshop, plan: Plan) -> None:
        super().__init__(source, shop, plan)
        self.source = source

    @property
    def steps(self) -> Mapping[str, Callable[[], Mapping[str, Any]]]:
        every = (self.profile, self.index, self.examples, self.train, self.evaluate, self.promote)
        return dict(zip(self.names, every, strict=True))

    def run(self) -> Learned:
        """All stages, or those up to the one that was asked for."""
        last, seconds = self.go()
        found = (self.stages.read("index") or {"findings": {}})["findings"]
        return Learned(**self.outcome(last), source=self.source, seconds=seconds, findings=found)

    def begin(self) -> None:
        """Go on with the job that was interrupted, unless what is seen of the catalogue has changed since."""
        identity = {"source": self.source, "adapter": self.plan.adapter, "principal": self.shop.principal.name}
        self.stages.begin(identity)
        profiled = self.stages.read("profile")
        if profiled is not None and profiled["catalog"] != self._seen():
            self.shop.say("The catalogue has changed since: starting anew.")
            self.stages.clear()
            self.stages.begin(identity)

    def profile(self) -> Facts:
        """Draft what the catalogue does not say, and set the adapter aside that is gone on from."""
        if self.shop.gateway.catalog.source(self.source).kind != VIEWS:
            onboard.redraft(self.shop.home, self.source, say=self.shop.say)
        self.set_aside()
        return {"catalog": self._seen()}

    def index(self) -> Facts:
        """Read the values and the cards that questions are linked by."""
        if not self._own:
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
        held, first = drawing.held(self.budget.questions), self.fitting(drawing.own(SHARD))
        if not held or not first:
            raise Invalid(
                f"No questions can be drawn over '{self.source}'.",
                "It needs a table with rows that can be read, and one that is not too wide for the model.",
            )
        pace = MIXED * speed(self.recipe(len(first)), first[: 3 * TRAIN.batch], self.base)
        count = self.budget.examples(pace, min(MOST, PER_TABLE * len(self._own)), LEAST)
        self.shop.say(f"learning {count} examples, at {pace:.1f} a second")
        rows, general = self._mixed(drawing, count)
        examples.write(self.folder / EXAMPLES, "", rows)
        examples.write(self.folder / WORLDS, "", general)
        self._write_questions(held)
        return {"count": len(rows), "held": len(held), "speed": pace, "now": ground.now.isoformat()}

    def evaluate(self) -> Facts:
        """Both adapters on what was held back, and on worlds that neither learnt from."""
        now = datetime.fromisoformat(self.fact("examples")["now"])
        retriever = Retriever(self.shop.gateway, self.shop.models, self.shop.home / "index", now=lambda: now)
        endpoints = {contest.GENERAL: self.opened(self.start), contest.LEARNED: self.opened(self.made)}
        asked = contest.contest(
            read(self.folder / QUESTIONS), self.shop.principal, self.shop.gateway, retriever, endpoints,
            seconds=self.budget.evaluating(self.fact("examples")["speed"]), say=self.shop.say,
        )  # fmt: skip
        return self.judged(asked)

    def promote(self) -> Facts:
        """Gate, card, registry, installation."""
        told = {**self.fact("evaluate"), "findings": self.fact("index")["findings"], "notes": NOTES}
        decided = verdict(told, MARGIN, f"questions held back over '{self.source}'")
        return self.finish(f"{self.plan.adapter}, with {self.source} learnt", told, decided)

    # What the stages share -----------------------------------------------------------------------------------------

    @property
    def reader(self) -> Reader:
        return self.shop.retriever.reader(self.shop.principal)

    @cached_property
    def withheld(self) -> frozenset[str]:
        return withheld(self.shop.gateway, self.shop.principal)

    @property
    def _own(self) -> list[str]:
        """The tables of the source that the principal sees."""
        return [table.full_name for table in self.reader.catalog.tables if table.source == self.source]

    def _seen(self) -> str:
        """A hash of what the principal sees and may teach."""
        kept = withheld(self.shop.gateway, self.shop.principal)
        seen = repr((self.shop.gateway.askable(self.shop.principal), sorted(kept)))
        return hashlib.sha256(seen.encode()).hexdigest()[:16]

    def _grounds(self, ground: Ground) -> list[Ground]:
        """The source alone, and now and then with all that stands beside it."""
        semantic = Semantic.of(self.reader.catalog)
        own = [semantic.table(name) for name in self._own]
        if len(own) == len(ground.catalog.tables):
            return [ground]
        part = replace(ground, catalog=cut(ground.catalog, own))
        return [part, part, part, ground]

    def _mixed(self, drawing: Drawing, count: int) -> tuple[list[Row], list[Row]]:
        """The examples, and those over worlds that are held out."""
        own = drawing.own(max(1, round(OWN * count)))
        other = earlier(self.shop.home, self.source, round(EARLIER * count))
        left = max(1, round(len(own) / OWN) - len(own) - len(other))
        worlds, general = replay(left, self.shop.home, self.shop.models, self.shop.say)
        return [bare(row) for row in self.fitting((*own, *other, *worlds))], general

    def _write_questions(self, rows: list[Row]) -> None:
        """The held-back questions as a question file, with the SQL as the store has it."""
        semantic = Semantic.of(self.reader.catalog)
        lines = (question(row, number, semantic) for number, row in enumerate(rows, start=1))
        part = self.folder / f"{QUESTIONS}.part"
        part.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), encoding="utf-8")
        os.replace(part, self.folder / QUESTIONS)


def question(row: Row, number: int, semantic: Semantic) -> dict[str, Any]:
    """A line of a question file."""
    answer = row["answer"]
    gold: dict[str, Any] = {"status": [answer]} if answer in OTHERWISE else {"sql": semantic.stored(answer)}
    return {"id": str(number), "question": row["question"], **gold, "tags": [row["family"]]}
