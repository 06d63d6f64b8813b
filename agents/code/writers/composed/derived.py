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

Way = Literal["difference", "growth", "running", "moving", "quantile", "nth"]
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
    """The share of a quantile, the place of an nth, or how many rows a moving number is of."""
    target: str = ""
    """The words for the number that it is made of, where the query has several."""
    beside: bool = False
    """Whether it stands beside the number that it is made of, by the words of the task."""
    function: str = "avg"
    """What a moving number is."""

    @classmethod
    def of(cls, question: str, outputs: tuple[str, ...]) -> Derived | None:
        """What a task wants of the periods, None where it wants nothing of them."""
        question = re.sub(r"^what(?:['’]s| is| are| was| were) (?=the )", "", question, flags=re.I)
        question = _TRAILING.sub(r"\g<rows>-\g<unit> \g<how> ", question)
        said = " ".join((question, *outputs))
        if found := _MOVING.search(question):
            return cls._moving(question, found)
        if found := _OVER.search(said):
            unit = next(
                (text.lower() for text in found.groupdict().values() if text), _SHORT.get(found.group().lower(), "")
            )
            way: Way = "growth" if _GROWTH.search(said) else "difference"
            told = _OVER.sub("", question)
            how = _HOW.search(told)
            bare = _CHANGE.sub("", _IN_PERCENT.sub(" of", _HOW.sub(" ", told)))
            beside = how is not None or _BESIDE.search(question) is not None
            return cls(way, _by(unit, _LEFT.sub("", bare)), 0, how["of"] or "" if how else "", beside)
        if _RUNNING.search(question) and _EACH.search(question):
            told = _RUNNING.sub("", question)
            counted = re.search(r"\b(?:number|count) of\b|^(?:total|sum)\b", told, re.I)
            much = re.search(r"\b(?:count|number)\b", _RUNNING.findall(question)[0], re.I)
            told = re.sub(r"^(?:the|a) ", "", told, flags=re.I)
            own = _OWN.search(question)
            if own:
                return cls("running", question.replace(own.group(), " "), beside=True)
            return cls("running", told if counted else f"{'Number of' if much else 'Total'} {told}")
        if found := _PERCENTILE.search(question):
            return cls("quantile", _PERCENTILE.sub("median", question), int(found["share"] or found["p"]) / 100)
        if found := _NTH.search(question):
            place = _ORDINALS.get(found["nth"].lower()) or int(re.findall(r"\d+", found["nth"])[0])
            return cls("nth", f"{question[: found.start('nth')]}{question[found.end('nth') :].lstrip()}", place)
        if found := _NTH_OF.search(question):
            place = _ORDINALS.get(found["nth"].lower()) or int(re.findall(r"\d+", found["nth"])[0])
            rest = _VACUOUS.sub("", question[found.end() :])
            return cls("nth", f"{question[: found.start()]}first {found['what']} of {found['each']}{rest}", place)
        return None

    @classmethod
    def _moving(cls, question: str, found: re.Match[str]) -> Derived:
        rows = _WORDS.get(found["rows"].lower(), 0) or int(found["rows"])
        told = f"{question[: found.start()]} {question[found.end() :]}"
        function = "sum" if re.search("sum|total", found.group(), re.I) else "avg"
        own = bool(re.search(r"\b(?:its|their|and|with)\b", found["lead"] or "", re.I))
        asked = _by(found["unit"].lower(), " ".join(told.split()).strip(" ,"))
        if not own and not re.search(r"\b(?:number|count|total|sum|average|revenue|amount)\b", told, re.I):
            asked = f"Total {asked[:1].lower()}{asked[1:]}"
        return cls("moving", asked, rows, "", own, function)


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


