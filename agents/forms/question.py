"""Questions as the things that they ask for: 'Which city does the person live in?' asks for a city."""

from __future__ import annotations

import re

from agents.forms.vocabulary import tokens

BARE = frozenset({"date·", "name·", "number", "amount", "value", "identifi·", "total", "phone·"})
"""Tokens that say of nothing what it is."""
CALLED = re.compile(r"^what(?: is|['’]s| are) (?P<what>.+?) (?:called|named)\s*\??$", re.I)
ONE = re.compile(
    r"^(?:what(?: is|['’]s) )?(?:the )?number (?:of|for) (?:the|this|that|your) (?P<what>(?!\w+s\b)[a-z-]+)\s*\??$",
    re.I,
)
"""The number of one thing, which tells it from others: 'Number of this claim'."""
ASKING = re.compile(
    r"^(?:(?:and|so|please|can you|could you|tell us|also|finally|next|now),? )*"
    r"(?:(?:what|which|who)(?:['’]s| is| are| was| were) (?:(?:the|your|their|his|her|its|our|this|that) )?"
    r"|(?:in |on |at |by )?(?:what|which) (?=[a-z])"
    r"|(?:please )?(?:enter|state|give|provide|specify|indicate|insert|print|tell us|fill in) "
    r"(?:the |your |their |its )?)",
    re.I,
)
"""How one asks for a thing by its name."""
TAIL = re.compile(
    r" (?:do|does|did|is|are|was|were|has|have|should|can|may|could|will|would)"
    r" (?:you|we|they|it|he|she|i|(?:the|this|that|your|a) \w+)\b.*$",
    re.I,
)
"""What a question says behind the thing: 'city does the person live in'."""

ACTOR = re.compile(
    r"\bby (?:(?:the |this |that |our |an? )[\w-]+"
    r"|(?:customer|cardholder|client|merchant|issuer|acquirer|bank|lender)\b)"
    r"|\b(?:did|does|do|has|have|had|is|was|were) (?:(?:the|your|this|our|an?|their) [\w-]+(?: [\w-]+)?|customers|cardholders|clients|buyers|shoppers|people)"  # noqa: E501
    r"(?= (?:dispute|contest|complain|claim|want|give|say|state|report|pay|raise|make|ask|request|file|lodge|submit|object"  # noqa: E501
    r"|allege|assert|cite|buy|purchase|order|demand|seek|question|reject|challenge|return|reverse|disput|contest|complain)"
    r"(?:e?d|s|ing)?\b| paid\b| bought\b| said\b| made\b| given\b)"
    r"|\byour (?:customer|client|buyer|shopper|cardholder) (?:is |was |has |are )?"
    r"(?=(?:disput|contest|complain|claim|question|reject|challeng|object)\w*\b)"
    r"|\b(?:the|a) [\w-]+ (?:says|states|claims|gives|gave|stated|claimed|said|paid|wants|wanted"
    r"|complains|contests|contested|disputes|disputed)\b"
    r"|\b[\w-]+(?:['’]s|s['’]) (?=(?:complaint|reason|grounds?|statement|claim|explanation|story|words|motive)\b)",
    re.I,
)
"""Whoever does something, which does not say whose it is: 'grounds stated by the customer'."""


def thing(text: str) -> str:
    """What a question asks for; the text itself where it is none."""
    bare = text.strip().rstrip("?. ")
    began = ASKING.sub("", bare)
    if began == bare:
        return bare
    whole = TAIL.sub("", began).strip()
    return whole if set(tokens(whole)) - BARE else began.strip() or text
