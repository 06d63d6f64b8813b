"""Sub-queries that speak of a row outside, as ones that are computed once for all rows."""

from __future__ import annotations

from sqlglot import exp

from agents import statement
from agents.code.render.naming import unique
from agents.code.render.plan import Unsupported
from agents.code.render.rewriting.tree import own, put, within


def among(tree: exp.Expr) -> exp.Expr:
    """EXISTS over rows with the same key as `key IN`; the rows without a key have no such rows."""
    for node in list(tree.find_all(exp.Exists)):
        query = node.this
        if not isinstance(query, exp.Select) or query.args.get("group") or query.args.get("limit"):
            raise Unsupported.of(node)
        inner, outer = _correlated(query)
        among = query.copy()
        among.set("expressions", [inner.copy()])
        made: exp.Expr = exp.In(this=outer.copy(), query=exp.Subquery(this=among))
        tree = put(tree, node, made)
    return tree


def _correlated(query: exp.Select) -> tuple[exp.Column, exp.Column]:
    """The only equality of a sub-query with a row outside, taken out of it: (its own column, the one outside)."""
    own = within(query)
    where = query.args.get("where")
    tests = list(where.this.flatten()) if where is not None and isinstance(where.this, exp.And) else []
    tests = tests or ([where.this] if where is not None else [])
    outside = [test for test in tests if any(c.table and c.table.lower() not in own for c in test.find_all(exp.Column))]
    if len(outside) != 1 or not isinstance(outside[0], exp.EQ):
        raise Unsupported.of(query)
    sides = [outside[0].this, outside[0].expression]
    if not all(isinstance(side, exp.Column) for side in sides):
        raise Unsupported.of(query)
    sides.sort(key=lambda side: side.table.lower() not in own)
    rest = [test for test in tests if test is not outside[0]]
    query.set("where", exp.Where(this=exp.and_(*rest)) if rest else None)
    return sides[0], sides[1]


def joined(tree: exp.Expr) -> exp.Expr:
    """A number of the rows with the same key, computed for each row, as a join with the numbers of all keys."""
    for select in list(tree.find_all(exp.Select)):
        taken = {table.alias_or_name for table in statement.sources(select)}
        for node in [found for found in own(select, exp.Subquery) if _is_value(found)]:
            inner, outer = _correlated(node.this)
            query, name = node.this.copy(), unique("same", taken)
            taken.add(name)
            value = query.selects[0].unalias()
            if not value.find(exp.AggFunc):
                raise Unsupported.of(node)
            query.set("expressions", [exp.alias_(inner.copy(), "same_key"), exp.alias_(value, "same_value")])
            query.set("group", exp.Group(expressions=[exp.Literal.number(1)]))
            on = exp.EQ(this=exp.column("same_key", name), expression=outer.copy())
            joined = exp.Subquery(this=query, alias=exp.TableAlias(this=exp.to_identifier(name)))
            select.append("joins", exp.Join(this=joined, side="LEFT", on=on))
            found: exp.Expr = exp.column("same_value", name)
            zero = isinstance(value, exp.Count)
            node.replace(exp.Coalesce(this=found, expressions=[exp.Literal.number(0)]) if zero else found)
    return tree


def _is_value(node: exp.Expr) -> bool:
    """Whether a sub-query is a value that depends on a row outside."""
    query = node.this
    if isinstance(node.parent, (exp.From, exp.Join, exp.In)) or not isinstance(query, exp.Select):
        return False
    return any(column.table and column.table.lower() not in within(query) for column in query.find_all(exp.Column))
