"""The question inside a task for code: without what is said of the program, its named outputs apart."""

from __future__ import annotations

import re
from dataclasses import dataclass

from agents.code.writers.composed.pivoted import pivoted

_TOOL = r"(?:apache +spark|py ?spark|spark|polars|pandas|python ?3?|duckdb|dbt|(?:ansi )?sql)"
_THING = (
    r"(?:sql|quer(?:y|ies)|statements?|jobs?|scripts?|programs?|code|snippets?|functions?|notebook(?: cell)?|"
    r"pipelines?|data ?frames?|models?|transformations?|aggregations?|one-liners?)"
)
_ADJECTIVES = r"(?:(?:simple|short|small|single|new|idiomatic|efficient|quick|clean|data ?frame api) +)*"
_SAYS = (
    r"(?:comput|calculat|return|giv|show|find|get|produc|output|select|display|report|yield|fetch|keep|extract)"
    r"(?:s|e|es|ing|ning|ting)?"
)
_STEPS = tuple(
    re.compile(text, re.I)
    for text in (
        r"^(?:please|kindly|hi|hello|hey|now)\b[,:]? +",
        r"^(?:i|we)(?: would|['’]d) (?:like|want|love)(?: to (?:see|know|have|get))?\b[,:]? *",
        r"^(?!who|which|what|how)(?:the )?[\w-]+(?: team| department)? (?:wants?|needs?|asks?|asked|would like)"
        r"(?: (?:for|to (?:know|see|have)))? +",
        r"^(?:(?:i|we)(?: (?:only|just|also|still))? (?:need|want|require)|need(?:ed)?|looking for)"
        r"(?: (?:to (?:see|know|have|get|find|pull)|a list of|an overview of|all the|the))* +(?=[a-z])(?!to\b|an? )",
        r"^(?:can|could|would|will) (?:you|we|someone|somebody)(?: please)? +",
        r"^(?:pull|grab|dig|dump|send|look)(?: (?:up|out|me|us|together))* +(?=\w)",
        rf"^(?:using|with|in|via|use) +(?:the +)?(?:{_TOOL}|data ?frame +api|window +functions?)"
        rf"(?: +(?:in|of) +{_TOOL})?(?: +(?:api|to|code))? *[,:]? +",
        # Write me a small PySpark job in Spark 4 that …
        r"^(?:(?:i|we) +(?:need|want|'d like) +|(?:write|give|build|create|make|generate|compose|code|implement|"
        r"develop|provide|draft|produce|prepare|define|compute|calculate) +)?(?:me +|us +)?(?:an? +|the +|some +)?"
        rf"{_ADJECTIVES}(?:{_TOOL} +)?(?:{_THING}|{_TOOL})(?: +{_THING})*(?: +(?:in|with|using) +{_TOOL})?"
        r"(?: +(?:code|please))?\b *[:,]* *"
        r"(?:(?:that|which|to|of|giving|where)\b|for(?! +(?:each|every|all)\b)|with\b)? *",
        rf"^{_SAYS} +(?:me +|us +)?(?:an? +data ?frame +(?:of|with)\b *)?",
    )
)
_INSIDE = re.compile(
    rf",? *\b(?:in|with|using|via|as)(?: +the| +an?)? +{_TOOL}(?: +(?:data ?frame|frame|table|job|script|api|code)s?)?"
    rf"(?: +please)?\b|,? *\bas +an? +data ?frames?\b|,? *\busing +window +functions?\b"
    rf"|(?<=[.,;:?!]) *{_TOOL}(?: +please)?(?= *[.,;:!]|$)"
    rf"|(?:(?<=[.;?!,])|^) *(?:please +)?(?:use|using|(?:write|do|make|code|build|implement|solve|express) +(?:it"
    rf"|this|that)"
    rf"(?: +up)?)(?: +(?:in|with|as|for|using|by|via))?(?: +an?| +the)? +{_TOOL}(?: +(?:job|script|code|program"
    rf"|query))?\b *[,:]?"
    r"|,? *\bplease\b"
    r"|(?<=[.;,]) *[^.;,]*\b(?:not (?:the |an? |in the )?index|normal column|reset the index|lower ?case"
    r"|snake[ _]case)\b[^.;:,]*"
    rf"|(?<=[.;]) *{_TOOL} or {_TOOL}\b[^.;]*",
    re.I,
)
_MANY = "two|three|four|five|six|seven|eight|nine|ten|twelve|fifteen|twenty|hundred"
_VERBS = {"counts": "count", "counting": "count", "lists": "list", "listing": "list", "filters": "list"}
_ORDER = re.compile(
    r",? *\b(?:sorted|ordered|sort|order)(?: +(?:by|from|descending|ascending)\b[^.;(]*|(?=[.;]|$))"
    r"|, *(?:the +)?(?:new|old|bigg|larg|high|low|small|long|short|earli|lat|cheap)(?:est)\b(?: +\w+)? +"
    r"(?:first|last)\b"
    r"|(?:[,;.]|^) *(?:the +)?(?:(?:new|old|bigg|larg|high|low|small|long|short|earli|lat|busi)(?:est)|worst"
    r"|best|most \w+)"
    r"(?: +\w+)? +(?:first|last|(?:on|at the) top)\b"
    r"|[,;.] *(?:(?:limited|limit|cut|restricted)(?: it| them)? to (?:the )?|keep (?:only )?(?:the )?)?top +\d+"
    r"(?: +(?!by\b)\w+)?(?: +by +(?:total +|number of +)?\w+)?(?: +only)?(?=[.,;( ]|$)"
    r"|, *(?:in +)?(?:descending|ascending)(?: order)?\b(?! +by)"
    r"|\b(?:(?:for|of) the|(?:and|,|;) *keep(?:ing)?(?: only)? the) +(?:best|worst|top|first|largest|highest"
    r"|biggest|lowest|smallest) +"
    rf"(?:\d+|{_MANY})\b(?: +only)?(?=[.;,]|$)|\bfor the +(?:\d+|{_MANY}) +(?:best|worst|largest|highest"
    rf"|biggest|lowest|smallest)\b",
    re.I,
)
_LEAD = (
    r"(?:(?:return|output|show|keep|include|give|display|list)s?|returning|keeping|showing|giving|(?:i|we) (?:want|need"
    r"|would like|'d like)|columns?(?: are)?|"
    r"with(?: (?:the )?columns?)?|query (?:for|with)|just|only)"
)
_LISTS = tuple(
    re.compile(text, re.I)
    for text in (
        r"\s*\((?P<items>[^()]+)\)[.;!?]?\s*$",
        rf"(?:^|[.;:,]|\band\b)\s*{_LEAD}:?\s+(?P<items>[^.;:()?]+)[.;!]?$",
        rf"\s{_LEAD}:?\s+(?P<items>(?:(?:the|its|their)\s+)?\w*_\w+\b[^.;:()?]*|name\b[^.;:()?]*)[.;!]?$",
        r"(?:^|[.;,])\s*(?P<items>[^.;:()?]+?) (?:will do|(?:is|are) (?:enough|fine|sufficient))\b[^.;()]*[.;]?$",
        r":\s+(?P<items>[^.;:()?]+)[.;!]?$",
        r"(?:^|[;,?])\s*(?P<items>(?:\w+_\w+|id)\b[^.;:()?]*)[.;!]?$",
        r"^(?P<items>\w+_\w+,[^.;:()?]*?) (?=for (?!each|every|all)\w+)",
        r";\s+(?P<items>[^.;:()?]+)[.;!]?$",
        r" with (?P<items>\w+, (?:\w+, )*(?:and )?\w+(?: and \w+)?)[.;!]?$",
        r"\s*\((?P<items>[^()]*\w+_\w+[^()]*,[^()]*)\)(?= \w)",
    )
)
_BARE = re.compile(
    r"^(?P<items>\w+(?: \w+){0,3}(?:, (?:and )?\w+(?: \w+){0,3})*(?:,? and \w+(?: \w+){0,3})?)[.!]?$", re.I
)
"""A sentence that is nothing but a list."""
_BETWEEN = re.compile(r"\s*,\s*(?:and\s+)?|\s+and\s+|\s*;\s*")
_SENTENCE = re.compile(
    r"\b(?:per|by|but|where|whose|for each|sorted|ordered|with|than|ignore|leave)\b|\b(?:sum|joined?|use)\b.+\bwith\b",
    re.I,
)
_ARTICLE = re.compile(r"^(?:the|its|their|an?|his|her|that|each)\s+", re.I)
_MUCH = re.compile(r"(?:number|count|total|sum|average|mean|median|amount) (?:of )?\w+", re.I)
_PURPOSE = re.compile(
    r"^for (?:the|an?|my|our|their) [\w -]*?(?:deck|reports?|dashboard"
    r"|slides?|review|meeting|teams?|presentation|page)\s*[:,]\s*",
    re.I,
)
_LEFT_OUT = re.compile(
    r"[;,.]?\s*(?:and )?\b(?:leave out|leaving out|exclud\w+|ignor\w+|skip\w*|drop\w*) (?:the )?\w+ with"
    r" (?:fewer|less) than",
    re.I,
)
_DEDUPED = re.compile(
    r"\b(?:deduplicate|dedupe|dedup)\b[^,;:]*?(?:so that|such that|keeping|and keep|to)(?: only)? (?P<kept>.+?)"
    r"(?= remains?\b| (?:is|are) (?:kept|left)\b|[.;]|$)(?: remains?| (?:is|are) (?:kept|left))?",
    re.I,
)
_EACH = re.compile(
    r"^for (?P<each>(?:each|every) (?:(?! the )[\w' ])+?)(?:,| give| show| list| get| find| compute)+ (?:me )?(?:the )?"
    r"(?P<what>[^:;(]+?)"
    r"(?=$|[:;(.]| \()",
    re.I,
)
MOST_WORDS = 6
_ASKED = re.compile(
    r"how (?:many|much) \w+ \w+|(?:percentage|share|fraction|proportion) (?:of \w+|still|that|which)", re.I
)
"""What is asked for in full, and not only called by a name."""
_MEANT = tuple(
    (re.compile(pattern, re.I), said)
    for pattern, said in (
        (r"\b(dai|week|month|quarter|year)ly active (\w+)", r"\1ly number of distinct \2"),
        (
            r"\b(average|mean|median|avg|typical) (?:ticket|basket|order|transaction|cart)(?: size| value)?\b"
            r"(?! (?:number|count))",
            r"\1 amount",
        ),
        (
            r"\b(first|second) half of (\d{4}) (with|and|versus|vs\.?|to|against) (?:the )?(first|second) half(?! of)",
            r"\1 half of \2 \3 the \4 half of \2",
        ),
        (r"\b(q[1-4]) (with|and|versus|vs\.?|to|against) (q[1-4]) (?:of )?(\d{4})", r"\1 \4 \2 \3 \4"),
        (r"\b(?:last|final) (?:three|3) months of (\d{4})", r"fourth quarter of \1"),
        (r"\bfirst (?:three|3) months of (\d{4})", r"first quarter of \1"),
        (r"\b(?:last|final) (?:six|6) months of (\d{4})", r"second half of \1"),
        (r"\bfirst (?:six|6) months of (\d{4})", r"first half of \1"),
        (r"\bhow many percent of\b", "percentage of"),
        (r"\b(?:upper|third|3rd) quartile\b(?: ?\([^)]*\))?|\bq3\b(?= of \w+_| value)", "75th percentile"),
        (r"\b(?:lower|first|1st) quartile\b(?: ?\([^)]*\))?", "25th percentile"),
        (
            r"\b(\d{1,2}(?:th|st|nd|rd) percentile) ?\( ?p\d{2} ?\)|\bp\d{2} ?\( ?(\d{1,2}(?:th|st|nd|rd)"
            r" percentile) ?\)",
            r"\1\2",
        ),
        (r"\b(?:top|upper) decile\b(?= of)", "90th percentile"),
        (
            r"[,.;]? *\b(?:(?:starting|start|beginning) (?:on|with) )?(?:monday|sunday)(?: comes)? first\b"
            r"(?:,? (?:and )?(?:sunday|saturday) last\b)?",
            "",
        ),
        (rf"\b(\d+|{_MANY}) most (?:active|prolific)\b(?= \w)", r"top \1"),
        (r"\bmost (?:active|prolific)\b(?= \w)", "top"),
        (r"\b(?:percent(?:age)?|relative|%) (change|growth|increase)\b", r"growth"),
        (r"\b(share|percentage|proportion) in (?:the )?(?:total|overall)\b", r"\1 of total"),
    )
)
"""Terms of the trade, in plain words."""


