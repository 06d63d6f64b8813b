"""Shares, where a model's query divides a group's number by itself, so that it is 1 in each."""

from __future__ import annotations

from sqlglot import exp

from data.catalog import Catalog
from retrieval import Context


def shared(tree: exp.Query, found: Context, catalog: Catalog) -> exp.Query:
    """The query with the part of each group that another of its columns counts by itself, or else with the group's part
    of the whole."""
    for share in list(tree.find_all(exp.Div)):
        select, whole = share.parent_select, share.expression.unnest()
        same = next((factor for factor in _factors(share.this) if factor == whole), None)
        if select is None or not select.args.get("group") or not isinstance(whole, exp.AggFunc) or same is None:
            continue
        parts = [item.unalias() for item in select.selects if isinstance(item.unalias(), exp.Filter)]
        if len(parts) == 1 and parts[0].this == whole:
            same.replace(parts[0].copy())
        else:
            share.set("expression", exp.Window(this=exp.Sum(this=whole.copy())))
    return tree


def _factors(number: exp.Expr) -> list[exp.Expr]:
    """What is multiplied."""
    number = number.unnest()
    return [*_factors(number.this), *_factors(number.expression)] if isinstance(number, exp.Mul) else [number]
