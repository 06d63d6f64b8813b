"""The order of what a task asks for, and how much of it."""

from __future__ import annotations

import re
from collections.abc import Iterator

from agents.reader.frame import Frame, Group, Targets
from agents.reader.marked import MARK, Marked, cut, table_of
from agents.reader.nouns import NP, amount, is_measure, is_time, noun, owner

UNITS = r"weekday|day|week|month|quarter|year|hour|date|decade"
NEW, OLD = r"newest|latest|most recent|last|youngest", r"oldest|earliest|first"
BIG = r"most|highest|largest|biggest|greatest|best|top|longest|max(?:imum)?|worst|busiest|costliest|most expensive"
SMALL = r"fewest|lowest|smallest|least|shortest|min(?:imum)?|cheapest"
ADJ = rf"(?:{NEW}|{OLD}|{BIG}|{SMALL})"
_DOWN = re.compile(
    r"\b(?:most to least|(?:larg|bigg|great)\w+ to|desc(?:ending)?|down"
    rf"|high(?:est)? (?:to|first)|(?:{BIG}|{NEW}) first|big|large)"
)


def ordering(text: str, frame: Frame, marked: Marked) -> str:
    """`sorted by amount descending`, `newest first`."""
    found = re.search(
        r"[,;.]? ?\b(?:sorted|ordered|sort|ranked|order(?= by| from| in| desc"
        r"| asc| it| them| the))(?: it| them| the (?:result|rows|output)s?)?"
        rf"(?: by| from| in)? ?(?P<by>[^,;.]*(?:, then [^,;.]*)*(?:, (?:the )?(?:{BIG}|{SMALL}|{NEW}|{OLD}) "
        rf"(?:\w+ )?first)?)",
        text,
    )
    if found:
        _order(found["by"], found.group(), frame, marked)
        return cut(text, found)
    if named := re.search(rf"[,;] ?(?P<by>(?:the )?{NP}) ?(?:in )?(?:descending|ascending)(?: order)?$", text):
        _order(named["by"], named.group(), frame, marked)
        return cut(text, named)
    if bare := re.search(r"[,;] ?(?:in )?(?P<way>descending|ascending)(?: order)?$", text):
        frame.order, frame.descending = "number", bare["way"] == "descending"
        return cut(text, bare)
    found = re.search(
        rf"[,;]? ?(?:the )?\b(?P<adj>{ADJ})(?P<what>(?: \w+)?(?: {NP})?) ?(?:first|on top|at the top)\b", text
    )
    if found is None:
        return text
    timed = re.fullmatch(f"{NEW}|{OLD}", found["adj"]) is not None
    unit = re.search(rf"\b(?:{UNITS})\b", found.group())
    frame.order = "period" if unit else "time" if timed else "number"
    frame.descending = not re.fullmatch(f"{OLD}|{SMALL}", found["adj"])
    if frame.order == "number" and found["what"].strip() and not frame.sorting:
        column = noun(found["what"], marked).column
        frame.sorting = found["what"].strip()
        frame.sorted_column = column if column and is_measure(column, marked) else ()
    return cut(text, found)


def _order(by: str, whole: str, frame: Frame, marked: Marked) -> None:
    frame.descending = bool(_DOWN.search(whole))
    parts = re.split(r" ?(?:, then|,| and| then) ", by)
    said = noun(parts[0], marked)
    frame.sorting = " ".join(parts[0].split())
    frame.sorted_column = said.column if said.column and is_measure(said.column, marked) else ()
    if re.search(rf"\b(?:{UNITS})\b", parts[0]):
        frame.order = "period"
        frame.then = list(_then(parts[1:], marked))
        frame.descending = frame.descending and not frame.then
    elif said.column and not is_measure(said.column, marked):
        frame.order = said.column[0]
        frame.then = list(_then(parts[1:], marked))
        frame.descending = frame.descending and not frame.then
    elif (
        said.column
        or said.table
        or re.search(r"\b\w+ to (?:low|small|least|high|large|big|most)", by)
        or re.search("count|number|total|average|sum|volume|amount|revenue", by)
    ):
        frame.order = "number"
        frame.then = [one for one in _then(parts[1:], marked) if one != "#"]
    else:
        frame.order = "number" if frame.descending else "period"


_APART = re.compile(
    r"\b(?:difference|gap|spread|range|span)\b|\b(?:days|hours|minutes|weeks|months) (?:between|from)\b|\bminus\b"
)


def _then(parts: list[str], marked: Marked) -> Iterator[str]:
    """The columns that come later in an order; `#` for a number, from high to low."""
    for part in parts:
        one = noun(part, marked)
        if one.column and not is_measure(one.column, marked):
            yield one.column[0]
        elif one.column or re.search("count|number|total|average|sum|volume|amount|revenue", part):
            yield "#"


