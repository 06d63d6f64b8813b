"""Which features a training set has, and at which versions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from data.errors import Invalid, NotFound
from data.features import access
from data.features.history import History
from data.features.plan import Output, Plan
from data.features.recipe import Recipe
from data.gateway import Gateway
from data.policy import Principal

See = Callable[[Plan], tuple[Output, ...]]
"""What a caller sees of a view."""


@dataclass(frozen=True)
class Chosen:
    """The history of a view with those outputs alone that are chosen, and the version that they are read from."""

    history: History
    version: int

    @property
    def plan(self) -> Plan:
        return self.history.plan


def choose(
    plans: Mapping[str, Plan], names: Sequence[str], gateway: Gateway, principal: Principal, home: Path
) -> tuple[Chosen, ...]:
    """The features that are named as `view` or `view.feature`, at the newest versions; all that the principal sees
    where none is named. NotFound for others and for views that were never materialised, Forbidden for what the
    principal may not see."""
    picked = outputs(plans, names, lambda plan: access.seen(plan, gateway.policy, principal))
    return tuple(_chosen(plan, found, home) for plan, found in picked.values())


def outputs(plans: Mapping[str, Plan], names: Sequence[str], see: See) -> dict[str, tuple[Plan, tuple[Output, ...]]]:
    """The features by view. Raises what `choose` does, but for histories."""
    sight = {view: see(plans[view]) for view in _views(names) or plans if view in plans}
    picked: dict[str, dict[str, Output]] = {}
    for name in names or [view for view, found in sight.items() if found]:
        view, _, feature = name.partition(".")
        if view not in plans:
            raise access.unknown(view)
        found = access.some(plans[view], sight[view])
        if feature:
            found = (access.pick(plans[view], feature, found),)
        picked.setdefault(view, {}).update({output.name: output for output in found})
    return {view: (plans[view], tuple(of.values())) for view, of in picked.items()}


def _views(names: Sequence[str]) -> list[str]:
    return list(dict.fromkeys(name.partition(".")[0] for name in names))


def _chosen(plan: Plan, outputs: tuple[Output, ...], home: Path) -> Chosen:
    history = History.of(replace(plan, outputs=outputs, reads=()), home)
    version = history.version
    if version is None:
        raise NotFound(f"The view '{plan.view.name}' was not materialised.", "Run: lakewright features materialize")
    return Chosen(history, version)


def again(recipe: Recipe, chosen: Sequence[Chosen]) -> tuple[Chosen, ...]:
    """The same features at the versions of a recipe. Invalid where a definition has changed since."""
    for one in chosen:
        view = one.plan.view.name
        if one.plan.digest != recipe.digests.get(view):
            raise Invalid(f"The definition of '{view}' has changed since.", "Apply the definition of then.")
    return tuple(Chosen(o.history, recipe.histories[o.plan.view.name]) for o in chosen)
