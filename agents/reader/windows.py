"""Columns that are numbers of other rows: ranks, totals so far, moving averages, the period before and changes."""

from __future__ import annotations

import re

from agents.reader.operands import PERCENT, RUNNING, Recipe, base, named
from agents.reader.wanted import Cell

_RANK = re.compile(r"\b(?:rank|ranking|position|place)\b", re.I)
_CHANGE = re.compile(r"\b(?:change|growth|diff(?:erence)?|delta|increase|mom|yoy)\b", re.I)
_MOVING = re.compile(
    r"\b(?:moving|rolling|trailing)\b|\b(?P<rows>\d+) ?-?(?:d|day|days|m|month|months|w|week|weeks)\b", re.I
)
_SMOOTH = re.compile(r"\b(?:avg|average|mean|smoothed)\b", re.I)
_WORDS = {"three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "ten": 10, "twelve": 12, "thirty": 30}
_SIZE = re.compile(
    r"(?P<n><n\d+>|\d+|[a-z]+) ?-? ?(?:day|week|month|quarter|period|row)s? ?-? ?(?:moving|rolling|trailing|running)\b"
    r"|\b(?:moving|rolling|trailing) (?P<n2><n\d+>|\d+|[a-z]+) ?-? ?(?:day|week|month|quarter)\b"
)
_OWN_SIZE = re.compile(r"\b(\d+|three|seven|thirty) ?-?(?:d|day|days|m|months?|w|weeks?)\b")
_BEFORE = re.compile(
    r"^(?:the )?(?:prev(?:ious)?|prior|preceding|lag(?:ged)?|last(?= (?:day|week|month|quarter|year)))\b(?: (?:day|week"
    r"|month|quarter|year)\b)?(?: s\b)?|\b(?:of the )?(?:prev(?:ious)?|prior|preceding)(?: (?:day|week|month"
    r"|quarter|year))?$",
    re.I,
)


def rank(recipe: Recipe) -> Cell | None:
    """The place of a row among all, or in its group."""
    if not _RANK.search(recipe.raw):
        return None
    within = re.search(r"within|in (?:the|its|their|each)|per", recipe.raw, re.I)
    return Cell(way="rank", rows=int(bool(within)))


def running(recipe: Recipe) -> Cell | None:
    """`running_total`: a number with those of the rows before."""
    if not RUNNING.search(recipe.said):
        return None
    at, items = base(recipe.raw, recipe), recipe.items
    number = recipe.found[at].number if at is not None else items.kept(items.body[0]).number if items.body else -1
    return Cell(way="running", number=number) if number >= 0 else None


def previous(recipe: Recipe) -> Cell | None:
    """`prev_fees`: the number of the period before."""
    bare = _BEFORE.sub(" ", recipe.raw).strip()
    if bare == recipe.raw.strip() or not recipe.per_period or _CHANGE.search(recipe.raw):
        return None
    told = named(bare, recipe) if bare else None
    at = told if told is not None else base(bare or recipe.raw, recipe)
    if at is None or recipe.found[at].formula:
        return None
    return Cell(way="previous", number=recipe.found[at].number)


def moving(recipe: Recipe) -> Cell | None:
    """`moving_avg`, `fees_7d`: the mean, or sum, of a number over some rows up to its own."""
    said, text = recipe.said, recipe.items.text
    brief = re.fullmatch(r"(?:\w+ )?ma ?(\d*)|(?:\w+ )?(\d+) ?ma", said.replace("_", " "))
    told = _MOVING.search(said) or brief or (_SMOOTH.search(said) and _SIZE.search(text))
    rows = _size(recipe)
    if brief and (digits := brief[1] or brief[2]) and int(digits) != rows:
        return None
    at = base(recipe.raw, recipe)
    if not told or not rows or at is None or not recipe.per_period:
        return None
    summed = re.search(r"(?:moving|rolling|trailing) (?:sum|total)", f"{said} {text}")
    return Cell(way="summed" if summed else "moving", number=recipe.found[at].number, rows=rows)


def _size(recipe: Recipe) -> int:
    """Over how many rows a number moves, as the column or else the task tells it; 0 where neither does."""
    if (own := _OWN_SIZE.search(recipe.said)) and (rows := _WORDS.get(own[1], 0) or int(own[1])):
        return rows
    told = _SIZE.search(recipe.items.text)
    many = (told["n"] or told["n2"]) if told else ""
    return recipe.items.marked.whole(many) or _WORDS.get(many, 0)


def change(recipe: Recipe) -> Cell | None:
    """From the first of two numbers to the last, or from the period before."""
    if not _CHANGE.search(recipe.said):
        return None
    percent = bool(PERCENT.search(recipe.said) or re.search("growth", recipe.said, re.I))
    able = recipe.plain
    dated = [at for at in able if re.search(r"20\d\d", recipe.items.wanted[at].name)]
    if len(able) == 2 and (not recipe.per_period or len(dated) == 2):
        first, last = (recipe.place(at) for at in able)
        return Cell(formula=f"100.0 * ({last} - {first}) / {first}" if percent else f"{last} - {first}")
    at = base(recipe.raw, recipe)
    if at is None or not recipe.per_period:
        return None
    return Cell(way="growth" if percent else "difference", number=recipe.found[at].number)
