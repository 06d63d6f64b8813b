"""Columns that are made of other columns: ratios, shares, differences, ranks, and totals so far."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from agents.reader.frame import Measure, Ratio, measures_of
from agents.reader.nouns import noun
from data.naming import single, words

if TYPE_CHECKING:
    from agents.reader.items import Cell, Items, Wanted

STEM = 4
_OPERATOR = re.compile(
    r"\s*(?:(?P<div>/|÷|\bdivided by\b|\bover\b)|(?P<mul>\*|×|\btimes\b)|(?P<sub>\bminus\b|\bless\b|\s[-–]\s))\s*", re.I
)
_PERCENT = re.compile(r"percent|pct|%", re.I)
_FRACTION = re.compile(r"\bfraction\b|\brates?\b|\bratio\b|between 0 and 1|0 ?(?:\.\.|-|–) ?1\b", re.I)
_SHARE = re.compile(
    r"\bshares?\b|\bpercent(?!ile)\w*\b|\bpct\b|%|\bfraction\b|\bproportion\b|\bpart of (?:the|all)\b", re.I
)
_RATE = re.compile(r"\b(?P<how>[a-z]+) (?:rates?|ratio)\b", re.I)
_CHANGE = re.compile(r"\b(?:change|growth|diff(?:erence)?|delta|increase|mom|yoy)\b", re.I)
_RUNNING = re.compile(r"\b(?:running|cumulative|accumulated|cum|to date|so far|ytd)\b", re.I)
_MOVING = re.compile(
    r"\b(?:moving|rolling|trailing)\b|\b(?P<rows>\d+) ?-?(?:d|day|days|m|month|months|w|week|weeks)\b", re.I
)


_SMOOTH = re.compile(r"\b(?:avg|average|mean|smoothed)\b", re.I)
_WORDS = {"three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "ten": 10, "twelve": 12, "thirty": 30}
_SIZE = re.compile(
    r"(?P<n><n\d+>|\d+|[a-z]+) ?-? ?(?:day|week|month|quarter|period|row)s? ?-? ?(?:moving|rolling|trailing|running)\b"
    r"|\b(?:moving|rolling|trailing) (?P<n2><n\d+>|\d+|[a-z]+) ?-? ?(?:day|week|month|quarter)\b"
)


def formula(want: Wanted, found: dict[int, Cell], items: Items) -> Cell | None:
    """What a column is made of; None where that can't be told."""
    name = " ".join(words(want.name))
    if _THAT.fullmatch(name):
        return _that(want, name, want.marks, f"{name} {want.said}", found, items)
    for raw, marks in ((want.said, want.told), (name, want.marks)):
        if not raw:
            continue
        said = f"{name} {raw}" if raw is want.said else raw
        for read in (_rank, _per, _that, _part, _computed, _each, _running, _moving, _previous, _change, _rate, _share):
            if (made := read(want, raw, marks, said, found, items)) is not None:
                return made
    return None


def _cell(**told: object) -> Cell:
    from agents.reader.items import Cell

    return Cell(**told)  # type: ignore[arg-type]


def _rank(want: Wanted, raw: str, marks: str, said: str, found: dict[int, Cell], items: Items) -> Cell | None:
    if not re.search(r"\b(?:rank|ranking|position|place)\b", raw, re.I):
        return None
    return _cell(way="rank", rows=int(bool(re.search(r"within|in (?:the|its|their|each)|per", raw, re.I))))


def _per(want: Wanted, raw: str, marks: str, said: str, found: dict[int, Cell], items: Items) -> Cell | None:
    """`revenue_per_merchant`: a sum or count over the number of things, both in columns of their own."""
    match = re.fullmatch(r"(?P<top>[\w ]+?) per (?P<thing>[\w ]+)", raw.strip(), re.I)
    if match is None:
        return None
    summed = {at: cell for at, cell in found.items() if cell.number >= 0 and _adds(items.numbers[cell.number])}
    counts = {at: cell for at, cell in summed.items() if not _adds(items.numbers[cell.number], "sum")}
    top, thing = _named(match["top"], summed, items), _named(match["thing"], counts, items)
    if top is None or thing is None or top == thing:
        return None
    return _cell(formula=f"1.0 * {{{found[top].number}}} / {{{found[thing].number}}}")


