"""Ways to say the same: phrases of a marked text in the words that the clauses know."""

from __future__ import annotations

import re
from collections.abc import Callable

from agents.reader.nouns import NP

Said = str | Callable[[re.Match[str]], str]
_EVERY = r"(?:each|every|the|one|any)"
_OCCURS = (
    r"(?:occurs?|occurred|appears?|appeared|shows? up|comes? up|came up|happens?|happened|is (?:used|seen|written"
    r"|found)"
    r"|was (?:used|seen|written|found)|(?:is|was) there|were used|are used|turns? up|repeats?)"
)
_THEY = r"(?:they|he|she|it|each(?: of them| one)?|each <t\d+>|every one|the <t\d+>)"
_HAVE = r"(?:each )?(?:have|has|had|owns?|holds?|got|made|sent|use|used|took|there (?:are|were))(?: in total)?"


def _how_many(found: re.Match[str]) -> str:
    """`users with more than one wallet and how many they have`: how many of what was bounded before."""
    before = re.findall(
        r"<n\d+> (?:or more |different |distinct )?((?:<[vf]\d+> )*<t\d+>)", found.string[: found.start()]
    )
    return f" and number of {before[-1]}" if len(set(before)) == 1 else found.group()


_BIGGEST = r"(?:biggest|largest|busiest|strongest|best|highest|heaviest|leading|most active)"


def _counted(found: re.Match[str]) -> str:
    """Nothing for `the count only` behind what asks for a number; itself where it is what asks for it."""
    asked = re.search(r"\b(?:numbers?|counts?|how many|how much|total)\b", found.string[: found.start()])
    return " " if asked else found.group()


def _of(found: re.Match[str]) -> str:
    """`of captured payments: the share that has a tip, and the average tip`: all of it is of these."""
    if not re.search(rf"\b{_SHARES} (?:that|which|with|whose)\b", found["rest"]):
        return found.group()
    rest = re.sub(rf"\b({_SHARES}) (?=(?:that|which|with|whose)\b)", rf"\1 of {found['of']} ", found["rest"])
    return f"{rest} , only {found['of']}" if re.search("<[vf]", found["of"]) else rest


_SHARES = r"(?:percent(?:age)?s?|shares?|proportions?|fractions?)"


def _put_together(found: re.Match[str]) -> str:
    """`join payments with merchants and give revenue per city`: what is joined follows from what is asked for."""
    asked = re.split(r"\b(?:per|by|for each|for every)\b", found.string[found.end() :])[0]
    return " " if re.fullmatch(r"<t\d+>", found["x"]) and re.search(r"<[tc]\d+>", asked) else found["x"]


def _same_period(found: re.Match[str]) -> str:
    """`three payments on the same day`: in each of the days."""
    before = found.string[: found.start()]
    many = re.search(r"<n\d+>(?: (?:<[vf]\d+>|different|distinct|more|or))* <[tc]$", before)
    return f"{found['at']} per {found['u']}" if many else found.group()


