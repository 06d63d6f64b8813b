"""What a question is asked for, as in 'for the board meeting', and what somebody wants to see by it: of that nothing is
asked."""

from __future__ import annotations

import re
from calendar import month_name
from collections.abc import Callable, Iterator

_NOUNS = """
meeting mailing newsletter audit auditor accountant review report briefing board presentation slide deck website leaflet
brochure management director trustee committee shareholder investor insurer inspector regulator ministry council
handover spreadsheet summary dashboard agenda
"""
_FOR = re.compile(
    r"(?P<before>^\W*|[,;:.)–—]\s*|\s-\s*|\bplease\s+)for (?P<said>(?:the|our|my|an?|this|next) "
    rf"(?:[^\W_][\w'’-]* ){{0,2}}?(?:{'|'.join(_NOUNS.split())})s?)(?=\s*(?:$|[,:;.?!–—]|-\s))",
    re.IGNORECASE,
)
"""It is a part of the sentence of its own: who asks what was paid for the website asks just that."""
_WHETHER = re.compile(
    r"(?<=\w)\s*[,;.–—-]\s*(?P<said>(?:just )?(?:I|we|she|he|they)(?:['’]d| would)? (?:want|need|like|wish|try|hope)s?"
    r" to (?:see|know|check|find out|understand|show|prove) (?:whether|if)\b[^?.;]*+)[?.]?\s*$",
    re.IGNORECASE,
)
_WORDS = 3
"""Of what is asked before it, at least."""
_DATED = re.compile(rf"\d|\b(?:{'|'.join(month_name[1:])})\b", re.IGNORECASE)


def without_occasion(question: str, is_known: Callable[[str], bool]) -> str:
    """The question with that blanked out, so that places stay the same, but for what the data has a name for."""
    for found in _FOR.finditer(question):
        start, end = found.end("before"), found.end()
        told = bool(_DATED.search(found["said"])) or any(map(is_known, _runs(found["said"])))
        if not told and re.search(r"\w", question[:start] + question[end:]):
            question = question[:start] + " " * (end - start) + question[end:]
    why = _WHETHER.search(question)
    if why and len(re.findall(r"\w+", question[: why.start()])) >= _WORDS:
        question = question[: why.start("said")] + " " * (len(question) - why.start("said"))
    return question


def _runs(said: str) -> Iterator[str]:
    """The words that stand together, of any length."""
    words = said.split()
    return (" ".join(words[i:j]) for i in range(len(words)) for j in range(i + 1, len(words) + 1))
