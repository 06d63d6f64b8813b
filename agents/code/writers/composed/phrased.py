"""A task in the words that its readers know: what is said once for several numbers is said for each, remarks on how the
answer looks are dropped."""

from __future__ import annotations

import re
from collections.abc import Callable

Said = str | Callable[[re.Match[str]], str]
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
_SEVERAL = re.compile(
    rf"\b(?P<all>{_F}(?:(?:,| ?/) ?(?:the )?{_F})*(?:,? and |,? & | ?/ ?)(?:the )?{_F}) (?P<rest>{_REST})"
    r"(?=\s*(?:[,.;:]|$)|\s+(?:per|by|for|in|and|of|over|across|each|where|with)\b)",
    re.I,
)


_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sep(?:t|tember)?|oct(?:ober)?"
    r"|nov(?:ember)?|dec(?:ember)?)"
)


def _each(found: re.Match[str]) -> str:
    """`average and maximum amount` as `average amount and maximum amount`."""
    functions = re.findall(_F, found["all"], re.I)
    each = [f"{function} {found['rest']}" for function in functions]
    return f"{', '.join(each[:-1])} and {each[-1]}"


def _sorted(found: re.Match[str]) -> str:
    """`highest count first, equal counts by name` as an order of two columns."""
    way = "ascending" if found["way"].lower() in ("low", "small", "few") else "descending"
    return f" sorted by {(found['what'] or 'number').strip()} {way}, then by {found['then']}"


_MANY = {"three": 3, "five": 5, "ten": 10, "fifteen": 15, "twenty": 20}


def _pairs(found: re.Match[str]) -> str:
    """`five biggest coin pairs by volume`: the number, of which five are shown."""
    many = _MANY.get(found["n"].lower(), 0) or (int(found["n"]) if found["n"].isdecimal() else 0)
    return f"{found['much']}. Limit {many}" if many else found.group()


