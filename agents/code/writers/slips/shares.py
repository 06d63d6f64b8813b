"""Shares, where a model's query divides a group's number by itself, or gives a share in the place of its part."""

from __future__ import annotations

from itertools import pairwise

from sqlglot import exp

from data.catalog import Catalog


def shared(tree: exp.Query, catalog: Catalog) -> exp.Query:
    """The query with the part of each group that another of its columns counts, or else with the group's part of the
    whole, where it would be 1 in each."""
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


def told_apart(tree: exp.Query, catalog: Catalog) -> exp.Query:
    """The query with the part in the place of the first of two columns that are the same share of it."""
    for select in tree.find_all(exp.Select):
        shares = [item for item in select.selects if isinstance(item.unalias(), exp.Div)]
        for first, second in pairwise(shares):
            parts = [
                factor for factor in _factors(first.unalias().this) if isinstance(factor, (exp.AggFunc, exp.Filter))
            ]
            if first.unalias() == second.unalias() and len(parts) == 1:
                first.unalias().replace(parts[0].copy())
    return tree


def _factors(number: exp.Expr) -> list[exp.Expr]:
    """What is multiplied."""
    number = number.unnest()
    return [*_factors(number.this), *_factors(number.expression)] if isinstance(number, exp.Mul) else [number]
