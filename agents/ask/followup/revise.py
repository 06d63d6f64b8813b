"""A change made in the tree of the SELECT that answered the question before: exact, and without a model."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlglot import exp

from agents.ask.followup.change import Change
from agents.ask.followup.frame import Frame, Place
from agents.columns import NUMERIC, TEMPORAL, ends, measures
from agents.licence import BUCKETS
from agents.statement import DIALECT
from data.catalog import Table
from retrieval.hints import Hint

_AGGREGATES: dict[str, type[exp.AggFunc]] = {
    "sum": exp.Sum, "avg": exp.Avg, "median": exp.Median, "max": exp.Max, "min": exp.Min,
}  # fmt: skip
_COMPARED: dict[str, type[exp.Binary]] = {">": exp.GT, ">=": exp.GTE, "<": exp.LT, "<=": exp.LTE, "=": exp.EQ}


class Beyond(Exception):
    """The change can't be made exactly in this query."""


def revised(frame: Frame, change: Change, *, inner: bool) -> str:
    """The SQL with the change. `inner`: the remark asks about the rows themselves ('how many of them …').

    Raises Beyond where it can't be made exactly.
    """
    if inner:
        _rows_alone(frame)
    _conditions(frame, change, inner=inner)
    _measured(frame, change, inner=inner)
    if change.shown:
        _show(frame, change.shown)
    _grouped(frame, change)
    _bounded(frame, change)
    _listed(frame, change)
    _ordered(frame, change)
    return frame.sql


def period(frame: Frame) -> tuple[date, date] | None:
    """The whole days that the query is about, where both ends are told."""
    found: dict[type[exp.Expr], date] = {}
    for node in frame.conditions:
        text = node.expression.find(exp.Literal) if isinstance(node, exp.Binary) else None
        place = frame.about(node)
        if text is None or place is None or not frame.known(place).type.upper().startswith(TEMPORAL):
            continue
        try:
            found[type(node)] = date.fromisoformat(text.name[:10])
        except ValueError:
            continue
    return (found[exp.GTE], found[exp.LT]) if {exp.GTE, exp.LT} <= set(found) else None


def _rows_alone(frame: Frame) -> None:
    """Ask about the rows that the query read, without its grouping; where it took some groups, about these."""
    tree = frame.tree
    if tree.args.get("limit") or tree.args.get("having"):
        _within(frame)
    frame.clear("group", "order", "limit", "having", "distinct")


def _within(frame: Frame) -> None:
    """Read only the rows of the base, or of the table that is grouped by, whose keys the query gave."""
    groups = [
        place for node in frame.groups or [s.unalias() for s in frame.tree.selects] for place in frame.places(node)
    ]
    owners = list(dict.fromkeys(alias for alias, _ in groups)) or [frame.base[0]]
    key = frame.scope[owners[0]].key
    if len(owners) != 1 or key is None:
        raise Beyond
    alias, table = owners[0], frame.scope[owners[0]]
    chosen = frame.tree.copy()
    chosen.set("expressions", [exp.column(key, table=alias)])
    if chosen.args.get("group") and (alias, key) not in groups:
        chosen.args["group"].append("expressions", exp.column(key, table=alias))
    tree = exp.select("*").from_(table.full_name)
    tree.set("where", exp.Where(this=exp.In(this=exp.column(key), query=exp.Subquery(this=chosen))))
    frame.tree, frame.scope = tree, {table.name: table}


def _conditions(frame: Frame, change: Change, *, inner: bool) -> None:
    if change.always:
        _release(frame, [place for t in [frame.time] if t for place in [t]])
    for hint in change.released:
        _release(frame, [_place(frame, hint)])
    if change.period:
        _set_period(frame, change.period)
    if inner and change.measure == "share":
        return
    _filter(frame, change, also=change.also, inner=inner)


def _filter(frame: Frame, change: Change, *, also: bool, inner: bool) -> None:
    """Only rows with these values, or without those, or that other tables' rows point at."""
    placed = _by_place(frame, [hint for hint in change.values if not _of_child(frame, hint)])
    for place, group in placed.items():
        _set_values(frame, place, group, wanted=True, also=also, inner=inner)
    for place, group in _by_place(frame, change.excluded).items():
        if place not in placed:
            _set_values(frame, place, group, wanted=False, also=False, inner=inner)
    told = [hint for hint in change.values if _of_child(frame, hint)]
    for targets in {tuple(h.targets): None for h in change.tables} | {(_owner(h),): None for h in told}:
        _exists(frame, targets, [h for h in told if _owner(h) in targets], absent=change.absent)


def _owner(hint: Hint) -> str:
    return hint.targets[0].rpartition(".")[0]


def _of_child(frame: Frame, hint: Hint) -> bool:
    """Whether the value is one of rows that point at those of the query: 'users with a blocked card'."""
    return frame.locate(hint.targets) is None


