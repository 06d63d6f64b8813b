"""Whether what a query shows, groups and ranks by is what the question asks for."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING

from sqlglot import exp

from agents.ask.abstain.explained import is_money
from agents.ask.rerank.cues import sorting
from agents.ask.sketch.amounts import SIDE, asks_money
from agents.ask.sketch.brief import EVERYONE, Brief

if TYPE_CHECKING:
    from agents.ask.rerank.shape import Shape
    from retrieval import Context
    from retrieval.hints import Hint

_WHO = re.compile(r"^\W*(?:(?:and|so|tell me|show me|list)\W+)*who(?:['’]s|m|se)?\b", re.IGNORECASE)
TIMELY = re.compile(
    r"\b(?:latest|newest|last|recent\w*|young\w*|short\w*|old\w*|first|earl\w+|long\w*|new|since|date|when|final)\b",
    re.IGNORECASE,
)

_PERIODS = re.compile(
    r"\b(?:per|by|each|every|a|which|what) (day|week|month|quarter|year|decade)\b|\b(week|month|quarter|year)ly\b", re.I
)
_UNITS = frozenset({"day", "week", "month", "quarter", "year", "decade"})
_SORTED = re.compile(
    r"\b(?:alphabetical(?:ly)?|sort(?:ed)?|ordered by|in (?:\w+ )?order|(?:de|a)scending)\b", re.IGNORECASE
)
_FROM, _TO = re.compile(r"\bfrom (?:the )?$", re.I), re.compile(r"\s+(?:in)?to (?:the )?", re.I)
_WITHOUT = re.compile(r"\b(?:without|excluding|before|net of|less|(?:not|n['’]t) (?:counting|including)) \w+")
_NUMBERS = frozenset({"count", "sum", "average", "median", "share", "groups", "extreme"})
LONG = re.compile(r"\b(?:long|short)\w*\b", re.IGNORECASE)
"""What says how much time, where that is kept as a number."""


def asked_for(shape: Shape, context: Context) -> dict[str, float]:
    """What is shown of other things than those asked for, and what no ranking or share is made of."""
    brief, grouped = Brief(context), _grouped(shape)
    per = [hint for hint in brief.hints("table", "column") if brief.grouping(hint)]
    return {
        "shows_other": float(_shows_other(shape, brief)),
        "who_unnamed": float(_asks_who(brief) and _unnamed(shape, brief)),
        "group_lost": float(sum(not _of(hint, grouped, shape) for hint in per) if shape.bare or per else 0),
        "group_part": float(any(hint.kind == "table" and _part(hint, grouped, shape) for hint in per)),
        "orders_idle": float(_orders_idle(shape)),
        "orders_time": float(shape.descending is not None and shape.ranks_time and not TIMELY.search(context.question)),
        "idle_share": float(_idle_share(shape)),
        "denied": float(any(_denied(hint, shape) and not brief.negated(hint) for hint in brief.hints("value"))),
        "affirmed": float(any(_affirmed(hint, shape) and brief.negated(hint) for hint in brief.hints("value"))),
        "unsorted": float(_unsorted(shape, context.question)),
        "either_way": float(any(_either(there, back, shape) for there, back in _ways(brief))),
        "side_amount": float(_side_amount(shape, brief)),
        "other_period": float(_other_period(shape, context.question)),
        "shows_unnamed": float(_shows_unnamed(shape, brief)),
        "moneyless": float(asks_money(context.question) and not any(map(is_money, map(shape.column, shape.used)))),
    }


def _unsorted(shape: Shape, question: str) -> bool:
    """Whether its rows have no order, or another one, than the question says."""
    orders, wanted = [*shape.tree.find_all(exp.Ordered)], sorting(question)
    if wanted and orders:
        return all(bool(order.args.get("desc")) is not wanted.descending for order in orders)
    return not orders and bool(wanted or _SORTED.search(question))


def _asks_who(brief: Brief) -> bool:
    """Whether people are asked for."""
    question = brief.context.question
    return bool(_WHO.search(question) or (EVERYONE.search(question) and not brief.cues & _NUMBERS))


def _grouped(shape: Shape) -> frozenset[str]:
    return shape.columns["shown"] | shape.columns["grouped"]


def _of(hint: Hint, columns: frozenset[str], shape: Shape) -> bool:
    """Whether some columns are, or are of, what a hint means, or of what that points at."""
    if hint.kind == "table":
        return bool({*hint.targets} & _tables(columns))
    links = (link for link in shape.catalog.relationships if f"{link.table}.{link.column}" in hint.targets)
    pointed = {link.to_table for link in links if f"{link.table}.{link.column}" in shape.joined}
    return bool({*hint.targets} & columns) or bool(pointed & _tables(columns))


def _tables(columns: Iterable[str]) -> set[str]:
    return {name.rpartition(".")[0] for name in columns}


def _shows_other(shape: Shape, brief: Brief) -> bool:
    """Whether a list tells nothing of the things that are named first, nor a column that is named."""
    shown = shape.columns["shown"]
    if not brief.asked or not shown or ("groups" in shape.does and "groups" in brief.cues):
        return False
    return brief.asked not in _tables(shown) and not shown & brief.named


def _unnamed(shape: Shape, brief: Brief) -> bool:
    """Whether it shows no name of anything, nor the column that is meant by 'who made'."""
    meant = {target for hint in brief.hints("column") if _WHO.match(hint.span) for target in hint.targets}
    if meant & shape.columns["shown"]:
        return False
    catalog, shown = shape.catalog, shape.columns["shown"]
    labels = {f"{table.full_name}.{table.label}" for table in catalog.tables if table.label}
    return not shown & labels and not any("name" in column.rpartition(".")[2] for column in shown)


def _part(hint: Hint, grouped: frozenset[str], shape: Shape) -> bool:
    """Whether what is told for each thing is told by something else than its name or key."""
    own = [name for name in grouped if name.rpartition(".")[0] in hint.targets]
    tables = [shape.catalog.table(name) for name in hint.targets if name in shape.catalog]
    known = {f"{table.full_name}.{name}" for table in tables for name in (table.label, table.key) if name}
    return bool(own) and not known & {*own}


def _orders_idle(shape: Shape) -> bool:
    """Whether the first rows are those by a text or by a key, which says nothing of them."""
    order = shape.tree.find(exp.Ordered)
    if shape.descending is None or order is None or not isinstance(order.this, exp.Column):
        return False
    name = shape.named(order.this)
    table = shape.catalog.table(name.rpartition(".")[0]) if name else None
    if table is None:
        return False
    column = shape.column(name)
    return column.name == table.key or column.type.upper().startswith(("VARCHAR", "TEXT", "BOOL"))


def _idle_share(shape: Shape) -> bool:
    """Whether a share is of rows that all are what it is the share of."""
    where = shape.outer.args.get("where")
    if where is None:
        return False
    sure = {test.sql() for test in where.this.flatten()} if isinstance(where.this, exp.And) else {where.this.sql()}
    filters = (each.expression.this for each in shape.outer.find_all(exp.Filter))
    return any(each.sql() in sure for each in filters)


def _ways(brief: Brief) -> Iterator[tuple[Hint, Hint]]:
    """The values between which something goes: 'from Rotterdam to Hamburg'."""
    values, said = [*brief.hints("value")], brief.context.question
    for there, back in itertools.pairwise(values):
        between = said[there.start + len(there.span) : back.start]
        if _FROM.search(said[: there.start]) and _TO.fullmatch(between):
            yield there, back


def _either(there: Hint, back: Hint, shape: Shape) -> bool:
    """Whether it takes either of two values."""
    lists = ({str(each.this) for each in test.expressions} for test in shape.tree.find_all(exp.In))
    return any({*there.literals} & held and {*back.literals} & held for held in lists)


def _side_amount(shape: Shape, brief: Brief) -> bool:
    """Whether it adds up what is but a part of an amount, or taken off it, and the question doesn't say so."""
    free = shape.columns["computed"] - brief.named
    parts = {part for name in free for part in name.rpartition(".")[2].lower().split("_")}
    said = brief.context.question.lower()
    for hint in filter(brief.excludes, brief.context.hints):
        said = said.replace(hint.span.lower(), " ")
    without = _WITHOUT.sub(" ", said)
    return any(part not in without for part in parts & SIDE)


