"""Ways to say the same that the catalogue has a part in: whose things, both halves of a whole, the one against the
other."""

from __future__ import annotations

import re

from agents.reader.marked import Marked, table_of
from agents.reader.nouns import NP
from data.naming import single

_ROWS = r"(?:<[vf]\d+> )*<t\d+>"
_KNOWN = r"(?:known|recorded|given|set|on (?:file|record)|filled(?: in)?|present|available|registered|there)"
_HAVE = r"(?:have|has|had|carry|carried|carries|bear|bore|contain|contained|include|included|show|came with|come with)"
_DEFINES = r"(?:as an? (?:percentage|percent|share|fraction|%) of|divided by|over|out of|minus)"
_WORDED = (
    # Per country, count the merchants …
    (rf"(?<=[,:;] )count (?:up )?(?:the |all |how many )*(?={_ROWS})", "number of "),
    (r"\b(day|week|month|quarter|year|hour|weekday)s? (?:by|for|after) \1\b", r"per \1"),
    (r"[,;]? ?\(? ?(?:iso |calendar )?weeks? (?:start|begin|run|count)(?:s|ing|ning)?(?: \w+)? (?:on )?(?:a "
    r"|an? )?(?:iso )?"
     r"(?:monday|mon)s?(?: to sunday)?(?: ?\))?", " "),
    (r"^(?:sort|order|list) (?:the |all )*(?P<g><[ct]\d+>(?: <[ct]\d+>)*) by (?:their |its |the )?"
     rf"(?P<n>(?:average|mean|median|total|number of|count of|largest|smallest|highest) {NP})"
     r"(?P<show>,? ?(?:and )?(?:show|give|return|include|display|with|report)(?: me)? (?:that|this|the|it|its|each)"
     r"(?: (?:average|mean|median|total|number|count|figure|value|amount))?)?(?P<sort>.*)$",
     r"\g<n> per \g<g> , sorted by number descending \g<sort>"),
    (rf"\bwhose (?P<c><c\d+>) (?:(?:we|you|they) (?:know|have|hold)|(?:is|are|was|were) {_KNOWN})", r"with a \g<c>"),
    (r"\b(?:where|whose|for which|in which) (?:the |their |its )?(?P<c><c\d+>) (?:is|are|was|were) (?:null"
    r"|missing|empty"
     r"|blank|unset|not (?:set|given|known|there|present|filled))\b", r"without a \g<c>"),
    (rf"\bwhose (?P<c><c\d+>) (?:we don ?['’]?t (?:know|have)|we do not (?:know|have)|(?:is|are|was|were) (?:not"
    rf" {_KNOWN}"
     r"|unknown|missing|empty|null|unset|blank))", r"without a \g<c>"),
    (r"\b(?:both )?how many (?:of them )?there (?:were|are|was|have been)(?: in all)?,? and (?=(?:what|how much))",
     "number and "),
    (r"\b(?:what|how much) (?:they|it|these|those|that) (?:came|come|comes|add|added|adds|amount|amounted|amounts"
    r"|summed"
     r"|sum|sums|totalled|total|totals|<c\d+>)(?: up)? ?(?:to)?(?: in all| in total| altogether)?(?= ?[,.;?)]|$|"
     r" per| by)",
     "total"),
    (r"\b(?:what|how much) (?:they|it|these|those) (?:are|were|is|was) worth(?: in all| in total|"
    r" altogether)?", "total"),
    (r"\bwhen (?:was|were|did|is) (?:the|their|its|each)? ?(?=(?:very )?(?:first|earliest|last|latest|most"
    r" recent))", "the "),
    (r"(?<=first and )(?:when )(?:was )?(?=the)", ""),
    (rf"\b(?:break|split|breaking|splitting|divide) (?:the |all |down )*(?P<what>{NP}) ?(?:down|up)? ?(?:by|per"
    rf"|into|over"
     rf"|across|between|among) (?P<g>{NP}) ?,? ?(?:as|in) (?:an? )?(?:percentages?|percent|shares?|fractions?|%)"
     r"(?: of (?:all|the total|the whole|total)(?: (?:<[tcvfw]\d+> ?)+)?)?", r"share of total \g<what> per \g<g> "),
    (rf"\b(?:break|split|breaking|splitting) (?:the |all |down )*(?P<what>{NP}) ?(?:down|up)? ?(?:by|per|into"
    rf"|over|across)"
     r" (?=<[ct])", r"\g<what> per "),
    (rf"(?P<c><c\d+>) (?:in|at|on|for|to) which (?:the |any |our )?(?P<t>{_ROWS}) (?:were|was|are|is|have been|had)"
     r"(?: (?:<w\d+>|[a-z]+ed|made|sold|held|there))?(?= ?[:,]|$)", r"\g<t> \g<c>"),
    (r"(?:that |which |who )?(?:are|were|was|is|have been|has been|had been|got) (?P<t><t\d+>) (?P<n><n\d+>)"
    r" times", r"with \g<n> \g<t>"),
    (r"(?:that |which |who )?(?:are|were|was|is|have been|has been|had been|got) <w\d+> (?P<n><n\d+>)"
    r" times", r"with a count \g<n>"),
    (r"\bhow much (?:money )?(?:did|do|does|has|have) (?:each|every) (?P<t><[tc]\d+>)(?P<mid> (?:in|from|of)"
    r" <v\d+>)? (?P<x>(?:<v\d+> )?<t\d+>)"
     r"(?: (?:in total|overall|in all|altogether))?", r"total \g<x> per \g<t> \g<mid>"),
    (r"^(?:the |which |list |show )*(?P<n><n\d+> )?(?P<t><[ct]\d+>) (?:with|that have|having) (?:the )?(?:highest"
    r"|largest|biggest|best|greatest)"
     rf" [^()]*?\( ?(?P<def>[^()]*{_DEFINES}[^()]*)\)$", r"\g<def> per \g<t> , sorted by number descending , top"
     r" \g<n>"),
    (r"^(?:list |show |give |get )?(?:the |all |every |each )*(?P<t><t\d+>)(?P<mid>(?: (?:from|in|of|with) "
    r"(?:<v\d+>(?: (?:or|and) )?)+)?) ?"
     r"(?:together |along )?with (?:the |their |its )?(?P<num>(?:number of|how many|count of|total|average|sum"
     r" of) (?:the |their )?(?:<[vcft]\d+> ?)+)"
     r"(?:(?:that )?(?:they|it|each) (?:have|has|made|own|got|received|sent|had|hold))?$", r"\g<num> per \g<t>\g<mid>"),
    (r"\b(?:without|with no|with neither|lacking) (?:an? |any )?(?P<a><t\d+>) ?(?:,? ?(?:or|nor|and)) (?:an? |any"
    r" |no )?(?P<b><t\d+>)(?! <[tc])",
     r"without a \g<a> and without a \g<b>"),
    (r"\b(?P<by>(?:sorted|ordered) by [^,;.]*?) ?, (?:in )?(?P<way>descending|ascending)(?:"
    r" order)?", r"\g<by> \g<way>"),
    (r"^what[’']s\b", "what is"),
    (r"(?<=between )[a-z]{3,}ing (?:an? |the |their )?(?=<t\d+> (?:and|to|until)\b)", ""),
    (r"\b(?:which|what|the|all|those|find|list|show)? ?(?:combinations?|pairs?) of (?P<a>(?:<[cw]\d+> ?)+)"
    r" ?(?:and|with|to)"
     r" (?P<b>(?:<[cw]\d+> ?)+)(?:that |which )?(?:were|was|are|have been|got|occur\w*|appear\w*|show(?:s|ed)? up) "
     r"(?P<t><[tw]\d+> )?(?P<n><n\d+>) times", r"per \g<a> and \g<b> with a count \g<n>"),
    (rf"\b(?:who|that|which|and)? ?{_HAVE} (?:both )?(?:an? |at least one )?(?P<a>{_ROWS}) (?:as well as|and also"
    rf"|together with"
     rf"|plus|and at the same time|but also|alongside) (?:an? |at least one )"
     rf"(?P<b>{_ROWS})", r"have both a \g<a> and a \g<b>"),
    (r"\b(?:a <t\d+>|of (?:the )?<c\d+>|by <c\d+>) who (?:live|lives|lived|are|is|come|comes|reside|resides|living)"
     r"(?: based)? (?=in <v)", ""),
    (rf"^(?:which|what|list|show|the|find|give me)? ?(?:the )?(?P<n><n\d+>) (?P<t><[ct]\d+>) (?:that |which "
     rf"|who )?(?:have |has )?(?:<w\d+>|received|got|had|saw|made|gave)"
     rf" the most (?P<r>{_ROWS})", r"top \g<n> \g<t> by number of \g<r> "),
    # average time from offer to acceptance in days
    (r"(?P<f>\b(?:average|mean|median|avg|longest|shortest|max|min|maximum|minimum) )?(?:time|duration|delay|gap|lag"
     r"|wait) (?P<from>(?:from|between) [^,.;:]{1,60}?),? "
     r"\(?(?:measured |expressed )?in (?P<u>days|hours|minutes|seconds)\)?(?= |$)", r"\g<f>number of \g<u> \g<from>"),
    (r"\bwhere (?:there are )?(?P<n><n\d+>) (?P<t>(?:<[vf]\d+> )*<t\d+>) exist\b", r"with \g<n> \g<t>"),
    # names that are shared by five or more users
    (rf"(?P<c><c\d+>) (?:(?:that|which) )?(?:(?:are|is|were) )?(?:shared|used|held|had|borne"
     rf"|carried) by (?P<n><n\d+>) (?P<t>{_ROWS})",
     r"per \g<c> with \g<n> \g<t>"),
    # which ten merchants took the most money in captured payments
    (rf"^(?:which|what|list|show|the|find|give me)? ?(?:the )?(?P<n><n\d+> )?(?P<t><[ct]\d+>) (?:that |which "
     rf"|who )?(?:have |has |had )?(?:took in|take in"
     rf"|brought in|bring in|[a-z]+|<w\d+>) the most (?:(?:money|revenue|income|turnover|cash|dollars?) )?(?:in|from"
      rf"|with"
      rf"|through|by|via|on|across) "
     rf"(?:their |all )?(?P<r>{_ROWS})", r"top \g<n>\g<t> by total \g<r> "),
    (r"\bby (?=<v\d+>(?: ?(?:,|and)+ ?<v\d+>)+ in separate columns)", "on "),
    (r"(?P<v><v\d+>|<f\d+>) in separate columns", r"\g<v>"),
    (r"[;,.:]? ?(?:<t\d+> (?:without|with no) (?:an? |any )?<[tc]\d+> (?:can|may|should|could|are to|need to"
     r"|must) (?:just |simply )?(?:be )?(?:dropped"
     r"|ignored|omitted|left (?:out|away|off)|skipped|excluded|missing)|<t\d+> (?:without|with no) (?:an? "
      r"|any )?<[tc]\d+> (?:do not|don ?['’]?t|need not"
     r"|needn ?['’]?t) (?:need to |have to )?(?:appear|matter|count|show up|be (?:shown|listed|there)))", " "),
    (r"\b(?:how <f(?P<f>\d+)> (?:is|are) (?:each|every|the) )(?P<c><[ct]\d+>) ?\?(?= ?$)", r"per \g<c>"),
    (r"(?:^|(?<=[.;:]) ?)(?:only|just) (?:the )?(?=(?:<[vf]\d+> )+<t\d+>)(?!(?:<[vf]\d+> )+<t\d+> (?:with|over|above"
     r"|from|in) <n)", ", "),
    (r"\b(?P<n>no|without|without any|without an?|lacking) (?P<c><c\d+>) <t\d+>(?= ?[,.;)]|$| and\b)", r"\g<n> \g<c>"),
    (r"\b(?P<n>no|without|without any|without an?|lacking) (?P<c><c\d+>) (?:on file|on record|set|recorded|given"
     r"|stored|known)\b", r"\g<n> \g<c>"),
    (r"(?P<a>(?:new|lat|old|earli)est|most recent|first|last) (?P<t>(?:<[vf]\d+> )*<t\d+>) \( ?(?:by |the "
     r"|with the )?(?:(?:new|lat|old|earli)est|most recent|first|last|highest|lowest"
     r"|max|maximum|min) (?P<c><[cw]\d+>) ?\)", r"\g<a> \g<t> by \g<c>"),
    (r"\b(?:attributed|belonging|assigned|linked|registered|tied|attached|issued) to (?:them|him|her|it)\b", " "),
    (r"\b(?P<n><n\d+> |\d+ )?(?:most (?:popular|loved|successful|productive)|best[- ](?:loved|selling|performing)"
    r"|hottest"
     r"|leading|strongest) (?=<t)", r"top \g<n>"),
)  # fmt: skip
_MOVED = re.compile(
    r"^(?:the |which (?:are )?(?:the )?)?(?:(?P<n><n\d+> |\d+ )most common |top (?P<n2><n\d+> |\d+ )?)"
    r"(?P<what><[ct]\d+>) (?P<mid>(?:of|from|in|by|with|for|that|who)\b[^,;:]*?)"
    r" by (?P<num>(?:the |their )?(?:total |number of |average |count of )?(?:<[vcwt]\d+> ?)+)$"
)


