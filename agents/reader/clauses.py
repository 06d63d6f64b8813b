"""The clauses of a task, taken out of its text one after the other: orders, groups, other things, periods, bounds."""

from __future__ import annotations

import re
from dataclasses import replace

from agents.grammar import quote
from agents.reader.frame import Among, Bound, Frame, Group, Measure, Noun, Test
from agents.reader.marked import MARK, Marked, table_of
from agents.reader.nouns import ART, NP, amount, is_measure, is_time, noun, owner, rows
from agents.reader.numbers import PIECE, measure
from data.naming import single, words

UNITS = r"weekday|day|week|month|quarter|year|hour|date|decade"
_DIM = (
    rf"(?:{ART}(?:calendar )?(?:{UNITS})s?\b(?: of (?:the )?(?:day"
    rf"|week|year))?(?: (?:of |in |on |by )?{ART}(?:<w\d+>))?"
    rf"|<[wc]\d+> (?:{UNITS})s?\b|{NP}(?! ?<n))"
)
_PER = (
    r"(?:grouped by|broken down by|split by|group by|group(?:ed)? per|for each|for every|in each|in every|of each|"
    r"of every|to each|at each|from each|per each|per|each|every|across|along)"
)
_GROUPS = re.compile(
    rf"(?:(?<!<w\d> )(?<!<w\d\d> )\bby|\b{_PER})(?: (?:unique |distinct )?(?:pair|combination)s?"
    rf" of)? (?P<dims>{_DIM}(?: ?(?:, and|,|and|&|/|x|by)+ ?(?:{_PER} |by )?{_DIM})*)"
)
ASKS = (
    r"\b(?:numbers?|counts?|how (?:many|much|often)|totals?|sums?|averages?|mean|avg|median|min|max|minimum|maximum|"
    r"shares?|percent\w*|proportion|fraction|ratio|rates?|distinct|divided)\b|%"
)
_LY = {"daily": "day", "weekly": "week", "monthly": "month", "quarterly": "quarter", "yearly": "year", "annual": "year",
       "hourly": "hour"}  # fmt: skip
_NEW, _OLD = r"newest|latest|most recent|last", r"oldest|earliest|first"
_BIG = r"most|highest|largest|biggest|greatest|best|top|longest|max(?:imum)?|worst|busiest|costliest|most expensive"
_SMALL = r"fewest|lowest|smallest|least|shortest|min(?:imum)?|cheapest"
ADJ = rf"(?:{_NEW}|{_OLD}|{_BIG}|{_SMALL})"
_HAS = (
    r"(?:with|having|that have|which have|who have|that had|who"
    r" had|have|has|had|that has|get|got|that got|by|make|made)"
)
_DOWN = re.compile(
    r"\b(?:most to least|(?:larg|bigg|great)\w+ to|desc(?:ending)?|down"
    rf"|high(?:est)? (?:to|first)|(?:{_BIG}|{_NEW}) first|big|large)"
)


def ordering(text: str, frame: Frame, marked: Marked) -> str:
    """`sorted by amount descending`, `newest first`."""
    found = re.search(
        r"[,;.]? ?\b(?:sorted|ordered|sort|ranked|order(?= by| from| in| desc"
        r"| asc| it| them| the))(?: it| them| the (?:result|rows|output)s?)?"
        r"(?: by| from| in)? ?(?P<by>[^,;.]*)",
        text,
    )
    if found:
        _order(found["by"], found.group(), frame, marked)
        return _cut(text, found)
    found = re.search(rf"[,;]? ?(?:the )?\b(?P<adj>{ADJ})(?: \w+)?(?: {NP})? ?(?:first|on top|at the top)\b", text)
    if found is None:
        return text
    timed = re.fullmatch(f"{_NEW}|{_OLD}", found["adj"]) is not None
    unit = re.search(rf"\b(?:{UNITS})\b", found.group())
    frame.order = "period" if unit else "time" if timed else "number"
    frame.descending = not re.fullmatch(f"{_OLD}|{_SMALL}", found["adj"])
    return _cut(text, found)


