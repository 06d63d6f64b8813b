"""LoRA training where one system prefix serves many examples.

Examples with the same system message share one forward and backward pass of it (finetune.llama); the loss is
the mean over the answer tokens of a step, equal to that of the ordinary batch.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from agents.endpoints.dialogue import Dialogue
from agents.endpoints.seal import Seal
from data.allocator import MMAP_THRESHOLD, TOP_PAD, TRIM_THRESHOLD, allocate
from data.errors import DataError
from finetune import adapter, examples
from finetune.loop import CHECKPOINT, Loop, Series, Tick, examples_in, ticks
from finetune.packing import Example, Pack, Step, epoch, laid, packs
from finetune.recipe import Recipe
from finetune.trainee import opened
from finetune.watch import Watch, apart

if TYPE_CHECKING:
    from finetune.adapter import Pairs

TRAINED = "training.json"
LEARNT = ("system", "user", "answer", "chosen", "rejected")
"""The parts of an example that are learnt from."""


@dataclass(frozen=True)
class Trained:
    """What a training gave: the adapter's folder, the loss of every step, seconds of this run, the data's hash, what
    was noted of the steps, and why it ended early."""

    adapter: Path
    losses: tuple[float, ...]
    examples: int
    seconds: float
    data_hash: str
    series: Mapping[str, Sequence[tuple[int, float]]] = field(default_factory=dict)
    ended: str = ""

    def write(self, identity: str) -> None:
        """Say beside the adapter that it is whole, and of which run."""
        record = self.adapter / TRAINED
        written = record.with_suffix(".part")
        written.write_text(json.dumps({**asdict(self), "adapter": "", "identity": identity}), encoding="utf-8")
        os.replace(written, record)

    @classmethod
    def read(cls, folder: Path, identity: str) -> Trained | None:
        """What `write` left in the folder; None when that was another run."""
        record = folder / TRAINED
        facts = json.loads(record.read_text(encoding="utf-8")) if record.is_file() else {}
        if facts.pop("identity", None) != identity:
            return None
        series = {key: [(int(step), value) for step, value in values] for key, values in facts["series"].items()}
        return cls(**(facts | {"adapter": folder, "losses": tuple(facts["losses"]), "series": series}))


def train(
    recipe: Recipe,
    examples: Sequence[Example],
    out: Path,
    progress: Callable[[Tick], None] = lambda _: None,
    *,
    base: Path,
    start: Path | None = None,
    resume: bool = False,
) -> Trained:
    """Train an adapter of the model in `base` on the examples and write it to `out`.

    With `start` it goes on from that adapter's weights. Deterministic by the recipe's seed, on a GPU but for the
    order of its sums. A checkpoint is kept in `out` every `checkpoint_every` steps and on Ctrl-C; with `resume`
    the run goes on from it, if it belongs to the same recipe and examples, to the same weights, and a run that had
    ended is not done again.
    """
    tune_process()
    first = adapter.start(start, recipe.lora) if start else {}
    name = identity(recipe, examples, first)
    if resume and (done := Trained.read(out, name)):
        return done
    out.mkdir(parents=True, exist_ok=True)
    (out / TRAINED).unlink(missing_ok=True)
    started, method = time.perf_counter(), {"sft": _supervised, "dpo": _preferred}[recipe.method]
    losses, series, ended = method(recipe, examples, out, progress, base=base, first=first, name=name, resume=resume)
    seconds = time.perf_counter() - started
    trained = Trained(out, tuple(losses), len(examples), seconds, data_hash(examples), series, ended)
    Seal.of(out, recipe.base, base).write(out)
    trained.write(name)
    (out / CHECKPOINT).unlink(missing_ok=True)
    shutil.rmtree(out / "checkpoints", ignore_errors=True)
    return trained


def _supervised(
    recipe: Recipe, examples: Sequence[Example], out: Path, progress: Callable[[Tick], None], *,
    base: Path, first: Pairs, name: str, resume: bool,
) -> tuple[list[float], Series, str]:  # fmt: skip
    """The loss of each step, what was noted of them, and why it ended early."""
    dialogue, settings = Dialogue.load(base), recipe.train
    learnt, held = apart(examples, settings.early_stop, settings.seed)
    loop = _loop(recipe, base, schedule(packs(learnt, dialogue), recipe), first, out / CHECKPOINT, name)
    loop.watch = Watch(settings.early_stop, packs(held, dialogue)) if settings.early_stop else None
    losses = loop.restore() if resume else []
    loop.go(losses, progress)
    adapter.save(loop.model.adapters, out, base=recipe.base, lora=recipe.lora)
    return losses, loop.series, _ended(loop.watch)


def _preferred(
    recipe: Recipe, examples: Sequence[Example], out: Path, progress: Callable[[Tick], None], *,
    base: Path, first: Pairs, name: str, resume: bool,
) -> tuple[list[float], Series, str]:  # fmt: skip
    from finetune import preference

    told = preference.train(recipe, examples, out, progress, base=base, first=first, name=name, resume=resume)
    return told.losses, told.series, ""


def _ended(watch: Watch | None) -> str:
    if watch is None or not watch.over:
        return ""
    return f"The loss of the held examples no longer fell; the weights of step {watch.best_step} are kept."


def _loop(recipe: Recipe, base: Path, plan: tuple[Step, ...], first: Pairs, checkpoint: Path, name: str) -> Loop:
    """The model and its optimiser, ready for the plan's first step."""
    import torch

    model = opened(recipe, base)
    model.load(first)
    optimizer = torch.optim.AdamW(list(model.parameters()), lr=recipe.train.lr, weight_decay=0.0, fused=True)
    return Loop(recipe.train, model, optimizer, plan, checkpoint, name)