def worded(text: str, marked: Marked) -> str:
    """The text in words that the clauses know."""
    for pattern, said in _WORDED:
        text = re.sub(pattern, said, text)
    text = _moved(text)
    for made in (_done, _repeated, _whose, _valued):
        text = made(text, marked)
    return " ".join(text.split())


def _moved(text: str) -> str:
    """`top 5 tracks of French listeners by number of plays`, with what they are ranked by beside them."""
    found = _MOVED.match(text)
    if found is None or re.search(r"\b(?:by|each|every|per)\b", found["mid"]):
        return text
    return f"top {found['n'] or found['n2'] or ''}{found['what']} by {found['num']} , {found['mid']}"


_EVENT = re.compile(
    r"(?<!most )(?<!least )(?<!top )(?<!best )(?<!often )"
    r"(?P<list>(?:<[vf]\d+> ?(?:,|and|or)+ ?)*)(?P<a><t\d+>) (?P<b><t\d+>)(?= |$)"
)


def _done(text: str, marked: Marked) -> str:
    """`refunded payments`: payments that have a refund; each by itself, behind states in a list."""
    found = next((m for m in _EVENT.finditer(text) if _happened(m["a"], m["b"], marked)), None)
    if found is None or (found["list"] and "column" not in text):
        return text
    held = f"{found['b']} with a {found['a']}"
    each = [f"number of {value} {found['b']} , " for value in re.findall(r"<[vf]\d+>", found["list"])]
    made = f"{' '.join(each)} number of {held}" if each else held
    text = f"{text[: found.start()]}{made}{text[found.end() :]}"
    return text.replace(" in separate columns", "") if each else text


