"""What a query does, step by step, over frames whose columns have plain names: what every language of frames says.

Expressions are trees of sqlglot in which a column has no table any more. They hold no aggregate, no window and no
sub-query: those are steps, or values that were computed before.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from sqlglot import exp

from data.errors import Invalid

ELAPSED = "ELAPSED"
"""The unit of a DATE_DIFF that stands for the seconds between two moments, with their fractions."""
Kind = Literal["int", "float", "decimal", "text", "time", "zoned", "date", "bool", "other"]
"""What is known of a column's type; `zoned` are moments whose day hangs on a time zone."""
How = Literal["inner", "left", "cross", "semi", "anti"]


@dataclass(frozen=True)
class Scan:
    """All rows of a table of the catalogue."""

    table: str
    kinds: tuple[tuple[str, Kind], ...]


@dataclass(frozen=True)
class Order:
    """A column to sort by; what is missing comes last unless `nulls_first`."""

    column: str
    descending: bool = False
    nulls_first: bool = False


@dataclass(frozen=True)
class Filter:
    """The rows that meet all conditions."""

    conditions: tuple[exp.Expr, ...]


@dataclass(frozen=True)
class Join:
    """Rows beside those of another frame that are equal in the columns `on`, all of them with all where the join is a
    cross, or those that have (no) such rows."""

    frame: Frame
    on: tuple[str, ...]
    how: How


@dataclass(frozen=True)
class Extend:
    """More columns, each computed of those that were there before."""

    columns: tuple[tuple[str, exp.Expr], ...]


@dataclass(frozen=True)
class Aggregate:
    """One number made of many rows, of those that meet the condition. `function` is count, distinct, sum, avg, min,
    max, stddev (of a sample) or quantile; count without an argument counts rows."""

    name: str
    function: str
    argument: exp.Expr | None = None
    condition: exp.Expr | None = None
    share: float = 0.5
    discrete: bool = False
    """Whether a quantile is one of the values, not between two of them."""


@dataclass(frozen=True)
class Group:
    """One row for each combination of the keys; one row in all without keys."""

    keys: tuple[str, ...]
    aggregates: tuple[Aggregate, ...]


@dataclass(frozen=True)
class Window:
    """A column of each row's place among others: rank, dense_rank, row_number, lag, lead, sum, avg, count, min, max."""

    name: str
    function: str
    argument: str = ""
    partition: tuple[str, ...] = ()
    order: tuple[Order, ...] = ()
    offset: int = 1
    rows: int = 0
    """How many rows it is of, up to and with its own; 0 for all."""


@dataclass(frozen=True)
class Sort:
    """The rows in an order."""

    orders: tuple[Order, ...]


@dataclass(frozen=True)
class Head:
    """The first rows after some that are left out."""

    rows: int
    skipped: int = 0


@dataclass(frozen=True)
class Select:
    """These columns in this order, and no others."""

    columns: tuple[tuple[str, exp.Expr], ...]

    @property
    def plain(self) -> bool:
        """Whether columns are only chosen, none renamed or computed."""
        return all(isinstance(made, exp.Column) and made.name == name for name, made in self.columns)


@dataclass(frozen=True)
class Distinct:
    """Each row once."""


@dataclass(frozen=True)
class Below:
    """The rows of another frame, which has the same columns, below those that are there."""

    frame: Frame


Step = Filter | Below | Join | Extend | Group | Window | Sort | Head | Select | Distinct


@dataclass(frozen=True)
class Frame:
    """Rows of a table, or of another frame, after some steps. `scalars` are one-cell frames that the steps read by
    name; `kinds` are the columns that come out."""

    name: str
    source: Scan
    steps: tuple[Step, ...]
    kinds: tuple[tuple[str, Kind], ...]
    scalars: tuple[Frame, ...] = ()


class Unsupported(Invalid):
    """SQL that can't be written as a program of frames."""

    @classmethod
    def of(cls, what: exp.Expr | str) -> Unsupported:
        said = what if isinstance(what, str) else what.sql("duckdb")
        return cls(f"'{said[:80]}' can't be written as steps over frames.", "Take the SQL, or ask for less at once.")


def column(name: str) -> exp.Column:
    """A column of the frame at hand."""
    return exp.Column(this=exp.to_identifier(name))


def inside(holder: exp.Paren) -> exp.Expr:
    """What is held: a node that may have been replaced while it was looked through."""
    held: exp.Expr = holder.this
    return held
