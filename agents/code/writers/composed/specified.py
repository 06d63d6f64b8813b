"""A task that lists its columns, as what it asks of the data, its columns one by one, and their order."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace

from agents.code.writers.composed.classes import Classed
from agents.code.writers.composed.listed import Item, Listed, counts, described
from agents.code.writers.composed.request import cleaned
from agents.reader import Classes
from data.naming import words
from data.values import whole

_FIRST = (
    r"(?:new|old|bigg|larg|high|low|small|long|short|earli|lat|cheap|busi|great|strong|weak)(?:est)"
    r"|worst|best|most|least|fewest"
)
_DOWN = r"(?:new|bigg|larg|high|long|lat|busi|great|strong)(?:est)|best|most|desc(?:ending)?|down"
_SORTED = re.compile(
    r"[,;]?\s*\b(?:and )?(?:sort(?:ed)?|order(?:ed)?)(?: it| them| the (?:result|output|rows))?(?: by| in| "
    r"from)? +(?P<by>[^.;(]+?)(?=[.;(]|$)"
    rf"|[,;.:]?\s*\b(?P<first>(?:the +)?(?:{_FIRST})(?: +(?!first|last|on|at)[\w'-]+)?(?: +(?!first|last|on"
    rf"|at)[\w'-]+)? +(?:first|(?:on|at)(?: the)? top))\b"
    r"(?P<then>(?:,? (?:and )?then (?:by )?(?:the )?\w+(?: \w+)?(?=[,.;]|$|,? (?:and )?then\b))*)"
    r"|[,;.]\s*(?P<time>(?:in +)?(?:chronological(?:ly)?|calendar|date|time)(?: order)?|by (?:day|date|week"
    r"|month|quarter|year|hour))\s*(?=[.;]|$)"
    r"|,?\s*\bin (?:the )?order of (?:the |their |its )?(?P<of>[\w ]+?)(?=[,.;(]|$)"
    r"|,?\s*\bin (?:calendar|chronological|date|time) order\b|[,;.:]\s*in order\s*(?=[.;]|$)"
    r"|[,;.]\s*(?:in +)?(?P<way>descending|ascending|desc|asc)(?: order)?\s*(?=[.;]|$)"
    r"|[,;.]\s*(?P<name>alphabetical(?:ly)?(?: by \w+)?)\s*(?=[.;]|$)",
    re.I,
)
_LIMIT = re.compile(
    r",?\s*\b(?:for|(?:only |just )?(?:keep|show|return|give|list|include)(?: me)?(?: only| just)?|limit(?:ed)? to"
    r"|only) the +(?:(?:top|first) +)?"
    r"(?P<n>\d+|[a-z]+) +"
    rf"(?P<adj>{_FIRST})(?: +(?P<what>[a-z]+))?(?=[,.;]|$)"
    rf"|,?\s*\bfor the +(?P<n3>\d+|[a-z]+) +[a-z]+(?: [a-z]+)?(?: \([^()]*\))? with the (?P<adj3>{_FIRST}) "
    rf"(?P<what3>[a-z_]+(?: [a-z]+)?)(?=[,.;]|$)"
    r"|[,;.]\s*(?:limit|top|first)(?: to)? +(?P<n2>\d+)(?: rows)?(?: only)?\s*(?=[,.;]|$)",
    re.I,
)
_TIES = re.compile(
    r"(?:^|[,;.(]\s*|\bwith )(?:and )?(?:(?:ties?|in case of ties?|on ties)\b[^.;)]*|if (?:two|several|many"
    r"|more than one|there(?:'s| is| are)"
    r"|tied)\b[^.;)]*|[^.,;(]*\bif there(?:'s| is| are) (?:a )?ties?|(?:the )?low(?:er|est) (?P<key3>\w+) (?:wins"
    r"|breaks|first|decides)[^.;)]*|(?P<key>\w+) breaks (?:any |the )?ties|equal \w+ by (?P<key2>\w+(?: \w+)?)"
    r"(?=[.;)]|$)|(?:then )?(?:by )?(?P<key4>[a-z]\w*) (?:where|when|if|in case|among|between)(?: there are)? (?:two"
    r"|several"
    r"|both|multiple|ties|equal|tied|the same|they tie)\b[^.;)]*)\)?",
    re.I,
)
_EQUAL = re.compile(
    r"(?:^|[,;.(]\s*)(?:and )?(?:if|when|where|for) (?:the )?(?:\w+ )?\w+ (?:is|are) (?:equal|the same|tied"
    r"|identical),? "
    r"(?:(?:put|place|list|show|take) )?(?:the |those )?(?:one |ones )?(?:with )?(?:the )?(?P<how>more|higher"
    r"|larger|bigger|greater|highest|most|fewer"
    r"|lower|smaller|lowest|smallest|fewest|less) (?P<key>\w+(?: \w+)?) (?:comes|goes|is|are|ranks|wins|come|go"
    r"|rank)?(?: first| on top| before)?"
    r"(?=[.;,)]|$)\)?",
    re.I,
)
_TOP = re.compile(r"\btop (?:\d+ |\w+ )?[\w ]+? by (?:distinct |number of |total )*(?P<by>\w+)(?=\s*[:.,;(]|$)", re.I)


def _more(found: re.Match[str]) -> bool:
    return bool(re.match("more|high|larg|big|great|most", found["how"], re.I))


_WHEN = r"\b(?:(?:new|old|lat|earli)est|most recent)\b"
_OF_TIME = r"(?:cohort|period|date|entry|record|row)s?"
_WAY = re.compile(r"\b(?:high|low|larg|small|bigg|great|lat|new|earli|old)e(?:r|st) \w+_id\b(?! first)", re.I)
"""Which of two rows that come at once is first: what the row of each thing is has to do with it."""
_NUMBERS = {word: at for at, word in enumerate(
    ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"]
)} | {"fifteen": 15, "twenty": 20, "thirty": 30, "fifty": 50, "hundred": 100}  # fmt: skip


@dataclass(frozen=True)
class Order:
    """`by` is what is sorted by, in the task's words, "" for the number that the task is about."""

    by: str
    descending: bool
    timed: bool = False
    """Whether it is by a moment: of the oldest wallet first."""
    sized: bool = field(default=False, compare=False)
    """Whether what comes first is told by its size: the best city, which has the best number."""
    judged: str = field(default="", compare=False)
    """`worst` or `best`, where it is left open of what."""


