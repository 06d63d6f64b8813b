"""What a task computes of the periods of a query: the change from one to the next, and totals so far.

A small typed grammar over the words of the task; the query below it gives a number for each period.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from sqlglot import exp

from agents import statement
from agents.code.render.naming import called, identifier

Way = Literal["difference", "growth", "running", "quantile", "nth"]
_UNIT = r"(?P<unit>day|week|month|quarter|year)"
_AGAINST = r"(?:versus|vs\.?|against|compared (?:to|with)|from|over|since)"
_OVER = re.compile(
    rf"\b{_UNIT}[- ](?:over|on|to)[- ](?P=unit)\b|\b(?:mom|yoy|wow|qoq)\b|"
    rf"\b{_AGAINST} (?:the )?(?:previous|prior|preceding|last) {_UNIT.replace('unit', 'before')}\b|"
    rf"\b{_AGAINST} the {_UNIT.replace('unit', 'ahead')} before\b",
    re.I,
)
_SHORT = {"mom": "month", "yoy": "year", "wow": "week", "qoq": "quarter"}
_CHANGE = re.compile(r"\b(?:change|difference|delta|increase|decrease|growth|gain)s?\b(?: rate)?(?: in| of)?\s*", re.I)
_GROWTH = re.compile(r"\b(?:growth|percent(?:age)?|rate|relative)\b|%", re.I)
_RUNNING = re.compile(r"\b(?:running|cumulative|accumulated)(?: (?:total|sum|count|number))?\b(?: of)?\s*", re.I)
_EACH = re.compile(rf"\b(?:per|by|each|every|for) {_UNIT}\b|\b(?:dai|week|month|quarter|year)ly\b", re.I)
_IN_PERCENT = re.compile(r"\s*\b(?:in|as a) (?:percent|percentage|%)(?: of)?", re.I)


@dataclass(frozen=True)
class Derived:
    """`way` is what is made of each period's number, `question` what the number is asked by."""

    way: Way
    question: str
    number: float = 0
    """The share of a quantile, or the place of an nth."""

    @classmethod
    def of(cls, question: str, outputs: tuple[str, ...]) -> Derived | None:
        """What a task wants of the periods, None where it wants nothing of them."""
        said = " ".join((question, *outputs))
        if found := _OVER.search(said):
            unit = next(
                (text.lower() for text in found.groupdict().values() if text), _SHORT.get(found.group().lower(), "")
            )
            way: Way = "growth" if _GROWTH.search(said) else "difference"
            return cls(way, _by(unit, _CHANGE.sub("", _IN_PERCENT.sub(" of", _OVER.sub("", question)))))
        if _RUNNING.search(question) and _EACH.search(question):
            told = _RUNNING.sub("", question)
            counted = re.search(r"\b(?:number|count) of\b|^(?:total|sum)\b", told, re.I)
            much = re.search(r"\b(?:count|number)\b", _RUNNING.findall(question)[0], re.I)
            return cls("running", told if counted else f"{'Number of' if much else 'Total'} {told}")
        if found := _PERCENTILE.search(question):
            return cls("quantile", _PERCENTILE.sub("median", question), int(found["share"] or found["p"]) / 100)
        if found := _NTH.search(question):
            place = _ORDINALS.get(found["nth"].lower()) or int(re.findall(r"\d+", found["nth"])[0])
            return cls("nth", f"{question[: found.start('nth')]}{question[found.end('nth') :].lstrip()}", place)
        return None


def placed(sql: str, derived: Derived) -> str | None:
    """The query with the share of its median, or the place of what is first in each of its groups; None where it has
    none."""
    tree = statement.query(sql)
    if derived.way == "quantile":
        medians = list(tree.find_all(exp.Median))
        for median in medians:
            number = exp.Cast(this=median.this.copy(), to=exp.DataType.build("DOUBLE"))
            median.replace(exp.PercentileCont(this=number, expression=exp.Literal.number(derived.number)))
        return tree.sql(dialect=statement.DIALECT) if medians else None
    qualify = tree.args.get("qualify")
    if qualify is None or not isinstance(qualify.this, (exp.EQ, exp.LTE)):
        return None
    place = exp.Literal.number(int(derived.number))
    qualify.set("this", exp.EQ(this=qualify.this.this.copy(), expression=place))
    return tree.sql(dialect=statement.DIALECT)


_PERCENTILE = re.compile(r"\b(?P<share>\d{1,2})(?:th|st|nd|rd) percentile\b|\bp(?P<p>\d{2})\b", re.I)
_ORDINALS = {"second": 2, "third": 3, "fourth": 4, "fifth": 5}
_NTH = re.compile(
    r"\b(?P<nth>second|third|fourth|fifth|[2-9](?:nd|rd|th))[ -](?:most|(?:large|big|high|small|low|old|young|new|long|"
    r"short|late)\w*|expensive|recent)\b.*\b(?:of|per|for|in|by) ?(?:each|every|per)?\b",
    re.I,
)


def derive(sql: str, way: Way) -> str | None:
    """The query over the periods of `sql`, which shows a period and a number; None where it shows something else."""
    tree = statement.query(sql)
    if not isinstance(tree, exp.Select):
        return None
    times = [
        item
        for item in tree.selects
        if item.find(exp.TimestampTrunc, exp.DateTrunc, exp.Year, exp.Month) and not item.find(exp.AggFunc)
    ]
    numbers = [item for item in tree.selects if item.find(exp.AggFunc) and not item.find(exp.Window)]
    if len(times) != 1 or len(numbers) != 1 or len(tree.selects) != 2:
        return None
    period = identifier(called(times[0]))
    value = identifier(called(numbers[0]))
    inner = tree.copy()
    inner.set(
        "expressions", [exp.alias_(times[0].unalias().copy(), period), exp.alias_(numbers[0].unalias().copy(), value)]
    )
    inner.set("order", None)
    before = f"lag({value}) OVER (ORDER BY {period})"
    made = {
        "difference": f"{value} - {before} AS change",
        "growth": f"100.0 * ({value} - {before}) / {before} AS growth",
        "running": f"sum({value}) OVER (ORDER BY {period}) AS running_{value}",
    }[way]
    text = inner.sql(dialect=statement.DIALECT)
    return f"SELECT {period}, {value}, {made} FROM ({text}) ORDER BY {period}"


def _by(unit: str, question: str) -> str:
    text = " ".join(question.split())
    return (
        text
        if re.search(rf"\b(?:by|per|each|every) {unit}\b", text, re.I) or not unit
        else f"{text.rstrip('. ')} by {unit}"
    )
