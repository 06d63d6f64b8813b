"""A plan tells what a recipe needs without loading a weight, and which setting to change where it does not fit."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest

from data.errors import Invalid
from data.federation import open_gateway
from finetune.examples import write
from finetune.plan import Plan, plan
from finetune.plan.machine import GPUS, Machine
from finetune.plan.memory import need
from finetune.plan.shape import KNOWN, read
from finetune.recipe import Recipe
from finetune.workshop import Workshop
from retrieval import Retriever

BIG = ["mpt-7b", "llama-3-8b", "qwen3-8b", "mistral-7b"]
PUBLISHED = {"mpt-7b-chat": 6.65, "llama-3-8b-instruct": 8.03, "qwen3-8b": 8.19, "mistral-7b-instruct": 7.25}


@pytest.fixture
def shop(tmp_path: Path) -> Workshop:
    (tmp_path / "catalog.yaml").write_text("version: 1\n")
    gateway = open_gateway(tmp_path)
    owner = gateway.policy.principal("owner")
    return Workshop(gateway, owner, Retriever(gateway, tmp_path, tmp_path), tmp_path, tmp_path, lambda _: None)


def filed(recipe: Recipe, base: Path | str, rows: list[dict[str, str]], folder: Path, **changes: Any) -> Recipe:
    write(folder / "mine.jsonl", "", rows)
    data = {"builder": "jsonl", "size": 1000, "file": str(folder / "mine.jsonl")}
    return Recipe.model_validate(recipe.model_dump() | {"base": str(base), "dataset": data} | changes)


def states(made: Plan) -> dict[str, str]:
    return {check.check: check.state for check in made.checks}


def said(made: Plan, name: str) -> str:
    return " ".join(f"{check.said} {check.remedy}" for check in made.checks if check.check == name)


@pytest.mark.parametrize("base", PUBLISHED)
def test_the_known_shapes_have_the_published_sizes(base: str) -> None:
    assert read(KNOWN[base]).parameters / 1e9 == pytest.approx(PUBLISHED[base], abs=0.01)


@pytest.mark.parametrize("name", [*BIG, *(f"{name}-qlora" for name in BIG)])
def test_each_large_recipe_can_work_on_a_large_gpu_before_its_weights_are_there(name: str, shop: Workshop) -> None:
    made = plan(Recipe.load(name), shop, "a100-80")
    assert made.works, [check for check in made.checks if check.state == "fails"]
    assert states(made)["base"] == "warns"
    assert made.memory is not None
    assert made.time is not None
    assert made.time["assumed"]
    json.dumps(made.document())


@pytest.mark.parametrize("name", BIG)
def test_four_bits_take_a_small_gpu_and_sixteen_do_not(name: str, shop: Workshop) -> None:
    assert plan(Recipe.load(f"{name}-qlora"), shop, "l4").works
    whole = plan(Recipe.load(name), shop, "t4")
    assert not whole.works
    assert "`quantise: 4bit`" in said(whole, "memory")


def test_what_is_asked_to_change_makes_it_fit() -> None:
    """Each change that a plan proposes takes less memory than the one before."""
    from finetune.plan.memory import smaller

    recipe, shape = Recipe.load("llama-3-8b"), read(KNOWN["llama-3-8b-instruct"])
    machine = Machine.named("h100")
    greedy = recipe.model_copy(
        update={"train": recipe.train.model_copy(update={"checkpointing": False, "pass_tokens": 8192})}
    )
    totals = [need(changed, shape, machine, 0).total for _, changed in smaller(greedy)]
    assert totals == sorted(totals, reverse=True)
    assert totals[0] < need(greedy, shape, machine, 0).total


def test_a_plan_counts_the_tokens_of_the_examples(
    tiny: Path, recipe: Recipe, examples: list[dict[str, str]], shop: Workshop, tmp_path: Path
) -> None:
    made = plan(filed(recipe, tiny, examples, tmp_path), shop)
    assert made.works
    assert made.lengths is not None
    assert (made.lengths["examples"], made.lengths["estimated"], made.lengths["too_long"]) == (12, False, 0)
    assert sum(made.lengths["histogram"].values()) == 12
    assert states(made)["chat template"] == states(made)["base"] == "ok"
    assert made.time is not None
    assert not made.time["assumed"]
    assert made.time["seconds"] > 0


def test_examples_that_do_not_fit_are_counted_not_cut(
    tiny: Path, recipe: Recipe, examples: list[dict[str, str]], shop: Workshop, tmp_path: Path
) -> None:
    long = [{**examples[0], "user": "x" * 600}, *examples]
    made = plan(filed(recipe, tiny, long, tmp_path), shop)
    assert not made.works
    assert "1 of 13 examples are longer than the base's 512 tokens" in said(made, "lengths")


def torn(folder: Path) -> None:
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-100])


def headless(folder: Path) -> None:
    (folder / "model.safetensors").write_bytes(b"not a safetensors file")


def plain(folder: Path) -> None:
    text = (folder / "tokenizer.json").read_text()
    (folder / "tokenizer.json").write_text(text.replace("<|im_start|>", "<|other|>"))


def broken(folder: Path) -> None:
    (folder / "tokenizer.json").write_text("{")


@pytest.mark.parametrize(
    ("harm", "check", "complaint"),
    [
        (torn, "base", "no whole safetensors file: it has"),
        (headless, "base", "no whole safetensors file"),
        (plain, "chat template", "chat formats: chatml, llama3, mistral"),
        (broken, "chat template", "The tokenizer can't be read"),
    ],
)
def test_a_base_that_is_not_whole_is_named(
    harm: Any, check: str, complaint: str, tiny: Path, recipe: Recipe, examples: list[dict[str, str]], shop: Workshop,
    tmp_path: Path,
) -> None:  # fmt: skip
    base = tmp_path / "base"
    shutil.copytree(tiny, base)
    harm(base)
    made = plan(filed(recipe, base, examples, tmp_path), shop)
    assert not made.works
    assert states(made)[check] == "fails"
    assert complaint in said(made, check)


@pytest.mark.parametrize(
    ("changes", "check", "complaint"),
    [
        ({"base": "nowhere-13b"}, "base", "no base model 'nowhere-13b', and its shape is not known"),
        ({"lora": {"targets": ["Wqkv"]}}, "lora.targets", "no layer 'Wqkv'"),
        ({"start": "nothing"}, "start", "no adapter 'nothing'"),
        ({"evaluation": {"file": "none.jsonl", "gate": 0.5}}, "evaluation", "'none.jsonl' is not here"),
        ({"method": "dpo"}, "data", "example 1 has no 'chosen' text"),
        ({"device": "cuda"}, "memory", "no GPU here"),
    ],
)
def test_what_can_not_work_is_named(
    changes: dict[str, Any], check: str, complaint: str, tiny: Path, recipe: Recipe, examples: list[dict[str, str]],
    shop: Workshop, tmp_path: Path,
) -> None:  # fmt: skip
    import torch

    if check == "memory" and torch.cuda.is_available():
        pytest.skip("there is a GPU")
    made = plan(filed(recipe, changes.pop("base", tiny), examples, tmp_path, **changes), shop)
    assert not made.works
    assert complaint in said(made, check)


def test_a_gpu_that_nothing_is_known_of_is_refused() -> None:
    with pytest.raises(Invalid, match=r"'abacus'.*a100-80"):
        Machine.named("abacus")
    assert all(Machine.named(name).tera > 0 for name in GPUS)


def test_the_small_recipe_needs_about_what_was_measured() -> None:
    """Training SmolLM2 on a pass of 2,048 tokens in bfloat16 took 2.8 GB."""
    recipe = Recipe.load("ask-smollm2").model_copy(update={"precision": "bfloat16"})
    machine = Machine("test", "cpu", 100, 1)
    found = need(recipe, read(KNOWN["smollm2-135m-instruct"]), machine, 0)
    assert 2.0 < found.total < 4.0
