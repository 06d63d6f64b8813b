"""Titles as people read them out: short forms and signs as words, and what stands behind read first."""

from __future__ import annotations

import re
from functools import lru_cache

from agents.forms.turns import TURNS, Rule
from data.naming import Lexicon, single


def _years(found: re.Match[str]) -> str:
    year = found["year"]
    return f"in {year if len(year) == 4 else '20' + year}"


def _span(found: re.Match[str]) -> str:
    return f"in the last {found['n']} {_UNITS[found['unit'][0].lower()]}"


def _long_span(found: re.Match[str]) -> str:
    return f"{found['n']} {_UNITS[found['unit'][0].lower()]}"


_UNITS = {"d": "days", "w": "weeks", "m": "months", "y": "years"}


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
                r"(?:trades?|carr(?:y|ies) on [\w' ]+|is carried on|holds? itself out[\w' ]*|does business|operates?|is known to (?:the public|customers|its customers))(?=\W|$)", re.I),  # noqa: E501
     "trading name"),
    (re.compile(r"\b(?:the )?(?:number|reference|code|key) (?:by|under) which (?:the )?(?P<what>[\w-]+(?: [\w-]+)?)(?:['’]s (?:account|file|record))? is "  # noqa: E501
                r"(?:identified|known|kept|registered|carried|recorded|booked|filed|held)"
                r"(?:(?: in| on| within| at)? (?:the |our |your |its )?[\w' -]*\b(?:books?|records?|systems?|files?|ledgers?)| (?:by|to|with) (?:us|the (?:acquirer|institution|bank|lender|processor)))?(?=[.,;]|$)", re.I),  # noqa: E501
     r"\g<what> number"),
    (re.compile(r"\b(?P<what>[\w-]+?)s? number \((?:pieces?|pcs\.?|units?|count|total|whole|in all|quantity|how many)\)", re.I), r"number of \g<what>s"),  # noqa: E501
    (re.compile(r"\((?:pieces?|pcs\.?|units?|in all|whole|heads)\)", re.I), ""),
    (re.compile(r"\bw/o\b", re.I), "without"),
    (re.compile(r"\bc/b\b", re.I), "chargeback"),
    (re.compile(r"\bc/h(?:older)?\b", re.I), "cardholder"),
    (re.compile(r"\bw/h(?:eld)?\b", re.I), "withheld"),
    (re.compile(r"\bo/s\b", re.I), "outstanding"),
    (re.compile(r"\bp/code\b", re.I), "postal code"),
    (re.compile(r"\bave\.?(?= [a-z])", re.I), "average"),
    (re.compile(r"\b(?:included in|taken from|from|of|in|see|to|as in) (?:box|line|item|row) \(?\d+\)?\(?[a-z]?\)?(?=\W|$)", re.I), ""),  # noqa: E501
    (re.compile(r"[,(]\s*(?:in )?(?:US ?)?[$€£]\s*\)?(?=\s*(?:,|$))"), ", amount"),
    (re.compile(r"\bp\.a\.(?=\s|$)", re.I), "per annum"),
    (re.compile(r"[Øø⌀]\s+"), "average "),
    (re.compile(r"[∑Σ]\s*"), "total "),
    (re.compile(r"\((?:y ?/ ?n|yes ?/ ?no)\)", re.I), ""),
    (re.compile(r"\bISO[- ]?2\b", re.I), "ISO code of two letters"),
    (re.compile(r"\b(?:per|pro) ?cent\b|\bpct\b|%", re.I), " percent "),
    (re.compile(r"\bFY ?['’]?(?P<year>20\d\d|\d\d)\b", re.I), _years),
    (re.compile(r"\b(?:last|past|previous|prior|trailing|rolling|preceding) (?P<n>\d{1,3}) ?(?P<unit>[dwmy])\b", re.I), _span),  # noqa: E501
    (re.compile(r"\b(?:L|T)(?P<n>\d{1,3})(?P<unit>[DWMY])\b", re.I), _span),
    (re.compile(r"\b(?P<n>\d{1,3})(?P<unit>[dD]|[mM]|[yY])\b"), _span),
    (re.compile(r"\bTTM\b|\bLTM\b|\btrailing twelve months\b", re.I), "in the last 12 months"),
    (re.compile(r"\bCY ?['’]?(?P<year>20\d\d|\d\d)\b"), _years),
    (re.compile(r"\bCY\b"), "calendar year"),
    (re.compile(r"\b(?P<n>\d{1,3}) ?(?P<unit>d|dys?|wks?|mo?s?|mths?|mnths?|yrs?)\.(?=\W|$)", re.I), _long_span),
    (re.compile(r"\b(?:LY|PY|PYR|PCY)\b|\b(?:prior|previous|preceding)[- ](?:calendar |fiscal |full )?(?:year|yr\b\.?)", re.I),  # noqa: E501
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
    (re.compile(r"\bno\b\.?(?= of\b| thereof\b|\s*$|\s*[,;(/)])", re.I), "number"),
)  # fmt: skip
"""Signs and short forms of several words, in this order."""
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
    for pattern, meant in (*RULES, *TURNS):
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
