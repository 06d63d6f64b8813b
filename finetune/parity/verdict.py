"""A verdict that stands only where what would be served is what was trained."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from agents.endpoints import Endpoint, EndpointSpec, open_endpoint
from finetune.gate import Verdict
from finetune.parity.measure import check
from finetune.parity.prompt import Prompt
from finetune.recipe import Recipe
from finetune.workshop import Workshop


def compared(
    recipe: Recipe, shop: Workshop, base: Path, adapter: Path, verdict: Verdict, prompts: Sequence[Prompt]
) -> tuple[Verdict, dict[str, float]]:
    """The verdict, which falls where a served form is off, and how alike they are. One that refuses stands as it is."""
    if not verdict.promoted:
        return verdict, {}
    shop.say(f"comparing what is served with what was trained, on {len(prompts)} prompts")
    alike = check(recipe, base, adapter, shop.models, prompts, lambda: served(recipe, shop, adapter))
    if alike.fault:
        return Verdict(False, alike.why), alike.metrics
    return Verdict(True, f"{verdict.why} {alike.why}"), alike.metrics


def served(recipe: Recipe, shop: Workshop, adapter: Path) -> Endpoint:
    """The endpoint that would answer."""
    spec = EndpointSpec(name="candidate", kind="embedded", model=recipe.base, adapter=str(adapter))
    return open_endpoint(spec, shop.models)
