"""Prefaces: whom a task is from and what it is for, as `Ops ticket:`, `for the board deck`."""

from __future__ import annotations

import re

from agents.code.writers.composed.wording.rule import table

_NOUN = (
    r"(?:decks?|reports?|reporting|dashboards?|slides?|reviews?|meetings?|stand-?ups?|presentations?|newsletters?|audits?"
    r"|retros?|retrospectives?|qbrs?|briefings?|memos?|wikis?|workshops?|post-?mortems?|check-?ins?|syncs?|all-?hands"
    r"|kick-?offs?|committees?|teams?|summar(?:y|ies)|write-?ups?|talks?|steering groups?|board|off-?site|planning"
    r"|overviews?|forecasts?|budgets?|filings?|town ?halls?|calls?|huddles?|pitch(?:es)?|handovers?)"
)
_WHOSE = r"(?:the|our|my|your|an?|their|next|this|tomorrow['’]?s|today['’]?s|to(?:day|morrow|night)|\w+day['’]s)"
_NEED = (
    r"(?:(?:i|we|they|he|she)(?:['’]d)? (?:am |are |do )?(?:(?:just|only|also) )?(?:need|want|would like|like"
    r"|require)(?: to (?:know|see|have|get))?)"
)
_PREPARES = (
    r"(?:prepar|writ|build|draft|plan|mak|work|updat|refresh|put|assembl|compil|finali[sz]|finish|do|creat|design|review"
    r"|clean|set)(?:t|n)?ing"
)
_WHEN = re.compile(r"\b(?:20\d\d|q[1-4]|h[12]|today|yesterday|last \w+)\b", re.I)


def _begun(found: re.Match[str]) -> str:
    """What follows a preface; all of it where the preface alone tells a time, or where next to nothing follows."""
    rest = found["rest"]
    front = found.group()[: -len(rest) or None]
    asked = rest.lstrip(" ,:")
    timed = _WHEN.search(front) and not _WHEN.search(rest)
    return found.group() if timed or len(asked.split()) < 3 else f"{asked[:1].upper()}{asked[1:]}"


def _unless_timed(found: re.Match[str]) -> str:
    """Nothing; what a task is for, where that tells a time."""
    return found.group() if _WHEN.search(found.group()) else ""


RULES = table(
    (rf"^(?:(?:this is|it['’]s|needed|wanted) )?(?:for|ahead of|in preparation (?:for|of)|to prepare(?: for)?|before"
     rf"|as (?:an )?(?:input|background) (?:for|to)) (?={_WHOSE}\b)[^.:;?!,]{{0,60}}?\b{_NOUN}(?: (?:on|of|with|in|at"
     rf"|next|this|tomorrow|today) [^.:;?!,]{{0,25}}?)?\s*(?:[,:;.–-]\s*(?:{_NEED}\b)?|(?={_NEED}\b){_NEED})\s*"
     r"(?P<rest>[\s\S]*)", _begun),
    (rf"^(?:we|i)(?:['’]re| are|['’]m| am) (?:currently |just |now )?{_PREPARES}\b[^.?!;:]*?\b{_NOUN}\b[^.?!;:]*?"
     rf"(?:,? (?:and|so)(?: (?:i|we))? (?:need|want|would like|['’]d like|require)|[.:;–-]\s*(?:{_NEED})?)\s+"
     r"(?P<rest>[\s\S]*)", _begun),
    (r"^(?:[\w/#&'-]+ ){0,2}(?:ticket|request|task|todo|to-do|follow-up|action item|jira|story|feature request|ask"
     r"|assignment|exercise|query request|data request)(?: ?#? ?[\w-]*\d+)?(?: (?:from|by|for) [^:.?]{2,30})?\s*(?::|–"
     r"|—|\s-\s)\s*(?P<rest>[\s\S]*)", _begun),
    (r"^(?:the )?[\w-]+(?: [\w-]+)?(?: team| department)? (?:(?:is|are) (?:asking|looking) (?:for|to see)|(?:has"
     r"|have) asked (?:me |us )?(?:for|to see))\s+(?P<rest>[\s\S]*)", _begun),
    (rf"\s*(?:[,(–—]| -)\s*(?:(?:it['’]s|this is|needed|wanted|to go) )?(?:for|into|in) (?={_WHOSE}\b)(?!the \d"
     rf"|the (?:top|same|last|first)\b)[^.,:;?!()]{{0,40}}?\b{_NOUN}\)?(?=\s*[.:;,!?)]|\s*$)|(?<=[.!?])\s*(?:it['’]s"
     rf"|this is|this goes|it goes|needed|wanted|to be used) (?:for|into|in|to) (?={_WHOSE}\b)"
     rf"[^.:;?!]*?\b{_NOUN}\b[^.:;?!]*[.!]?", _unless_timed),
    (r"\A\s+|\s+\Z", ""),
)  # fmt: skip