def _order(by: str, whole: str, frame: Frame, marked: Marked) -> None:
    frame.descending = bool(_DOWN.search(whole))
    said = noun(by, marked)
    if re.search(rf"\b(?:{UNITS})\b", by):
        frame.order = "period"
    elif said.column and not is_measure(said.column, marked):
        frame.order = said.column[0]
    elif (
        said.column
        or said.table
        or re.search(r"\b\w+ to (?:low|small|least|high|large|big|most)", by)
        or re.search("count|number|total|average|sum|volume|amount|revenue", by)
    ):
        frame.order = "number"
    else:
        frame.order = "number" if frame.descending else "period"


def groups(text: str, frame: Frame, marked: Marked) -> str:
    """`per country and month`, `for each merchant`, `daily`."""
    for word, unit in _LY.items():
        text, done = re.subn(rf"\b{word}\b", " ", text)
        frame.groups += [Group(unit=unit)] if done else []
    place = 0
    while found := _GROUPS.search(text, place):
        rest = text[found.end() :]
        if found.start() == 0 and re.match("(?:each|every) <t", text) and not re.search(rf"{ASKS}|^ ?{ADJ}", rest):
            return text.partition(" ")[2]
        made = [group for dim in re.findall(_DIM, found["dims"]) for group in _group(dim, marked)]
        if not made:
            place = found.end()
            continue
        frame.groups += [one for one in made if one not in frame.groups]
        frame.tests += [test for dim in re.findall(_DIM, found["dims"]) for test in noun(dim, marked).tests]
        text = _cut(text, found)
    return text


def _group(said: str, marked: Marked) -> list[Group]:
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
        rf"(?:the |which |what )?{many}{what} ?{_HAS} (?:the )?(?P<adj>{_BIG}|{_SMALL}) (?P<num>{PIECE}|{NP})",
        rf"(?:the )?{many}(?P<adj>most|least) (?:often |frequently |heavily )?(?P<num><[wt]\d+>) {what}",
        rf"(?:the )?{many}(?P<adj>busiest) {what}(?P<num>)",
        rf"(?:the )?{many}(?P<adj>best|worst|top|strongest|weakest)(?:[ -]selling|[ -]performing"
        rf"|[ -]earning)? {what} ?\(? ?(?:by|in terms of|on) (?P<num>{PIECE}|{NP})\)?",
    ):
        found = re.search(pattern, text)
        if found and _led(found, frame, marked):
            return _cut(text, found)
    return text


def _led(found: re.Match[str], frame: Frame, marked: Marked) -> bool:
    parts = found.groupdict()
    group = _group(found["what"], marked)
    number = _counted(found["num"], marked)
    if not group or (found["num"] and number is None):
        return False
    outer = [one for one in frame.groups if one not in group]
    frame.within = bool(outer)
    frame.groups = [*outer, *group]
    frame.numbers += [number] if number else []
    plural = parts.get("n") is None and re.search(r"^which|s$", found["what"]) and not outer
    frame.limit = _whole(parts.get("n") or "", marked) or (0 if plural and not parts.get("adj") else 1)
    frame.order, frame.descending = "number", not re.fullmatch(_SMALL, parts.get("adj") or "")
    return True


def _counted(said: str, marked: Marked):  # type: ignore[no-untyped-def]
    one = noun(said, marked)
    if one.verbs and not one.column and not one.table:
        return rows(owner(one.verbs[0]))
    return measure(said, marked) if said else None


def ranks(text: str, frame: Frame, marked: Marked) -> str:
    """`rank merchants within each category by revenue`."""
    found = re.search(
        rf"\brank(?:ing)?(?: of)? (?P<what>{NP}) ?(?:within|in|per|inside|for"
        rf"|by) (?:each |every )?(?P<in>{NP}) ?by (?P<num>{PIECE}|{NP})",
        text,
    )
    number = _counted(found["num"], marked) if found else None
    if found is None or number is None:
        return text
    frame.groups += [*_group(found["in"], marked), *_group(found["what"], marked)]
    frame.numbers.append(number)
    frame.ranked = True
    return _cut(text, found)


