"""The forms that a model takes between its trainer and whoever serves it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from agents.endpoints import Endpoint, export, weights
from agents.endpoints.decoding import Engine
from finetune.recipe import Recipe

Name = Literal["trainer", "merged", "quantised", "endpoint"]


@dataclass(frozen=True)
class Form:
    """`folder` holds the tokenizer, chat template and stop tokens that go with the engine."""

    name: Name
    folder: Path
    open: Callable[[], Engine]


@dataclass(frozen=True)
class Served:
    """An endpoint: it is given texts and gives texts."""

    endpoint: Endpoint
    name: Name = "endpoint"


def trainer(recipe: Recipe, base: Path, adapter: Path) -> Form:
    """The base as it was trained on, with the adapter beside it, not merged."""

    def opened() -> Engine:
        from peft import PeftModel

        from agents.endpoints.cuda import TransformersEngine
        from finetune import quantised, trainee

        device = trainee.device(recipe.device)
        model = quantised.load(base, recipe.quantise, device, trainee.precision(recipe.precision, device))
        with_adapter = PeftModel.from_pretrained(model, str(adapter))
        return TransformersEngine(with_adapter.get_base_model().eval())

    return Form("trainer", base, opened)


def merged(base: Path, adapter: Path, room: Path, device: str) -> Form:
    """Safetensors with the adapter added, written into the empty folder `room`, read as transformers reads them."""

    def opened() -> Engine:
        import torch
        from transformers import AutoModelForCausalLM

        from agents.endpoints.cuda import TransformersEngine

        kind = torch.float32 if device == "cpu" else torch.bfloat16
        model = AutoModelForCausalLM.from_pretrained(room, dtype=kind)
        return TransformersEngine(model.to(device).eval())

    weights.merge(base, adapter, room)
    return Form("merged", room, opened)


def quantised(base: Path, adapter: Path, models: Path) -> Form:
    """The int8 ONNX form that a CPU serves."""

    def opened() -> Engine:
        from agents.endpoints.onnx import OnnxEngine

        return OnnxEngine.load(folder)

    folder = export.onnx(base, adapter, models)
    return Form("quantised", folder, opened)


def all_of(recipe: Recipe, base: Path, adapter: Path, models: Path, room: Path) -> Iterator[Form]:
    """Every form of an adapter that is not an endpoint, the trainer's first."""
    from finetune import trainee

    yield trainer(recipe, base, adapter)
    yield merged(base, adapter, room, trainee.device(recipe.device))
    if export.builds(base):
        yield quantised(base, adapter, models)
