"""What is asked of the time from one moment to another: `within 30 days of the card's issue`, `on the day they
joined`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from agents.reader.frame import Frame, Targets, Test
from agents.reader.lasting import moment_of
from agents.reader.marked import MARK, Marked, cut, table_of
from agents.reader.nouns import is_time, moment, owner
from data.naming import single

_SECONDS = {"second": 1, "minute": 60, "hour": 3600, "day": 86400, "week": 604800}
_UNIT = r"(?:second|minute|hour|day|week)s?"
_SHORT = (
    r"(?:with)?in(?: the| their| its)? first|within|no (?:later|more) than|not (?:later|more) than|at most|in under"
    r"|in less than|under|less than|fewer than|up to|during the first|the first"
)
_LONG = r"more than|over|later than|longer than|at least|no (?:less|fewer|earlier) than|not (?:before|earlier than)"
_SAID = (
    rf"(?:(?P<short>{_SHORT})|(?P<long>{_LONG}))? ?(?:(?P<n><n\d+>) ?(?P<u>{_UNIT})?|(?P<one>an?|one) (?P<u1>{_UNIT}))"
)
_LEAD = r"(?:(?:that|which|who|were|was|been|is|are|had|have|has|got|made|done|only|happened|came|took place) )*"
_OTHER = (
    r"(?:(?:being|the|an?|its|their|they|it|was|were|been|had|have|has|that|of|on|date|day|moment|time|first|being"
    r"|got|when|who|user|person) )*"
    r"(?P<b>(?:<v\d+> )?<t\d+>(?: (?:was|were|is|had been|has been))?(?: (?:<[cw]\d+>|[a-z]{3,}(?:ed|ing|ment)\b"
    r"|issue|release|opening))?"
    r"|<[cw]\d+> of (?:the|that|their|its) <t\d+>|(?:<[ct]\d+> )?(?:was )?<[cw]\d+>|made\b|[a-z]{4,}(?:ed|ing|se"
    r"|ent|ue)\b)"
)
_AFTER = re.compile(
    rf"{_LEAD}(?P<a><[cw]\d+> |[a-z]{{4,}}ed (?:us )?)?{_SAID} (?:of|after|from|following|since) (?!(?:each|every"
    rf"|all)\b){_OTHER}"
    rf"(?! ?<d)"
)
_ALONE = re.compile(rf"(?P<a><w\d+>) {_SAID}(?= ?[,.;:?)]|$| (?:by|per|for each|in|of the <d))")
_SAME_DAY = re.compile(
    rf"{_LEAD}(?P<a><w\d+> )?on (?:the|that) (?:very )?(?:same )?(?:day|date) (?:as |that |when |of |on which"
    rf" )?{_OTHER}"
)


def within(text: str, frame: Frame, marked: Marked) -> str:
    """`refunds made within a week of the payment`, `offers accepted within 3 days`."""
    for pattern, read in ((_SAME_DAY, _same), (_AFTER, _apart), (_ALONE, _apart)):
        found = pattern.search(text)
        said = read(found, marked) if found else ""
        ends = _ends(found, marked) if found and said else None
        if found and ends:
            last, first = ends
            frame.tests.append(Test(last, said, first))
            frame.tables |= {owner(first), owner(last)}
            return cut(text, found, "," if found.end() < len(text) else "")
    return text


def _same(found: re.Match[str], marked: Marked) -> str:
    return "date_trunc('day', {}) = date_trunc('day', {other})"


def _apart(found: re.Match[str], marked: Marked) -> str:
    """The condition on the seconds between both moments; "" for a length that is not told in such."""
    hint = marked.hint(found["n"]) if found["n"] else None
    unit = found["u"] or found["u1"] or (hint and (m := re.search(_UNIT, hint.span)) and m.group()) or ""
    if hint is not None and (len(hint.literals) != 1 or not re.fullmatch(r"\d+(?:\.\d+)?", hint.literals[0])):
        return ""
    if hint is not None and re.search(_UNIT, hint.span):
        length = float(hint.literals[0])
    elif unit:
        length = (float(hint.literals[0]) if hint else 1) * _SECONDS[single(unit)]
    else:
        return ""
    sign = hint.operator if hint and hint.operator not in ("", "=") else ""
    sign = sign or (">" if found["long"] and "more" in found["long"] else ">=" if found["long"] else "<=")
    if not (found["short"] or found["long"] or (hint and hint.operator)):
        return ""
    seconds = "date_diff('second', {other}, {})"
    if sign.startswith(">"):
        return f"{seconds} {sign} {length:.0f}"
    return f"{seconds} BETWEEN 0 AND {length - (sign == '<'):.0f}"


def _ends(found: re.Match[str], marked: Marked) -> tuple[Targets, Targets] | None:
    """The later moment and the earlier one; None where they can't be told."""
    event = _event(found, marked)
    if not event:
        return None
    last = _later(found, event, marked)
    if "b" not in found.groupdict():
        first = moment(marked, event)
        return (last, first) if last and first and not set(last) & set(first) else None
    for table in _tables(found["b"], event, marked):
        first = moment_of(found["b"], table, marked)
        if first and last and not set(first) & set(last):
            return last, first
    return None


def _later(found: re.Match[str], event: str, marked: Marked) -> Targets:
    """The moment of the event: that of its verb, else when it was."""
    said = (found["a"] or "").strip()
    if MARK.fullmatch(said):
        own = tuple(one for one in marked.hint(said).targets if owner((one,)) == event and is_time((one,), marked))
        return own or moment(marked, event)
    return (moment_of(said, event, marked) if said else ()) or moment(marked, event)


def _event(found: re.Match[str], marked: Marked) -> str:
    """The table whose rows happen later: the last that is named before."""
    named = [m for m in MARK.finditer(found.string[: found.start()]) if m[1] == "t"]
    if named:
        return table_of(marked.hints[int(named[-1][2])])
    said = (found["a"] or "").strip()
    return owner(marked.hint(said).targets) if MARK.fullmatch(said) else ""


def _tables(said: str, event: str, marked: Marked) -> Iterator[str]:
    """The tables whose moment may be meant, the surest first."""
    if named := re.search(r"<t(\d+)>", said):
        yield table_of(marked.hints[int(named[1])])
        return
    yield event
    yield from (link.to_table for link in marked.catalog.relationships if link.table == event)
