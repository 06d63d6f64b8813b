"""The times between two moments of a row: how long something takes, runs or waits."""

from __future__ import annotations

import re
from collections.abc import Sequence

from agents.columns import times
from agents.reader.frame import Function, Measure, Number, Targets
from agents.reader.marked import MARK, Marked, table_of
from agents.reader.nouns import ART, NP, is_time, moment, noun, owner
from data.naming import words

_UNIT = r"(?P<unit>day|hour|minute|month|second|week|year)s?"
_FUNCTION = r"(?P<f>average|mean|median|avg|longest|shortest|maximum|minimum|max|min)"
_MEANT = r"(?P<mean> on average)?"
_FUNCTIONS: dict[str, Function] = {
    "median": "median", "longest": "max", "maximum": "max", "max": "max", "shortest": "min", "minimum": "min",
    "min": "min",
}  # fmt: skip
_MOMENT = (
    rf"{ART}(?:<[tv]\d+> )*(?:(?:being|was|is|were|it|they|got|their|its|to|the|of) )*"
    r"(?:<[ctwv]\d+>|[a-z]{2,}(?:ed|ing|de|nt)\b)(?: us| them)?"
)
_DID = r"(?:did|do|does|has|have|is|are|was|were)"
_RUN = r"(?:run|last|live|take|wait|stay|pass|active|open|running|kept|held)"
_FORMS = tuple(
    re.compile(text)
    for text in (
        rf"(?:{_FUNCTION} )?(?:the )?(?:{_FUNCTION.replace('?P<f>', '')} )?(?:number of |time in |how many |"
        rf"(?:delay|gap|time|lag|interval|wait|waiting time|duration) (?:in )?)?{_UNIT}"
        rf"(?: (?:pass|passes|go by|elapse|elapsed|lie|are there))?{_MEANT} (?:between|from) (?P<a>{_MOMENT}) "
        rf"(?:and|to|until|till) (?P<b>{_MOMENT})",
        rf"how long (?:(?:each|every|the|an?|do|does|did) )*(?P<a>{NP}) ?(?:lasts?|lasted|ran|runs?|run|stays?"
        rf"|stayed|lived|takes?|took|kept)"
        rf"{_MEANT} ?(?:,? ?(?:in|as) )?{_UNIT}{_MEANT.replace('mean', 'm2')}(?P<b>)",
        rf"(?:on average ,? ?)?(?:for )?how many {_UNIT}{_MEANT} {_DID} (?P<a>{ART}{NP})(?:last|run|live|stay|take)\b"
        rf"{_MEANT.replace('mean', 'm2')}(?! ?(?:before|until|till))(?P<b>)",
        rf"(?:on average ,? ?)?(?:for )?how many {_UNIT}{_MEANT} {_DID} "
        rf"(?P<a>{ART}{NP}){_RUN}?{_MEANT.replace('mean', 'm2')}"
        rf" ?(?:before|until|till) (?:being |it |they |was |were |is |are |got )*(?P<b><[cw]\d+>)",
    )
)
STEM = 4


def lasting(piece: str, marked: Marked, before: Sequence[Number], subject: str) -> tuple[list[Number], str] | None:
    """`average hours between created_at and received_at`, `how many days did they run before they ended`."""
    for form in _FORMS:
        found = form.search(piece)
        if found is None:
            continue
        table = _table(found, marked) or subject
        if not found["b"]:
            if table and (run := _run(found, table, marked)):
                return [run], f"{piece[: found.start()]} {piece[found.end() :]}".strip()
            continue
        first, last = (moment_of(found[end], table, marked) for end in "ab")
        if first and last and first != last and owner(first) == owner(last):
            function = _FUNCTIONS.get(found.groupdict().get("f") or "", "avg")
            tests = noun(found["a"], marked).tests
            made = Measure(function, owner(first), first, tests, last, found["unit"])
            left = re.sub(r"\bon average\b", " ", f"{piece[: found.start()]} {piece[found.end() :]}")
            return [made], left.strip()
    return _of_two(piece, marked)


def _run(found: re.Match[str], table: str, marked: Marked) -> Measure | None:
    """From the beginning of a thing to its end, where it has just these two moments."""
    named = sorted((column.name for column in times(marked.table(table))), key=lambda n: n != marked.table(table).time)
    if len(named) != 2:
        return None
    tests = noun(found["a"], marked).tests
    return Measure("avg", table, (f"{table}.{named[0]}",), tests, (f"{table}.{named[1]}",), found["unit"])


_TWO = re.compile(
    rf"(?:{_FUNCTION} )?(?:number of |time in |time |how many )?(?:in )?{_UNIT}{_MEANT} (?:between|from) "
    rf"(?:an? |the |each )?(?P<a><t\d+>)"
    r"(?: <w\d+>)? (?:and|to|until|till) (?:(?:its|their|the|an?) )?(?P<b><t\d+>)(?! ?<)"
)


def _of_two(piece: str, marked: Marked) -> tuple[list[Number], str] | None:
    """`hours between a payment and its refund`: the moments of a row and of the one that it points at."""
    found = _TWO.search(piece)
    if found is None:
        return None
    first, last = (table_of(marked.hint(found[end])) for end in "ab")
    child = last if marked.link(last, first) else first if marked.link(first, last) else ""
    start, end = moment(marked, first), moment(marked, last)
    if not child or not start or not end:
        return None
    made = Measure(_FUNCTIONS.get(found["f"] or "", "avg"), child, start, (), end, found["unit"])
    return [made], f"{piece[: found.start()]} {piece[found.end() :]}".strip()


def _table(found: re.Match[str], marked: Marked) -> str:
    """The table whose moments are meant: that of the first mark that names one."""
    marks = [m.group() for m in MARK.finditer(f"{found['a']} {found['b']}")]
    named = [table_of(marked.hint(mark)) for mark in marks if mark[1] in "twc"]
    return named[0] if named else ""


def _state(said: str, table: str, marked: Marked) -> bool:
    """Whether the last word of a phrase is a state that rows come to, told as what happens: `cancellation`."""
    hint = marked.hint([m.group() for m in MARK.finditer(said)][-1])
    return hint.span.lower().endswith(("tion", "ment", "al", "ing")) and any(
        t.startswith(f"{table}.") for t in hint.targets
    )


def moment_of(said: str, table: str, marked: Marked) -> Targets:
    """The time that a phrase tells: that of its mark, or the one whose description has its verb."""
    for mark in reversed(list(MARK.finditer(said))):
        targets = marked.hint(mark.group()).targets
        if mark[1] in "cw" and is_time(targets, marked):
            return targets
    if not table:
        return ()
    ends = [column.name for column in times(marked.table(table)) if column.name != marked.table(table).time]
    if re.search(r"<v\d+>$", said.strip()) and len(ends) == 1 and _state(said, table, marked):
        return (f"{table}.{ends[0]}",)
    verbs = [
        word[:STEM]
        for word in re.findall(r"\b[a-z]{4,}\b", said)
        if word not in ("being", "their", "were", "have", "been")
    ]
    for column in times(marked.table(table)):
        told = {word[:STEM] for word in words(column.description or "")}
        if verbs and set(verbs) & told:
            return (f"{table}.{column.name}",)
    return moment(marked, table) if not verbs else ()
