"""Whether somebody may see a feature: its values are made of all rows, so they must see all that it is made of."""

from __future__ import annotations

from data.catalog import Catalog, Table
from data.errors import Forbidden, NotFound
from data.features.plan import Output, Plan
from data.policy import Policy, Principal


class Sight:
    """What callers see of the applied views, as far as somebody has asked under the present policy."""

    def __init__(self) -> None:
        self._kept: tuple[object, object, dict[tuple[object, str], tuple[Output, ...]]] = (None, None, {})

    def seen(self, plan: Plan, plans: object, policy: Policy, principal: Principal) -> tuple[Output, ...]:
        """The same as `seen` gives. `plans` is another object whenever a plan has changed, as `policy` is."""
        # Taken at once: what was found under one policy must not be kept for another, whichever thread sets it.
        of, under, kept = self._kept
        if of is not plans or under is not policy:
            kept = {}
            self._kept = (plans, policy, kept)
        key = (policy.sight(principal), plan.view.name)
        if key not in kept:
            kept[key] = seen(plan, policy, principal)
        return kept[key]


def seen(plan: Plan, policy: Policy, principal: Principal) -> tuple[Output, ...]:
    """The outputs whose columns the principal sees as they are: each granted, none masked, and no row of their tables
    filtered. Where the source is a SELECT, all of its tables have to be seen whole."""
    if not all(_open(policy.catalog.table(name), policy, principal, whole=plan.table is None) for name in plan.tables):
        return ()
    pairs = zip(plan.outputs, plan.reads, strict=True)
    return tuple(output for output, reads in pairs if all(_column(path, policy, principal) for path in reads))


def require(plan: Plan, policy: Policy, principal: Principal) -> tuple[Output, ...]:
    """The same; NotFound where there is none, as for a view that is not there."""
    return some(plan, seen(plan, policy, principal))


def some(plan: Plan, outputs: tuple[Output, ...]) -> tuple[Output, ...]:
    """What somebody sees of a view; NotFound where that is nothing."""
    if not outputs:
        raise unknown(plan.view.name)
    return outputs


def unknown(name: str) -> NotFound:
    return NotFound(f"There is no feature view '{name}' that you may see.", "See: lakewright features list")


def require_one(plan: Plan, name: str, policy: Policy, principal: Principal) -> Output:
    """One output. NotFound where there is none of that name, Forbidden where others of the view may be seen."""
    return pick(plan, name, require(plan, policy, principal))


def pick(plan: Plan, name: str, outputs: tuple[Output, ...]) -> Output:
    """The output of that name among those that somebody sees of a view."""
    output = plan.output(name)
    if output is None:
        raise NotFound(f"The view '{plan.view.name}' has no feature '{name}'.", "See: lakewright features list")
    if output not in outputs:
        said = f"You may not see the feature '{plan.view.name}.{name}': it reads columns that you may not see."
        raise Forbidden(said, "Ask the owner of the policy for them, or leave it out.")
    return output


def _open(table: Table, policy: Policy, principal: Principal, *, whole: bool) -> bool:
    if not policy.columns(principal, table) or policy.filters_on(principal, table):
        return False
    if whole and (policy.masking(principal, table) or len(policy.columns(principal, table)) != len(table.columns)):
        return False
    # What a view gives to its caller hangs on what they see beneath it.
    invoked = table.view is not None and table.view.rights == "invoker"
    beneath = table.view.reads if table.view is not None and invoked else ()
    return all(_open(policy.catalog.table(name), policy, principal, whole=True) for name in beneath)


def _column(path: str, policy: Policy, principal: Principal) -> bool:
    found = _located(policy.catalog, path)
    if found is None:
        return False
    table, name = found
    granted = {column.name for column in policy.columns(principal, table)}
    return name in granted and name not in policy.masks(principal, table)


def _located(catalog: Catalog, path: str) -> tuple[Table, str] | None:
    found = catalog.locate(path)
    return None if found is None else (found[0], found[1].name)
