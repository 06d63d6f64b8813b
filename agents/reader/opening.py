"""The text of a task without what only says how its answer is to look, or says again what it said before."""

from __future__ import annotations

import re

from agents.reader.frame import Frame
from agents.reader.groups import ASKS
from agents.reader.marked import Marked
from agents.reader.nouns import NP, noun

_DEFINES = r"(?:as an? (?:percentage|percent|share|fraction|%) of|divided by|over|out of|minus)"
_PLAIN: tuple[tuple[str, str], ...] = (
    (r"^count (?:of |the |all |up )*", "number of "),
    (r"^(?:list|show|find|finds|give|get|return|display)(?: me| us)? (?:the )?(?=every|each|all|<)", ""),
    (r"(?:<[ct]\d+> )?\b(?:pairs?|combinations?) ?(?:of )?\( ?(<c\d+>) ?(?:,|and|/|to) ?(<c\d+>) ?\)", r"\1 and \2"),
    (r"[,;]? ?\bties (?:may|can|are|all|any|should|broken|allowed|stay)[^.;:()]*|\( ?case [^)]*\)", " "),
    (r"(?:in )?(?:calendar|chronological|date|time) ?,? order(?:ed)?\b", "ordered by date"),
    (r"\bby the end of (?:each|every)\b|\bat the end of (?:each|every)\b", "per"),
    (r"\bmarks? as\b|^- |\( ?(?:e \. g|etc|and so on|for example)[^)]*\)|\([^)]*\band so on ?\)", " "),
    (r"\b(?:with )?(?:one|a single) (?:row|line|record) (?:per|for each)", "per"),
    (r"(?::|,|in)? ?(?:one|a single) row(?: with both [^,;.:]*)?|,? as (?:a )?(?:percentages?|percent)$", " "),
    # What is joined follows from what is asked for.
    (r"\bjoin(?:ing)? <t\d+> (?:with|to|and|on|onto) <t\d+>(?: ?(?:and|with|,) <t\d+>)*"
     r"(?: ?(?:,|;|and|then|to)+ (?:give|tell|show|get|find|return|compute|calculate)(?: me| us)?(?: ,)?)?", " "),
    (r"(?:^|[.?;,] ?)(?:just|only) (?:the|a|one) (?:count|number|total|figure)(?: please)?$", " "),
    (r"\( ?in (?:percent|percentages?|%|usd|dollars) ?\)|\b(?:once|exactly once) per <t\d+>|\bwithout duplicates\b", " "),
    (r"\b(?:tell|show|give) me ?,?", " "),
    (r"\bwith (?:the|its|their) (<t\d+>) (?:that )?(?:they|it) (?:belongs? to|was made (?:at|to|with))", " "),
    (rf"\b(?:average|mean) number of (?P<a>{NP}) ?(?:per|for each|of each|by each) (?P<b>{NP})",
     r"number of \g<a> divided by distinct \g<b> "),
    (r"(<w\d+>) the (most|least|fewest) (?:money|dollars)(?: ?(?:by|in|through|via|with|from) (<t\d+>))?", r"\1 with the \2 money \3"),
    (r"\b(?:date|time|day|moment) of (?:the |its |their )?(first|earliest)(?: one)? and (?:of )?(?:the |its |their )?(last|latest)(?: one)?",
     r"the \1 and the \2 "),
    (r"\bwhat (?:do|does|did) (?:they|it|these|those) (?:bring in|earn|make|take in|cost|pay)", "total"),
    (r"(<c\d+>) (?:that |where |in which )?the (<[ct]\d+>) (?:(?:lives?|is|was|comes?|trades?|based|located) )*"
     r"(?:in|from)\b", r"\2 \1"),
    (r"\bwhose <[tc]\d+> (?:is|are|was|were)(?: either)? (?=<v)", ""),
    (r"(<c\d+>) (?:itself|themselves|alone)\b", r"\1"),
)  # fmt: skip
_AGAIN = re.compile(rf"(?P<rate>\b(?:rates?|share|percentage)\b[^()]*)\([^()]*{_DEFINES}[^()]*\)")
_NAMED = re.compile(rf"^(?:the )?[^:,.]*?\brates?(?P<by> [^:]*)?: (?P<said>.*{_DEFINES}.*)$")
_ASKED_BEFORE = re.compile(r"^[^?<]*(?:<[tcw]\d+>[^?<]*)*\? (?=.)")


def opened(marked: Marked, frame: Frame) -> str:
    """The text; the subject apart where it stands before a colon."""
    text = marked.text
    for pattern, said in _PLAIN:
        text = re.sub(pattern, said, text)
    if re.search(r"\bpercentiles?\b", text):
        text = re.sub(r"\bpercentiles?\b", " ", re.sub(r"\b(\d{1,2})(?:st|nd|rd|th)?\b(?! ?>)", r"p\1", text))
    text = _AGAIN.sub(lambda found: found["rate"], text)
    if found := _NAMED.match(text):
        text = f"{found['said']} {found['by'] or ''}"
    text = _asked_once(" ".join(text.split()))
    return _subject(text, frame, marked)


def _asked_once(text: str) -> str:
    """Without a question that the sentence behind it asks again, in figures: it names no rows of its own."""
    found = _ASKED_BEFORE.match(text)
    rest = text[found.end() :] if found else ""
    if found is None or not re.search(ASKS, rest) or "<" not in rest or re.search(r"how (?:many|much)", found.group()):
        return text
    return rest


def _subject(text: str, frame: Frame, marked: Marked) -> str:
    found = re.match(
        rf"(?:for |over |of |the |all |list )*(?P<what>{NP})(?: (?:only|alone))?(?P<that>(?: that| which| where| who)? .*?)?"
        rf"(?: ?:| -| ,(?= for each)) (?=.*(?:{ASKS}))",
        text,
    )
    if found and (table := noun(found["what"], marked).table):
        frame.subject = table
        bare = re.fullmatch(r"(?:the |all )?<t\d+> ?", found["what"]) and not found["that"]
        text = text[found.end() :] if bare else text.replace(":", " , ", 1)
    return " ".join(text.split())
