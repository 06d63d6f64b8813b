"""Rows of other tables that there are, or are not: `without any payment`, `who hold a card`."""

from __future__ import annotations

import re

from agents.reader.conditions import denied
from agents.reader.frame import Among, Bound, Frame, Measure, Noun, Targets, Test
from agents.reader.marked import MARK, Marked, cut, table_of
from agents.reader.nouns import NP, is_measure, is_time, noun, owner, rows
from agents.reader.subject import by_subject, grouped_by, subject_of
from data.naming import single, words


def zero(text: str, frame: Frame, marked: Marked) -> str:
    """`including users who never sent anything as 0`."""
    found = re.search(
        r"[,;(]? ?(?:and |but )*\b(?:includ\w+|even|also|keep\w*|counting"
        r"|with a? ?(?:zero|0)|show\w*)\b(?! \w+ per)[^;.()]*"
        r"\b(?:never|no|not|without|none|zero|nothing|0\b|<n\d+>)[^,;.()]*\)?",
        text,
    )
    found = found or _TOO.search(text) or _zero_if(text, marked)
    found = found or re.search(r"[,;(]? ?(?:and )?(?:zeros?|none|0) (?:is |are )?included\)?", text)
    if found is None or not re.search(r"\b(?:never|no|not|without|none|zero|nothing|0)\b|<n", found.group()):
        return text
    if not re.search(r"includ|even|also|too|zero|\b0\b|<n|must|should|(?:have|has|need) to|as well", found.group()):
        return text
    frame.zero = True
    frame.tables |= {table_of(marked.hints[int(m[2])]) for m in MARK.finditer(found.group()) if m[1] == "t"}
    text = cut(text, found)
    return zero(text, frame, marked) if _TOO.search(text) or _zero_if(text, marked) else text


_WHO = r"(?:<[tc]\d+>|those|ones|people|rows|groups)"
_TOO = re.compile(
    rf"[,;.(]? ?(?:and |but |note : ?)?(?:the |all |any )?{_WHO} (?:without|with no|that have no|that have none"
    rf"|who have no"
    rf"|having no|with zero|with none)(?: an?| any| single)*(?: {NP})?(?:at all )?(?:(?:have|has|need|must"
    rf"|should|shall|are|is|to"
    r"|also|do|will) )*(?:be )?(?:count(?:ed)?|included?|kept|appear|shown|show|listed|there|present|show up"
    r"|stay|part of it"
    r"|reported|in)\b[^,;.()]*\)?"
)
_IF_NONE = re.compile(
    rf"[,;.(]? ?(?:and |with |use |show |give |put |take )*(?:the |a )?(?:{NP}|count |number |amount |total |sum"
    rf" )?(?:is |of |as "
    rf"|should be |counts as )?(?P<n><n\d+>|zero|0) (?:if|when|where|for|in case) (?:there |those |they "
    rf"|<[tc]\d+> )*(?:is |are "
    rf"|was |were |has |have |with |without )*(?:none|nothing|no (?:such )?{NP}|any|missing)\)?"
)


def _zero_if(text: str, marked: Marked) -> re.Match[str] | None:
    """`volume 0 if there is none`."""
    found = _IF_NONE.search(text)
    said = found["n"] if found else ""
    none = said in ("0", "zero") or bool(said and marked.hint(said).literals == ("0",))
    return found if none else None


_LEAD = (
    r"(?:(?:that|which|who|and|but|yet|,|have|has|had|were|was|are|is|do|does|did|with|we|there|for|on|in|to|us|of|"
    r"any|whose|where) )*"
)
_FILL = (
    r"(?:(?:any|an?|single|had|has|have|made|make|making|received|got|been|used|one|of|even|ever|taken|their|involved|"
    r"the|seen|known|recorded|set|given|yet|hold|own|at all|a single|some|for|by|in|with|to|on) )*"
)
_NOT = re.compile(
    rf"\b{_LEAD}(?:never|without|no|not|n't|nor|lacking|missing|zero) {_FILL}(?P<np>{NP})"
    r"(?:anything|a thing|something)?(?P<d> ?<d\d+>)?(?: ?(?:at all|yet|recorded|on record|known|on file|since then"
    r"|since|so far)\b)*"
)
_WITH = re.compile(
    rf"(?:(?:that|which|who|and|but|both|also|,) )*(?:have|has|had|with|made|make|hold|holds|holding|own|owning|owns|"
    rf"having|received|took|got|used|included?|includes|contain(?:s|ed)?|carry|carried|involved?) (?:(?:ever"
    rf"|also|both|already) )*(?:(?P<n><n\d+>) |an? |any |some |one )"
    rf"(?:more )?(?P<np>{NP})(?P<d> ?<d\d+>)?(?: or more)?(?! ?(?:of |over |above |under |below )?<n)"
)


def without(text: str, frame: Frame, marked: Marked) -> str:
    """`without any payment in 2025`, `that never played a track`, `no tip`."""
    return _others(text, _NOT, False, frame, marked)


