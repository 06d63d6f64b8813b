"""An adapter on disk, in peft's format: `peft.PeftModel.from_pretrained` loads what is written here."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from agents.endpoints import seal, tensors
from agents.endpoints.weights import ADAPTER_CONFIG, ADAPTER_WEIGHTS
from data.errors import Invalid

if TYPE_CHECKING:
    from torch import Tensor

    from finetune.recipe import Lora

    Pairs = Mapping[str, tuple[Tensor, Tensor]]

PREFIX = "base_model.model."


def save(
    pairs: Pairs,
    folder: Path,
    *,
    base: str,
    lora: Lora,
) -> None:
    """Write (A, B) of every module into the existing `folder`, in half precision: far finer than what is served."""
    from safetensors.torch import save_file

    stored = {}
    for name, (down, up) in pairs.items():
        stored[f"{PREFIX}{name}.lora_A.weight"] = down.detach().cpu().half().contiguous()
        stored[f"{PREFIX}{name}.lora_B.weight"] = up.detach().cpu().half().contiguous()
    save_file(stored, str(folder / ADAPTER_WEIGHTS), metadata={"format": "pt"})
    settings = {
        "peft_type": "LORA",
        "task_type": "CAUSAL_LM",
        "base_model_name_or_path": base,
        "r": lora.r,
        "lora_alpha": lora.alpha,
        "lora_dropout": 0.0,
        "bias": "none",
        "target_modules": sorted(lora.targets),
        "inference_mode": True,
    }
    (folder / ADAPTER_CONFIG).write_text(json.dumps(settings, indent=2) + "\n", encoding="utf-8")


def start(folder: Path, lora: Lora) -> Pairs:
    """(A, B) by module of an adapter to go on from. Invalid when it has not the shape that `lora` asks for."""
    try:
        settings = json.loads((folder / ADAPTER_CONFIG).read_text(encoding="utf-8"))
        seal.intact(folder)
        pairs = tensors.read(folder / ADAPTER_WEIGHTS)
    except (OSError, ValueError) as error:
        raise Invalid(
            f"{str(folder)!r} is no LoRA adapter: {error}.", "Start from a folder that finetune wrote."
        ) from error
    wanted = {"r": lora.r, "lora_alpha": lora.alpha, "target_modules": sorted(lora.targets)}
    for key, value in wanted.items():
        have = sorted(settings[key]) if key == "target_modules" else settings.get(key)
        if have != value:
            raise Invalid(
                f"The adapter {str(folder)!r} has {key} {have!r}; the recipe asks for {value!r}.",
                "Give `lora` of the recipe the shape of the adapter that it starts from.",
            )
    names = [key.removeprefix(PREFIX).removesuffix(".lora_A.weight") for key in pairs if ".lora_A." in key]
    return {name: (pairs[f"{PREFIX}{name}.lora_A.weight"], pairs[f"{PREFIX}{name}.lora_B.weight"]) for name in names}


def shape(folder: Path) -> tuple[str, Lora]:
    """The base that an adapter is of, and its shape. Invalid when the folder holds none."""
    from finetune.recipe import Lora

    try:
        facts = json.loads((folder / ADAPTER_CONFIG).read_text(encoding="utf-8"))
        lora = Lora(r=facts["r"], alpha=facts["lora_alpha"], targets=tuple(facts["target_modules"]))
        return str(facts["base_model_name_or_path"]), lora
    except (OSError, ValueError, KeyError) as error:
        raise Invalid(
            f"{str(folder)!r} is no LoRA adapter: {error}.", "Start from a folder that finetune wrote."
        ) from error


def find(name: str, models: Path) -> Path:
    """The folder of an adapter: a path, or the name of an installed or shipped one."""
    if (Path(name) / ADAPTER_CONFIG).is_file():
        return Path(name)
    from agents.endpoints.embedded import adapter_folder

    return adapter_folder(name, models)
