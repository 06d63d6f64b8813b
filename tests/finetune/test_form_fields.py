"""The forms adapter: its examples, a tiny training from end to end, and its gate."""

from __future__ import annotations

import random
import re
from pathlib import Path
from typing import Any

import pytest

from agents.endpoints.scripted import scripted
from agents.forms.asked import Asked
from agents.forms.binding import Binding
from agents.forms.field import Field
from agents.forms.hints import Hints
from agents.forms.reader import SYSTEM, grammar, prompt, reader
from agents.forms.registry import Correction, FormRegistry
from data.catalog import Catalog
from finetune.dataset import Example
from finetune.form_fields import FormFields, example, learned
from finetune.forms_job import Options, judged
from finetune.lora import train
from finetune.recipe import Recipe
from finetune.worlds import world
from tests.agents.forms.conftest import words

RECIPE = Recipe.load("forms-smollm2")
FORM = {"type": "object", "properties": {"name": {"type": "string"}, "city": {"type": "string"}, "age": {}}}


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return world("car_rental", 0).catalog


@pytest.fixture(scope="module")
def drawn(catalog: Catalog) -> list[Example]:
    return list(FormFields(catalog, words, random.Random(3)).examples(8))


def offers(made: Example) -> list[str]:
    return re.findall(r"^(\d) ", made.user, re.MULTILINE)


def test_an_answer_is_the_number_of_a_source_that_is_offered(drawn: list[Example]) -> None:
    assert len(drawn) > 20
    for made in drawn:
        assert made.system == SYSTEM
        assert made.user.startswith("Field: ")
        assert made.answer in ("0", *offers(made))
        assert offers(made) == [str(at + 1) for at in range(len(offers(made)))]
    answers = {made.answer for made in drawn}
    assert "0" in answers
    assert len(answers) > 3, "the right one stands anywhere"


def test_the_recipe_and_its_options() -> None:
    assert Options.of(RECIPE).worlds > 0
    wrong = RECIPE.model_copy(update={"dataset": RECIPE.dataset.model_copy(update={"options": {"worlds": -1}})})
    with pytest.raises(Exception, match=r"dataset\.options\.worlds"):
        Options.of(wrong)


def test_what_people_signed_and_corrected_is_learnt(tmp_path: Path, catalog: Catalog) -> None:
    table = catalog.tables[0]
    right = Binding("column", table.full_name, table.columns[1].name)
    wrong = Binding("column", table.full_name, table.columns[2].name, confidence=0.6)
    registry = FormRegistry(tmp_path / "forms.sqlite")
    form = registry.add("card", FORM, Hints(subject=table.full_name), "owner")
    registry.confirm(form, table.full_name, "", {"name": right}, "owner")
    registry.correct(form, table.full_name, [Correction("city", wrong, None), Correction("age", wrong, right)], "owner")

    def candidates(_: Any, field: Field) -> tuple[Asked, list[Binding]]:
        return Asked(field), [wrong, Binding("column", table.full_name, table.columns[1].name, confidence=0.5)]

    found = {made.user.split()[1]: made for made in learned(registry, candidates, catalog, random.Random(1))}
    line = {name: next((x for x in made.user.split("\n") if x[0] == made.answer), "") for name, made in found.items()}
    assert f".{table.columns[1].name}" in line["name"]
    assert f".{table.columns[1].name}" in line["age"]
    assert found["city"].answer == "0", "a person gave a value of their own"


def test_a_tiny_model_learns_the_answers(tmp_path: Path, recipe: Recipe, tiny: Path, drawn: list[Example]) -> None:
    short = [{"system": "s", "user": made.user[:60], "answer": made.answer} for made in drawn[:12]]
    trained = train(recipe, short, tmp_path, base=tiny)
    assert trained.losses[-1] < trained.losses[0]
    assert (tmp_path / "adapter_model.safetensors").is_file()


def test_a_model_takes_one_of_the_offered(catalog: Catalog) -> None:
    table = catalog.tables[0]
    found = [Binding("column", table.full_name, column.name, confidence=0.5) for column in table.columns[:3]]
    asked = Asked(Field("x", "string", "What"))
    read = reader(scripted("2", "0", "9", "none"), catalog)
    assert [read(asked, found) for _ in range(4)] == [found[1], None, None, None]
    assert grammar(2) == 'start: "0" | "1" | "2"'
    assert f"2 {table.full_name}.{table.columns[1].name}" in prompt(asked, found, catalog)
    assert read(asked, []) is None


@pytest.mark.parametrize(
    ("reached", "matcher", "invented", "promoted"),
    [(0.95, 0.9, 0.0, True), (0.95, 0.96, 0.0, False), (0.5, 0.4, 0.0, False), (0.95, 0.9, 0.05, False)],
)
def test_the_gate_is_the_matcher(reached: float, matcher: float, invented: float, promoted: bool) -> None:
    metrics = {
        "right_share": reached, "matcher_right_share": matcher, "invented_share": invented,
        "matcher_invented_share": 0.0,
    }  # fmt: skip
    assert judged(RECIPE, metrics).promoted is promoted


def test_none_of_the_offered_is_an_answer_too(catalog: Catalog) -> None:
    table = catalog.tables[0]
    found = [Binding("column", table.full_name, table.columns[1].name, confidence=0.5)]
    assert example(Asked(Field("x", "string", "What")), found, None, catalog, random.Random(1)).answer == "0"
