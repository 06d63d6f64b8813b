"""A task without what only explains it: examples of values, what is missing when, how days are numbered, and which
program is to be written; and with its spans of time in full."""

from __future__ import annotations

import re
from collections.abc import Callable

Said = str | Callable[[re.Match[str]], str]
_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sep(?:t(?:ember)?)?"
    r"|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)"
)
_YEAR = r"(?:19|20)\d\d"
_PROGRAM = r"(?:code|scripts?|jobs?|quer(?:y|ies)|programs?|pipelines?|snippets?|notebooks?|functions?)"
_STEPS: tuple[tuple[re.Pattern[str], Said], ...] = tuple(
    (re.compile(pattern, re.I), said)
    for pattern, said in (
        # (1990, 2000, ... as an integer)
        (r"\s*\((?:e\.?g\.?,? |like |for example,? |i\.e\.,? )?\d+(?:, ?\d+)*,? ?(?:\.\.\.?|…|etc\.?|and so"
         r" on)[^()]*\)",
         ""),
        # (0-23), behind an hour
        (r"\b(?P<u>hours?|hours? of (?:the )?day)\s*\((?:0|1) ?(?:-|–|to|\.\.) ?"
         r"(?:4|7|12|23|24|31|53)\)", r"\g<u>"),
        (r",? ?(?:as |\(|with |where )?\b1 ?= ?mon(?:day)?\b(?:[^.;()]{0,12}?\b7 ?= ?sun(?:day)?\b)?\)?", ""),
        # tip is null when there was none
        (r"(?:(?<=[.?!;])|\() ?\w+ (?:is|are|stays?) (?:null|empty|missing|blank) (?:when|if|where)(?: (?:there"
         r"|it|they))?"
         r"(?: (?:was|is|were|are|had|has))? (?:no|none|nothing|not)\b[^.;()]*\)?[.;]?", ""),
        (r"(?<=[.;]) ?(?:all|any) (?:statuses|states|status)\b(?: counts?)?\.?", ""),
        (r"(?<=\w)(?:,| -)? (?:i|we)(?:['’]d| would)? (?:want|like|need)(?: to (?:know|see|have|get))?"
         r" (?=how many|how much|the (?:average|number|total|mean|median|sum))", ": "),
        (r"(?:(?<=[.;])|^) ?(?:i|we)(?:['’]d| would) (?:like|want|love|prefer) (?:it|this|that)\b"
         r"(?= *(?:in\b|as\b|[.;]|$))", ""),
        (rf"(?<=[.?!] )(?:please )?(?:write|give|build|create|make|produce|compose)(?: me| us)?(?: an?| the| some)?"
         rf"(?: [\w-]+){{0,2}} {_PROGRAM} (?:that|which|to)(?: (?:shows?|computes?|gives?|returns?|lists?|finds?))?",
         ""),
        (r"(?:^|(?<=[,;.(]))\s*(?:and |but )?(?:where|if|when) (?:the |a |there is no )?(?P<w>[\w ]{2,30}?)"
         r" (?:is|are|was)"
         r" (?:not known|not set|not given|unknown|missing|null|empty),? (?:then )?(?:call|show|put|use|label|name|set"
         r"|write|report)(?: it| them| that| the [\w ]{2,20}?)?(?: as| to| with)? (?=['\"“‘])",
         r" show missing \g<w> as "),
        (r"\b(?:deduplicate|dedupe|dedup)\b[^,;:.]*?(?:so that|such that|keeping|and keep|to)(?: only)? (?=the )"
         r"(?P<kept>[^.;:]+?)(?: remains?\b| (?:is|are) (?:kept|left)\b)?(?=[.;:]|$)", r"\g<kept>"),
        (r"^(?:keep|return|show|take|get|give)(?: me| us)? only (?:the )?(?=(?:most recent|latest|newest|last"
         r"|first|earliest"
         r"|oldest|largest|biggest|highest|smallest|lowest|longest|shortest)\w*\b)", "the "),
        (r",? as (?P<l>[a-z]\w*(?:, [a-z]\w*)+(?:,? and [a-z]\w*)?)(?=\.(?: |$)|;|$)", r". Columns \g<l>"),
        # growth in percent ((2025 - 2024) / 2024 * 100)
        (r"\s*\(\(?(?P<b>[\w ]+?) ?[-−–] ?(?P<a>[\w ]+?)\) ?/ ?(?P=a)(?: ?[*×x] ?100(?:\.0)?)?\)", ""),
        (r"\b(?:fastest|quickest)[- ]growing(?: \w+)? (?=first|(?:on|at the) top)", "highest growth "),
        (r"\b(?:slowest)[- ]growing(?: \w+)? (?=first|(?:on|at the) top)", "lowest growth "),
        (r",? and what (?:were|was|are|is) (?=the )", ", "),
        (r"(?<=\w) on (?:them|those|these)(?= *[?.;]| *$)", ""),
        (r"\b(?:best|top|highest)[- ](?:earning|grossing) (?P<t>\w+)", r"\g<t> with the most revenue"),
        (rf"(?P<before>\b(?:from|between) )?\b(?P<a>{_MONTH})\b\.? ?(?:to|until|till|through|thru|[-–—])"
         rf" ?(?P<b>{_MONTH})"
         rf"\b\.?,? (?P<y>{_YEAR})\b", lambda m: f"from {m['a']} to {m['b']} {m['y']}"),
        (r"\b(?P<w>(?!amount|fee|price|tip|balance|value|total|is|are|was|were|of|and|or|spent|paid|worth)[a-z]+) over"
         r" (?:the year )?(?P<y>20[12]\d)(?= *(?:[,.;:)]|$)| (?:by|per|for each)\b)", r"\g<w> in \g<y>"),
        # A span of years, as `over 2024 and 2025`; one number behind `over` may be an amount.
        (r"\b(?:over|across|during) (?:the )?(?:years? )?(?P<a>20[0-3]\d) (?:and|to|[-–]) (?P<b>20[0-3]\d)\b"
         r"(?= *(?:[,.;:)]|$|by\b|per\b|with\b|for\b|and\b|as\b|in total))", r"in \g<a> and \g<b>"),
    )
)  # fmt: skip
_SINCE = re.compile(
    r"(?P<sum>\b(?:running|cumulative|accumulated|total so far)\b[^.;,:]*?),? (?:since|from) (?:the )?(?:january"
    r"|jan|start of the year|beginning of the year|1 january|january 1(?:st)?)(?: on(?:wards)?)?\b"
    r"(?! (?:19|20)\d\d)"
    r"|(?P<sum2>\b(?:running|cumulative) (?:total|sum|count)\b[^.;,:]*?),? (?:that |which )?(?:starts?|starting|begins?"
    r"|beginning) (?:(?:from|at|with) (?:zero|0) )?in january\b",
    re.I,
)


def explained(task: str) -> str:
    """The task without its explanations."""
    for pattern, said in _STEPS:
        task = pattern.sub(said, task)
    years = set(re.findall(rf"\b{_YEAR}\b", task))
    # Within one year, a total so far begins with the year anyhow.
    return _SINCE.sub(lambda m: m["sum"] or m["sum2"], task) if len(years) == 1 else task
