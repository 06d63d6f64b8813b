"""What the rows themselves are to be: not left out, and like a text."""

from __future__ import annotations

import re
from dataclasses import replace

from agents.grammar import quote
from agents.reader.frame import Frame, Test
from agents.reader.marked import MARK, Marked, cut, table_of, things
from agents.reader.nouns import NP, amount, is_measure, moment, noun

_EXCEPT = re.compile(
    r"[,;(]? ?(?:and |but )?\b(?:excluding|exclude|except(?: for)?|ignoring"
    r"|ignore|leaving out|leave out|not counting|other than|"
    rf"apart from|skip(?:ping)?|dropping|drop) (?P<np>{NP}(?:(?:(?:,|and|or) )+<v\d+> ?(?!<))*)(?:ones? ?)?(?P<not>"
    rf"(?:that have |with )?(?:without|no|lacking) (?P<lack>{NP}))?\)?"
)
_OUTSIDE = re.compile(
    r"(?<!\( )"
    r"(?:(?:and|but|that|which|who|live[sd]?|living|are|is|were|was|based|located|come|comes|came|made|paid|held) )*"
    r"(?:outside(?: of)?|not (?:in|from|within)|(?:anywhere|anything|any \w+|everything) (?:but|except|other"
    r" than)|in anything but) "
    r"(?:in )?(?:the )?(?P<np>(?:<v\d+> ?(?:(?:and|or|,) )?)+)(?P<not>)(?P<lack>)"
)
_LEFT_OUT = re.compile(
    rf"[,;(]? ?(?:and |but |with )?(?:the )?(?P<np>{NP})(?:ones? )?(?:are |is |being |to be )?(?:left out"
    rf"|excluded|ignored|not counted|skipped)"
    r"(?P<not>)(?P<lack>)\)?"
)


def excluding(text: str, frame: Frame, marked: Marked) -> str:
    """`excluding failed payments`, `ignore payments without a card`."""
    found = _EXCEPT.search(text) or _LEFT_OUT.search(text) or _OUTSIDE.search(text)
    one = noun(found["np"], marked) if found else None
    if found is None or one is None:
        return text
    if found["not"]:
        lack = noun(found["lack"], marked)
        link = marked.link(one.table, lack.table)
        column = lack.column or ((f"{link.table}.{link.column}",) if link else ())
        frame.tests += [Test(column, " IS NOT NULL")] if column else []
        return cut(text, found) if column else text
    if not one.tests:
        return text
    frame.tests += [denied(test) for test in one.tests]
    return cut(text, found)


_WHENEVER = re.compile(
    r"[(,;.]? ?(?:and )?(?:count|counting|include|including|with|take|taking)? ?(?:the |all |any |a |an |its "
    r"|their )?<t\d+>"
    r"(?: (?:of|for|to|on) (?:such|those|these|them|it|that|the|a|an|<t\d+>| )+)?,? ?(?:whenever|no matter when"
    r"|regardless of when"
    r"|irrespective of when|at any time|even if later)[^().;]*\)?"
)
_WHEN_OF = re.compile(r"<t(\d+)> (?:(?:that|which|were|was|made|created|opened|issued|placed|from|<w\d+>) )*<d\d+>")


def whenever(text: str, frame: Frame, marked: Marked) -> str:
    """`for payments made in 2025 (count a refund of such a payment whenever it happened)`."""
    found = _WHENEVER.search(text)
    of = _WHEN_OF.search(cut(text, found)) if found else None
    if found is None or of is None:
        return text
    frame.timed = table_of(marked.hints[int(of[1])])
    return cut(text, found)


def timed(frame: Frame, marked: Marked) -> None:
    """Have the periods of a text be of the rows of one table alone, where it says so."""
    column = moment(marked, frame.timed) if frame.timed else ()
    if column:
        frame.tests = [replace(test, column=column) if not test.column else test for test in frame.tests]


_OPPOSITE = {"<": ">=", "<=": ">", ">": "<=", ">=": "<"}
_BEYOND = re.compile(
    rf"[,;(.]? ?(?:and |but )?\b(?:excluding|exclude|ignoring|ignore|leaving out|leave out|skip(?:ping)?"
    rf"|drop(?:ping)?|without|not counting) "
    rf"(?:the |all |any )?(?P<t><t\d+> )?(?:(?:of|with|whose|an?|is|are|has|have) )*(?P<c>{NP})??(?:(?:of|is"
    rf"|are) )*(?P<n><n\d+>)"
    r"(?: (?:or (?:less|more)))?\)?(?= ?(?:[,.;)]|$))"
)


def beyond(text: str, frame: Frame, marked: Marked) -> str:
    """`excluding transfers under 5 dollars`."""
    found = _BEYOND.search(text)
    hint = marked.hint(found["n"]) if found else None
    if found is None or hint is None or hint.operator not in _OPPOSITE or len(hint.literals) != 1 or hint.targets:
        return text
    one = noun(found["c"] or "", marked)
    first = re.search(r"<t(\d+)>", found["t"] or text)
    table = table_of(marked.hints[int(first[1])]) if first else ""
    column = one.column or (amount(marked, marked.table(table)) if table else ())
    if (
        not column
        or not is_measure(column, marked)
        or (not one.column and re.search("%|percent|day|hour|time", hint.span))
    ):
        return text
    frame.tests.append(Test(column, f" {_OPPOSITE[hint.operator]} {hint.literals[0]}"))
    return cut(text, found)


