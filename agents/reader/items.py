"""The columns that a task lists, over the frame of its other words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from agents.reader.frame import Frame, Number, measures_of
from agents.reader.marked import Marked
from agents.reader.wanted import Cell, Wanted

MADE = re.compile(
    r"/|\*|\bdivided by\b|\bminus\b|\bless\b|\bshare\b|\bpercent(?!ile)|\bpct\b|\brates?\b|\bratio\b"
    r"|\brunning\b|\bcumulative"
    r"|\bprev(?:ious)?\b|\bprior\b|\bpreceding\b|\blag(?:ged)?\b"
    r"|\bchange\b|\bgrowth\b|\brank|\bto date\b|\bso far\b|\bdiff|\bdelta\b|\bmoving\b|\brolling\b"
    r"|\bfraction\b|%|\b\d+d\b|\b\d+ ?-? ?days? (?:moving|rolling)"
)
"""What tells that a column is made of other columns."""


@dataclass
class Items:
    """The columns of a task over its frame."""

    wanted: Sequence[Wanted]
    frame: Frame
    marked: Marked
    near: frozenset[str]
    """The tables that the task names."""
    numbers: list[Number] = field(default_factory=list)
    """The numbers of the columns that were told so far."""
    body: list[Number] = field(default_factory=list)
    """The numbers that the task names besides its columns."""
    text: str = ""
    """The whole task, in marks."""

    @property
    def subject(self) -> str:
        """The table whose rows the columns tell of."""
        first = self.body[0] if self.body else None
        table = next(measures_of(first)).table if first else ""
        return table or self.frame.subject or next(iter(sorted(self.near)), "")

    @property
    def tables(self) -> frozenset[str]:
        """The tables that the task or a number of it names."""
        return self.near | {m.table for one in self.numbers for m in measures_of(one)}

    def kept(self, number: Number) -> Cell:
        """The cell of a number, which is one of the task's from now on."""
        if number not in self.numbers:
            self.numbers.append(number)
        return Cell(self.numbers.index(number))
