"""Numbers that are compared: with a number of the task, or with the average."""

from __future__ import annotations

import re
from dataclasses import replace

from agents.columns import keys
from agents.reader.frame import Among, Bound, Frame, Group, Measure, Targets, Test
from agents.reader.groups import group_of
from agents.reader.marked import MARK, Marked, cut, table_of, things
from agents.reader.measures import PIECE, measure
from agents.reader.nouns import NP, amount, is_measure, noun, owner, rows
from agents.reader.order import UNITS
from agents.reader.subject import by_subject, grouped_by, subject_of

_TIMES = r"(?:the )?(?:overall |general |global |total )?(?:average|mean)(?: of all)?"
_MORE = (
    r"(?:is |are |was |were |lies )*(?P<sign>above|over|higher than|greater than|larger than|bigger"
    r" than|more than|exceed\w*|below|under|less than|lower than|smaller than|<n\d+> times)"
)


_OF_OWN = re.compile(
    r"\b(?:average|mean|median)\b[^,.:;]* (?:of|in|for|within) (?:their|its|the same|that) (?:own )?<[ct]\d+>"
)
"""A mean of one's own group is not that of all."""


def averages(text: str, frame: Frame, marked: Marked) -> str:
    """`whose average payment is above the overall average`, `amount more than ten times the average amount`."""
    if _OF_OWN.search(text):
        return text
    found = re.search(
        rf"(?:whose |with |where |that have )?(?:an? )?(?P<what>{PIECE}|{NP}) ?{_MORE} {_TIMES}(?: {NP})?", text
    )
    if found is None:
        return text
    times = found["sign"].endswith("times")
    hint = marked.hint(found["sign"].split()[0]) if times else None
    down = (hint.operator if hint else "") in ("<", "<=") or re.match("below|under|less|lower|small", found["sign"])
    factor = f"{hint.literals[0]} * " if hint else ""
    said = f" {'<' if down else '>'} {factor}"
    what = found["what"]
    if re.match(r"(?:the )?(?:average|mean|total|sum)", found["what"]):
        if (number := measure(found["what"], marked)) is None:
            return text
        by_subject(subject_of(text, frame, marked), frame)
        frame.bounds.append(Bound(number, f"{said}{{average}}"))
        return cut(text, found)
    one = noun(found["what"], marked)
    column = one.column or (amount(marked, marked.table(one.table)) if one.table else ())
    if not column or not is_measure(column, marked):
        return text
    table, name = marked.column(column[0])
    frame.tests.append(Test(column, f"{said}(SELECT avg({name.name}) FROM {table.full_name})"))
    frame.tables.add(table.full_name)
    kept = what if not one.column else things(what)
    return cut(text, found, kept)


_SAME = re.compile(
    rf"(?P<n><n\d+>) (?P<what>(?:<[vf]\d+> )*<t\d+>)(?: (?:<w\d+>|[a-z]+ed))? (?:of|with|on|in|at|for|from|to)"
    rf" (?:one and )?the"
    rf" (?:very )?same (?P<same>{NP}(?:(?:and|,) (?:the )?(?:same )?{NP})*)"
)


def of_the_same(text: str, frame: Frame, marked: Marked) -> str:
    """`users with more than one wallet of the same kind`: a number of each user and kind."""
    found = _SAME.search(text)
    number = measure(f"number of {found['what']}", marked) if found else None
    subject = subject_of(text, frame, marked)
    if found is None or number is None or not marked.compared(found["n"]) or subject == number.table:
        return text
    groups = [g for said in re.findall(NP, found["same"].replace("same ", "")) for g in group_of(said, marked)]
    if (
        not groups
        or any(not group.column or group.unit for group in groups)
        or marked.link(number.table, subject) is None
    ):
        return text
    by_subject(subject, frame)
    frame.groups += [replace(group, column=_own(group.column, number.table)) for group in groups]
    frame.bounds.append(Bound(number, marked.compared(found["n"])))
    frame.subject = ""
    return (
        re.sub(
            r"^(?P<a>.*?)(?:(?:that|which|who|have|has|had|with|opened|made|got|own|owns|hold|holds"
            r"|[a-z]{3,}(?:ed|s)|<w\d+>) ?)+$",
            r"\g<a>",
            text[: found.start()].strip(),
        )
        + " "
        + text[found.end() :]
    )


