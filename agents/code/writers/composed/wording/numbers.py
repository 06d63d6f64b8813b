"""Numbers: what is said once for several is said for each."""

from __future__ import annotations

import re

from agents.code.writers.composed.wording.rule import table

_F = (
    r"(?:average|avg|mean|median|min(?:imum)?|max(?:imum)?|shortest|longest|smallest|largest|biggest|lowest|highest"
    r"|total|sum)"
)
_STOP = (
    r"(?:per|by|for|in|of|and|or|from|between|with|over|across|where|who|that|which|each|every|on|to|is|are|was|were|the"
    r"|as|at|if|when|than|only)\b"
)
_REST = (
    rf"(?:(?:number|amount|value|sum) of )?(?!{_STOP})[\w-]+(?: (?!{_STOP})[\w-]+){{0,2}}"
    rf"(?: (?:between|from) (?:the )?[\w-]+(?: [\w-]+)? (?:and|to|until) (?:the )?[\w-]+(?: [\w-]+)?)?"
    rf"(?: of (?:the |their |its |all )?(?!{_STOP})[\w-]+(?: (?!{_STOP})[\w-]+){{0,2}})?"
    r"(?: in (?:seconds|minutes|hours|days|usd|dollars))?(?: \([^()]{1,30}\))?"
)


def _each(found: re.Match[str]) -> str:
    """`average and maximum amount` as `average amount and maximum amount`."""
    functions = re.findall(_F, found["all"], re.I)
    each = [f"{function} {found['rest']}" for function in functions]
    return f"{', '.join(each[:-1])} and {each[-1]}"


RULES = table(
    (r",? and what (?:were|was|are|is) (?=the )", ", "),
    (r"\((?:as )?(?P<u>fractional (?:days|hours|minutes|weeks))\b[^()]*\)", r"(\g<u>)"),
    (r"\b(?:count|number) (?:up )?(?:the |all |of )*(?P<a>[^,.;:]+?),? and (?:add up|sum(?: up)?|total(?: up)?"
     r"|tally) (?:the )?(?=[a-z])", r"number of \g<a> and total "),
    (r"\b(?P<how>average|avg|mean|median|maximum|max|longest|minimum|min|shortest)? ?(?:time|delay|lag|gap"
    r"|duration|interval)"
     r" (?P<of>(?:between|from) [\w' ]+? (?:and|to|until) [\w' ]+?),? ?\(?in (?P<unit>seconds|minutes|hours"
     r"|days)\)?(?=\s*(?:[,.;]|$|per\b|by\b|for\b))", r"\g<how> \g<unit> \g<of>"),
    (rf"\b(?P<all>{_F}(?:(?:,| ?/) ?(?:the )?{_F})*(?:,? and |,? & | ?/ ?)(?:the )?{_F}) (?P<rest>{_REST})"
     r"(?=\s*(?:[,.;:]|$)|\s+(?:per|by|for|in|and|of|over|across|each|where|with)\b)", _each),
)  # fmt: skip
