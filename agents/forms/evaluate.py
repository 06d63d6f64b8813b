"""How often the demo's forms are filled right, and what is asked or invented."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from agents.forms import demo
from agents.forms.desk import Desk
from agents.forms.flatten import fields_of
from agents.forms.form import Form
from agents.forms.hints import Hints
from agents.forms.rewording import reworded
from agents.forms.state import FieldValue
from data.values import plain

if TYPE_CHECKING:
    from data.gateway import Gateway
    from data.policy import Principal

AS_OF = datetime(2026, 1, 15)
"""The moment from which the right values see 'last year'."""
NEAR = 0.006
"""How far an amount may be off, as the form rounds to cents."""


@dataclass(frozen=True)
class Score:
    """Fields of subjects. `answerable` ones have a value in the lakehouse: they are `right`, `wrong`, or `asked` for.
    Of the others, those that got a value all the same are `invented`. `sourceless` are values without a source."""

    form: str
    wording: str
    fields: int
    subjects: int
    answerable: int
    right: int
    wrong: int
    asked: int
    unanswerable: int
    invented: int
    sourceless: int
    misses: tuple[tuple[str, str, int], ...]
    """(path, how it was missed, for how many subjects)"""

    def as_json(self) -> dict[str, Any]:
        rates = {"right_share": _share(self.right, self.answerable)}
        rates["invented_share"] = _share(self.invented, self.unanswerable)
        found: dict[str, Any] = {**asdict(self), **rates}
        return {**found, "misses": [list(miss) for miss in self.misses]}


def summary(scores: Sequence[Score]) -> dict[str, Any]:
    """All forms together, and each."""
    counts = ("fields", "subjects", "answerable", "right", "wrong", "asked", "unanswerable", "invented", "sourceless")
    total = {name: sum(getattr(score, name) for score in scores) for name in counts}
    shares = {
        "right_share": _share(total["right"], total["answerable"]),
        "invented_share": _share(total["invented"], total["unanswerable"]),
    }
    return {**total, **shares, "forms": [score.as_json() for score in scores]}


def evaluate(desk: Desk, names: Sequence[str], subjects: int, *, wording: str) -> Iterator[Score]:
    """Fill each form about some subjects, as if it had never been filled before."""
    for name in names:
        schema, hints, paths = demo.schema(name), demo.hints(name), {path: path for path in demo.gold(name)}
        if wording != demo.OWN:
            words = demo.wording(name, wording)
            schema, hints, paths = reworded(schema, hints, words["sections"], words["fields"])
        yield _scored(desk, name, _form(name, schema, hints), paths, subjects, wording)


def _form(name: str, schema: Mapping[str, Any], hints: Hints) -> Form:
    # No form of a home has such a name, so nothing is remembered of it.
    fields = fields_of(schema, hints, name)
    return Form(f"{name} (evaluated)", 0, str(schema.get("title", name)), "", fields, schema, hints)


def _scored(desk: Desk, name: str, form: Form, paths: Mapping[str, str], subjects: int, wording: str) -> Score:
    table = form.hints.subject
    keys = _keys(desk.gateway, desk.principal, table, subjects)
    right = _gold(desk.gateway, desk.principal, name, keys)
    plan, filler = desk.plan(form, table), desk.filler(form)
    got = desk.fetch(table, keys, plan, AS_OF)
    counts: Counter[str] = Counter()
    misses: Counter[tuple[str, str]] = Counter()
    for key in keys:
        values = filler.values(plan, got[key])
        for path, gold in right.items():
            found = values[paths[path]]
            outcome = _outcome(found, gold[key])
            counts[outcome] += 1
            counts["sourceless"] += found.status == "filled" and found.source is None
            if outcome in ("wrong", "asked", "invented"):
                misses[path, outcome] += 1
    answerable = counts["right"] + counts["wrong"] + counts["asked"]
    return Score(
        name, wording, len(right), len(keys), answerable, counts["right"], counts["wrong"],
        counts["asked"], counts["left"] + counts["invented"], counts["invented"], counts["sourceless"],
        tuple((path, how, count) for (path, how), count in misses.most_common()),
    )  # fmt: skip


def _outcome(found: FieldValue, gold: Any) -> str:
    if gold is None:
        return "invented" if found.status == "filled" else "left"
    if found.status != "filled":
        return "asked"
    return "right" if same(found.value, gold) else "wrong"


def same(value: Any, gold: Any) -> bool:
    """Whether a form's value is the right one: amounts to the cent."""
    if isinstance(value, int | float) and isinstance(gold, int | float):
        return math.isclose(value, gold, rel_tol=1e-9, abs_tol=NEAR)
    return str(value) == str(gold)


def _keys(gateway: Gateway, principal: Principal, table: str, count: int) -> list[Any]:
    """Keys of subjects from all over the table."""
    key = gateway.catalog.table(table).key
    sql = f'SELECT "{key}" FROM {table} ORDER BY hash("{key}")'
    found = gateway.query(principal, sql, limit=count, question="form evaluation").table
    return list(found.column(0).to_pylist())


def _gold(gateway: Gateway, principal: Principal, name: str, keys: Sequence[Any]) -> dict[str, dict[Any, Any]]:
    """By path and key, the right value; None where there is none."""
    found: dict[str, dict[Any, Any]] = {}
    for path, how in demo.gold(name).items():
        if how is None or "value" in how:
            found[path] = dict.fromkeys(keys, how and how["value"])
        elif "sql" in how:
            rows = gateway.query(principal, how["sql"], limit=1_000_000, question="form evaluation").table.to_pylist()
            values = {row["key"]: plain(row["value"]) for row in rows}
            found[path] = {key: values.get(key, how.get("empty")) for key in keys}
    for path, how in demo.gold(name).items():
        if how is not None and "minus" in how:
            one, other = (found[part] for part in how["minus"])
            found[path] = {key: _minus(one[key], other[key]) for key in keys}
    return found


def _minus(one: Any, other: Any) -> Any:
    return None if one is None or other is None else one - other


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 4) if whole else None
