"""Remarks that ask nothing of the data, courtesies, and lists that are in an unusual form."""

from __future__ import annotations

import re

from agents.code.writers.composed.wording.rule import table

_UNIT = r"(?:second|minute|hour|day|week|month|quarter|year|percent|dollar|usd|of\b|\d|%)"
RULES = table(
    (r" *\((?:as )?(?:an? )?(?:number |fraction |decimal )?(?:between |from )?0 ?(?:to|-|–|and|\.\.) ?1\)",
     " as a fraction"),
    # currency | tips | average
    (r"(?<=\w) +\| +(?=[a-z])", ", "),
    (r"\s*[-–—,;(]\s*(?:each|every|one) \w+ (?:only |exactly |just |listed |listed only )?once\b\)?", ""),
    (r"(?<!and )\b(?:at least (?:one|1)|one or more)\b(?! ?" + _UNIT + r")(?= [a-z])", "any"),
    (r",? *\b(?:whatever|regardless of|no matter|irrespective of) (?:the |its |their )?(?:\w+ )?(?:status|outcome"
     r"|state|result)(?: (?:is|was|they (?:are|were) in|it (?:is|was)))?(?=[.,;:)]|$)", ""),
    (r"\s*[,(]? *\b(?:in |whether in )?(?:(?:upper|lower|any|either) or (?:upper|lower)[- ]?case|(?:any|either) case"
     r"|case[- ]?insensitive(?:ly)?|ignoring case|regardless of case)(?: matters? not)?\b\)?", ""),
    (r"\s*\(any (?:status|state|outcome)\)", ""),
    (r"(?<=[.;]) ?(?:all|any) (?:statuses|states|status)\b(?: counts?)?\.?", ""),
    (r"(?<=[.!?]) *(?:thanks?(?: you)?(?: (?:so much|a lot|in advance))?|cheers|ta|thx|thnx|tx|ty|pls"
    r"|please)[.!]?$", ""),
    (r"^(?:ticket|request|task|todo|to do|ask|question|story|q)(?: ?#?\d+)? ?[:.–-]+ *", ""),
    (r"^(?:(?:hi|hello|hey|dear)(?: (?:there|all|team|folks|everyone))?|quick one|morning|good morning)[,!:.–-]+ *",
     ""),
    (r"\A\s+|\s+\Z", ""),
    flags=re.I | re.M,
)  # fmt: skip
