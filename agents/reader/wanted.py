"""A column that a task lists, and what stands in it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from agents.reader.frame import Targets
from data.naming import single, words


@dataclass(frozen=True)
class Wanted:
    """A column: its name, what the task says of it, and both in marks."""

    name: str
    said: str = ""
    marks: str = ""
    told: str = ""

    @property
    def words(self) -> tuple[str, ...]:
        """The words of its name, each as one of the thing."""
        return tuple(single(word) for word in words(re.sub(r"['’]s\b", "", self.name)))


@dataclass(frozen=True)
class Cell:
    """What stands in a column: a column of the rows (at most `column` is set), the number at a place, or `formula`, in
    which `{2}` is the number at that place. `way` is a number made of those of other rows: running, moving, before."""

    number: int = -1
    formula: str = ""
    way: str = ""
    rows: int = 0
    column: Targets = ()
    unit: str = ""
    """Of a period, what it is cut to."""

    @property
    def is_key(self) -> bool:
        """Whether it is a column of the rows."""
        return self.number < 0 and not self.formula and not self.way


@dataclass(frozen=True)
class Made:
    """A query whose last `numbers` columns are numbers, and what stands in each column that is wanted."""

    sql: str
    cells: tuple[Cell, ...]
    numbers: int
