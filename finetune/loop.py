"""The loop over a plan of steps: gradients, learning rate, checkpoints, progress."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from data.errors import Invalid
from finetune.meter import Meter
from finetune.packing import Step, passes
from finetune.recipe import Train
from finetune.watch import Watch

if TYPE_CHECKING:
    import torch

    from finetune.trainee import Trainee

CHECKPOINT = "checkpoint.pt"
BAR = 20
"""Letters of a full progress bar."""

Series = dict[str, list[tuple[int, float]]]
"""Values by name, each with the number of its step."""


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
            done = BAR * now.step // now.steps
            say(
                f"[{'#' * done}{'.' * (BAR - done)}] step {now.step} of {now.steps}  loss {now.loss:.4f}  "
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
    watch: Watch | None = None
    series: Series = field(default_factory=dict)
    whole: bool = True

    @property
    def room(self) -> int:
        """The most tokens of a pass; 0 takes one example at a time."""
        return 0 if self.train.packing == "none" else self.train.pass_tokens or self.model.room

    def go(self, losses: list[float], progress: Callable[[Tick], None]) -> None:
        """Do the steps that `losses` does not have yet, adding to it; on Ctrl-C keep what was reached."""
        started, seen, left = time.perf_counter(), 0, examples_in(self.plan[len(losses) :])
        meter = Meter(str(self.model.device.type))
        try:
            while not self.finished(number := len(losses)):
                lr = rate(number, len(self.plan), self.train)
                loss = self.gradients(self.plan[number])
                self.advance(lr, loss, losses)
                done = examples_in(self.plan[number : number + 1])
                seen, left = seen + done, left - done
                speed = seen / (time.perf_counter() - started)
                self.note(number + 1, {"lr": lr, "examples_per_second": speed, **meter.sample()})
                if len(losses) % self.train.checkpoint_every == 0:
                    self.keep(losses)
                progress(Tick(number + 1, len(self.plan), loss, lr, speed, left / speed))
        except KeyboardInterrupt:
            if self.whole:
                self.keep(losses)
            raise
        if self.watch:
            self.watch.keep_best(self.model.parameters())

    def finished(self, done: int) -> bool:
        """Whether the plan is done, or the loss of the held examples, asked if it is time, falls no more."""
        last = done >= len(self.plan)
        if self.watch and (loss := self.watch.look(done, self.model, self.room, last=last)) is not None:
            self.note(done, {"held_loss": loss})
        return last or (self.watch is not None and self.watch.over)

    def note(self, step: int, values: dict[str, float]) -> None:
        """Keep what is told of a step."""
        for name, value in values.items():
            self.series.setdefault(name, []).append((step, value))

    def gradients(self, step: Step) -> float:
        """Add up the gradients of a step's mean loss per answer token, and return that loss."""
        import torch

        self.optimizer.zero_grad()
        tokens, total = sum(pack.answer_tokens for pack in step), torch.zeros((), device=self.model.device)
        for part in passes(step, self.room):
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
        state |= {"series": self.series, "watch": self.watch.state() if self.watch else None}
        written = self.checkpoint.with_suffix(".part")
        with written.open("wb") as file:
            torch.save(state | {"parameters": [p.detach() for p in self.model.parameters()]}, file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(written, self.checkpoint)

    def restore(self) -> list[float]:
        """Take the checkpoint's state and return its losses; none without a checkpoint of this very run."""
        import torch

        if not self.checkpoint.is_file():
            return []
        state = _state(self.checkpoint, self.model.device)
        if state["identity"] != self.identity:
            return []
        with torch.no_grad():
            for parameter, value in zip(self.model.parameters(), state["parameters"], strict=True):
                parameter.copy_(value)
        self.optimizer.load_state_dict(state["optimizer"])
        self.series = {name: [(int(step), value) for step, value in values] for name, values in state["series"].items()}
        if self.watch:
            self.watch.restore(state["watch"])
        return list(state["losses"])


def _state(file: Path, device: torch.device) -> dict[str, Any]:
    """What a checkpoint holds. Invalid where it is cut off."""
    import torch

    try:
        state: dict[str, Any] = torch.load(file, map_location=device, weights_only=True)
        return state
    except Exception as error:  # whatever a zip file's or an unpickler's remains give
        raise Invalid(
            f"The checkpoint {str(file)!r} is corrupt or half-written.",
            "Delete it, or start anew without --resume.",
        ) from error
