"""Why a principal sees what they see of a table: every rule that decides, with its line."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from data.catalog import Column, Table
from data.gateway.filters import values
from data.grants import Denial, Grant, Mask, RowFilter
from data.policy import Policy, Principal


def explain(policy: Policy, principal: Principal, table: Table) -> dict[str, Any]:
    """What decides over a table of the catalogue, as JSON holds it.

    `columns` has each column of the table with its access (`granted`, `masked`, `denied`, `not granted`, or
    `out of reach` in an invoker's view of what the principal may not see) and the rules for it, so this is for
    whoever may read the policy, not for the principal. Each rule says its kind, its line, whom it is for, and
    by which way the principal came to that.
    """
    return {
        "groups": [_way(principal, name) for name in sorted(principal.groups)],
        "columns": [_column(policy, principal, table, column) for column in table.columns],
        "row_filters": [_filter(principal, rule) for rule in policy.filters_on(principal, table)],
        "budget": _budget(policy, principal),
        "view": None if table.view is None else {"rights": table.view.rights, "reads": list(table.view.reads)},
        "measures": [_measure(policy, principal, table, measure.name) for measure in table.measures],
    }


def sentences(why: dict[str, Any]) -> Iterable[str]:
    """The same for people, a line each."""
    for column in why["columns"]:
        rules = "; ".join(_said(rule) for rule in column["rules"]) or "no rule grants it"
        yield f"{column['name']}: {column['access']} ({rules})"
    for rule in why["row_filters"]:
        bound = ", ".join(f"{name} = {value}" for name, value in rule["values"].items())
        yield f"rows: {rule['where']} ({_said(rule)}{'; ' + bound if bound else ''})"
    if why["view"] is not None:
        reads = ", ".join(why["view"]["reads"]) or "nothing"
        yield f"view: reads {reads} with the {why['view']['rights']}'s rights"
    for measure in why["measures"]:
        granted = "granted" if measure["granted"] else "not granted (it reads a hidden column)"
        yield f"measure {measure['name']}: {granted}"
    limits = ", ".join(f"{name} {value}" for name, value in why["budget"]["limits"].items() if value is not None)
    lines = ", ".join(_said(rule) for rule in why["budget"]["rules"]) or "the defaults"
    yield f"budget: {limits} ({lines})"


def _said(rule: dict[str, Any]) -> str:
    kind = f"{rule['kind']} {rule['mask']}" if "mask" in rule else rule["kind"]
    line = f" in line {rule['line']}" if rule["line"] else ""
    return f"{kind}{line} for {' -> '.join(rule['way'])}"


def _column(policy: Policy, principal: Principal, table: Table, column: Column) -> dict[str, Any]:
    name = column.name.lower()
    grants = [g for g in policy.grants_on(principal, table) if g.columns is None or name in g.columns]
    denials = [d for d in policy.denials_on(principal, table) if name in d.columns]
    mask = policy.masking(principal, table).get(column.name)
    access = "denied" if denials else "masked" if mask else "granted" if grants else "not granted"
    if access == "granted" and column not in policy.columns(principal, table):
        access = "out of reach"
    deciding: list[Grant | Denial | Mask] = [*grants, *denials, *([mask] if mask is not None else [])]
    rules = [_rule(principal, rule) for rule in deciding]
    return {"name": column.name, "access": access, "rules": rules}


def _rule(principal: Principal, rule: Grant | Denial | Mask | RowFilter) -> dict[str, Any]:
    kinds = {Grant: "grant", Denial: "deny", Mask: "mask", RowFilter: "row filter"}
    facts: dict[str, Any] = {"kind": kinds[type(rule)], "line": rule.line, **_way(principal, rule.group)}
    if isinstance(rule, Mask):
        facts["mask"] = rule.kind if rule.size is None else f"{rule.kind} of {rule.size}"
    return facts


def _filter(principal: Principal, rule: RowFilter) -> dict[str, Any]:
    bound = {name: list(v) if isinstance(v, tuple) else v for name, v in values(rule.where, principal).items()}
    return {**_rule(principal, rule), "where": rule.where, "values": bound}


def _way(principal: Principal, group: str) -> dict[str, Any]:
    return {"for": group, "way": list(principal.ways.get(group, (group,)))}


def _budget(policy: Policy, principal: Principal) -> dict[str, Any]:
    rules = [rule for rule in policy.budgets if rule.group in principal.groups]
    found = [{"kind": "budget", "line": rule.line, **_way(principal, rule.group)} for rule in rules]
    return {"limits": asdict(policy.budget(principal)), "rules": found}


def _measure(policy: Policy, principal: Principal, table: Table, name: str) -> dict[str, Any]:
    seen = {column.name.lower() for column in policy.columns(principal, table)}
    measure = table.measure(name)
    return {"name": name, "granted": measure is not None and seen.issuperset(measure.columns)}
