"""Columns that are a part of a whole: shares of all or of a group, and rates."""

from __future__ import annotations

import re
from dataclasses import replace

from agents.reader.body import known
from agents.reader.figures import lacking, number
from agents.reader.frame import Measure, Ratio, Targets, Test, measures_of
from agents.reader.items import Items
from agents.reader.nouns import noun
from agents.reader.operands import PERCENT, STEM, Recipe, base
from agents.reader.wanted import Cell, Wanted

_SHARE = re.compile(
    r"\bshares?\b|\bpercent(?!ile)\w*\b|\bpct\b|%|\bfraction\b|\bproportion\b|\bpart of (?:the|all)\b", re.I
)
_RATE = re.compile(r"\b(?P<how>[a-z]+) (?:rates?|ratio)\b", re.I)
_BARE_RATE = re.compile(r"(?P<how>)rates?|ratio", re.I)
_FRACTION = re.compile(r"\bfraction\b|between 0 and 1|0 ?(?:\.\.|-|–) ?1\b|0 to 1", re.I)
_WHOLE = re.compile(r"\b(?:of|in) (?:the |all )?(?P<of>(?:<[vcft]\d+> ?)+)$")
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


def as_fraction(want: Wanted, items: Items) -> bool:
    """Whether a share is told as a part of 1: `tipped_share`, where nothing says percent."""
    called = re.search(r"_(?:share|fraction|proportion|rate|ratio)$", want.name, re.I)
    return bool(called) and not re.search(r"percent(?!ile)|pct|%", f"{items.text} {want.said}", re.I)


def rate(recipe: Recipe) -> Cell | None:
    """The body's rate, or the rate of a number of which another one is a part."""
    match = _RATE.search(recipe.raw) or _BARE_RATE.fullmatch(recipe.raw.strip())
    if match is None:
        return None
    percent = bool(PERCENT.search(recipe.said))
    told = next((one for one in recipe.items.body if isinstance(one, Ratio)), None)
    if told is not None:
        of_one = not percent and re.search(r"\brates?\b|\bratio\b", recipe.raw)
        return recipe.items.kept(replace(told, percent=False) if of_one else told)
    return _over(match["how"], percent, recipe) if match["how"] else None


def _over(how: str, percent: bool, recipe: Recipe) -> Cell | None:
    """A number over the one that it is a part of: `accepted` of `offers` for the acceptance rate."""
    stem = {"win": "won", "loss": "lost"}.get(how.lower(), how.lower())[:STEM]
    able = recipe.plain
    top = [at for at in able if any(word.startswith(stem) for word in recipe.items.wanted[at].words)]
    rest = [at for at in able if at not in top[:1]]
    if len(top) != 1 or not rest:
        return None
    return Cell(formula=f"{'100.0' if percent else '1.0'} * {recipe.place(top[0])} / {recipe.place(rest[0])}")


def share(recipe: Recipe) -> Cell | None:
    """A part of all, of the rows in a state, or of another column."""
    match = _SHARE.search(recipe.raw)
    if match is None:
        return None
    want, items = recipe.want, recipe.items
    fraction = _FRACTION.search(f"{want.name} {recipe.said}")
    percent = not (fraction or items.frame.fraction or as_fraction(want, items))
    at = base(recipe.raw, recipe)
    if at is not None and (ratio := _of_whole(recipe, at, percent) or _of_state(recipe, at, percent)):
        return items.kept(ratio)
    how = recipe.raw[: match.start()].strip()
    if how and (made := _over(how, percent, recipe)) is not None:
        return made
    return _of_all(recipe, at, percent)


def _of_whole(recipe: Recipe, at: int, percent: bool) -> Ratio | None:
    """A part of rows of another table, which the words end with: `share of the payments`."""
    told, part = _WHOLE.search(recipe.marks), recipe.number(at)
    whole = number(told["of"].strip(), recipe.items) if told else None
    if not isinstance(part, Measure) or not isinstance(whole, Measure) or part.table == whole.table:
        return None
    return Ratio(part, known(whole, recipe.items), percent)  # type: ignore[arg-type]


def _of_state(recipe: Recipe, at: int, percent: bool) -> Ratio | None:
    """The part of the rows that are in a state, of a number that asks no state of them."""
    some = noun(recipe.marks, recipe.items.marked).tests or lacking(recipe.marks, recipe.items.marked)
    free = [one for one in recipe.plain if not _asks(recipe, one, some[0].column)] if some else []
    part = recipe.number(free[0] if free else at)
    if not some or not isinstance(part, Measure):
        return None
    return _in_state(part, some, percent, whole=bool(free))


def _in_state(part: Measure, some: tuple[Test, ...], percent: bool, whole: bool) -> Ratio:
    """The share of a number that is over rows in a state; with `whole`, of the number as it is."""
    kept = tuple(test for test in part.tests if test.column != some[0].column)
    return Ratio(replace(part, tests=(*kept, *some)), part if whole else replace(part, tests=kept), percent)


def _asks(recipe: Recipe, at: int, column: Targets) -> bool:
    """Whether the number in a column asks something of another column of its rows."""
    return any(test.column == column for m in measures_of(recipe.number(at)) for test in m.tests)


def _of_all(recipe: Recipe, at: int | None, percent: bool) -> Cell | None:
    """The body's share, or the part that a column is of all rows or of those of its group."""
    want, items = recipe.want, recipe.items
    within = _within(f"{want.name} {want.said}", f"{want.marks} {want.told}", items)
    if within is None:
        return None
    told = next((one for one in items.body if isinstance(one, Ratio) and one not in items.numbers), None)
    if told is not None:
        told = told if told.bottom or not within else replace(told, within=within)
        return items.kept(replace(told, percent=False) if as_fraction(want, items) else told)
    part = recipe.number(at) if at is not None else None
    return items.kept(Ratio(part, None, percent, within)) if isinstance(part, Measure) else None


def _within(said: str, marks: str, items: Items) -> Targets | None:
    """What a share is within, () for all rows: `share of the month's plays`. None where that is no group."""
    groups = items.frame.groups
    if len(groups) < 2:
        return ()
    if found := _IN_UNIT.search(said):
        unit = (found["u"] or {"dai": "day"}.get(found["m"].lower(), found["m"])).lower()
        return (f"~{unit}",) if any(group.unit == unit for group in groups) else None
    if found := _IN_GROUP.search(marks):
        column = noun(found["c"] or found["c2"], items.marked).column
        own = next((group.column for group in groups if column and set(group.column) & set(column)), ())
        return own or (None if re.search(r"\bwithin\b", marks) else ())
    return ()