@dataclass(frozen=True)
class Request:
    """`question` is what is asked of the data; `outputs` are the columns that the task names, in its words."""

    question: str
    outputs: tuple[str, ...] = ()

    @classmethod
    def of(cls, task: str) -> Request:
        """The request in a task of any of the languages."""
        text = _opened(_PURPOSE.sub("", " ".join(task.split())))
        text = pivoted(_INSIDE.sub(" ", text))
        order = ", ".join(found.group().strip(" ,.;") for found in _ORDER.finditer(text))
        for pattern, said in _MEANT:
            text = pattern.sub(said, text)
        text = _LEFT_OUT.sub(_kept, text)
        text = _DEDUPED.sub(lambda found: found["kept"], text)
        text = _EACH.sub(lambda found: f"{found['what']} for {found['each']}", text)
        text, outputs = _named(" ".join(_ORDER.sub("", text).split()))
        text = re.sub(r"\s+([,.;?!])", r"\1", text).strip(" ,;:.")
        text = text[:1].upper() + text[1:]
        counted = [item for item in outputs if _MUCH.match(item) and not _known(item, text)]
        text = f"{text}, with the {' and the '.join(counted)}" if counted and text else text
        question = f"{text}, {order}" if order and text else text
        return cls(question or " ".join(task.split()), outputs)


