"""A recipe is checked before any weight is loaded, and its errors name field and file."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from data.errors import Invalid, NotFound
from finetune.recipe import RECIPES, Recipe, shipped
from finetune.tabular.recipe import TabularRecipe


@pytest.mark.parametrize("kind", [Recipe, TabularRecipe])
def test_shipped_recipes_load_by_name(kind: type[Recipe] | type[TabularRecipe]) -> None:
    assert [kind.load(name).name for name in shipped(kind)] == shipped(kind)


def test_every_shipped_recipe_is_of_one_kind() -> None:
    assert sorted(shipped(Recipe) + shipped(TabularRecipe)) == sorted(path.stem for path in RECIPES.glob("*.yaml"))


def test_a_recipe_of_another_kind_is_not_offered() -> None:
    with pytest.raises(NotFound, match=r"Give a file, or one of: ask-qwen, ask-smollm2, ") as raised:
        Recipe.load("nowhere")
    assert "churn" not in str(raised.value)


GOOD = {"name": "mine", "base": "b", "dataset": {"builder": "x", "size": 10}}


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"lora": {"r": 0}}, r"lora\.r: .*greater than 0, not 0"),
        ({"lora": {"targets": ["w_proj"]}}, r"lora\.targets\.0: .*not 'w_proj'"),
        ({"lora": {"rank": 4}}, r"lora\.rank: Extra inputs"),
        ({"train": {"lr": "fast"}}, r"train\.lr: .*not 'fast'"),
        ({"device": "tpu"}, r"device: .*not 'tpu'"),
        ({"dataset": {"builder": "x"}}, r"dataset\.size: Field required"),
        ({"evaluation": {"file": "f", "gate": 2}}, r"evaluation\.gate: .*not 2"),
        ({"colour": "red"}, r"colour: Extra inputs"),
    ],
)
def test_a_wrong_field_is_named_with_the_file(tmp_path: Path, change: dict[str, object], complaint: str) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(yaml.safe_dump({**GOOD, **change}))
    with pytest.raises(Invalid, match=rf"mine\.yaml: {complaint}"):
        Recipe.load(file)


@pytest.mark.parametrize("text", ["a: [", "", "- 1", "just words", "name: !!python/object:os.system x"])
def test_what_is_no_recipe_is_invalid(tmp_path: Path, text: str) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(text)
    with pytest.raises(Invalid, match=r"mine\.yaml"):
        Recipe.load(file)


def test_an_unknown_recipe_lists_the_shipped_ones() -> None:
    with pytest.raises(NotFound, match=r"'nowhere'.*ask-smollm2"):
        Recipe.load("nowhere")
