"""What a task says of the rows of its answer, for which its query is changed when it is made: ties that are kept, and
days of the week by number."""

from __future__ import annotations

import re

from sqlglot import exp

from agents import statement

_KEPT = re.compile(
    r"\bif (?:several|two|more than one|multiple|some|there are)\b[^.;]*\b(?:ties?|tied|share|same|equal)\b[^.;]*"
    r"\b(?:keep|show|return|list|include|give)\b[^.;]*\b(?:all|both|each|every|them)\b"
    r"|\b(?:keep|include|including|return|show|list|with) (?:all |any |the |both )?(?:of )?(?:the )?(?:ties|tied)\b"
    r"|\bties? (?:are |is |should be |must be |all |both )*(?:kept|included|shown|count|stay)\b"
    r"|\b(?:on|in case of|for) (?:a )?ties?,? (?:please )?(?:keep|show|return|list|include|give) (?:all|both"
    r"|them|every)",
    re.I,
)
_MONDAY = re.compile(r"\b1 ?(?:=|is|for|being) ?mon(?:day)?\b|\bmon(?:day)? ?(?:=|is|being|as) ?1\b|\biso ?(?:week ?day"
                     r"|day of (?:the )?week)\b", re.I)  # fmt: skip


def afterwards(task: str, sql: str) -> str:
    """The query as the task wants its rows."""
    if not (_KEPT.search(task) or _MONDAY.search(task)):
        return sql
    tree = statement.query(sql)
    if _KEPT.search(task):
        for number in list(tree.find_all(exp.RowNumber)):
            _share(number)
    if _MONDAY.search(task):
        for day in list(tree.find_all(exp.Dayname)):
            if day.find_ancestor(exp.Where, exp.Filter) is None:
                day.replace(exp.DayOfWeekIso(this=day.this.copy()))
    return tree.sql(dialect=statement.DIALECT)


def _share(number: exp.RowNumber) -> None:
    """Have rows that are equal by the first key the same place."""
    order = number.parent.args.get("order") if isinstance(number.parent, exp.Window) else None
    if order is not None:
        order.set("expressions", order.expressions[:1])
    number.replace(exp.Rank())
