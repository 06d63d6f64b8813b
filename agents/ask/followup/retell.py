"""The remark and the question before it told as one question."""

from __future__ import annotations

import re
from collections.abc import Sequence

from agents.ask.followup.change import Change
from retrieval.hints import Hint

_END = " \t\n.?!;,:…"
_TAIL = re.compile(r"\s*\b(?:instead|please|pls|thanks?|thank you|too|as well|though|then)\W*$", re.IGNORECASE)
Swap = tuple[Hint, str]


def retold(before: str, earlier: Sequence[Hint], remark: str, change: Change) -> str:
    """The earlier question with what was replaced in its place, and the rest of the remark after it."""
    swaps = _swaps(earlier, change)
    if replaces(earlier, change):
        return _swapped(before, swaps)
    said = _TAIL.sub("", _without_lead(remark))
    base = _swapped(before, [s for s in swaps if s[0].kind == "time"])
    return f"{base.rstrip(_END)}, {said.strip(_END)}" if said.strip(_END) else base


def replaces(earlier: Sequence[Hint], change: Change) -> bool:
    """Whether the remark says no more than what to put in the place of something."""
    swaps = _swaps(earlier, change)
    told = Change(values=change.values, period=change.period)
    return bool(swaps) and change == told and len(swaps) >= bool(change.values) + bool(change.period)


def exchanged(before: str, earlier: Sequence[Hint], new: Hint) -> str:
    """The earlier question asked of another table."""
    old = next((hint for hint in earlier if hint.kind == "table"), None)
    return "" if old is None else _swapped(before, [(old, new.span)])


def _swaps(earlier: Sequence[Hint], change: Change) -> list[Swap]:
    found: list[Swap] = []
    time = next((hint for hint in earlier if hint.kind == "time"), None)
    if change.period and time:
        found.append((time, _preposed(time.span, change.period.span)))
    said: dict[Hint, list[str]] = {}
    for new in () if change.also else change.values:
        old = next((h for h in earlier if h.kind == "value" and set(h.targets) & set(new.targets)), None)
        if old is not None:
            said.setdefault(old, []).append(new.span)
    return found + [(old, " and ".join(spans)) for old, spans in said.items()]


def _preposed(old: str, new: str) -> str:
    """'in 2024' for 'in 2023' where only '2024' was said."""
    lead = re.match(r"(?:in|during|for|on|of)\s+", old, re.IGNORECASE)
    bare = not re.match(
        r"(?:in|during|for|on|of|since|before|after|until|between|from|over|the|last|this)\b", new, re.IGNORECASE
    )
    return lead.group() + new if lead and bare else new


def _swapped(text: str, swaps: Sequence[Swap]) -> str:
    for old, new in sorted(swaps, key=lambda swap: -swap[0].start):
        text = text[: old.start] + new + text[old.start + len(old.span) :]
    return text


def _without_lead(remark: str) -> str:
    text = remark.strip()
    while lead := re.match(
        r"^\W*(?:and|but|what about|how about|what if|now|then|so|ok(?:ay)?|or|actually|sorry|no)\b[\s,:;–—-]+",
        text,
        re.IGNORECASE,
    ):
        text = text[lead.end() :]
    return text
