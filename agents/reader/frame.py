"""What a task asks of tables, before it is known how they are joined."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from agents.reader.peers import Peers
    from agents.reader.previous import Before

Function = Literal["count", "distinct", "sum", "avg", "min", "max", "median", "quantile", "stddev"]
Targets = tuple[str, ...]
"""Columns by full name, any of which may be meant."""


@dataclass(frozen=True)
class Test:
    """`said` follows the column: ` = 'captured'`."""

    column: Targets
    said: str
    other: Targets = ()
    """The column that stands for `{other}`."""
    roles: tuple[str, str] | tuple[()] = ()
    """The two parts of a thing whose columns are compared; `said` is the sign between them."""


@dataclass(frozen=True)
class Noun:
    """A phrase of linked words: the tables that it names, its column, and what its adjectives ask of rows."""

    tables: tuple[str, ...] = ()
    column: Targets = ()
    tests: tuple[Test, ...] = ()
    verbs: tuple[Targets, ...] = ()

    @property
    def table(self) -> str:
        """What its rows are of: the last table that is named."""
        return self.tables[-1] if self.tables else ""


@dataclass(frozen=True)
class Among:
    """Things that rows of another table point at, or that none does; `least` is how many rows."""

    table: str
    present: bool
    tests: tuple[Test, ...] = ()
    period: tuple[str, str] = ("", "")
    said: str = ""
    """What follows the number of rows: ` >= 3`."""


@dataclass(frozen=True)
class Measure:
    """A number of the rows of a table, of those that meet the tests."""

    function: Function
    table: str
    column: Targets = ()
    tests: tuple[Test, ...] = ()
    until: Targets = ()
    unit: str = ""
    """With `until`, the number is the time between two moments, in a unit."""
    share: float = 0.5
    """Of a quantile."""
    among: tuple[Among, ...] = ()
    """What else is asked of its rows: that there are others of them, or none."""
    per: float = 1
    """What it is divided by, for another unit than that of the column."""
    filled: bool = False
    """Whether missing values count as 0."""


@dataclass(frozen=True)
class Ratio:
    """One number over another. `whole`: over that of all groups."""

    top: Measure
    bottom: Measure | None = None
    percent: bool = True
    within: Targets = ()
    """The column in whose groups the whole is, "()" for that of all."""
    each: bool = False
    """Whether it is the mean of each row's own ratio."""
    minus: bool = False
    """Whether it is the one less the other; of two moments in a unit."""
    unit: str = ""


Number = Measure | Ratio


def measures_of(number: Number) -> Iterator[Measure]:
    """The measures that a number is made of."""
    if isinstance(number, Measure):
        yield number
        return
    yield number.top
    if number.bottom:
        yield number.bottom


@dataclass(frozen=True)
class Classes:
    """Classes of the values of a column, each a label and a condition, of which the first that holds counts; the last
    has none where it takes what is left. `by` are the words for the column."""

    cases: tuple[tuple[str, str], ...]
    by: str = ""
    unit: str = ""
    """The unit of time that the values are told in, "" for that of the column."""
    per: float = 1


@dataclass(frozen=True)
class Group:
    """What rows are put together by: a column, a thing with its title, a period of a time (`unit`), or classes."""

    column: Targets = ()
    table: str = ""
    unit: str = ""
    classes: Classes | None = None


@dataclass(frozen=True)
class Bound:
    """A number of each group, compared: `said` follows it. With `average`, it is compared with that of all rows."""

    number: Number
    said: str


@dataclass
class Frame:
    """What was read so far."""

    text: str = ""
    """What is asked, in marks."""
    subject: str = ""
    """The table whose rows or things are asked for."""
    numbers: list[Number] = field(default_factory=list)
    groups: list[Group] = field(default_factory=list)
    tests: list[Test] = field(default_factory=list)
    bounds: list[Bound] = field(default_factory=list)
    among: list[Among] = field(default_factory=list)
    columns: list[Targets] = field(default_factory=list)
    shown: list[Targets] = field(default_factory=list)
    """Columns that the outputs name, of any table."""
    tables: set[str] = field(default_factory=set)
    order: str = ""
    """`number`, `period`, `time`, or the full name of a column."""
    descending: bool = True
    limit: int = 0
    within: bool = False
    """Whether the limit is one of each group."""
    beside: list[list[Test]] = field(default_factory=list)
    """Periods that are compared, each as tests."""
    ranked: bool = False
    """Whether each number is shown with its rank among those of one value of the first group."""
    outputs: tuple[str, ...] = ()
    """The columns that are wanted by name."""
    then: list[str] = field(default_factory=list)
    """The columns that come after it in the order."""
    digits: int = -1
    """Decimals that numbers are rounded to; -1 for all that there are."""
    filled: list[Targets] = field(default_factory=list)
    """Columns whose missing values count as 0."""
    sorted_column: Targets = ()
    """The column of the number that is sorted by."""
    sorting: str = ""
    """The number that is sorted by, in the task's words; "" for whichever."""
    parts: list[Test] = field(default_factory=list)
    """What a share is of: the tests of its part alone."""
    part_among: list[Among] = field(default_factory=list)
    peers: list[Peers] = field(default_factory=list)
    """What each row is compared with, of the rows of the same thing."""
    before: Before | None = None
    """What each row is more than the one before it."""
    change: str = ""
    """`difference` or `growth`, where it is that of two periods that is asked for."""
    fraction: bool = False
    """Whether shares are told as fractions of 1."""
    pivot: Targets = ()
    """The column whose values become columns."""
    per: float = 1
    """What amounts of time are divided by, for another unit than that of their column."""
    each: bool = False
    """Whether each number has all that is asked of its own rows: nothing is asked of all for it."""
    roles: frozenset[str] = frozenset()
    """The parts in which a table is to be there, each joined for itself: sender and receiver."""
    timed: str = ""
    """The table whose rows alone are of the period: what belongs to them may be of any time."""
    nth: int = 0
    """The place of the one row of each group that is wanted, where it is not the first."""
    tie: Targets = ()
    """The column that decides between rows that come at once, from the lowest; from the highest with `tie_down`."""
    tie_down: bool = False
    zero: bool = False
    """Whether things without any row are there too."""