_OWN = re.compile(
    r",? *(?:(?:together|along) with|and|plus|with|as well as)(?: also)? (?:the|its|a|their) "
    r"(?:running|cumulative|accumulated)(?: (?:total|sum|count|number|amount|value))?(?: so far)?(?: of (?:it"
    r"|them|that))?(?= (?:per|by|over)\b|[,.;]|$)",
    re.I,
)
_BESIDE = re.compile(
    r"\b(?:with|and|plus|together with|along with|as well as|next to) (?:the |its |their |an? )?(?:(?:percent\w*"
    r"|relative|absolute"
    r"|percentage) )?(?:growth|change|difference|increase|decrease|delta)\b",
    re.I,
)
_LEFT = re.compile(
    r",?\s*\b(?:with|and|plus|together with|along with|as well as|next to) (?:the|its|their|an?)?\s*(?=[.,;]|$)", re.I
)
"""What leads to the change, where that is taken out."""
_WORDS = {"two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "ten": 10, "twelve": 12, "thirty": 30}
_ROWS = rf"(?P<rows>\d+|{'|'.join(_WORDS)})"
_MOVING = re.compile(
    rf"(?P<lead>,? *(?:(?:together|along) )?(?:and|with|plus)?(?: (?:its|the|their|a|also))*) *\b"
    rf"{_ROWS}[- ](?P<unit>day|week|month|quarter)s? (?:moving|rolling|trailing) (?:average|mean|avg|sum"
    rf"|total)\b(?: of)?(?: it)?",
    re.I,
)
_TRAILING = re.compile(
    rf"\b(?P<how>moving|rolling|trailing) {_ROWS}[- ](?P<unit>day|week|month|quarter)s?[- ](?=average|mean|avg"
    rf"|sum|total)",
    re.I,
)
_HOW = re.compile(
    r",? *(?:and )?\bhow (?:much )?(?:the |its |this |that )?(?P<of>[\w ]*?) ?(?:has |have )?(?:changed|grew"
    r"|grown|developed|moved|rose)\b",
    re.I,
)
_PERCENTILE = re.compile(r"\b(?P<share>\d{1,2})(?:th|st|nd|rd) percentile\b|\bp(?P<p>\d{2})\b", re.I)
_ORDINALS = {"second": 2, "third": 3, "fourth": 4, "fifth": 5}
_NTH = re.compile(
    r"\b(?P<nth>second|third|fourth|fifth|[2-9](?:nd|rd|th))[ -](?:most|(?:large|big|high|small|low|old|young|new|long|"
    r"short|late)\w*|expensive|recent)\b.*\b(?:of|per|for|in|by) ?(?:each|every|per)?\b",
    re.I,
)

_NTH_OF = re.compile(
    r"\b(?P<nth>second|third|fourth|fifth|[2-9](?:nd|rd|th)) (?P<what>(?!(?:half|quarter|most|month|week|day"
    r"|percentile|part)"
    r"\b)[a-z]+(?: [a-z]+)??)(?: ever)?(?: (?:that was|made|done|opened|sent|played|bought|placed|issued))?"
    r" (?:of|by|per|for|from|in) (?P<each>each|every)\b",
    re.I,
)
_VACUOUS = re.compile(
    r",? ?\(?\b(?:skip|ignore|leave out|drop|omit|without|excluding|with)(?: those| the \w+| \w+)?(?: with| that"
    r" have| having)?"
    r" (?:fewer|less|at least) (?:than )?(?:two|three|four|five|[2-5])(?: \w+)?\)?", re.I,
)  # fmt: skip
"""What has no second one gives no row anyhow."""


def derive(sql: str, derived: Derived, outputs: tuple[str, ...] = ()) -> str | None:
    """The query over the periods of `sql`, which shows a period and numbers, for each of its other columns apart; None
    where it shows something else, or where it is not told which number is meant."""
    tree = statement.query(sql)
    if not isinstance(tree, exp.Select):
        return None
    times, numbers, keys = _parts(tree)
    number = _target(numbers, derived.target)
    if len(times) != 1 or number is None or tree.args.get("limit") or tree.args.get("qualify"):
        return None
    named = {id(item): identifier(called(item)) for item in (*times, *keys, *numbers)}
    if len(set(named.values())) < len(named):
        return None
    inner = tree.copy()
    inner.set("expressions", [exp.alias_(item.unalias().copy(), named[id(item)]) for item in (*times, *keys, *numbers)])
    inner.set("order", None)
    period, value = named[id(times[0])], named[id(number)]
    made = _made(derived, value, period, [named[id(key)] for key in keys])
    alone = len(outputs) == 2 + len(keys) if outputs else not derived.beside
    shown = [period, *(named[id(key)] for key in keys), *([] if alone else [named[id(item)] for item in numbers]), made]
    return f"SELECT {', '.join(shown)} FROM ({inner.sql(dialect=statement.DIALECT)}) ORDER BY {period}"


def _parts(tree: exp.Select) -> tuple[list[exp.Expr], list[exp.Expr], list[exp.Expr]]:
    """The periods, the numbers and the other columns that a query shows."""
    numbers = [item for item in tree.selects if item.find(exp.AggFunc) and not item.find(exp.Window)]
    rest = [item for item in tree.selects if item not in numbers]
    times = [item for item in rest if item.find(exp.TimestampTrunc, exp.DateTrunc, exp.Year, exp.Month)]
    return times, numbers, [item for item in rest if item not in times]


def _target(numbers: list[exp.Expr], said: str) -> exp.Expr | None:
    if len(numbers) < 2:
        return numbers[0] if numbers else None
    kinds: tuple[tuple[str, type[exp.Expr]], ...] = (
        (r"total|sum|amount|revenue|value|volume", exp.Sum), (r"count|number|many", exp.Count),
        (r"average|mean", exp.Avg),
    )  # fmt: skip
    fit = [item for words, kind in kinds if re.search(words, said, re.I) for item in numbers if item.find(kind)]
    return fit[0] if len(fit) == 1 else None


def _made(derived: Derived, value: str, period: str, keys: list[str]) -> str:
    """The new column."""
    over = f"OVER ({f'PARTITION BY {chr(44).join(keys)} ' if keys else ''}ORDER BY {period}"
    before = f"lag({value}) {over})"
    frame = f"ROWS BETWEEN {int(derived.number) - 1} PRECEDING AND CURRENT ROW"
    return {
        "difference": f"{value} - {before} AS change",
        "growth": f"100.0 * ({value} - {before}) / {before} AS growth",
        "running": f"sum({value}) {over}) AS running_{value}",
        "moving": f"{derived.function}({value}) {over} {frame}) AS moving_{derived.function}",
    }[derived.way]


def _by(unit: str, question: str) -> str:
    text = " ".join(question.split())
    return (
        text
        if re.search(rf"\b(?:by|per|each|every) {unit}\b", text, re.I) or not unit
        else f"{text.rstrip('. ')} by {unit}"
    )
