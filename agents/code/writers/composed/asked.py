"""What a task for features asks of events: conditions of all of its numbers, those of one of them, and what is beyond
a window's aggregates."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agents.code.writers.composed.aggregations import Aggregation, without_windows
from agents.columns import measures
from agents.grammar import quote

if TYPE_CHECKING:
    from agents.code.writers.composed.features import Linked

_BEYOND = re.compile(
    r"\b(?:shares?|percent(?:ages?)?|fractions?|proportions?|ratios?|standard deviations?|std ?devs?|stddev"
    r"|variances?|trends?"
    r"|slopes?|(?:growth|change)(?= (?:of|in|rate))|z-?scores?|streaks?|entropy|skew\w*|modes?|(?:win|loss"
    r"|failure|refund|acceptance|success)[- ]rates?"
    r"|most (?:common|frequent|used)|favou?rite|compared (?:to|with)|versus|vs|divided by|minus|per (?:active )?day)\b",
    re.I,
)
_UNSAID = re.compile(
    r"\b(?:no such thing|(?:is|are) not (?:needed|wanted|required)|not needed|never mind"
    r"|scratch that)\b",
    re.I,
)
_LENGTH = r"(?:days?|hours?|hrs?|minutes?|mins?|weeks?|months?|quarters?|years?|[dhwms])\b"
_MONEY = r"(?:usd|us dollars|dollars|\$)"
_SIZED = re.compile(
    r"\b(?P<sign>over|above|more than|exceeding|greater than|larger than|bigger than|at least|under|below|less"
    r" than|smaller than"
    rf"|at most|>=?|<=?) ?\$?(?P<n>\d+(?:,\d{3})*(?:\.\d+)?)(?![\d.]) ?(?P<unit>{_MONEY}|seconds)?(?! ?(?:,|and"
    rf"|or|/|-) ?\d)(?! ?-?{_LENGTH})"
    r"(?!\d)(?! ?(?:th|st|nd|rd|%))",
    re.I,
)
_SIGNS = {"at least": ">=", ">=": ">=", "at most": "<=", "<=": "<=", "<": "<"}


Split = tuple[list["Condition"], dict[int, list["Condition"]]]


@dataclass(frozen=True)
class Condition:
    """A test of events, in SQL, and where its words stand among the numbers of the task: their places."""

    column: str
    test: str
    span: str
    places: frozenset[int]


def beyond(text: str) -> str:
    """The words that ask for what no feature of a window is, "" for none."""
    found = _UNSAID.search(text) or _BEYOND.search(text)
    return found.group() if found else ""


def conditions(linked: Linked, wanted: Sequence[Aggregation], leave_out: str) -> list[Condition]:
    """What the task asks of the source's events, each test once."""
    found: dict[str, Condition] = {}
    for column, test, span in (*_values(linked, leave_out), *_sizes(linked)):
        places = {at for at, one in enumerate(wanted) if re.search(rf"(?<!\w){re.escape(span)}(?!\w)", one.of, re.I)}
        known = found[test].places if test in found else frozenset()
        found[test] = Condition(column, test, span, known | places)
    return list(found.values())


def _values(linked: Linked, leave_out: str) -> Iterator[tuple[str, str, str]]:
    for hint in linked.context.hints:
        own = [t for t in hint.targets if t.rpartition(".")[0] == linked.table.full_name]
        if hint.kind == "value" and own:
            out = re.search(rf"{leave_out} (?:the |all |any )?{re.escape(hint.span)}\b", linked.text, re.I)
            column = own[0].rpartition(".")[2]
            yield column, f"{column} {'<>' if out else '='} {quote(hint.literals[0])}", hint.span


def _sizes(linked: Linked) -> Iterator[tuple[str, str, str]]:
    """`payments over 500 USD`."""
    for found in _SIZED.finditer(without_windows(linked.text)):
        unit = "s" if found["unit"] == "seconds" else "USD" if found["unit"] else ""
        able = [c.name for c in measures(linked.catalog, linked.table) if not unit or c.unit == unit]
        column = linked.measure("") if linked.measure("") in able else able[0] if len(able) == 1 else ""
        said = found["sign"].lower()
        sign = _SIGNS.get(said, "<" if re.match("under|below|less|small", said) else ">")
        yield column, f"{column} {sign} {found['n'].replace(',', '')}" if column else "", found.group().strip()


def split(found: Sequence[Condition], count: int, text: str) -> Split | None:
    """The conditions of all numbers, and those of single ones by their places; None where that can't be told."""
    shared: list[Condition] = []
    own: dict[int, list[Condition]] = {}
    for one in found:
        if not _alone(one, found, count, text):
            shared.append(one)
            continue
        for at in one.places:
            own.setdefault(at, []).append(one)
    equal = [one.column for one in shared if " = '" in one.test]
    both = any(one.column in equal for many in own.values() for one in many)
    if both or any(not one.test for one in found) or len(set(equal)) < len(equal):
        return None
    return shared, own


def _alone(one: Condition, found: Sequence[Condition], count: int, text: str) -> bool:
    """Whether a condition is that of the numbers beside which it stands: it comes after the first, or another of its
    column stands beside others."""
    if not 0 < len(one.places) < count:
        return False
    others = any(c.column == one.column and c.places and not c.places & one.places for c in found if c is not one)
    span = re.escape(one.span)
    return (others or 0 not in one.places) and not re.search(
        rf"{span}(?: \w+)? only\b|\bonly (?:\w+ )?{span}", text, re.I
    )


def unused(linked: Linked, used: str) -> str:
    """The words for a column of the source that no feature and no condition is made of, "" for none."""
    for hint in linked.context.hints:
        own = [t.rpartition(".")[2] for t in hint.targets if t.rpartition(".")[0] == linked.table.full_name]
        if hint.kind != "column" or not own or len(own) < len(hint.targets):
            continue
        every = rf"\b(?:all|any|every|whatever|regardless of|of) (?:the )?{re.escape(hint.span)}"
        named = any(re.search(rf"\b{re.escape(name)}\b", used) for name in own)
        if not named and not re.search(every, linked.text, re.I):
            return hint.span
    return ""
