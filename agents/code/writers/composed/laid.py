"""The columns that a task lists laid over the query that was read for them, in their order."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from sqlglot import exp

from agents import statement
from agents.code.render.naming import called, identifier
from agents.code.writers.composed.columns import Place, _found, _group, _period, _settle, _tables
from agents.code.writers.composed.listed import Item
from agents.code.writers.composed.specified import BAD, Order
from agents.reader import Cell, Made
from data.catalog import Catalog
from data.naming import single, words

_TIMES = (exp.TimestampTrunc, exp.DateTrunc, exp.Year, exp.Month, exp.Day, exp.Hour, exp.Quarter)


@dataclass(frozen=True)
class Laid:
    """A query, and what its columns are called."""

    sql: str
    names: tuple[str, ...]


def laid(
    made: Made, names: Sequence[str], orders: Sequence[Order], limit: int, catalog: Catalog, listed: Sequence[Item] = ()
) -> Laid | None:
    """The query; None where it has not one of the columns."""
    tree = statement.query(made.sql)
    if not isinstance(tree, exp.Select) or isinstance(tree.args["from_"].this, exp.Subquery):
        return None
    numbers = [item.unalias() for item in tree.selects[len(tree.selects) - made.numbers :]] if made.numbers else []
    places = list(_tables(tree, catalog))
    items: list[exp.Expr] = []
    names, cells = list(names), list(made.cells)
    if numbers and not any(cell.is_key or cell.way == "class" for cell in cells):
        keys = [item.unalias().copy() for item in tree.selects[: len(tree.selects) - made.numbers]]
        items, names, cells = keys, [*(called(key) for key in keys), *names], [*(Cell() for _ in keys), *cells]
    for name, cell in list(zip(names, cells, strict=True))[len(items) :]:
        if cell.way == "class":
            item = next((one.unalias() for one in tree.selects if isinstance(one.unalias(), exp.Case)), None)
        elif cell.way == "mean":
            item = next((one.copy() for one in (tree.args.get("qualify") or exp.Null()).find_all(exp.Window)), None)
        elif cell.way == "rank":
            item = _rank(tree, numbers, within=bool(cell.rows))
        elif cell.formula:
            item = _computed(cell.formula, numbers)
        elif cell.number >= 0:
            item = numbers[cell.number].copy()
        else:
            item = (
                _cut(cell.unit, tree)
                or _keyed(cell.column, places)
                or _found(re.sub(r"['’]s\b", "", name), tree, places, grouped=bool(numbers))
            )
        if item is None:
            return None
        items.append(_told(item, next((one for one in listed if one.name == name), None)))
    _settle(tree)
    if numbers:
        _group(tree, items)
    ways = [at for at, cell in enumerate(cells) if cell.way not in ("", "rank", "class", "mean")]
    hidden, orders = _unseen(orders, names, items, tree, places) if not numbers else (None, orders)
    sorting = _sorting(orders, names, items)
    if sorting is None:
        return None
    if sorting and not limit and tree.args.get("limit") and tree.args["limit"].expression.name == "1":
        tree.set("limit", None)
    if sorting and tree.args.get("limit") and not limit and _resorted(tree, items, sorting):
        return _again(tree, items, names, sorting)
    if limit:
        tree.set("limit", exp.Limit(expression=exp.Literal.number(limit)))
    if ways:
        sql = _over(tree, items, names, made, cells, sorting, ways)
        return Laid(sql, tuple(names)) if sql else None
    tree.set("expressions", [item.copy() for item in items])
    if sorting or hidden is not None:
        ordered = [exp.Ordered(this=items[at].copy(), desc=down) for at, down in sorting]
        tree.set("order", exp.Order(expressions=[*([hidden] if hidden is not None else []), *ordered]))
    return Laid(tree.sql(dialect=statement.DIALECT), tuple(names))


def _unseen(
    orders: Sequence[Order], names: Sequence[str], items: Sequence[exp.Expr], tree: exp.Select, places: list[Place]
) -> tuple[exp.Ordered | None, Sequence[Order]]:  # fmt: skip
    """What rows are sorted by first, where it is a column that is not shown: the oldest account first."""
    if not orders or _place(orders[0], names, items) is not None or tree.args.get("limit") or tree.args.get("qualify"):
        return None, orders
    first, node = orders[0], tree.args["from_"].this
    table = next((place.table for place in places if place.alias == node.alias_or_name), None)
    time = next((p.node for p in places if table and p.table is table and p.column == table.time), None)
    by: exp.Expr | None = time if first.timed or first.by == "period" else None
    by = by or (
        _found(first.by.replace(" ", "_"), tree, places, grouped=False) if first.by and not first.timed else None
    )
    return (exp.Ordered(this=by.copy(), desc=first.descending), orders[1:]) if by is not None else (None, orders)


def _told(item: exp.Expr, listed: Item | None) -> exp.Expr:
    """The column as the task says that it is told: rounded, or as the number of a period in its year."""
    if listed is None:
        return item
    if listed.numbered and isinstance(item, (exp.TimestampTrunc, exp.DateTrunc)):
        part = _NUMBERS.get(item.args["unit"].name.lower())
        return part(this=item.this.copy()) if part else item
    if listed.digits >= 0 and item.find(exp.AggFunc):
        return exp.Round(this=item, decimals=exp.Literal.number(listed.digits))
    return item


_NUMBERS = {"quarter": exp.Quarter, "month": exp.Month}


def _resorted(tree: exp.Select, items: Sequence[exp.Expr], sorting: Sequence[tuple[int, bool]]) -> bool:
    """Whether the rows that come first are to be shown in another order than the one by which they come first."""
    order = tree.args.get("order")
    own = order.expressions[0] if order else None
    at, down = sorting[0]
    return own is not None and (own.this != items[at].unalias() or bool(own.args.get("desc")) != down)


def _again(
    tree: exp.Select, items: Sequence[exp.Expr], names: Sequence[str], sorting: Sequence[tuple[int, bool]]
) -> Laid:
    """The rows that come first by the order of the query, in another one."""
    inner = tree.copy()
    inner.set("expressions", [exp.alias_(item.unalias().copy(), f"c{at}") for at, item in enumerate(items)])
    shown = ", ".join(f"c{at} AS {identifier(name)}" for at, name in enumerate(names))
    order = ", ".join(f"c{at}{' DESC' if down else ''}" for at, down in sorting)
    sql = f"SELECT {shown} FROM ({inner.sql(dialect=statement.DIALECT)}) ORDER BY {order}"
    return Laid(sql, tuple(names))


def _cut(unit: str, tree: exp.Select) -> exp.Expr | None:
    """The period that the query puts rows together by."""
    if unit in ("weekend", "is_weekend"):
        kind = exp.Case if unit == "weekend" else exp.In
        return next((one.unalias() for one in tree.selects if isinstance(one.unalias(), kind)), None)
    if unit == "decade":
        return next((one.unalias() for one in tree.selects if one.find(exp.Year) and one.find(exp.Mul)), None)
    return _period((unit,), tree) if unit else None


def _keyed(column: Sequence[str], places: Sequence[Place]) -> exp.Expr | None:
    """The column by its full name, where it is known for certain and stands once."""
    found = [place for place in places if f"{place.table.full_name}.{place.column}" in column]
    return found[0].node if len(column) == 1 and len({place.alias for place in found}) == 1 else None


def _computed(formula: str, numbers: Sequence[exp.Expr]) -> exp.Expr:
    """The formula over the numbers."""
    text = re.sub(r"\{(\d+)\}", lambda found: f"({numbers[int(found[1])].sql(dialect=statement.DIALECT)})", formula)
    tree: exp.Expr = statement.query(f"SELECT {text}").selects[0]
    for paren in list(tree.find_all(exp.Paren)):
        if isinstance(paren.this, (exp.AggFunc, exp.Filter)):
            paren.replace(paren.this.copy())
    return tree


def _rank(tree: exp.Select, numbers: Sequence[exp.Expr], *, within: bool) -> exp.Expr | None:
    """The place among the things of a group, as they are told apart; among all else."""
    qualify = tree.args.get("qualify")
    window: exp.Expr | None = qualify.find(exp.Window) if qualify else None
    if window is not None:
        return window.copy()
    if not numbers:
        return None
    order = tree.args.get("order")
    by = order.expressions[0].this.copy() if order else numbers[0].copy()
    group = tree.args.get("group")
    parts = [group.expressions[0].copy()] if within and group and len(group.expressions) > 1 else []
    inside = f"PARTITION BY {parts[0].sql(dialect=statement.DIALECT)} " if parts else ""
    text = f"rank() OVER ({inside}ORDER BY {by.sql(dialect=statement.DIALECT)} DESC)"
    return statement.query(f"SELECT {text}").selects[0]


def _sorting(orders: Sequence[Order], names: Sequence[str], items: Sequence[exp.Expr]) -> list[tuple[int, bool]] | None:
    """Which columns are sorted by, and whether downwards; None where one of them can't be told."""
    found: list[tuple[int, bool]] = []
    for order in orders:
        if order.judged:
            ratios = [at for at, item in enumerate(items) if item.find(exp.Div) and item.find(exp.AggFunc)]
            ratios = ratios or [at for at, item in enumerate(items) if item.find(exp.AggFunc)]
            if len(ratios) != 1:
                return None
            found.append((ratios[0], (order.judged == "worst") == bool(BAD.search(names[ratios[0]]))))
            continue
        if (at := _place(order, names, items)) is None:
            return None
        if at not in [one for one, _ in found]:
            found.append((at, order.descending))
    return found


