"""Classes of sizes that a task lists: `under 10, 10 to 50, 50 or more`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from agents.reader import Classes

_NOUN = (
    r"(?:size |price |amount |age |value |length )?(?:class(?:es)?|buckets?|bands?|groups?|brackets?|tiers?"
    r"|bins?|ranges?|segments?|categor(?:y|ies)|labels?)"
)
_N = r"(?:\$ ?)?(?P<{}>\d[\d,]*(?:\.\d+)?)(?: ?(?:usd|us dollars|dollars?|seconds|minutes|years?|days?|euros?|%))?"
_QUOTED = r"['\"“‘](?P<{}>[^'\"”’]+)['\"”’]"
_RANGE = (
    rf"(?:(?P<under>under|below|less than|up to|smaller than|<=?|at most) {_N.format('hi')}"
    rf"|(?:from |between )?{_N.format('a')} ?(?:to|-|–|and|up to) ?(?:just )?(?:below |under "
    rf"|less than )?{_N.format('b')}"
    rf"|(?:over|above|more than|at least|from|>=?) ?{_N.format('lo')}(?: (?:up|or more|and more|upwards?"
    rf"|and above|and up|onwards?))?"
    rf"|{_N.format('top')} ?(?:or|and) (?:more|above|over|up|larger)|{_N.format('plus')} ?\+)"
)
_CLASS = re.compile(
    rf"(?:(?P<l3>[a-z][\w-]*) ?\((?=[^()]*\))|(?:as )?{_QUOTED.format('l1')} ?(?:\(|:|for|is|if|when|means|="
    rf"|are)? ?(?:it is |they are |the amount is )?)?{_RANGE}"
    rf"\)?(?: ?(?:as|is|are|=|->|:|\() ?{_QUOTED.format('l2')}\)?)?",
    re.I,
)
_BETWEEN = re.compile(r"[\s,;:.]*(?:(?:and|or|then|else)[\s,]*)*")
_PUT = re.compile(
    rf"\b(?:put|splits?|divide|group|buckets?|sort|bin|classify|segment|break|band|label|assign)\b(?: (?:all"
    rf"|every|each|the))* (?P<what>[\w' ]+?)"
    rf" (?:up |down )?(?:in)?to (?:the )?(?:\w+ )?{_NOUN}(?: (?:by|on|of) (?:their |its |the |transaction )?"
    rf"(?P<by>\w+(?: \w+)?))?[\s:,(-]*$",
    re.I,
)
_INTO = re.compile(
    r"\b(?:classif(?:y|ies)|splits?|groups?|sorts?|buckets?|labels?|divides?)\b(?: (?:all|every|each|the))* "
    r"(?P<what>[\w' ]+?)"
    r" by (?:their |its |the )?(?P<by>\w+) (?:in)?to[\s:,(-]*$",
    re.I,
)
_SPLIT = re.compile(
    r"\b(?:bucket|bin|band|classify|segment|group)\b(?: (?:all|every|each|the))* (?P<what>[\w' ]+?) by "
    r"(?:their |its |the )?(?P<by>\w+)[\s:,(-]*$",
    re.I,
)
_BY = re.compile(rf"(?P<what>.*?)\b(?:by|per|in|for each|into) (?P<by>\w+(?: \w+)??) {_NOUN}[\s:,(-]*$", re.I)
_EACH = re.compile(
    rf"(?:\b(?:and )?(?:then )?(?P<count>count|how many (?:are |fall )?in) (?:each|every|per|them per) "
    rf"(?:such )?{_NOUN})"
    rf"|,?\s*\b(?:with )?(?:one (?:row|line) (?:per|for each)|per|for each|for every|in each|of each|by) "
    rf"(?:such )?{_NOUN}(?: with| give| show|,| the)*\b",
    re.I,
)


@dataclass(frozen=True)
class Classed:
    """`question` asks for the numbers of each class, without the classes."""

    question: str
    classes: Classes

    @classmethod
    def of(cls, text: str) -> Classed | None:
        """The classes of a task; None where it lists none, or such as leave something open."""
        text, labels = _labelled(text)
        text = _OWN.sub(_plain, text)
        found = list(_run(text))
        if len(found) < 2:
            return None
        head, tail = text[: found[0].start()].rstrip(), text[found[-1].end() :].lstrip(" ,;:.)-")
        put = _PUT.search(head) or _INTO.search(head) or _SPLIT.search(head) or _BY.search(head)
        cases = list(_cases(found))
        if labels and len(labels) == len(cases):
            cases = [(label, test) for label, (_, test) in zip(labels, cases, strict=True)]
        if put is None or not cases or len(cases) != len(found):
            return None
        what = " ".join(put["what"].split())
        tail = re.sub(r"\b(?:and )?(?:then )?counts? them\b", f"number of {what}", tail, flags=re.I)
        told = _EACH.sub(lambda match: f" number of {what} " if match["count"] else " ", tail)
        told = " ".join(f"{head[: put.start()]} {told}".split()).strip(" ,.;")
        if not re.search(rf"\b{re.escape(what.split()[-1])}\b", told) and put.re is not _BY:
            told = f"{told} of {what}" if told else f"number of {what}"
        told = f"{what} {told}".strip() if put.re is _BY else told
        return cls(told[:1].upper() + told[1:], Classes(tuple(cases), (put["by"] or "").lower(), _unit(found)))


_OWN = re.compile(
    r"['\"“‘](?P<r>(?:under|below|over|above|up to|less than|more than) \$?\d[\d.,]*|\$?\d[\d.,]*\s?[-–]\s?\$?\d[\d.,]*"
    r"|\$?\d[\d.,]*\s?\+)['\"”’](?P<again> ?\((?P<said>[^()]*\d[^()]*)\))?",
    re.I,
)
_HALF_OPEN = re.compile(
    r"\bnot including\b|\bexcluding\b|\bexclusive\b|\b(?:just |but )?(?:under|below|less than)\b|<(?!=)", re.I
)


def _plain(found: re.Match[str]) -> str:
    """A label that is a range itself, and what brackets say of it again: from its lower edge to below its upper."""
    again = found["said"] or ""
    edges = re.findall(r"\d[\d.]*", found["r"].replace(",", ""))
    same = edges == re.findall(r"\d[\d.]*", again.replace(",", "")) and _HALF_OPEN.search(again)
    return found["r"] if not again or same else found.group()


_LABELS = re.compile(
    r"[;,.:-]*\s*\b(?:and )?(?:label|call|name)(?:l?ed)?(?: (?:the|them|these|those))*(?: (?:buckets?|class"
    r"(?:es)?|bands?|groups?|bins?"
    r"|tiers?|segments?))?(?: as)?:? (?P<labels>(?:['\"“‘][^'\"”’]+['\"”’](?:,| and|, and)* ?){2,})\.?",
    re.I,
)


def _labelled(text: str) -> tuple[str, tuple[str, ...]]:
    """The text without what the classes are to be called, where that stands apart from them."""
    found = _LABELS.search(text)
    if found is None:
        return text, ()
    labels = re.findall(r"['\"“‘]([^'\"”’]+)['\"”’]", found["labels"])
    return f"{text[: found.start()]}.{text[found.end() :]}", tuple(labels)


def _run(text: str) -> Iterator[re.Match[str]]:
    """The longest list of classes: nothing stands between two of them."""
    best: list[re.Match[str]] = []
    run: list[re.Match[str]] = []
    for found in _CLASS.finditer(text):
        if run and not _BETWEEN.fullmatch(text[run[-1].end() : found.start()]):
            run = []
        run.append(found)
        best = list(run) if len(run) > len(best) else best
    yield from best


def _cases(found: list[re.Match[str]]) -> Iterator[tuple[str, str]]:
    """The label and the condition of each class; none where two of them leave something between them."""
    ends = [_ends(one) for one in found]
    for at, ((low, high), one) in enumerate(zip(ends, found, strict=True)):
        if not at and low:
            return
        following = ends[at + 1][0] if at + 1 < len(ends) else None
        label = one["l1"] or one["l2"] or one["l3"] or one.group().strip(" ,;()")
        if following is None:
            if low is None or (high is not None and low >= high):
                return
            yield label, "" if high is None else f"{{}} <= {high:g}"
        elif high is None or not (following == high or following == high + 1) or (at and low is None):
            return
        else:
            # `2 to 4, over 4`: the edge belongs to the class before.
            above = following == high and _ABOVE.search(found[at + 1].group()) and not _BELOW.search(one.group())
            yield label, f"{{}} <{'=' if above else ''} {following:g}"


_ABOVE = re.compile(r"\b(?:over|above|more than|greater than|longer than|larger than)\b|>(?!=)", re.I)
_BELOW = re.compile(r"\b(?:under|below|less than|smaller than|just)\b|<(?!=)", re.I)


def _unit(found: list[re.Match[str]]) -> str:
    """The unit of time that the sizes are told in, "" for none."""
    said = [m[1].lower() for one in found if (m := re.search(r"\b(minute|hour|second|day)s?\b", one.group(), re.I))]
    return said[0] if said else ""


def _ends(found: re.Match[str]) -> tuple[float | None, float | None]:
    number = {name: float(text.replace(",", "")) for name, text in found.groupdict().items() if _is_number(name, text)}
    if "hi" in number:
        return None, number["hi"]
    if "a" in number:
        return number["a"], number["b"]
    return next((number[name] for name in ("lo", "top", "plus") if name in number), None), None


def _is_number(name: str, text: str | None) -> bool:
    return bool(text) and name in ("hi", "a", "b", "lo", "top", "plus")
