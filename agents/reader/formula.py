"""Columns that are made of other columns: by arithmetic, over other rows, or as a part of all."""

from __future__ import annotations

import re
from collections.abc import Callable

from agents.reader.items import Items
from agents.reader.nouns import noun
from agents.reader.operands import PERCENT, Recipe, adds, named, operand
from agents.reader.proportions import rate, share
from agents.reader.wanted import Cell, Wanted
from agents.reader.windows import change, moving, previous, rank, running
from data.naming import words

_OPERATOR = re.compile(
    r"\s*(?:(?P<div>/|÷|\bdivided by\b|\bover\b)|(?P<mul>\*|×|\btimes\b)|(?P<sub>\bminus\b|\bless\b|\s[-–]\s))\s*", re.I
)
_FRACTION = re.compile(r"\bfraction\b|\brates?\b|\bratio\b|between 0 and 1|0 ?(?:\.\.|-|–) ?1\b", re.I)
_PER = re.compile(r"(?P<top>[\w ]+?) per (?P<thing>[\w ]+)", re.I)
_EACH = re.compile(r"(?:(?:average|mean|avg) )?(?P<a>[^/]+?)(?: for (?:each|every)| per) (?P<b>[^/]+)", re.I)
_PART = re.compile(r",? as an? (?:(?:percent(?:age)?|share|fraction|proportion)|%) of ", re.I)
_THAT = re.compile(r"(?:and )?(?:what|which|the) (?:fraction|share|percentage|percent|proportion|part) (?:that"
                   r"|this|it|those"
                   r"|these|they)(?: of (?:them|all|the total|the whole))? (?:is|are|makes?|make up"
                   r"|represents?)(?: \(?(?:in |as a |as )?(?:percent\w*|fraction|pct)\)?)?", re.I)  # fmt: skip
_AS = r",? ?\b(?:in|as an?) (?:percent\w*|fraction)\b.*$"
_OVER = re.compile(r"\bover (?:all |the )?((?:<[vft]\d+> ?)+)$")
"""Of which rows a computed column is, not what it is divided by."""


def formula(want: Wanted, found: dict[int, Cell], items: Items) -> Cell | None:
    """What a column is made of; None where that can't be told."""
    name = " ".join(words(want.name))
    if _THAT.fullmatch(name):
        return _that(Recipe(want, name, want.marks, f"{name} {want.said}", found, items))
    said = Recipe(want, want.said, want.told, f"{name} {want.said}", found, items)
    recipes = [one for one in (said, Recipe(want, name, want.marks, name, found, items)) if one.raw]
    return next((made for one in recipes for read in _READERS if (made := read(one)) is not None), None)


def _per(recipe: Recipe) -> Cell | None:
    """`revenue_per_merchant`: a sum or count over the number of things, both in columns of their own."""
    match = _PER.fullmatch(recipe.raw.strip())
    if match is None:
        return None
    summed = {at: cell for at, cell in recipe.found.items() if cell.number >= 0 and adds(recipe.number(at))}
    counts = {at: cell for at, cell in summed.items() if not adds(recipe.number(at), "sum")}
    top, thing = named(match["top"], recipe, summed), named(match["thing"], recipe, counts)
    if top is None or thing is None or top == thing:
        return None
    return Cell(formula=f"1.0 * {recipe.place(top)} / {recipe.place(thing)}")


def _that(recipe: Recipe) -> Cell | None:
    """`what fraction that is`: of the column before it, of the count before that."""
    at = recipe.at
    if not _THAT.fullmatch(recipe.raw.strip()) or at < 2 or not {at - 1, at - 2} <= set(recipe.numbers):
        return None
    factor = "100.0" if PERCENT.search(recipe.said) else "1.0"
    return Cell(formula=f"{factor} * {recipe.place(at - 1)} / {recipe.place(at - 2)}")


def _part(recipe: Recipe) -> Cell | None:
    """`total fees as a percentage of total volume`: two numbers of the same rows."""
    raws, told = _PART.split(recipe.raw), _PART.split(recipe.marks)
    if not recipe.is_said or len(raws) != 2 or len(told) != 2:
        return None
    top, bottom = (operand(one, two, recipe) for one, two in zip(raws, told, strict=True))
    if top is None or bottom is None:
        return None
    return Cell(formula=f"{'100.0' if PERCENT.search(recipe.raw) else '1.0'} * {top} / {bottom}")


def _computed(recipe: Recipe) -> Cell | None:
    """`won / closed`, `10000 * total fees / total volume`, `2025 minus 2024`."""
    if not recipe.is_said:
        return None
    raw, marks, whole = _equation(recipe)
    parts, told = _OPERATOR.split(raw), _OPERATOR.split(marks)
    raws, of = parts[::4], told[::4]
    if len(raws) < 2 or len(raws) != len(of) or re.fullmatch(r"\d{4}|[qh]\d", raws[0].strip()):
        return None
    over = _OVER.search(whole)
    operands = [operand(one, two, recipe) for one, two in zip(raws, of, strict=True)]
    if None in operands or (over and not noun(over[1], recipe.items.marked)):
        return None
    if over:
        tests, frame = noun(over[1], recipe.items.marked).tests, recipe.items.frame
        frame.tests += [test for test in tests if test not in frame.tests]
    signs = ["/" if div else "*" if mul else "-" for div, mul in zip(parts[1::4], parts[2::4], strict=True)]
    text = str(operands[0]) + "".join(f" {sign} {one}" for sign, one in zip(signs, operands[1:], strict=True))
    return Cell(formula=_exact(text, bool(PERCENT.search(recipe.said) and not _FRACTION.search(raw))))


def _equation(recipe: Recipe) -> tuple[str, str, str]:
    """What is computed, without in what it is told and over which rows; the same in marks, and these in full."""
    raw = recipe.raw.split("=")[-1].strip() if "=" in recipe.raw else recipe.raw
    marks = recipe.marks.split("=")[-1].strip() if "=" in recipe.marks else recipe.marks
    told = re.sub(rf"{_AS}|\bover (?:all |the )?(?:<[vft]\d+> ?)+$", "", marks)
    if told != marks:
        raw = re.sub(rf"{_AS}|\bover (?:all |the )?[\w ]+$", "", raw)
    return raw, told, marks


def _exact(text: str, percent: bool) -> str:
    """A formula that divides with its fractions, and as a percentage where that is asked for."""
    if "/" in text and " - " not in text and not re.match(r"\d", text):
        hundred = re.search(r"\* 100\b", text)
        text = f"{'100.0' if percent and not hundred else '1.0'} * {text}"
    return re.sub(r"^(\d+) \*", r"\1.0 *", text)


def _each(recipe: Recipe) -> Cell | None:
    """`revenue per merchant`: a column over another one, not the time between two."""
    told = _EACH.fullmatch(recipe.raw.strip())
    top, bottom = (named(told[end], recipe) for end in "ab") if told else (None, None)
    if top is None or bottom is None or top == bottom:
        return None
    if any(recipe.found[at].formula or recipe.found[at].way for at in (top, bottom)):
        return None
    return Cell(formula=f"1.0 * {recipe.place(top)} / {recipe.place(bottom)}")


_READERS: tuple[Callable[[Recipe], Cell | None], ...] = (
    rank, _per, _that, _part, _computed, _each, running, moving, previous, change, rate, share
)  # fmt: skip
