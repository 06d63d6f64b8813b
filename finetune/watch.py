"""Early stop: the loss of examples that are held back, and the adapter that did best on them."""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from finetune.packing import Example, Pack, passes
from finetune.recipe import EarlyStop

if TYPE_CHECKING:
    from torch import Tensor

    from finetune.trainee import Trainee

SMALLEST_GAIN = 1e-3
"""A loss that fell by a smaller share did not fall."""


def apart(examples: Sequence[Example], settings: EarlyStop | None, seed: int) -> tuple[list[Example], list[Example]]:
    """The examples to learn from, and those held back; at least one of each."""
    if settings is None:
        return list(examples), []
    count = min(max(1, round(settings.share * len(examples))), len(examples) - 1)
    held = set(random.Random(seed).sample(range(len(examples)), count))
    return [e for i, e in enumerate(examples) if i not in held], [e for i, e in enumerate(examples) if i in held]


@dataclass
class Watch:
    """Asks the held examples now and then. What it knows travels in the checkpoint."""

    settings: EarlyStop
    held: tuple[Pack, ...]
    losses: list[tuple[int, float]] = field(default_factory=list)
    best: list[Tensor] = field(default_factory=list)

    def look(self, step: int, model: Trainee, room: int, *, last: bool) -> float | None:
        """The held loss per answer token when it is time to ask, as at the end, None otherwise, or when it was asked
        already."""
        asked = self.losses[-1][0] if self.losses else 0
        if (step % self.settings.every and not last) or step == asked:
            return None
        tokens = sum(pack.answer_tokens for pack in self.held)
        loss = sum(model.judge(part)[0] for part in passes(self.held, room)) / tokens
        self.losses.append((step, loss))
        if self.best_step == step:
            self.best = [parameter.detach().cpu().clone() for parameter in model.parameters()]
        return loss

    @property
    def best_step(self) -> int:
        """The step that no later one was better than."""
        step, least = 0, float("inf")
        for number, loss in self.losses:
            if loss < least * (1 - SMALLEST_GAIN):
                step, least = number, loss
        return step

    @property
    def over(self) -> bool:
        """Whether the last `patience` looks brought no gain."""
        since = sum(1 for step, _ in self.losses if step > self.best_step)
        return since >= self.settings.patience

    def keep_best(self, parameters: Iterable[Tensor]) -> None:
        """Put the best weights back."""
        for parameter, value in zip(parameters, self.best, strict=False):
            parameter.data.copy_(value)

    def state(self) -> dict[str, Any]:
        return {"losses": [list(pair) for pair in self.losses], "best": self.best}

    def restore(self, state: dict[str, Any]) -> None:
        self.losses = [(int(step), float(loss)) for step, loss in state["losses"]]
        self.best = list(state["best"])