def _place(frame: Frame, hint: Hint) -> Place:
    place = frame.locate(hint.targets)
    if place is None:
        raise Beyond
    return place


def _release(frame: Frame, places: Sequence[Place]) -> None:
    frame.require(node for node in frame.conditions if frame.about(node) not in places)


def _set_period(frame: Frame, hint: Hint) -> None:
    place = frame.time
    if place is None:
        raise Beyond
    column = frame.known(place)
    kept = [node for node in frame.conditions if frame.about(node) != place or isinstance(node, (exp.Is, exp.Not))]
    said = frame.column(place).sql(DIALECT)
    frame.require([*kept, *(exp.condition(said + end, dialect=DIALECT) for end in ends(column, hint))])


def _by_place(frame: Frame, hints: Sequence[Hint]) -> dict[Place, list[Hint]]:
    found: dict[Place, list[Hint]] = {}
    for hint in hints:
        found.setdefault(_place(frame, hint), []).append(hint)
    return found


def _set_values(
    frame: Frame, place: Place, hints: Sequence[Hint], *, wanted: bool, also: bool, inner: bool = False
) -> None:
    """Values of one column: in the place of those that were asked for, or beside them."""
    same = [node for node in frame.conditions if frame.about(node) == place]
    negative = [node for node in same if isinstance(node, (exp.NEQ, exp.Not))]
    replaced = same if wanted else [node for node in same if node not in negative]
    literals = [hint.literals[0] for hint in hints if hint.literals]
    if wanted and also:
        literals = [t.name for node in same if node not in negative for t in node.find_all(exp.Literal)] + literals
    if not wanted and any(t.name not in literals for node in replaced for t in node.find_all(exp.Literal)):
        replaced = []
    new = _condition(frame, place, list(dict.fromkeys(literals)), wanted=wanted)
    kept = frame.conditions if inner else [node for node in frame.conditions if node not in replaced]
    frame.require([*kept, new])


def _condition(frame: Frame, place: Place, literals: Sequence[str], *, wanted: bool) -> exp.Expr:
    column = frame.column(place)
    if not literals:
        return column if wanted else exp.Not(this=column)
    texts = [exp.Literal.string(text) for text in literals]
    if len(texts) == 1:
        return exp.EQ(this=column, expression=texts[0]) if wanted else exp.NEQ(this=column, expression=texts[0])
    within = exp.In(this=column, expressions=texts)
    return within if wanted else exp.Not(this=within)


def _exists(frame: Frame, targets: Sequence[str], values: Sequence[Hint], *, absent: bool) -> None:
    """Only rows that another table points at: payments that were refunded."""
    if any(table.full_name in targets for table in frame.scope.values()):
        return
    pairs = [
        (alias, r)
        for alias, table in frame.scope.items()
        for r in frame.catalog.relationships
        if r.to_table == table.full_name and r.table in targets
    ]
    if len(pairs) != 1:
        raise Beyond
    alias, key = pairs[0]
    frame.qualify()
    inner = key.table.replace(".", "_")
    same = exp.EQ(this=exp.column(key.column, table=inner), expression=exp.column(key.to_column, table=alias))
    told = [exp.column(h.targets[0].rpartition(".")[2], table=inner).eq(h.literals[0]) for h in values if h.literals]
    read = exp.alias_(exp.to_table(key.table), inner, table=True)
    found = exp.Exists(this=exp.select("1").from_(read).where(same, *told))
    frame.require([*frame.conditions, exp.Not(this=found) if absent else found])


def _measured(frame: Frame, change: Change, *, inner: bool) -> None:
    if change.most or not (change.measure or change.measured or inner):
        return
    if change.listed and not change.measure:
        return
    new = _measure(frame, change)
    old = frame.measure
    if old is None and not inner and not change.measure and change.measured:
        _show(frame, [change.measured])
        return
    if old is None or inner:
        keep = [node.copy() for node in frame.groups] if not inner else []
        frame.tree.set("expressions", [*keep, new])
        return
    hidden = not any(item.unalias() == old for item in frame.tree.selects)
    for node in [n for n in frame.tree.find_all(type(old)) if n == old]:
        node.replace(new.copy())
    if hidden:
        frame.tree.append("expressions", new)


def _show(frame: Frame, hints: Sequence[Hint]) -> None:
    """More columns of rows that are listed, or of what groups are made for by their key."""
    group = frame.tree.args.get("group")
    if frame.measure is not None and group is None:
        raise Beyond
    grouped = {place for node in group.expressions for place in frame.places(node)} if group else set()
    for hint in hints:
        alias, name = _place(frame, hint)
        if group and (alias, frame.scope[alias].key) not in grouped:
            raise Beyond
        frame.tree.append("expressions", frame.column((alias, name)))
        if group:
            group.append("expressions", frame.column((alias, name)))