_UNITS = frozenset(["decade", "year", "quarter", "month", "week", "day", "hour"])
_MOMENT = re.compile(r"(?:_at|_on|date|time|when|day)$", re.I)


def _place(order: Order, names: Sequence[str], items: Sequence[exp.Expr]) -> int | None:
    periods = [at for at, item in enumerate(items) if isinstance(item.unalias(), _TIMES)]
    if order.by == "period":
        moments = [at for at, name in enumerate(names) if _MOMENT.search(name)]
        named = [at for at, name in enumerate(names) if words(name)[-1:] and words(name)[-1] in _UNITS]
        return next(iter((*periods, *moments, *named)), None)
    said = [_plain(word) for word in words(order.by) if word not in ("total", "number", "of", "the")] or [
        _plain(word) for word in words(order.by)
    ]
    own = [[_plain(word) for word in words(name)] for name in names]
    if order.timed:
        moments = [at for at, name in enumerate(names) if _MOMENT.search(name)]
        fit = [at for at in moments if set(said) & set(own[at])]
        return next(iter((*fit, *periods, *moments)), None)
    for alike in (lambda one: one == said, lambda one: set(said) <= set(one), lambda one: bool(set(said) & set(one))):
        fit = [at for at, one in enumerate(own) if said and alike(one)]
        sums = [at for at, item in enumerate(items) if item.find(exp.AggFunc)]
        if fit and order.sized and sums and fit[0] not in sums and not isinstance(items[fit[0]].unalias(), _TIMES):
            return sums[0] if len(sums) == 1 else None
        if fit:
            return fit[0]
    numbers = [at for at, item in enumerate(items) if item.find(exp.AggFunc)]
    if order.sized and said and len(numbers) == 1 and set(said) <= {"group", "one", "row", "entry", "thing", "pair"}:
        return numbers[0]
    if order.by == "name" and not order.descending:
        return next((at for at, item in enumerate(items) if not item.find(exp.AggFunc)), None)
    if not said and numbers:
        return numbers[0]
    sums = [at for at, item in enumerate(items) if isinstance(item.unalias().find(exp.AggFunc), exp.Sum)]
    if said and set(said) <= _MONEY and len(sums) == 1:
        return sums[0]
    sized = [at for at, name in enumerate(names) if re.search("amount|value|price|seconds|fee|total|tip", name, re.I)]
    return sized[0] if not said and len(sized) == 1 else None


