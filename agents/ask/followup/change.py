"""What the words of a remark want changed: clause by clause, by links where there are any."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from agents.ask.followup.speech import (
    ALL,
    ALSO,
    ALWAYS,
    BEFORE_TOP,
    BUCKET,
    BY,
    BY_NAME,
    BY_TIME,
    FILLERS,
    FIRST,
    FURTHER,
    HIGH,
    LIST,
    LOW,
    LY,
    MEASURE_WORDS,
    MOST,
    NEGATED,
    NOT,
    OF_OTHER,
    OTHER,
    ROWS,
    SHOW,
    SORTED,
    TOP_ONE,
    TURNED,
    WHICH,
)
from data.catalog import Catalog
from retrieval.hints import Hint
from retrieval.spans import STOPWORDS, plain, words

Place = tuple[int, int]


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
    return hint.kind in ("column", "table") and bool(BY.search(text[: hint.start])) and not _sorts(text, hint)


def beside(text: str, hint: Hint, catalog: Catalog) -> bool:
    """Whether the hint only says how to group or to sort."""
    return governed(text, hint, catalog) or _sorts(text, hint)


def read(text: str, hints: tuple[Hint, ...], catalog: Catalog) -> Change:
    """The changes that a remark's words and links call for."""
    time = next((h for h in hints if h.kind == "time"), None)
    rest = _blank(text, [(time.start, time.start + len(time.span))] if time else [])
    bucket = next((m for m in BUCKET.finditer(rest) if not OTHER.search(rest[: m.start()])), None)
    most = MOST.search(rest)
    groups = tuple(_groups(rest, hints, catalog, which=bool(most)))
    ranked, one_of_all = bool(most), bool(most and not groups)
    most = most if groups else None
    columns = [h for h in hints if h.kind == "column" and h not in groups]
    tops = [h for h in hints if h.kind == "number" and not h.operator and _ranks(rest, h)]
    released = tuple(h for h in columns if ALL.search(rest[: h.start]))
    order = next((h for h in columns if _sorts(rest, h)), None)
    free = [h for h in columns if h not in released and h is not order and not OTHER.search(rest[: h.start])]
    flags = [h for h in free if _is_flag(catalog, h)]
    values = [h for h in hints if h.kind == "value"] + flags
    excluded = tuple(h for h in values if NOT.search(rest[: h.start]))
    tables = tuple(h for h in hints if h.kind == "table" and h not in groups and not _ends_name(text, h, columns))
    listed = LIST.search(rest)
    bounds = [(h.start, h.start + len(h.span)) for h in hints if h.kind == "number"]
    ends = (FIRST.search(rest), re.search(r"\w+\W*$", rest) if most or one_of_all else None)
    said = OF_OTHER.sub("", _blank(rest, [*bounds, *(m.span() for m in ends if m)]))
    measure = "" if tops else _measure(said)
    return Change(
        values=tuple(h for h in values if h not in excluded),
        excluded=excluded,
        also=bool(ALSO.search(rest)),
        period=time,
        always=bool(ALWAYS.search(rest)),
        released=released,
        bucket=_unit(bucket) if bucket else "",
        groups=groups,
        further=bool(FURTHER.search(rest)),
        most=bool(most),
        measure=measure,
        measured=next((h for h in free if h not in flags and _is_number(catalog, h)), None),
        shown=tuple(h for h in free if h not in flags and not _is_number(catalog, h) and not listed),
        top=int(tops[0].literals[0])
        if tops and tops[0].literals[0].isdigit()
        else int(one_of_all or bool(TOP_ONE.search(rest))),
        sorted=bool(SORTED.search(rest) or FIRST.search(rest) or BY_NAME.search(rest)),
        order=order,
        natural="time" if BY_TIME.search(rest) else "name" if BY_NAME.search(rest) else "",
        turned=bool(TURNED.search(rest)),
        low=_low(rest) if tops or ranked or any(p.search(rest) for p in (SORTED, FIRST, TOP_ONE)) else None,
        bounds=tuple(h for h in hints if h.kind == "number" and h.operator),
        listed=bool(listed),
        tables=tables,
        absent=any(NOT.search(rest[: h.start]) for h in tables),
        unread=_unread(text, hints, [m.span() for m in (bucket, listed, ALWAYS.search(rest)) if m]),
    )


def _ends_name(text: str, hint: Hint, columns: list[Hint]) -> bool:
    """'Add the e-mail address': what follows a column's name directly is a part of it."""
    return bool(SHOW.match(text)) and any(text[c.start + len(c.span) : hint.start].isspace() for c in columns)


def _ranks(text: str, hint: Hint) -> bool:
    """Whether a number says how many rows are wanted."""
    after = text[hint.start + len(hint.span) :]
    return bool(BEFORE_TOP.search(text[: hint.start])) and bool(text[: hint.start].strip() or ROWS.match(after))


def _measure(text: str) -> str:
    return next((name for name, said in MEASURE_WORDS if said.search(text)), "")


def _unit(bucket: re.Match[str]) -> str:
    said = (bucket["unit"] or bucket["one"] or "").lower()
    adverb = (bucket["ly"] or "").lower()
    if adverb:
        return LY.get(adverb, adverb.removesuffix("ly"))
    return "weekday" if said.startswith(("weekday", "day of")) else said


def _low(text: str) -> bool | None:
    return True if LOW.search(text) else False if HIGH.search(text) else None


def _groups(text: str, hints: tuple[Hint, ...], catalog: Catalog, *, which: bool) -> Iterator[Hint]:
    """Hints after 'by', and those that follow one such after 'and'."""
    last = -1
    for hint in hints:
        if OTHER.search(text[: hint.start]):
            continue
        listed = 0 <= last <= hint.start and re.fullmatch(r"\s*(?:,|and|&|\+)+\s*(?:by\s+)?", text[last : hint.start])
        asked = which and hint.kind in ("column", "table") and WHICH.search(text[: hint.start])
        if governed(text, hint, catalog) or asked or (listed and hint.kind == "column"):
            last = hint.start + len(hint.span)
            yield hint


def _sorts(text: str, hint: Hint) -> bool:
    before = re.sub(r"(?:\W+(?:by|the|on|their))*\W*$", "", text[: hint.start])
    said = list(SORTED.finditer(before))
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
    for pattern in (*(said for _, said in MEASURE_WORDS), TOP_ONE, BUCKET):
        left = pattern.sub(lambda match: " " * len(match.group()), left)
    known = STOPWORDS | FILLERS
    found = [word.group() for word in words(left)]
    return tuple(word for word in found if plain(word) not in known and len(word) > 1 and not NEGATED.search(word))


def _blank(text: str, places: list[Place]) -> str:
    for start, end in places:
        text = text[:start] + " " * (end - start) + text[end:]
    return text