@dataclass(frozen=True)
class Specified:
    """`question` is what is asked of the data without the columns; `limit` is 0 for none."""

    question: str
    items: tuple[Item, ...]
    orders: tuple[Order, ...] = ()
    limit: int = 0
    classes: Classes | None = None

    @classmethod
    def of(cls, task: str, *, loose: bool = False) -> Specified | None:
        """The task's columns and what is asked besides; None where it lists none. `loose`: where it describes them."""
        bulleted = len(re.findall(r"^\s*(?:[-*•]|\d+[.)])\s+\S", task, re.M)) > 1
        listed = Listed.of(task) if bulleted else None
        text = cleaned(listed.text if listed else task)
        keys = [
            Order(" ".join(words(key)), False)
            for found in _TIES.finditer(text)
            if (key := found["key"] or found["key2"] or found["key3"] or found["key4"])
        ]
        keys += [Order(found["key"], _more(found)) for found in _EQUAL.finditer(text)]
        text = _EQUAL.sub(" ", _TIES.sub(lambda found: found.group() if _WAY.search(found.group()) else " ", text))
        text, limit, ranked = _topped(text)
        if not limit and (found := _LIMIT.search(text)):
            said = (found["n"] or found["n2"] or found["n3"]).lower()
            limit = whole(said) or _NUMBERS.get(said, 0)
            adjective = found["adj"] or found["adj3"] or ""
            order = f", {adjective} {found['what3'] or found['what'] or ''} first" if adjective and limit else ""
            text = f"{text[: found.start()]}{order}{text[found.end() :]}" if limit else text
        orders = tuple(order for found in _SORTED.finditer(text) for order in _orders(found))
        if limit and not orders:
            orders = (Order("", True),) if ranked is None else (ranked,)
        if keys and not orders and (top := _TOP.search(text)):
            orders = (Order(top["by"], True),)
        orders += tuple(keys) if orders else ()
        text = _SORTED.sub(" ", text)
        tidy = re.sub(r"\s+([,.;?!])", r"\1", text)
        listed = counts(tidy) or (described(tidy) if loose else listed or Listed.of(tidy))
        if listed is None or not listed.items:
            return None
        listed = replace(listed, text=text) if bulleted else listed
        listed = _formulas(_periods(listed))
        if limit:
            orders = tuple(_of_number(order, listed.items) for order in orders)
        text = listed.text
        classed = Classed.of(text)
        question = (classed.question if classed else text).strip(" ,;:.-")
        return cls(
            question[:1].upper() + question[1:], listed.items, orders, limit, classed.classes if classed else None
        )


