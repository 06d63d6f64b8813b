"""What is checked of a recipe without its weights, one function a question."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from agents.endpoints.chat_format import FORMATS
from agents.endpoints.dialogue import Dialogue
from data.errors import DataError
from finetune import adapter

if TYPE_CHECKING:
    from finetune.plan.shape import Shape
    from finetune.recipe import Recipe
    from finetune.workshop import Workshop

State = Literal["ok", "warns", "fails"]


@dataclass(frozen=True)
class Check:
    """One question, how it was answered, and what to change if it was not well."""

    check: str
    state: State
    said: str
    remedy: str = ""


def of_software(recipe: Recipe) -> Iterator[Check]:
    """The libraries that the recipe's method and quantisation need."""
    needs = {
        "bitsandbytes": recipe.quantise != "none",
        "trl": recipe.method == "dpo",
        "datasets": recipe.method == "dpo",
    }
    lacking = [name for name, needed in needs.items() if needed and importlib.util.find_spec(name) is None]
    if lacking:
        yield Check("software", "fails", f"{lacking[0]} is not installed.", "Install `lakewright[finetune]`.")
    else:
        yield Check("software", "ok", "All libraries that the recipe needs are installed.")


def of_files(recipe: Recipe, shop: Workshop) -> Iterator[Check]:
    """The adapter to start from and the questions of the evaluation."""
    if recipe.start:
        try:
            adapter.start(adapter.find(recipe.start, shop.models), recipe.lora)
            yield Check("start", "ok", f"The adapter {recipe.start!r} has the shape that `lora` asks for.")
        except DataError as error:
            yield Check("start", "fails", error.message, error.remedy)
    if recipe.evaluation is None:
        yield Check(
            "evaluation", "warns", "The recipe names no evaluation, so its adapter will not be promoted by itself.",
            "Set `evaluation` to a file of questions and a gate.",
        )  # fmt: skip
    elif not any(place.is_file() for place in places(recipe.evaluation.file)):
        yield Check(
            "evaluation",
            "fails",
            f"The question file {recipe.evaluation.file!r} is not here.",
            "Mend `evaluation.file`.",
        )
    else:
        yield Check("evaluation", "ok", f"{recipe.evaluation.file} judges it.")


def places(file: str) -> tuple[Path, Path]:
    """Where a question file may lie: as named, or beside the packages, as in a checkout."""
    return Path(file), Path(__file__).parents[2] / file


def of_targets(recipe: Recipe, shape: Shape) -> Check:
    """Whether the base has the linear layers that are to carry LoRA."""
    unknown = [target for target in recipe.lora.targets if target not in shape.linears]
    if unknown:
        return Check(
            "lora.targets",
            "fails",
            f"A {shape.family!r} model has no layer {unknown[0]!r}.",
            f"Set `lora.targets` to some of: {', '.join(shape.linears)}.",
        )
    weights = shape.lora(recipe.lora.r, recipe.lora.targets)
    return Check("lora.targets", "ok", f"The adapter has {weights:,} weights.")


def of_template(recipe: Recipe, folder: Path | None) -> Iterator[Check]:
    """Whether the tokenizer has the control tokens of a chat format that training and serving share."""
    if folder is None:
        yield Check("chat template", "warns", "It is checked when the tokenizer is there.")
        return
    try:
        dialogue = Dialogue.load(folder)
    except (DataError, OSError, ValueError, Exception) as error:  # noqa: BLE001 - tokenizers raises bare exceptions
        said = error.message if isinstance(error, DataError) else f"The tokenizer can't be read: {error}."
        known = ", ".join(known.name for known in FORMATS)
        yield Check("chat template", "fails", said, f"Use a base with one of the chat formats: {known}.")
        return
    yield Check("chat template", "ok", f"{dialogue.format.name}; an answer ends with {dialogue.format.end}.")