_ONLY = re.compile(
    r"[,;(]? ?(?:and |but )?(?:only (?:for |over |count )?(?P<a>(?:the )?(?:<[vfc]\d+> )+<t\d+>)(?! ?(?:<n|above"
    r"|over|with|that|which|who|in |from|made))"
    r"|(?:among|amongst|considering|counting) (?:only |just |all |the )*(?P<c>(?:<[vfc]\d+> )+<t\d+>)(?! ?<n)"
    r"|(?:for |over )?(?P<b>(?:<[vfc]\d+> )+<t\d+>) only\b(?! if))(?: ?[,)](?= |$))?"
)


def only(text: str, frame: Frame, marked: Marked) -> str:
    """`captured payments only`, behind what is asked of payments."""
    found = _ONLY.search(text)
    one = noun(found["a"] or found["b"] or found["c"], marked) if found else None
    if found is None or one is None or found.start() == 0 or one.column:
        return text
    frame.tests += one.tests
    return cut(text, found)


_AS_ZERO = re.compile(
    rf"[;,(]? ?(?:and )?(?:<t\d+> )?(?:without|with no|missing|lacking|no) (?:an? |any )?(?P<np>{NP})(?:are "
    rf"|is |to be )?"
    r"(?:count\w*|treat\w*|taken|take) (?:it |them )?as (?:zero|0|none|<n\d+>)\)?"
    rf"|[;,(]? ?(?:and )?(?:count\w*|treat\w*|taking|take|replac\w+|fill\w*|set\w*) (?:in )?(?:a |an |any |the"
    rf" )?(?:missing|null"
    rf"|empty|no) (?P<np2>{NP})(?:values? )?(?:as|with|by|to) (?P<n2>zero|0|<n\d+>)\)?(?: ?(?:,|and|then)+"
    rf" (?:give|show|return|list"
    r"|compute|calculate)\b)?"
)


def _other_than_zero(found: re.Match[str], marked: Marked) -> bool:
    said = MARK.search(found.group()[len(found["np"] or "") :]) and re.findall(r"<n\d+>", found.group())
    return any(marked.hint(mark).literals != ("0",) for mark in said or ())


def as_zero(text: str, frame: Frame, marked: Marked) -> str:
    """`payments without a tip count as zero`."""
    found = _AS_ZERO.search(text)
    column = noun(found["np"] or found["np2"], marked).column if found else ()
    if found is None or not column or _other_than_zero(found, marked):
        return text
    frame.filled.append(column)
    return cut(text, found)


def fraction(text: str, frame: Frame, marked: Marked) -> str:
    """`as a fraction between 0 and 1`."""
    found = re.search(
        r",? ?\( ?(?:as )?(?:an? )?(?:fraction|decimal)(?: (?:of|from) [^()]*)? ?\)"
        r"|,? ?\bas an? (?:fraction|decimal|ratio)(?: ?\(?(?:<n\d+>|between 0 and 1|of 1|0 to 1)\)?)?",
        text,
    )
    if found is None or re.match(r" of <", text[found.end() :]):
        return text
    frame.fraction = True
    return cut(text, found)


def rounded(text: str, frame: Frame, marked: Marked) -> str:
    """`rounded to two decimals`."""
    found = _ROUNDED.search(text)
    if found is None:
        return text
    said = found["n"]
    frame.digits = _DIGITS.get(said, -1) if not said.startswith("<") else marked.whole(said)
    frame.digits = int(said) if said.isdecimal() else frame.digits
    return cut(text, found)


_ROUNDED = re.compile(
    r"[,;]? ?\b(?:each |all |both )?round(?:ed|ing)? (?:off |up )?to (?:the nearest )?(?P<n><n\d+>|\d|whole"
    r"|integer|one|two|three|four)"
    r"(?: (?:decimal )?(?:days?|hours?|minutes?|dollars?|percent|numbers?|decimals?|places?|digits?|decimal places))?"
)
_DIGITS = {"whole": 0, "integer": 0, "one": 1, "two": 2, "three": 3, "four": 4}


def denied(test: Test) -> Test:
    """The opposite of a test for equality, or of a flag."""
    return replace(test, said=f" <>{test.said.removeprefix(' =')}" if test.said else " = false")


_LIKE = re.compile(
    rf"(?:(?:whose|with an?|with|that|which|where the|where) )*(?P<np>{NP})(?:(?:that|which|is|are) )*"
    r"(?P<how>ends?(?:ing)? (?:with|in)|starts?(?:ing)? with|begins?(?:ning)? with|contains?|containing|mentions?|"
    r"mentioning|includes?|like) (?:the (?:word|text) )?(?P<what><v\d+>"
    r"|['\"“][^'\"”]+['\"”]|[^ ,;:()<>]+(?: [.@-] [^ ,;:()<>]+)*)"
    r"(?P<others>(?:(?: ?, ?| or )+(?:<v\d+>|['\"“][^'\"”]+['\"”]))+)?"
)


def like(text: str, frame: Frame, marked: Marked) -> str:
    """`whose email ends with example.org`."""
    found = _LIKE.search(text)
    one = noun(found["np"], marked) if found else None
    if found is None or one is None or not one.column:
        return text
    before, after = ("" if found["how"].startswith(edge) else "%" for edge in (("start", "begin"), "end"))
    others = re.findall(r"<v\d+>|['\"“][^'\"”]+['\"”]", found["others"] or "")
    tests = [f"ILIKE {quote(before + _spoken(said, marked) + after)}" for said in (found["what"], *others)]
    either = " OR ".join(f"{{}} {test}" for test in tests)
    frame.tests.append(Test(one.column, f"({either})" if others else f" {tests[0]}"))
    frame.tables |= set(one.tables)
    kept = things(found["np"])
    return cut(text, found, kept)


def _spoken(said: str, marked: Marked) -> str:
    """The words that a text is to have."""
    bare = said.strip("'\"“”")
    return marked.hint(bare).span.lower() if MARK.fullmatch(bare) else re.sub(r" ([.@-]) ", r"\1", bare)