_HIGH = r"(?:high|larg|bigg|great|long|strong|busi)(?:est)?|big|most|best|top|max"
_LOW = r"(?:low|small|short|weak|quiet)(?:est)?|least|fewest|few|worst|bottom|min"
_MORE = r"above|over|higher than|greater than|larger than|bigger than|more than|exceed\w*"
_UNSORTED = r"(?:(?:,|^| )(?<!sorted )(?<!ordered )(?<!ranked )(?<!order )(?<!sort ) ?)\b"
PHRASES: tuple[tuple[str, Said], ...] = (
    # To chase merchants that …
    (r"^to (?!<)[a-z-]+ (?:up |down |out |with |at |to |all |the |every |those |our )*(?=<[vft]\d)", ""),
    (r"\b(?:for|per|by) (?:each|every) such (?=<)", "per "),
    (rf"(?:^|(?<=[:,.?] ))(?:who are |which are |what are |list |show "
     rf"|find )?(?:the )?(?P<n><n\d+>) {_BIGGEST} (?P<what><[ct]\d+>) (?:of|for|in|among) "
     r"(?P<of>(?:the |all )?(?:<[vf]\d+> )*<t\d+>) by (?:the |their )?(?:(?P<num>total|summed|sum)(?: (?:amount"
     r"|sent|value))?(?= ?[?,.;:]|$)|(?P<many>number|count)(?= ?[?,.;:]|$))",
     lambda m: f"top {m['n']} {m['what']} by {'total' if m['num'] else 'number of'} {m['of']}"),
    (rf"(?:^|(?<=[:,.?] ))(?:who are |which are |what are |list |show "
     rf"|find )?(?:the )?(?P<n><n\d+>) {_BIGGEST} (?P<what><[ct]\d+>) (?:by|in) (?=\S)",
     r"top \g<n> \g<what> by "),
    (r"(?:^|(?<=[,;:.(] )|(?<=[a-z>] ))(?:and |but |so )?<t\d+> (?:without|with no|that (?:have|had|made) no"
     r"|who (?:have|had|made) no|having no) (?:an? |any |a single )?"
     r"(?P<np>(?:<[vf]\d+> )*<t\d+>)(?: at all)? (?:(?:should|must|need|do|does|can|may|are|is|will"
     r"|would) (?:not|n't)(?: to)?"
     r" (?:be )?(?:appear|show(?: up|n)?|listed|included|there|needed|wanted|relevant|counted|matter)|"
     r"(?:(?:should|must|can|may|are|is) )?(?:be )?(?:left out|excluded|ignored|dropped|skipped|omitted"
     r"|not needed))\b ?\)?",
     r" , with a \g<np> "),
    (r"\bcalendar (?=(?:day|week|month|quarter|year|hour)s?\b)", ""),
    (r"\b(?:show |keep |list |and |but )*only (?:those|the ones|ones|rows|combinations|groups|pairs) "
     r"(?=(?:with|having|that have|where) )", ""),
    (r"\b(?:carry|carries|carried|bear|bears|bore|comes? with|came with) (?=an? <c)", "have "),
    (r"\b(?:leave|leaving|filter|filtering|take|taking|throw|keep|keeping) (?P<np>(?:the |any |all )?(?:<[vf]\d+>"
     r" ?(?:,|and|or)* ?)+(?:<t\d+>|ones)?) ?out(?: of (?:it|this|that|the \w+))?\b", r"excluding \g<np> "),
    (r"(?:^|(?<=[:;,.] ))of (?P<of>(?:the |all )?(?:<[vf]\d+> )*<t\d+>) ?[:,] (?P<rest>.*)$", _of),
    (rf"(?P<np>average {NP}) ?of (?:those|the ones|them) that (?:do|did|have (?:one|it|any)|has one)\b", r"\g<np>"),
    (r"(?:^|(?<=[,;:.] ))(?:we |you |please |then )?(?:join|combine|merge|link|match|connect) (?:the )?"
     r"(?P<x>(?:<[vf]\d+> )+<t\d+>|<t\d+> (?:with|of|whose|where)(?: the)? <c\d+> (?:is |= )?<v\d+>)(?: (?:to|with"
     r"|and|on|onto) "
     r"(?:the |their |its )?<t\d+>(?: ?(?:,|and|via|through|over)+ (?:the |their |its )?<t\d+>)*)+", _put_together),
    (r"(?<=<[tc])(?P<at>\d+>) (?:on|in|within|during) (?:one|a single|the same|any one|any single|any given"
     r"|the very same)(?: (?:and the same|single|given|calendar))* (?P<u>day|week|month|quarter|year|hour)\b",
     _same_period),
    (r",? ?(?:and )?(?:using|taking|over|counting|within|looking at) (?:only )?(?:the )?(?:january|february"
    r"|march|april|may|june|july|august"
     r"|september|october|november|december|same|own) ?(?:days?|weeks?|months?|rows|data)? ?(?:alone|only)?(?="
     r" ?[,.;)]|$)", " "),
    (r"^cross ?- ?border (?P<t><t\d+>) ?:", r"\g<t> that are cross-border :"),
    (r"^(?P<pre>.*?)\bper (?P<u>day|week|month|quarter|year)\b(?P<mid>.*?)(?P<t><t\d+>) "
     r"(?P<verb>(?:that|which|who) (?:(?:were|was|have|had|been) )*<w\d+>) (?:in|during|within) (?:that|the same"
     r"|this) (?P=u)\b(?P<d>(?: of)? <d\d+>)?",
     r"\g<pre>\g<mid>\g<t> \g<verb> in each \g<u>\g<d>"),
    (r"\bwhose (?P<t>(?:<[vf]\d+> )*<t\d+>) (?:add|adds|sum|sums|amount|amounts|come|total)(?: up)?(?: to)? (?=<n\d+>)",
     r"with total \g<t> "),
    (r"(?<=> )(?:that (?:were|are) )?(?:made|paid|done|sent|issued) (?:with|using|through|via|on) (?=(?:an? |the"
    r" |our )?(?:<[vf]\d+> )+<t)", "of "),
    (r"\bpeak (?=(?:hour|weekday|day|week|month|quarter|year)s?\b)", "busiest "),
    (r"\b(?:original|underlying|corresponding|associated|respective|related|matching) (?=<)", ""),
    (r"\( ?(?:from )?<n\d+> ?(?:to|-|–|through|until|\. ?\.) ?<n\d+> ?\)", " "),
    # 2025 only: …
    (r"^(?:for |in )?(?P<d><d\d+>)(?: only| alone)? ?[:,]", r"\g<d> "),
    (r"\b(?P<share>percent(?:age)?s?|shares?|proportions?|fractions?) of (?:each|every) (?P<g><c\d+>|<t\d+>) "
     r"(?P<t>(?:<[vf]\d+> )*<t\d+>)(?= (?:that|who|which|with|having|whose|<[vw]))", r"\g<share> of \g<t> per \g<g> "),
    (rf"[,;]? ?(?:and|with|,) how (?:often|many times|frequently) (?:{_EVERY} )?(?:one |of them |it |they |<[ct]\d+> )?"
     rf"{_OCCURS}", " , number of rows"),
    (rf"(?P<np>{NP}),? ?(?:is |are )?(?:totall?ed|summed(?: up)?|added up)(?= (?:by|per|for|over|across|in)\b|$)",
     r"total \g<np>"),
    (r"^(?:the )?(?P<what>(?:time|delay|gap|number of (?:days|hours|minutes)|days|hours|minutes)\b[^;.]*?),? ?averaged"
     r"(?= (?:by|per|for|over|across)\b|$)", r"average \g<what>"),
    (rf"(?P<np>{NP}),? ?(?:is |are )?averaged(?= (?:by|per|for|over|across|in)\b|$)", r"average \g<np>"),
    (r"\b(?:totalling|summing(?: up)?|adding up) (?:the )?(?=<)", "total "),
    (r"\baveraging (?:the )?(?=<)", "average "),
    (rf"{_UNSORTED}from (?:the )?(?:{_HIGH}) to (?:the )?(?:{_LOW})\b",
     " , sorted by number descending"),
    (rf"{_UNSORTED}from (?:the )?(?:{_LOW}) to (?:the )?(?:{_HIGH})\b",
     " , sorted by number ascending"),
    (r"\b(?:(?:that|which|who) )?(?:are |is |were |was )?neither (?P<a><v\d+>) nor (?P<b><v\d+>)(?! <)",
     r"excluding \g<a> and \g<b>"),
    (rf"\b(?:own|owns|have|has|hold|holds|had|made|make|used|with|do|did|placed|sent)?,? ?neither (?:have |has |had )?"
     rf"(?:an? |any )?(?P<a>{NP})nor (?:have |has |had )?(?:an? |any )?(?P<b>{NP})",
     r"without any \g<a> and without any \g<b> "),
    (r"(?:^|[,.?;(:-]|\bas) ?(?:just |only )?(?:one|a single) (?:number|figure|value)\b ?\)?(?= ?[.,;]|$)", " "),
    (rf"^(?P<np>{NP})(?P<rest>[^,;:]*?) ?[,;:(.–-]+ ?(?:i (?:only |just )?(?:need|want) |give |return )?(?:the "
     rf"|just the |just )?"
    rf"(?:count|number) (?:only|alone|is enough)\b ?\)?[.]?$",
     r"number of \g<np>\g<rest>"),
    (r"[,;(]? ?(?:the |just the |just )?(?:count|number|total|figure) (?:only|alone|is enough)\b\)?", _counted),
    (r"[,;.] ?only (?:the )?<t\d+> (?=(?:<d\d+>|(?:from|in|of) (?:<v\d+> ?)+(?:$|[,;.])))", " "),
    (rf",? ?(?:(?:together|along) )?(?:with|and|plus) (?:also )?how many(?: of (?:them|these|those))? {_THEY} {_HAVE}"
     r"(?= ?[,.;]|$)", _how_many),
    (r",? ?\b(?:as|in|into) an? (?:pivot(?: table)?|cross ?-? ?tab\w*|matrix)\b(?=.*\bcolumns?\b)", " "),
    (r"^how many (?P<what>(?:<[vf]\d+> )*<t\d+>) (?:does|do|did|has|have) (?:the|an) average (?P<who><[tc]\d+>)"
     r"(?: (?:have|own|hold|make|made|send|sent|get|got))?", r"number of \g<what> divided by distinct \g<who> "),
    (r"\bamong (?:the |all )?(?=<t\d+> (?:in|from|of) <v)", "of "),
    (r"\b(?:favou?rite|preferred|commonest|predominant|dominant|most prevalent|number one)\b(?= <)", "most common"),
)  # fmt: skip
_AGAIN = re.compile(
    r"[,;(-]? ?\b(?:that is|i ?\. ?e ?\.|meaning|in other words|which means|that means)(?: ?,)? (?P<said>[^.;)]+)\)?"
)


def plain(text: str) -> str:
    """The text in plainer words."""
    for pattern, said in PHRASES:
        text = re.sub(pattern, said, text)
    return _AGAIN.sub(_explained, text)


def _explained(found: re.Match[str]) -> str:
    """Nothing for what says again what stands before it; itself where it names values, times or numbers."""
    if not found.string[: found.start()].strip() or re.search(r"<[vdfc]\d+>", found["said"]):
        return found.group()
    bare = re.sub(r"(?:with|at least|had|have) <n\d+> (?=<t)", "", found["said"])
    return (
        found.group()
        if re.search(
            r"<n\d+>|\b(?:no|not|never|without|more|less|minus|over|divided|\w+est|most|least|first|last)\b", bare
        )
        else " "
    )
