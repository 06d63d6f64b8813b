"""Conditions of a join beside those that link it."""

from __future__ import annotations

from sqlglot import exp

from agents.code.render.plan import Unsupported


def links(tree: exp.Expr) -> exp.Expr:
    """What else ON asks in WHERE, or, where rows without a partner stay, in a sub-query."""
    for select in list(tree.find_all(exp.Select)):
        for join in select.args.get("joins") or ():
            on = join.args.get("on")
            tests = list(on.flatten()) if isinstance(on, exp.And) else [on] if on is not None else []
            other = [test for test in tests if not _is_link(test, join.this.alias_or_name)]
            if not other or len(other) == len(tests):
                continue
            join.set("on", exp.and_(*(test for test in tests if test not in other)))
            if join.side:
                _narrowed(join, other)
            else:
                select.where(*(test.copy() for test in other), copy=False)
    return tree


def _is_link(test: exp.Expr, alias: str) -> bool:
    sides = (test.this, test.expression) if isinstance(test, exp.EQ) else ()
    if not sides or not all(isinstance(side, exp.Column) for side in sides):
        return False
    return [side.table == alias for side in sides].count(True) == 1


def _narrowed(join: exp.Join, tests: list[exp.Expr]) -> None:
    """A left join to those rows alone that meet the tests."""
    alias = join.this.alias_or_name
    columns = [column for test in tests for column in test.find_all(exp.Column)]
    if not isinstance(join.this, exp.Table) or any(column.table != alias for column in columns):
        raise Unsupported.of(join)
    inner = exp.select("*").from_(join.this.copy()).where(*(test.copy() for test in tests))
    join.set("this", exp.Subquery(this=inner, alias=exp.TableAlias(this=exp.to_identifier(alias))))