def _adds(number: object, *functions: str) -> bool:
    return isinstance(number, Measure) and number.function in (functions or ("sum", "count", "distinct"))


_THAT = re.compile(r"(?:and )?(?:what|which|the) (?:fraction|share|percentage|percent|proportion|part) (?:that"
                   r"|this|it|those"
                   r"|these|they)(?: of (?:them|all|the total|the whole))? (?:is|are|makes?|make up"
                   r"|represents?)(?: \(?(?:in |as a |as )?(?:percent\w*|fraction|pct)\)?)?", re.I)  # fmt: skip


def _that(want: Wanted, raw: str, marks: str, said: str, found: dict[int, Cell], items: Items) -> Cell | None:
    """`what fraction that is`: of the column before it, of the count before that."""
    at = items.wanted.index(want)
    if not _THAT.fullmatch(raw.strip()) or at < 2 or not {at - 1, at - 2} <= set(_numbers(found)):
        return None
    factor = "100.0" if _PERCENT.search(said) else "1.0"
    return _cell(formula=f"{factor} * {{{found[at - 1].number}}} / {{{found[at - 2].number}}}")


def _numbers(found: dict[int, Cell]) -> list[int]:
    return [at for at, cell in sorted(found.items()) if cell.number >= 0 and not cell.way]


def _named(raw: str, found: dict[int, Cell], items: Items) -> int | None:
    """The column that a phrase names."""
    said = [single(word) for word in words(raw) if word not in ("the", "of", "total", "number")] or [
        single(word) for word in words(raw)
    ]
    able = [at for at, cell in sorted(found.items()) if cell.number >= 0]
    for alike in (
        lambda own: own == said,
        lambda own: set(said) <= set(own),
        lambda own: any(word[:STEM] == one[:STEM] for word in said for one in own if len(word) >= STEM),
    ):
        fit = [at for at in able if alike([*items.wanted[at].words])]
        if len(fit) == 1:
            return fit[0]
    return None


_DATED = re.compile(
    r"(?P<when>(?:(?:q[1-4]|h[12]|[a-z]{3,9}) )?20\d\d|q[1-4]|h[12])(?: (?:numbers?|figures?|values?|ones?|amounts?"
    r"|totals?|counts?))?",
    re.I,
)
"""A column by its period alone: `the 2025 number`."""


def _operand(raw: str, marks: str, found: dict[int, Cell], items: Items) -> str | None:
    from agents.reader.items import _plainly

    if "+" in raw:
        parts = [_operand(one, two, found, items) for one, two in zip(raw.split("+"), marks.split("+"), strict=False)]
        whole = len(parts) == len(raw.split("+")) == len(marks.split("+")) and raw.strip().startswith("(")
        return f"({' + '.join(part for part in parts if part)})" if whole and None not in parts else None
    raw = re.sub(r"^(?:the|its|their) ", "", raw.strip(" ()"))
    raw = re.sub(r" in (?:dollars|usd)$", "", raw)
    if dated := _DATED.fullmatch(raw):
        at = _named(dated["when"], found, items)
        return f"{{{found[at].number}}}" if at is not None and not found[at].formula else None
    if re.fullmatch(r"\d+(?:\.\d+)?", raw):
        return raw
    exact = _named(raw, found, items) if "_" in raw or len(raw.split()) < 3 else None
    if exact is not None and not re.search(r"\b(?:over|for|among)\b", raw):
        cell = found[exact]
        return cell.formula or f"{{{cell.number}}}"
    made = items._number(_plainly(marks.strip(" ()")))
    if made is None:
        return None
    return f"{{{items._kept(items._known(made)).number}}}"


