"""Periods of minutes: which tables can tell them, and whether SQL that somebody wrote keeps to them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from sqlglot import exp

from agents.columns import ends, tells, times
from agents.grammar.required import meant
from data.catalog import Catalog, Column, Table
from data.errors import Invalid

if TYPE_CHECKING:
    from retrieval import Context
    from retrieval.hints import Hint

_IN = re.compile(r"^(?:in|during|on|of|for|throughout|over|within)\s+", re.IGNORECASE)
_BOUND = re.compile(
    r"^(?:since|from|start|begin|as|after|before|until|till|up|more|less|between|just)|ago$", re.IGNORECASE
)
_LAST = re.compile(r"last|past|previous", re.IGNORECASE)
SECONDS = len("2026-11-24 10:00:03")

Place = tuple[Table, Column]


def said(hint: Hint) -> str:
    """The period as the subject of a sentence: 'the last five minutes', 'what came since 10 minutes ago'."""
    if _BOUND.search(hint.span):
        return f"what came {hint.span}"
    within = _IN.sub("", hint.span)
    return f"the {within}" if _LAST.match(within) else within


def brief(context: Context) -> Hint | None:
    """The period of minutes that the question is about; like the grammar, this goes by its first period."""
    first = next((hint for hint in context.hints if hint.kind == "time"), None)
    return first if first and first.brief else None


def untold(context: Context) -> str:
    """Why the question's period can't be told by what it is about, or ""; columns of dates have no minutes."""
    period = brief(context)
    if period is None:
        return ""
    about = [context.catalog.table(name) for name in sorted(meant(context)) if name in context.catalog]
    named = [(t, c) for t, c in _mentioned(context) if c in times(t)]
    days = [f"{t.full_name}.{c.name}" for t, c in named if not tells(c, period)]
    near = about + [
        context.catalog.table(r.table) for r in context.catalog.relationships if r.to_table in meant(context)
    ]
    if not days and (not about or any(tells(c, period) for t in near for c in times(t))):
        return ""
    if any(tells(c, period) for _, c in named):
        return ""
    days = days or [f"{t.full_name}.{c.name}" for t in about for c in times(t)]
    names = ", ".join(days) or ", ".join(t.full_name for t in about)
    lacks = "holds days without a time" if days else "has no times"
    return (
        f"“{period.span}” can't be told: {names} {lacks}. Please ask about whole days, such as today, if that is meant."
    )


def keep(tree: exp.Query, context: Context) -> None:
    """Invalid for SQL that leaves the question's period of minutes out, or sets days against it."""
    period = brief(context)
    if period is None:
        return
    places = list(compared(tree, context.catalog, period))
    wanted = " and ".join(f"{end.strip()}" for end in ends(Column("", "TIMESTAMP"), period))
    if not places or not _ends(period) <= {text for text, _ in _literals(tree)}:
        raise Invalid(
            f"The question is about “{period.span}”, which the SQL doesn't ask for.",
            f"Compare a column of times with these texts, without now(): {wanted}.",
        )
    for table, column in places:
        if not tells(column, period):
            name = f"{table.full_name}.{column.name}"
            raise Invalid(
                f"{name} holds days, which can't tell “{period.span}”.", f"Compare a column of times: {wanted}."
            )


def compared(tree: exp.Query, catalog: Catalog, period: Hint) -> Iterator[Place]:
    """The columns that the SQL compares with an end of the period."""
    for text, literal in _literals(tree):
        predicate, select = literal.find_ancestor(exp.Predicate), literal.find_ancestor(exp.Select)
        if text not in _ends(period) or predicate is None or select is None:
            continue
        for column in predicate.find_all(exp.Column):
            for table in select.find_all(exp.Table):
                name = f"{table.db}.{table.name}"
                known = name in catalog and column.table in ("", table.alias_or_name)
                if known and column.name in catalog.table(name):
                    yield catalog.table(name), catalog.table(name).column(column.name)


def _ends(period: Hint) -> frozenset[str]:
    return frozenset(literal for literal in period.literals if literal)


def _literals(tree: exp.Query) -> Iterator[tuple[str, exp.Expr]]:
    """The texts of the SQL that may be times, as a hint writes them."""
    for literal in tree.find_all(exp.Literal):
        if literal.is_string:
            yield literal.name.replace("T", " ")[:SECONDS], literal


def _mentioned(context: Context) -> Iterator[Place]:
    for hint in context.hints:
        for target in hint.targets if hint.kind == "column" else ():
            table, _, column = target.rpartition(".")
            if table in context.catalog and column in context.catalog.table(table):
                yield context.catalog.table(table), context.catalog.table(table).column(column)
