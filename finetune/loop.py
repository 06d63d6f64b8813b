"""The loop over a plan of steps: gradients, learning rate, checkpoints, progress."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from finetune.packing import Step, passes
from finetune.recipe import Train

if TYPE_CHECKING:
    import torch

    from finetune.trainee import Trainee

CHECKPOINT = "checkpoint.pt"


@dataclass(frozen=True)
class Tick:
    """Where the training stands: loss of this step per answer token, examples per second, seconds left."""

    step: int
    steps: int
    loss: float
    lr: float
    examples_per_second: float
    seconds_left: float


def ticks(say: Callable[[str], None]) -> Callable[[Tick], None]:
    """Tell every fifth step, and the last."""

    def tick(now: Tick) -> None:
        if now.step % 5 == 0 or now.step == now.steps:
            say(
                f"step {now.step} of {now.steps}  loss {now.loss:.4f}  "
                f"{now.examples_per_second:.2f} examples/s  {now.seconds_left / 60:.1f} min left"
            )

    return tick


def rate(step: int, steps: int, train: Train) -> float:
    """The learning rate of a step: linear warm-up, then a cosine down to zero."""
    warm = max(1, round(train.warmup * steps))
    if step < warm:
        return train.lr * (step + 1) / warm
    return train.lr * 0.5 * (1 + math.cos(math.pi * (step - warm) / max(1, steps - warm)))


def examples_in(plan: Sequence[Step]) -> int:
    """How many examples these steps have."""
    return sum(len(pack.segments) for step in plan for pack in step)


@dataclass
class Loop:
    """The loop over a plan, with its checkpoint."""

    train: Train
    model: Trainee
    optimizer: torch.optim.Optimizer
    plan: tuple[Step, ...]
    checkpoint: Path
    identity: str
    whole: bool = True

    def go(self, losses: list[float], progress: Callable[[Tick], None]) -> None:
        """Do the steps that `losses` does not have yet, adding to it; on Ctrl-C keep what was reached."""
        started, seen, left = time.perf_counter(), 0, examples_in(self.plan[len(losses) :])
        try:
            while (number := len(losses)) < len(self.plan):
                lr = rate(number, len(self.plan), self.train)
                loss = self.gradients(self.plan[number])
                self.advance(lr, loss, losses)
                done = examples_in(self.plan[number : number + 1])
                seen, left = seen + done, left - done
                if len(losses) % self.train.checkpoint_every == 0:
                    self.keep(losses)
                speed = seen / (time.perf_counter() - started)
                progress(Tick(number + 1, len(self.plan), loss, lr, speed, left / speed))
        except KeyboardInterrupt:
            if self.whole:
                self.keep(losses)
            raise

    def gradients(self, step: Step) -> float:
        """Add up the gradients of a step's mean loss per answer token, and return that loss."""
        import torch

        self.optimizer.zero_grad()
        tokens, total = sum(pack.answer_tokens for pack in step), torch.zeros((), device=self.model.device)
        for part in passes(step, self.model.room):
            loss = self.model.loss(part) / tokens
            loss.backward()
            total += loss.detach()
        return float(total)

    def advance(self, lr: float, loss: float, losses: list[float]) -> None:
        """Move the adapter. Until it is done, weights and `losses` disagree and are not `whole`."""
        import torch

        self.whole = False
        for group in self.optimizer.param_groups:
            group["lr"] = lr
        torch.nn.utils.clip_grad_norm_(list(self.model.parameters()), self.train.clip)
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
