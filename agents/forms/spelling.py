"""Titles as people read them out: short forms and signs as words, and what stands behind read first."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from data.naming import Lexicon, single

Rule = tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]]


def _years(found: re.Match[str]) -> str:
    year = found["year"]
    return f"in {year if len(year) == 4 else '20' + year}"


def _span(found: re.Match[str]) -> str:
    return f"in the last {found['n']} {_UNITS[found['unit'][0].lower()]}"


def _long_span(found: re.Match[str]) -> str:
    return f"{found['n']} {_UNITS[found['unit'][0].lower()]}"


_UNITS = {"d": "days", "w": "weeks", "m": "months", "y": "years"}


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
JOINED = re.compile(
    r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z\d])(?=[A-Z][a-z])|(?<=[A-Za-z][a-z]{2})(?=\d)|_+|(?<=\w)\.(?=[a-z_])"
)
"""Where the words of a name in a program meet: 'avgTxnAmt2025', 'last_pmt_dt'."""
RULES: tuple[Rule, ...] = (
    (re.compile(r"(?<=[a-z]{2})-(?=(?:no|nr|id|number|amount|sum|date|name|count|code|total|reason|data)\b)", re.I),
     " "),
    (re.compile(r"\bo/w\b", re.I), "of which"),
    (re.compile(r"\ba/c\b", re.I), "account"),
    (re.compile(r"\(?\bd/b/a\b\)?", re.I), "dba"),
    (re.compile(r"\b(?:the )?(?:name|style|title|designation)(?: and style)? (?:under|by) which (?:the )?[\w' ]{2,40}?"
                r"(?:trades?|carr(?:y|ies) on [\w' ]+|is carried on|holds? itself out[\w' ]*|does business|operates?|is known to (?:the public|customers|its customers))(?=\W|$)", re.I),
     "trading name"),
    (re.compile(r"\b(?:the )?(?:number|reference|code|key) (?:by|under) which (?:the )?(?P<what>[\w-]+(?: [\w-]+)?)(?:['’]s (?:account|file|record))? is "
                r"(?:identified|known|kept|registered|carried|recorded|booked|filed|held)"
                r"(?:(?: in| on| within| at)? (?:the |our |your |its )?[\w' -]*\b(?:books?|records?|systems?|files?|ledgers?)| (?:by|to|with) (?:us|the (?:acquirer|institution|bank|lender|processor)))?(?=[.,;]|$)", re.I),
     r"\g<what> number"),
    (re.compile(r"\b(?P<what>[\w-]+?)s? number \((?:pieces?|pcs\.?|units?|count|total|whole|in all|quantity|how many)\)", re.I), r"number of \g<what>s"),
    (re.compile(r"\((?:pieces?|pcs\.?|units?|in all|whole|heads)\)", re.I), ""),
    (re.compile(r"\bw/o\b", re.I), "without"),
    (re.compile(r"\bc/b\b", re.I), "chargeback"),
    (re.compile(r"\bc/h(?:older)?\b", re.I), "cardholder"),
    (re.compile(r"\bw/h(?:eld)?\b", re.I), "withheld"),
    (re.compile(r"\bo/s\b", re.I), "outstanding"),
    (re.compile(r"\bp/code\b", re.I), "postal code"),
    (re.compile(r"\bave\.?(?= [a-z])", re.I), "average"),
    (re.compile(r"\b(?:included in|taken from|from|of|in|see|to|as in) (?:box|line|item|row) \(?\d+\)?\(?[a-z]?\)?(?=\W|$)", re.I), ""),
    (re.compile(r"[,(]\s*(?:in )?(?:US ?)?[$€£]\s*\)?(?=\s*(?:,|$))"), ", amount"),
    (re.compile(r"\bp\.a\.(?=\s|$)", re.I), "per annum"),
    (re.compile(r"[Øø⌀]\s+"), "average "),
    (re.compile(r"[∑Σ]\s*"), "total "),
    (re.compile(r"\((?:y ?/ ?n|yes ?/ ?no)\)", re.I), ""),
    (re.compile(r"\bISO[- ]?2\b", re.I), "ISO code of two letters"),
    (re.compile(r"\b(?:per|pro) ?cent\b|\bpct\b|%", re.I), " percent "),
    (re.compile(r"\bFY ?['’]?(?P<year>20\d\d|\d\d)\b", re.I), _years),
    (re.compile(r"\b(?:last|past|previous|prior|trailing|rolling|preceding) (?P<n>\d{1,3}) ?(?P<unit>[dwmy])\b", re.I), _span),
    (re.compile(r"\b(?:L|T)(?P<n>\d{1,3})(?P<unit>[DWMY])\b", re.I), _span),
    (re.compile(r"\b(?P<n>\d{1,3})(?P<unit>[dD]|[mM]|[yY])\b"), _span),
    (re.compile(r"\bTTM\b|\bLTM\b|\btrailing twelve months\b", re.I), "in the last 12 months"),
    (re.compile(r"\bCY ?['’]?(?P<year>20\d\d|\d\d)\b"), _years),
    (re.compile(r"\bCY\b"), "calendar year"),
    (re.compile(r"\b(?P<n>\d{1,3}) ?(?P<unit>d|dys?|wks?|mo?s?|mths?|mnths?|yrs?)\.(?=\W|$)", re.I), _long_span),
    (re.compile(r"\b(?:LY|PY|PYR|PCY)\b|\b(?:prior|previous|preceding)[- ](?:calendar |fiscal |full )?(?:year|yr\b\.?)", re.I),
     "last year"),
    (re.compile(r"\bst\b\.?(?=(?:,| ?/)? ?(?:(?:and|&) (?:no|number|house)|addr|line|name|no\b))", re.I), "street"),
    (re.compile(r"(?<!year )(?<!month )(?<!months )(?<!days )\bto date\b", re.I), ""),
    (re.compile(r"\b1st\b(?! quarter)", re.I), "first"),
    (re.compile(r"\binitial\b(?! of\b)", re.I), "first"),
    (re.compile(r"^(?:the )?principal$|\bprincipal(?=['’]s)", re.I), "owner"),
    (re.compile(r"\bUBO\b"), "beneficial owner"),
    (re.compile(r"\bD\.? ?o\.? ?B\b\.?", re.I), "date of birth"),
    (re.compile(r"\bPAN\b"), "card number"),
    (re.compile(r"\bMID\b"), "merchant number"),
    (re.compile(r"\bMLRO\b"), "reporting officer"),
    (re.compile(r"^#\s*(?:of\s+)?(?=\w)"), "number of "),
    (re.compile(r"\bnr\b\.?", re.I), "number"),
    (re.compile(r"\s*#\s*$"), " number"),
    (re.compile(r"[№]\s*"), " number "),
    (re.compile(r"\bno\b\.?(?= of\b|\s*$|\s*[,;(/)])", re.I), "number"),
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
    (re.compile(rf"\b(?P<what>{_MOVED}) (?:that |which )?(?:the |this )?{_WHO} (?:has |have )?(?:{_DONE}|initiated|placed)\b", re.I),
     r"\g<what> outgoing"),
    (re.compile(r"\b(?P<what>transferred|moved|wired|remitted) out\b", re.I), r"\g<what> outgoing"),
    (re.compile(rf"(?:\b(?:{_DONE}) )?\bto {_OTHERS}\b", re.I), "outgoing"),
    (re.compile(rf"(?:\b(?:got|received|gotten) )?\bfrom {_OTHERS}\b", re.I), "incoming"),
    (re.compile(r"\b(?P<what>number|reference|id|identifier|account) (?:at|with|in|on) (?:the |our |your |this )?(?:own )?"
                r"(?:bank|lender|institution|acquirer|books?|records?|systems?|files?)\b", re.I), r"\g<what>"),
    (re.compile(rf"^(?:why|(?:the )?(?:reasons?|grounds?)(?: for which| on which| why)?) (?:do |does |did )?(?:you|we|(?:the |this |your )?(?:{_OURS})) (?:\w+ )?"
                r"(?:believe|think|resist|contest|object|oppos|defend|disagree|disput|refus|reject|challeng|den[iy])\w*", re.I), "merchant's explanation about"),
    (re.compile(r"^why (?:(?:did|does|do|was|were|is|are) )?(?=(?:the |a |an |your |this )?(?:card ?holder|customer|buyer|payer|issuer|shopper|payment|transaction|sale|refund|dispute|claim|chargeback)\b)", re.I), "reason "),
    (re.compile(r"\b(?P<who>customer|client|member) of (?:the |our |this )?"
                r"(?:bank|lender|institution|company|acquirer|group|service)\b", re.I),
     r"\g<who>"),
    (re.compile(r"\b(?:who|that|which)(?: \w+ly)? (?:owns?|owning)\b", re.I), "owner of"),
    (re.compile(r"(?<!be )\b(?:paid|given|gave|handed|sent) (?:money )?back\b", re.I), "refunded"),
    # What shops call a payment where they speak of its size.
    (re.compile(r"\b(?P<how>average|mean|median|typical|usual|biggest|largest|highest|smallest|lowest|maximum)(?: single)? "  # noqa: E501
                r"tickets?(?: sizes?)?\b", re.I), r"\g<how> payment"),
    (re.compile(r"\b(?:pa(?:y|id)|give[ns]?|gave|hand(?:ed)?) (?:money )?back\b|\brepa(?:y|id)(?= (?:to|in|by|last|this|over|sum|amount)\b)", re.I),
     "refunded"),
    (re.compile(r"\brepayments?(?= (?:to|sum|made|last|this|in|total|amount|count)\b|\s*\()|(?<=after )repayments?\b", re.I), "refunds"),
    (re.compile(rf"\(?\b(?:before|prior to|gross of|without|disregarding|not counting|not deducting)(?: any| the| all| deducti(?:on of|ng)| taking off)*"
                rf" (?:{_DEDUCTED})(?:(?:, ?| and | or |, and |, or )(?:{_DEDUCTED}))*(?: (?:are|were|is)? ?(?:deducted|taken off|subtracted))?\)?", re.I),
     ""),
    (re.compile(rf"\b(?:net of|after|less|minus|after deduct(?:ing|ion of)|reduced by)(?: any| the| all)? (?:{_DEDUCTED})(?:(?:, ?| and | or )(?:{_DEDUCTED}))*\b", re.I),
     "netted"),
    (re.compile(rf"\b(?:(?:settled|decided|resolved|determined|closed|ended|found|ruled) )?in (?:the |your )?(?:{_ADVERSE})(?:['’]s|s['’])? favou?r\b"
                rf"|\bin favou?r of (?:the |your )?(?:{_ADVERSE})\b|\b(?:settled|decided|resolved|determined|closed|ended|found|ruled|went|upheld) against"
                rf"(?: (?:the |your )?(?:{_OURS}|you|it|them|us))?\b", re.I), "lost"),
    (re.compile(rf"\b(?:(?:settled|decided|resolved|determined|closed|ended|found|ruled) )?in (?:(?:the )?(?:{_OURS})(?:['’]s|s['’])|your|its|their|our) favou?r\b"
                rf"|\bin favou?r of (?:the |your )?(?:{_OURS})\b", re.I), "won"),
    (re.compile(r"\bcard[- ](?:owner|member|bearer)\b", re.I), "cardholder"),
    (re.compile(r"\b(?:persons? (?:with|having) significant control|controlling persons?|(?:economically|beneficially) entitled persons?"
                r"|PSC)\b", re.I), "beneficial owner"),
    (re.compile(r"\bhow much (?:did|has|have|does|do) (?:you|it|they|he|she|(?:the|your|this) [\w-]+) "
                r"(?:take|taken|took|earn(?:ed)?|turn(?:ed)? over|make|made|bring in|brought in|gross(?:ed)?)(?: in(?= all\b))?"
                r"(?=\s*(?:\?|$|in\b|last\b|over\b|during\b|for\b|this\b|the (?:past|last)\b|each\b|per\b|so\b|by card))", re.I),
     "how much revenue"),
    (re.compile(r"\b(?:what(?: is|['’]s| was)) the most\b", re.I), "what is the largest"),
    (re.compile(r"\b(?:at once|in one go|at one time|in a single go|all at once)\b", re.I), ""),
    (re.compile(r"(?<=disput)(?P<end>e[ds]?|ing) (?:with|through|at) (?:the|their|your|his|her) (?:own )?banks?\b", re.I), r"\g<end>"),
    (re.compile(r"\bon top\b", re.I), ""),
    (re.compile(r"\b(?P<which>last|first) time\b", re.I), r"\g<which>"),
    (re.compile(r"\b(?:that |which )?(?:came|come|comes|coming|was paid|flowed|got) in\b", re.I), "incoming"),
    (re.compile(r"\b(?:that |which )?(?:went|go|goes|going|was paid|were paid|flowed) out\b", re.I), "outgoing"),
)  # fmt: skip
"""What is read otherwise than it is printed, in this order."""
ALSO = {
    "merch": "merchant", "mrch": "merchant", "mcht": "merchant", "mrc": "merchant", "biz": "business",
    "bus": "business", "mob": "mobile", "ph": "phone", "phn": "phone", "approx": "about", "chgbk": "chargeback",
    "chbk": "chargeback", "cbk": "chargeback", "chb": "chargeback", "cb": "chargeback", "cbs": "chargebacks",
    "ccy": "currency", "curncy": "currency", "mths": "months", "mos": "months", "yrs": "years",
    "mcc": "merchant category", "nat": "nationality", "natl": "nationality", "surn": "surname", "hq": "head office",
    "ctct": "contact", "xfr": "transfer", "trf": "transfer", "tfr": "transfer", "tsfr": "transfer",
    "xfrs": "transfers", "trfs": "transfers", "dsp": "dispute", "disp": "dispute", "nwsl": "newsletter",
    "ofr": "offer", "offr": "offer", "wlt": "wallet", "wllt": "wallet", "dvc": "device", "swp": "swap",
    "rvsd": "reversed", "capt": "captured", "ecom": "online", "blkd": "blocked", "outstg": "outstanding",
    "cum": "cumulative", "cert": "certificate", "corp": "corporate", "gov": "government", "govt": "government",
    "ident": "identity", "indiv": "individual", "inst": "institution", "instn": "institution",
    "occ": "occupation", "orig": "original", "paymt": "payment", "payt": "payment", "recip": "recipient",
    "resid": "residence", "subj": "subject", "reg": "registration", "regn": "registration", "incorp": "incorporation",
    "estab": "established", "postcd": "postal code", "brwr": "borrower", "brw": "borrower", "lndr": "lender",
    "mrchnt": "merchant", "rcvr": "receiver", "sndr": "sender", "cardhldr": "cardholder", "crdhldr": "cardholder",
    "nbrs": "numbers", "nos": "numbers", "pctg": "percentage", "susp": "suspicious", "narr": "narrative",
    "trk": "tracking", "carr": "carrier", "ntwk": "network", "netw": "network", "schm": "scheme", "trm": "term",
    "lcl": "local", "cmpgn": "campaign", "campgn": "campaign", "prev": "previous", "acq": "acquirer",
    "iss": "issuer", "addl": "additional", "avail": "available", "bal": "balance", "begng": "beginning",
    "btwn": "between", "calc": "calculated", "cont": "contact", "equiv": "equivalent", "gr": "gross",
    "hist": "history", "incl": "including", "excl": "excluding", "lgl": "legal", "liab": "liability",
    "mgmt": "management", "mktg": "marketing", "nom": "name", "notif": "notification", "ofcr": "officer",
    "opng": "opening", "percnt": "percent", "prcs": "processed", "prch": "purchase", "purch": "purchase",
    "recv": "received", "recvd": "received", "rfnd": "refund", "rfd": "refund", "rfds": "refunds", "rtrn": "return",
    "rslt": "result", "sgnd": "signed", "sgn": "sign", "sttlmt": "settlement", "stlmt": "settlement",
    "telno": "telephone number", "tlr": "teller", "tot": "total", "trnovr": "turnover", "tnovr": "turnover",
    "turnov": "turnover", "txbl": "taxable", "vol": "volume", "vols": "volumes", "wthd": "withheld",
    "whld": "withheld", "wthld": "withheld", "cdhldr": "cardholder", "expl": "explanation",
}  # fmt: skip
"""Short forms on forms that no column is called by."""
ORDINARY = frozenset(
    [
        "own",
        "per",
        "pay",
        "sum",
        "no",
        "off",
        "act",
        "pol",
        "mat",
        "lab",
        "med",
        "pub",
        "sup",
        "pop",
        "mod",
        "ext",
        "int",
        "ed",
        "em",
        "op",
        "bd",
        "br",
        "or",
        "an",
        "at",
        "co",
        "def",
        "del",
        "dis",
        "div",
        "fit",
        "gen",
        "ins",
        "mon",
        "pat",
        "per",
        "pos",
        "res",
        "sec",
        "temp",
        "vis",
        "way",
        "let",
        "due",
        "est",
        "us",
        "uw",
        "own",
        "op",
        "ops",
        "pts",
        "med",
        "off",
        "ht",
        "min",
    ]
)
"""Words that are read as they stand, though a column may be called so for short."""
SHORT = re.compile(r"(?<![\w'’])([A-Za-z]{2,6})\b\.?(?!['’]\w)")


@lru_cache(maxsize=20_000)
def spelled(text: str) -> str:
    """A title with its short forms written out: '# pmts, L90D' -> 'number of payments, in the last 90 days'."""
    text = unjoined(text)
    for pattern, meant in RULES:
        text = pattern.sub(meant, text)
    return " ".join(SHORT.sub(_long, text).split())


def unjoined(text: str) -> str:
    """A name in a program as words; a text that has words already as it is."""
    if " " in text.strip() or "@" in text or "/" in text or not JOINED.search(text):
        return text
    return " ".join(word.lower() if word.istitle() else word for word in JOINED.sub(" ", text).split())


def _long(found: re.Match[str]) -> str:
    """One short word as what it stands for; one that is not known stays as it is."""
    word = found[1].lower()
    if word in ORDINARY and not (found[0].endswith(".") and word in ("pos", "temp", "est", "min")):
        return found[0]
    one = single(word)
    meant = ALSO.get(word) or next(iter(_lexicon().meanings(word)), "")
    if not meant and one != word and one not in ORDINARY and len(one) > 2:
        meant = "".join(f"{long}s" for long in _lexicon().meanings(one)[:1])
    return meant or found[0]


@lru_cache(maxsize=1)
def _lexicon() -> Lexicon:
    return Lexicon(())
