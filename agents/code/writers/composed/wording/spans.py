"""Spans of time, in full."""

from __future__ import annotations

import re

from agents.code.writers.composed.wording.rule import table

_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sep(?:t(?:ember)?)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
_YEAR = r"(?:19|20)\d\d"


def _within_a_year(found: re.Match[str]) -> str:
    """A total so far without its start: it begins with the year anyhow, where only one is told."""
    years = set(re.findall(rf"\b{_YEAR}\b", found.string))
    return (found["sum"] or found["sum2"]) if len(years) == 1 else found.group()


RULES = table(
    # July to September 2025
    (rf"(?:\b(?:from|between) )?\b(?P<a>{_MONTH})\b\.? ?(?:to|until|till|through|thru|[-–—]) ?(?P<b>{_MONTH})\b\.?,? "
     rf"(?P<y>{_YEAR})\b", r"from \g<a> \g<y> to \g<b> \g<y>"),
    (r"\b(?P<w>(?!amount|fee|price|tip|balance|value|total|is|are|was|were|of|and|or|spent|paid"
     r"|worth)[a-z]+) over (?:the year )?(?P<y>20[12]\d)(?= *(?:[,.;:)]|$)| (?:by|per|for each)\b)", r"\g<w> in \g<y>"),
    # A span of years, as `over 2024 and 2025`; one number behind `over` may be an amount.
    (r"\b(?:over|across|during) (?:the )?(?:years? )?(?P<a>20[0-3]\d) (?:and|to|[-–]) (?P<b>20[0-3]\d)\b(?= *(?:[,.;:)"
     r"]|$|by\b|per\b|with\b|for\b|and\b|as\b|in total))", r"in \g<a> and \g<b>"),
    (r"\b(?P<m>more than|less than|longer than|at least|over) an? (?P<u>hour|day|week|minute|month|year)(?= (?:after"
     r"|before|later|earlier|between|late)\b)", r"\g<m> 1 \g<u>"),
    (r"(?P<sum>\b(?:running|cumulative|accumulated|total so far)\b[^.;,:]*?),? (?:since|from) (?:the )?(?:january|jan"
     r"|start of the year|beginning of the year|1 january|january 1(?:st)?)(?: on(?:wards)?)?\b"
     rf"(?! {_YEAR})"
     r"|(?P<sum2>\b(?:running|cumulative) (?:total|sum|count)\b[^.;,:]*?),? (?:that |which )?(?:starts?|starting"
     r"|begins?|beginning) (?:(?:from|at|with) (?:zero|0) )?in january\b", _within_a_year),
)  # fmt: skip
