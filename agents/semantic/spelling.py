"""What a query leaves unsaid, said: the columns of a star, and the condition of a join by common names."""

from __future__ import annotations

from collections.abc import Iterator

from sqlglot import exp

from agents.semantic.scope import Scope, Source


def spelled_out(scope: Scope) -> None:
    """Stars as columns and USING as ON, in place; stars over what is unknown stay."""
    joins = [join for node in scope.sources for join in (_join(node),) if join is not None]
    for join in joins:
        _on(scope, join)
    shown = [column for item in scope.select.expressions for column in _columns(scope, item)]
    scope.select.set("expressions", shown)


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
    if qualifier is None and not isinstance(item, exp.Star):
        yield item
        return
    sources = [source for source in scope.sources if qualifier in (None, source.name)]
    if not sources or not all(source.table for source in sources):
        yield item
        return
    for source in sources:
        for column in source.table.semantic.columns if source.table else ():
            yield exp.column(column.name, source.name if len(scope.sources) > 1 else None)
