"""Numbers of a question, and the comparisons that they stand in: 'over $1.5k' is '> 1500'."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from decimal import Decimal, localcontext

SMALL = {
    "zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8,
    "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15,
    "sixteen": 16, "seventeen": 17, "eighteen": 18, "nineteen": 19,
}  # fmt: skip
_TENS = {
    "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80,
    "ninety": 90,
}  # fmt: skip
_TIMES = {"dozen": 12, "hundred": 100, "thousand": 10**3, "million": 10**6, "billion": 10**9}
_SCALE = {**_TIMES, "k": 10**3, "m": 10**6, "mn": 10**6, "bn": 10**9}

# Numbers in words: up to 99, up to 999, then all of them. 'Two hundred and three hundred' are two numbers.
_APART = r"(?![\s-](?:dozen|hundred|thousand|million|billion)\b)"
_99 = rf"(?:(?:{'|'.join(_TENS)})(?:[\s-](?:{'|'.join(list(SMALL)[1:10])}))?|{'|'.join(reversed(SMALL))})"
_999 = rf"(?:(?:(?:a|{_99})[\s-])?(?:hundred(?:\s(?:and\s)?{_99}{_APART})?|dozen)|{_99})"
WORDS = rf"(?:(?:(?:a|{_999})[\s-])?(?:thousand|million|billion)(?:\s(?:and\s)?{_999}{_APART})?|{_999})"
_DIGITS = r"(?:\d{1,3}(?:,\d{2,3})*,\d{3}|\d+)(?:\.\d+)?|\.\d+"
_AMOUNT = r"(?:hour|minute|day|week|month|year|kilo\w*|mile|lit(?:re|er)|tonne)s?\b"
NUMBER = re.compile(
    rf"(?<![\w.,])(?<![^\W\d_]-)(?P<sign>[-−](?=[$€£¥\d.]))?(?:[$€£¥]\s?)?(?P<digits>{_DIGITS})"
    rf"(?:\s?(?P<scale>{'|'.join(_SCALE)})(?!\w)|\s?(?P<unit>s)(?!\w))?(?P<pct>\s?%)?(?!\w|[.,]\d)"
    rf"|\b(?P<word>half an?(?=\s{_AMOUNT})|(?<=than )an?(?=\s{_AMOUNT})|(?<=over )an?(?=\s{_AMOUNT})|{WORDS})\b",
    re.I,
)
_MORE, _LESS = "more|greater|bigger|larger|higher|longer", "less|fewer|smaller|lower|shorter"
_OPERATORS: tuple[tuple[str, str], ...] = (
    (
        rf"at least|(?:no|not) (?:{_LESS}) th[ae]n|not (?:under|below)|a minimum of|minimum of"
        rf"|(?:{_MORE}) than or equal to|(?:(?:big|large|long|strong) )?enough for|(?:room|space|seats) for",
        ">=",
    ),
    (
        rf"at most|(?:no|not) (?:{_MORE}) th[ae]n|not (?:over|above|beyond)|up to|a maximum of|maximum of"
        rf"|(?:{_LESS}) than or equal to",
        "<=",
    ),
    (
        rf"(?:{_MORE}|older) th[ae]n|over|above|exceeds?|exceeding|exceeded|upwards of|beyond|north of",
        ">",
    ),
    (rf"(?:{_LESS}|cheaper|younger) th[ae]n|under|below", "<"),
    (r"exactly|equal to|equals", "="),
)
_BEFORE = tuple((re.compile(rf"\b(?:{words})\s+$", re.I), op) for words, op in _OPERATORS)
_AFTER = (
    (
        re.compile(
            r"^(?:\s+\w+)?\s+(?:or|and) (?:more|above|over|higher|longer|up|greater|bigger|older|heavier)\b", re.I
        ),
        ">=",
    ),
    (re.compile(r"^(?:\s+\w+)?\s+(?:or|and) (?:less|fewer|under|below|lower|shorter)\b", re.I), "<="),
    (re.compile(r"^[^.?!\d]{0,30}\b(?:big|large|long|strong) enough\b", re.I), ">="),
    (re.compile(r"^\+", re.I), ">="),
)
_UNIT = re.compile(r"^\s*(?:us )?(?:dollars?|usd|bucks|seconds?|secs?)\b", re.I)
_CLOCK = re.compile(r"^[\s-]*(?P<unit>seconds?|secs?|minutes?|mins?|hours?|hrs?)\b", re.I)
_PARTS = {"half a": "0.5", "half an": "0.5", "a": "1", "an": "1"}
_SECONDS = {"s": 1, "m": 60, "h": 3600}
_CODED = re.compile(r"0\d")
_LETTERED = re.compile(r"(?<![^\W_])(?=[^\W_]*[^\W\d_])[^\W_]+-$")
_MONEY = re.compile(r"[$€£¥]|\b(?:dollars?|usd|bucks|euros?|eur|pounds?|gbp|francs?|chf|yen)\b", re.I)
_BETWEEN = re.compile(r"\bbetween\s+$", re.I)
_AND = re.compile(r"^\s*(?:dollars|usd|bucks|seconds?|minutes?|mins?|hours?|%)?\s+and\s+$", re.I)


@dataclass(frozen=True)
class Number:
    """A number at `question[start:end]` with the comparison around it; `text` is the whole phrase."""

    start: int
    end: int
    text: str
    operator: str | None
    values: tuple[str, ...]


def literal(match: re.Match[str], *, metres: bool = False) -> str:
    """The number as SQL writes it: '$1.5k' -> '1500', 'two hundred' -> '200'. With `metres`, '10 m' is 10."""
    if match["word"]:
        return _PARTS.get(match["word"].lower()) or str(spelt(match["word"]))
    with localcontext(prec=len(match["digits"]) + 12):
        value = Decimal(match["digits"].replace(",", "")) * _scale(match, metres)
        return f"{'-' if match['sign'] and value else ''}{value.normalize():f}"


def _scale(match: re.Match[str], metres: bool) -> int:
    """What the digits are multiplied by. Where money is told of, '10 m' are no `metres`: '$10 m', '10 m euros'."""
    scale = (match["scale"] or "").lower()
    apart = match.string[match.end("digits") : match.end("digits") + 1].isspace()
    if (
        metres
        and scale == "m"
        and apart
        and not (_MONEY.search(match.group()) or _MONEY.match(match.string[match.end() :].lstrip()))
    ):
        return 1
    return _SCALE.get(scale, 1)


def _counts(match: re.Match[str]) -> bool:
    """False for what is no number: a code that begins with 0, or has letters before its hyphen, and a word of a name,
    as in 'The Twelve Chairs'."""
    if match["digits"]:
        return not (_CODED.match(match["digits"]) or _LETTERED.search(match.string, 0, match.start()))
    before, after = match.string[: match.start()].rstrip(), match.string[match.end() :].lstrip()
    begins = not before or before[-1] in ".?!"
    return not match["word"][0].isupper() or (begins and not after[:1].isupper())


def spelt(words: str) -> int:
    """The value of a number in words: 'two thousand and five' -> 2005."""
    total = part = 0
    for word in re.findall(r"[a-z]+", words.lower()):
        if word in ("dozen", "hundred"):
            part = max(part, 1) * _TIMES[word]
        elif word in _TIMES:
            total, part = total + max(part, 1) * _TIMES[word], 0
        else:
            part += SMALL.get(word, _TENS.get(word, 0))
    return total + part


def _compared(question: str, match: re.Match[str], timed: bool, metres: bool) -> Number:
    start, end, operator = match.start(), match.end(), None
    for pattern, op in _BEFORE:
        if before := pattern.search(question[:start]):
            start, operator = before.start(), op
            break
    else:
        for pattern, op in _AFTER:
            if after := pattern.match(question[end:]):
                end, operator = end + after.end(), op
                break
    if timed and (clock := _CLOCK.match(question[match.end() :])):
        end = max(end, match.end() + clock.end())
        return Number(start, end, question[start:end].strip(), operator, (_in_seconds(literal(match), clock),))
    if unit := _UNIT.match(question[end:]):
        end += unit.end()
    return Number(start, end, question[start:end].strip(), operator, (literal(match, metres=metres),))


def _in_seconds(number: str, clock: re.Match[str]) -> str:
    seconds = Decimal(number) * _SECONDS[clock["unit"][0].lower()]
    return f"{seconds.normalize():f}"


def numbers(question: str, taken: list[tuple[int, int]], *, timed: bool = False, metres: bool = False) -> list[Number]:
    """The numbers outside of the `taken` places (those of dates), left to right.

    With `timed`, where durations are stored in seconds, 'five minutes' is 300; with `metres`, where lengths are stored
    in them, '10 m' is 10.
    """
    free = [
        m for m in NUMBER.finditer(question) if _counts(m) and not any(m.start() < e and s < m.end() for s, e in taken)
    ]
    found: list[Number] = []
    for match in free:
        if found and _closes(question, found[-1], match):
            found.append(_between(question, found.pop(), match, timed, metres))
        elif lead := _BETWEEN.search(question[: match.start()]):
            text = question[lead.start() : match.end()]
            found.append(Number(lead.start(), match.end(), text, "open between", (literal(match, metres=metres),)))
        else:
            found.append(_compared(question, match, timed, metres))
    return [replace(n, operator=None) if n.operator == "open between" else n for n in found]


def _closes(question: str, previous: Number, match: re.Match[str]) -> bool:
    """True where the number is the upper bound of a 'between'."""
    between = previous.operator == "open between"
    return between and bool(_AND.match(question[previous.end : match.start()]))


def _between(question: str, lower: Number, match: re.Match[str], timed: bool, metres: bool) -> Number:
    low, high, end = lower.values[0], literal(match, metres=metres), match.end()
    if timed and (clock := _CLOCK.match(question[end:])):
        own = _CLOCK.match(question[lower.end : match.start()])
        low, high = _in_seconds(low, own or clock), _in_seconds(high, clock)
        end += clock.end()
    elif unit := _UNIT.match(question[end:]):
        end += unit.end()
    return Number(lower.start, end, question[lower.start : end], "between", (low, high))
