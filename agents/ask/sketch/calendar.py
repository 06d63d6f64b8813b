"""Conditions on days that are no periods: days of the week, what was going on at a day, one day against another."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

from agents.columns import dated, flags

if TYPE_CHECKING:
    from agents.ask.sketch.ground import Ground, Place
    from data.catalog import Column, Table
    from retrieval.hints import Hint

_CLOSING = re.compile(
    r"clos|cls|(?:^|_)end|resolv|settl|complet|finish|return|restor|discharg|deliver|until|left|leav|exit|churn|resign"
    r"|last[ _](?:day|date)|terminat|cancel|expir|retire|withdr[ae]|dispos|(?<!un)sold|(?:^|_)to_date|fixed|repaired"
    r"|paid(?:_|$)|decom|dissol|scrap|remov|ceas|stop(?!s)|discontin|abandon|deceas|died|death|fired|quit|depart|drop",
    re.IGNORECASE,
)
"""What the day is called on which something comes to its end."""
_PASSING = re.compile(r"expir|exp(?:_|$)|valid|deliver|dlv|last[ _]", re.IGNORECASE)
"""The same of a day that need not be the end of what has others."""
DUE = re.compile(r"due|promised|expected|planned|scheduled|deadline|target|estimated|agreed", re.IGNORECASE)
"""The same of a day by which it is to come to it."""
_STILL = re.compile(
    r"\b(?:still|current(?:ly)?|active|open(?! its)(?:-ended)?|ongoing"
    r"|running(?! (?:low|out|late|short|over))|outstanding|pending|live|alive|yet"
    r"|employ(?:ed)?|in progress|at (?:the moment|present)|right now|now(?:adays)?|these days|today"
    r"|no (?:known )?end(?: date)?|working|works? (?:here|there|for us|(?:in|at|for) each)"
    r"|(?:is|are|be|been|being|stay\w*|remain\w*|not) with us"
    r"|on (?:our|the) (?:books|payroll)|in (?:use|service|operation|force)|valid|owe[sd]?|owing"
    r"|un(?:paid|finished|resolved|settled|closed|fixed|returned))\b|\bnot (?:been )?(?:\w+ed|fixed)\b",
    re.IGNORECASE,
)
"""What goes on, and has no day on which it came to its end."""
_OVER = re.compile(
    r"\b(?:no longer|any ?more|stopped|g[eo]t(?:ten)? rid of|former(?:ly)?|used to|gone|discontinued|have left|has left"
    r"|not (?:\w+ ){0,2}(?:valid|active|employed|any ?more)|ex-\w+|ended|retired|scrapped|withdrawn)\b",
    re.IGNORECASE,
)
"""What went on, and came to its end."""
_BUT = re.compile(
    r"\b(?:leav(?:e|ing) out|exclud\w+|except|without|(?:not|don['’]t) count\w*|ignor\w+|apart from|skip|no)\b", re.I
)
_GOING = re.compile(
    r"(?:^|_)(?:active|current|still|open|live|enabled|valid|available|offered|bookable|listed"
    r"|in_(?:use|service|force|stock)|(?:on|for)_sale)(?:_|$)"
)
"""What a flag is called that tells what goes on."""
_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_SAID = re.compile(rf"\b(?:({'|'.join(_DAYS)})s?|(weekends?)|(weekdays|working days))\b", re.IGNORECASE)
_AT = re.compile(r"^(?:on|as of|as at|at|by)\b", re.IGNORECASE)
_ORDER = re.compile(r"\b(?:(before|earlier than|prior to)|(after|later than))\b", re.IGNORECASE)


def closes(column: Column) -> bool:
    """Whether a day is that on which something comes to its end, by its name, or by what a person says of it."""
    said = f"{column.name} {'' if column.draft else column.description}"
    return bool(_CLOSING.search(said)) and not DUE.search(said)


def goes_on(column: Column) -> bool:
    """Whether a flag tells what goes on."""
    return bool(_GOING.search(column.name.lower()))


def closings(table: Table) -> list[Column]:
    """The days on which a row comes to its end: those on which something of it ceases to be valid, or got there, only
    where there is no other, as who has left did not leave when their licence expired; nor that of the beginning."""
    found = [day for day in dated(table) if closes(day)]
    return [day for day in found if day.name != table.time and not _PASSING.search(day.name)] or found


def lasts(table: Table) -> Column | None:
    """The column that tells whether a row still goes on: a flag, else the day of its end."""
    found = (*(flag for flag in flags(table) if goes_on(flag)), *closings(table))
    return next(iter(found), None)


def stands(question: str) -> tuple[bool, ...]:
    """Whether what is asked for is said to go on (True), or to have come to its end; of both, either."""
    over = _OVER.search(question)
    but = over and _BUT.search(question, 0, over.start())
    ways = (bool(_STILL.search(question)) or bool(but), bool(over and not but))
    return tuple(way for way, said in zip((True, False), ways, strict=True) if said)


def weekdays(question: str, column: str) -> Iterator[str]:
    """'On Saturdays', 'at weekends': as tests of a day."""
    said = list(_SAID.finditer(question))
    days = [match[1].capitalize() for match in said if match[1]]
    days += [day for match in said for day in (_DAYS[5:] if match[2] else _DAYS[:5] if match[3] else ())]
    if days:
        names = ", ".join(f"'{day}'" for day in dict.fromkeys(days))
        yield f"dayname({column}) IN ({names})"


def is_day(hint: Hint) -> bool:
    """Whether a period is one day at which something may have been going on."""
    since, until = hint.literals
    if not (since and until and _AT.match(hint.span)):
        return False
    return datetime.fromisoformat(until) - datetime.fromisoformat(since) == timedelta(days=1)


def going_on(ground: Ground, hint: Hint, begun: Place, ended: Place) -> str:
    """What had begun by a day and not yet ended on it."""
    first, last, day = ground.sql(begun), ground.sql(ended), hint.literals[0]
    return f"{first} <= '{day}' AND ({last} IS NULL OR {last} >= '{day}')"


def ordered(ground: Ground) -> Iterator[tuple[Place, str]]:
    """'Reviewed before they were published': two days that are said with their order between them."""
    question = ground.brief.context.question
    found = [(hint, place) for hint in ground.brief.hints("column", "table", "time") for place in [_day(ground, hint)]]
    for (first, one), (second, other) in pairwise(found):
        said = _ORDER.search(question[first.start + len(first.span) : second.start])
        if said and one and other and one != other:
            yield one, f"{ground.sql(one)} {'<' if said[1] else '>'} {ground.sql(other)}"


def _day(ground: Ground, hint: Hint) -> Place | None:
    """The day that a hint tells: its column, or when the rows of its table were."""
    place = ground.place(hint) if hint.kind == "column" else None
    for target in hint.targets if hint.kind == "table" else ():
        time = ground.brief.catalog.table(target).time if target in ground.tables else None
        place = ground.at(f"{target}.{time}") if time else None
    return place if place and place.column in dated(place.table) else None