def firsts(text: str, frame: Frame, marked: Marked) -> str:
    """`the three longest tracks of each genre`, `the latest subscription of each user`, `the 20 largest payments`."""
    found = re.search(
        rf"(?:the )?(?:top )?(?P<n><n\d+> |\d+ )?(?P<adj>{ADJ}) (?:\w+(?:ed|en) )?(?P<n2><n\d+> |\d+ )?(?P<what>{NP})",
        text,
    )
    if found is None or frame.numbers or frame.order == "number":
        return text
    one = noun(found["what"], marked)
    timed = re.fullmatch(f"{_NEW}|{_OLD}", found["adj"]) is not None
    table = one.table or (owner(one.column) if one.column else "")
    if one.column and is_time(one.column, marked):
        return text
    column = () if timed else one.column or (amount(marked, marked.table(table), found["adj"]) if table else ())
    if not table or not (timed or column):
        return text
    if not found["n"] and not found["n2"] and not frame.groups:
        return text
    frame.subject, frame.limit = table, _whole(found["n"] or found["n2"] or "", marked) or 1
    frame.within, frame.order = bool(frame.groups), "time" if timed else column[0]
    frame.descending = not re.fullmatch(f"{_OLD}|{_SMALL}", found["adj"])
    frame.tests += one.tests
    return _cut(text, found)


def limits(text: str, frame: Frame, marked: Marked) -> str:
    """`top 10`, `first 20 rows`, `five payments` that are asked for."""
    found = re.search(
        r"[,;]? ?(?:only |just |keep |show )*(?:the )?(?:top|first|leading)"
        r" (?P<n><n\d+>|\d+)(?: (?:pairs?|rows?|ones|only|of them|results))*",
        text,
    )
    if found and (many := _whole(found["n"], marked)):
        frame.limit = many
        frame.order = frame.order or "number"
        return _cut(text, found)
    return text


def zero(text: str, frame: Frame, marked: Marked) -> str:
    """`including users who never sent anything as 0`."""
    found = re.search(
        r"[,;(]? ?(?:and |but )*\b(?:includ\w+|even|also|keep\w*|counting"
        r"|with a? ?(?:zero|0)|show\w*)\b(?! \w+ per)[^;.()]*"
        r"\b(?:never|no|not|without|none|zero|nothing|0\b|<n\d+>)[^,;.()]*\)?",
        text,
    )
    if found is None or not re.search(r"\b(?:never|no|not|without|none|zero|nothing|0)\b|<n", found.group()):
        return text
    if not re.search(r"includ|even|also|zero|\b0\b|<n", found.group()):
        return text
    frame.zero = True
    frame.tables |= {table_of(marked.hints[int(m[2])]) for m in MARK.finditer(found.group()) if m[1] == "t"}
    return _cut(text, found)


_LEAD = (
    r"(?:(?:that|which|who|and|but|yet|,|have|has|had|were|was|are|is|do|does|did|with|we|there|for|on|in|to|us|of|"
    r"any|whose|where) )*"
)
_FILL = (
    r"(?:(?:any|an?|single|had|has|have|made|make|making|received|got|been|used|one|of|even|ever|taken|their|involved|"
    r"the|seen|known|recorded|set|given|yet|hold|own|at all|a single|some) )*"
)
_NOT = re.compile(
    rf"{_LEAD}(?:never|without|no|not|n't|nor|lacking|missing|zero) {_FILL}(?P<np>{NP})"
    r"(?P<d> ?<d\d+>)?(?: at all| yet| recorded| on record| known)*"
)
_WITH = re.compile(
    rf"(?:(?:that|which|who|and|but|both|also|,) )*(?:have|has|had|with|made|make|hold|holds|holding|own|owning|owns|"
    rf"having|received|took|got|used) (?:(?:ever|also|both|already) )*(?:(?P<n><n\d+>) |an? |any |some |one )"
    rf"(?:more )?(?P<np>{NP})(?P<d> ?<d\d+>)?(?: or more)?(?! ?(?:of |over |above |under |below )?<n)"
)