def _measure(frame: Frame, change: Change) -> exp.Expr:
    kind = change.measure
    if kind == "share":
        return _share(frame, change)
    if kind == "distinct":
        if change.measured is None:
            raise Beyond
    if kind == "count" or (not kind and not change.measured):
        return exp.Count(this=exp.Star())
    place = _place(frame, change.measured) if change.measured else frame.measured
    if place is None or not frame.known(place).type.upper().startswith(NUMERIC):
        own = [c for c in measures(frame.catalog, frame.base[1]) if c.unit == "USD"]
        money = [c for c in own if c.name.startswith("amount")] or own
        if not money:
            raise Beyond
        place = (frame.base[0], money[0].name)
    if not kind and isinstance(frame.measure, tuple(_AGGREGATES.values())):
        return type(frame.measure)(this=frame.column(place))
    return _AGGREGATES.get(kind, exp.Sum)(this=frame.column(place))


def _share(frame: Frame, change: Change) -> exp.Expr:
    """How many in a hundred rows fulfil what the remark names."""
    if not (change.values or change.excluded or change.tables):
        return _share_of_all(frame)
    kept = frame.conditions
    frame.require([])
    _filter(frame, change, also=False, inner=False)
    new = frame.conditions
    frame.require(kept)
    if not new or any(node.find(exp.Exists) for node in new):
        raise Beyond
    wanted_rows = exp.Filter(
        this=exp.Count(this=exp.Star()), expression=exp.Where(this=exp.and_(*[n.copy() for n in new]))
    )
    share = exp.Mul(this=exp.Literal.number("100.0"), expression=wanted_rows)
    return exp.Div(this=share, expression=exp.Count(this=exp.Star()))


def _share_of_all(frame: Frame) -> exp.Expr:
    """Each group's part of a hundred."""
    if not frame.groups or not isinstance(frame.measure, (exp.Count, exp.Sum)):
        raise Beyond
    part = exp.Mul(this=exp.Literal.number("100.0"), expression=frame.measure.copy())
    return exp.Div(this=part, expression=exp.Window(this=exp.Sum(this=frame.measure.copy())))


def _grouped(frame: Frame, change: Change) -> None:
    if not change.bucket and not change.groups:
        return
    measure = frame.measure.copy() if frame.measure is not None else exp.Count(this=exp.Star())
    # A list that was cut to its first row was one group's: the new groups are all wanted.
    keep = [node.copy() for node in frame.groups] if change.further else []
    kept_order = frame.tree.args.get("order") if not change.bucket and frame.tree.args.get("group") else None
    new = [_bucket(frame, change.bucket)] if change.bucket else []
    by: list[exp.Expr] = []
    for hint in change.groups:
        shown, grouped = _group(frame, hint)
        new, by = [*new, shown], [*by, *grouped]
    if change.bucket:
        by = [new[0].copy(), *by]
    frame.tree.set("expressions", [*keep, *new, measure])
    frame.tree.set("group", exp.Group(expressions=[*(node.copy() for node in keep), *by]))
    frame.clear("order", "limit", "having", "distinct")
    if kept_order is not None and kept_order.find(exp.AggFunc):
        frame.tree.set("order", kept_order)
    if change.most:
        frame.tree.set("order", _order(measure, low=bool(change.low)))
        frame.tree.set("limit", exp.Limit(expression=exp.Literal.number(1)))


def _bucket(frame: Frame, unit: str) -> exp.Expr:
    place = frame.time
    if place is None:
        raise Beyond
    return exp.maybe_parse(BUCKETS[unit].format(frame.column(place).sql(DIALECT)), dialect=DIALECT)


def _group(frame: Frame, hint: Hint) -> tuple[exp.Expr, list[exp.Expr]]:
    """What is shown of a group and what it is grouped by: a table's rows by their key and name."""
    if hint.kind == "column":
        place = _place(frame, hint)
        return frame.column(place), [frame.column(place)]
    table = frame.catalog.table(hint.targets[0])
    if table.key is None:
        raise Beyond
    alias, _ = _place(frame, Hint(hint.span, "column", (f"{table.full_name}.{table.key}",)))
    shown = frame.column((alias, table.label or table.key))
    return shown, list(dict.fromkeys([frame.column((alias, table.key)), shown.copy()]))


def _bounded(frame: Frame, change: Change) -> None:
    """'Over $100' bounds what the rows measure; of a query that groups, 'more than 10' bounds the groups."""
    for hint in change.bounds:
        compared = _COMPARED.get(hint.operator)
        if compared is None or len(hint.literals) != 1:
            raise Beyond
        number = exp.Literal.number(hint.literals[0])
        money = any(sign in hint.span for sign in "$€£") or "dollar" in hint.span.lower()
        if frame.tree.args.get("group") and not money and not change.measured and frame.measure is not None:
            frame.tree.set("having", exp.Having(this=compared(this=frame.measure.copy(), expression=number)))
            continue
        place = _place(frame, change.measured) if change.measured else _bounded_place(frame, money=money)
        kept = [n for n in frame.conditions if not (frame.about(n) == place and isinstance(n, compared))]
        frame.require([*kept, compared(this=frame.column(place), expression=number)])


