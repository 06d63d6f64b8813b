"""The text of a task without what only says how its answer is to look, or says again what it said before."""

from __future__ import annotations

import re
from collections.abc import Callable

from agents.reader.brackets import unbracketed
from agents.reader.frame import Frame
from agents.reader.groups import ASKS
from agents.reader.marked import MARK, Marked, table_of
from agents.reader.nouns import NP, divisor, noun
from agents.reader.phrases import plain
from agents.reader.wordings import worded
from data.naming import single, words

_DEFINES = r"(?:as an? (?:percentage|percent|share|fraction|%) of|divided by|over|out of|minus)"
_PLAIN: tuple[tuple[str, str | Callable[[re.Match[str]], str]], ...] = (
    (r"^count (?:of |the |all |up )*", "number of "),
    (r"^(?:list|show|find|finds|give|get|return|display)(?: me| us)? (?:the )?(?=every|each|all|<)", ""),
    (r"(?:<[ct]\d+> )?\b(?:pairs?|combinations?) ?(?:of )?\( ?(<c\d+>) ?(?:,|and|/|to) ?(<c\d+>) ?\)", r"\1 and \2"),
    (r"[,;]? ?\bties (?:may|can|are|all|any|should|broken|allowed|stay)[^.;:()]*|\( ?case [^)]*\)", " "),
    (r"(?:in )?(?:calendar|chronological|date|time) ?,? order(?:ed)?\b", "ordered by date"),
    (r"\bby the end of (?:each|every)\b|\bat the end of (?:each|every)\b", "per"),
    (r"\bmarks? as\b|^- |\( ?(?:e \. g|etc|and so on|for example)[^)]*\)|\([^)]*\band so on ?\)", " "),
    (r"\b(?:with )?(?:one|a single) (?:row|line|record) (?:per|for each)", "per"),
    (r"(?::|,|in)? ?(?:one|a single) row(?: with both [^,;.:]*)?|,? as (?:a )?(?:percentages?|percent)$", " "),
    # What is joined follows from what is asked for.
    (r"\b(?:join(?:ing)?|combine|merge|link|match|(?:bring|put) together) <t\d+> (?:with|to|and|on|onto) <t\d+>"
        r"(?: ?(?:and|with|,) <t\d+>)*"
     r"(?: ?(?:,|;|and|then|to)+ (?:give|tell|show|get|find|return|compute|calculate)(?: me| us)?(?: ,)?)?", " "),
    (r"(?:^|[.?;,] ?)(?:just|only) (?:the|a|one) (?:count|number|total|figure)(?: please)?$", " "),
    (r"\( ?in (?:percent|percentages?|%|usd|dollars) ?\)|\b(?:once|exactly once) per <t\d+>"
        r"|\bwithout duplicates\b", " "),
    (r"\b(?:tell|show|give) me ?,?", " "),
    (r"\b(?:with|on|in|from|by|using) such (?:an? )?<t\d+>", " "),
    (r"\bwhere (?:an? |the )?(<c\d+>) (?:was|is|were|has been|exists?)(?: (?:given|present|set|known|recorded"
        r"|added|left|not null|available|there))?\b(?! (?:more|less|over|under|at|above|below|after|before|null"
         r"|missing|empty|not|between"
     r"|within|up|later|earlier|an?|the|<))",
     r"with a \1"),
    (r"(who|that) (<w\d+>) the (most|least) money(?: ?(?:by|in|through|via|with|from) (<t\d+>))?",
     r"with the \3 total \2 \4"),
    (rf"\b(shares?|percentages?) of each (?P<g>{NP}) ?(?:in|of) (?:the )?(?:total )?(?P<all>{NP})",
        r"\1 of total \g<all> per \g<g>"),
    (r"^finds? ?, ?", " "),
    (r"^(?:which|what) (<c\d+>) (?:have|has|had|got|saw|see|contain|with) (?=<n)", r"per \1 with "),
    (rf"^for (?P<some>(?:the |all )?(?:<[vf]\d+> )+<t\d+>) ?, (?P<rest>.*(?:{ASKS}).*)$", r"\g<rest> , only \g<some> "),
    (r"\bas (?:an? )?(?:number|count) and (?:as )?(?:an? )?(?:percent|percentage|share) of (?:all|the total|the whole)",
     "and share of the total"),
    (r"^how long (?:each|every|the|do|did|does) ", "how long "),
    (r"(?:that|which|whom?) (?:nobody|no one|no-one|no <t\d+>)(?: has| have| had| did)?(?: ever)? (<[tw]\d+>)"
        r"(?: yet)?", r"without any \1"),
    (rf"(<c\d+>) (share|percentage) of (?:each|every) (?P<g>{NP}) ?(?:among|of|in|over) (?P<s>{NP})(?:,? in percent)?",
     r"\2 of total \1 of \g<s> per \g<g>"),
    (r",? ?\bin percent\b(?= ?[,.]|$)", " "),
    (rf"\bthe (number|count) of (?P<a>{NP})(?: ?, of (?P<b>{NP}))? ?(?:,? and|,) of (?P<c>{NP})",
     lambda m: " and ".join(f"number of {m[k].strip()}" for k in "abc" if m[k])),
    (r"\b(?:limited|limit|restricted)(?: it)? to (?:the )?(?=top|first)", ""),
    (r"\b(?:still|ever|currently) (?=<[vw])", ""),
    (r"(?P<of><t\d+>) with both (?P<a><v\d+>) and (?P<b><v\d+>) (?P<t><t\d+>)",
     r"\g<of> with an \g<a> \g<t> and with an \g<b> \g<t>"),
    (r"\bwhat (?:percent|percentage|share) of the (?:whole|total) (?:each|every|the|that) <[ct]\d+> "
        r"(?:makes? up|is|has|represents|accounts for|contributes)",
     "share of the total"),
    (r"\bever (?:made|done|seen|used)? ?(?:with|by|on|for|at) (?:it|them|him|her)\b|\bever made\b", " "),
    (r"^(?:which |what |the |those )*(?P<u>hour|weekday|day|month|week|quarter|year|date)s?(?: of (?:the )?"
        r"(?:day|week|year))?"
     r" (?:that |which |when )?(?:see|sees|saw|have|has|had|with|get|got|count) (?=<n)", r"per \g<u> with "),
    (r"\b(?:together )?(?:with|and) (?:the|its|their) (<t\d+>) (?:that )?(?:they|it) (?:belongs? to|concerns?"
        r"|was made (?:at|to|with)|is about)", " "),
    (rf"\b(?:average|mean) number of (?P<a>{NP}) ?(?:per|for each|of each|by each) (?P<b>{NP})",
     r"number of \g<a> divided by distinct \g<b> "),
    (r"\b(?:date|time|day|moment) of (?:the |its |their )?(first|earliest)(?: one)? and (?:of )?(?:the |its "
        r"|their )?(last|latest)(?: one)?",
     r"the \1 and the \2 "),
    (r"\bwhat (?:do|does|did) (?:they|it|these|those) (?:bring in|earn|make|take in|cost|pay)", "total"),
    (r"(<c\d+>) (?:that |where |in which )?the (<[ct]\d+>) (?:(?:lives?|is|was|comes?|trades?|based|located) )*"
     r"(?:in|from)\b", r"\2 \1"),
    (r"\bwhose <[tc]\d+> (?:(?:lives?|is|are|comes?|trades?|based|located) )*(?:in|from) (?=<v)", ""),
    (r"^(?P<each>for (?:each|every) [^:,]*[:,].*?)(?P<what>(?:<v\d+> )*<[ct]\d+>) per (?P<t><t\d+>)(?=$| ?[,.])",
     r"\g<each>\g<what> divided by distinct \g<t>"),
    (r"(who|that|which) (<w\d+>) the (most|least)(?: ?(?:by|in|through|via|with|from) (?:their |the )?<t\d+>)?"
        r"(?! money)(?= ?[(,;.]|$)",
     r"with the \3 total \2 "),
    (r"\bwhose <[tc]\d+> (?:is|are|was|were)(?: either)? (?=<v)", ""),
    (r"(<c\d+>) (?:itself|themselves|alone)\b", r"\1"),
)  # fmt: skip
_AGAIN = re.compile(rf"(?P<rate>\b(?:rates?|share|percentage)\b[^()]*)\([^()]*{_DEFINES}[^()]*\)")
_NAMED = re.compile(rf"^(?:the )?[^:,.]*?\brates?(?P<by> [^:]*)?: (?P<said>.*{_DEFINES}.*)$")
_DEFINED = re.compile(
    r"^(?P<name>(?=[^:]*(?:how much|how|ratio|average))(?:(?!<[nvd])[^:])*): (?P<said>"
    r"(?:the )?<c\d+> divided by (?:the )?<c\d+>)$"
)


