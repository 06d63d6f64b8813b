"""How the rows are sorted, and how many are wanted."""

from __future__ import annotations

from sqlglot import exp

from agents.ask.followup.change import Change
from agents.ask.followup.filters import place_of
from agents.ask.followup.frame import Beyond, Frame
from agents.columns import NUMERIC


def ordered(frame: Frame, change: Change) -> None:
    if change.turned:
        _turn(frame)
    if (change.sorted or change.order) and frame.tree.args.get("limit") and not change.top:
        _sort_shown(frame, change)
    elif change.sorted or change.order:
        frame.tree.set("order", order_by(*_sorted_by(frame, change)))
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
    frame.tree.set("order", order_by(exp.column(shown), low))


def _sorted_by(frame: Frame, change: Change) -> tuple[exp.Expr, bool]:
    """What to sort by, and whether from low to high: numbers begin high where nobody says."""
    if change.natural == "time" and frame.measure is None and frame.time:
        return frame.column(frame.time), bool(change.low)
    if change.natural == "name" and (names := frame.groups or [item.unalias() for item in frame.tree.selects]):
        return names[0].copy(), True
    if change.order is None:
        by = frame.measure if frame.measure is not None else _first_number(frame)
        return by.copy(), bool(change.low)
    place = place_of(frame, change.order)
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


def order_by(by: exp.Expr, low: bool) -> exp.Order:
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
        frame.tree.set("order", order_by(by, low=bool(change.low)))
    elif change.low is not None and change.low == bool(order.expressions[0].args.get("desc")):
        _turn(frame)
    frame.tree.set("limit", exp.Limit(expression=exp.Literal.number(change.top)))