def without(text: str, frame: Frame, marked: Marked) -> str:
    """`without any payment in 2025`, `that never played a track`, `no tip`."""
    return _others(text, _NOT, False, frame, marked)


_EXCEPT = re.compile(
    r"[,;(]? ?(?:and |but )?\b(?:excluding|exclude|except(?: for)?|ignoring"
    r"|ignore|leaving out|leave out|not counting|other than|"
    rf"apart from|skip(?:ping)?|dropping|drop) (?P<np>{NP})(?:ones? ?)?(?P<not>"
    rf"(?:that have |with )?(?:without|no|lacking) (?P<lack>{NP}))?\)?"
)


def excluding(text: str, frame: Frame, marked: Marked) -> str:
    """`excluding failed payments`, `ignore payments without a card`."""
    found = _EXCEPT.search(text)
    one = noun(found["np"], marked) if found else None
    if found is None or one is None:
        return text
    if found["not"]:
        lack = noun(found["lack"], marked)
        link = next((r for r in marked.catalog.relationships if (r.table, r.to_table) == (one.table, lack.table)), None)
        column = lack.column or ((f"{link.table}.{link.column}",) if link else ())
        frame.tests += [Test(column, " IS NOT NULL")] if column else []
        return _cut(text, found) if column else text
    if not one.tests:
        return text
    frame.tests += [_denied(test) for test in one.tests]
    return _cut(text, found)


def _denied(test: Test) -> Test:
    return replace(test, said=f" <>{test.said.removeprefix(' =')}" if test.said else " = false")


_BOTH = re.compile(
    r"(?:(?:that|which|who|and|with|hold|have|holding|having|own|had|owning) )*both an? (?P<a><v\d+>)"
    r" ?(?P<t1><t\d+>)? ?and (?:an? )?(?P<b><v\d+>) ?(?:one\b|(?P<t2><t\d+>))?"
)


def having(text: str, frame: Frame, marked: Marked) -> str:
    """`with at least 50 payments`, `who hold a card`, `both a blocked card and an active one`."""
    found = _BOTH.search(text)
    if found and (thing := found["t1"] or found["t2"]):
        frame.subject = frame.subject or _subject(text, frame, marked)
        for value in "ab":
            frame.among.append(Among(table_of(marked.hint(thing)), True, noun(found[value], marked).tests))
        text = _cut(text, found)
    return _others(text, _WITH, True, frame, marked)


def _others(text: str, pattern: re.Pattern[str], present: bool, frame: Frame, marked: Marked) -> str:
    place = 0
    while found := pattern.search(text, place):
        if _other(found, present, frame, marked):
            text = _cut(text, found)
        else:
            place = found.end()
    return text


_LIKE = re.compile(
    rf"(?:(?:whose|with an?|with|that|which|where the|where) )*(?P<np>{NP})(?:(?:that|which|is|are) )*"
    r"(?P<how>ends?(?:ing)? (?:with|in)|starts?(?:ing)? with|begins?(?:ning)? with|contains?|containing|mentions?|"
    r"mentioning|includes?|like) (?:the (?:word|text) )?(?P<what><v\d+>"
    r"|['\"“][^'\"”]+['\"”]|[^ ,;:()<>]+(?: [.@-] [^ ,;:()<>]+)*)"
)


def like(text: str, frame: Frame, marked: Marked) -> str:
    """`whose email ends with example.org`."""
    found = _LIKE.search(text)
    one = noun(found["np"], marked) if found else None
    if found is None or one is None or not one.column:
        return text
    said = found["what"].strip("'\"“”")
    said = marked.hint(said).span.lower() if MARK.fullmatch(said) else re.sub(r" ([.@-]) ", r"\1", said)
    before, after = ("" if found["how"].startswith(edge) else "%" for edge in (("start", "begin"), "end"))
    frame.tests.append(Test(one.column, f" ILIKE {quote(before + said + after)}"))
    frame.tables |= set(one.tables)
    kept = " ".join(m.group() for m in MARK.finditer(found["np"]) if m[1] == "t")
    return " ".join(f"{text[: found.start()]} {kept} {text[found.end() :]}".split())


