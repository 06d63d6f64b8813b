"""The training set: drawn from the demo, linked as in use, and executed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from agents.ask.prompts import system
from data.federation import open_gateway
from data.gateway import Gateway
from finetune import sampler as drawing
from finetune.dataset import Builder, Example, views
from finetune.families import PLANS, Plan
from finetune.families.scene import in_order
from retrieval import Retriever

SIZE = 25


@pytest.fixture(scope="module")
def gateway(demo_home: Path) -> Iterator[Gateway]:
    gateway = open_gateway(demo_home, threads=1)
    yield gateway
    gateway.close()


@pytest.fixture(scope="module")
def retriever(gateway: Gateway, models: Path, tmp_path_factory: pytest.TempPathFactory) -> Retriever:
    return Retriever(gateway, models, tmp_path_factory.mktemp("index"))


def built(gateway: Gateway, retriever: Retriever, name: str, seed: int) -> list[Example]:
    principal = gateway.policy.principal(name)
    return Builder(gateway, principal, retriever.reader(principal), seed=seed).examples(SIZE)


@pytest.fixture(scope="module")
def examples(gateway: Gateway, retriever: Retriever) -> list[Example]:
    return built(gateway, retriever, "owner", 3)


def test_equal_seeds_give_equal_examples(gateway: Gateway, retriever: Retriever, examples: list[Example]) -> None:
    assert built(gateway, retriever, "owner", 3) == examples
    assert built(gateway, retriever, "owner", 4) != examples


def test_no_question_comes_twice(examples: list[Example]) -> None:
    assert len({example.user for example in examples}) == SIZE


def test_every_answer_can_be_executed(gateway: Gateway, examples: list[Example]) -> None:
    owner = gateway.policy.principal("owner")
    for example in examples:
        assert gateway.query(owner, example.answer, limit=1).table.num_columns > 0


def test_answers_use_only_the_tables_that_are_shown(examples: list[Example]) -> None:
    for example in examples:
        shown = {line.split("(")[0] for line in example.system.splitlines()[1:]}
        assert {word for word in example.answer.split() if word.split(".")[0] in SOURCES and "." in word} <= shown


SOURCES = frozenset(("square", "cash", "tidal", "tbd"))


def test_a_principal_learns_only_from_what_it_may_see(gateway: Gateway, retriever: Retriever) -> None:
    analyst = gateway.policy.principal("cash-analyst")
    examples = built(gateway, retriever, "cash-analyst", 3)
    readable = retriever.reader(analyst).values.columns
    assert {example.system for example in examples} == {system(gateway.askable(analyst), readable)}
    text = "".join(example.user + example.answer for example in examples)
    assert not any(f"{source}." in text for source in SOURCES - {"cash"})


@pytest.mark.parametrize("plan", PLANS, ids=lambda plan: plan.family.__name__)
def test_every_family_draws_what_can_be_executed(
    plan: Plan, gateway: Gateway, retriever: Retriever, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drawing, "PLANS", (plan,))
    owner = gateway.policy.principal("owner")
    view, _ = next(iter(views(retriever.reader(owner), "demo", 1, 0.1)))
    drawn = [found for found in (view.sampler.draw() for _ in range(300)) if found][:4]
    assert drawn
    for question in drawn:
        assert "{" not in question.question
        assert gateway.query(owner, question.sql, limit=1).table.num_columns > 0


def test_constants_stand_before_flags_and_those_before_sub_queries() -> None:
    said = ["user_id IN (FROM a SELECT b WHERE c = 1)", "explicit = true", "note IS NULL", "name = 'x IS y'", "n > 5"]
    assert in_order(said) == ["name = 'x IS y'", "n > 5", "explicit = true", "note IS NULL", said[0]]