def _of_number(order: Order, items: tuple[Item, ...]) -> Order:
    """The order by whichever number there is, where what comes first is told by the thing and not by a column: `the ten
    biggest pairs`."""
    said = {word.rstrip("s") for word in words(order.by)}
    own = {word.rstrip("s") for item in items for word in words(item.name)}
    return order if order.timed or order.by in ("name", "period") or said & own else replace(order, by="")


_TOPPED = re.compile(
    rf"\b(?P<lead>return|show|give|list|keep|output|report)(?: me| only| just)*(?: the)? (?P<adj>top|best"
    rf"|bottom|{_FIRST}) "
    r"(?P<n>\d+|[a-z]+) (?P<what>\w+)(?: by (?P<by>\w+))?,? (?:with|as|showing|and show|and return)(?: the|"
    r" their| its)? "
    r"(?P<items>[^.;()]*?(?:,| and )[^.;()]*)(?=[.;]|$)",
    re.I,
)


def _topped(text: str) -> tuple[str, int, Order | None]:
    """The text without how many rows of the whole it returns, which stands before its columns: `return the top 10
    cities with city and revenue`."""
    found = _TOPPED.search(text)
    said = found["n"].lower() if found else ""
    limit = whole(said) or _NUMBERS.get(said, 0)
    if found is None or not limit or not re.search(r"\w_\w|,", found["items"]):
        return text, 0, None
    down = re.fullmatch(r"top|best|most", found["adj"], re.I) or re.fullmatch(_DOWN, found["adj"], re.I)
    made = f"{text[: found.start()]}{found['lead']} {found['items']}{text[found.end() :]}"
    return made, limit, Order(found["by"] or "", bool(down))


_NAMED = re.compile(r"(?P<u>[hq])(?P<n>[1-4])(?:_(?P<y>20\d\d))?(?:_\w+)?", re.I)
_HALVES = re.compile(
    r"\b(?:between|in|for|of|from)? ?(?:the )?(?:first|second|h[12]|q[1-4])(?: half| quarter)?(?: of)?(?: 20\d\d)?"
    r"(?:(?:,| and| with| to| vs\.?| versus| against)+ (?:the )?(?:first|second|third|fourth|h[12]|q[1-4])"
    r"(?: half| quarter)?(?: of)?(?: 20\d\d)?)+",
    re.I,
)


_YEAR = re.compile(r"[a-z]+(?:_[a-z]+)*_(?P<y>20\d\d)", re.I)


def _periods(listed: Listed) -> Listed:
    """Years, halves and quarters that columns are named by, these of the year that the task is about; it says them
    once."""
    yearly = [match["y"] for item in listed.items if not item.said and (match := _YEAR.fullmatch(item.name))]
    if len(set(yearly)) > 1 and len(set(yearly)) == len(yearly):
        items = (replace(i, said=f"in {m['y']}") if (m := _YEAR.fullmatch(i.name)) else i for i in listed.items)
        return replace(listed, items=tuple(items))
    named = [match for item in listed.items if (match := _NAMED.fullmatch(item.name))]
    years = set(re.findall(r"\b20\d\d\b", listed.text))
    if len(named) < 2 or len(years) != 1:
        return listed
    year = years.pop()
    order = {"1": "first", "2": "second", "3": "third", "4": "fourth"}

    def told(item: Item) -> Item:
        match = _NAMED.fullmatch(item.name)
        if match is None or item.said:
            return item
        unit = "half" if match["u"].lower() == "h" else "quarter"
        return replace(item, said=f"{order[match['n']]} {unit} of {match['y'] or year}")

    text = _HALVES.sub(f" in {year}", listed.text)
    return replace(listed, text=text, items=tuple(told(item) for item in listed.items))


_SHARE = re.compile(r"(?:^|[_ ])(?:pct|percent|percentage|share|rate|ratio|fraction|proportion)$", re.I)
_FORMULA = re.compile(
    r"(?P<what>(?:(?<=[,;:] )|^)[^,;:()]*?\b(?:percent\w*|share|rate|ratio|fraction|proportion)\b[^,;:()]*?)\s*"
    r"\((?:that is,? |i\.e\.,? |= ?)?(?P<f>[^()]*(?:/|\bdivided by\b|\bover\b)[^()]*)\)"
)
_KEPT = re.compile(r"\s(?:per|by|for each|for every|in|during|where|whose|with|without|for|since|until)\b.*$", re.I)
_LOOSE = frozenset(
    [
        "average",
        "mean",
        "total",
        "overall",
        "percentage",
        "percent",
        "share",
        "rate",
        "ratio",
        "fraction",
        "proportion",
        "each",
        "their",
    ]
)


