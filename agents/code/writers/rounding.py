"""How a task wants its numbers rounded: told beside what it asks for, and applied to the query afterwards."""

from __future__ import annotations

import re
from dataclasses import dataclass

from sqlglot import exp

from agents import statement
from agents.code.render.sql import in_style
from retrieval.numbers import SMALL

_WORDS = {"no": 0} | {word: number for word, number in SMALL.items() if number <= 6}
_UNIT = r"(?:second|minute|hour|day|week|month|year|number|integer|percent(?:age point)?|dollar|unit)s?"
_ROUND = r"(?:please |all |each |both )*round(?:ed|ing)?(?: (?:it|them|that|each|both|off|up|all|values?|everything))* "
_DECIMALS = rf"(?P<n>\d|{'|'.join(_WORDS)}) (?:decimals?|digits?)(?: places?| digits?)?(?: after the point)?"
_CENTS = r"(?P<cents>(?:the nearest )?cents?(?=[.,;)]|$))"
_WHOLE = rf"(?P<whole>(?:the nearest |whole |full |an? )+{_UNIT}(?=[.,;) ]|$))"
_ROUNDED = re.compile(
    rf"[,;(]?\s*\b(?:{_ROUND})?(?:(?:to|with|at|up to) )?(?:{_DECIMALS}|{_CENTS}|{_WHOLE})\)?", re.IGNORECASE
)
_NOT = re.compile(r"\b(?:not?|never|without|don['’]?t|un)[ -]?round", re.IGNORECASE)
_SUMS = (exp.Sum, exp.Min, exp.Max)
_SPLIT = (exp.Div, exp.Avg, exp.Median, exp.PercentileCont, exp.Quantile, exp.Stddev, exp.StddevSamp)


@dataclass(frozen=True)
class Rounding:
    """`text` is the task without what it says of rounding; `digits` are the decimals that it names, in its order."""

    text: str
    digits: tuple[int, ...]

    @classmethod
    def of(cls, task: str) -> Rounding:
        """What a task says; no digits where it says nothing, or that nothing is to be rounded."""
        if _NOT.search(task):
            return cls(task, ())
        found = [match for match in _ROUNDED.finditer(task) if _is_told(match)]
        text = task
        for match in reversed(found):
            text = text[: match.start()] + _left(match) + text[match.end() :]
        return cls(text, tuple(map(_digits, found)))

    def applied(self, sql: str) -> str:
        """The query with its quotients and averages rounded, or its sums where it has no others: each to the decimals
        that are named for it where as many are named, else all to the first."""
        if not self.digits:
            return sql
        tree = statement.query(sql)
        meant = [item for item in tree.selects if _meant(item, _SPLIT)] or [i for i in tree.selects if _meant(i, _SUMS)]
        each = self.digits if len(self.digits) == len(meant) else self.digits[:1] * len(meant)
        for item, digits in zip(meant, each, strict=True):
            _round(item, digits)
        return in_style(tree) if meant else sql


def _is_told(match: re.Match[str]) -> bool:
    """Whether it is of rounding: whole days and cents are only where it says `round`."""
    return bool(match["n"]) or bool(re.search(r"\bround", match.group(), re.IGNORECASE))


def _left(match: re.Match[str]) -> str:
    """What stays in the place of what was said: the bracket that it did not open."""
    text = match.group().strip()
    return ")" if text.endswith(")") and not text.startswith("(") else ""


def _digits(match: re.Match[str]) -> int:
    if match["cents"]:
        return 2
    if match["whole"]:
        return 0
    said = match["n"].lower()
    return _WORDS[said] if said in _WORDS else int(said)


def _meant(item: exp.Expr, kinds: tuple[type[exp.Expr], ...]) -> bool:
    """Whether an output is computed so, and not rounded already."""
    node = item.unalias()
    return not isinstance(node, exp.Round) and any(not found.find_ancestor(exp.Window) or found.find_ancestor(exp.Div)
                                                   for found in node.find_all(*kinds))  # fmt: skip


def _round(item: exp.Expr, digits: int) -> None:
    node = item.unalias()
    made = exp.Round(this=node.copy(), decimals=exp.Literal.number(digits) if digits else None)
    if isinstance(item, exp.Alias):
        item.set("this", made)
    else:
        item.replace(exp.alias_(made, item.alias_or_name) if item.alias_or_name else made)
