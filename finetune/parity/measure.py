"""The comparison itself: the trainer writes answers, every other form is led along them."""

from __future__ import annotations

import gc
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from langchain_core.messages import HumanMessage, SystemMessage

from agents.endpoints import Endpoint
from agents.endpoints.decoding import Engine
from agents.endpoints.dialogue import Dialogue
from finetune.parity import faults, form, walk
from finetune.parity.faults import Fault, Made
from finetune.parity.form import Form, Served
from finetune.parity.prompt import Prompt
from finetune.recipe import Bounds, Recipe

ROUNDING = 0.02
"""What a log-probability may differ by where an adapter is merged in half precision."""


@dataclass(frozen=True)
class Likeness:
    """A form beside the trainer: the share of tokens that are the same, and how far a log-probability is off on
    average (None where the form does not tell)."""

    form: str
    agreement: float
    logprob: float | None

    def within(self, bounds: Bounds) -> bool:
        return self.agreement >= bounds.agreement and (self.logprob is None or self.logprob <= bounds.logprob)


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
    endpoint: Callable[[], Endpoint] | None = None,
) -> Parity:  # fmt: skip
    """Set the forms of an adapter, and an endpoint that serves it, beside its trainer."""
    made = Made(base, adapter)
    with forms(recipe, made, models) as opened:
        if isinstance(opened, Fault):
            return Parity((), opened)
        served = [*opened, *([Served(endpoint())] if endpoint else [])]
        return _compared(recipe, made, served, prompts)


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


def _compared(recipe: Recipe, made: Made, served: Sequence[Form | Served], prompts: Sequence[Prompt]) -> Parity:
    trained, *others = served
    assert isinstance(trained, Form)
    dialogue, found = Dialogue.load(made.base), list[Likeness]()
    with _open(trained) as engine:
        paths = walk.written(engine, dialogue, prompts, recipe.parity.tokens)
    for other in others:
        likeness = _likeness(other, dialogue, prompts, paths)
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


def _likeness(
    other: Form | Served, dialogue: Dialogue, prompts: Sequence[Prompt], paths: Sequence[walk.Path]
) -> Likeness:
    if isinstance(other, Served):
        return _of_endpoint(other.endpoint, dialogue, prompts, paths)
    return _beside(other.name, paths, _led(other, dialogue, prompts, paths))


def _led(one: Form, dialogue: Dialogue, prompts: Sequence[Prompt], paths: Sequence[walk.Path]) -> list[walk.Path]:
    with _open(one) as engine:
        return walk.followed(engine, dialogue, prompts, paths)


def _beside(name: str, ours: Sequence[walk.Path], theirs: Sequence[walk.Path]) -> Likeness:
    both = list(zip(ours, theirs, strict=True))
    same = [a == b for mine, their in both for a, b in zip(mine.likeliest, their.likeliest, strict=True)]
    apart = [abs(a - b) for mine, their in both for a, b in zip(mine.logprobs, their.logprobs, strict=True)]
    return Likeness(name, _mean(same), _mean(apart))


def _badly_merged(
    merged: Form, recipe: Recipe, made: Made, prompts: Sequence[Prompt], paths: Sequence[walk.Path]
) -> bool:
    """Whether merging went wrong: in single precision, base and adapter side by side compute something else."""
    plain = recipe.model_copy(update={"precision": "float32", "quantise": "none"})
    dialogue = Dialogue.load(made.base)
    apart = _led(form.trainer(plain, made.base, made.adapter), dialogue, prompts, paths)
    found = _beside("merged", apart, _led(merged, dialogue, prompts, paths))
    return not found.within(Bounds(agreement=0, logprob=ROUNDING))


def _of_endpoint(
    endpoint: Endpoint, dialogue: Dialogue, prompts: Sequence[Prompt], paths: Sequence[walk.Path]
) -> Likeness:
    """An endpoint writes freely: its tokens are compared up to where either answer ends, its probability where both
    are the same."""
    same, apart = list[float](), list[float]()
    for prompt, path in zip(prompts, paths, strict=True):
        messages = [SystemMessage(prompt.system), HumanMessage(prompt.user)]
        said = endpoint.chat.invoke(messages, max_tokens=len(path.ids))
        theirs = dialogue.answer(str(said.content))[: len(path.ids)]
        same += [mine == their for mine, their in zip(path.ids, theirs, strict=False)]
        same += [0.0] * (len(path.ids) - len(theirs))
        sure = said.response_metadata.get("logprob")
        if isinstance(sure, float) and tuple(theirs) == path.ids:
            apart.append(abs(sure - sum(path.logprobs)) / len(path.ids))
    return Likeness("endpoint", _mean(same), _mean(apart) if apart else None)


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


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values) if values else 1.0