def _computed(want: Wanted, raw: str, marks: str, said: str, found: dict[int, Cell], items: Items) -> Cell | None:
    """`won / closed`, `10000 * total fees / total volume`, `2025 minus 2024`."""
    if raw is not want.said:
        return None
    raw = raw.split("=")[-1].strip() if "=" in raw else raw
    marks = marks.split("=")[-1].strip() if "=" in marks else marks
    told = re.sub(
        r",? ?\b(?:in|as an?) (?:percent\w*|fraction)\b.*$|\bover (?:all |the )?(?:<[vft]\d+> ?)+$", "", marks
    )
    if told != marks:
        raw = re.sub(r",? ?\b(?:in|as an?) (?:percent\w*|fraction)\b.*$|\bover (?:all |the )?[\w ]+$", "", raw)
    parts, marked = _OPERATOR.split(raw), _OPERATOR.split(told)
    raws, marks_ = parts[::4], marked[::4]
    if len(raws) < 2 or len(raws) != len(marks_):
        return None
    if re.fullmatch(r"\d{4}|[qh]\d", raws[0].strip()):
        return None
    over = re.search(r"\bover (?:all |the )?((?:<[vft]\d+> ?)+)$", marks)
    operands = [_operand(one, two, found, items) for one, two in zip(raws, marks_, strict=True)]
    if None in operands or (over and not noun(over[1], items.marked)):
        return None
    if over:
        items.frame.tests += [test for test in noun(over[1], items.marked).tests if test not in items.frame.tests]
    text = str(operands[0])
    for at, operand in enumerate(operands[1:]):
        sign = "/" if parts[4 * at + 1] else "*" if parts[4 * at + 2] else "-"
        text = f"{text} {sign} {operand}"
    if "/" in text and not re.match(r"\d", text):
        hundred = re.search(r"\* 100\b", text)
        text = (
            f"{'100.0' if not hundred and _PERCENT.search(said) and not _FRACTION.search(raw) else '1.0'} * {text}"
            if " - " not in text
            else text
        )
    return _cell(formula=re.sub(r"^(\d+) \*", r"\1.0 *", text))


_EACH = re.compile(r"(?:(?:average|mean|avg) )?(?P<a>[^/]+?)(?: for (?:each|every)| per) (?P<b>[^/]+)", re.I)


def _each(want: Wanted, raw: str, marks: str, said: str, found: dict[int, Cell], items: Items) -> Cell | None:
    """`revenue per merchant`: a column over another one, not the time between two."""
    told = _EACH.fullmatch(raw.strip())
    ends = [_named(told[end], found, items) for end in "ab"] if told else [None]
    if any(at is None or found[at].formula or found[at].way for at in ends) or len(set(ends)) < 2:
        return None
    top, bottom = (f"{{{found[at].number}}}" for at in ends if at is not None)
    return _cell(formula=f"1.0 * {top} / {bottom}")


_PART = re.compile(r",? as an? (?:(?:percent(?:age)?|share|fraction|proportion)|%) of ", re.I)


def _part(want: Wanted, raw: str, marks: str, said: str, found: dict[int, Cell], items: Items) -> Cell | None:
    """`total fees as a percentage of total volume`: two numbers of the same rows."""
    raws, told = _PART.split(raw), _PART.split(marks)
    if raw is not want.said or len(raws) != 2 or len(told) != 2:
        return None
    operands = [_operand(one, two, found, items) for one, two in zip(raws, told, strict=True)]
    if None in operands:
        return None
    percent = _PERCENT.search(raw)
    return _cell(formula=f"{'100.0' if percent else '1.0'} * {operands[0]} / {operands[1]}")


def _base(raw: str, found: dict[int, Cell], items: Items, before: int) -> int | None:
    told = re.search(r"\bof (?:the |total |all )*(?P<of>\w[\w ]*)$", raw)
    if told and (at := _named(told["of"], found, items)) is not None:
        return at
    bare = re.sub(_RUNNING, " ", raw).strip()
    if bare != raw.strip() and (at := _named(bare, found, items)) is not None:
        return at
    able = [at for at in _numbers(found) if not found[at].formula]
    return max((at for at in able if at < before), default=able[0] if able else None)


def _running(want: Wanted, raw: str, marks: str, said: str, found: dict[int, Cell], items: Items) -> Cell | None:
    if not _RUNNING.search(said):
        return None
    at = _base(raw, found, items, items.wanted.index(want))
    number = found[at].number if at is not None else items._kept(items.body[0]).number if items.body else -1
    return _cell(way="running", number=number) if number >= 0 else None