def _formulas(listed: Listed) -> Listed:
    """What a share is of, in brackets behind its name in the text, as what its column is."""
    found = _FORMULA.search(listed.text)
    named = [item for item in listed.items if _SHARE.search(item.name)]
    if found is None or len(named) != 1 or named[0].said:
        return listed
    kept = _KEPT.search(found["what"])
    what = found["what"][: kept.start()] if kept else found["what"]
    rest = f"{listed.text[: found.start()]}{kept.group() if kept else ''}{listed.text[found.end() :]}"
    told = f"{found['f']} {rest}".lower()
    if any(word[:4] not in told for word in re.findall(r"[a-z]{4,}", what.lower()) if word not in _LOOSE):
        return listed
    items = tuple(replace(item, said=found["f"].strip()) if item is named[0] else item for item in listed.items)
    return replace(listed, text=" ".join(rest.split()).strip(" ,"), items=items)


def _orders(found: re.Match[str]) -> list[Order]:
    """The parts of an order, the first counts most."""
    if found["first"]:
        by = re.sub(rf"\b(?:the|first|on|at|top|{_FIRST})\b", " ", found["first"], flags=re.I)
        named = " ".join(by.split())
        timed = bool(re.search(_WHEN, found["first"], re.I))
        bare = not named or re.fullmatch(_OF_TIME, named, re.I)
        worst = re.search(r"\bworst\b", found["first"], re.I) and BAD.search(named)
        down = bool(worst or re.search(_DOWN, found["first"], re.I))
        first = Order("period" if timed and bare else named, down, timed, not timed, _judged(found["first"], named))
        later = re.split(r",? (?:and )?then (?:by )?", found["then"] or "")[1:]
        return [first, *(_order(part) for part in later)]
    if found["of"]:
        return [_order(found["of"])]
    if found["way"]:
        return [Order("", found["way"].lower().startswith("desc"))]
    if found["by"] and not re.match("(?:chrono|calendar|date order|time order)", found["by"], re.I):
        said = _BEHIND.sub(r" \g<way>", found["by"])
        return [
            _order(part)
            for part in re.split(
                r"\s*,\s*(?:then\s+)?(?:by\s+)?|\s+then\s+(?:by\s+)?|\s+and\s+(?:then\s+)?(?:by\s+)?", said
            )
            if part.strip()
        ]
    if found["name"]:
        return [Order(found["name"].partition(" by ")[2] or "name", False)]
    return [Order("period", False)]


def _judged(said: str, named: str) -> str:
    """`worst` or `best`, where nothing is named that it is told of."""
    found = re.search(r"\b(?:worst|best)\b", said, re.I)
    return found.group().lower() if found and not named else ""


_BEHIND = re.compile(
    r"\s*,\s*(?P<way>(?:in )?(?:descending|ascending|desc|asc)(?: order)?|(?:from )?(?:the )?(?:high|low|large"
    r"|small|big)(?:est)? to"
    r" (?:the )?(?:high|low|large|small|big)(?:est)?|(?:high|low|large|small|bigg)e?(?:st)? first|(?:worst|best|most"
    r"|least|newest|oldest|latest|earliest|biggest|smallest)(?: ones?)?"
    r" (?:first|(?:on|at)(?: the)? top))(?=\s*(?:,|$))",
    re.I,
)
"""A direction behind a comma is that of what stands before it."""


BAD = re.compile(
    r"refund|disput|charge ?back|fail|fraud|churn|cancel|error|late|delay|loss|lost|complain|declin|skip|reject"
    r"|expir|block"
    r"|bounce|overdue|missing|default|incident|breach",
    re.I,
)
"""What is the worse the more there is of it."""


def _order(said: str) -> Order:
    by = re.sub(
        rf"\b(?:the|first|from|to|order|in|{_FIRST}|desc(?:ending)?|asc(?:ending)?|down|high|low|big|small|large|and)\b|[()]",
        " ",
        said,
        flags=re.I,
    )
    if re.fullmatch(r"(?:alphabetical(?:ly)?|in alphabetical order|a to z|a-z|alphabet)", by.strip(), re.I):
        return Order("name", False)
    if re.search(r"\bworst\b", said, re.I):
        return Order(by, bool(BAD.search(by)))
    down = re.search(rf"\b(?:{_DOWN}|high(?:est)? to|large(?:st)? to)\b", said, re.I) and not re.search(
        r"\basc|low(?:est)? to high|small(?:est)? to", said, re.I
    )
    return Order(" ".join(by.split()), bool(down))
