"""A change made in the tree of the SELECT that answered the question before: exact, and without a model."""

from __future__ import annotations

from datetime import date

from sqlglot import exp

from agents.ask.followup.change import Change
from agents.ask.followup.filters import bounded, filtered, place_of
from agents.ask.followup.frame import Beyond, Frame
from agents.ask.followup.measured import measured, show
from agents.ask.followup.ordered import order_by, ordered
from agents.columns import TEMPORAL
from agents.grammar.windows import BUCKETS
from agents.statement import DIALECT
from data.catalog import Table
from retrieval.hints import Hint


def revised(frame: Frame, change: Change, *, inner: bool) -> str:
    """The SQL with the change. `inner`: the remark asks about the rows themselves ('how many of them …').

    Raises Beyond where it can't be made exactly.
    """
    if inner:
        _rows_alone(frame)
    filtered(frame, change, inner=inner)
    measured(frame, change, inner=inner)
    # 'When were they first seen, per year?' names the time that the bucket is of.
    if shown := [h for h in change.shown if not (change.bucket and frame.locate(h.targets) == frame.time)]:
        show(frame, shown)
    _grouped(frame, change)
    bounded(frame, change)
    _listed(frame, change)
    ordered(frame, change)
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
        frame.tree.set("order", order_by(measure, low=bool(change.low)))
        frame.tree.set("limit", exp.Limit(expression=exp.Literal.number(1)))


def _bucket(frame: Frame, unit: str) -> exp.Expr:
    place = frame.time
    if place is None:
        raise Beyond
    return exp.maybe_parse(BUCKETS[unit].format(frame.column(place).sql(DIALECT)), dialect=DIALECT)


def _group(frame: Frame, hint: Hint) -> tuple[exp.Expr, list[exp.Expr]]:
    """What is shown of a group and what it is grouped by: a table's rows by their key and name."""
    if hint.kind == "column":
        place = place_of(frame, hint)
        return frame.column(place), [frame.column(place)]
    table = frame.catalog.table(hint.targets[0])
    if table.key is None:
        raise Beyond
    alias, _ = place_of(frame, Hint(hint.span, "column", (f"{table.full_name}.{table.key}",)))
    shown = frame.column((alias, table.label or table.key))
    return shown, list(dict.fromkeys([frame.column((alias, table.key)), shown.copy()]))


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