def tune_process() -> None:
    """Set this process up for training; call it before torch is loaded.

    A thread that waits sleeps: one that spins takes the core from the thread that it waits for when other
    programs run too. And glibc keeps freed blocks: giving every large tensor back to the system costs about
    an eighth of a step in page faults.
    """
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    allocate({MMAP_THRESHOLD: 32 << 20, TRIM_THRESHOLD: -1, TOP_PAD: 64 << 20})


def speed(recipe: Recipe, examples: Sequence[Example], base: Path) -> float:
    """Examples per second that this machine learns from, by two steps after a first one; nothing is kept."""
    tune_process()
    plan = schedule(packs(examples, Dialogue.load(base)), recipe)[:3]
    loop = _loop(recipe, base, plan, {}, Path(), "")
    loop.gradients(plan[0])
    timed = plan[1:] or plan
    begun = time.perf_counter()
    for step in timed:
        loop.gradients(step)
    return examples_in(timed) / (time.perf_counter() - begun)


def schedule(all_packs: Sequence[Pack], recipe: Recipe) -> tuple[Step, ...]:
    """Every step of every epoch, in order."""
    seeds = range(recipe.train.seed, recipe.train.seed + recipe.train.epochs)
    settings = recipe.train
    steps = (step for seed in seeds for step in epoch(all_packs, settings.batch, seed, settings.together))
    return tuple(laid(step, settings.packing, settings.by_length) for step in steps)


def data_hash(examples: Sequence[Example]) -> str:
    """SHA-256 of the examples in their order."""
    digest = hashlib.sha256()
    for example in examples:
        digest.update(json.dumps([example[key] for key in LEARNT if key in example]).encode())
    return digest.hexdigest()


def identity(recipe: Recipe, examples: Sequence[Example], start: Pairs) -> str:
    """What a checkpoint must agree with: examples, base, the adapter's shape and start, the optimiser's settings."""
    settings = (recipe.lora.model_dump_json(), recipe.train.model_dump_json(), recipe.precision, recipe.quantise)
    digest = hashlib.sha256("|".join((data_hash(examples), recipe.base, *settings)).encode())
    for pair in start.values():
        for tensor in pair:
            digest.update(tensor.contiguous().numpy().tobytes())
    return digest.hexdigest()


def main(arguments: Sequence[str] | None = None) -> None:
    """Train from a written file of examples, without a lakehouse: needs torch, tokenizers and little else."""
    parser = argparse.ArgumentParser(prog="python -m finetune.lora", description=main.__doc__)
    parser.add_argument("recipe", help="a recipe's file, or the name of one that ships")
    parser.add_argument("--examples", type=Path, required=True, help="JSON Lines, as `--until data` writes them")
    parser.add_argument("--base", type=Path, required=True, help="the base model's folder")
    parser.add_argument("--out", type=Path, required=True, help="where the adapter is written")
    parser.add_argument("--resume", action="store_true", help="go on from the checkpoint in OUT")
    given = parser.parse_args(arguments)
    recipe = Recipe.load(given.recipe)
    start = adapter.find(recipe.start, given.base.parent) if recipe.start else None
    _, read = examples.read(given.examples)
    ticker = ticks(lambda line: print(line, file=sys.stderr, flush=True))  # noqa: T201
    trained = train(recipe, read, given.out, ticker, base=given.base, start=start, resume=given.resume)
    print(json.dumps({"adapter": str(trained.adapter), "loss": trained.losses[-1], "seconds": trained.seconds}))  # noqa: T201


if __name__ == "__main__":
    try:
        main()
    except DataError as error:
        sys.exit(str(error))
