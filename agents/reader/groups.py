"""What rows are put together by, and the groups that come first."""

from __future__ import annotations

import re

from agents.paths import paths
from agents.reader.frame import Frame, Group, Measure, Test
from agents.reader.marked import MARK, Marked, cut, table_of
from agents.reader.measures import PIECE, measure
from agents.reader.nouns import ART, NP, is_measure, is_time, noun, owner, rows
from agents.reader.order import ADJ, BIG, SMALL, UNITS
from agents.reader.subject import subject_of
from data.naming import single, words

_DIM = (
    rf"(?:{ART}(?:calendar )?(?:{UNITS})s?\b(?: of (?:the )?(?:day"
    rf"|week|year))?(?: (?:of |in |on |by )?{ART}(?:<w\d+>))?"
    rf"|<[wc]\d+> (?:{UNITS})s?\b|{NP}(?! ?<n))"
)
_PER = (
    r"(?:grouped by|broken down by|split by|group by|group(?:ed)? per|for each|for every|in each|in every|of each|"
    r"of every|within each|within every|to each|at each|from each|per each|per|each|every|across|along)"
)
_GROUPS = re.compile(
    rf"(?:(?<!<w\d> )(?<!<w\d\d> )(?<!divided )\bby|\b{_PER})(?: (?:unique |distinct )?(?:pair|combination)s?"
    rf" of)? (?P<dims>{_DIM}(?: ?(?:, and|,|and|&|/|x|by)+ ?(?:{_PER} |by )?{_DIM})*)"
)
ASKS = (
    r"\b(?:numbers?|counts?|how (?:many|much|often)|totals?|sums?|averages?|mean|avg|median|deviation|min|max"
    r"|minimum|maximum|"
    r"shares?|percent\w*|proportion|fraction|ratio|rates?|distinct|divided)\b|%"
)
_LY = {"daily": "day", "weekly": "week", "monthly": "month", "quarterly": "quarter", "yearly": "year", "annual": "year",
       "hourly": "hour"}  # fmt: skip
_HAS = (
    r"(?:with|having|that have|which have|who have|that had|who"
    r" had|have|has|had|that has|get|got|that got|by|make|made|take|took|earn|earned|bring in|brought in|see"
    r"|saw|receive"
    r"|received|sell|sold|generate|generated|process|processed|show|showed"
    r"|brings?|brings in|gets|sees|makes|takes|earns|receives|sells|generates|processes|shows)"
)


def groups(text: str, frame: Frame, marked: Marked) -> str:
    """`per country and month`, `for each merchant`, `daily`."""
    for word, unit in _LY.items():
        text, done = re.subn(rf"\b{word}\b", " ", text)
        frame.groups += [Group(unit=unit)] if done else []
    place = 0
    while found := _GROUPS.search(text, place):
        rest = text[found.end() :]
        each = found.start() == 0 and re.match(r"(?:each|every) (?:<v\d+> )*<t", text)
        if each and not re.search(rf"{ASKS}|^ ?{ADJ}", rest):
            return text.partition(" ")[2]
        dims, end = _dims(found, marked)
        if re.search(
            rf"\b(?:top|first|best|worst) <n\d+>(?: {NP})?$", text[: found.start()].strip()
        ) and found.group().startswith("by"):
            dims = []
        if not dims:
            place = found.end()
            continue
        for one in (group for dim in dims for group in group_of(dim, marked)):
            frame.groups += [] if _there(one, frame) else [one]
        frame.tests += [test for dim in dims for test in noun(dim, marked).tests]
        frame.tests += [Test(one.column, " IS NOT NULL") for one in frame.groups if _seldom(one, marked)]
        text = " ".join(f"{text[: found.start()]} {text[end:]}".split())
    return text


def _seldom(group: Group, marked: Marked) -> bool:
    """Whether rows are put together by a moment that some of them have not: when an offer was accepted."""
    if not (group.unit and group.column):
        return False
    table, column = marked.column(group.column[0])
    return bool(re.search(r"\bnull\b", column.description or "", re.I)) and column.name != table.time


def _there(group: Group, frame: Frame) -> bool:
    """Whether rows are put together by the same already."""
    return any(
        group == one or (bool(set(group.column) & set(one.column)) and group.unit == one.unit) for one in frame.groups
    )


