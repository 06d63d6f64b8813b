"""Our training beside trl.SFTTrainer and LLaMA-Factory with their own packing: same model, data, LoRA, batch, precision
and epochs.

Each side runs in a process of its own, in turns: neither warms the machine for the other, and each has its own peak of
memory. What it learnt is asked of examples that neither saw. The first step of a process is not timed.
"""

from __future__ import annotations

import json
import os
import random
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any, Literal

from agents.endpoints.dialogue import END, START, Dialogue
from data.errors import Invalid, Unavailable
from finetune import factory
from finetune.held import check
from finetune.learn.stages import Stages
from finetune.packing import Example, packs
from finetune.recipe import Recipe

Side = Literal["ours", "peer", "factory"]
"""`peer` is trl."""
SIDES: tuple[Side, ...] = ("ours", "peer")
FACTORY: Side = "factory"
Ends = list[tuple[float, float]]
"""When each step ended, by the clock and by the processor time of the process."""

PREFIX = 400
"""Tokens of a system message that are aimed at."""
PEER_ROW = 2048
"""Tokens of a row that the others pack whole examples into: what our own pass takes on a CPU."""


@dataclass(frozen=True)
class Measured:
    """One side: examples per second, processor seconds of an example, the most memory in MB, and what it makes of the
    examples that it never saw. Processor time tells the two apart where other programs take the cores too."""

    examples_per_second: float
    cpu_seconds: float
    peak_mb: float
    held_loss: float
    held_exact: float
    held_tokens: float