def _other(found: re.Match[str], present: bool, frame: Frame, marked: Marked) -> bool:
    one = noun(found["np"], marked)
    subject = _subject(found.string, frame, marked)
    if one.tests and not one.table and not one.column:
        frame.tests += [] if present else [_denied(test) for test in one.tests]
        return not present
    if one.column or (one.verbs and not one.table):
        column = one.column or one.verbs[0]
        if owner(column, (subject,)) == subject and present and not found["n"]:
            frame.tests.append(Test(column, " IS NOT NULL"))
            return True
        if present or owner(column, (subject,)) != subject:
            return _other_rows(found, Noun((owner(column),), (), one.tests), present, subject, frame, marked)
        frame.tests.append(Test(column, " IS NULL"))
        return True
    return _other_rows(found, one, present, subject, frame, marked)


def _other_rows(found: re.Match[str], one: Noun, present: bool, subject: str, frame: Frame, marked: Marked) -> bool:
    if not one.table or one.table == subject:
        return False
    number = found.groupdict().get("n")
    said = _said(marked, number) if number else ""
    link = next((r for r in marked.catalog.relationships if (r.table, r.to_table) == (subject, one.table)), None)
    if link is not None and not said:
        frame.tests.append(Test((f"{subject}.{link.column}",), f" IS {'NOT ' if present else ''}NULL"))
        return True
    hint = marked.hint(found["d"].strip()) if found["d"] else None
    since, until = hint.literals if hint else ("", "")
    if (
        said
        and not _grouped_by(subject, frame)
        and _shown(one.table, frame, marked)
        and _points(one.table, subject, marked)
    ):
        _by_subject(subject, frame)
    if said and _grouped_by(subject, frame):
        frame.bounds.append(Bound(rows(one.table, one.tests), said))
        return True
    frame.subject = frame.subject or subject
    frame.among.append(Among(one.table, present, one.tests, (since, until), said))
    return True


def _shown(table: str, frame: Frame, marked: Marked) -> bool:
    """Whether an output is how many rows of a table there are."""
    name = single(words(marked.table(table).name)[-1])
    said = [[single(word) for word in words(output)] for output in frame.outputs]
    return any({"count", "number", "many"} & {*one} or one == [name] for one in said)


def _grouped_by(subject: str, frame: Frame) -> bool:
    return any(group.table == subject and not group.column for group in frame.groups)


def _subject(text: str, frame: Frame, marked: Marked) -> str:
    if frame.subject:
        return frame.subject
    if frame.groups and frame.groups[-1].table and not frame.groups[-1].column:
        return frame.groups[-1].table
    first = re.search(r"<t(\d+)>", text)
    return table_of(marked.hints[int(first[1])]) if first else ""


_TIMES = r"(?:the )?(?:overall |general |global |total )?(?:average|mean)(?: of all)?"
_MORE = (
    r"(?:is |are |was |were |lies )*(?P<sign>above|over|higher than|greater than|larger than|bigger"
    r" than|more than|exceed\w*|below|under|less than|lower than|smaller than|<n\d+> times)"
)


def averages(text: str, frame: Frame, marked: Marked) -> str:
    """`whose average payment is above the overall average`, `amount more than ten times the average amount`."""
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
        _by_subject(_subject(text, frame, marked), frame)
        frame.bounds.append(Bound(number, f"{said}{{average}}"))
        return _cut(text, found)
    one = noun(found["what"], marked)
    column = one.column or (amount(marked, marked.table(one.table)) if one.table else ())
    if not column or not is_measure(column, marked):
        return text
    table, name = marked.column(column[0])
    frame.tests.append(Test(column, f"{said}(SELECT avg({name.name}) FROM {table.full_name})"))
    frame.tables.add(table.full_name)
    kept = what if not one.column else " ".join(m.group() for m in MARK.finditer(what) if m[1] == "t")
    return " ".join(f"{text[: found.start()]} {kept} {text[found.end() :]}".split())


