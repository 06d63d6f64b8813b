"""SQL as people write it, in the dialect of their engine: SELECT first, every output with a name, every group told."""

from __future__ import annotations

from sqlglot import exp

from agents import statement
from agents.code.render.naming import called, unique


def program(sql: str, dialect: str | None = None, names: tuple[str, ...] = ()) -> str:
    """The query, laid out; `names` are what its columns are to be called."""
    return tidied(sql, names).sql(dialect=dialect or statement.DIALECT, pretty=True)


def tidied(sql: str, names: tuple[str, ...] = ()) -> exp.Query:
    """The tree with a name for each output. GROUP BY ALL becomes the outputs that are no aggregates, as other engines
    know no ALL."""
    tree = statement.query(sql)
    if not isinstance(tree, exp.Select):
        return tree
    _name(tree, names)
    for select in tree.find_all(exp.Select):
        group = select.args.get("group")
        if group is not None and group.args.get("all"):
            places = [n for n, item in enumerate(select.expressions, 1) if not item.find(exp.AggFunc, exp.Window)]
            select.set("group", exp.Group(expressions=[exp.Literal.number(n) for n in places]) if places else None)
    return tree


def in_style(tree: exp.Query) -> str:
    """The query on one line, in one way of writing it: keywords in capitals, functions in small letters."""
    return tree.sql(dialect=statement.DIALECT, normalize_functions="lower")


def _name(tree: exp.Select, names: tuple[str, ...]) -> None:
    chosen = list(names) if len(names) == len(tree.expressions) else []
    taken: list[str] = []
    made: list[exp.Expr] = []
    for at, item in enumerate(tree.expressions):
        if isinstance(item, exp.Star) or (isinstance(item, exp.Column) and not chosen and item.name not in taken):
            made.append(item)
            taken.append(item.alias_or_name)
            continue
        name = chosen[at] if chosen else unique(item.alias or called(item), taken)
        taken.append(name)
        plain = isinstance(item, exp.Column) and item.name == name
        made.append(item if plain else exp.alias_(item.unalias(), name, quoted=not name.isidentifier()))
    tree.set("expressions", made)