def _dims(found: re.Match[str], marked: Marked) -> tuple[list[str], int]:
    """The phrases of a list that put rows together, and where they end: what comes behind a comma may be another part
    of the sentence."""
    dims: list[str] = []
    end = found.end()
    for dim in re.finditer(_DIM, found["dims"]):
        between = found["dims"][end - found.start("dims") : dim.start()] if dims else ""
        loose = dims and "and" not in between and (re.search("<[vt]", dim.group()) or _sentence(found, dim))
        if loose or not group_of(dim.group(), marked):
            break
        dims.append(dim.group())
        end = found.start("dims") + dim.end()
    return dims, end


def _sentence(found: re.Match[str], dim: re.Match[str]) -> bool:
    """Whether a phrase behind a comma begins something else: it goes on, and no more of the list comes."""
    rest = found["dims"][dim.end() :].strip() or found.string[found.end() :].strip()
    return bool(dim.group().startswith("the ")) or bool(re.match(r"[a-z]", rest) and not rest.startswith("and "))


def group_of(said: str, marked: Marked) -> list[Group]:
    """What a phrase puts rows together by; none where it names a number."""
    unit = re.search(rf"\b({UNITS})s?\b", said)
    one = noun(said, marked)
    if unit and (not one.column or is_time(one.column, marked)):
        name = "weekday" if "of week" in said or "of the week" in said else unit[1]
        return [Group(one.column or (one.verbs[0] if one.verbs else ()), one.table, {"date": "day"}.get(name, name))]
    if one.column and not is_measure(one.column, marked):
        return [Group(one.column, one.table, "day" if is_time(one.column, marked) else "")]
    return [Group(table=one.table)] if one.table and not one.column and not one.verbs else []


def leaders(text: str, frame: Frame, marked: Marked) -> str:
    """`the ten merchants with the most revenue`, `top 5 genres by plays`, `most played tracks`."""
    many = r"(?P<n><n\d+> |\d+ )?"
    what = rf"(?P<what>{NP}|{ART}(?:{UNITS})s?(?: of (?:the )?(?:day|week))?)"
    for pattern in (
        rf"(?:the )?(?:top|first) {many}{what} ?(?:by|in|ranked by|on|for) (?P<num>{PIECE}|{NP})",
        rf"(?:the |which |what )?{many}{what} ?{_HAS} (?:the )?(?P<adj>{BIG}|{SMALL}) (?P<num>{PIECE}|{NP})",
        rf"(?:the )?{many}(?P<adj>most|least) (?:often |frequently |heavily )?(?P<num><[wt]\d+>) {what}",
        rf"(?:the |which |what (?:is|are) (?:the )?)?{many}{_COMMON} (?P<what>{ART}(?:<[tcfwv]\d+> ?)+)(?P<rows>)"
        rf"(?P<num>){_OFTEN}",
        rf"(?:the )?{many}(?P<adj>busiest) {what}(?P<num>)",
        rf"(?:the )?{many}(?P<adj>best|worst|top|strongest|weakest)(?:[ -]selling|[ -]performing"
        rf"|[ -]earning)? {what} ?\(? ?(?:by|in terms of|on) (?P<num>{PIECE}|{NP})\)?",
    ):
        found = re.search(pattern, text)
        if found and _led(found, frame, marked):
            return cut(text, found)
    return text


_COMMON = (
    r"(?P<adj>most|least) (?:common|frequent|popular|usual|typical|used|named|chosen|seen|listed"
    r"|(?:often|frequently|commonly|widely|heavily)(?: <w\d+>| [a-z]+ed| used| seen)?)(?:ly)?"
)
_OFTEN = r"(?P<often> ?,? ?(?:and |with |together with )*(?:number of rows|how often)\b)?"