def _own(column: Targets, table: str) -> Targets:
    return tuple(target for target in column if target.rpartition(".")[0] == table) or column


def bounded(text: str, frame: Frame, marked: Marked) -> str:
    """`amount over 500`, `with more than 20,000 USD in revenue`, `merchant 3`."""
    pattern = re.compile(
        rf"(?:whose |with |where |by |only |but |, )*(?:(?P<before>{PIECE}|{NP}) ?)?"
        r"(?:(?:is|are|was|were|of|has|have|lasted|running|being|that|which|at|played|for|in) )*"
        r"(?P<n><n\d+>)(?: (?:in |of |as )?(?P<apart>different |distinct"
        rf" |unique )?(?P<after>{NP}))?(?: in total| each| in all)?"
    )
    place = 0
    while found := pattern.search(text, place):
        if _bound(found, frame, marked):
            text = f"{text[: found.start()]} {_kept(found, marked)} {text[found.end() :]}".strip()
        else:
            place = found.end()
    return text


def _counted(text: str, subject: str, marked: Marked) -> bool:
    """Whether it is asked how many of the subject there are: then a number of others is one of each."""
    found = re.search(
        r"(?:numbers? of|how many|count of|percentage of|share of) (?:the |all )?(?:<[vf]\d+> )*<t(\d+)>", text
    )
    return found is not None and table_of(marked.hints[int(found[1])]) == subject


_OVER = re.compile(
    rf"^(?:in )?(?:which|what) (?P<u>{UNITS})s?(?P<d> (?:of )?<d\d+>)? (?:did|had|saw|was|were|does|do)"
    rf"(?: we have)? (?:the )?(?P<np>{PIECE}|{NP}) ?"
    r"(?:exceed|go over|get over|above|drop|fall)? ?(?P<n><n\d+>)"
)


def periods_over(text: str, frame: Frame, marked: Marked) -> str:
    """`in which months did captured revenue exceed 100,000`."""
    found = _OVER.search(text)
    number = measure(found["np"], marked) if found else None
    said = marked.compared(found["n"]) if found else ""
    if found is None or number is None or not said:
        return text
    frame.groups.append(Group(unit=found["u"]))
    frame.numbers.append(number)
    frame.bounds.append(Bound(number, said))
    return cut(text, found, found["d"] or "")


_COUNTED = re.compile(
    rf"[,;]? ?(?:(?:but |and |only |for |the |those |keep |keeping )*(?:{NP}|(?:{UNITS})s?|rows|groups|ones"
    rf"|pairs) ?)?(?:(?:with|having|where|whose|if) )(?:an? |the )?"
    r"(?:count|number(?: of rows)?)(?: is| are)? (?P<n><n\d+>)"
    rf"|[,;(] ?(?:but |and )?(?:only|just|keep(?: only)?|for|show only) (?:the |those )?(?:{NP}|"
    rf"(?:{UNITS})s?|rows|groups|ones|pairs) ?"
    r"(?:with|that have|having|where there (?:are|were)) (?P<n2><n\d+>) (?:of (?:them|those|these)|such <t\d+>"
    r"|rows|in all|or more)\)?"
)


_OF_GROUP = re.compile(
    rf"[,;.] ?(?:and |but |for |only |keep |show )*(?:the )?(?P<g>{NP}) ?(?:with|having|that have) (?P<n><n\d+>)"
    r"(?: or more| of them| only| rows| in all)*(?= ?(?:[,.;)]|$))"
)