def _said(marked: Marked, number: str) -> str:
    hint = marked.hint(number.strip())
    return f" {hint.operator or '='} {hint.literals[0]}" if len(hint.literals) == 1 else ""


def bounded(text: str, frame: Frame, marked: Marked) -> str:
    """`amount over 500`, `with more than 20,000 USD in revenue`, `merchant 3`."""
    pattern = re.compile(
        rf"(?:whose |with |where |by |only |but |, )*(?:(?P<before>{PIECE}|{NP}) ?)?"
        r"(?:(?:is|are|was|were|of|has|have|lasted|running|being|that|which|at|played|for) )*"
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


def _kept(found: re.Match[str], marked: Marked) -> str:
    """What the words before a number ask for besides: the rows or things that it is of."""
    said = found["before"] or ""
    one = noun(said, marked)
    if one.column and is_measure(one.column, marked):
        return " ".join(
            m.group() for m in MARK.finditer(said) if m[1] in "tv" and not re.search("total|average|sum", said)
        )
    return said


def _bound(found: re.Match[str], frame: Frame, marked: Marked) -> bool:
    hint = marked.hint(found["n"])
    if hint.targets:
        frame.tests.append(Test(hint.targets, f" = {hint.literals[0]}"))
        return True
    said = _said(marked, found["n"])
    if (
        not hint.operator
        or not said
        or re.search("%|percent", hint.span)
        or re.match(r" ?(?:%|percent)", found.string[found.end("n") :])
    ):
        return False
    subject = _subject(found.string, frame, marked)
    if found["apart"]:
        number = measure(f"distinct {found['after']}", marked)
        frame.bounds += [Bound(number, said)] if number else []
        return number is not None
    for part in ("before", "after"):
        one = noun(found[part] or "", marked)
        if one.column and is_measure(one.column, marked):
            table = owner(one.column, (subject,))
            if table != subject and (_grouped_by(subject, frame) or _points(table, subject, marked)):
                number = measure(found[part] or "", marked)
                frame.bounds += [Bound(number, said)] if number else []
                _by_subject(subject, frame)
            else:
                frame.tests.append(Test(one.column, said))
            return True
        if part == "after" and one.table and not one.column:
            if one.table == subject and not re.search(r"\b(?:have|has|had|with|made)\b", found.group()):
                return False
            if one.table == subject:
                frame.bounds.append(Bound(rows(one.table, one.tests), said))
                return True
            frame.bounds.append(Bound(rows(one.table, one.tests), said))
            _by_subject(subject, frame)
            return True
    verb = noun(found["before"] or "", marked)
    if (
        verb.verbs
        and not verb.column
        and (table := owner(verb.verbs[0])) != subject
        and _points(table, subject, marked)
    ):
        column = amount(marked, marked.table(table))
        frame.bounds += [Bound(Measure("sum", table, column), said)] if column else []
        _by_subject(subject, frame)
        return bool(column)
    if re.search(r"day|month|week|year|hour|minute", hint.span):
        column = amount(marked, marked.table(subject), "long") if subject else ()
        timed = column and marked.column(column[0])[1].unit in ("s", "min", "h")
    else:
        column, timed = (amount(marked, marked.table(subject)) if subject else ()), True
    if column and timed:
        frame.tests.append(Test(column, said))
    return bool(column and timed)


def _by_subject(subject: str, frame: Frame) -> None:
    if not frame.groups:
        frame.groups.append(Group(table=subject))


def _points(table: str, subject: str, marked: Marked) -> bool:
    return any((r.table, r.to_table) == (table, subject) for r in marked.catalog.relationships)


def _whole(said: str, marked: Marked) -> int:
    if said.strip().isdigit():
        return int(said)
    found = MARK.fullmatch(said.strip())
    text = marked.hints[int(found[2])].literals[0] if found else ""
    return int(text) if text.isdigit() else 0


def _cut(text: str, found: re.Match[str]) -> str:
    return " ".join(f"{text[: found.start()]} {text[found.end() :]}".split())
