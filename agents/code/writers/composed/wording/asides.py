"""What only explains a task: examples of values, what is missing when, how days are numbered, which program is to be
written."""

from __future__ import annotations

from agents.code.writers.composed.wording.rule import table

_PROGRAM = r"(?:code|scripts?|jobs?|quer(?:y|ies)|programs?|pipelines?|snippets?|notebooks?|functions?)"
RULES = table(
    # (1990, 2000, ... as an integer)
    (r"\s*\((?:e\.?g\.?,? |like |for example,? |i\.e\.,? )?\d+(?:, ?\d+)*,? ?(?:\.\.\.?|…|etc\.?|and so on)[^()]*\)",
     ""),
    # (0-23), behind an hour
    (r"\b(?P<u>hours?|hours? of (?:the )?day)\s*\((?:0|1) ?(?:-|–|to|\.\.) ?(?:4|7|12|23|24|31|53)\)", r"\g<u>"),
    (r",? ?(?:as |\(|with |where )?\b1 ?= ?mon(?:day)?\b(?:[^.;()]{0,12}?\b7 ?= ?sun(?:day)?\b)?\)?", ""),
    # tip is null when there was none
    (r"(?:(?<=[.?!;])|\() ?\w+ (?:is|are|stays?) (?:null|empty|missing|blank) (?:when|if|where)(?: (?:there|it"
     r"|they))?(?: (?:was|is|were|are|had|has))? (?:no|none|nothing|not)\b[^.;()]*\)?[.;]?", ""),
    (r"(?<=[.;])\s*(?:(?:so )?(?:the )?(?:first|earliest) (?:month|day|week|quarter|year|row|one)|January"
     r"|the first) (?:has|have|is|gets|shows|stays|should (?:be|have|stay))(?: an?)? (?:null|none|empty|no value|nan"
     r"|missing)\b[^.;]*\.?", ""),
    (r"(?<=\w)(?:,| -)? (?:i|we)(?:['’]d| would)? (?:want|like|need)(?: to (?:know|see|have|get))? (?=how many"
     r"|how much|the (?:average|number|total|mean|median|sum))", ": "),
    (r"(?:(?<=[.;])|^) ?(?:i|we)(?:['’]d| would) (?:like|want|love|prefer) (?:it|this|that)\b(?= *(?:in\b|as\b|[.;]"
     r"|$))", ""),
    (rf"(?<=[.?!] )(?:please )?(?:write|give|build|create|make|produce|compose)(?: me| us)?(?: an?| the"
     rf"| some)?(?: [\w-]+){{0,2}} {_PROGRAM} (?:that|which|to)(?: (?:shows?|computes?|gives?|returns?|lists?"
     rf"|finds?))?", ""),
    # growth in percent ((2025 - 2024) / 2024 * 100)
    (r"\s*\(\(?(?P<b>[\w ]+?) ?[-−–] ?(?P<a>[\w ]+?)\) ?/ ?(?P=a)(?: ?[*×x] ?100(?:\.0)?)?\)", ""),
    (r"(?<=\w) on (?:them|those|these)(?= *[?.;]| *$)", ""),
    (r"(?<=\w) (?:of|on|in|for|within|during|at) that (?:same )?(?:day|week|month|quarter|year|hour"
     r"|weekday)(?=\s*(?:[,.;)]|$| and\b))", ""),
)  # fmt: skip
