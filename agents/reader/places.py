"""The row of a certain place among those of each thing, and which of two that come at once is first."""

from __future__ import annotations

import re

from agents.reader.frame import Among, Frame, Measure
from agents.reader.marked import MARK, Marked, cut, table_of
from agents.reader.nouns import NP, amount, is_time, moment, noun, owner
from agents.reader.order import BIG, NEW, OLD, SMALL, whose
from data.naming import words

_PLACES = {"second": 2, "2nd": 2, "third": 3, "3rd": 3, "fourth": 4, "4th": 4, "fifth": 5, "5th": 5}
_DID = (
    r"(?: (?:that )?(?:they|he|she|it|each) (?:(?:were|was|had|have|has|ever|got|been) )*(?:<w\d+>"
    r"|[a-z]{3,}(?:ed|t|de|id)))?"
)
_NTH = re.compile(
    rf"(?:,|show|give|list|return|keep|only| )*(?:the |their |its )?(?P<n>{'|'.join(_PLACES)})"
    rf"(?:[- ](?P<adj>{NEW}|{OLD}|{BIG}|{SMALL}))? (?P<what>{NP}){_DID.replace(' (?:that', '(?:that', 1)}"
)
_SEEN = re.compile(
    r"(?:the )?(?P<t>(?:<[vf]\d+> )*<t\d+>) (?:that|which) (?:(?:was|were|is|are|has been|have been|got) )*"
    r"(?P<verb>(?:first |last )?(?:<w\d+>|[a-z]{2,}(?:ed|en|de|id))) (?P<adj>most recently|last|latest|earliest"
    r"|first)\b"
)
_MORE = r"higher|highest|larger|largest|bigger|biggest|greater|greatest|later|newer"
_LESS = r"lower|lowest|smaller|smallest|least|earlier|older"
_WAY = rf"(?:the )?(?:one with the )?(?P<way>{_MORE}|{_LESS}) (?P<c><c\d+>)"
_ALIKE = r"\b(?:same|ties?|tied|equal|identical|alike|at once|several|<n\d+>)\b"
_WINS = (
    r"(?: (?:wins|first|decides|goes first|comes first|breaks (?:the )?ties|(?:counts|comes) as"
    r" (?P<as>earlier|first|later)))?"
)
_TIES = tuple(
    re.compile(text)
    for text in (
        rf"[(,;.]? ?(?:take |keep |use |pick )?{_WAY}{_WINS} (?:if|when|where|on|in case of)"
        rf" [^(),.;]*{_ALIKE}[^(),.;]*\)?",
        rf"[(,;.]? ?(?:and )?(?:(?:if|when|where) [^(),.;:]*|(?:on|in case of|for|with) (?:[a-z]+ ){{0,2}})"
        rf"{_ALIKE}[^(),.;:]*,? ?(?:then )?"
        rf"(?:take |keep |use |pick |prefer )?{_WAY}{_WINS}\)?",
        rf"[(,;.]? ?(?:and )?ties? (?:are |is |get |go |goes )?(?:broken |resolved |settled )?(?:by|to|with|:)"
        rf" {_WAY}{_WINS}\)?",
    )
)


def ties(text: str, frame: Frame, marked: Marked) -> str:
    """`the higher device_id if two were seen at the same moment`."""
    found = next((match for form in _TIES if (match := form.search(text))), None)
    if found is None or found.groupdict().get("as") == "later":
        return text
    column = marked.hint(found["c"]).targets
    frame.tie, frame.tie_down = column, bool(re.fullmatch(_MORE, found["way"]))
    return cut(text, found, "," if found.end() < len(text) else "")


def seen(text: str, frame: Frame, marked: Marked) -> str:
    """`the device that was first seen most recently`: the latest, where that is when a device came to be."""
    found = _SEEN.search(text)
    table = table_of(marked.hint(m.group())) if found and (m := re.search(r"<t\d+>", found["t"])) else ""
    when = moment(marked, table) if table else ()
    if found is None or not when:
        return text
    verb = re.search(r"<w\d+>", found["verb"])
    told = set(marked.hint(verb.group()).targets) if verb else set()
    name = words(when[0].rpartition(".")[2])
    if (told and not told & set(when)) or (not told and not set(found["verb"].split()) <= {*name}):
        return text
    adjective = "latest" if found["adj"] in ("most recently", "last", "latest") else "earliest"
    return cut(text, found, f"the {adjective} {found['t']}")


def nth(text: str, frame: Frame, marked: Marked) -> str:
    """`the second card they were issued`, `the third largest payment of each card`."""
    found = _NTH.search(text)
    one = noun(found["what"], marked) if found else None
    if found is None or one is None or not one.table or frame.numbers:
        return text
    adjective = found["adj"] or "earliest"
    timed = re.fullmatch(f"{NEW}|{OLD}", adjective) is not None
    mark = next((m.group() for m in MARK.finditer(found.group()) if m[1] == "w"), "")
    when = marked.hint(mark).targets if mark else moment(marked, one.table)
    size = () if timed else one.column or amount(marked, marked.table(one.table), adjective)
    column = when if timed else size
    if not column or owner(column) != one.table or (timed and not is_time(column, marked)):
        return text
    if not frame.groups:
        whose(found.start(), text, one.table, frame, marked)
    frame.subject, frame.limit, frame.nth = one.table, 1, _PLACES[found["n"]]
    frame.order, frame.within = column[0], True
    frame.descending = not re.fullmatch(f"{OLD}|{SMALL}", adjective)
    frame.tests += one.tests
    return cut(text, found)


def enough(frame: Frame) -> None:
    """Have the number of rows that each thing must have asked of the thing, where its rows are listed."""
    if not frame.within or frame.numbers or not frame.order or not frame.bounds:
        return
    numbers = [bound.number for bound in frame.bounds]
    if all(isinstance(n, Measure) and n.function == "count" and not (n.column or n.among) for n in numbers):
        frame.among += [
            Among(b.number.table, True, b.number.tests, ("", ""), b.said)
            for b in frame.bounds
            if isinstance(b.number, Measure)
        ]
        frame.bounds = []