_BEFORE = re.compile(
    r"^(?:the )?(?:prev(?:ious)?|prior|preceding|lag(?:ged)?|last(?= (?:day|week|month|quarter|year)))\b(?: (?:day|week"
    r"|month|quarter|year)\b)?(?: s\b)?|\b(?:of the )?(?:prev(?:ious)?|prior|preceding)(?: (?:day|week|month"
    r"|quarter|year))?$",
    re.I,
)


def _previous(want: Wanted, raw: str, marks: str, said: str, found: dict[int, Cell], items: Items) -> Cell | None:
    """`prev_fees`: the number of the period before."""
    bare = _BEFORE.sub(" ", raw).strip()
    if bare == raw.strip() or not _per_period(items) or _CHANGE.search(raw):
        return None
    named = _named(bare, found, items) if bare else None
    at = named if named is not None else _base(bare or raw, found, items, items.wanted.index(want))
    return _cell(way="previous", number=found[at].number) if at is not None and not found[at].formula else None


def _moving(want: Wanted, raw: str, marks: str, said: str, found: dict[int, Cell], items: Items) -> Cell | None:
    match = _MOVING.search(said)
    size = re.search(r"\b(\d+|three|seven|thirty) ?-?(?:d|day|days|m|months?|w|weeks?)\b", said)
    rows = {"three": 3, "seven": 7, "thirty": 30}.get(size[1], 0) or int(size[1]) if size else 0
    named = re.fullmatch(r"(?:\w+ )?ma ?(\d*)|(?:\w+ )?(\d+) ?ma", said.replace("_", " "))
    match = match or named or (_SMOOTH.search(said) and _SIZE.search(items.text))
    told = _SIZE.search(items.text)
    many = (told["n"] or told["n2"]) if told else ""
    rows = rows or items.marked.whole(many) or _WORDS.get(many, 0)
    if named and (digits := named[1] or named[2]) and int(digits) != rows:
        return None
    at = _base(raw, found, items, items.wanted.index(want))
    if not match or not rows or at is None or not _per_period(items):
        return None
    summed = re.search(r"(?:moving|rolling|trailing) (?:sum|total)", f"{said} {items.text}")
    return _cell(way="summed" if summed else "moving", number=found[at].number, rows=rows)


def _change(want: Wanted, raw: str, marks: str, said: str, found: dict[int, Cell], items: Items) -> Cell | None:
    if not _CHANGE.search(said):
        return None
    percent = bool(_PERCENT.search(said) or re.search("growth", said, re.I))
    able = [at for at in _numbers(found) if not found[at].formula]
    dated = [at for at in able if re.search(r"20\d\d", items.wanted[at].name)]
    if len(able) == 2 and (not _per_period(items) or len(dated) == 2):
        first, last = (f"{{{found[at].number}}}" for at in able)
        return _cell(formula=f"100.0 * ({last} - {first}) / {first}" if percent else f"{last} - {first}")
    at = _base(raw, found, items, items.wanted.index(want))
    if at is None or not _per_period(items):
        return None
    return _cell(way="growth" if percent else "difference", number=found[at].number)


def _per_period(items: Items) -> bool:
    return any(group.unit for group in items.frame.groups)


def _rate(want: Wanted, raw: str, marks: str, said: str, found: dict[int, Cell], items: Items) -> Cell | None:
    match = _RATE.search(raw) or re.fullmatch(r"(?P<how>)rates?|ratio", raw.strip(), re.I)
    if match is None:
        return None
    percent = bool(_PERCENT.search(said))
    told = next((one for one in items.body if isinstance(one, Ratio)), None)
    if told is not None:
        return items._kept(
            told if percent or not re.search(r"\brates?\b|\bratio\b", raw) else replace(told, percent=False)
        )
    how = match.groupdict().get("how") or ""
    return _over(how, percent, found, items) if how else None


def _over(how: str, percent: bool, found: dict[int, Cell], items: Items) -> Cell | None:
    """A number over the one that it is a part of: `accepted` of `offers` for the acceptance rate."""
    able = [at for at in _numbers(found) if not found[at].formula]
    stem = {"win": "won", "loss": "lost"}.get(how.lower(), how.lower()[:STEM])
    top = [at for at in able if any(word.startswith(stem[:STEM]) for word in items.wanted[at].words)]
    rest = [at for at in able if at not in top[:1]]
    if len(top) != 1 or not rest:
        return None
    one, whole = found[top[0]].number, found[rest[0]].number
    return _cell(formula=f"{'100.0' if percent else '1.0'} * {{{one}}} / {{{whole}}}")


