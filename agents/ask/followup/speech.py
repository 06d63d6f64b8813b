"""How people go on from a question: the words for each clause that may be changed, and for going on at all."""

from __future__ import annotations

import re

FLAGS = re.IGNORECASE
UNIT = r"(?P<unit>year|quarter|month|week|weekday|day of (?:the )?week|day|hour)s?"
BUCKET = re.compile(
    rf"\b(?:(?:by|per|each|every|over the|across|into)\s+(?:the\s+|calendar\s+|each\s+)*{UNIT}\b"
    r"|(?P<ly>yearly|annual(?:ly)?|quarterly|monthly|weekly|daily|hourly)\b"
    r"|(?P<one>year|quarter|month|week|day)[ -](?:by|over|on|to|after)[ -](?P=one)\b)",
    FLAGS,
)
LY = {"yearly": "year", "annual": "year", "annually": "year", "daily": "day"}
BY = re.compile(r"\b(?:by|per|each|every|across|(?:for|in|of|at) (?:each|every))\s+(?:the\s+|our\s+|each\s+)*$", FLAGS)
WHICH = re.compile(r"\b(?:which|what)\s+$", FLAGS)
SORTED = re.compile(r"\b(?:sort|order|rank|arrange)\w*\b(?:\s+(?:it|them|these|those|this|that))?(?:\s+by)?", FLAGS)
FIRST = re.compile(r"\b(?P<end>\w+est|most|least|best|worst)(?:\s+\w+)?\s+first\b|\b(?:de|a)sc(?:ending)?\b", FLAGS)
TURNED = re.compile(r"\b(?:the )?other way (?:a)?round\b|\brevers(?:e|ed)\b(?: (?:the )?order)?|\bflip\w*\b", FLAGS)
LOW = re.compile(r"\b(?:asc\w*|bottom|lowest|least|smallest|fewest|worst|cheapest|oldest|earliest)\b", FLAGS)
HIGH = re.compile(r"\b(?:desc\w*|top|highest|most|largest|biggest|best|latest|newest)\b", FLAGS)
RANK = (
    r"top|bottom|first|last|best|worst|biggest|largest|highest|lowest|smallest|fewest|most|least|only|just|to|it|that|"
    r"show|see|give|me|a|want|need"
)
BEFORE_TOP = re.compile(rf"(?:^|\b(?:{RANK}))[\s,]*(?:the\s+)?$", FLAGS)
TOP_ONE = re.compile(
    r"\b(?:only|just|and|is|was|about)\s+the\s+(?:very\s+)?"
    r"(?:top|first|best|worst|highest|biggest|largest|lowest|smallest)(?:\s+one)?\W*$",
    FLAGS,
)
MOST = re.compile(
    r"^\W*(?:and\s+)?(?:which|what|whose)\b.*\b(?:the )?(?P<end>most|highest|least|lowest|fewest|best|worst|"
    r"largest|biggest|smallest)(?: (?:one|ones|of (?:them|those|these)))?\W*$",
    FLAGS,
)
MEASURES: tuple[tuple[str, str], ...] = (
    ("share", r"what (?:percentage|share|proportion|fraction)|(?:as )?(?:a )?per ?cent(?:age)?|share|proportion"),
    ("distinct", r"how many (?:different|distinct|unique)|(?:number of )?(?:distinct|unique) "),
    ("avg", r"averages?|avg|mean|typical|on average"),
    ("median", r"medians?"),
    (
        "sum",
        r"totals?|sum(?:med)?|altogether|how much|volumes?|turnover|revenue|in all(?! \w)|add(?:ed)? up|worth|"
        r"(?:the )?money|in dollars|sp(?:end|ent)|earn\w*",
    ),
    ("max", r"max(?:imum)?|(?:highest|largest|biggest|single largest)(?! first)"),
    ("min", r"min(?:imum)?|(?:lowest|smallest)(?! first)"),
    ("count", r"how many|(?:the )?(?:number|count|tally)(?: of)?"),
)
MEASURE_WORDS = [(name, re.compile(rf"\b(?:{said})(?!\w)", FLAGS)) for name, said in MEASURES]
NOT = re.compile(
    r"\b(?:not|non|no|never|except(?:ing)?(?: for)?|excluding|exclude|without|other than|apart from|ignor(?:e|ing)|"
    r"leave out|leaving out|but not|minus|remove|drop|w/o|instead of|rather than|\w+n['’]t|"
    r"anything but|everything but|all but)[\s-]+(?:\w+\s+){0,3}?$",
    FLAGS,
)
ALSO = re.compile(r"\b(?:also|includ\w+|plus|as well|too|add(?: in)?|along with|together with)\b", FLAGS)
FURTHER = re.compile(r"\b(?:also|further|as well|too|additionally|within (?:each|that|those)|and then)\b", FLAGS)
ALL = re.compile(
    r"\b(?:regardless of|irrespective of|no matter (?:the|which|what)|whatever(?: the)?|"
    r"(?:for|in|across|of|with|at|on)? ?"
    r"(?:all|any|every)(?: the| of the)?|(?:drop|remove|forget|ignore|lose|clear)(?: about)?(?: the)?)\s+$",
    FLAGS,
)
ALWAYS = re.compile(
    r"\b(?:(?:for |of |over |across )?(?:all|any) (?:time|years|months|periods|dates)|ever|"
    r"(?:the )?whole (?:history|time)|regardless of (?:the )?(?:date|time|period|when)|"
    r"(?:drop|remove|forget|ignore) the (?:date|dates|period|time|year|month))\b",
    FLAGS,
)
LIST = re.compile(
    r"\b(?:which of (?:them|those|these)|(?:show|give|list)(?: me| us)? (?:all )?(?:the )?names|"
    r"who (?:are|were|is|was) (?:they|those|these|it|that)|which (?:ones|one)|list (?:them|those|these)|"
    r"show (?:me )?(?:them|those|these|the list)|(?:their|the|its|by) names?|names? (?:them|please|too)|name them)\b",
    FLAGS,
)
SHOW = re.compile(
    r"^\W*(?:(?:and|also|please|now|then|could you|can you)\s+)*(?:add|show|include|with|give|display)\b", FLAGS
)
BY_TIME = re.compile(r"\b(?:newest|latest|most recent|oldest|earliest|chronologic\w*|by (?:date|time))\b", FLAGS)
BY_NAME = re.compile(r"\balphabet\w*|\ba(?:-| to )z\b", FLAGS)
OTHER = re.compile(r"\b(?:instead of|rather than|not)\s+(?:by\s+|per\s+|the\s+)*$", FLAGS)
OF_OTHER = re.compile(r"\b(?:instead of|rather than|not) (?:the )?\w+", FLAGS)
ROWS = re.compile(r"^\W*(?:is|are|would|will|rows?|of (?:them|those)|should|only|max\w*|please|pls|$)", FLAGS)
NEGATED = re.compile(r"n['’]t$", FLAGS)
FILLER = """
    ones one them those these they it its their that this so ok okay ah oh well sorry no nope not wait actually
    rather instead meant mean again same what how about but and or also too only just now then else please could
    would can you me us mind show give make do does did let's lets like want need interested rows results result
    answer query question figure figures number numbers break broken down split group grouped grouping breakdown
    cut slice filter restrict limit limited narrow sort sorted order ordered rank ranked arrange descending
    ascending desc asc first other way round reverse reversed flip exclude excluding except without include
    including plus add drop remove ignore regardless forget of apart non thing things bit further separately
    respectively wrong right better nicer prefer helpful useful raise lower increase decrease set put hmm yes yeah
    great thanks cool nice alright got were was been made taken done look looks looking restricting focus focusing
    compare compared versus happened keep kept leave out see change switch swap use using bottom lowest highest
    most least top best worst enough fine suffice go back newest latest oldest earliest recent chronologically
    alphabetically alphabetical alphabet hang hold on turn tell there here day one's i'm meaning
"""
FILLERS = frozenset(FILLER.split())