def _other_period(shape: Shape, question: str) -> bool:
    """Whether it tells something for each day, month or year, and the question asks for each of another kind."""
    said = {(found[1] or found[2]).lower() for found in _PERIODS.finditer(question)}
    told = {node.sql_name().lower() for item in shape.bare for node in item.find_all(exp.Func)}
    told |= {
        str(node.args["unit"]).lower()
        for item in shape.bare
        for node in item.find_all(exp.DateTrunc, exp.TimestampTrunc)
    }
    told |= {node.name.lower() for item in shape.bare for node in item.find_all(exp.Anonymous)}
    return bool(said) and bool(told & _UNITS) and not told & said


def _shows_unnamed(shape: Shape, brief: Brief) -> bool:
    """Whether a list of things tells neither their name, nor their key, nor anything that is named. Of things that have
    a key alone also a phrase that asks for nothing by its words, as 'vehicles out of service', asks for a list."""
    asked, ordered = brief.asked, shape.columns["ordered"]
    shown = shape.columns["shown"] - ordered or shape.columns["shown"]
    if not asked or asked not in shape.catalog or not shape.bare:
        return False
    if any(brief.grouping(hint) for hint in brief.hints("table", "column")):
        return False
    table = shape.catalog.table(asked)
    listed = "things" in brief.cues or (not table.label and not brief.cues & _NUMBERS)
    known = {f"{asked}.{name}" for name in (table.label, table.key) if name}
    return listed and bool(known) and asked in _tables(shown) and not shown & (known | brief.named)


def _compared(hint: Hint, shape: Shape) -> Iterator[exp.Literal]:
    return (each for each in shape.tree.find_all(exp.Literal) if str(each.this) in hint.literals)


def _denied(hint: Hint, shape: Shape) -> bool:
    """Whether what a hint means is excluded."""
    return any(isinstance(each.parent, exp.NEQ) or _in_not(each) for each in _compared(hint, shape))


def _affirmed(hint: Hint, shape: Shape) -> bool:
    return any(isinstance(each.parent, exp.EQ) and not _in_not(each) for each in _compared(hint, shape))


def _in_not(literal: exp.Literal) -> bool:
    """Whether it stands in a negated condition, of this query or of one around it."""
    return literal.find_ancestor(exp.Not) is not None