_BOTH = re.compile(
    r"(?:(?:that|which|who|and|with|hold|have|holding|having|own|had|owning) )*both an? (?P<a><v\d+>)"
    r" ?(?P<t1><t\d+>)? ?and (?:an? )?(?P<b><v\d+>) ?(?:one\b|(?P<t2><t\d+>))?"
)


_ARE = re.compile(
    rf"(?:who|that|which) (?:are|is) (?:both )?an? (?P<a>{NP}) ?(?:and|as well as) (?:also )?an? (?P<b>{NP})"
)


_BOTH_OF = re.compile(
    rf"(?:that|who|which)? ?(?:have|has|own|owns|hold|holds|with) both (?:an? |at least an? |<n\d+> )?"
    rf"(?P<a>{NP}) ?and (?:an? |at least one |<n\d+> )?(?P<b>{NP})"
)
_LATER = re.compile(
    r"(?:that|which|who) (?:were|was|have been|has been|got|are|is) (?:later |ever |also |then |since "
    r"|eventually |already )*(?P<np><t\d+>)(?= ?[,.;:]|$)"
)


def having(text: str, frame: Frame, marked: Marked) -> str:
    """`with at least 50 payments`, `who hold a card`, `both a blocked card and an active one`."""
    found = _ARE.search(text) or _BOTH_OF.search(text)
    if found and (things := [noun(found[end], marked).table for end in "ab"]) and all(things):
        frame.subject = frame.subject or subject_of(text, frame, marked)
        frame.among += [
            Among(thing, True, noun(found[end], marked).tests) for thing, end in zip(things, "ab", strict=True)
        ]
        text = cut(text, found)
    later = _LATER.search(text)
    if later and (child := table_of(marked.hint(later["np"]))) != subject_of(text, frame, marked):
        frame.subject = frame.subject or subject_of(text, frame, marked)
        frame.among.append(Among(child, True))
        text = cut(text, later)
    found = _BOTH.search(text)
    if found and (thing := found["t1"] or found["t2"]):
        frame.subject = frame.subject or subject_of(text, frame, marked)
        for value in "ab":
            frame.among.append(Among(table_of(marked.hint(thing)), True, noun(found[value], marked).tests))
        text = cut(text, found)
    return _others(text, _WITH, True, frame, marked)


def _others(text: str, pattern: re.Pattern[str], present: bool, frame: Frame, marked: Marked) -> str:
    place = 0
    while found := pattern.search(text, place):
        if _other(found, present, frame, marked):
            text = cut(text, found)
        else:
            place = found.end()
    return text


def _other(found: re.Match[str], present: bool, frame: Frame, marked: Marked) -> bool:
    one = noun(found["np"], marked)
    subject = subject_of(found.string, frame, marked)
    if one.tests and not one.table and (not one.column or one.column == one.tests[0].column):
        frame.tests += [] if present else [denied(test) for test in one.tests]
        return not present
    if one.column or (one.verbs and not one.table):
        column = one.column or one.verbs[0]
        if owner(column, (subject,)) == subject and present and not found["n"]:
            frame.tests.append(Test(column, " IS NOT NULL"))
            return True
        if present and found["n"] and _several(column, subject, marked.compared(found["n"]), frame, marked):
            return True
        if present or owner(column, (subject,)) != subject:
            return _other_rows(found, Noun((owner(column),), (), one.tests), present, subject, frame, marked)
        frame.tests.append(Test(column, " IS NULL"))
        return True
    return _other_rows(found, one, present, subject, frame, marked)


def _several(column: Targets, subject: str, said: str, frame: Frame, marked: Marked) -> bool:
    """Bound how many different values things have: `users with more than one device platform`."""
    table = owner(column, (subject,))
    if is_measure(column, marked) or is_time(column, marked) or table == subject or marked.link(table, subject) is None:
        return False
    frame.bounds.append(Bound(Measure("distinct", table, column), said))
    by_subject(subject, frame)
    return bool(said)


def _other_rows(found: re.Match[str], one: Noun, present: bool, subject: str, frame: Frame, marked: Marked) -> bool:
    if not present and one.tests and one.table == subject and not found.groupdict().get("n"):
        frame.tests += [denied(test) for test in one.tests]
        return True
    if not one.table or one.table == subject:
        return False
    number = found.groupdict().get("n")
    said = marked.compared(number) if number else ""
    link = marked.link(subject, one.table)
    if link is not None and not said:
        frame.tests.append(Test((f"{subject}.{link.column}",), f" IS {'NOT ' if present else ''}NULL"))
        return True
    hint = marked.hint(found["d"].strip()) if found["d"] else None
    since, until = hint.literals if hint else ("", "")
    if (
        said
        and not grouped_by(subject, frame)
        and _shown(one.table, frame, marked)
        and marked.link(one.table, subject) is not None
    ):
        by_subject(subject, frame)
    if said and grouped_by(subject, frame):
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
