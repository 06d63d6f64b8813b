"""`improve`: from what people said of answers to an adapter that answers better, in stages that are each done once."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, Literal, get_args

from agents.answers import AnswerStore
from agents.approved import ApprovedQueries
from agents.endpoints import Endpoint
from data.errors import DataError, Invalid, Unavailable
from finetune import examples
from finetune.learn import contest
from finetune.learn.course import TRAIN, WORLDS, Course, Plan
from finetune.learn.drawing import EXAMPLES, Row, bare, earlier, replay
from finetune.learn.feedback import Case, cases
from finetune.learn.lesson import lesson
from finetune.learn.stages import Facts
from finetune.learn.verdict import verdict
from finetune.learn.withheld import withheld
from finetune.lora import speed
from finetune.outcome import Outcome, audited
from finetune.workshop import Workshop
from retrieval import Retriever

Stage = Literal["examples", "train", "evaluate", "promote"]
FOLDER, LESSONS = ".improve", "lessons.jsonl"
FEWEST = 5
"""Questions that are only asked: fewer tell nothing."""
AGAIN = 4
"""How often a lesson is learnt; the rest of the examples keep the adapter from forgetting."""
OTHERS, MOST_OTHERS, LEAST = 6, 1_000, 80
NOTES = (
    "The questions were asked by people, whose ratings and corrections say what is right, or are approved queries. By "
    "a hash of its words each is either asked here or learnt, never both, and learnt only with consent. Personal "
    "values were replaced by invented words before anything was learnt."
)


@dataclass(frozen=True)
class Improved(Outcome):
    """What an improvement gave: how many cases were `learnt` and `asked`; the rest as of `learn`."""

    adapter: str
    stage: str
    execution_accuracy: float | None
    seconds: float
    learnt: int
    asked: int
    card: str


def improve(shop: Workshop, plan: Plan, answers: AnswerStore, approved: ApprovedQueries) -> Improved:
    """Train the adapter that answers further, on what people said. Invalid while too little was said."""
    course = Improving(shop, plan, cases(answers, approved, shop.gateway.policy))
    return audited(shop.gateway, shop.principal, "improve", course.run)


class Clock:
    """The time that a question counts from: when it was asked."""

    def __init__(self) -> None:
        self.now = datetime.now(UTC)

    def __call__(self) -> datetime:
        return self.now


class Improving(Course):
    """One round."""

    names: tuple[str, ...] = get_args(Stage)

    def __init__(self, shop: Workshop, plan: Plan, said: list[Case]) -> None:
        super().__init__(FOLDER, shop, plan)
        self.frozen = [case for case in said if case.frozen]
        self.open = [case for case in said if not case.frozen and case.consent]
        self.clock = Clock()

    @property
    def steps(self) -> Mapping[str, Callable[[], Mapping[str, Any]]]:
        return dict(zip(self.names, (self.examples, self.train, self.evaluate, self.promote), strict=True))

    def run(self) -> Improved:
        """All stages, or those up to the one that was asked for."""
        if len(self.frozen) < FEWEST or not self.open:
            raise Invalid(
                f"{len(self.frozen)} rated questions can be asked again and {len(self.open)} may be learnt.",
                f"At least {FEWEST} and 1 are needed: rate answers with `lakewright feedback`, some with --consent.",
            )
        last, seconds = self.go()
        learnt = (self.stages.read("examples") or {"learnt": 0})["learnt"]
        return Improved(**self.outcome(last), seconds=seconds, learnt=learnt, asked=len(self.frozen))

    def begin(self) -> None:
        """Go on with a round over the same feedback, or start anew."""
        said = repr([(case.question, case.sql, case.consent) for case in (*self.frozen, *self.open)])
        digest = hashlib.sha256(said.encode()).hexdigest()[:16]
        self.stages.begin({"adapter": self.plan.adapter, "cases": digest})

    def examples(self) -> Facts:
        """What may be learnt as examples, again and again, among others that keep the adapter from forgetting."""
        self.set_aside()
        lessons = self._lessons()
        if not lessons:
            raise Invalid(
                f"None of the {len(self.open)} questions that may be learnt has SQL that the model could write.",
                "Correct more answers: lakewright feedback ID down --sql … --consent",
            )
        count = self._others(lessons)
        other = earlier(self.shop.home, FOLDER, count // 2)
        worlds, general = replay(count - len(other), self.shop.home, self.shop.models, self.shop.say)
        rows = [bare(row) for row in self.fitting((*lessons * AGAIN, *other, *worlds))]
        random.Random(len(rows)).shuffle(rows)
        examples.write(self.folder / EXAMPLES, "", rows)
        examples.write(self.folder / WORLDS, "", general)
        return {"count": len(rows), "learnt": len(lessons)}

    def evaluate(self) -> Facts:
        """Both adapters on the questions that are never learnt, each under the rights and at the time of its asker."""
        endpoints = {contest.GENERAL: self.opened(self.start), contest.LEARNED: self.opened(self.made)}
        asked: contest.Asked = {name: [] for name in endpoints}
        for case in self.frozen:
            for name, outcomes in self._asked(case, endpoints).items():
                asked[name] += outcomes
        if not asked[contest.LEARNED]:
            raise Invalid("The SQL of no rated question runs any more.", "Rate answers of today.")
        return self.judged(asked)

    def promote(self) -> Facts:
        """Gate, card, registry, installation. People's questions do not stand in the card."""
        told = {k: v for k, v in self.fact("evaluate").items() if k not in ("right", "wrong")} | {"notes": NOTES}
        decided = verdict(told, 0.0, "rated questions")
        return self.finish(f"{self.plan.adapter}, improved by feedback", told, decided)

    def _asked(self, case: Case, endpoints: Mapping[str, Endpoint]) -> contest.Asked:
        """What became of one case; nothing where its SQL runs no more, as tables come and go."""
        self.clock.now = case.asked
        try:
            return contest.contest(
                [case.line], case.principal, self.shop.gateway, self.retriever, endpoints,
                seconds=self.budget.asking, say=self.shop.say,
            )  # fmt: skip
        except Unavailable:
            raise
        except DataError as error:
            self.shop.say(f"evaluate: left out {case.question!r}: {error.message}")
            return {}

    @cached_property
    def retriever(self) -> Retriever:
        return Retriever(self.shop.gateway, self.shop.models, self.shop.home / "index", now=self.clock)

    def _lessons(self) -> list[Row]:
        found, endpoint = [], self.opened(self.start)
        for case in self.open:
            self.clock.now = case.asked
            context = self.retriever.retrieve(case.principal, case.question)
            hidden = withheld(self.shop.gateway, case.principal)
            made = lesson(case, context, self.shop.gateway, endpoint, hidden)
            if made is None:
                self.shop.say(f"examples: the model can't write the SQL of {case.question!r}")
            else:
                found.append(made)
        return self.fitting(found)

    def _others(self, lessons: list[Row]) -> int:
        """How many other examples there is time for."""
        pace = speed(self.recipe(len(lessons)), (lessons * 3 * TRAIN.batch)[: 3 * TRAIN.batch], self.base)
        own = AGAIN * len(lessons)
        wanted = max(LEAST, min(MOST_OTHERS, OTHERS * own))
        return max(LEAST, self.budget.examples(pace, own + wanted, own) - own)