def _defined(found: re.Match[str]) -> str:
    """The definition of a ratio, with what its name says of groups and means."""
    by = re.search(rf"\b(?:per|by|for each) {NP}", found["name"])
    average = "on average" if re.search("average|mean", found["name"]) else ""
    return f"{by.group() if by else ''} {found['said']} {average}"


_ASKED_BEFORE = re.compile(r"^[^?<]*(?:<[tcw]\d+>[^?<]*)*\? (?=.)")


def opened(marked: Marked, frame: Frame) -> str:
    """The text; the subject apart where it stands before a colon."""
    text = worded(plain(unbracketed(marked.text, marked)), marked)
    for pattern, said in _PLAIN:
        text = re.sub(pattern, said, text)
    if re.search(r"\bpercentiles?\b", text):
        text = re.sub(r"\bpercentiles?\b(?: of)?", "of", re.sub(r"\b(\d{1,2})(?:st|nd|rd|th)?\b(?! ?>)", r"p\1", text))
    text = _DEFINED.sub(_defined, text.strip())
    text = _AGAIN.sub(lambda found: found["rate"], text)
    if found := _NAMED.match(text):
        text = f"{found['said']} {found['by'] or ''}"
    text = _unit(text, frame, marked)
    text = _monthly(text, marked)
    text = _compound(text, marked)
    text = _done_per(text, marked)
    text = _recent(text, marked)
    text = _of_counted(text, marked)
    text = _asked_once(" ".join(text.split()))
    return _subject(text, frame, marked)


