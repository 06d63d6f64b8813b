"""An adapter on disk, in peft's format: `peft.PeftModel.from_pretrained` loads what is written here."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from agents.endpoints.weights import ADAPTER_CONFIG, ADAPTER_WEIGHTS

if TYPE_CHECKING:
    from torch import Tensor


def save(
    pairs: Mapping[str, tuple[Tensor, Tensor]],
    folder: Path,
    *,
    base: str,
    r: int,
    alpha: float,
    targets: Sequence[str],
) -> None:
    """Write (A, B) of every module into the existing `folder`, in half precision: far finer than what is served."""
    from safetensors.torch import save_file

    tensors = {}
    for name, (down, up) in pairs.items():
        tensors[f"base_model.model.{name}.lora_A.weight"] = down.detach().cpu().half().contiguous()
        tensors[f"base_model.model.{name}.lora_B.weight"] = up.detach().cpu().half().contiguous()
    save_file(tensors, str(folder / ADAPTER_WEIGHTS), metadata={"format": "pt"})
    settings = {
        "peft_type": "LORA",
        "task_type": "CAUSAL_LM",
        "base_model_name_or_path": base,
        "r": r,
        "lora_alpha": alpha,
        "lora_dropout": 0.0,
        "bias": "none",
        "target_modules": sorted(targets),
        "inference_mode": True,
    }
    (folder / ADAPTER_CONFIG).write_text(json.dumps(settings, indent=2) + "\n", encoding="utf-8")