def cleaned(task: str) -> str:
    """A task without what it says of its program and of whom it is for, its terms in plain words."""
    text = _opened(_PURPOSE.sub("", " ".join(task.split())))
    text = pivoted(_INSIDE.sub(" ", text))
    for pattern, said in _MEANT:
        text = pattern.sub(said, text)
    return " ".join(_LEFT_OUT.sub(_kept, text).split())


def _kept(found: re.Match[str]) -> str:
    """What stays where some is left out: of the sentence, or of what the sentence before asks for."""
    return ". Only those with at least" if found.group().lstrip().startswith(".") else " with at least"


def _known(item: str, text: str) -> bool:
    """Whether the noun that a number is of stands in the text anyway."""
    return bool(re.search(rf"\b{re.escape(item.split()[-1])}\b", text, re.I))


def _opened(text: str) -> str:
    """Without the words that only say that a program is wanted."""
    for step in (*_STEPS, *_STEPS):
        rest = step.sub("", text, count=1).lstrip(" ,:")
        text = rest or text
    first, _, rest = text.partition(" ")
    return f"{_VERBS.get(first.lower(), first)} {rest}".strip()


def _named(text: str) -> tuple[str, tuple[str, ...]]:
    """The text and the outputs that it lists: in brackets at its end, behind a colon, or behind 'return', 'columns'."""
    pieces = re.split(r"(?<=[.;?])\s+", text)
    for at in range(len(pieces) - 1, -1, -1):
        for pattern in (*_LISTS, *([_BARE] if at and pieces[at - 1].endswith(("?", ".")) else [])):
            found = pattern.search(pieces[at])
            if found and (items := _items(found["items"])):
                rest = f"{pieces[at][: found.start()]} {pieces[at][found.end() :].removeprefix('for ')}"
                left = [*pieces[:at], rest, *pieces[at + 1 :]]
                return " ".join(part for part in left if part.strip()), items
    return text, ()


def _items(text: str) -> tuple[str, ...]:
    """The things of a list; none where it reads like a sentence."""
    text = re.sub(
        r",? *\b(?:without duplicates|once (?:per|for each) \w+|one (?:row|line) (?:per|for each) \w+"
        r"|in that order|once(?: each)?|please|just the (?:top|first|best) one) *[.!]?$",
        "",
        text,
    )
    found = [_ARTICLE.sub("", item.strip()) for item in _BETWEEN.split(text.strip())]
    items = tuple(item for item in found if item)
    if any(re.fullmatch(r"[\d.,]+", item) for item in items):
        return ()
    if items and re.match(r"(?:for|of|how many \w+ \w+(?:ed|en))\b", items[0], re.I):
        return ()
    if sum(bool(_ASKED.match(item)) for item in items) > 1 or (len(items) == 2 and _ASKED.match(items[-1])):
        return ()
    if any(len(item.split()) > MOST_WORDS or _SENTENCE.search(item) for item in items):
        return ()
    return items if len(items) > 1 or (items and re.fullmatch(r"[a-z]+(?:_[a-z0-9]+)+", items[0])) else ()