_ALIKE = {
    "average": "avg",
    "mean": "avg",
    "percentage": "pct",
    "percent": "pct",
    "maximum": "max",
    "largest": "max",
    "biggest": "max",
    "minimum": "min",
    "smallest": "min",
    "sum": "total",
    "n": "count",
}


def _plain(word: str) -> str:
    """A word of a column's name, as any other that says the same."""
    return _ALIKE.get(single(word), single(word))


_MONEY = frozenset(
    [
        "revenue",
        "money",
        "turnover",
        "income",
        "spend",
        "spending",
        "sale",
        "volume",
        "mrr",
        "gmv",
        "earning",
        "amount",
        "value",
    ]
)


def _over(
    tree: exp.Select,
    items: Sequence[exp.Expr],
    names: Sequence[str],
    made: Made,
    cells: Sequence[Cell],
    sorting: Sequence[tuple[int, bool]],
    ways: Sequence[int],
) -> str | None:
    """The query with numbers of other rows beside each row's own."""
    numbers = [item.unalias() for item in tree.selects[len(tree.selects) - made.numbers :]]
    own = [f"c{at}" for at in range(len(items))]
    inner, shown = tree.copy(), []
    known = {at: name for at, (name, cell) in enumerate(zip(own, cells, strict=True)) if at not in ways}
    fields = [exp.alias_(items[at].copy(), name) for at, name in known.items()]
    times = [at for at in known if isinstance(items[at].unalias(), _TIMES)]
    if len(times) != 1 or tree.args.get("limit") or tree.args.get("qualify"):
        return None
    keys = [name for at, name in known.items() if at != times[0] and not items[at].find(exp.AggFunc)]
    over = f"OVER ({f'PARTITION BY {chr(44).join(keys)} ' if keys else ''}ORDER BY {own[times[0]]}"
    for at, cell in enumerate(cells):
        if at not in ways:
            shown.append(f"{own[at]} AS {identifier(names[at])}")
            continue
        value = next((own[one] for one, other in enumerate(cells) if other.number == cell.number and not other.way), "")
        if not value:
            value = f"n{cell.number}"
            fields.append(exp.alias_(numbers[cell.number].copy(), value))
        before = f"lag({value}) {over})"
        text = {
            "previous": before,
            "difference": f"{value} - {before}",
            "growth": f"100.0 * ({value} - {before}) / {before}",
            "running": f"sum({value}) {over})",
            "summed": f"sum({value}) {over} ROWS BETWEEN {cell.rows - 1} PRECEDING AND CURRENT ROW)",
            "moving": f"avg({value}) {over} ROWS BETWEEN {cell.rows - 1} PRECEDING AND CURRENT ROW)",
        }[cell.way]
        shown.append(f"{text} AS {identifier(names[at])}")
    inner.set("expressions", fields)
    inner.set("order", None)
    order = ", ".join(f"{own[at]}{' DESC' if down else ''}" for at, down in sorting) or own[times[0]]
    return f"SELECT {', '.join(shown)} FROM ({inner.sql(dialect=statement.DIALECT)}) ORDER BY {order}"
