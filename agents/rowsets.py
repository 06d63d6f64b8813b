"""Are two results the same? By type with a tolerance, columns in any order, rows in order when asked."""

from __future__ import annotations

import hashlib
import math
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

TOLERANCE = 1e-6
# Where sums of floats cancel out, what is left of zero is noise.
ZERO = 1e-12

Cell = tuple[str, Any]
Row = tuple[Cell, ...]


def cell(value: Any, *, as_text: bool = False) -> Cell:
    """A value with its type. Dates are times at midnight; `as_text` is for JSON, whose times are text."""
    match value:
        case None:
            return "null", 0
        case bool():
            return "bool", value
        case int() | float() | Decimal():
            return ("nan", 0) if value != value else ("number", _number(value))
        case datetime() | date():
            return ("text", _moment(value).isoformat()) if as_text else ("time", _moment(value).isoformat())
        case str():
            return "text", _text_of(value) if as_text else value
        case time() | UUID():
            return "text" if as_text or isinstance(value, UUID) else "clock", str(value)
        case timedelta():
            return "number" if as_text else "span", value.total_seconds()
        case bytes():
            return "bytes", value.hex()
        case dict():
            return "struct", tuple((str(k), cell(v, as_text=as_text)) for k, v in sorted(value.items(), key=str))
        case list() | tuple():
            return "list", tuple(cell(item, as_text=as_text) for item in value)
    return type(value).__name__, str(value)


def table(rows: Sequence[Sequence[Any]], *, as_text: bool = False) -> list[Row]:
    """Rows of cells."""
    return [tuple(cell(value, as_text=as_text) for value in row) for row in rows]


def same(gold: Sequence[Row], got: Sequence[Row], *, ordered: bool = False) -> bool:
    """Whether some order of `got`'s columns makes the rows those of `gold`."""
    if len(gold) != len(got) or {len(row) for row in gold} != {len(row) for row in got}:
        return False
    if not gold:
        return True
    compare = _in_order if ordered else _in_any_order
    left, right = list(zip(*gold, strict=True)), list(zip(*got, strict=True))
    return _arranged(left, right, [], compare)


def digest(rows: Sequence[Sequence[Any]], *, ordered: bool) -> str:
    """A hash of a result. Floats count to ten digits: the last ones of a sum vary from run to run."""
    lines = [repr([_brief(item) for item in row]) for row in table(rows)]
    text = "\n".join(lines if ordered else sorted(lines))
    return hashlib.sha256(text.encode()).hexdigest()


def _arranged(left: list[Row], right: list[Row], chosen: list[Row], compare: Any) -> bool:
    """Backtracking over the columns: a choice stands only if the rows over those chosen so far agree."""
    if len(chosen) == len(left):
        return True
    tried: list[Row] = []
    for index, column in enumerate(right):
        if column in tried:
            continue
        tried.append(column)
        together = [*chosen, column]
        if compare([left[len(chosen)]], [column]) and compare(left[: len(together)], together):
            rest = right[:index] + right[index + 1 :]
            if _arranged(left, rest, together, compare):
                return True
    return False


def _in_order(left: Sequence[Row], right: Sequence[Row]) -> bool:
    return all(
        _equal(a, b) for first, second in zip(left, right, strict=True) for a, b in zip(first, second, strict=True)
    )


def _in_any_order(left: Sequence[Row], right: Sequence[Row]) -> bool:
    """Rows as a multiset. Sorting pairs them up, unless numbers within the tolerance sort differently."""
    ours, theirs = _buckets(left), _buckets(right)
    if {key: len(rows) for key, rows in ours.items()} != {key: len(rows) for key, rows in theirs.items()}:
        return False
    return all(_paired(rows, theirs[key]) for key, rows in ours.items())


def _buckets(columns: Sequence[Row]) -> dict[Row, list[tuple[Any, ...]]]:
    """The numbers of each row, by everything else in it: only numbers have a tolerance."""
    buckets: dict[Row, list[tuple[Any, ...]]] = defaultdict(list)
    for row in zip(*columns, strict=True):
        exact = tuple((kind, None) if kind == "number" else (kind, value) for kind, value in row)
        buckets[exact].append(tuple(value for kind, value in row if kind == "number"))
    return buckets


def _paired(left: list[tuple[Any, ...]], right: list[tuple[Any, ...]]) -> bool:
    left, right = sorted(left), sorted(right)
    return all(map(_near, left, right)) or _matched(left, right)


def _matched(left: list[tuple[Any, ...]], right: list[tuple[Any, ...]]) -> bool:
    """A perfect matching by augmenting paths, over rows whose first number is near enough."""
    partner: dict[int, int] = {}
    options = [list(_around(row, right)) for row in left]
    return all(_augment(index, options, partner) for index in range(len(left)))


def _augment(start: int, options: list[list[int]], partner: dict[int, int]) -> bool:
    """Find `start` a partner, moving earlier ones where that helps; a queue, as chains may be long."""
    came: dict[int, int] = {}
    queue = [start]
    for index in queue:
        for option in options[index]:
            if option in came:
                continue
            came[option] = index
            if option not in partner:
                _shift(option, start, came, partner)
                return True
            queue.append(partner[option])
    return False


def _shift(option: int, start: int, came: dict[int, int], partner: dict[int, int]) -> None:
    held = {index: taken for taken, index in partner.items()}
    while True:
        index = came[option]
        partner[option] = index
        if index == start:
            return
        option = held[index]


def _around(row: tuple[Any, ...], right: list[tuple[Any, ...]]) -> Iterator[int]:
    margin = abs(row[0]) * 2 * TOLERANCE + 2 * ZERO if row and math.isfinite(row[0]) else 0
    index = bisect_left(right, (row[0] - margin,)) if row else 0
    while index < len(right) and (not row or right[index][0] <= row[0] + margin):
        if _near(row, right[index]):
            yield index
        index += 1


def _near(left: tuple[Any, ...], right: tuple[Any, ...]) -> bool:
    return all(_close(a, b) for a, b in zip(left, right, strict=True))


def _equal(left: Cell, right: Cell) -> bool:
    if left[0] != right[0]:
        return False
    return _close(left[1], right[1]) if left[0] == "number" else bool(left[1] == right[1])


def _close(left: Any, right: Any) -> bool:
    # Whole numbers are identifiers and counts: neighbours must not pass for each other.
    if isinstance(left, int) and isinstance(right, int):
        return left == right
    return math.isclose(left, right, rel_tol=TOLERANCE, abs_tol=ZERO)


def _number(value: float | Decimal) -> int | float:
    """Whole numbers stay exact, also those that a store writes as decimals."""
    if isinstance(value, Decimal):
        return int(value) if value.is_finite() and value.as_tuple().exponent == 0 else float(value)
    return value


def _moment(value: date) -> datetime:
    if not isinstance(value, datetime):
        return datetime(value.year, value.month, value.day)
    return value.astimezone(UTC).replace(tzinfo=None) if value.tzinfo else value


def _text_of(value: str) -> str:
    """A text that is a date or time is written in one way; any other text stays."""
    if not value[:4].isdigit() or value[4:5] != "-":
        return value
    try:
        return _moment(datetime.fromisoformat(value)).isoformat()
    except ValueError:
        return value


def _brief(item: Cell) -> Cell:
    kind, value = item
    return (kind, f"{value:.10g}") if kind == "number" and isinstance(value, float) else (kind, str(value))
