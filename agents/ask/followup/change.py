"""What the words of a remark want changed: clause by clause, by links where there are any."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from data.catalog import Catalog
from retrieval.hints import Hint
from retrieval.spans import STOPWORDS, plain, words

Place = tuple[int, int]

_FLAGS = re.IGNORECASE
_UNIT = r"(?P<unit>year|quarter|month|week|weekday|day of (?:the )?week|day|hour)s?"
_BUCKET = re.compile(
    rf"\b(?:(?:by|per|each|every|over the|across|into)\s+(?:the\s+|calendar\s+|each\s+)*{_UNIT}\b"
    r"|(?P<ly>yearly|annual(?:ly)?|quarterly|monthly|weekly|daily|hourly)\b"
    r"|(?P<one>year|quarter|month|week|day)[ -](?:by|over|on|to|after)[ -](?P=one)\b)",
    _FLAGS,
)
_LY = {"yearly": "year", "annual": "year", "annually": "year", "daily": "day"}
_BY = re.compile(
    r"\b(?:by|per|each|every|across|(?:for|in|of|at) (?:each|every))\s+(?:the\s+|our\s+|each\s+)*$", _FLAGS
)
_WHICH = re.compile(r"\b(?:which|what)\s+$", _FLAGS)
_SORTED = re.compile(r"\b(?:sort|order|rank|arrange)\w*\b(?:\s+(?:it|them|these|those|this|that))?(?:\s+by)?", _FLAGS)
_FIRST = re.compile(r"\b(?P<end>\w+est|most|least|best|worst)(?:\s+\w+)?\s+first\b|\b(?:de|a)sc(?:ending)?\b", _FLAGS)
_TURNED = re.compile(r"\b(?:the )?other way (?:a)?round\b|\brevers(?:e|ed)\b(?: (?:the )?order)?|\bflip\w*\b", _FLAGS)
_LOW = re.compile(r"\b(?:asc\w*|bottom|lowest|least|smallest|fewest|worst|cheapest|oldest|earliest)\b", _FLAGS)
_HIGH = re.compile(r"\b(?:desc\w*|top|highest|most|largest|biggest|best|latest|newest)\b", _FLAGS)
_RANK = (
    r"top|bottom|first|last|best|worst|biggest|largest|highest|lowest|smallest|fewest|most|least|only|just|to|it|that|"
    r"show|see|give|me|a|want|need"
)
_BEFORE_TOP = re.compile(rf"(?:^|\b(?:{_RANK}))[\s,]*(?:the\s+)?$", _FLAGS)
_TOP_ONE = re.compile(
    r"\b(?:only|just|and|is|was|about)\s+the\s+(?:very\s+)?"
    r"(?:top|first|best|worst|highest|biggest|largest|lowest|smallest)(?:\s+one)?\W*$",
    _FLAGS,
)
_MOST = re.compile(r"^\W*(?:and\s+)?(?:which|what|whose)\b.*\b(?:the )?(?P<end>most|highest|least|lowest|fewest|best|worst|"
                   r"largest|biggest|smallest)(?: (?:one|ones|of (?:them|those|these)))?\W*$", _FLAGS)  # fmt: skip
MEASURES: tuple[tuple[str, str], ...] = (
    ("share", r"what (?:percentage|share|proportion|fraction)|(?:as )?(?:a )?per ?cent(?:age)?|share|proportion"),
    ("distinct", r"how many (?:different|distinct|unique)|(?:number of )?(?:distinct|unique) "),
    ("avg", r"averages?|avg|mean|typical|on average"),
    ("median", r"medians?"),
    ("sum", r"totals?|sum(?:med)?|altogether|how much|volumes?|turnover|revenue|in all(?! \w)|add(?:ed)? up|worth"),
    ("max", r"max(?:imum)?|(?:highest|largest|biggest|single largest)(?! first)"),
    ("min", r"min(?:imum)?|(?:lowest|smallest)(?! first)"),
    ("count", r"how many|(?:the )?(?:number|count|tally)(?: of)?"),
)
_MEASURES = [(name, re.compile(rf"\b(?:{said})(?!\w)", _FLAGS)) for name, said in MEASURES]
_NOT = re.compile(
    r"\b(?:not|non|no|never|except(?:ing)?(?: for)?|excluding|exclude|without|other than|apart from|ignor(?:e|ing)|"
    r"leave out|leaving out|but not|minus|remove|drop|w/o|instead of|rather than|\w+n['’]t|"
    r"anything but|everything but|all but)[\s-]+(?:\w+\s+){0,3}?$",
    _FLAGS,
)
_ALSO = re.compile(r"\b(?:also|includ\w+|plus|as well|too|add(?: in)?|along with|together with)\b", _FLAGS)
_FURTHER = re.compile(r"\b(?:also|further|as well|too|additionally|within (?:each|that|those)|and then)\b", _FLAGS)
_ALL = re.compile(
    r"\b(?:regardless of|irrespective of|no matter (?:the|which|what)|whatever(?: the)?|(?:for|in|across|of|with|at|on)? ?"
    r"(?:all|any|every)(?: the| of the)?|(?:drop|remove|forget|ignore|lose|clear)(?: about)?(?: the)?)\s+$",
    _FLAGS,
)
_ALWAYS = re.compile(
    r"\b(?:(?:for |of |over |across )?(?:all|any) (?:time|years|months|periods|dates)|ever|(?:the )?whole (?:history|time)|"
    r"regardless of (?:the )?(?:date|time|period|when)|(?:drop|remove|forget|ignore) the (?:date|dates|period|time|year|month))\b",
    _FLAGS,
)
_LIST = re.compile(
    r"\b(?:which of (?:them|those|these)|(?:show|give|list)(?: me| us)? (?:all )?(?:the )?names|"
    r"who (?:are|were|is|was) (?:they|those|these|it|that)|which (?:ones|one)|list (?:them|those|these)|"
    r"show (?:me )?(?:them|those|these|the list)|(?:their|the|its|by) names?|names? (?:them|please|too)|name them)\b",
    _FLAGS,
)
_BY_TIME = re.compile(r"\b(?:newest|latest|most recent|oldest|earliest|chronologic\w*|by (?:date|time))\b", _FLAGS)
_BY_NAME = re.compile(r"\balphabet\w*|\ba(?:-| to )z\b", _FLAGS)
_OTHER = re.compile(r"\b(?:instead of|rather than|not)\s+(?:by\s+|per\s+|the\s+)*$", _FLAGS)
_OF_OTHER = re.compile(r"\b(?:instead of|rather than|not) (?:the )?\w+", _FLAGS)
_ROWS = re.compile(r"^\W*(?:is|are|would|will|rows?|of (?:them|those)|should|only|max\w*|please|pls|$)", _FLAGS)
_NEGATED = re.compile(r"n['’]t$", _FLAGS)
_FILLER = """
    ones one them those these they it its their that this so ok okay ah oh well sorry no nope not wait actually rather
    instead meant mean again same what how about but and or also too only just now then else please could would can
    you me us mind show give make do does did let's lets like want need interested rows results result answer query
    question figure figures number numbers break broken down split group grouped grouping breakdown cut slice filter
    restrict limit limited narrow sort sorted order ordered rank ranked arrange descending ascending desc asc first
    other way round reverse reversed flip exclude excluding except without include including plus add drop remove
    ignore regardless forget instead of apart non thing things bit further separately respectively rather wrong right
    hmm yes yeah great thanks cool nice alright got it were was been made taken done look looks looking restricting
    focus focusing compare compared versus versus happened keep kept leave out see change switch swap use using
    bottom lowest highest most least top best worst enough fine suffice go back newest latest oldest earliest recent
    chronologically alphabetically alphabetical alphabet hang hold on turn tell same there here day way one's i'm meaning
