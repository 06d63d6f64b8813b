"""What form of answer a question asks for, by the words that say so in any business."""

from __future__ import annotations

import re

_NUMBER = r"(?:\d+|two|three|four|five|six|seven|eight|nine|ten|twelve|twenty)"
_NO_DEGREE = r"(?:west|interest|forest|harvest|rest|test|request|guest|invest|arrest|contest|protest|suggest|latest)"
_SAID = {
    "count": r"\bhow many\b|\b(?:number|count|nr|no\.?|#|total) of\b|\bcounts?\b|\bheadcount\b|\bhow often\b",
    "things": r"^\W*(?:(?:please|hi|hello|hey|can|could|would|you|i|need|want|we|to|tell|me|the|a|all)\W+)*"
    r"(?:who|which|list|show|name|names|find|display|give|whose|get|pull)\b|\bwhich\b|\bnames? of\b|\blist\b",
    "sum": r"\btotal(?:s|led|ed)?\b(?! number)|\bsum(?:med)?\b|\baltogether\b|\bcombined\b|\bin all\b|\boverall\b"
    r"|\bhow much\b|\brevenue\b|\bturnover\b|\bvolume\b|\bspen[dt](?:ing)?\b|\btakings\b|\bowed\b"
    r"|\bwhat (?:did|do|does|have|has)\b.*\b(?:cost|spend|spent|pay|paid|earn|make|made)\b|\b(?:kilo)?met(?:re|er)s driven\b",
    "average": r"\baverages?\b|\bavg\b|\bmean\b|\btypical(?:ly)?\b|\busual(?:ly)?\b",
    "median": r"\bmedian\b|\btypical(?:ly)?\b",
    "extreme": rf"\b(?!{_NO_DEGREE}\b)\w{{2,}}est\b|\blatest\b|\bmost\b|\bleast\b|\btop\b|\bbottom\b|\bbest\b|\bworst\b"
    r"|\bmax(?:imum)?\b|\bmin(?:imum)?\b|\bfirst\b|\brecord\b|\brank"
    r"|\blast\b(?! (?:year|month|week|quarter|day|name|summer|winter|spring|autumn|\d))",
    "share": r"%|\bper ?cent\b|\bpercentages?\b|\bshares?\b|\bproportions?\b|\bfractions?\b|\bratios?\b|\brates?\b"
    r"|\bwhat part\b|\bhow (?:big|large) a\b",
    "groups": r"\bper\b(?! ?cent)|\bby (?!the\b|far\b|more\b|less\b|\d)\w+|\beach\b|\bevery\b|\bbroken down\b"
    r"|\bbreakdown (?:of|by)\b|\bsplit\b|\bfor all\b|\bmonthly\b|\byearly\b|\bdaily\b|\bacross\b|\bdistribution\b",
    "each": r"\baverage\b|\bavg\b|\bon average\b|\bmean\b|\bper\b|\beach\b|\btypical(?:ly)?\b",
    "negation": r"\bnever\b|\bno\b(?! of|\.)|\bnot\b|n['’]t\b|\bwithout\b|\bw/o\b|\bnone\b|\bneither\b|\bmissing\b"
    r"|\black(?:s|ing)?\b|\bstill\b|\bexcept\b|\bother than\b|\bun\w{3,}\b|\boutside\b|\bnobody\b|\bnothing\b|\bopen\b"
    r"|\bexcluding\b|\bempty\b|\bcurrent(?:ly)?\b|\bnon-?\w+|\byet\b|\bmore than one\b|\bdiffer\w*\b|\bongoing\b"
    r"|\bin\w{3,}ed\b|\balive\b|\bskip\b",
    "beyond": r"\b(?:than|above|below|over|under|exceed\w*|beat\w*) (?:the |an? |its |their |our )?(?:\w+ ){0,2}"
    r"(?:average|mean)\b|\b(?:above|below)[- ]average\b",
    "difference": r"\bdifferences?\b|\bversus\b|\bvs\b|\bcompared?\b|\bchanged?\b|\bgr[eo]w(?:n|th)?\b|\bincreased?\b"
    r"|\bleft\b|\bowed\b|\boutstanding\b|\bbalance\b|\bmargin\b|\bdeviat\w+|\bsaved?\b|\bprofits?\b|\bremain\w*\b|\bgaps?\b"
    r"|\bhow (?:much|many) more\b",
    "distinct": r"\bdifferent\b|\bdistinct\b|\bunique\b|\bhow many (?:\w+ )?(?:kinds|types|sorts)\b",
    "both": r"\bboth\b|\bas well as\b|\band also\b|\beither\b|\bor\b",
    "duration": r"\bhow long\b|\blength of\b|\b(?:days|hours|minutes|weeks|months|time) (?:between|from|until|it took|to)\b"
    r"|\bdurations?\b|\blasts?\b|\blasted\b|\bdelays?\b|\bwait\w*\b|\b(?:more|longer|less|fewer) than \w+ (?:days|hours|minutes)"
    r"|\btakes?\b|\btook\b|\bage\b|\bold\b|\blonger\b|\blongest\b|\bshortest\b|\bstay(?:s|ed)?\b",
    "when": r"\bwhen\b|\b(?:what|which) (?:date|day|time|year|month)\b|\bdates?\b|\bsince\b|\bby (?:year|month|day|week|quarter)\b"
    r"|\bper (?:year|month|day|week|quarter)\b|\bmonthly\b|\byearly\b|\beach (?:year|month)\b",
    "counted": r"\b(?:more|fewer|less) than (?:a |one |once|twice)|\bat least (?:one|once|twice|a)\b|\bat most\b"
    rf"|\b(?:more|fewer|less) than {_NUMBER}\b|\bat least {_NUMBER}\b|\b{_NUMBER} or (?:more|fewer|less)\b|\bwith {_NUMBER}\b"
    rf"|\bonly (?:one|once)\b|\bexactly {_NUMBER}\b|\bmultiple\b|\bseveral\b|\brepeat\w*\b|\btwice\b|\bmany times\b",
    "running": r"\brunning\b|\bcumulative\b|\bso far\b|\bto date\b",
    "present": r"\bwith (?:an?|some|any)\b|\b(?:has|have|had|been|was|were|got|is|are) (?:\w+ )?\w+(?:ed|en|id)\b|\bcompleted\b"
    r"|\bknown\b|\bthat have\b|\bwho have\b|\balready\b",
    "compared": r"\blater?\b|\bearl(?:y|ier)\b|\boverdue\b|\bon time\b|\bsame\b|\bthan (?:their|its|his|her|the|they|it)\b"
    r"|\bover budget\b|\bbefore (?:their|its|the)\b|\bafter (?:their|its|the)\b|\bequals?\b|\bown\b|\bless than\b",
    "search": r"['\"“”‘’]|\bcontain\w*\b|\bmention\w*\b|\bcalled\b|\bword\b|\bstart\w* with\b|\bend\w* (?:in|with)\b"
    r"|\bnamed\b|\bcontaining\b|\bin (?:the|their|its) (?:name|title|text|note)s?\b",
    "twice": r"\bboss(?:es)?\b|\bmanagers?\b|\bparents?\b|\breports? to\b|\bsuperiors?\b|\bchiefs?\b|\bheads?\b|\bmothers?\b"
    r"|\bfathers?\b|\bsame\b|\bbelongs?\b|\bpart of\b|\bunder\b|\bsupervis\w+|\bleads?\b|\babove\b|\btheir own\b|\bmentors?\b"
    r"|\bpairs?\b|\bduplicate\w*\b|\breferr\w+",
}
CUES = {name: re.compile(pattern, re.IGNORECASE) for name, pattern in _SAID.items()}
_GREATEST = re.compile(
    r"\b(?:most|highest|largest|biggest|longest|greatest|heaviest|tallest|top|max\w*|busiest|priciest|dearest|oldest"
    r"|strongest|richest|fastest|oftenest|latest|best)\b",
    re.IGNORECASE,
)
_LEAST = re.compile(
    r"\b(?:least|lowest|smallest|shortest|fewest|lightest|min\w*|cheapest|bottom|weakest|slowest|poorest|youngest"
    r"|earliest|worst)\b",
    re.IGNORECASE,
)
_NEWEST = re.compile(r"\b(?:latest|newest|last|recent\w*|youngest|shortest)\b", re.IGNORECASE)
_OLDEST = re.compile(r"\b(?:oldest|first|earliest|longest)\b", re.IGNORECASE)


def cues(question: str) -> frozenset[str]:
    """The forms that the words of a question ask for."""
    return frozenset(name for name, said in CUES.items() if said.search(question))


def direction(question: str, *, of_time: bool) -> bool | None:
    """Whether a question asks for the greatest (True) or the least, `of_time` for the newest or the oldest; None where
    it asks for neither, or both."""
    up, down = (_NEWEST, _OLDEST) if of_time else (_GREATEST, _LEAST)
    greatest, least = bool(up.search(question)), bool(down.search(question))
    return None if greatest == least else greatest
