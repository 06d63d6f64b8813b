"""Tasks that people worded over the demo lakehouse, and what is made of them."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from agents import statement
from agents.ask.prompts import CODING
from agents.code.render.sql import in_style
from agents.grammar import OTHERWISE
from data.federation import open_gateway
from data.gateway import Gateway
from finetune.dataset import Example
from finetune.recipe import Recipe
from finetune.sources.tasks import Tasks, as_task
from finetune.tasks import Variations, tasked
from retrieval import Retriever

VALUES = {
    "square.merchants": {"city": ["London", "Paris", "Tokyo"], "status": ["active", "closed", "paused"]},
    "cash.users": {"city": ["London", "Paris", "Tokyo", "Oslo"]},
}
EVERY = tasked()
TASKED = (
    "Top 10 merchants of London in 2025",
    "SELECT name FROM m WHERE city = 'London' AND t >= '2025-01-01' LIMIT 10",
)


@pytest.fixture(scope="module")
def gateway(demo_home: Path) -> Iterator[Gateway]:
    gateway = open_gateway(demo_home, threads=1)
    yield gateway
    gateway.close()


def variations(task: str, sql: str) -> set[tuple[str, str]]:
    made = Variations(VALUES)
    return {made.of(task, sql, random.Random(seed)) for seed in range(60)}


def test_a_variation_says_and_asks_the_same() -> None:
    found = variations(*TASKED)
    assert len(found) > 8
    for task, sql in found:
        city = next(city for city in ("London", "Paris", "Tokyo") if f"'{city}'" in sql)
        assert city in task
        assert ("2024" in task) == ("2024-01-01" in sql)
        assert sql.split("LIMIT ")[1] in task


def test_a_value_is_exchanged_for_one_of_every_column_that_it_may_be_of() -> None:
    assert not any("Oslo" in sql for _, sql in variations(*TASKED))


def test_years_beside_each_other_stay() -> None:
    task, sql = "Compare 2024 with 2025", "SELECT a FROM t WHERE d >= '2024-01-01' AND d < '2026-01-01'"
    assert variations(task, sql) == {(task, sql)}


def test_a_number_that_stands_twice_stays() -> None:
    task, sql = "The 5 largest of more than 5", "SELECT a FROM t WHERE n > 5 LIMIT 5"
    assert variations(task, sql) == {(task, sql)}


def test_all_tasks_are_one_query_each() -> None:
    assert len(EVERY) > 2_000
    assert all(one.tasks and statement.query(one.sql) for one in EVERY)


def test_a_question_of_a_world_becomes_a_task() -> None:
    asked = Example(
        "Write one SQL query that answers the question. Tables:\na.b(c)",
        "How many?\nhint",
        "FROM a.b SELECT count(*)",
        "f",
    )
    made = as_task(asked)
    assert made is not None
    assert made.system == f"{CODING}\na.b(c)"
    assert (made.user, made.answer) == ("How many?", "SELECT count(*) AS count FROM a.b")
    assert as_task(Example("s", "u", OTHERWISE[1], "f")) is None


def test_examples_are_what_the_model_reads_in_use(
    gateway: Gateway, models: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    owner = gateway.policy.principal("owner")
    reader = Retriever(gateway, models, tmp_path).reader(owner)
    tasks = Tasks(reader.catalog, reader.values.columns, gateway, owner, random.Random(3))
    monkeypatch.setattr("finetune.tasks.tasked", lambda: EVERY[:20])
    found = list(tasks.examples(1))
    assert len(found) > 40
    assert all(example.system.startswith(CODING) and "\n" not in example.user for example in found)
    assert all(example.answer == in_style(statement.query(example.answer)) for example in found)


def test_the_shipped_recipe_builds_tasks() -> None:
    assert Recipe.load("code-smollm2").dataset.builder == "code"