def of_groups(text: str, frame: Frame, marked: Marked) -> str:
    """`per category the number of disputes, categories with at least 5 only`."""
    found = _OF_GROUP.search(text)
    column = noun(found["g"], marked).column if found else ()
    first = re.search(
        r"(?:number of|count of|how many|count|numbers?)\b[^<]*(?:<[vf]\d+> )*<t(\d+)>|<t(\d+)> (?:per|by)\b", text
    )
    said = marked.compared(found["n"]) if found else ""
    if found is None or not column or is_measure(column, marked) or first is None or not said:
        return text
    rest = text[: found.start()]
    if not any(set(marked.hint(m.group()).targets) & set(column) for m in MARK.finditer(rest) if m[1] == "c"):
        return text
    table = table_of(marked.hints[int(first[1] or first[2])])
    before = re.search(rf"((?:<[vf]\d+> )*)<t{first[1] or first[2]}>", text)
    tests = noun(before[1], marked).tests if before and before[1] else ()
    frame.bounds.append(Bound(rows(table, tests), said))
    return cut(text, found)


def counts(text: str, frame: Frame, marked: Marked) -> str:
    """`only hours with a count above 300`."""
    found = _COUNTED.search(text)
    first = re.search(r"(?:number of|count of|how many|count) (?:<[vf]\d+> )*<t(\d+)>", text)
    said = marked.compared(found["n"] or found["n2"]) if found else ""
    table = table_of(marked.hints[int(first[1])]) if first else _only_table(text, marked)
    if found is None or not table or not said:
        return text
    frame.bounds.append(Bound(rows(table), said))
    return cut(text, found)


def _total(said: str, subject: str, marked: Marked) -> Measure | None:
    """`total refunds`, of a thing that they point at."""
    one = noun(said, marked)
    if (
        not re.match(r"(?:the |their |its )?(?:total|sum of|combined|summed)", said.strip())
        or not one.table
        or one.column
    ):
        return None
    column = amount(marked, marked.table(one.table))
    return Measure("sum", one.table, column, one.tests) if column and one.table != subject and subject else None


_THAT = re.compile(
    r",? ?(?:and |with |plus |together with |show |give |return |including )+(?:me )?(?:that|this|the|their|its) "
    r"(?:same )?(?:total|number|count|average|mean|amount|sum|figure|value|volume)s?(?: of (?:those|these|them"
    r"|such) ?(?:<t\d+>)?)?"
    r"(?: each)? ?[.?]?$"
)


def shown(text: str, frame: Frame, marked: Marked) -> str:
    """`whose total refunds exceed 1,000 dollars, with that total`."""
    found = _THAT.search(text)
    if found is None or frame.numbers or len(frame.bounds) != 1:
        return text
    frame.numbers.append(frame.bounds[0].number)
    return cut(text, found)


def _mean(said: str, subject: str, marked: Marked) -> Measure | None:
    """`whose average captured payment is`: of the amounts of rows that point at the things that are asked for."""
    if not re.match(r"(?:an? |the )?(?:average|mean|median) (?:<[vf]\d+> )*<t\d+> ?$", said):
        return None
    number = measure(said, marked)
    pointing = isinstance(number, Measure) and number.column and marked.link(number.table, subject) is not None
    return number if pointing and isinstance(number, Measure) else None


def _only_table(text: str, marked: Marked) -> str:
    """The table of all the columns that a text names, where that is one."""
    owners = {
        target.rpartition(".")[0]
        for m in MARK.finditer(text)
        if m[1] in "cw"
        for target in marked.hints[int(m[2])].targets
    }
    return owners.pop() if len(owners) == 1 else ""


def _is_key(column: Targets, marked: Marked) -> bool:
    table, one = marked.column(column[0])
    return one.name in keys(marked.catalog, table)


def _kept(found: re.Match[str], marked: Marked) -> str:
    """What the words before a number ask for besides: the rows or things that it is of."""
    said = found["before"] or ""
    one = noun(said, marked)
    if one.column and is_measure(one.column, marked):
        return " ".join(
            m.group() for m in MARK.finditer(said) if m[1] in "tv" and not re.search("total|average|sum", said)
        )
    return said