def _rows_of(group: list[Group], found: re.Match[str], frame: Frame, marked: Marked) -> Measure | None:
    """How many rows have a value, or point at a thing where there is one table that does, or one of them is named."""
    if not group or group[0].unit:
        return None
    tests = noun(found["what"], marked).tests
    named = {table_of(marked.hints[int(m[2])]) for m in MARK.finditer(found.string) if m[1] not in "dn"}
    named |= {owner(one.column) for one in frame.groups if one.column}
    if group[0].column:
        table = owner(group[0].column, (group[0].table, subject_of(found.string, frame, marked)))
        reach = {p.base.full_name for p in paths(marked.catalog) if table in {t.full_name for t in p.scope.values()}}
        events = sorted((named & reach) - {table})
        return rows(events[0] if len(events) == 1 else table, tests)
    pointing = {link.table for link in marked.catalog.relationships if link.to_table == group[0].table}
    able = pointing & named if len(pointing) > 1 else pointing
    return rows(able.pop(), tests) if len(able) == 1 else None


def _own_column(said: str, marked: Marked) -> list[Group]:
    """The column that is called as a thing is: the plan of a subscription that is called a plan."""
    for found in MARK.finditer(said):
        hint = marked.hints[int(found[2])]
        table = marked.table(table_of(hint)) if found[1] == "t" else None
        own = [c.name for c in table.columns if [single(w) for w in words(hint.span)] == words(c.name)] if table else []
        if table and own:
            return [Group((f"{table.full_name}.{own[0]}",), table.full_name)]
    return []


def _led(found: re.Match[str], frame: Frame, marked: Marked) -> bool:
    parts = found.groupdict()
    group = group_of(found["what"], marked)
    number = counted(found["num"], marked)
    if "rows" in parts:
        group = _own_column(found["what"], marked) or group
        number = _rows_of(group, found, frame, marked)
        if number is None:
            return False
        frame.tests += [Test(group[0].column, " IS NOT NULL")] if group[0].column else []
    if not group or (found["num"] and number is None):
        return False
    outer = [one for one in frame.groups if one not in group]
    frame.within = bool(outer)
    frame.groups = [*outer, *group]
    frame.numbers += [number] if number else []
    plural = parts.get("n") is None and re.search(r"^which|s$", found["what"]) and not outer
    frame.limit = marked.whole(parts.get("n") or "") or (0 if plural and not parts.get("adj") else 1)
    frame.order, frame.descending = "number", not re.fullmatch(SMALL, parts.get("adj") or "")
    return True


def counted(said: str, marked: Marked) -> Measure | None:
    """The number that groups are ordered by: `most played` counts the plays."""
    one = noun(said, marked)
    if one.verbs and not one.column and not one.table and not re.match("(?:the )?(?:total|sum)", said):
        return rows(owner(one.verbs[0]))
    return measure(said, marked) if said else None


def ranks(text: str, frame: Frame, marked: Marked) -> str:
    """`rank merchants within each category by revenue`."""
    found = (
        re.search(
            rf"\brank(?:ing)?(?: of)? (?P<what>{NP}) ?(?:within|in|per|inside|for"
            rf"|by) (?:each |every )?(?P<in>{NP}) ?by (?P<num>{PIECE}|{NP})",
            text,
        )
        or re.search(
            rf"\brank(?:ing)?(?: of)? (?P<what>{NP}) ?by (?P<num>{PIECE}|{NP}) ?(?:within|in|per|inside|for) "
            rf"(?:each |every )?"
            rf"(?P<in>{NP})",
            text,
        )
        or re.search(
            rf"(?P<what>{NP}) ?(?:are |is )?ranked by (?P<num>{PIECE}|{NP}) ?(?:within|in|per|inside|for) "
            rf"(?:their |each |every |the )?(?P<in>{NP})",
            text,
        )
    )
    number = counted(found["num"], marked) if found else None
    if found is None or number is None:
        return text
    frame.groups += [*group_of(found["in"], marked), *group_of(found["what"], marked)]
    frame.numbers.append(number)
    frame.ranked = True
    text = cut(text, found)
    if first := re.search(
        r"(?: ?,| and)* (?:then )?(?:keep|show|only|give)?(?: only)?(?: the)? ?(?:best|top|first) (?P<n><n\d+>"
        r"|\d+)(?: (?:per|in|of|for) (?:each |every )?<[ct]\d+>)?",
        text,
    ):
        frame.limit, frame.within = marked.whole(first["n"]), True
        text = cut(text, first)
    return text
