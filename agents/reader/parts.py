"""A number of a row beside a part of what belongs to the row: `less than half of the track was played`."""

from __future__ import annotations

import re

from agents.reader.frame import Frame, Targets, Test
from agents.reader.marked import MARK, Marked, cut, table_of
from agents.reader.nouns import NP, amount, is_measure, noun, owner

_PARTS = {"half": 0.5, "a half": 0.5, "a third": 1 / 3, "one third": 1 / 3, "two thirds": 2 / 3, "a quarter": 0.25,
          "one quarter": 0.25, "three quarters": 0.75, "a tenth": 0.1}  # fmt: skip
_SIGNS = {"less than": "<", "under": "<", "fewer than": "<", "below": "<", "not even": "<",
          "more than": ">", "over": ">",
          "above": ">", "at least": ">=", "no less than": ">=", "at most": "<=", "up to": "<="}  # fmt: skip
_SIGN = "|".join(sorted(_SIGNS, key=len, reverse=True))
_PART = "|".join(sorted(_PARTS, key=len, reverse=True))
_SIZE = (
    rf"(?:(?P<sign>{_SIGN}) (?:(?P<part>{_PART})|(?P<d>\d+) ?(?:%|percent))|(?P<n><n\d+>)(?: ?(?:%|percent))?)"
    r" of (?:the |its |their |an? )?"
)
_OF = rf"(?P<b>{NP})(?:(?:'s )?(?:duration|length|running time|total)\b)?"
_DID = r"(?:heard|played|listened to|watched|streamed|seen|used|repaid|refunded|paid|completed|finished)"
_FORMS = tuple(
    re.compile(text)
    for text in (
        rf"(?:(?:where|that|which|who|when|in which|whose|with|the|an?|their|its|<[tc]\d+>|[a-z]+er) )*(?:(?:was"
        rf"|were|is|had|has|have) )*"
        rf"(?:{_DID}|<w\d+>|stopped before|lasted) {_SIZE}{_OF}",
        rf"(?:(?:where|that|which|when|in which|of which|with) )*{_SIZE}{_OF} ?(?:was|were|is|has been|had been"
        rf"|being) (?:{_DID}|<[wv]\d+>)",
    )
)


def part_of(text: str, frame: Frame, marked: Marked) -> str:
    """`where at least 90 percent of the track was heard`."""
    found = next((match for form in _FORMS if (match := form.search(text))), None)
    compared = _compared(found, marked) if found else None
    pair = _pair(found["b"], text, marked) if found else None
    if found is None or compared is None or pair is None:
        return text
    sign, share = compared
    frame.tests.append(Test(pair[0], f"{{}} {sign} {share:g} * {{other}}", pair[1]))
    frame.tables |= {owner(pair[0]), owner(pair[1])}
    return cut(text, found)


def _compared(found: re.Match[str], marked: Marked) -> tuple[str, float] | None:
    """The sign and the part."""
    if found["part"]:
        return _SIGNS[found["sign"]], _PARTS[found["part"]]
    if found["d"]:
        return _SIGNS[found["sign"]], int(found["d"]) / 100
    hint = marked.hint(found["n"])
    if len(hint.literals) != 1 or not hint.operator or not re.search("%|percent", f"{hint.span}{found.group()}"):
        return None
    number = float(hint.literals[0])
    return hint.operator, number / 100 if number > 1 else number


def _pair(said: str, text: str, marked: Marked) -> tuple[Targets, Targets] | None:
    """The number of the rows, and that of the whole: of rows that point at it, told in the same unit."""
    one = noun(said, marked)
    table = owner(one.column) if one.column else one.table
    whole = one.column if one.column and is_measure(one.column, marked) else ()
    whole = whole or (amount(marked, marked.table(table), "long") if table else ())
    unit = marked.column(whole[0])[1].unit if whole else None
    named = [table_of(marked.hint(m.group())) for m in MARK.finditer(text) if m[1] == "t"]
    rows = [name for name in dict.fromkeys(named) if whole and marked.link(name, owner(whole)) is not None]
    own = amount(marked, marked.table(rows[0]), "long") if len(rows) == 1 else ()
    return (own, whole) if unit and own and marked.column(own[0])[1].unit == unit else None
