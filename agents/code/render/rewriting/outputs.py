"""What a query gives, by its place."""

from __future__ import annotations

from sqlglot import exp


def placed(tree: exp.Expr) -> exp.Expr:
    """ORDER BY the name of an output as its place: a column of several tables may be called so too."""
    for select in tree.find_all(exp.Select):
        places = {item.alias_or_name.lower(): n for n, item in enumerate(select.selects, 1) if item.alias_or_name}
        for item in select.args["order"].expressions if select.args.get("order") else ():
            named = isinstance(item.this, exp.Column) and not item.this.table
            if named and (place := places.get(item.this.name.lower())):
                item.set("this", exp.Literal.number(place))
    return tree