def _asks(items: Items, cell: Cell, column: tuple[str, ...]) -> bool:
    return any(test.column == column for m in measures_of(items.numbers[cell.number]) for test in m.tests)


def _share(want: Wanted, raw: str, marks: str, said: str, found: dict[int, Cell], items: Items) -> Cell | None:
    """A part of all, of the rows in a state, or of another column."""
    match = _SHARE.search(raw)
    if match is None:
        return None
    fraction = re.search(r"\bfraction\b|between 0 and 1|0 ?(?:\.\.|-|–) ?1\b|0 to 1", f"{want.name} {said}", re.I)
    percent = not (fraction or items.frame.fraction or items.as_fraction(want))
    at = _base(raw, found, items, items.wanted.index(want))
    some = noun(marks, items.marked).tests or items.lacking(marks)
    of = re.search(r"\b(?:of|in) (?:the |all )?(?P<of>(?:<[vcft]\d+> ?)+)$", marks)
    if of and at is not None and (whole := items._number(of["of"].strip())) is not None:
        base = items.numbers[found[at].number]
        if isinstance(base, Measure) and isinstance(whole, Measure) and base.table != whole.table:
            return items._kept(Ratio(base, items._known(whole), percent))  # type: ignore[arg-type]
    if some and at is not None:
        free = [
            one for one in _numbers(found) if not found[one].formula and not _asks(items, found[one], some[0].column)
        ]
        base = items.numbers[found[free[0] if free else at].number]
        if isinstance(base, Measure):
            kept = tuple(test for test in base.tests if test.column != some[0].column)
            whole_ = base if free else replace(base, tests=kept)
            return items._kept(Ratio(replace(base, tests=(*kept, *some)), whole_, percent))
    how = raw[: match.start()].strip()
    if how and (made := _over(how, percent, found, items)) is not None:
        return made
    within = _within(f"{want.name} {want.said}", f"{want.marks} {want.told}", items)
    told = next((one for one in items.body if isinstance(one, Ratio) and one not in items.numbers), None)
    if told is not None and within is not None:
        told = told if told.bottom or not within else replace(told, within=within)
        return items._kept(replace(told, percent=False) if items.as_fraction(want) else told)
    if at is None or not isinstance(number := items.numbers[found[at].number], Measure):
        return None
    return items._kept(Ratio(number, None, percent, within)) if within is not None else None


_IN_UNIT = re.compile(
    r"\b(?:of|in|within) (?:the|that|its|each|the same|a) (?P<u>day|week|month|quarter|year)(?:['’]?s)?\b"
    r"|\b(?P<m>dai|week|month|quarter|year)ly (?:total|share)",
    re.I,
)
_IN_GROUP = re.compile(
    r"\b(?:within|of|in|per) (?:the|its|their|that|each|the same|a) (?P<c><[ct]\d+>)(?= ?['’]| ?s\b| ?$| ?[,.)]|"
    r" total| <[ct])|\bof all (?:<t\d+> )?(?:in|of|for) (?:the|its|that|each) "
    r"(?P<c2><[ct]\d+>)"
)


def _within(said: str, marks: str, items: Items) -> tuple[str, ...] | None:
    """What a share is within, () for all rows: `share of the month's plays`. None where that is no group."""
    groups = items.frame.groups
    if len(groups) < 2:
        return ()
    if found := _IN_UNIT.search(said):
        unit = found["u"] or {"dai": "day"}.get(found["m"].lower(), found["m"])
        return (f"~{unit.lower()}",) if any(group.unit == unit.lower() for group in groups) else None
    if found := _IN_GROUP.search(marks):
        column = noun(found["c"] or found["c2"], items.marked).column
        own = next((group.column for group in groups if column and set(group.column) & set(column)), ())
        return own or (None if re.search(r"\bwithin\b", marks) else ())
    return ()
