"""Examples of tasks for code, whose answers are SQL as people write it.

Most are tasks that people worded over the demo lakehouse, with variations of them; the others are the questions that
the builder `ask` draws over invented businesses, so that other tables can be asked about too.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING

from sqlglot import exp

from agents import statement
from agents.ask.prompts import CODING, TASK, one_line, system
from agents.code.render.sql import in_style, tidied
from agents.grammar import OTHERWISE
from data.catalog import Catalog
from data.errors import DataError
from data.gateway.resolve import written
from finetune.corpus import Corpus, Options, demo
from finetune.dataset import Example
from finetune.sources import Drawn
from finetune.tasks import drawn
from retrieval.retriever import cut

if TYPE_CHECKING:
    from agents.grammar import Values
    from data.gateway import Gateway
    from data.policy import Principal
    from finetune.recipe import Recipe
    from finetune.workshop import Workshop

PARTS, FEWEST, IN_PART = 24, 7, 0.25
"""Prompts with some tables in another order: how many there are, the fewest tables of one, and their share."""
SMALL = 0.08
"""The share of the tasks that are written in small letters."""


def build(recipe: Recipe, shop: Workshop) -> Drawn:
    """Tasks over the demo lakehouse, and what the builder `ask` makes of the same dataset."""
    options, rng = Options.of(recipe.dataset), random.Random(recipe.dataset.seed)
    shop.say("varying the tasks and running their SQL")
    found = list(Tasks.of(shop, rng).examples(options.variations))
    shop.say(f"drawing {recipe.dataset.size} questions and running their SQL")
    corpus = Corpus(recipe.dataset, shop.home / "finetune" / recipe.name / "corpus", shop.models, shop.say)
    asked = corpus.examples(lambda: demo(shop.gateway, shop.principal, shop.retriever))
    found += [task for example in asked if (task := as_task(example))]
    return Drawn([asdict(example) for example in found])


def as_task(example: Example) -> Example | None:
    """A question with its SQL as people write it, without its hints; None for one that has to be asked back."""
    if example.answer in OTHERWISE[1:]:
        return None
    question = example.user.split("\n")[0]
    answer = example.answer if example.answer in OTHERWISE else in_style(tidied(example.answer))
    return Example(example.system.replace(TASK, CODING, 1), one_line(question), answer, example.family)


@dataclass
class Tasks:
    """Makes examples of the tasks that people worded, over what a principal sees of the demo lakehouse."""

    catalog: Catalog
    values: Values
    gateway: Gateway
    principal: Principal
    rng: random.Random

    @classmethod
    def of(cls, shop: Workshop, rng: random.Random) -> Tasks:
        reader = shop.retriever.reader(shop.principal)
        return cls(reader.catalog, reader.values.columns, shop.gateway, shop.principal, rng)

    def examples(self, variations: int) -> Iterator[Example]:
        """All wordings with their variations, of those whose SQL gives something."""
        whole, parts = system(self.catalog, self.values, CODING), self._parts()
        known: dict[str, bool] = {}
        for task, sql in drawn(self.values, self.rng, variations):
            if sql not in known:
                known[sql] = self._gives(sql)
            if known[sql]:
                shown = self._some(parts, sql) if self.rng.random() < IN_PART else None
                worded = task.lower() if self.rng.random() < SMALL else task
                yield Example(shown or whole, one_line(worded), sql, "task")

    def _parts(self) -> list[tuple[frozenset[str], str]]:
        """Prompts with some of the tables, and which these are."""
        names = [table.full_name for table in self.catalog.tables]
        found = []
        for _ in range(PARTS):
            part = cut(self.catalog, self.rng.sample(names, self.rng.randint(min(FEWEST, len(names)), len(names))))
            sources = self.rng.sample(part.sources, len(part.sources))
            shown = system(replace(part, sources=tuple(sources)), self.values, CODING)
            found.append((frozenset(table.full_name for table in part.tables), shown))
        return found

    def _some(self, parts: Sequence[tuple[frozenset[str], str]], sql: str) -> str | None:
        """A prompt with some tables that has those of a query."""
        fit = [shown for names, shown in parts if tables(sql) <= names]
        return self.rng.choice(fit) if fit else None

    def _gives(self, sql: str) -> bool:
        """Whether a query runs and gives more than nothing."""
        try:
            rows = self.gateway.query(self.principal, sql, limit=2, question="training set").table.to_pylist()
        except DataError:
            return False
        return len(rows) > 1 or (bool(rows) and any(value not in (None, 0) for value in rows[0].values()))


def tables(sql: str) -> set[str]:
    """The full names of the tables of a query."""
    found = statement.query(sql).find_all(exp.Table)
    return {written(table) for table in found if table.db}
