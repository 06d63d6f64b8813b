"""The comparison itself: the trainer writes answers, every other form is led along them."""

from __future__ import annotations

import gc
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from agents.endpoints import Endpoint
from agents.endpoints.decoding import Engine
from agents.endpoints.dialogue import Dialogue
from finetune.parity import endpoint, faults, form, walk
from finetune.parity.faults import Fault, Made
from finetune.parity.form import Form, Served
from finetune.parity.likeness import Likeness, beside
from finetune.parity.prompt import Prompt
from finetune.recipe import Bounds, Recipe

ROUNDING = 0.02
"""What a log-probability may differ by where an adapter is merged in half precision."""


@dataclass(frozen=True)
class Parity:
    """How alike the forms are, and what is off if they are not."""

    found: tuple[Likeness, ...]
    fault: Fault | None = None

    @property
    def metrics(self) -> dict[str, float]:
        """What the registry is told."""
        told = {f"parity_{one.form}_agreement": one.agreement for one in self.found}
        return told | {f"parity_{one.form}_logprob": one.logprob for one in self.found if one.logprob is not None}

    @property
    def why(self) -> str:
        """For people."""
        if self.fault:
            return f"What would be served is not what was trained; off is the {self.fault}."
        told = ", ".join(f"{one.form} {one.agreement:.3f}" for one in self.found)
        return f"The served forms write what the trainer writes (same tokens: {told})."


def check(
    recipe: Recipe, base: Path, adapter: Path, models: Path, prompts: Sequence[Prompt],
    served: Callable[[], Endpoint] | None = None,
) -> Parity:  # fmt: skip
    """Set the forms of an adapter, and an endpoint that serves it, beside its trainer."""
    made = Made(base, adapter)
    with forms(recipe, made, models) as opened:
        if isinstance(opened, Fault):
            return Parity((), opened)
        every: list[Form | Served] = [*opened, *([Served(served())] if served else [])]
        return _compared(recipe, made, every, prompts)


@contextmanager
def forms(recipe: Recipe, made: Made, models: Path) -> Iterator[list[Form] | Fault]:
    """The forms, the trainer's first; or what is off so that they can't be made or must not be served."""
    trained = form.trainer(recipe, made.base, made.adapter)
    fault = faults.first(trained, made)
    if fault:
        yield fault
        return
    with tempfile.TemporaryDirectory(dir=models, prefix=".parity-") as room:
        made_of_it = list(form.all_of(recipe, made.base, made.adapter, models, Path(room)))
        found = (faults.first(one, made) for one in made_of_it[1:])
        yield next((fault for fault in found if fault), made_of_it)


def _compared(recipe: Recipe, made: Made, every: Sequence[Form | Served], prompts: Sequence[Prompt]) -> Parity:
    trained, *others = every
    assert isinstance(trained, Form)
    dialogue, found = Dialogue.load(made.base), list[Likeness]()
    with _open(trained) as engine:
        paths = walk.written(engine, dialogue, prompts, recipe.parity.tokens)
    for other in others:
        if isinstance(other, Served):
            likeness, fault = endpoint.likeness(other.endpoint, dialogue, prompts, paths)
            if fault:
                return Parity((*found, likeness), fault)
        else:
            likeness = beside(other.name, paths, _led(other, dialogue, prompts, paths))
        found.append(likeness)
        bounds: Bounds = getattr(recipe.parity, other.name)
        if not likeness.within(bounds):
            part: faults.Part = "precision"
            if (
                other.name == "merged"
                and isinstance(other, Form)
                and _badly_merged(other, recipe, made, prompts, paths)
            ):
                part = "adapter"
            return Parity(tuple(found), Fault(part, other.name, _said(likeness, bounds)))
    return Parity(tuple(found))


def _led(one: Form, dialogue: Dialogue, prompts: Sequence[Prompt], paths: Sequence[walk.Path]) -> list[walk.Path]:
    with _open(one) as engine:
        return walk.followed(engine, dialogue, prompts, paths)


def _badly_merged(
    merged: Form, recipe: Recipe, made: Made, prompts: Sequence[Prompt], paths: Sequence[walk.Path]
) -> bool:
    """Whether merging went wrong: in single precision, base and adapter side by side compute something else."""
    plain = recipe.model_copy(update={"precision": "float32", "quantise": "none"})
    dialogue = Dialogue.load(made.base)
    apart = _led(form.trainer(plain, made.base, made.adapter), dialogue, prompts, paths)
    found = beside("merged", apart, _led(merged, dialogue, prompts, paths))
    return not found.within(Bounds(agreement=0, logprob=ROUNDING))


def _said(found: Likeness, bounds: Bounds) -> str:
    told = f"{found.agreement:.3f} of the tokens are the trainer's (at least {bounds.agreement})"
    if found.logprob is None:
        return told
    return f"{told}, and log-probabilities differ by {found.logprob:.4f} (at most {bounds.logprob})"


@contextmanager
def _open(one: Form) -> Iterator[Engine]:
    """The engine, whose memory is given back: two of them may not fit."""
    engine = one.open()
    try:
        yield engine
    finally:
        del engine
        gc.collect()