_IN_UNIT = re.compile(
    r"(?P<c><c(?P<at>\d+)>)(?P<of> (?:of|per) [^,;.:]*?)? \(?in (?P<unit>seconds|minutes|hours|days|usd|dollars)\)?"
)


def _unit(text: str, frame: Frame, marked: Marked) -> str:
    """`duration in minutes`: what the column is told in, or what it is divided by."""
    found = _IN_UNIT.search(text)
    per = divisor(found["unit"], marked.hints[int(found["at"])].targets, marked) if found else 0
    if found is None or not per:
        return text
    frame.per = per
    return f"{text[: found.start()]}{found['c']}{found['of'] or ''}{text[found.end() :]}"


_MONEY = r"(?:revenue|income|turnover|earnings|takings|spend|spending|proceeds|sales volume|money)"


def _monthly(text: str, marked: Marked) -> str:
    """What comes in each month by itself, as the price of a plan: no group by months."""
    tables = [table_of(marked.hints[int(m[2])]) for m in MARK.finditer(text) if m[1] == "t"]
    tables = tables or [table_of(hint) for hint in marked.hints if hint.kind == "table"]
    for table in dict.fromkeys(tables):
        prices = [c for c in marked.table(table).columns if c.unit and re.match("monthly", c.description or "", re.I)]
        if len(prices) == 1:
            price = (f"{table}.{prices[0].name}",)
            own = "|".join(f"<c{at}>" for at, hint in enumerate(marked.hints) if hint.targets == price) or "<none>"
            text = re.sub(rf"\bmonthly (?:recurring )?(?={_MONEY}|{own})|\b(?<=total) per month\b", "", text)
            text = re.sub(r"\b(total|(?:bring|take)s? in) (?:per|each|every|a) month\b", r"\1", text)
    return text


_DONE_PER = re.compile(
    r"(?P<t><t\d+> (?:(?:that|which|who) )?(?:(?:were|was|are|got|have|has|been) )*)(?P<w><w\d+>) (?P<p>in each"
    r"|in every|per|each|every|by|for each"
    r"|during each) (?P<u>day|week|month|quarter|year|hour)\b(?! of <w)(?P<d> <d\d+>)?"
)


