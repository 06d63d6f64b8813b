"""Brackets that say again what stands before them: `not active (blocked or expired)`, `weekends (Saturday, Sunday)`."""

from __future__ import annotations

import re

from agents.reader.marked import MARK, Marked, cut

_VALUES = r"<v\d+>(?: ?(?:,|/|or|and|&|\+)+ ?<v\d+>)*"
_NOT = re.compile(
    rf"\b(?:not|n[’']t|never|other than|no longer) (?P<v><v\d+>) ?\( ?(?:so |i \. e \. )?(?P<rest>{_VALUES}) ?\)"
)
_STATE = re.compile(
    r"(?P<v><[vf]\d+>)(?P<mid>(?: so far| by now| now| today| yet| since)*) ?\( ?(?:i \. e \. |that is )?"
    r"(?:where |with |when )?(?:the )?(?P<c><[ct]\d+> ?)?(?:is |=|: )*(?P<v2><[vf]\d+>) ?\)"
)
_DAY = r"(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*"
_DAYS = re.compile(
    rf"(?P<w>\b(?:weekends?|weekdays?|work(?:ing)? ?days?)) ?\( ?{_DAY}(?: ?(?:,|/|-|–|and|to|&|\+)+ ?{_DAY})+ ?\)"
)
_PLAIN = (
    (re.compile(r"(?P<f>\b(?:standard deviations?|std ?dev|stdev|std)) ?\( ?sample ?\)"), r"\g<f>"),
    (re.compile(r"\( ?sample (?P<f>standard deviations?|std ?dev|stdev) ?\)"), " "),
    (re.compile(r"(?P<f>\bcalendar (?:days|weeks|months)) ?\( ?not [^()<]*\)"), r"\g<f>"),
)  # fmt: skip


def unbracketed(text: str, marked: Marked) -> str:
    """The text without brackets that ask for nothing that it does not ask for anyway."""
    for pattern, said in _PLAIN:
        text = pattern.sub(said, text)
    if (found := _DAYS.search(text)) and _days_of(found):
        text = cut(text, found, found["w"])
    for found in _NOT.finditer(text):
        if _all_others(found, marked):
            return unbracketed(text.replace(found.group(), f"not {found['v']}", 1), marked)
    for found in _STATE.finditer(text):
        if _same(found["v"], found["v2"], marked) and (not found["c"] or _column(found, marked)):
            return unbracketed(text.replace(found.group(), f"{found['v']}{found['mid']}", 1), marked)
    return text


def _days_of(found: re.Match[str]) -> bool:
    """Whether the days are those that the word means."""
    named = re.findall(_DAY, found.group()[len(found["w"]) :])
    first, last = named[0][:3], named[-1][:3]
    return (first, last) == (("sat", "sun") if "end" in found["w"] else ("mon", "fri"))


def _all_others(found: re.Match[str], marked: Marked) -> bool:
    """Whether the values in brackets are all that the column has besides the one that is ruled out."""
    hint = marked.hint(found["v"])
    others = [marked.hint(m.group()) for m in MARK.finditer(found["rest"])]
    told = {one.literals[0] for one in others} | {hint.literals[0]}
    return all(set(one.targets) & set(hint.targets) for one in others) and any(
        told == set(marked.values.get(table, {}).get(column, ()))
        for table, _, column in (target.rpartition(".") for target in hint.targets)
    )


def _same(first: str, second: str, marked: Marked) -> bool:
    a, b = marked.hint(first), marked.hint(second)
    return bool(set(a.targets) & set(b.targets)) and a.literals == b.literals


def _column(found: re.Match[str], marked: Marked) -> bool:
    return bool(set(marked.hint(found["c"].strip()).targets) & set(marked.hint(found["v2"]).targets))