"""
_FILLERS = frozenset(_FILLER.split())


@dataclass(frozen=True)
class Change:
    """What is to be changed. Hints stand where they stand in the remark."""

    values: tuple[Hint, ...] = ()
    excluded: tuple[Hint, ...] = ()
    also: bool = False
    period: Hint | None = None
    always: bool = False
    released: tuple[Hint, ...] = ()
    bucket: str = ""
    groups: tuple[Hint, ...] = ()
    further: bool = False
    most: bool = False
    measure: str = ""
    measured: Hint | None = None
    shown: tuple[Hint, ...] = ()
    top: int = 0
    sorted: bool = False
    order: Hint | None = None
    natural: str = ""
    """"time" or "name" where the order is told without naming a column."""
    turned: bool = False
    low: bool | None = None
    bounds: tuple[Hint, ...] = ()
    listed: bool = False
    tables: tuple[Hint, ...] = ()
    absent: bool = False
    unread: tuple[str, ...] = field(default=(), compare=False)

    @property
    def empty(self) -> bool:
        """Whether nothing is to be changed."""
        return self == Change()


def governed(text: str, hint: Hint, catalog: Catalog) -> bool:
    """Whether the answer is to be grouped by what the hint means: it follows 'by', 'per', 'for each'."""
    return hint.kind in ("column", "table") and bool(_BY.search(text[: hint.start])) and not _sorts(text, hint)


def beside(text: str, hint: Hint, catalog: Catalog) -> bool:
    """Whether the hint only says how to group or to sort."""
    return governed(text, hint, catalog) or _sorts(text, hint)


def read(text: str, hints: tuple[Hint, ...], catalog: Catalog) -> Change:
    """The changes that a remark's words and links call for."""
    time = next((h for h in hints if h.kind == "time"), None)
    rest = _blank(text, [(time.start, time.start + len(time.span))] if time else [])
    bucket = next((m for m in _BUCKET.finditer(rest) if not _OTHER.search(rest[: m.start()])), None)
    most = _MOST.search(rest)
    groups = tuple(_groups(rest, hints, catalog, which=bool(most)))
    ranked, one_of_all = bool(most), bool(most and not groups)
    most = most if groups else None
    columns = [h for h in hints if h.kind == "column" and h not in groups]
    tops = [h for h in hints if h.kind == "number" and not h.operator and _ranks(rest, h)]
    released = tuple(h for h in columns if _ALL.search(rest[: h.start]))
    order = next((h for h in columns if _sorts(rest, h)), None)
    free = [h for h in columns if h not in released and h is not order and not _OTHER.search(rest[: h.start])]
    flags = [h for h in free if _is_flag(catalog, h)]
    values = [h for h in hints if h.kind == "value"] + flags
    excluded = tuple(h for h in values if _NOT.search(rest[: h.start]))
    tables = tuple(h for h in hints if h.kind == "table" and h not in groups)
    listed = _LIST.search(rest)
    ends = (_FIRST.search(rest), re.search(r"\w+\W*$", rest) if most or one_of_all else None)
    said = _OF_OTHER.sub("", _blank(rest, [m.span() for m in ends if m]))
    measure = "" if tops else _measure(said)
    return Change(
        values=tuple(h for h in values if h not in excluded),
        excluded=excluded,
        also=bool(_ALSO.search(rest)),
        period=time,
        always=bool(_ALWAYS.search(rest)),
        released=released,
        bucket=_unit(bucket) if bucket else "",
        groups=groups,
        further=bool(_FURTHER.search(rest)),
        most=bool(most),
        measure=measure,
        measured=next((h for h in free if h not in flags and _is_number(catalog, h)), None),
        shown=tuple(h for h in free if h not in flags and not _is_number(catalog, h) and not listed),
        top=int(tops[0].literals[0])
        if tops and tops[0].literals[0].isdigit()
        else int(one_of_all or bool(_TOP_ONE.search(rest))),
        sorted=bool(_SORTED.search(rest) or _FIRST.search(rest) or _BY_NAME.search(rest)),
        order=order,
        natural="time" if _BY_TIME.search(rest) else "name" if _BY_NAME.search(rest) else "",
        turned=bool(_TURNED.search(rest)),
        low=_low(rest) if tops or ranked or any(p.search(rest) for p in (_SORTED, _FIRST, _TOP_ONE)) else None,
        bounds=tuple(h for h in hints if h.kind == "number" and h.operator),
        listed=bool(listed),
        tables=tables,
        absent=any(_NOT.search(rest[: h.start]) for h in tables),
        unread=_unread(text, hints, [m.span() for m in (bucket, listed, _ALWAYS.search(rest)) if m]),
    )


