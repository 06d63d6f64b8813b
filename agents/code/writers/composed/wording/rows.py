"""Which rows are asked for: of which the latest is kept, the first how many, in which order."""

from __future__ import annotations

import re

from agents.code.writers.composed.wording.rule import table

_MANY = {"three": 3, "five": 5, "ten": 10, "fifteen": 15, "twenty": 20}


def _pairs(found: re.Match[str]) -> str:
    """`five biggest coin pairs by volume`: the number, of which five are shown."""
    many = _MANY.get(found["n"].lower(), 0) or (int(found["n"]) if found["n"].isdecimal() else 0)
    return f"{found['much']}. Limit {many}" if many else found.group()


def _sorted(found: re.Match[str]) -> str:
    """`highest count first, equal counts by name` as an order of two columns."""
    way = "ascending" if found["way"].lower() in ("low", "small", "few") else "descending"
    return f" sorted by {(found['what'] or 'number').strip()} {way}, then by {found['then']}"


RULES = table(
    (r"\b(?:deduplicate|dedupe|dedup)\b[^,;:.]*?(?:so that|such that|keeping|and keep|to)(?: only)? (?=the )"
     r"(?P<kept>[^.;:]+?)(?: remains?\b| (?:is|are) (?:kept|left)\b)?(?=[.;:]|$)", r"\g<kept>"),
    (r"^(?:keep|return|show|take|get|give)(?: me| us)? only (?:the )?(?=(?:most recent|latest|newest|last|first"
     r"|earliest|oldest|largest|biggest|highest|smallest|lowest|longest|shortest)\w*\b)", "the "),
    (r"\b(?:fastest|quickest)[- ]growing(?: \w+)? (?=first|(?:on|at the) top)", "highest growth "),
    (r"\b(?:slowest)[- ]growing(?: \w+)? (?=first|(?:on|at the) top)", "lowest growth "),
    (r"\b(?:best|top|highest)[- ](?:earning|grossing) (?P<t>\w+)", r"\g<t> with the most revenue"),
    (r"(?:,|;|(?<=\.))\s*(?:(?:the )?top )?(\d+) (?:rows|lines|records)(?: only| max)?(?= *(?:[.;,]|$))",
     r". Limit \1"),
    # Which merchants received the most disputes? Top 10 with name and disputes.
    (r"^(?P<q>which|what) (?P<what>(?!\d)[a-z][^?]*?\bthe (?:most|highest|largest|biggest)\b[^?]*\?) (?:the )?top "
     r"(?P<n>\d+|three|five|ten|twenty)(?: only)?(?: with|:|,)? (?=[a-z])", r"\g<q> \g<n> \g<what> Return "),
    (r"(?:^|(?<=the )|(?<=list ))(?P<a>youngest|oldest|newest|latest|biggest|largest|smallest|longest|shortest"
     r"|cheapest) (?P<n>\d+) (?=[a-z])", r"\g<n> \g<a> "),
    (r"(?:^|(?<=[.:;,]))\s*(?:\d+|one|two|three|four|five|six|seven|ten|twelve) rows?\s*:\s*", ": "),
    (r"^(?:the |top )*(?P<n>\w+) (?:biggest|largest|top|best|busiest|most traded) [\w-]+ (?:pairs?"
    r"|combinations?)(?: \([^()]*\))? by (?P<much>[\w ]+?)(?=\s*[.:;])", _pairs),
    (r"(?:^|(?<=[.;,(])|(?<=\band))\s*(?P<way>high|larg|bigg|low|small|few)e?st(?P<what> (?:number|count"
    r"|total|amount|[a-z]+))? first"
     r"[,;.]? (?:and )?(?:(?:with )?(?:equal|same|tied|identical) \w+ (?:are )?(?:sorted |ordered |then )?by"
     r"|ties (?:are )?(?:broken |sorted |resolved |ordered |then )?(?:by|on)|then (?:by )?) ?(?:the )?"
     r"(?P<then>[\w ]+?)(?=\s*(?:[.;,)]|$))", _sorted),
)  # fmt: skip
