"""The text of a task that lists its columns, without titles, and without what its columns say as well."""

from __future__ import annotations

import re
from collections.abc import Sequence

from agents.reader.brackets import unbracketed
from agents.reader.groups import ASKS
from agents.reader.marked import MARK, Marked, cut, table_of
from agents.reader.nouns import NP, is_measure
from agents.reader.order import ADJ
from agents.reader.periods import unsplit
from data.naming import single, words

_UNIT = r"(?:day|week|month|quarter|year)"
_ROWS = r"(?:<[vf]\d+> )*<t\d+>"
_OF_COLUMNS = (
    (
        r"running|cumulative|to date|so far",
        rf"(?:,|and|with|plus| )*(?:the |an? |its |their )?(?:running|cumulative)(?: (?:total|sum|count|number))?"
        rf"(?: of (?:{_ROWS}|<c\d+>|it|them|that))?(?: so far)?(?:,? (?:next to|beside|alongside) (?:it|them|that))?"
        rf"(?:,? (?:that|which)? ?(?:starts?|starting|begins?|beginning|resets?) (?:from|at|with|over|to) (?:zero"
        rf"|<n\d+>|<c\d+>)"
        rf"(?: (?:in|on|at|every|each) (?:{_UNIT}|[a-z]+|<[dn]\d+>))?)?",
    ),
    (
        r"change|growth|diff|delta|mom|yoy|versus|increase",
        rf"(?:,|and|with|plus| )*(?:the |an? |its |their |how )?(?:(?:percent\w*|relative|absolute) )?"
        rf"(?:change[sd]?|difference|growth|increase|delta)(?: in percent)?(?: of it)? (?:against|versus|vs"
        rf"|from|to|over|compared (?:to|with)|since|on) (?:the |that of the )?"
        rf"(?:previous {_UNIT}|prior {_UNIT}|last {_UNIT}|{_UNIT} before)(?: in percent)?|\b{_UNIT}[- ]"
        rf"(?:over|on|to)[- ]{_UNIT}(?: (?:growth|change)(?: of| in)?)?",
    ),
    (
        r"first|hours|days|minutes|time",
        r"^(?:the )?(?:time|days|hours|delay) (?:to|until|till) (?:the |their )?first <t\d+>(?= (?:for|of|per|by) )",
    ),
    (
        r"change|growth|diff|delta",
        r"(?:,|and|plus|with| )+(?:the |their )?(?:percent(?:age)? |absolute |relative )?(?:difference"
        r"|change)(?: between (?:them"
        r"|the two|both)(?: years)?)?(?= ?[.,;:]| ?$)|\b(?:both|the two) (?:years|halves|quarters|periods) (?:as"
        r"|in) (?:separate )?columns",
    ),
    (r"change|growth|diff|delta", r"\bleave [^.;]*\b(?:null|empty|blank)\b[^.;]*"),
    (
        r"change|growth|diff|delta|previous|prev|running",
        r"[,;.]? ?(?:and )?(?:(?:the )?(?:change|growth|difference|delta|it|value|number) )?(?:which )?(?:stays?"
        r"|remains?|is|be|should be|should stay|will be"
        r"|can be|may be|can stay|being) (?:null|empty|blank|missing|nan)(?: (?:on|for|in|at) [^.;|]*)?(?=[.;|]|$)",
    ),
    (
        r"share|fraction|part|pct|percent\w*|proportion",
        r",? ?(?:and )?what (?:fraction|share|percentage|percent|part|portion|proportion) of (?:(?!<[vfnd])[^,.?:;])*"
        r"(?= ?[,.?:;]|$)",
    ),
    (
        r"moving|rolling|avg|average|\d ?-?d|ma ?\d|ma\b",
        r"(?:,|and|with|together|along|plus| )*(?:the |an? |its |their )?(?:(?:<n\d+>|\w+) ?-? ?(?:day|week|month)s? )?"
        r"(?:moving|rolling|trailing) (?:(?:<n\d+>|\w+) ?-? ?(?:day|week|month)s? )?(?:average|mean|sum)(?: of"
        r" (?:it|them|that))?(?: (?:next to|beside) "
        r"it)?(?: \([^)]*\))?",
    ),
    (
        r"rank",
        r"(?:,|and|with|plus| )*(?:the |an? |its |their )?ranks?(?: (?:within|in) (?:the|its|their|each) "
        r"<[ct]\d+>)?(?= ?$| ?[,.])",
    ),
)
_PLAIN = tuple(
    (re.compile(pattern), said)
    for pattern, said in (
        (r"(<d\d+>) only\b", r"\1"),
        (r"\b(pairs?|combinations?) ?\( ?(?:<c\d+> ?(?:(?:,|and|/|to) ?)*)+\)", r"\1"),
        (r"\b(?:in |across )?(?:the )?(?:whole|entire|full|complete) (?:history|period|data ?set)|\ball of "
        r"(?:history|time)|\ball <c\d+> count\b", " "),
        (r"[,.;]? ?(?:and )?\b(?:whatever|regardless|no matter|irrespective|independent)(?: of)? (?:the |its |their )?"
         r"<d\d+> (?:['’] ?s )?<[cvt]\d+>", " "),
        (r",? ?\b(?:whatever|regardless of|no matter|irrespective of|independent of) (?:the |its |their "
        r")?<[cvt]\d+>(?: <c\d+>)?", " "),
        (r"\bhow (?:do|does|did|is|are) (.*?) (?:split|spread|distribute[ds]?|break down|divided?)(?: up)? "
        r"(?:over|across|by|between|among|into)\b", r"\1 per"),
        (r"\b(?:split|broken down|break down|spread|distributed|break it down|split it|segmented)(?: up)? "
        r"(?:over|across|by|between|among|per|for)\b", "per"),
        (rf"\b({ADJ} {_ROWS}) (?:that )?(?:each|every) (<[tcw]\d+>)", r"\1 per \2"),
        (rf"\b(?:dedupe|dedup|deduplicate|reduce|collapse)d? (?:the )?{_ROWS} ?(?:to|so that|by|:|,)* ?", " "),
        (rf"\b(?:one|a single|exactly one|just one) (?:row|line|record) (?:per|for each) (?P<g><[tcw]\d+>) "
        rf"?[:,;(]* ?(?:and )?(?:(?:we |i )?(?:keep|keeping|take|pick)|the)(?: only)? (?:the )?(?P<a>{ADJ}) "
        rf"(?P<t>{_ROWS})", r"\g<a> \g<t> per \g<g>"),
        (rf"\b(?:one|a single|exactly one|just one) (?:row|line|record) (?:per|for each) (?P<g><[tcw]\d+>) "
        rf"?[:,;(]* ?(?:and )?(?:we |i )?(?:keep|keeping|take|pick)(?: only)? (?:the )?(?P<t>{_ROWS}) that "
        rf"(?:was|is|were) <w\d+> (?P<a>first|last|earliest|latest)", r"\g<a> \g<t> per \g<g>"),
        (r"(<c\d+>) (?:down|in (?:the )?rows|as rows)(?:,| and)*", r"per \1 "),
        (r"(?:,|and| )*<c\d+> (?:across(?: as columns)?|in (?:the )?columns|as columns)", " "),
        (rf"(?:,|and| )*(?:the )?(?:{_UNIT}s?) (?:across(?: as columns)?|in (?:the )?columns|as columns)", " "),
        (r"\b(?:pivot(?:ed)?|cross-?tab(?:ulat\w+)?)(?: table)?(?: of| for| with)?(?=[ ,.])", " "),
        (r"\b((?:hour|day|week|month|quarter|year)s?(?: of (?:the )?(?:day|week|year))?) \( ?[^()<]*"
        r"(?:<n\d+> - <n\d+>)?[^()<]*\)", r"\1"),
        (rf"\b(?:<n(?P<n>\d+)>|(?:the )?(?P<w>\w+)) (?:biggest|largest|busiest|strongest|best|most popular"
        rf"|highest) (?P<what>{_ROWS}|<c\d+>(?: pairs?)?)(?: \( [^()]* \))? "
        rf"by\b", lambda m: f"top {'<n' + m['n'] + '>' if m['n'] else m['w']} {m['what']} by"),
        (r"(?<=top )the (?=<)", ""),
        (rf"(?:the )?(?P<n><n\d+>) (?:most|least) (?:<[wt]\d+>|[a-z]+) (?P<what>{_ROWS}) "
        rf"by\b", r"top \g<n> \g<what> by"),
        (r"[,;:.]? ?\bonly (?:those |the |for |keep )?<[tc]\d+> (?=with |having |that have )", " "),
        (
            r"\b(?:never|not|haven't|hasn't|hadn't|didn't|don't|doesn't|(?:have|has|had|did|do|does) not)(?: "
            r"yet| ever)? "
            r"(?:<w\d+>|[a-z]+) (?:an? |any |a single |one |even )+(?=(?:<[vf]\d+> )*<t)",
            "without any ",
        ),
        (r"\bkeep (?:the )?fractions? of (?:an? )?(?:days?|hours?)(?: \([^)]*\))?", " "),
        (rf"(\bper {_UNIT}) \( ?(?:by|of|from|based on|using) (<[cw]\d+>) ?\)", r"\1 of \2"),
        (r"\( ?(?:[a-z]+ = )?<c\d+> / <n\d+> ?\)", " "),
        (r"\b(?:crypto|wallet|card|cash|user|customer|business|music|online) (?=<t)", ""),
        (r",? ?\b(?:if|where|when) (?:someone|somebody|anyone|an? <t\d+>|they|there|one) (?:has|have|had|is"
        r"|are) (?:several|more than one|many|multiple|more|<n\d+>)[^.;]*", " "),
        (r",? ?\bwhere <[wvc]\d+> means (?:that )?(?:the )?<[cw]\d+> (?:is|are) (?:not null|set|filled"
        r"|present|there)", " "),
        (r"\bkeep(?:ing)? (?:only )?ranks? (?:<n\d+>|1) ?(?:to|-|through|and) (<n\d+>|\d+)", r"keep only the top \1"),
        (rf"\bpivot(?:ed)? (?:the )?({_ROWS}) by <c\d+> ?:", r"\1 :"),
        (r"\bcalendar (?=<d|year|month)", ""),
        (r"\bper (<[tc]\d+> <c\d+>) flag\b|\bper (<f\d+>) flag\b", r"per \1\2"),
        (r",? ?\b(?:don't|do not|no need to|never) round\w*|\b(?:days|hours) as decimals\b|\bas (?:an? )?"
        r"(?:decimals?|decimal numbers?)(?: of (?:days|hours))?", " "),
    )
)  # fmt: skip
_CHANGE = re.compile(
    r"(?:,|and|with|plus| )*(?:the |their |its )?(?:(?:percent\w*|relative|absolute) )?(?:change|difference"
    r"|growth|increase)"
    r"(?: (?:from|between) (?:q|h)[1-4] (?:to|and) (?:q|h)[1-4])?(?: in percent)?(?= ?$| ?[,.;(])"
)
_TITLE = re.compile(r"^(?P<title>[^.:?]{1,70}?) ?[.:] (?=\S)")
_LOADED = re.compile(
    r"<[nvdf]|\b(?:per|by|each|every|for|who|which|that|where|with|without|if|one|never|no|not|daily|weekly|monthly"
    r"|quarterly|yearly|hourly|minus|net|whose|having|have|has|had|within|than|above|below|under|over(?! time)|more"
    r"|less|fewer|larger|bigger|smaller|higher|lower|longer|shorter|before|after|since|until|except|outside|same"
    r"|between)\b"
)
_BY = re.compile(rf"^(?P<title>[^()]*?) (?P<by>(?:by|per) {NP}(?:(?:and|,)+ {NP})*)$")
_SEVERAL = re.compile(r"\b(?:with|having) (?:several|many|multiple|lots of)\b|\brepeat\b")
_NUMBERED = re.compile(ASKS)
_SIZED = re.compile(rf"\b{ADJ}\b")
_QUESTION = re.compile(r"^(?P<q>(?:how|which|what|who|do|does|did|is|are|where|when)\b[^?]*)\? (?P<rest>.*\S.*)$")
_TERMS = frozenset(
    [
        "rate",
        "rates",
        "share",
        "shares",
        "average",
        "avg",
        "mean",
        "median",
        "change",
        "running",
        "total",
        "rank",
        "ranking",
        "percentage",
        "percent",
        "cumulative",
        "moving",
        "growth",
        "difference",
        "ratio",
        "fraction",
        "proportion",
        "number",
        "sum",
    ]
)