def _ranks(text: str, hint: Hint) -> bool:
    """Whether a number says how many rows are wanted."""
    after = text[hint.start + len(hint.span) :]
    return bool(_BEFORE_TOP.search(text[: hint.start])) and bool(text[: hint.start].strip() or _ROWS.match(after))


def _measure(text: str) -> str:
    return next((name for name, said in _MEASURES if said.search(text)), "")


def _unit(bucket: re.Match[str]) -> str:
    said = (bucket["unit"] or bucket["one"] or "").lower()
    adverb = (bucket["ly"] or "").lower()
    if adverb:
        return _LY.get(adverb, adverb.removesuffix("ly"))
    return "weekday" if said.startswith(("weekday", "day of")) else said


def _low(text: str) -> bool | None:
    return True if _LOW.search(text) else False if _HIGH.search(text) else None


def _groups(text: str, hints: tuple[Hint, ...], catalog: Catalog, *, which: bool) -> Iterator[Hint]:
    """Hints after 'by', and those that follow one such after 'and'."""
    last = -1
    for hint in hints:
        if _OTHER.search(text[: hint.start]):
            continue
        listed = 0 <= last <= hint.start and re.fullmatch(r"\s*(?:,|and|&|\+)+\s*(?:by\s+)?", text[last : hint.start])
        asked = which and hint.kind in ("column", "table") and _WHICH.search(text[: hint.start])
        if governed(text, hint, catalog) or asked or (listed and hint.kind == "column"):
            last = hint.start + len(hint.span)
            yield hint


