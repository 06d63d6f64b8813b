"""What a query leaves unsaid, said: the columns of a star, the condition of a join by common names, keys by place."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from agents.semantic.carried import CARRIERS
from agents.semantic.scope import Scope, Source


def spelled_out(scope: Scope) -> None:
    """Stars as columns, USING as ON and numbers in ORDER BY as names, in place; stars over what is unknown stay."""
    joins = [join for node in scope.sources for join in (_join(node),) if join is not None]
    for join in joins:
        _on(scope, join)
    shown = [column for item in scope.select.expressions for column in _columns(scope, item)]
    scope.select.set("expressions", shown)
    order = scope.select.args.get("order")
    if order and not any(item.is_star for item in shown):
        order.set("expressions", [key for ordered in order.expressions for key in _keys(scope, shown, ordered)])


def _join(source: Source) -> exp.Join | None:
    above = source.node.parent
    return above if isinstance(above, exp.Join) and above.args.get("using") else None


def _on(scope: Scope, join: exp.Join) -> None:
    names = [identifier.name for identifier in join.args["using"]]
    right = join.this.alias_or_name
    earlier = scope.sources[: next(at for at, source in enumerate(scope.sources) if source.node is join.this)]
    lefts = [next((s.name for s in earlier if s.gives(name.lower())), None) for name in names]
    if None in lefts:
        return
    pairs = zip(names, lefts, strict=True)
    join.set("using", None)
    join.set("on", exp.and_(*(exp.EQ(this=exp.column(n, left), expression=exp.column(n, right)) for n, left in pairs)))


def _columns(scope: Scope, item: exp.Expr) -> Iterator[exp.Expr]:
    """The columns that an item of SELECT stands for: itself, unless it is a star."""
    qualifier = item.table.lower() if isinstance(item, exp.Column) and isinstance(item.this, exp.Star) else None
    star = item if qualifier is None else item.this
    if not isinstance(star, exp.Star) or any(star.args.values()):
        yield item
        return
    sources = [source for source in scope.sources if qualifier in (None, source.name)]
    names = [(name, source.name) for source in sources for name in _names(source)]
    if not names or not all(map(_names, sources)):
        yield item
        return
    for name, source in names:
        yield exp.column(name, source if len(scope.sources) > 1 else None)


def _names(source: Source) -> list[str]:
    """The columns of a table or a query; none where they can't all be told by name."""
    if source.table:
        return [column.name for column in source.table.semantic.columns]
    plain = len(set(source.outputs)) == len(source.outputs) and not {"", "*"} & set(source.outputs)
    return list(source.outputs) if plain else []


def _keys(scope: Scope, shown: list[exp.Expr], ordered: exp.Expr) -> Iterator[exp.Expr]:
    """A key of ORDER BY; one for each thing that the query gives, where it says ALL."""
    key = ordered.this
    every = isinstance(key, exp.Var) and key.name.upper() == "ALL"
    number = int(key.name) if isinstance(key, exp.Literal) and key.is_int else 0
    if not every and not 0 < number <= len(shown):
        yield ordered
        return
    for at in range(1, len(shown) + 1) if every else [number]:
        one = ordered.copy()
        one.set("this", _key(scope, shown[at - 1]) or exp.Literal.number(at))
        yield one


def _key(scope: Scope, item: exp.Expr) -> exp.Expr | None:
    """What the query gives, said so that it can be told how it is stored; None where that plays no part."""
    if isinstance(item, exp.Alias):
        return exp.Column(this=item.args["alias"].copy())
    bare = isinstance(item, (exp.Column, *CARRIERS)) and not item.find(exp.Select)
    clear = all(column.table or column.name.lower() not in scope.aliases for column in item.find_all(exp.Column))
    return item.copy() if bare and clear else None