_STEPS: tuple[tuple[re.Pattern[str], Said], ...] = tuple(
    (re.compile(pattern, re.I), said)
    for pattern, said in (
        (r"\s*\((?:0|1), ?(?:1|2)(?:, ?\d)*,? ?(?:\.\.\.|…|etc\.?|and so on)\)", ""),
        (r"(?<=[.;])\s*(?:(?:so )?(?:the )?(?:first|earliest) (?:month|day|week|quarter|year|row|one)|January"
        r"|the first)"
         r" (?:has|have|is|gets|shows|stays|should (?:be|have|stay))(?: an?)? (?:null|none|empty|no value|nan"
         r"|missing)\b"
         r"[^.;]*\.?", ""),
        (r"(?:,|;|(?<=\.))\s*(?:(?:the )?top )?(\d+) (?:rows|lines|records)(?: only| max)?(?= *(?:[.;,]|$))",
         r". Limit \1"),
        (r"(?<=\w) (?:of|on|in|for|within|during|at) that (?:same )?(?:day|week|month|quarter|year|hour|weekday)"
         r"(?=\s*(?:[,.;)]|$| and\b))", ""),
        (r"\((?:as )?(?P<u>fractional (?:days|hours|minutes|weeks))\b[^()]*\)", r"(\g<u>)"),
        # Which merchants received the most disputes? Top 10 with name and disputes.
        (r"^(?P<q>which|what) (?P<what>(?!\d)[a-z][^?]*?\bthe (?:most|highest|largest"
         r"|biggest)\b[^?]*\?) (?:the )?top (?P<n>\d+|three|five|ten|twenty)"
         r"(?: only)?(?: with|:|,)? (?=[a-z])", r"\g<q> \g<n> \g<what> Return "),
        (r"(?:^|(?<=the )|(?<=list ))(?P<a>youngest|oldest|newest|latest|biggest|largest|smallest|longest|shortest"
         r"|cheapest) (?P<n>\d+) (?=[a-z])", r"\g<n> \g<a> "),
        (r"\b(?P<m>more than|less than|longer than|at least|over) an? (?P<u>hour|day|week|minute|month"
         r"|year)(?= (?:after|before|later|earlier|between|late)\b)",
         r"\g<m> 1 \g<u>"),
        # July to September 2025
        (rf"\b(?P<a>{_MONTH}) ?(?:to|through|thru|until|till|-|–) ?(?P<b>{_MONTH}),? (?P<y>20\d\d)\b",
         r"from \g<a> \g<y> to \g<b> \g<y>"),
        (r"\b(?:from|between) (?=from [A-Z][a-z]+ 20\d\d to)", ""),
        (r"\b(?:count|number) (?:up )?(?:the |all |of )*(?P<a>[^,.;:]+?),? and (?:add up|sum(?: up)?|total(?: up)?"
         r"|tally) "
         r"(?:the )?(?=[a-z])", r"number of \g<a> and total "),
        (r"\b(?:as|in|into|for) (?:\d+|two|three|four|five|six|seven|eight|separate|their own|own|different|distinct"
         r"|individual) (?:separate )?columns\b(?=\s*(?:[.,;)]|$))", "in separate columns"),
        (r"(?:^|(?<=[.:;,]))\s*(?:\d+|one|two|three|four|five|six|seven|ten|twelve) rows?\s*:\s*", ": "),
        (r"^(?:the |top )*(?P<n>\w+) (?:biggest|largest|top|best|busiest|most traded) [\w-]+ (?:pairs?"
        r"|combinations?)(?: \([^()]*\))? by "
         r"(?P<much>[\w ]+?)(?=\s*[.:;])", _pairs),
        (r"\b(?P<how>average|avg|mean|median|maximum|max|longest|minimum|min|shortest)? ?(?:time|delay|lag|gap"
        r"|duration|interval)"
         r" (?P<of>(?:between|from) [\w' ]+? (?:and|to|until) [\w' ]+?),? ?\(?in (?P<unit>seconds|minutes|hours"
         r"|days)\)?(?=\s*(?:[,.;]|$|per\b|by\b|for\b))",
         r"\g<how> \g<unit> \g<of>"),
        # A pivot whose rows and columns are told again.
        (r"^(?:pivot(?:ed)?(?: table)?|cross-?tab\w*|matrix) (?:of|for|with) (?P<what>[\w ]+?) by [\w ]+? and [\w ]+?"
         r"(?=\s*[:.](?=.*\brows? (?:per|for each)\b))", r"\g<what>"),
        (r",?\s*(?:and |with )?(?:one |separate )?columns? (?P<all>[\w-]+(?:, [\w-]+)*,? and [\w-]+) (?:with|holding"
         r"|containing|showing|giving|counting|that hold|each with|for) (?:the )?(?P<much>[\w ]+?)(?=\s*(?:[.;]|$))",
         r", \g<much>. Columns \g<all>"),
        (r"(?:,|\s)+(?:next to|beside|alongside|with|and|along with|together with|compared (?:with|to)|versus"
        r"|vs\.?|against|plus) "
         r"(?:the |that of the |those of the )?(?:previous|prior|preceding) (?:day|week|month|quarter|year)(?:['’]s)?"
         r"(?: (?!and\b)\w+){0,2}(?:,? and (?:the )?(?:absolute |percentage |relative |percent )?(?:difference"
         r"|change|growth|delta))?"
         r"(?=\s*[.,;:].*\b(?:prev|previous|prior|preceding)_)", ""),
        (r"(?:^|(?<=[.;,(])|(?<=\band))\s*(?P<way>high|larg|bigg|low|small|few)e?st(?P<what> (?:number|count"
        r"|total|amount|[a-z]+))? first"
         r"[,;.]? (?:and )?(?:(?:with )?(?:equal|same|tied|identical) \w+ (?:are )?(?:sorted |ordered |then )?by"
         r"|ties (?:are )?(?:broken "
         r"|sorted |resolved |ordered |then )?(?:by|on)|then (?:by )?) ?(?:the"
         r" )?(?P<then>[\w ]+?)(?=\s*(?:[.;,)]|$))", _sorted),
    )
)  # fmt: skip


def phrased(task: str) -> str:
    """The task, said plainly."""
    for pattern, said in _STEPS:
        task = pattern.sub(said, task)
    return _SEVERAL.sub(_each, task)
