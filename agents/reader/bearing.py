"""Words that ask something of the rows or numbers, whatever they stand beside: none may be passed over."""

from __future__ import annotations

import re

from agents.reader.marked import IDLE, MARK, Marked

_BEARING_WORDS = """
no not never none nobody nothing neither nor without except unless but only least most more less fewer than over under
above below before after since until till within between beyond last previous next prior earlier later consecutive
successive same different distinct unique another other others half twice double triple percent percentage share
shares rate rates ratio proportion fraction average averages mean median sum minus plus divided if while although
rather instead top bottom rank ranked ranking highest lowest largest smallest biggest newest oldest latest earliest
longest shortest running cumulative rolling moving change changes growth difference exceed exceeds exceeding outside
inside alone repeatedly again already still longer shorter older younger bigger smaller larger higher lower zero null
missing empty lacking multiple several duplicate duplicated ago today yesterday weekend weekends weekday weekdays
morning evening night noon consecutive always sometimes often rarely nearly approximately age ages aged born
part portion
distribution histogram second third fourth fifth sixth nth
skip skipping exclude excluding ignore ignoring omit omitting drop dropping remove removing discard
filter limit cap leave leaving whenever
"""
BEARING = frozenset(_BEARING_WORDS.split())
_FREE = frozenset(
    [
        "wallet",
        "card",
        "crypto",
        "cash",
        "account",
        "user",
        "customer",
        "client",
        "business",
        "music",
        "online",
        "paying",
        "total",
        "overall",
        "main",
        "single",
        "own",
        "individual",
        "various",
        "known",
        "actual",
        "particular",
        "given",
        "respective",
        "relevant",
        "corresponding",
        "big",
        "own",
        "real",
        "new",
    ]
)
"""Words before a thing that do not tell it from others of its kind."""
_ASKING = re.compile(r"(?:that|which|who|whose)(?: (?:\w+))? ([a-z]{3,}(?:ed|en|ing))\b|(\b[a-z][a-z-]{2,}) <t\d+>")


def bearing(left: str, marked: Marked) -> list[str]:
    """The words of what no clause took that may ask something; also numbers and periods that are left over."""
    said = re.findall(r"<[nd]\d+>|[a-z][\w'’-]*", MARK.sub(lambda m: m.group() if m[1] in "nd" else " ", left))
    found = [word for word in said if word in BEARING or word.startswith("<")]
    unread = {word for word in said if word not in IDLE}
    for match in _ASKING.finditer(marked.text):
        word = match[1] or match[2]
        if word in unread and word not in _FREE and not word.endswith("ly"):
            found.append(word)
    return found
