"""Whether a recipe can work here, or on a GPU that is named, told before any weight is loaded."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from agents.endpoints import weights
from data.errors import DataError
from finetune.plan import checks, lengths, memory, work
from finetune.plan.checks import Check
from finetune.plan.machine import Machine
from finetune.plan.shape import Shape, shape_of

if TYPE_CHECKING:
    from pathlib import Path

    from finetune.recipe import Recipe
    from finetune.workshop import Workshop


@dataclass(frozen=True)
class Plan:
    """Every check, and the figures behind them: None where they could not be known."""

    recipe: str
    works: bool
    checks: tuple[Check, ...]
    base: dict[str, Any] | None
    machine: dict[str, Any]
    lengths: dict[str, Any] | None
    memory: dict[str, Any] | None
    time: dict[str, Any] | None

    def document(self) -> dict[str, Any]:
        return asdict(self)


def plan(recipe: Recipe, shop: Workshop, gpu: str | None = None) -> Plan:
    """Check the recipe against its data, its base and the machine; `gpu` names another one to plan for.

    Loads no weight. Reads the examples where that is quick: those of a file or a table, or drawn ones.
    """
    machine = Machine.named(gpu) if gpu else Machine.here(recipe.device)
    found: list[Check] = [Check("recipe", "ok", f"{recipe.name} is well formed.")]
    folder = _folder(recipe, shop)
    shape, told = _shape(recipe, folder)
    found += [told, *checks.of_software(recipe), *checks.of_files(recipe, shop)]
    measured = lengths.measure(recipe, shop, folder, shape)
    found += measured.checks
    if shape is not None:
        found += [checks.of_targets(recipe, shape), *checks.of_template(recipe, folder)]
    need = memory.need(recipe, shape, machine, measured.longest) if shape else None
    time = None
    if shape and measured.tokens:
        assumed = measured.document is None
        time = work.estimate(recipe, shape, machine, measured.tokens, assumed=assumed)
    if shape is not None and need is not None:
        found.append(memory.check(recipe, shape, machine, need, measured.longest))
    if time is not None:
        found.append(work.check(time, machine))
    return Plan(
        recipe.name,
        all(check.state != "fails" for check in found),
        tuple(found),
        asdict(shape) | {"parameters": shape.parameters, "weights": str(folder or "")} if shape else None,
        asdict(machine),
        measured.document,
        need.document if need else None,
        asdict(time) if time else None,
    )


def _folder(recipe: Recipe, shop: Workshop) -> Path | None:
    """Where the base's files are; None where they are not."""
    packaged = recipe.base in weights.PACKAGED
    if packaged and not (shop.models / recipe.base).exists():
        return None
    try:
        return weights.base(recipe.base, shop.models)
    except DataError:
        return None


def _shape(recipe: Recipe, folder: Path | None) -> tuple[Shape | None, Check]:
    try:
        return shape_of(recipe.base, folder)
    except DataError as error:
        return None, Check("base", "fails", error.message, error.remedy)