def compare(
    recipe: Recipe,
    draw: Callable[[], Sequence[Example]],
    base: Path,
    folder: Path,
    *,
    steps: int = 8,
    held: int = 64,
    rounds: int = 1,
    python: Path | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> dict[str, Any]:
    """`ours` and `peer` in examples per second (the median of the rounds), their `ratio`, and the `sides`. With the
    `python` of an environment that has LLaMA-Factory, this is one of them, and has a `factory_ratio`.

    Trains on `steps` batches of the examples whose system message has about 400 tokens, and asks `held` others of
    them. What was measured is kept in `folder`, so that the same comparison goes on where it was interrupted.
    Unavailable without trl.
    """
    sides = SIDES if python is None else (*SIDES, FACTORY)
    turns = [(side, f"{side}-{number + 1}") for number in range(rounds) for side in sides]
    stages = Stages(folder, ("examples", *(name for _, name in turns)), None, progress)
    folder.mkdir(parents=True, exist_ok=True)
    asked = {"recipe": recipe.model_dump(mode="json"), "base": str(base), "steps": steps, "held": held}
    stages.begin({**asked, "rounds": rounds, "python": str(python or "")})
    made = stages.run("examples", lambda: _job(recipe, draw(), base, steps, held))
    found: dict[Side, list[Measured]] = {side: [] for side in sides}
    with tempfile.TemporaryDirectory() as room:
        job = Path(room) / "job.json"
        job.write_text(json.dumps({**made, "python": str(python or "")}))
        for side, name in turns:
            found[side].append(Measured(**stages.run(name, partial(_side, side, job))))
            progress(f"{name}: {found[side][-1]}")
    return _told(found) | sizes(made["learnt"], base, recipe)


def _job(recipe: Recipe, drawn: Sequence[Example], base: Path, steps: int, held: int) -> dict[str, Any]:
    """What both sides are given."""
    count = recipe.train.batch * steps
    chosen = alike(drawn, count + held, Dialogue.load(base))
    given = {"recipe": recipe.model_dump(mode="json"), "base": str(base)}
    return {**given, "learnt": chosen[:count], "held": chosen[count:]}


def _side(side: Side, job: Path) -> dict[str, float]:
    return asdict(measure(side, job))


def _told(found: Mapping[Side, Sequence[Measured]]) -> dict[str, Any]:
    """The medians of the rounds, side by side."""
    sides = {
        side: {name: statistics.median(run[name] for run in map(asdict, runs)) for name in asdict(runs[0])}
        for side, runs in found.items()
    }
    told: dict[str, Any] = {side: sides[side]["examples_per_second"] for side in sides}
    for side in sides.keys() - {"ours"}:
        name = "" if side == "peer" else f"{side}_"
        told[f"{name}ratio"] = told["ours"] / told[side]
        told[f"{name}cpu_ratio"] = sides[side]["cpu_seconds"] / sides["ours"]["cpu_seconds"]
    return {**told, "sides": sides}


def alike(examples: Sequence[Example], count: int, dialogue: Dialogue) -> list[dict[str, str]]:
    """`count` examples, mixed, of the system messages whose length is nearest to 400 tokens. Invalid when there are
    too few."""
    groups = defaultdict[str, list[Example]](list)
    for example in examples:
        groups[example["system"]].append(example)
    nearest = sorted(groups, key=lambda system: abs(len(dialogue.prefix(system)) - PREFIX))
    chosen = [dict(example) for system in nearest for example in groups[system]][:count]
    if len(chosen) < count:
        raise Invalid(f"There are {len(chosen)} examples; {count} are needed.", "Build more.")
    random.Random(PREFIX).shuffle(chosen)
    return chosen


def sizes(chosen: Sequence[Example], base: Path, recipe: Recipe) -> dict[str, Any]:
    """What was measured: token counts, batch, threads."""
    import torch

    each = [(len(pack.prefix), s) for pack in packs(chosen, Dialogue.load(base)) for s in pack.segments]
    return {
        "prefixes": len({example["system"] for example in chosen}),
        "prefix_tokens": round(statistics.mean(prefix for prefix, _ in each), 1),
        "segment_tokens": round(statistics.mean(len(segment.ids) for _, segment in each), 1),
        "answer_tokens": round(statistics.mean(segment.answer for _, segment in each), 1),
        "batch": recipe.train.batch,
        "examples": len(chosen),
        "precision": _precision(recipe),
        "threads": torch.get_num_threads(),
    }


def _precision(recipe: Recipe) -> str:
    """The precision of both sides on the CPU, as torch names it."""
    from finetune.trainee import precision

    return str(precision(recipe.precision, "cpu")).removeprefix("torch.")


def measure(side: Side, job: Path) -> Measured:
    """One side of a job, in a new process."""
    command = [sys.executable, "-W", "ignore", "-m", "finetune.bench", side, str(job)]
    # Our training sets this for itself; the peer gets it too, so that a busy machine favours neither.
    environment = {**os.environ, "OMP_WAIT_POLICY": "PASSIVE"}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    if done.returncode != 0:
        last = (done.stderr.strip() or "no message").splitlines()[-1]
        raise Unavailable(f"The {side} side of the benchmark failed: {last}", "Install `lakewright[finetune]`.")
    return Measured(**json.loads(done.stdout.splitlines()[-1]))


def ours(recipe: Recipe, examples: Sequence[Example], base: Path, out: Path) -> Ends:
    """When each of our steps ended."""
    from finetune.lora import train

    ends: Ends = []
    train(recipe, examples, out, lambda _: ends.append(now()), base=base)
    return ends


def peer(recipe: Recipe, examples: Sequence[Example], base: Path, out: Path) -> Ends:
    """When each step of SFTTrainer ended: prompt and completion, loss on the completion, rows packed."""
    from datasets import Dataset
    from peft import LoraConfig
    from transformers import AutoModelForCausalLM, AutoTokenizer
    from trl import SFTConfig, SFTTrainer

    train = recipe.train
    lora = LoraConfig(r=recipe.lora.r, lora_alpha=recipe.lora.alpha, target_modules=list(recipe.lora.targets))
    settings = SFTConfig(
        output_dir=str(out),
        packing=True,
        max_length=PEER_ROW,
        per_device_train_batch_size=1,
        gradient_accumulation_steps=max(1, train.batch // _in_a_row(examples, base)),
        num_train_epochs=train.epochs,
        learning_rate=train.lr,
        lr_scheduler_type="cosine",
        warmup_steps=train.warmup,
        max_grad_norm=train.clip,
        weight_decay=0.0,
        seed=train.seed,
        completion_only_loss=True,
        gradient_checkpointing=False,  # it would save memory and cost time
        bf16=False,
        use_cpu=True,
        save_strategy="no",
        report_to=[],
        disable_tqdm=True,
    )
    ends: Ends = []
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
    trainer.model.save_pretrained(out)
    return ends


def in_factory(python: Path, recipe: Recipe, examples: Sequence[Example], base: Path, out: Path) -> factory.Run:
    """The same with LLaMA-Factory, which packs into rows of the same size."""
    exact = recipe.model_copy(update={"precision": _precision(recipe)})
    rows = max(1, recipe.train.batch // _in_a_row(examples, base))
    return factory.train(python, exact, examples, base, out, row=PEER_ROW, rows_a_step=rows)


def _in_a_row(examples: Sequence[Example], base: Path) -> int:
    """About how many examples fit into a row of the peer, so that a step of both sides learns as many."""
    sizes = [len(p.prefix) + len(s.ids) for p in packs(examples, Dialogue.load(base)) for s in p.segments]
    return max(1, int(PEER_ROW // statistics.mean(sizes)))


def now() -> tuple[float, float]:
    return time.perf_counter(), time.process_time()


def rendered(example: Example) -> dict[str, str]:
    """The same text as ours, as trl takes it."""
    prompt = "".join(f"{START}{role}\n{example[role]}{END}\n" for role in ("system", "user"))
    return {"prompt": f"{prompt}{START}assistant\n", "completion": f"{example['answer']}{END}"}


def stopwatch(ends: Ends) -> Any:
    """A trainer callback that notes when each step ended."""
    from transformers import TrainerCallback

    class Stopwatch(TrainerCallback):
        def on_step_end(self, *_: Any, **__: Any) -> None:
            ends.append(now())

    return Stopwatch()


def main(side: str, file: str) -> None:
    """Run one side of a job and print what was measured of it."""
    job = json.loads(Path(file).read_text())
    recipe, base = Recipe.model_validate({**job["recipe"], "device": "cpu"}), Path(job["base"])
    with tempfile.TemporaryDirectory() as out:
        if side == FACTORY:
            run = in_factory(Path(job["python"]), recipe, job["learnt"], base, Path(out))
            ends, peak = run.ends, run.peak_mb
        else:
            ends = {"ours": ours, "peer": peer}[side](recipe, job["learnt"], base, Path(out))
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6
        told = check(recipe, job["held"], base, Path(out))
    steps = len(ends)
    timed = len(job["learnt"]) * recipe.train.epochs * (steps - 1) / steps
    clock, used = (last - first for first, last in zip(ends[0], ends[-1], strict=True))
    print(json.dumps(asdict(Measured(timed / clock, used / timed, peak, told.loss, told.exact, told.tokens))))  # noqa: T201 - for `measure`


if __name__ == "__main__":
    main(*sys.argv[1:])
