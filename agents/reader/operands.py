"""The columns and numbers that a column is made of, by the words for them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from agents.reader.body import known
from agents.reader.figures import number
from agents.reader.frame import Measure, Number
from agents.reader.items import Items
from agents.reader.plain import plainly
from agents.reader.wanted import Cell, Wanted
from data.naming import single, words

STEM = 4
"""As many letters as words share that tell of the same: `refunds` and `refunded`."""
RUNNING = re.compile(r"\b(?:running|cumulative|accumulated|cum|to date|so far|ytd)\b", re.I)
PERCENT = re.compile(r"percent|pct|%", re.I)
_DATED = re.compile(
    r"(?P<when>(?:(?:q[1-4]|h[12]|[a-z]{3,9}) )?20\d\d|q[1-4]|h[12])(?: (?:numbers?|figures?|values?|ones?|amounts?"
    r"|totals?|counts?))?",
    re.I,
)
"""A column by its period alone: `the 2025 number`."""


@dataclass(frozen=True)
class Recipe:
    """What a task tells of how a column is made, and the columns that are known already."""

    want: Wanted
    raw: str
    """What is said of it, or else its name."""
    marks: str
    """The same in marks."""
    said: str
    """The same with its name."""
    found: Mapping[int, Cell]
    items: Items

    @property
    def is_said(self) -> bool:
        """Whether the task says how it is made, beyond its name."""
        return self.raw is self.want.said

    @property
    def at(self) -> int:
        """The place of the column."""
        return self.items.wanted.index(self.want)

    @property
    def numbers(self) -> list[int]:
        """The places of the columns that are numbers of the rows."""
        return [at for at, cell in sorted(self.found.items()) if cell.number >= 0 and not cell.way]

    @property
    def plain(self) -> list[int]:
        """Those of them that are not made of others."""
        return [at for at in self.numbers if not self.found[at].formula]

    @property
    def per_period(self) -> bool:
        """Whether rows are put together by a period."""
        return any(group.unit for group in self.items.frame.groups)

    def number(self, at: int) -> Number:
        """The number in a column."""
        return self.items.numbers[self.found[at].number]

    def place(self, at: int) -> str:
        """The number in a column, in a formula."""
        return f"{{{self.found[at].number}}}"


def named(said: str, recipe: Recipe, among: Mapping[int, Cell] | None = None) -> int | None:
    """The column that a phrase names, of all or of some."""
    every = [single(word) for word in words(said)]
    told = [single(word) for word in words(said) if word not in ("the", "of", "total", "number")] or every
    able = [at for at, cell in sorted((recipe.found if among is None else among).items()) if cell.number >= 0]
    for alike in (
        lambda own: own == told,
        lambda own: set(told) <= set(own),
        lambda own: any(word[:STEM] == one[:STEM] for word in told for one in own if len(word) >= STEM),
    ):
        fit = [at for at in able if alike([*recipe.items.wanted[at].words])]
        if len(fit) == 1:
            return fit[0]
    return None


def base(said: str, recipe: Recipe) -> int | None:
    """The column of which another is a part or a run: the one that is named, or else the number before it."""
    told = re.search(r"\bof (?:the |total |all )*(?P<of>\w[\w ]*)$", said)
    if told and (at := named(told["of"], recipe)) is not None:
        return at
    bare = RUNNING.sub(" ", said).strip()
    if bare != said.strip() and (at := named(bare, recipe)) is not None:
        return at
    able = recipe.plain
    return max((at for at in able if at < recipe.at), default=able[0] if able else None)


def operand(raw: str, marks: str, recipe: Recipe) -> str | None:
    """What a phrase is in a formula: a number as it stands, a column, another number of the rows, or a sum of these."""
    if "+" in raw:
        return _added(raw, marks, recipe)
    raw = re.sub(r"^(?:the|its|their) ", "", raw.strip(" ()"))
    raw = re.sub(r" in (?:dollars|usd)$", "", raw)
    if dated := _DATED.fullmatch(raw):
        at = named(dated["when"], recipe)
        return recipe.place(at) if at is not None and not recipe.found[at].formula else None
    if re.fullmatch(r"\d+(?:\.\d+)?", raw):
        return raw
    exact = named(raw, recipe) if "_" in raw or len(raw.split()) < 3 else None
    if exact is not None and not re.search(r"\b(?:over|for|among)\b", raw):
        return recipe.found[exact].formula or recipe.place(exact)
    made = number(plainly(marks.strip(" ()")), recipe.items)
    return f"{{{recipe.items.kept(known(made, recipe.items)).number}}}" if made is not None else None


def _added(raw: str, marks: str, recipe: Recipe) -> str | None:
    """`(fees + refunds)`."""
    raws, told = raw.split("+"), marks.split("+")
    parts = [operand(one, two, recipe) for one, two in zip(raws, told, strict=False)]
    whole = len(raws) == len(told) and raw.strip().startswith("(")
    return f"({' + '.join(part for part in parts if part)})" if whole and None not in parts else None


def adds(made: Number, *functions: str) -> bool:
    """Whether a number is a sum or a count."""
    return isinstance(made, Measure) and made.function in (functions or ("sum", "count", "distinct"))
