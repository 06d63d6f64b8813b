"""What is measured of the rows, and which of their columns are shown."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from agents.ask.followup.change import Change
from agents.ask.followup.filters import narrow, place_of
from agents.ask.followup.frame import Beyond, Frame
from agents.columns import NUMERIC, measures
from retrieval.hints import Hint

_AGGREGATES: dict[str, type[exp.AggFunc]] = {
    "sum": exp.Sum, "avg": exp.Avg, "median": exp.Median, "max": exp.Max, "min": exp.Min,
}  # fmt: skip


def measured(frame: Frame, change: Change, *, inner: bool) -> None:
    if change.most or not (change.measure or change.measured or inner):
        return
    if change.listed and not change.measure:
        return
    new = _measure(frame, change)
    old = frame.measure
    if old is None and not inner and not change.measure and change.measured:
        show(frame, [change.measured])
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


def show(frame: Frame, hints: Sequence[Hint]) -> None:
    """More columns of rows that are listed, or of what groups are made for by their key."""
    group = frame.tree.args.get("group")
    if frame.measure is not None and group is None:
        raise Beyond
    grouped = {place for node in group.expressions for place in frame.places(node)} if group else set()
    for hint in hints:
        alias, name = place_of(frame, hint)
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
        raise Beyond
    if kind == "count" or (not kind and not change.measured):
        return exp.Count(this=exp.Star())
    place = place_of(frame, change.measured) if change.measured else frame.measured
    if place is None or not frame.known(place).type.upper().startswith(NUMERIC):
        own = [c for c in measures(frame.catalog, frame.base[1]) if c.unit == "USD"]
        money = [c for c in own if c.name.startswith("amount")] or own
        if not money:
            raise Beyond
        place = (frame.base[0], money[0].name)
    same = next((made for made in _AGGREGATES.values() if isinstance(frame.measure, made)), exp.Sum)
    if not kind:
        return same(this=frame.column(place))
    return _AGGREGATES.get(kind, exp.Sum)(this=frame.column(place))


def _share(frame: Frame, change: Change) -> exp.Expr:
    """How many in a hundred rows fulfil what the remark names."""
    if not (change.values or change.excluded or change.tables):
        return _share_of_all(frame)
    kept = frame.conditions
    frame.require([])
    narrow(frame, change, also=False, inner=False)
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