def _of_events(number: Measure, subject: str, found: re.Match[str], frame: Frame, marked: Marked) -> Measure:
    """The number over the rows that point at the subject as well as at what is told apart: `cards with payments at
    merchants in three countries`."""
    before = [table_of(marked.hint(m.group())) for m in MARK.finditer(found.string[: found.start("n")]) if m[1] == "t"]
    of = next((name for name in reversed(before) if f"{name}." in "".join(f"{c} " for c in number.column)), "")
    column = tuple(target for target in number.column if target.rpartition(".")[0] == of) or number.column
    table = owner(column)
    events = [name for name in before if marked.link(name, subject) and marked.link(name, table)]
    if table == subject or marked.link(table, subject) or len(set(events)) != 1:
        return number
    by_subject(subject, frame)
    return replace(number, table=events[0], column=column)


def _bound(found: re.Match[str], frame: Frame, marked: Marked) -> bool:
    hint = marked.hint(found["n"])
    if re.match(" ?times\\b", found.string[found.end("n") :]):
        return False
    if hint.targets:
        frame.tests.append(Test(hint.targets, f" = {hint.literals[0]}"))
        return True
    said = marked.compared(found["n"])
    if (
        not hint.operator
        or not said
        or re.search("%|percent", hint.span)
        or re.match(r" ?(?:%|percent)", found.string[found.end("n") :])
    ):
        return False
    subject = subject_of(found.string, frame, marked)
    if (total := _total(found["before"] or "", subject, marked)) is not None:
        frame.bounds.append(Bound(total, said))
        by_subject(subject, frame)
        return True
    if (mean := _mean(found["before"] or "", subject, marked)) is not None:
        frame.bounds.append(Bound(mean, said))
        by_subject(subject, frame)
        return True
    if found["apart"]:
        number = measure(f"distinct {found['after']}", marked)
        if number is None:
            return False
        frame.bounds.append(Bound(_of_events(number, subject, found, frame, marked), said))
        return True
    for part in ("before", "after"):
        one = noun(found[part] or "", marked)
        if one.column and is_measure(one.column, marked):
            table = owner(one.column, (subject,))
            if table != subject and (grouped_by(subject, frame) or marked.link(table, subject) is not None):
                number = measure(found[part] or "", marked)
                frame.bounds += [Bound(number, said)] if number else []
                by_subject(subject, frame)
            else:
                frame.tests.append(Test(one.column, said))
            return True
        if part == "after" and one.column and not one.table and _is_key(one.column, marked):
            frame.bounds.append(Bound(Measure("distinct", owner(one.column, (subject,)), one.column, one.tests), said))
            return True
        if part == "after" and one.table and not one.column:
            if one.table == subject and not re.search(r"\b(?:have|has|had|with|made)\b", found.group()):
                return False
            if one.table == subject:
                frame.bounds.append(Bound(rows(one.table, one.tests), said))
                return True
            if re.search(r"dollar|usd|\$|euro", hint.span, re.I) and (paid := amount(marked, marked.table(one.table))):
                frame.bounds.append(Bound(Measure("sum", one.table, paid, one.tests), said))
                by_subject(subject, frame)
                return True
            if frame.groups and not grouped_by(subject, frame) and _counted(found.string, subject, marked):
                frame.among.append(Among(one.table, True, one.tests, ("", ""), said))
                return True
            frame.bounds.append(Bound(rows(one.table, one.tests), said))
            by_subject(subject, frame)
            return True
    verb = noun(found["before"] or "", marked)
    if (
        verb.verbs
        and not verb.column
        and (table := owner(verb.verbs[0])) != subject
        and marked.link(table, subject) is not None
    ):
        column = amount(marked, marked.table(table))
        frame.bounds += [Bound(Measure("sum", table, column), said)] if column else []
        by_subject(subject, frame)
        return bool(column)
    if re.match(r" ?(?:day|week|month|year)s?\b", found.string[found.end("n") :]) and not re.search(
        "day|week|month|year", hint.span
    ):
        return False
    if re.search(r"day|month|week|year|hour|minute", hint.span):
        column = amount(marked, marked.table(subject), "long") if subject else ()
        timed = column and marked.column(column[0])[1].unit in ("s", "min", "h")
    else:
        column, timed = (amount(marked, marked.table(subject)) if subject else ()), True
    if column and timed:
        frame.tests.append(Test(column, said))
    return bool(column and timed)