def heading(text: str, marked: Marked, columns: Sequence[str]) -> str:
    """The text without titles, questions that it answers itself, and what only says again what a column is."""
    text = _asked(untitled(text, marked, listed=True), marked)
    said = " ".join(columns).replace("_", " ").lower()
    if re.search(r"\b(?:share|part|pct|percent\w*|fraction|proportion)\b", said):
        text = _PART_OF.sub(lambda found: f" , {found['all']} " if _told(found["v"], marked) else found.group(), text)
    for names, pattern in _OF_COLUMNS:
        if re.search(rf"\b(?:{names})", said):
            text = re.sub(pattern, _unless_telling, text)
    if re.search(r"\b(?:rank|ranking|position|place)\b", said):
        text = _RANKED.sub(lambda found: _of_ranked(found, marked), text)
    if re.search(r"\b(?:rate|ratio|share|percentage)\b[^|]* ~ ", said):
        text = re.sub(r"^[^,;.:]*?\b(?:rate|share|ratio|percentage) (?=(?:per|by|for each) )", "", text)
    text = _made_of(text, columns, marked)
    if len(re.findall("<d|\\bfirst half|\\bquarter of", said)) > 1 or re.search(r"\b(?:h1|q1)\b", said):
        text = re.sub(r"\bcompare\b", " ", text)
        text = re.sub(
            rf"\b(?:in|for|per) (?:each|both|either|every|the two)(?: of the two| of them)? {_UNIT}s?\b", " ", text
        )
        text = _CHANGE.sub(" ", text) if re.search(r"change|growth|diff|delta|increase", said) else text
    tails = marked.text.split("|")[1:]
    if sum("<d" in tail for tail in tails) > 1:
        text = re.sub(
            r"(?:\b(?:compare|between|in|for|of|from|during) )*<d\d+>(?:(?: (?:and|to|vs|versus|with|against"
            r"|,))+ (?:in )?<d\d+>)*",
            " ",
            text,
        )
    if re.search(r"\bweekend", said) and re.search(r"\bweekday", said):
        text = unsplit(unbracketed(text, marked))
    for plain, instead in _PLAIN:
        text = plain.sub(instead, text)
    text = _counted_again(unbracketed(text, marked), tails, marked)
    return " ".join(text.split()).strip(" ,;")


