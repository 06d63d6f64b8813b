"""Questions worded as tasks for code."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from finetune.corpus import Corpus, Options
from finetune.families import Drawn
from finetune.recipe import Dataset, Recipe
from finetune.tasks import as_task


@pytest.mark.parametrize(
    ("question", "kept"),
    [
        ("How many late flights are there in March?", "late flights in march"),
        ("What is the average fare per carrier?", "average fare per carrier"),
        ("List the airports in Oslo", "airports in oslo"),
        ("Which carrier has the most flights?", "carrier has the most flights"),
    ],
)
def test_a_task_keeps_what_the_question_is_about(question: str, kept: str) -> None:
    said = {as_task(Drawn(question, "", "f", {}), random.Random(seed)).question.lower() for seed in range(40)}
    assert len(said) > 1
    assert all(kept in task for task in said), said
    assert not any(word in task for word in ("spark", "polars", "pandas", "sql") for task in said)


def test_the_builder_of_tasks_words_most_questions_so(models: Path, tmp_path: Path) -> None:
    options: dict[str, str | float | bool] = {"worlds": 1, "demo": 0.0, "held_out": "", "held_back": 0}
    made = {}
    for builder in ("ask", "code"):
        dataset = Dataset(builder=builder, size=24, seed=5, options=options)
        made[builder] = Corpus(dataset, tmp_path / builder, models, lambda _: None).examples(None)
    questions = {builder: {e.user.split("\n")[0] for e in made[builder]} for builder in made}
    assert all(len(found) >= 20 for found in made.values())
    assert len(questions["code"] - questions["ask"]) > len(questions["code"]) // 2


def test_the_shipped_recipe_builds_tasks() -> None:
    recipe = Recipe.load("code-smollm2")
    assert Options.of(recipe.dataset).tasks == 0.8
    assert recipe.dataset.builder == "code"
