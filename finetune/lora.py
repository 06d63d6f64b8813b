"""LoRA training where one system prefix serves many examples.

Examples with the same system message share one forward and backward pass of it (finetune.llama); the loss is
the mean over the answer tokens of a step, equal to that of the ordinary batch.
"""

from __future__ import annotations

import ctypes
import hashlib
import json
import math
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agents.endpoints.dialogue import Dialogue
from finetune import adapter
from finetune.packing import Example, Pack, Step, epoch, packs
from finetune.recipe import Recipe

if TYPE_CHECKING:
    import torch

    from finetune.llama import LoraLlama

CHECKPOINT = "checkpoint.pt"
TRIM_THRESHOLD, TOP_PAD, MMAP_THRESHOLD = -1, -2, -3
"""The options of glibc's mallopt that `tune_process` sets."""


@dataclass(frozen=True)
class Tick:
    """Where the training stands: loss of this step per answer token, examples per second, seconds left."""

    step: int
    steps: int
    loss: float
    lr: float
    examples_per_second: float
    seconds_left: float


@dataclass(frozen=True)
class Trained:
    """What a training gave: the adapter's folder, the loss of every step, seconds of this run, the data's
    hash."""

    adapter: Path
    losses: tuple[float, ...]
    examples: int
    seconds: float
    data_hash: str


def train(
    recipe: Recipe,
    examples: Sequence[Example],
    out: Path,
    progress: Callable[[Tick], None] = lambda _: None,
    *,
    base: Path,
    resume: bool = False,
) -> Trained:
    """Train an adapter of the model in `base` on the examples and write it to `out`.

    Deterministic by the recipe's seed. A checkpoint is kept in `out` every `checkpoint_every` steps and on
    Ctrl-C; with `resume` the run goes on from it, if it belongs to the same recipe and examples, to the same
    weights.
    """
    tune_process()
    import torch

    from finetune.llama import LoraLlama

    out.mkdir(parents=True, exist_ok=True)
    plan = schedule(packs(examples, Dialogue.load(base)), recipe)
    where = device(recipe.device)
    model = LoraLlama(
        base,
        r=recipe.lora.r,
        alpha=recipe.lora.alpha,
        targets=frozenset(recipe.lora.targets),
        seed=recipe.train.seed,
        device=where,
        precision=precision(recipe.precision, where),
    )
    optimizer = torch.optim.AdamW(list(model.parameters()), lr=recipe.train.lr, weight_decay=0.0)
    run = Run(recipe, model, optimizer, plan, out / CHECKPOINT, identity(recipe, examples))
    losses = run.restore() if resume else []
    started = time.perf_counter()
    run.go(losses, progress)
    adapter.save(
        model.adapters,
        out,
        base=recipe.base,
        r=recipe.lora.r,
        alpha=recipe.lora.alpha,
        targets=recipe.lora.targets,
    )
    run.checkpoint.unlink(missing_ok=True)
    return Trained(out, tuple(losses), len(examples), time.perf_counter() - started, data_hash(examples))


def device(wanted: str) -> str:
    """`cpu` or `cuda`; `auto` takes a GPU when there is one."""
    import torch

    return ("cuda" if torch.cuda.is_available() else "cpu") if wanted == "auto" else wanted


def precision(wanted: str, device: str) -> torch.dtype:
    """`float32` or `bfloat16`; `auto` takes the latter where the device multiplies it natively."""
    import torch

    if wanted != "auto":
        return torch.float32 if wanted == "float32" else torch.bfloat16
    if device == "cuda":
        native = torch.cuda.is_bf16_supported(including_emulation=False)
    else:
        abilities = torch.cpu.get_capabilities()
        native = any(abilities.get(name) for name in ("avx512_bf16", "amx_bf16"))
    return torch.bfloat16 if native else torch.float32


def tune_process() -> None:
    """Set this process up for training; call it before torch is loaded.

    A thread that waits sleeps: one that spins takes the core from the thread that it waits for when other
    programs run too. And glibc keeps freed blocks: giving every large tensor back to the system costs about
    an eighth of a step in page faults.
    """
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    try:
        allocator = ctypes.CDLL("libc.so.6").mallopt
    except (OSError, AttributeError):
        return
    for option, size in ((MMAP_THRESHOLD, 32 << 20), (TRIM_THRESHOLD, -1), (TOP_PAD, 64 << 20)):
        allocator(option, size)


