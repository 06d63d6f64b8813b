"""Which rows: values, periods, bounds, and rows that other tables point at."""

from __future__ import annotations

from collections.abc import Sequence

from sqlglot import exp

from agents.ask.followup.change import Change
from agents.ask.followup.frame import Beyond, Frame, Place, above
from agents.columns import NUMERIC, ends, measures
from agents.statement import DIALECT
from retrieval.hints import Hint

_COMPARED: dict[str, type[exp.Binary]] = {">": exp.GT, ">=": exp.GTE, "<": exp.LT, "<=": exp.LTE, "=": exp.EQ}


def filtered(frame: Frame, change: Change, *, inner: bool) -> None:
    if change.always:
        _release(frame, [place for t in [frame.time] if t for place in [t]])
    for hint in change.released:
        _release(frame, [place_of(frame, hint)])
    if change.period:
        _set_period(frame, change.period)
    if inner and change.measure == "share":
        return
    narrow(frame, change, also=change.also, inner=inner)


def narrow(frame: Frame, change: Change, *, also: bool, inner: bool) -> None:
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


def place_of(frame: Frame, hint: Hint) -> Place:
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
        found.setdefault(place_of(frame, hint), []).append(hint)
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
    if any(table.full_name in targets for table in frame.scope.values()) or above(frame) & set(targets):
        return  # Every row has one.
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


def bounded(frame: Frame, change: Change) -> None:
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
        place = place_of(frame, change.measured) if change.measured else _bounded_place(frame, money=money)
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
