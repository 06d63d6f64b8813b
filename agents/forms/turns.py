"""What forms say in several words, as one thing: money that goes out, what is taken off, and who a dispute went against."""  # noqa: E501

from __future__ import annotations

import re
from collections.abc import Callable

Rule = tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]]
"""What is looked for, and what is read instead."""
_MOVED = (
    "USD|EUR|GBP|dollars|transfers?|payments?|money|funds|amounts?|cash|value|volume|total|wires?|remittances?"
    "|deposits?|transactions?"
)
_DONE = "made|sent|effected|transferred|moved|wired|remitted|given|executed|performed|ordered"
_WHO = "(?:subject|person|customer|suspect|user|client|account|account holder|individual|member|him|her|them)"
_OTHERS = "(?:others|(?:an)?other (?:people|persons?|users?|customers?|accounts?|part(?:y|ies)|members?)|third parties|someone else|somebody else)"  # noqa: E501
_DEDUCTED = "refunds?|returns?|deductions?|fees?|charges?|commissions?|tax(?:es)?|chargebacks?|tips?|discounts?|costs?|expenses?|adjustments?|repayments?|reimbursements?"  # noqa: E501
_ADVERSE = "card ?holder|customer|buyer|issuer|payer|consumer|shopper|purchaser|claimant"
_OURS = "merchant|borrower|applicant|seller|shop|business|company|acceptor|retailer|dealer|enterprise"
TURNS: tuple[Rule, ...] = (
    (re.compile(r"\bmailing address\b", re.I), "postal address"),
    (re.compile(r"\be\.? ?mails?\b", re.I), "e-mail"),
    (re.compile(rf"\b(?P<what>{_MOVED}) (?:in|in-bound)(?=\s*(?:$|[,;:(–—#]|on\b|later\b|date\b|reversed\b|last|this|past|in the last|in 20\d\d))", re.I),  # noqa: E501
     r"\g<what> incoming"),
    (re.compile(rf"\b(?P<what>{_MOVED}) out\b(?! of\b)", re.I), r"\g<what> outgoing"),
    (re.compile(rf"\b(?P<what>{_MOVED}) (?:made|effected|initiated|ordered|executed|performed) by\b", re.I),
     r"\g<what> sent by"),
    (re.compile(rf"\b(?P<what>{_MOVED}|transferred|moved|wired|remitted)(?P<who> (?:the |this )?{_WHO})?"
                rf"(?: (?:{_DONE}))? to (?:the |this |your )?{_WHO}(?!['’]s)\b", re.I), r"\g<what> incoming"),
    (re.compile(r"\b(?P<what>transferred|moved|wired|remitted) by\b", re.I), r"\g<what> outgoing by"),
    (re.compile(rf"\b(?P<what>{_MOVED}) (?:that |which )?(?:the |this )?{_WHO} (?:has |have )?(?:{_DONE}|initiated|placed)\b", re.I),  # noqa: E501
     r"\g<what> outgoing"),
    (re.compile(r"\b(?P<what>transferred|moved|wired|remitted) out\b", re.I), r"\g<what> outgoing"),
    (re.compile(rf"(?:\b(?:{_DONE}) )?\bto {_OTHERS}\b", re.I), "outgoing"),
    (re.compile(rf"(?:\b(?:got|received|gotten) )?\bfrom {_OTHERS}\b", re.I), "incoming"),
    (re.compile(r"\b(?P<what>number|reference|id|identifier|account) (?:at|with|in|on) (?:the |our |your |this )?(?:own )?"  # noqa: E501
                r"(?:bank|lender|institution|acquirer|books?|records?|systems?|files?)\b", re.I), r"\g<what>"),
    (re.compile(rf"^(?:why|(?:the )?(?:reasons?|grounds?)(?: for which| on which| why)?) (?:do |does |did )?(?:you|we|(?:the |this |your )?(?:{_OURS})) (?:\w+ )?"  # noqa: E501
                r"(?:believe|think|resist|contest|object|oppos|defend|disagree|disput|refus|reject|challeng|den[iy])\w*", re.I), "merchant's explanation about"),  # noqa: E501
    (re.compile(r"^why (?:is |was |should )?(?:the |this |a |an )?(?:claim|dispute|chargeback) "
                r"(?:(?:is|was|should|ought to) )?(?:be )?(?:being )?(?:refus|reject|den[iy]|resist|oppos|contest|defend|challeng|unfounded|unjustified|not |wrong|invalid|mistaken)\w*", re.I), "merchant's explanation about"),  # noqa: E501
    (re.compile(r"^why (?:(?:did|does|do|was|were|is|are) )?(?=(?:the |a |an |your |this )?(?:card ?holder|customer|buyer|payer|issuer|shopper|payment|transaction|sale|refund|dispute|claim|chargeback)\b)", re.I), "reason "),  # noqa: E501
    (re.compile(r"\b(?P<who>customer|client|member) of (?:the |our |this )?"
                r"(?:bank|lender|institution|company|acquirer|group|service)\b", re.I),
     r"\g<who>"),
    (re.compile(r"\b(?:who|that|which)(?: \w+ly)? (?:owns?|owning)\b", re.I), "owner of"),
    (re.compile(r"(?<!be )\b(?:paid|given|gave|handed|sent) (?:money )?back\b", re.I), "refunded"),
    # What shops call a payment where they speak of its size.
    (re.compile(r"\b(?P<how>average|mean|median|typical|usual|biggest|largest|highest|smallest|lowest|maximum)(?: single)? "  # noqa: E501
                r"tickets?(?: sizes?)?\b", re.I), r"\g<how> payment"),
    (re.compile(r"\b(?:pa(?:y|id)|give[ns]?|gave|hand(?:ed)?) (?:money )?back\b|\brepa(?:y|id)(?= (?:to|in|by|last|this|over|sum|amount)\b)", re.I),  # noqa: E501
     "refunded"),
    (re.compile(r"\brepayments?(?= (?:to|sum|made|last|this|in|total|amount|count)\b|\s*\()|(?<=after )repayments?\b", re.I), "refunds"),  # noqa: E501
    (re.compile(rf"\(?\b(?:before|prior to|gross of|without|disregarding|not counting|not deducting)(?: any| the| all| deducti(?:on of|ng)| taking off)*"  # noqa: E501
                rf" (?:{_DEDUCTED})(?:(?:, ?| and | or |, and |, or )(?:{_DEDUCTED}))*(?: (?:are|were|is)? ?(?:deducted|taken off|subtracted))?\)?", re.I),  # noqa: E501
     ""),
    (re.compile(rf"\b(?:net of|after|less|minus|after deduct(?:ing|ion of)|reduced by)(?: any| the| all)? (?:{_DEDUCTED})(?:(?:, ?| and | or )(?:{_DEDUCTED}))*\b", re.I),  # noqa: E501
     "netted"),
    (re.compile(rf"\b(?:(?:settled|decided|resolved|determined|closed|ended|found|ruled) )?in (?:the |your )?(?:{_ADVERSE})(?:['’]s|s['’])? favou?r\b"  # noqa: E501
                rf"|\b(?:(?:settled|decided|resolved|determined|closed|ended|found|ruled) )?in favou?r of (?:the |your )?(?:{_ADVERSE})\b|\b(?:settled|decided|resolved|determined|closed|ended|found|ruled|went|upheld) against"  # noqa: E501
                rf"(?: (?:the |your )?(?:{_OURS}|you|it|them|us))?\b", re.I), "lost"),
    (re.compile(rf"\b(?:(?:settled|decided|resolved|determined|closed|ended|found|ruled) )?in (?:(?:the )?(?:{_OURS})(?:['’]s|s['’])|your|its|their|our) favou?r\b"  # noqa: E501
                rf"|\b(?:(?:settled|decided|resolved|determined|closed|ended|found|ruled) )?in favou?r of (?:the |your )?(?:{_OURS})\b", re.I), "won"),  # noqa: E501
    (re.compile(r"\bcard[- ](?:owner|member|bearer)\b", re.I), "cardholder"),
    (re.compile(r"\b(?:persons? (?:with|having) significant control|controlling persons?|(?:economically|beneficially) entitled persons?"  # noqa: E501
                r"|PSC)\b", re.I), "beneficial owner"),
    (re.compile(r"\bhow much (?:did|has|have|does|do) (?:you|it|they|he|she|(?:the|your|this) [\w-]+) "
                r"(?:take|taken|took|earn(?:ed)?|turn(?:ed)? over|make|made|bring in|brought in|gross(?:ed)?)(?: in(?= all\b))?"  # noqa: E501
                r"(?=\s*(?:\?|$|in\b|last\b|over\b|during\b|for\b|this\b|the (?:past|last)\b|each\b|per\b|so\b|by card))", re.I),  # noqa: E501
     "how much revenue"),
    (re.compile(r"\b(?:what(?: is|['’]s| was)) the most\b", re.I), "what is the largest"),
    (re.compile(r"\b(?:at once|in one go|at one time|in a single go|all at once)\b", re.I), ""),
    (re.compile(r"(?<=disput)(?P<end>e[ds]?|ing) (?:with|through|at) (?:the|their|your|his|her) (?:own )?banks?\b", re.I), r"\g<end>"),  # noqa: E501
    (re.compile(r"\bon top\b", re.I), ""),
    (re.compile(r"\b(?P<which>last|first) time\b", re.I), r"\g<which>"),
    (re.compile(r"\b(?:that |which )?(?:came|come|comes|coming|was paid|flowed|got) in\b", re.I), "incoming"),
    (re.compile(r"\b(?:that |which )?(?:went|go|goes|going|was paid|were paid|flowed) out\b", re.I), "outgoing"),
)  # fmt: skip
"""Turns of speech, in this order."""