def _unless_telling(found: re.Match[str]) -> str:
    """Nothing; the words again where they tell what a share is of: `what percentage of users have a subscription`."""
    said = found.group()
    told = re.search(r"\b(?:have|has|had|with|without|never|ever|who|own|hold)\b", said) or re.search(
        r"\b(?:is|are|was|were|got|get|gets|been)(?: \w+)? ?$", said
    )
    return said if told and re.match(r",? ?(?:and )?what ", said) else " "


_RANKED = re.compile(
    rf"^(?:please )?rank(?:ing)? (?:of )?(?:the |all )?(?P<g>{NP}) ?(?:by|on) (?:the |their )?(?P<n>[^,.;:]+?)(?=$"
    rf"| <d| ?[,.;:])"
)


def _of_ranked(found: re.Match[str], marked: Marked) -> str:
    """`rank genres by hours`: hours per genre; `rank flights by status`: flights per status."""
    if re.search(r"\b(?:within|each|every|per)\b", found["n"]):
        return found.group()
    kinds = re.fullmatch(r"<c\d+>", found["n"]) and not is_measure(marked.hint(found["n"]).targets, marked)
    return f"{found['g']} per {found['n']}" if kinds else f"{found['n']} per {found['g']}"


def _made_of(text: str, columns: Sequence[str], marked: Marked) -> str:
    """Without `revenue per merchant`, where that is a column: nothing is put together by it."""
    for name in columns:
        said = " ".join(words(name.partition(" ~ ")[0]))
        if " per " not in said:
            continue
        for found in re.finditer(
            r"(?:(?:average|mean) )?(?P<a>(?:<[ctvf]\d+> ?)+|[a-z]+ )per (?P<b><t\d+>)(?= (?:by|per|for|in|and)\b"
            r"| ?[,:.])",
            text,
        ):
            if single(marked.hint(found["b"]).span.lower()) == single(said.rpartition(" per ")[2]):
                return cut(text, found, found["a"])
    return text


