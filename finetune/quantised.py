"""A base in transformers' classes: as its files have it, or with its linear layers in 8 or 4 bit by bitsandbytes."""

from __future__ import annotations

import logging
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

from data.errors import DataError, Unavailable
from finetune.recipe import Quantise

if TYPE_CHECKING:
    import torch

REMEDY = "Set `quantise: none` in the recipe, or install `lakewright[finetune]` where bitsandbytes works."


def load(folder: Path, quantise: Quantise, device: str, precision: torch.dtype) -> Any:
    """The model on the device, without gradients. Unavailable where bitsandbytes does not work."""
    from transformers import AutoModelForCausalLM

    quiet()
    settings = {"dtype": precision, "low_cpu_mem_usage": True, **_quantisation(quantise, device, precision)}
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model = AutoModelForCausalLM.from_pretrained(folder, **settings)
    except (ImportError, RuntimeError, ValueError) as error:
        if quantise == "none" or isinstance(error, DataError):
            raise
        raise Unavailable(f"The base can't be loaded in {quantise}: {error}.", REMEDY) from error
    model.requires_grad_(False)
    return model if quantise != "none" else model.to(device)


def quiet() -> None:
    """Keep libraries from drawing bars, and bitsandbytes from telling of kernels that it would download."""
    from transformers.utils import logging as told

    told.disable_progress_bar()
    logging.getLogger("bitsandbytes.backends.cpu.ops").setLevel(logging.ERROR)


def _quantisation(quantise: Quantise, device: str, precision: torch.dtype) -> dict[str, Any]:
    """NF4 with quantised constants, as QLoRA (Dettmers et al., 2023) has it, or LLM.int8()."""
    if quantise == "none":
        return {}
    import importlib.util

    if importlib.util.find_spec("bitsandbytes") is None:
        raise Unavailable(f"The recipe asks for {quantise}, and bitsandbytes is not installed.", REMEDY)
    from transformers import BitsAndBytesConfig

    if quantise == "8bit":
        made = BitsAndBytesConfig(load_in_8bit=True)
    else:
        made = BitsAndBytesConfig(
            load_in_4bit=True,
            bnb_4bit_quant_type="nf4",
            bnb_4bit_use_double_quant=True,
            bnb_4bit_compute_dtype=precision,
        )
    return {"quantization_config": made, "device_map": {"": device}}


def for_training(model: Any) -> None:
    """Keep 4-bit layers in the layout that gradients need: on a CPU, bitsandbytes repacks those in evaluation mode."""
    for module in model.modules():
        if type(module).__name__.endswith("Linear4bit") or type(module).__name__ == "Linear8bitLt":
            module.training = True