def _bounded_place(frame: Frame, *, money: bool) -> Place:
    if frame.measured and frame.known(frame.measured).type.upper().startswith(NUMERIC):
        return frame.measured
    own = [c for c in measures(frame.catalog, frame.base[1]) if not money or c.unit == "USD"]
    amounts = [c for c in own if c.name.startswith("amount")] or own
    if len(amounts) != 1 and not (amounts and amounts[0].name.startswith("amount")):
        raise Beyond
    return frame.base[0], amounts[0].name


def _listed(frame: Frame, change: Change) -> None:
    """The rows by name instead of a number of them."""
    if not change.listed or change.measure:
        return
    alias, table = _subject(frame)
    name = table.label or table.key
    if name is None:
        raise Beyond
    ordered = frame.tree.args.get("order")
    frame.tree.set("expressions", [frame.column((alias, name))])
    if not frame.tree.args.get("limit"):
        frame.clear("group", "having")
        if ordered is not None and ordered.find(exp.AggFunc):
            frame.clear("order")


def _subject(frame: Frame) -> tuple[str, Table]:
    owners = {alias for node in frame.groups for alias, _ in frame.places(node)}
    return next(((a, t) for a, t in frame.scope.items() if a in owners), frame.base)


def _ordered(frame: Frame, change: Change) -> None:
    if change.turned:
        _turn(frame)
    if (change.sorted or change.order) and frame.tree.args.get("limit") and not change.top:
        _sort_shown(frame, change)
    elif change.sorted or change.order:
        frame.tree.set("order", _order(*_sorted_by(frame, change)))
    if change.top and not change.most:
        _cut(frame, change)


def _sort_shown(frame: Frame, change: Change) -> None:
    """Another order of the same rows: those that were chosen by the order before."""
    by, low = _sorted_by(frame, change)
    names = [item.alias_or_name for item in frame.tree.selects]
    shown = next((name for item, name in zip(frame.tree.selects, names, strict=True) if item.unalias() == by), "")
    if not shown or len(set(names)) < len(names):
        raise Beyond
    frame.tree = exp.select("*").from_(frame.tree.copy().subquery("chosen"))
    frame.tree.set("order", _order(exp.column(shown), low))


def _sorted_by(frame: Frame, change: Change) -> tuple[exp.Expr, bool]:
    """What to sort by, and whether from low to high: numbers begin high where nobody says."""
    if change.natural == "time" and frame.measure is None and frame.time:
        return frame.column(frame.time), bool(change.low)
    if change.natural == "name" and (names := frame.groups or [item.unalias() for item in frame.tree.selects]):
        return names[0].copy(), True
    if change.order is None:
        by = frame.measure if frame.measure is not None else _first_number(frame)
        return by.copy(), bool(change.low)
    place = _place(frame, change.order)
    numeric = frame.known(place).type.upper().startswith(NUMERIC)
    low = not numeric if change.low is None else change.low
    used = frame.measure
    if used is not None and place == frame.measured:
        return used.copy(), low
    if frame.tree.args.get("group") and not any(place in frame.places(node) for node in frame.groups):
        return exp.Sum(this=frame.column(place)), low
    return frame.column(place), low


def _first_number(frame: Frame) -> exp.Expr:
    for item in frame.tree.selects:
        for place in frame.places(item.unalias()):
            if frame.known(place).type.upper().startswith(NUMERIC):
                return frame.column(place)
    raise Beyond


def _order(by: exp.Expr, low: bool) -> exp.Order:
    return exp.Order(expressions=[exp.Ordered(this=by.copy(), desc=not low, nulls_first=False)])


def _turn(frame: Frame) -> None:
    order = frame.tree.args.get("order")
    if order is None:
        raise Beyond
    for item in order.expressions:
        item.set("desc", not item.args.get("desc"))


def _cut(frame: Frame, change: Change) -> None:
    """Only the first so many; of what has no order yet, those with the most."""
    if frame.measure is not None and not frame.groups and not frame.tree.args.get("group"):
        raise Beyond  # One number has no first rows.
    order = frame.tree.args.get("order")
    if order is None:
        by, _ = _sorted_by(frame, change)
        frame.tree.set("order", _order(by, low=bool(change.low)))
    elif change.low is not None and change.low == bool(order.expressions[0].args.get("desc")):
        _turn(frame)
    frame.tree.set("limit", exp.Limit(expression=exp.Literal.number(change.top)))