# Going on at all.
POLITE = (
    r"(?:(?:ok(?:ay)?|thanks?|thank you|great|cool|nice|right|alright|hmm+|hm|well|so|ah|oh|please|yes|yeah|"
    r"sure|fine|perfect|got it|interesting)\b[\s,.!:;…-]*)*"
)
LEAD = re.compile(
    rf"^\W*{POLITE}(?P<lead>and\b|&|but\b|what about\b|how about\b|what if\b|what of\b|only\b|just\b|"
    r"then\b|also\b|or\b|plus\b|same\b|"
    r"the same\b|now\b|again\b|instead\b|rather\b|actually\b|except\b|excluding\b|without\b|exclude\b|include\b|"
    r"including\b|add\b|drop\b|remove\b|ignore\b|leave out\b|forget\b|limit\b|restrict\b|narrow\b|filter\b|"
    r"keep\b|regardless\b|"
    r"not\b|no[,.;:!–—-]|nope\b|sorry\b|wait\b|oops\b|i meant\b|i mean\b|i['’]d (?:rather|prefer)\b|"
    r"make (?:it|that)\b|(?:raise|lower|increase|decrease|bump|set|put|cut) (?:it|that|this|them|those)\b|"
    r"(?:change|switch|swap) (?:it|that|this|them|to)\b|"
    r"break (?:it|that|this|them|those)\b|split (?:it|that|this|them|those)\b|group (?:it|that|this|them|those)\b)",
    FLAGS,
)
MEANT = re.compile(rf"^\W*{POLITE}(?:no\W+|nope\W+|sorry\W+|wait\W+|oops\W+|actually\W+)*i (?:meant|mean)\b", FLAGS)
LAST = re.compile(r"\b(?:instead|too|as well|though|then)\W*$", FLAGS)
OF_THEM = re.compile(
    r"\b(?:of|among|amongst|from|in|for|about|are|were|by) (?:them|those|these)(?! (?:who|that|which|with)\b)\b|"
    r"\bof which\b|\b(?:which|the) ones\b"
    r"|\b(?:these|those) ones\b|\bof (?:that|it)\b|\b(?:those|these) (?=\w)(?!who\b|that\b|which\b|with\b)",
    FLAGS,
)
PRONOUN = re.compile(r"\b(?:them|they|these|those|it|its|their|theirs|that|this)\b(?! (?:is|was)? ?possible)", FLAGS)
BARE = re.compile(
    rf"^\W*{POLITE}(?:and )?(?:so )?how many (?:of\b|were\b|was\b|are\b|is\b|have\b|had\b|got\b|"
    r"did\b|do\b|ended\b|came\b|went\b|turned\b|"
    r"failed\b|succeeded\b)(?! there\b)",
    FLAGS,
)
WHO = re.compile(r"^\W*(?:who|where|when|why|which|what)\b", FLAGS)
ASKS = re.compile(
    r"\b(?:how many|how much|how often|what|what's|whats|which|who|who's|whose|when|where|list|show|give|tell|find|"
    r"name|count|number of|total|average|avg|avrage|mean|median|sum|percentage|share|top|most)\b",
    FLAGS,
)
