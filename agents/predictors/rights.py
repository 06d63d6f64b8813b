"""Whether somebody may use a model: they must see all that its inputs are made of, as it is."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

from sqlglot import exp, parse_one

from agents.predictors.models import Loaded
from data.errors import DataError, Forbidden, Invalid, NotFound
from data.policy import Policy, Principal

if TYPE_CHECKING:
    import pyarrow as pa

    from data.features.platform import Features
    from data.gateway import Gateway

REMEDY = "Ask the owner of the policy for them."


class Rights:
    """What callers may use under the present policy, as far as somebody has asked."""

    def __init__(self, features: Features, gateway: Gateway) -> None:
        self.features, self.gateway = features, gateway
        self._kept: tuple[object, object, dict[object, pa.Schema]] = (None, None, {})

    def require(self, principal: Principal, model: Loaded) -> pa.Schema:
        """The columns of the model's subject, as the caller sees them.

        NotFound where the caller sees none of its tables, Forbidden where they see some, but not all that it reads.
        """
        policy, plans = self.gateway.policy, self.features.registry.plans()
        of, under, kept = self._kept
        if of is not plans or under is not policy:
            kept = {}
            self._kept = (plans, policy, kept)
        key = (policy.sight(principal), model.version.name, model.version.version)
        if key not in kept:
            kept[key] = self._looked(principal, model)
        return kept[key]

    def sees(self, principal: Principal, model: Loaded) -> bool:
        """Whether the caller may know that there is such a model."""
        visible = self.gateway.visible(principal)
        return any(name in visible for name in tables(model.spec.subject))

    def _looked(self, principal: Principal, model: Loaded) -> pa.Schema:
        if not self.sees(principal, model):
            raise unknown(model.version.name)
        self._features(principal, model)
        said = f"You may not use '{model.version.name}': it reads columns that you may not see."
        try:
            result = self.gateway.query(principal, f"SELECT * FROM ({model.spec.subject}) AS subject LIMIT 0")
        except (Forbidden, NotFound):
            raise Forbidden(said, REMEDY) from None
        if not _plainly(self.gateway.policy, principal, result.lineage):
            raise Forbidden(said, REMEDY)
        if _summed(model.spec.subject) and filtered(self.gateway.policy, principal, model.spec.subject):
            raise Forbidden(f"You may not use '{model.version.name}': it counts rows that you may not see.", REMEDY)
        _complete(model, result.table.schema)
        return result.table.schema

    def _features(self, principal: Principal, model: Loaded) -> None:
        if not model.spec.features:
            return
        plans = self.features.registry.plans()
        try:
            self.features.picked(principal, model.spec.features)
        except DataError as error:
            if isinstance(error, NotFound) and not _applied(model, plans):
                lacks = f"'{model.version.name}' reads features that are not defined any more."
                raise Invalid(lacks, "Apply their definitions, or train it again.") from None
            said = f"You may not use '{model.version.name}': it reads features that you may not see."
            raise Forbidden(said, REMEDY) from None


def unknown(name: str) -> NotFound:
    return NotFound(f"There is no model '{name}' that you may see.", "See: lakewright model list")


@lru_cache(maxsize=256)
def tables(subject: str) -> tuple[str, ...]:
    """The tables that a subject names, in full."""
    tree = parse_one(subject, read="duckdb")
    return tuple(dict.fromkeys(f"{table.db}.{table.name}" for table in tree.find_all(exp.Table) if table.db))


def _applied(model: Loaded, plans: object) -> bool:
    assert isinstance(plans, dict)
    named = (name.partition(".") for name in model.spec.features)
    return all(view in plans and (not one or plans[view].output(one)) for view, _, one in named)


def _plainly(policy: Policy, principal: Principal, lineage: tuple[str, ...]) -> bool:
    """Whether no column that is read is masked: a score of masked values would be another one."""
    for path in lineage:
        found = policy.catalog.locate(path)
        if found is None or found[1].name in policy.masks(principal, found[0]):
            return False
        view = found[0].view
        if view is not None and view.rights == "invoker" and not _plainly(policy, principal, view.columns):
            return False
    return True


def _summed(subject: str) -> bool:
    return parse_one(subject, read="duckdb").find(exp.AggFunc, exp.Window, exp.Distinct) is not None


def filtered(policy: Policy, principal: Principal, subject: str) -> bool:
    """Whether somebody sees only some rows of a subject's tables."""
    return any(policy.filters_on(principal, policy.catalog.table(name)) for name in tables(subject))


def _complete(model: Loaded, schema: pa.Schema) -> None:
    needed = (*model.spec.key, model.spec.time)
    if missing := [name for name in needed if name not in schema.names]:
        said = f"The subject of '{model.version.name}' has no column '{missing[0]}'."
        raise Invalid(said, "Train it again: lakewright train RECIPE")