def _happened(done: str, thing: str, marked: Marked) -> bool:
    first, second = marked.hint(done), table_of(marked.hint(thing))
    return first.span.lower().endswith("ed") and marked.link(table_of(first), second) is not None


def _repeated(text: str, marked: Marked) -> str:
    """`channel by channel`."""

    def per(found: re.Match[str]) -> str:
        first, last = (marked.hint(found[end]) for end in "ab")
        return f"per {found['a']}" if single(first.span.lower()) == single(last.span.lower()) else found.group()

    return re.sub(r"(?P<a><[ct]\d+>) (?:by|for|after) (?P<b><[ct]\d+>)", per, text)


_DEAR = frozenset(("expensive", "valuable", "costly", "pricey"))


def _valued(text: str, marked: Marked) -> str:
    """Values without the column that is named beside them: `the travel category`, `whose status is open`."""

    def value(found: re.Match[str]) -> str:
        own, named = set(marked.hint(found["v"]).targets), set(marked.hint(found["c"]).targets)
        return found["v"] if own & named else found.group()

    text = re.sub(r"(?P<v><v\d+>) (?P<c><c\d+>)(?! <[tc])", value, text)
    text = re.sub(
        r"\bmost (?P<c><c\d+>)(?= <[vft])",
        lambda found: "largest" if marked.hint(found["c"]).span.lower() in _DEAR else found.group(),
        text,
    )
    return re.sub(
        r"(?:(?:whose|where|with|and|the|an?) )*(?P<c><c\d+>) (?:(?:is|are|was|were|of|equals|=) )(?:the"
        r" )?(?P<v><v\d+>)",
        value,
        text,
    )


_POSSESSED = re.compile(
    r"\b(?P<of>(?:of|for|in|from) )?(?:each|every) (?P<g><[ct]\d+>)(?= (?:<|own|total|average|number|median|share))"
)


def _whose(text: str, marked: Marked) -> str:
    """`the percentage of each network's cards that are blocked`: of cards, per network."""
    found = _POSSESSED.search(text)
    if found is None or not marked.hint(found["g"]).span.endswith(("'s", "’s", "s'", "s’")):
        return text
    if re.search(r"\b(?:first|last|latest|newest|oldest|earliest|most recent|largest|biggest|smallest)\b", text):
        return text
    end = re.search(r" ?[?.:;]?$", text)
    rest = f"{text[found.end() : end.start() if end else len(text)]}"
    return f"{text[: found.start()]}{found['of'] or ''}{rest} per {found['g']}"