def _sorts(text: str, hint: Hint) -> bool:
    before = re.sub(r"(?:\W+(?:by|the|on|their))*\W*$", "", text[: hint.start])
    said = list(_SORTED.finditer(before))
    return bool(said) and said[-1].end() == len(before)


def _is_flag(catalog: Catalog, hint: Hint) -> bool:
    return all(column.type.upper().startswith("BOOL") for column in _columns(catalog, hint))


def _is_number(catalog: Catalog, hint: Hint) -> bool:
    from agents.columns import NUMERIC

    return all(column.type.upper().startswith(NUMERIC) for column in _columns(catalog, hint))


def _columns(catalog: Catalog, hint: Hint):  # type: ignore[no-untyped-def]
    for target in hint.targets:
        table, _, name = target.rpartition(".")
        yield catalog.table(table).column(name)


def _unread(text: str, hints: tuple[Hint, ...], taken: list[Place]) -> tuple[str, ...]:
    """Words that played no part: no link, no clause, no word of asking."""
    left = _blank(text, [*taken, *((h.start, h.start + len(h.span)) for h in hints)])
    for pattern in (*(said for _, said in _MEASURES), _TOP_ONE, _BUCKET):
        left = pattern.sub(lambda match: " " * len(match.group()), left)
    known = STOPWORDS | _FILLERS
    found = [word.group() for word in words(left)]
    return tuple(word for word in found if plain(word) not in known and len(word) > 1 and not _NEGATED.search(word))


def _blank(text: str, places: list[Place]) -> str:
    for start, end in places:
        text = text[:start] + " " * (end - start) + text[end:]
    return text