def _done_per(text: str, marked: Marked) -> str:
    """`subscriptions ended in each month`: the months in which that happened to them."""
    found = _DONE_PER.search(text)
    if found is None:
        return text
    table = table_of(marked.hint(found["t"].split()[0]))
    targets = marked.hint(found["w"]).targets
    if any(target == f"{table}.{marked.table(table).time}" or not target.startswith(f"{table}.") for target in targets):
        return text
    when = f"{found['w']}{found['d']}" if found["d"] else ""
    return f"{text[: found.start()]}{found['t']} {when} {found['p']} {found['u']} of {found['w']} {text[found.end() :]}"


def _of_counted(text: str, marked: Marked) -> str:
    """`how many plays, how many listeners and plays per listener`: a ratio of what is counted before it."""

    def ratio(found: re.Match[str]) -> str:
        of = marked.hint(found["of"]).targets
        told = re.findall(r"(?:how many|number of) (?:different |distinct )?(<[ct]\d+>)", text[: found.start()])
        known = any(set(marked.hint(mark).targets) & set(of) for mark in told)
        return f"{found['and']} number of {found['what']} divided by distinct {found['of']}" if known else found.group()

    return re.sub(r"(?P<and>,|\band) (?P<what><t\d+>) per (?P<of><[ct]\d+>)", ratio, text)


def _recent(text: str, marked: Marked) -> str:
    """`the most recently opened account`: the latest, where that is when a row came to be."""

    def latest(found: re.Match[str]) -> str:
        table = marked.table(table_of(marked.hint(found["t"])))
        own = f"{table.full_name}.{table.time}" in marked.hint(found["w"]).targets
        return f"{found['the']}latest {found['t']}" if own else found.group()

    return re.sub(r"(?P<the>(?:only )?(?:the )?)most recently (?P<w><w\d+>) (?P<t><t\d+>)", latest, text)


def _compound(text: str, marked: Marked) -> str:
    """`wallet account`: the first word says which, where the catalogue tells the second by it."""
    for found in re.finditer(r"(<t(\d+)>) (?=<t(\d+)>)", text):
        first, second = marked.hints[int(found[2])], marked.table(table_of(marked.hints[int(found[3])]))
        if not first.span.endswith(("ed", "ing")) and {single(w) for w in words(first.span)} <= {
            single(w) for w in words(second.description or "")
        }:
            return text.replace(found.group(), "", 1)
    return re.sub(r"(<t\d+>) [a-z]{4,}ing (?=<c)", r"\1 ", text)


def _asked_once(text: str) -> str:
    """Without a question that the sentence behind it asks again, in figures: it names no rows of its own."""
    found = _ASKED_BEFORE.match(text)
    rest = text[found.end() :] if found else ""
    if found is None or not re.search(ASKS, rest) or "<" not in rest or re.search(r"how (?:many|much)", found.group()):
        return text
    return rest


def _subject(text: str, frame: Frame, marked: Marked) -> str:
    found = re.match(
        rf"(?:for |over |of |the |all |list )*(?P<what>{NP})(?: (?:only|alone))?(?P<that>(?: that| which| where"
        rf"| who)? .*?)?"
        rf"(?: ?:| -| ,(?= for each)) (?=.*(?:{ASKS}{'|<' if frame.outputs else ''}))",
        text,
    )
    frame.text = text
    if found and (table := noun(found["what"], marked).table):
        frame.subject = table
        if not found["that"] and (tests := noun(found["what"], marked).tests):
            frame.tests += [test for test in tests if test not in frame.tests]
            return " ".join(text[found.end() :].split())
        bare = re.fullmatch(r"(?:the |all )?<t\d+> ?", found["what"]) and not found["that"]
        plain = re.fullmatch(r"(?:the |all )?(?:<[vf]\d+> )+<t\d+> ?", found["what"]) and not found["that"]
        text = (
            text[found.end() :]
            if bare
            else f"{text[found.end() :]} , only {found['what']}"
            if plain
            else text.replace(":", " , ", 1)
        )
    return " ".join(text.split())
