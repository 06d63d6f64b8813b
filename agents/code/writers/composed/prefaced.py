"""A task without whom it is from and what it is for: `Ops ticket:`, `for the board deck`."""

from __future__ import annotations

import re

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
_FRONTS = tuple(
    re.compile(pattern, re.I)
    for pattern in (
        rf"^(?:(?:this is|it['’]s|needed|wanted) )?(?:for|ahead of|in preparation (?:for|of)|to prepare(?: for)?|before"
        rf"|as (?:an )?(?:input|background) (?:for|to)) (?={_WHOSE}\b)[^.:;?!,]{{0,60}}?\b{_NOUN}(?: (?:on|of|with"
        rf"|in|at|next"
        rf"|this|tomorrow|today) [^.:;?!,]{{0,25}}?)?\s*(?:[,:;.–-]\s*(?:{_NEED}\b)?|(?={_NEED}\b){_NEED})\s*",
        rf"^(?:we|i)(?:['’]re| are|['’]m| am) (?:currently |just |now )?{_PREPARES}\b[^.?!;:]*?\b{_NOUN}\b[^.?!;:]*?"
        rf"(?:,? (?:and|so)(?: (?:i|we))? (?:need|want|would like|['’]d like|require)|[.:;–-]\s*(?:{_NEED})?)\s+",
        r"^(?:[\w/#&'-]+ ){0,2}(?:ticket|request|task|todo|to-do|follow-up|action item|jira|story|feature request|ask"
        r"|assignment|exercise|query request|data request)(?: ?#? ?[\w-]*\d+)?(?: (?:from|by"
        r"|for) [^:.?]{2,30})?\s*(?::|–|—|\s-\s)\s*",
        r"^(?:the )?[\w-]+(?: [\w-]+)?(?: team| department)? (?:(?:is|are) (?:asking|looking) (?:for|to see)|(?:has"
        r"|have)"
        r" asked (?:me |us )?(?:for|to see))\s+",
    )
)
_BEHIND = re.compile(
    rf"\s*(?:[,(–—]| -)\s*(?:(?:it['’]s|this is|needed|wanted|to go) )?(?:for|into|in) (?={_WHOSE}\b)(?!the \d"
    rf"|the (?:top|same|last|first)\b)"
    rf"[^.,:;?!()]{{0,40}}?\b{_NOUN}\)?(?=\s*[.:;,!?)]|\s*$)"
    rf"|(?<=[.!?])\s*(?:it['’]s|this is|this goes|it goes|needed|wanted|to be used) (?:for|into|in"
    rf"|to) (?={_WHOSE}\b)[^.:;?!]*?\b{_NOUN}\b[^.:;?!]*[.!]?",
    re.I,
)


def unprefaced(task: str) -> str:
    """The task from what it asks on; a time that only its preface tells keeps the preface."""
    for pattern in _FRONTS:
        found = pattern.match(task)
        if found is None or (_WHEN.search(found.group()) and not _WHEN.search(task[found.end() :])):
            continue
        rest = task[found.end() :].lstrip(" ,:")
        task = f"{rest[:1].upper()}{rest[1:]}" if len(rest.split()) > 2 else task
    return _BEHIND.sub(_unless_timed, task).strip()


def _unless_timed(found: re.Match[str]) -> str:
    return found.group() if _WHEN.search(found.group()) else ""
