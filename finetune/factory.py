"""LLaMA-Factory as a peer of our training: an environment of its own, and its settings for the same job."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agents.endpoints.dialogue import END, START
from data import environment
from data.errors import Invalid, Unavailable
from finetune.packing import Example
from finetune.recipe import Recipe

SIDE = Path(__file__).with_name("factory_side.py")
REMEDY = "Make an environment with 'llamafactory' and name its Python with --peer-python."
PATIENCE = 3_600
"""Seconds."""


@dataclass(frozen=True)
class Run:
    """When each step ended, by the clock and the processor, and the most memory in MB."""

    ends: list[tuple[float, float]]
    peak_mb: float


def check(python: Path) -> None:
    """Invalid where a Python has no LLaMA-Factory."""
    if _run(python, "-c", "import importlib.metadata as m; m.version('llamafactory')").returncode != 0:
        raise Invalid(f"'{python}' has no LLaMA-Factory.", REMEDY)


def train(
    python: Path, recipe: Recipe, rows: Sequence[Example], base: Path, out: Path, *, row: int, rows_a_step: int
) -> Run:
    """Train an adapter into `out`, with whole examples packed into rows of `row` tokens."""
    data = out / "data"
    data.mkdir(parents=True)
    job = data / "job.json"
    asked = settings(recipe, base, out, data, row=row, rows_a_step=rows_a_step)
    plain = [{name: example[name] for name in ("system", "user", "answer")} for example in rows]
    job.write_text(json.dumps({"settings": asked, "rows": plain, "turn": START, "end": END}), encoding="utf-8")
    done = _run(python, "-W", "ignore", str(SIDE), str(job))
    if done.returncode != 0:
        last = (done.stderr.strip() or "no message").splitlines()[-1]
        raise Unavailable(f"LLaMA-Factory failed: {last}", "Look at its environment.")
    found = json.loads(done.stdout.splitlines()[-1])
    return Run([(clock, used) for clock, used in found["ends"]], found["peak_mb"])


def settings(recipe: Recipe, base: Path, out: Path, data: Path, *, row: int, rows_a_step: int) -> dict[str, Any]:
    """What LLaMA-Factory is told: the same model, adapter, precision, epochs and schedule, its packing on, and examples
    of a row hidden from each other (`neat_packing`)."""
    train = recipe.train
    return {
        "stage": "sft",
        "do_train": True,
        "model_name_or_path": str(base),
        "finetuning_type": "lora",
        "lora_rank": recipe.lora.r,
        "lora_alpha": recipe.lora.alpha,
        "lora_target": ",".join(recipe.lora.targets),
        "lora_dropout": 0.0,
        "dataset": "rows",
        "dataset_dir": str(data),
        "template": "lakewright",
        "cutoff_len": row,
        "packing": True,
        "neat_packing": True,
        "per_device_train_batch_size": 1,
        "gradient_accumulation_steps": rows_a_step,
        "num_train_epochs": train.epochs,
        "learning_rate": train.lr,
        "lr_scheduler_type": "cosine",
        "warmup_steps": train.warmup,
        "max_grad_norm": train.clip,
        "weight_decay": 0.0,
        "seed": train.seed,
        "bf16": recipe.precision != "float32",
        "flash_attn": "sdpa",
        "disable_gradient_checkpointing": True,  # it would save memory and cost time
        "use_cpu": True,
        "save_strategy": "no",
        "report_to": "none",
        "logging_steps": 1_000,
        "disable_tqdm": True,
        "output_dir": str(out),
        "overwrite_output_dir": True,
    }


def _run(python: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    # As for the other sides, so that a busy machine favours none.
    variables = {"OMP_WAIT_POLICY": "PASSIVE", "HF_HUB_OFFLINE": "1"}
    try:
        return environment.run(python, *arguments, seconds=PATIENCE, remedy=REMEDY, variables=variables)
    except subprocess.TimeoutExpired:
        raise Unavailable(f"LLaMA-Factory took more than {PATIENCE} s.", "Measure fewer steps.") from None