def firsts(text: str, frame: Frame, marked: Marked) -> str:
    """`the three longest tracks of each genre`, `the latest subscription of each user`, `the 20 largest payments`."""
    found = re.search(
        rf"(?:the )?(?:top )?(?P<n><n\d+> |\d+ )?(?P<adj>{ADJ}) (?:\w+(?:ed|en) )?(?P<n2><n\d+> |\d+ )?(?P<what>{NP})",
        text,
    )
    if found is None or frame.numbers or frame.order == "number" or _APART.search(text):
        return text
    if re.search(rf"\b{ADJ} and (?:the )?$", text[: found.start()]) or _paired(found):
        return text
    if re.fullmatch("min(?:imum)?|max(?:imum)?", found["adj"]):
        return text
    one = noun(found["what"], marked)
    timed = re.fullmatch(f"{NEW}|{OLD}", found["adj"]) is not None
    table = one.table or (owner(one.column) if one.column else "")
    if one.column and (is_time(one.column, marked) or not is_measure(one.column, marked)):
        return text
    if not timed and one.column and not is_measure(one.column, marked):
        return text
    things = [marked.hint(m.group()).span.lower() for m in MARK.finditer(found["what"]) if m[1] == "t"]
    kept = any(re.fullmatch(_KEPT, thing) for thing in things)
    born = _born(table, found["adj"], marked) if table and not kept else ()
    column = born or (
        () if timed else one.column or (amount(marked, marked.table(table), found["adj"]) if table else ())
    )
    if not table or not (timed or column):
        return text
    if not (timed or born or is_measure(column, marked)):
        return text
    if re.search(r"\btheir (?:very |own )?$", text[: found.start()]) and not frame.groups:
        whose(found.start(), text, table, frame, marked)
    if not found["n"] and not found["n2"] and not frame.groups:
        return text
    frame.subject, frame.limit = table, marked.whole(found["n"] or found["n2"] or "") or 1
    frame.within, frame.order = bool(frame.groups), "time" if timed and not born else column[0]
    frame.descending = not re.fullmatch(f"{OLD}|{SMALL}", found["adj"])
    frame.tests += one.tests
    return cut(text, found)


def whose(end: int, text: str, table: str, frame: Frame, marked: Marked) -> None:
    """Group by the things that a text tells of before a place in it, where rows point at them: `users in Japan, their
    latest card`."""
    before = re.search(r"<t(\d+)>", text[:end])
    thing = table_of(marked.hints[int(before[1])]) if before else frame.subject
    if thing and marked.link(table, thing) is not None:
        frame.groups.append(Group(table=thing))


def _paired(found: re.Match[str]) -> bool:
    """Whether the other end is asked for as well: `the highest amount and the lowest amount of each`."""
    return bool(re.match(rf" ?(?:,|and)+ (?:the |its )?{ADJ} (?:<|amount)", found.string[found.end() :]))


_KEPT = r"(?:[a-z]+ )?(?:accounts?|records?|rows?|entry|entries|profiles?|registrations?|sign-?ups?)"
"""What is kept of people: it is as old as its entry, not as they are."""


def _born(table: str, adjective: str, marked: Marked) -> Targets:
    """When people were born, where it is asked who is old or young."""
    born = [c.name for c in marked.table(table).columns if re.match(r"birth|born|date_of_birth|dob", c.name)]
    return (f"{table}.{born[0]}",) if born and adjective in ("oldest", "youngest") else ()


def _is_grouped(mark: str, frame: Frame, marked: Marked) -> bool:
    """Whether rows are put together by what a mark names."""
    targets = set(marked.hint(mark).targets)
    return any(targets & {*group.column, group.table} or _alike(targets, group.column) for group in frame.groups)


def _alike(targets: set[str], column: Targets) -> bool:
    """Whether both are columns of one kind of thing: the coin that was sold, and coins."""
    ends = {target.rpartition("_")[2] for target in targets}
    return bool(ends & {target.rpartition("_")[2] for target in column})


def limits(text: str, frame: Frame, marked: Marked) -> str:
    """`top 10`, `first 20 rows`, `five payments` that are asked for."""
    found = re.search(
        r"[,;]? ?(?:only |just |keep |show |and |for |of )*(?:the )?(?P<adj>top|first|leading|best|worst"
        r"|largest|highest|biggest"
        r"|lowest|smallest) (?P<n><n\d+>|\d+)(?: (?:pairs?|rows?|ones|only|of them|results))*(?! ?<)",
        text,
    ) or re.search(
        r"[,;]? ?(?:only |just |keep |show |and |for |of )*the (?P<n><n\d+>|\d+) (?P<adj>best|worst|largest"
        r"|highest|biggest|lowest|smallest)"
        r"(?! ?<)(?: ones| of them)?",
        text,
    )
    things = re.search(r"[,;] ?(?:the |only |show |keep )*(?:top|first) (?P<n><n\d+>) (?P<c><c\d+>)$", text)
    by = re.search(
        r"[,;]? ?(?:the |only |show |keep )*(?:top|first) (?P<n><n\d+>|\d+)(?: <[ct]\d+>)? by (?P<by>[^,;.:]*?)$", text
    )
    if by and (frame.groups or re.search(",", text[: by.start()])):
        frame.limit, frame.order, frame.sorting = marked.whole(by["n"]), frame.order or "number", by["by"]
        return cut(text, by)
    grouped = re.search(r"[,;]? ?(?:the |only |show |keep |and )*(?:top|first) (?P<n><n\d+>) (?P<c><[ct]\d+>)$", text)
    if grouped and _is_grouped(grouped["c"], frame, marked):
        frame.limit, frame.order = marked.whole(grouped["n"]), frame.order or "number"
        return cut(text, grouped)
    if found is None and things and not frame.groups and re.search("total|number|average|sum", text):
        column = marked.hint(things["c"]).targets
        frame.groups.append(Group(column))
        frame.limit, frame.order = marked.whole(things["n"]), frame.order or "number"
        return cut(text, things)
    if found and (many := marked.whole(found["n"])):
        frame.limit = many
        if found["adj"] in ("lowest", "smallest"):
            frame.descending = False
        frame.order = frame.order or "number"
        return cut(text, found)
    return text
