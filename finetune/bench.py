"""Our training beside plain trl.SFTTrainer: same model, data, LoRA, batch, precision, in examples a second.

Each side runs in a process of its own, in turns: neither warms the machine for the other, and both see the
same load. The first step of a process is not counted.
"""

from __future__ import annotations

import json
import math
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Literal

from agents.endpoints.dialogue import END, START, Dialogue
from data.errors import Invalid, Unavailable
from finetune.packing import Example, packs
from finetune.recipe import Recipe

Side = Literal["ours", "peer"]

PEER_MICRO_BATCH = 4
"""SFTTrainer adds a batch up from parts of this size: in float32 it holds some 2 GB for an example."""


def compare(
    recipe: Recipe,
    examples: Sequence[Example],
    base: Path,
    *,
    steps: int = 2,
    rounds: int = 2,
    progress: Callable[[str], None] = lambda _: None,
) -> dict[str, Any]:
    """`ours` and `peer` in examples per second (the median of the rounds), and their `ratio`.

    Takes `steps + 1` batches of the examples with the commonest system message. Unavailable without trl.
    """
    chosen = commonest(examples, recipe.train.batch * (steps + 1))
    speeds: dict[Side, list[float]] = {"ours": [], "peer": []}
    with tempfile.TemporaryDirectory() as folder:
        job = Path(folder) / "job.json"
        job.write_text(json.dumps({"recipe": recipe.model_dump(), "examples": chosen, "base": str(base)}))
        for number in range(rounds):
            for side in speeds:
                speeds[side].append(measure(side, job))
                progress(f"round {number + 1}, {side}: {speeds[side][-1]:.2f} examples/s")
    ours, peer = (statistics.median(values) for values in speeds.values())
    return {"ours": ours, "peer": peer, "ratio": ours / peer, "rounds": speeds, **sizes(chosen, base, recipe)}


def commonest(examples: Sequence[Example], count: int) -> list[dict[str, str]]:
    """`count` examples that share a system message. Invalid when there are too few."""
    system, _ = Counter(example["system"] for example in examples).most_common(1)[0]
    chosen = [dict(example) for example in examples if example["system"] == system][:count]
    if len(chosen) < count:
        raise Invalid(f"Only {len(chosen)} examples share a system message; {count} are needed.", "Build more.")
    return chosen


def sizes(chosen: Sequence[Example], base: Path, recipe: Recipe) -> dict[str, Any]:
    """What was measured: token counts, batch, threads."""
    import torch

    (pack,) = packs(chosen, Dialogue.load(base))
    return {
        "prefix_tokens": len(pack.prefix),
        "segment_tokens": round(statistics.mean(len(segment.ids) for segment in pack.segments), 1),
        "answer_tokens": round(statistics.mean(segment.answer for segment in pack.segments), 1),
        "batch": recipe.train.batch,
        "examples": len(chosen),
        "precision": _precision(recipe),
        "threads": torch.get_num_threads(),
    }


def _precision(recipe: Recipe) -> str:
    """The precision of both sides on the CPU, as torch names it."""
    from finetune.trainee import precision

    return str(precision(recipe.precision, "cpu")).removeprefix("torch.")


def measure(side: Side, job: Path) -> float:
    """Examples per second of one side, in a new process."""
    command = [sys.executable, "-W", "ignore", "-m", "finetune.bench", side, str(job)]
    # Our training sets this for itself; the peer gets it too, so that a busy machine favours neither.
    environment = {**os.environ, "OMP_WAIT_POLICY": "PASSIVE"}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    if done.returncode != 0:
        last = (done.stderr.strip() or "no message").splitlines()[-1]
        raise Unavailable(f"The {side} side of the benchmark failed: {last}", "Install `lakewright[finetune]`.")
    return float(done.stdout.split()[-1])


def ours(recipe: Recipe, examples: Sequence[Example], base: Path, out: Path) -> list[float]:
    """The time at which each of our steps ended."""
    from finetune.lora import train

    ends: list[float] = []
    train(recipe, examples, out, lambda _: ends.append(time.perf_counter()), base=base)
    return ends


def peer(recipe: Recipe, examples: Sequence[Example], base: Path, out: Path) -> list[float]:
    """The time at which each step of SFTTrainer ended: prompt and completion, loss on the completion."""
    from datasets import Dataset
    from peft import LoraConfig
    from transformers import AutoModelForCausalLM, AutoTokenizer
    from trl import SFTConfig, SFTTrainer

    micro = math.gcd(recipe.train.batch, PEER_MICRO_BATCH)
    lora = LoraConfig(r=recipe.lora.r, lora_alpha=recipe.lora.alpha, target_modules=list(recipe.lora.targets))
    settings = SFTConfig(
        output_dir=str(out),
        per_device_train_batch_size=micro,
        gradient_accumulation_steps=recipe.train.batch // micro,
        num_train_epochs=1,
        learning_rate=recipe.train.lr,
        lr_scheduler_type="cosine",
        max_grad_norm=recipe.train.clip,
        weight_decay=0.0,
        seed=recipe.train.seed,
        completion_only_loss=True,
        gradient_checkpointing=False,  # it would save memory and cost time
        max_length=None,
        bf16=False,
        use_cpu=True,
        save_strategy="no",
        report_to=[],
        disable_tqdm=True,
    )
    ends: list[float] = []
    trainer = SFTTrainer(
        # Frozen weights in the same precision; peft keeps the adapter itself in float32, as ours is.
        model=AutoModelForCausalLM.from_pretrained(base, dtype=_precision(recipe)),
        args=settings,
        train_dataset=Dataset.from_list([rendered(example) for example in examples]),
        processing_class=AutoTokenizer.from_pretrained(base),
        peft_config=lora,
        callbacks=[stopwatch(ends)],
    )
    trainer.train()
    return ends


def rendered(example: Example) -> dict[str, str]:
    """The same text as ours, as trl takes it."""
    prompt = "".join(f"{START}{role}\n{example[role]}{END}\n" for role in ("system", "user"))
    return {"prompt": f"{prompt}{START}assistant\n", "completion": f"{example['answer']}{END}"}


def stopwatch(ends: list[float]) -> Any:
    """A trainer callback that notes when each step ended."""
    from transformers import TrainerCallback

    class Stopwatch(TrainerCallback):
        def on_step_end(self, *_: Any, **__: Any) -> None:
            ends.append(time.perf_counter())

    return Stopwatch()


def main(side: str, file: str) -> None:
    """Run one side of a job and print its examples per second."""
    job = json.loads(Path(file).read_text())
    recipe = Recipe.model_validate({**job["recipe"], "device": "cpu"})
    runner = {"ours": ours, "peer": peer}[side]
    with tempfile.TemporaryDirectory() as out:
        ends = runner(recipe, job["examples"], Path(job["base"]), Path(out))
    print(recipe.train.batch * (len(ends) - 1) / (ends[-1] - ends[0]))  # noqa: T201 - read by `measure`


if __name__ == "__main__":
    main(*sys.argv[1:])