_COUNTED = re.compile(
    r"(?:,|;|\band\b|\bplus\b|\bwith\b| )*(?:how many|(?:the )?(?:number|count))(?: of (?:them|these|those"
    r"|which|whom))?"
    r"(?: that| which)?(?: (?:have|has|had|are|were|was|is|got|been|ended|since|later|already|still|eventually))*"
    r" (?P<v><[vf]\d+>)(?: (?:so far|by now|now|today|yet|since|in the end|later))*(?= ?[,.;:)]| and\b|$)"
)


_PART_OF = re.compile(
    rf",? ?\bwhat (?:part|share|fraction|percentage|percent|proportion|portion) of (?:their |the |its |all |our )*"
    rf"(?P<all>{NP}) ?(?:(?:that|which) )?(?:(?:is|are|was|were|came|come|comes|went|goes|ran|made|done|paid"
    rf"|has been) )*"
    rf"(?:(?:in|through|via|by|from|on|as|to|with|at|over) )*(?P<v><v\d+>)(?= ?[?.,;]|$)"
)


def _told(mark: str, marked: Marked) -> bool:
    """Whether a column is named by a value."""
    hint = marked.hint(mark)
    tails = [marked.hint(m.group()) for tail in marked.text.split("|")[1:] for m in MARK.finditer(tail) if m[1] == "v"]
    return any(set(one.targets) & set(hint.targets) and one.literals == hint.literals for one in tails)


