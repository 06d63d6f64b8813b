"""Other forms of a word: what is 'valuable' has a value, what was 'sold' a sale; by endings, and by heart."""

from __future__ import annotations

import re
from functools import lru_cache

from retrieval.spans import plain, singular, stem

_GROUPS = """
sell sold sale sales selling
buy bought buyer
pay paid payment
send sent
spend spent spending
lend lent loan
build built
make made maker
hold held holder
teach taught teacher
drive drove driven driver driving
fly flew flown flight
write wrote written writer
win won winner
lose lost loss
choose chose chosen choice
give gave given gift
leave left
grow grew grown growth
die died dead death
weigh weight
receive received receipt
arrive arrived arrival
depart departed departure
feed fed
steal stole stolen theft
speak spoke spoken speaker
renew renewed renewal
refuse refused refusal
approve approved approval
dispose disposed disposal
withdraw withdrew withdrawn withdrawal
decide decided decision
collide collided collision
extend extended extension
admit admitted admission
permit permitted permission
submit submitted submission
resolve resolved resolution
solve solved solution
fail failed failure
close closed closure
produce produced production product
consume consumed consumption
prescribe prescribed prescription
subscribe subscribed subscription
advise advised advice adviser
repay repaid repayment
insure insured insurance
value valuable valued valuation
long length
wide width
high height
deep depth
strong strength
hot heat
"""
_ENDING = re.compile(r"(?:abl|ibl|abilit|ation|ition|tion|sion|ion|ment|anc|enc|anci|enci|iti|ity|al|iv|ous|ful)$")
SHORTEST = 5
"""Letters of what two words have to share."""


@lru_cache(maxsize=1)
def _known() -> dict[str, tuple[str, ...]]:
    lines = [line.split() for line in _GROUPS.strip().splitlines()]
    return {word: tuple(other for other in line if other != word) for line in lines for word in line}


@lru_cache(maxsize=50_000)
def base(word: str) -> str:
    """What is left of one word without its endings, "" where that is too short to tell anything."""
    left = stem(word)
    shorter = _ENDING.sub("", left)
    while len(shorter) >= SHORTEST and shorter != left:
        left, shorter = shorter, _ENDING.sub("", shorter)
    return left if len(left) >= SHORTEST else ""


def forms(said: str) -> tuple[str, ...]:
    """The other forms of one word that are known by heart."""
    word = plain(said)
    return _known().get(word) or _known().get(singular(word), ())
