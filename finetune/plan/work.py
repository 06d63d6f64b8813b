"""How long a training takes: operations by the tokens that it computes, at the speed of the machine."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from finetune.plan.checks import Check

if TYPE_CHECKING:
    from finetune.plan.machine import Machine
    from finetune.plan.shape import Shape
    from finetune.recipe import Recipe

LONG = 24 * 3600
"""Seconds from which it is said that a GPU would be better."""


@dataclass(frozen=True)
class Work:
    """Tokens that are computed in all epochs, 10^12 operations, and seconds on the machine; `assumed` where the
    examples are not there to be counted."""

    tokens: int
    operations_tera: float
    seconds: float | None
    assumed: bool


def estimate(recipe: Recipe, shape: Shape, machine: Machine, tokens: int, *, assumed: bool) -> Work:
    """Two operations a weight and token forwards, and two backwards, as frozen weights need no gradient of their own;
    two more where layers are recomputed. Preferences compute four passes for one."""
    each = (6 if recipe.train.checkpointing else 4) * (shape.layers * shape.block)
    if recipe.method == "dpo":
        each = int(each * 1.5)  # the reference's pass has no backward
    operations = each * tokens / 1e12
    return Work(tokens, operations, operations / machine.tera if machine.tera else None, assumed)


def check(work: Work, machine: Machine) -> Check:
    if work.seconds is None:
        return Check("time", "warns", "There is nothing here to run it on.")
    assumed = ", if its examples are of the usual length" if work.assumed else ""
    said = f"About {_spoken(work.seconds)} on {machine.name}{assumed}."
    if work.seconds > LONG and machine.device == "cpu":
        return Check("time", "warns", said, "Use a GPU, a smaller base, or fewer examples (`dataset.size`).")
    return Check("time", "ok", said)


def _spoken(seconds: float) -> str:
    for size, unit in ((86400, "days"), (3600, "hours"), (60, "minutes")):
        if seconds >= size:
            return f"{seconds / size:.1f} {unit}"
    return f"{seconds:.0f} seconds"