def _counted_again(text: str, tails: Sequence[str], marked: Marked) -> str:
    """Without `and how many of them have been cancelled`, where that is a column."""
    own = [marked.hint(tail.strip()) for tail in tails if re.fullmatch(r" ?<[vf]\d+> ?", tail)]

    def dropped(found: re.Match[str]) -> str:
        hint = marked.hint(found["v"])
        told = any(set(one.targets) & set(hint.targets) and one.literals == hint.literals for one in own)
        return " " if told else found.group()

    return _COUNTED.sub(dropped, text)


def explained(columns: Sequence[tuple[str, str]]) -> frozenset[str]:
    """Terms of reckoning that a column is named by: the text may say them too."""
    made = any(re.search(r"/|\bdivided by\b|\bminus\b|\bover\b| - ", said) for _, said in columns)
    told = {word for name, said in columns for word in words(f"{name} {said}")}
    return (_TERMS & told) | (_RATIOS if made else frozenset())


_RATIOS = frozenset(["rate", "rates", "share", "shares", "ratio", "ratios"])
"""What a column that is one number over another may be called in a title."""


def untitled(text: str, marked: Marked, *, listed: bool = False) -> str:
    """Without a title, which asks for nothing that the rest does not tell; its thing stays where it is not named
    again. `listed`: whether the columns are told elsewhere."""
    found = _TITLE.match(text)
    if found is None or len(found["title"].split()) > 8:
        return text
    rest = text[found.end() :]
    by = _BY.match(found["title"])
    if by and re.search(ASKS, rest) and not re.search(r"\b(?:by|per|for each) ", rest):
        silent = "<t" in by["title"] and "<t" not in rest
        return text if silent or _LOADED.search(by["title"]) else f"{by['by']} : {rest}"
    title = _known_values(found["title"], rest, marked)
    title = _SEVERAL.sub("and", title) if re.search(r"<n\d+>", rest) else title
    if _LOADED.search(title) or (not listed and not _numbers_again(title, rest)):
        return text
    if _SIZED.search(title) and not re.search(rf"<n\d|\b{ADJ}\b", rest):
        return text
    things = [m.group() for m in MARK.finditer(title) if m[1] == "t"][-1:]
    known = {table_of(marked.hint(m.group())) for m in MARK.finditer(rest) if m[1] == "t"}
    kept = [mark for mark in things if table_of(marked.hint(mark)) not in known]
    return " ".join((*kept, ":" if kept else "", rest)).strip()


def _numbers_again(title: str, rest: str) -> bool:
    """Whether each number that a title names is asked for behind it."""
    return {m.group().rstrip("s") for m in _NUMBERED.finditer(title)} <= {
        m.group().rstrip("s") for m in _NUMBERED.finditer(rest)
    }


def _known_values(title: str, rest: str, marked: Marked) -> str:
    """The title without values that the rest names as well, or that a word only sounds like (`travelling cards`)."""
    told = {marked.hint(m.group()).literals for m in MARK.finditer(rest) if m[1] == "v"}
    tables = {table_of(marked.hint(m.group())) for m in MARK.finditer(rest) if m[1] == "t"}
    named = [table_of(marked.hint(m.group())) for m in MARK.finditer(title) if m[1] == "t"]
    first = [table_of(marked.hint(m.group())) for m in MARK.finditer(rest) if m[1] == "t"][:1]

    def known(found: re.Match[str]) -> str:
        hint = marked.hint(found.group())
        if found[1] != "v":
            return found.group()
        loose = hint.span.lower() not in {one.lower() for one in hint.literals}
        again = hint.literals in told or (loose and bool(named) and set(named) <= tables)
        owners = {target.rpartition(".")[0] for target in hint.targets}
        foreign = not any(own in tables or marked.link(t, own) for own in owners for t in tables)
        again = again or (bool(tables) and foreign and (not named or named[-1:] == first))
        return "" if again and (not loose or len(title.split()) < 4) else found.group()

    return MARK.sub(known, title)


def _asked(text: str, marked: Marked) -> str:
    """Without a question that the sentences behind it ask again in figures."""
    found = _QUESTION.match(text)
    again = found and re.search(r"\b(?:per|by|for each|each|only)\b|divided", found["rest"])
    if found is None or re.search(r"<[nd]", found["q"]) or not again:
        return text
    marks = {m.group()[:2] for m in MARK.finditer(found["q"]) if m[1] in "vf"}
    told = f"{found['rest']} {marked.text.partition('|')[2]}"
    return text if marks - {m.group()[:2] for m in MARK.finditer(told)} else found["rest"]
