"""Titles in the usual order of words, without where they stand in the printed form."""

from __future__ import annotations

import re

from agents.forms import period
from agents.forms.question import BARE, CALLED, ONE
from agents.forms.spelling import spelled
from agents.forms.vocabulary import tokens

_COUNTS = "how many|count|number|quantity|frequency"
_HOW = (
    rf"{_COUNTS}|how much|total(?: amount| number)?|sum|amount|value|average|mean|median|maximum|minimum"
    r"|largest|highest|smallest|lowest|aggregate(?: (?:amount|value))?"
)
_WHICH = r"(?:date|day) of|(?:date of )?(?:the )?(?:first|last|latest|most recent)"
BEHIND = re.compile(
    rf"^(?P<what>.+?)\s*[(,:–—]\s*(?:in |the |their )?(?P<how>{_HOW}|{_WHICH})\s*\)?$",
    re.I,
)
"""A title that says at its end what is to be done."""
LED = re.compile(r"^(?:thereof|of which|of these|of those|of them)[,:]?\s+(?=\S)", re.I)
"""How a title begins that leans on the one before."""
BETWEEN = re.compile(rf"^(?P<what>.+?)\s*[(,:–—]\s*(?:in |the |their )?(?P<how>{_HOW})\s*[),:–—]\s*(?P<rest>.+)$", re.I)
"""The same before a period: 'Transfers, number, last year'."""
THEREOF = re.compile(
    rf"^(?P<what>.+?)\s*[,:;–—]\s*(?P<how>{_COUNTS}) (?:thereof|of these|of those) (?P<rest>.+)$", re.I
)
"""A title that says which of them are counted: 'Cards, number thereof blocked'."""
NAMED_PARTS = (
    r"box|line|item|field|question|part|pt\.?|section|sect?\.?|step|schedule|sched\.?|row|cell|article|art\.?|clause"
    r"|cl\.?|paragraph|para\.?|annex|appendix|block|chapter|ch\.?|panel|screen|page|§"
)
NUMBERED = re.compile(
    rf"^\s*(?:(?:{NAMED_PARTS})\s*)?"
    r"(?:\(?(?:\d{1,3}(?:\.\d{1,2})*[a-z]?|\d{1,3}\s?\((?:[a-z]|[ivx]{1,4}|\d)\)|[a-z]|[ivx]{1,5})(?:\s?[.):]|\s[-–—])"
    r"|\d{1,3}\s?\((?:[a-z]|[ivx]{1,4}|\d)\)(?=\s)"
    r"|(?:one|two|three|four|five|six|seven|eight|nine|ten)(?:\s?[.):]|\s[-–—])"
    r"|(?!(?:q|h|m|p|w|fy|l|t)\d)\(?(?:[a-z]{1,2}[.-]?\d{1,3}|\d{1,3})(?:[.-]\d{1,3})*[a-z]?[.):]{0,2}"
    r"(?=\s(?-i:[A-Z#%]))(?!\s(?:day|week|month|quarter|year|hour)))\s+(?=\S)",
    re.I,
)
"""What only says where in the printed form a field or section is: 'Box 5a:', 'Part II -', '3.', '1(a)'."""
HEAD = re.compile(
    r"^(?:(?:this is|enter|state|give)\s+)?(?P<head>[^.;:?!]{3,90}?)(?=[.;:?!,]|\s+(?:that|which|who|as)\b|$)", re.I
)
"""What a description says that the field is: 'The city' of 'The city that you trade in.'"""
ASIDE = re.compile(
    r"^(?:please )?(?:count(?! of\b)|includ|exclud|us(?:e|ing) |add|leave|do not|don['’]t|only|without|for example|e\.g"
    r"|such as|see |if |as )",
    re.I,
)
"""How a description begins that says how to answer, and not what."""
PEOPLE = frozenset(tokens("person individual people signer first last middle initial surname forename"))
"""Tokens of descriptions that say no more than that a name is wanted: 'First and last name of the individual.'"""
LONGEST = 300
"""Letters of a title that are read; what is longer is a page and no title."""
MOST_WORDS = 12
PLURAL = re.compile(r"(?<=\w)\((?:e?s|ies)\)")
COUNT = re.compile(r"^(?!.*\b(?:number|count) of\b)(?P<what>[\w' -]+?) (?:count|qty|quantity)\b(?P<rest>.*)$", re.I)
"""A count as programs call it: 'transaction count last year'."""
SEQUENCE = re.compile(r"^(?P<what>[a-z-]+?)s? number (?P<rest>.+)$", re.I)
"""The same before a period, as 'Payment number last 90 days'; else a number tells one from another."""
STATE = re.compile(r"\bstate of (?=the |an? |your |this )", re.I)
CODE = re.compile(r"^[^\sa-z]{3,}$|^\w*_\w*$|^[a-z][A-Za-z\d]*$")
"""A name of a program or a record that people do not read: 'CAPT_CNT', 'MRTRDNAM', 'displayName'."""


def unnumbered(text: str) -> str:
    """A title without its number in the printed form."""
    return NUMBERED.sub("", text)


def turned(text: str) -> str:
    """A title in the usual order of words: 'Sales (number)' asks for the number of sales."""
    text = STATE.sub("status of ", spelled(PLURAL.sub("s", unnumbered(text))))
    if found := CALLED.match(text):
        return f"name of {found['what']}"
    if found := ONE.match(text):
        return f"{found['what']} number"
    text = LED.sub("", text)
    if found := THEREOF.match(text):
        return f"number of {found['what']} {found['rest']}"
    if (found := BETWEEN.match(text)) and not tokens(period.read(found["rest"])[1]):
        return f"{_before(found['how'].lower())} {found['what']} {found['rest']}"
    if (found := SEQUENCE.match(text)) and period.read(found["rest"])[0] and not tokens(period.read(found["rest"])[1]):
        return f"number of {found['what']}s {found['rest']}"
    if found := COUNT.match(text):
        return f"number of {found['what']}{found['rest']}"
    if found := BEHIND.match(text):
        return f"{_before(found['how'].lower())} {found['what']}"
    return text


def _before(how: str) -> str:
    if how in _COUNTS.split("|"):
        return "number of"
    if how in ("how much",) or how.startswith("aggregate"):
        return "total amount of"
    return "total amount of" if how in ("amount", "value") else how


def is_code(title: str) -> bool:
    """Whether a title is a code, which leaves it to the description what is asked."""
    return bool(CODE.match(title.strip()))


def defined(description: str, *, whole: bool = False) -> str:
    """What a description says that the field is; "" where it says something else. `whole` takes all that its first
    sentence says."""
    text = description.strip()
    found = HEAD.match(text)
    if found is None or ASIDE.match(text):
        return ""
    head = re.split(r"[.;?!](?=\s|$)", text, maxsplit=1)[0] if whole else found["head"]
    if len(head.split()) > MOST_WORDS * (2 if whole else 1):
        return ""
    if not whole and not set(tokens(head)) - BARE - PEOPLE:
        return ""
    return head