def schedule(all_packs: Sequence[Pack], recipe: Recipe) -> tuple[Step, ...]:
    """Every step of every epoch, in order."""
    seeds = range(recipe.train.seed, recipe.train.seed + recipe.train.epochs)
    return tuple(step for seed in seeds for step in epoch(all_packs, recipe.train.batch, seed))


def examples_in(plan: Sequence[Step]) -> int:
    """How many examples these steps have."""
    return sum(len(pack.segments) for step in plan for pack in step)


def rate(step: int, steps: int, recipe: Recipe) -> float:
    """The learning rate of a step: linear warm-up, then a cosine down to zero."""
    warm = max(1, round(recipe.train.warmup * steps))
    if step < warm:
        return recipe.train.lr * (step + 1) / warm
    return recipe.train.lr * 0.5 * (1 + math.cos(math.pi * (step - warm) / max(1, steps - warm)))


def data_hash(examples: Sequence[Example]) -> str:
    """SHA-256 of the examples in their order."""
    digest = hashlib.sha256()
    for example in examples:
        digest.update(json.dumps([example["system"], example["user"], example["answer"]]).encode())
    return digest.hexdigest()


def identity(recipe: Recipe, examples: Sequence[Example]) -> str:
    """What a checkpoint must agree with: the examples, the base, the adapter and the optimiser's settings."""
    settings = (recipe.lora.model_dump_json(), recipe.train.model_dump_json(), recipe.precision)
    parts = (data_hash(examples), recipe.base, *settings)
    return hashlib.sha256("|".join(parts).encode()).hexdigest()


@dataclass
class Run:
    """The loop over a plan, with its checkpoint."""

    recipe: Recipe
    model: LoraLlama
    optimizer: torch.optim.Optimizer
    plan: tuple[Step, ...]
    checkpoint: Path
    identity: str
    whole: bool = True

    def go(self, losses: list[float], progress: Callable[[Tick], None]) -> None:
        """Do the steps that `losses` does not have yet, adding to it; on Ctrl-C keep what was reached."""
        started, seen = time.perf_counter(), 0
        try:
            while (number := len(losses)) < len(self.plan):
                lr = rate(number, len(self.plan), self.recipe)
                loss = self.gradients(self.plan[number])
                self.advance(lr, loss, losses)
                seen += examples_in(self.plan[number : number + 1])
                if len(losses) % self.recipe.train.checkpoint_every == 0:
                    self.keep(losses)
                speed = seen / (time.perf_counter() - started)
                left = examples_in(self.plan[number + 1 :]) / speed
                progress(Tick(number + 1, len(self.plan), loss, lr, speed, left))
        except KeyboardInterrupt:
            if self.whole:
                self.keep(losses)
            raise

    def gradients(self, step: Step) -> float:
        """Add up the gradients of a step's mean loss per answer token, and return that loss."""
        self.optimizer.zero_grad()
        tokens, total = sum(pack.answer_tokens for pack in step), 0.0
        for pack in step:
            loss = self.model.loss(pack) / tokens
            loss.backward()
            total += float(loss.detach())
        return total

    def advance(self, lr: float, loss: float, losses: list[float]) -> None:
        """Move the adapter. Until it is done, weights and `losses` disagree and are not `whole`."""
        import torch

        self.whole = False
        for group in self.optimizer.param_groups:
            group["lr"] = lr
        torch.nn.utils.clip_grad_norm_(list(self.model.parameters()), self.recipe.train.clip)
        self.optimizer.step()
        losses.append(loss)
        self.whole = True

    def keep(self, losses: Sequence[float]) -> None:
        """Write the checkpoint beside its place and move it there: an interrupted write harms nothing."""
        import torch

        state = {"identity": self.identity, "losses": list(losses), "optimizer": self.optimizer.state_dict()}
        written = self.checkpoint.with_suffix(".part")
        torch.save(state | {"parameters": [p.detach() for p in self.model.parameters()]}, written)
        os.replace(written, self.checkpoint)

    def restore(self) -> list[float]:
        """Take the checkpoint's state and return its losses; none without a checkpoint of this very run."""
        import torch

        if not self.checkpoint.is_file():
            return []
        state: dict[str, Any] = torch.load(self.checkpoint, map_location=self.model.device, weights_only=True)
        if state["identity"] != self.identity:
            return []
        with torch.no_grad():
            for parameter, value in zip(self.model.parameters(), state["parameters"], strict=True):
                parameter.copy_(value)
        self.optimizer.load_state_dict(state["optimizer"])
        return list(state["losses"])
