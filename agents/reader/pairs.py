"""What is asked of two columns of a row, or of two rows that are alike."""

from __future__ import annotations

import re

from agents.reader.frame import Bound, Frame, Function, Group, Measure, Test
from agents.reader.groups import group_of
from agents.reader.lasting import moment_of
from agents.reader.marked import Marked, cut, table_of
from agents.reader.nouns import NP, is_measure, is_time, noun, owner, rows
from agents.reader.order import UNITS

_MORE, _LESS = r"larger|bigger|higher|greater|more|longer|later", r"smaller|lower|less|shorter|earlier"
_COMPARED = re.compile(
    rf"(?:(?:where|whose|that|which|with|have|has|having|for) )*(?:the |their |its |an? )?(?P<a>{NP}) ?(?:(?:is"
    rf"|was|are|were) )?"
    rf"(?:(?P<more>{_MORE}|above|over|exceeds?|exceeding)|(?P<less>{_LESS}|below|under))(?: than)? (?:the "
    rf"|their |its |an? )?(?P<b>{NP})"
)
_DIFFERS = re.compile(
    rf"(?:(?:where|whose|that|which|with) )*(?:the |their |its |an? )?(?P<a>{NP}) ?(?:is |was |are |were )?"
    rf"(?P<not>not |never )?(?:the same as|equal to|equals|differs? from|different from|other than) (?:the "
    rf"|that of |their |its |an? )?(?P<b>{NP})"
)
_SHARE_OF = re.compile(
    rf"(?:(?:where|whose|that|which|with|have|has|having) )*(?:the |their |its |an? )?(?P<a>{NP}) ?(?:is |was "
    rf"|are |were )?(?P<n><n\d+>) ?"
    rf"(?:percent|%) of (?:the |their |its )?(?P<b>{NP})"
)
_LATER = re.compile(
    r"(?:(?:that|which|who|were|was|is|are|have|been|got) )*(?P<a><[cw]\d+>) (?:(?:is|was|lies|comes"
    r"|came) )?(?P<n><n\d+>) after "
    r"(?:(?:they|it|being|the|their|its|was|were|having|been) )*(?P<b><[ctw]\d+>|[a-z]{2,}(?:ed|de|nt)\b)"
)
_ONCE = r"(?:more than once|at least twice|twice or more|two or more times|several times|multiple times|repeatedly)"
_REPEATED = re.compile(
    rf"(?:,|:|;|and|where|with|that|have|has|a <t\d+>|an|the| )*\bsame (?P<a>{NP})(?P<more>(?:(?: ?,|and| )+"
    rf"(?:the )?same {NP})*) ?{_ONCE}"
    rf"(?: ?(?:on|in|within|during) (?:the same|one|a single|a) (?P<unit>{UNITS}))?"
)


def later(text: str, frame: Frame, marked: Marked) -> str:
    """`were received more than 24 hours after they were made`."""
    found = _LATER.search(text)
    if found is None:
        return text
    last, hint = marked.hint(found["a"]).targets, marked.hint(found["n"])
    first = moment_of(found["b"], owner(last), marked)
    if not first or first == last or not hint.operator or not re.search("second|minute|hour|day", hint.span):
        return text
    said = f"date_diff('second', {{other}}, {{}}) {hint.operator} {hint.literals[0]}"
    frame.tests.append(Test(last, said, first))
    return cut(text, found)


_DELAY = re.compile(
    r"(?:,|and|with|plus|\bas well as| )*(?:the |their |its )?(?P<f>average|mean|avg|median|longest|maximum|max"
    r"|shortest) "
    r"(?:delay|lag|gap|wait|difference|time|duration|latency)(?: of (?:those|these"
    r"|them))?,? \(?(?:in )?(?P<u>second|minute|hour|day)s\)?"
)
_FUNCTIONS: dict[str, Function] = {
    "median": "median",
    "longest": "max",
    "maximum": "max",
    "max": "max",
    "shortest": "min",
}


def delays(text: str, frame: Frame, marked: Marked) -> str:
    """`their average delay in hours`: that between the two moments that are compared."""
    found = _DELAY.search(text)
    pairs = [(test.other, test.column) for test in frame.tests if test.other and "date_diff" in test.said]
    if found is None or len(pairs) != 1:
        return text
    first, last = pairs[0]
    per = {"second": 1.0, "minute": 60.0, "hour": 3600.0, "day": 86400.0}[found["u"]]
    frame.numbers.append(Measure(_FUNCTIONS.get(found["f"], "avg"), owner(first), first, (), last, "second", per=per))
    return cut(text, found)


def compared(text: str, frame: Frame, marked: Marked) -> str:
    """`where the contested amount is larger than the payment amount`."""
    if found := _SHARE_OF.search(text):
        a, b, hint = noun(found["a"], marked), noun(found["b"], marked), marked.hint(found["n"])
        if a.column and b.column and a.column != b.column and hint.operator:
            factor = float(hint.literals[0]) / (1 if "%" in hint.span and float(hint.literals[0]) <= 1 else 100)
            frame.tests.append(Test(a.column, f"{{}} {hint.operator} {factor:g} * {{other}}", b.column))
            return cut(text, found, _table_of(found["a"]))
    for pattern in (_COMPARED, _DIFFERS):
        found = pattern.search(text)
        if found is None:
            continue
        a, b = (noun(found[end], marked) for end in "ab")
        alike = [check(one.column, marked) for one in (a, b) if one.column for check in (is_measure, is_time)]
        if not a.column or not b.column or a.column == b.column or (pattern is _COMPARED and alike[:2] != alike[2:]):
            continue
        if pattern is _COMPARED and not any(alike):
            continue
        parts = found.groupdict()
        sign = (">" if parts.get("more") else "<") if pattern is _COMPARED else _equal(found)
        frame.tests.append(Test(a.column, f"{{}} {sign} {{other}}", b.column))
        return cut(text, found, _table_of(found["a"]))
    return text


def _equal(found: re.Match[str]) -> str:
    same = "same" in found.group() or "equal" in found.group()
    return "=" if same != bool(found["not"]) else "<>"


def _table_of(said: str) -> str:
    """The thing whose column it is, where it stands before it: `disputes whose amount`."""
    found = re.match(r"(?:<v\d+> )*<t\d+> (?=<v\d+> |$)", said)
    return found.group() if found else ""


def repeated(text: str, frame: Frame, marked: Marked) -> str:
    """`the same card more than once on one day`."""
    found = _REPEATED.search(text)
    if found is None:
        return text
    groups = [
        g
        for said in re.findall(NP, f"{found['a']} {found['more']}".replace("same ", ""))
        for g in group_of(said, marked)
    ]
    first = re.search(r"<t(\d+)>", text)
    table = table_of(marked.hints[int(first[1])]) if first else ""
    if not groups or not table:
        return text
    groups += group_of(found["unit"], marked) if found["unit"] else []
    keyed = [_keyed(group, table, marked) for group in groups]
    frame.groups += [group for group in keyed if group not in frame.groups]
    frame.bounds.append(Bound(rows(table), " > 1"))
    text = cut(text, found)
    return re.sub(
        r"\b(?:possible |potential |likely )*(?:<v\d+>|duplicated?) (?=<t)|\b(?:possible|potential) ", "", text
    )


def _keyed(group: Group, table: str, marked: Marked) -> Group:
    """A thing that rows of the table point at as the column that does: its key is enough."""
    link = marked.link(table, group.table) if group.table and not group.column and not group.unit else None
    return Group((f"{table}.{link.column}",)) if link else group
