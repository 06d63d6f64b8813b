"""What a question lets the model write as constants."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from agents.grammar.rules import quote
from retrieval import Context
from retrieval.hints import Hint
from retrieval.spans import is_stopword

MOST_NUMBERS, MOST_WORDS, MOST_NAMES = 12, 24, 6
_OPERATORS = ("=", ">", "<", ">=", "<=", "!=")
_FIRST_HALF = ("january", "february", "march", "april", "may", "june")
_MONTHS = (*_FIRST_HALF, "july", "august", "september", "october", "november", "december")
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_WORD = re.compile(r"[^\W_][\w'’-]*")
_QUOTED = re.compile(r"[\"“‘']([^\"”’']{2,40})[\"”’']")
_NUMBER = re.compile(r"(?<![\w.])\d[\d,]*(?:\.\d+)?(?![\w.]*\d)")
_CODE = re.compile(r"(?<![\w-])(?=[\w/-]*\d)(?=[\w/-]*[A-Za-z])[A-Za-z0-9]+(?:[-_/][A-Za-z0-9]+)*(?![\w-])")
_YEAR = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")


def comparison(hint: Hint) -> str:
    """A number as SQL compares with it: ' > 500', ' BETWEEN 10 AND 50', ' = 7' where nothing was said."""
    if hint.operator == "between":
        return f" BETWEEN {hint.literals[0]} AND {hint.literals[1]}"
    return f" {hint.operator or '='} {hint.literals[0]}"


@dataclass(frozen=True)
class Literals:
    """The constants of one question."""

    numbers: tuple[str, ...]
    """Those that stand alone: how many are wanted, or what something is compared with."""
    comparisons: tuple[str, ...]
    names: tuple[str, ...]
    """Names in the question that nothing matched, and what looks like a code."""
    words: tuple[str, ...]
    """What texts are searched for."""
    calendar: tuple[str, ...]
    """Months, days of the week and years, as conditions on a column that stands at `{}`."""

    @classmethod
    def of(cls, context: Context) -> Literals:
        """Those of a context."""
        counted = [hint for hint in context.hints if hint.kind == "number"]
        alone = [hint.literals[0] for hint in counted if not hint.operator]
        return cls(
            tuple(dict.fromkeys(alone))[:MOST_NUMBERS],
            tuple(dict.fromkeys(text for hint in counted[:MOST_NUMBERS] for text in _compared(hint))),
            tuple(dict.fromkeys(_named(context)))[:MOST_NAMES],
            tuple(dict.fromkeys(_searched(context)))[:MOST_WORDS],
            tuple(dict.fromkeys(calendar(context.question))),
        )


def _compared(hint: Hint) -> Iterator[str]:
    """A bare number may be compared in any way; one that was turned into another unit also as it was said."""
    said = [text.replace(",", "") for text in _NUMBER.findall(hint.span)]
    yield from [comparison(hint)] if hint.operator else [f" {sign} {hint.literals[0]}" for sign in _OPERATORS]
    if hint.operator not in ("", "between") and len(said) == 1:
        yield f" {hint.operator} {said[0]}"


def _named(context: Context) -> Iterator[str]:
    """Unknown names, and codes as they are written and in capitals."""
    yield from context.unknown[:MOST_NAMES]
    for code in _CODE.findall(context.question):
        yield from (code, code.upper())


def _searched(context: Context) -> Iterator[str]:
    """Unknown names, what stands in quotation marks, and the question's own words."""
    yield from context.unknown[:MOST_NAMES]
    yield from _QUOTED.findall(context.question)
    for match in _WORD.finditer(context.question):
        word = match.group().rstrip("'’-").removesuffix("'s").removesuffix("’s")
        if (len(word) > 1 and not is_stopword(word.lower())) or (word.isupper() and word != "I"):
            yield from (word, word.lower())


def calendar(text: str) -> Iterator[str]:
    """The months, days of the week and years that a text names: 'month({}) = 12'."""
    said = {word.lower().removesuffix("s") for word in _WORD.findall(text)}
    for number, month in enumerate(_MONTHS, 1):
        if month in said or (len(month) > 3 and {month[:3], month[:4]} & said):
            yield f"month({{}}) = {number}"
    days = [day for day in _DAYS if day.lower() in said]
    yield from (f"dayname({{}}) = '{day}'" for day in days)
    if "weekend" in said:
        yield "dayname({}) IN ('Saturday', 'Sunday')"
    if "weekday" in said:
        yield "dayname({}) NOT IN ('Saturday', 'Sunday')"
    if len(days) > 1:
        yield f"dayname({{}}) IN ({', '.join(map(quote, days))})"
    yield from (f"year({{}}) = {year}" for year in _YEAR.findall(text))
