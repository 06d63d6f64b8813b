"""Loops over points and events in order, compiled by numba: windows slide, so each event is looked at twice at most.

Import it where it is used, as numba takes a moment to load.
"""

# mypy: disable-error-code="no-untyped-def"
from __future__ import annotations

import numpy as np
from numba import types

from data.streams.compiled import typed

INTS, FLOATS = (types.Array(kind, 1, "C", readonly=True) for kind in (types.int64, types.float64))
INT_ROWS, BIT_ROWS = (types.Array(kind, 2, "C", readonly=True) for kind in (types.int64, types.boolean))
MADE_BITS = types.boolean[:, ::1]
MADE, MADE_ROWS, MADE_FLOATS = types.int64[::1], types.int64[:, ::1], types.float64[:, ::1]
NOTHING = types.void

BLOCK = 512
"""Rows that are turned at once."""


@typed(NOTHING(INTS, INTS, INTS, INTS, types.int64, MADE))
def upto(codes, moments, code, at, window, found):
    """How many of some pairs in order are not after each (code, at - window), which are in order too."""
    place, size = 0, len(codes)
    for point in range(len(code)):
        mine, moment = code[point], at[point] - window
        while place < size and (codes[place] < mine or (codes[place] == mine and moments[place] <= moment)):
            place += 1
        found[point] = place


@typed(types.int64(INTS, INTS))
def covered(start, end):
    """How many numbers are in some ranges, neither of whose sides ever goes back."""
    count, last = 0, 0
    for point in range(len(start)):
        count += max(0, end[point] - max(start[point], last))
        last = max(last, end[point])
    return count


@typed(NOTHING(INTS, INTS, MADE))
def spread(start, end, found):
    """The numbers that are in such ranges, once each."""
    place, last = 0, 0
    for point in range(len(start)):
        for number in range(max(start[point], last), end[point]):
            found[place] = number
            place += 1
        last = max(last, end[point])


@typed(NOTHING(INTS, INTS, INTS, INTS, MADE))
def differences(come, gone, entered, left, found):
    """Sums of what came in until each point, less those of what went out."""
    for point in range(len(found)):
        found[point] = come[entered[point]] - gone[left[point]]


@typed(NOTHING(INTS, INTS, INTS, INTS, MADE))
def distinct(come, gone, entered, left, found):
    """How many different numbers there are among those that came in until each point and did not go out: the same
    numbers, in the order of either. Negative ones don't count. None goes out before it came in."""
    inside = np.zeros(come.max() + 1 if len(come) else 0, dtype=np.int32)
    first, last, different = 0, 0, 0
    for point in range(len(found)):
        while last < entered[point]:
            one = come[last]
            if one >= 0:
                different += inside[one] == 0
                inside[one] += 1
            last += 1
        while first < left[point]:
            one = gone[first]
            if one >= 0:
                inside[one] -= 1
                different -= inside[one] == 0
            first += 1
        found[point] = different


@typed(
    *(NOTHING(data, MADE_ROWS, INTS, types.boolean, made) for data, made in ((INTS, MADE_ROWS), (FLOATS, MADE_FLOATS)))
)
def extremes(data, starts, end, greatest, found):
    """The least or greatest of ranges that end alike, a row of `starts` and `found` for each, whose sides never go
    back; what is found in an empty one means nothing.

    What can still be the best of a range waits in a queue, each better than those behind it (Lemire, Streaming
    maximum-minimum filter, Nordic Journal of Computing 13, 2006). All ranges share it; each has its own front."""
    queue = np.empty(len(data) + 1, dtype=np.int64)
    front = np.zeros(len(starts), dtype=np.int64)
    back, place = 0, 0
    for point in range(len(end)):
        least = starts[0, point]
        for window in range(1, len(starts)):
            least = min(least, starts[window, point])
        if least > place:
            back, place = 0, least
            front[:] = 0
        lowest = back
        while place < end[point]:
            one = data[place]
            while back > 0 and (data[queue[back - 1]] <= one if greatest else data[queue[back - 1]] >= one):
                back -= 1
            lowest = min(lowest, back)
            queue[back] = place
            back += 1
            place += 1
        for window in range(len(starts)):
            at = min(front[window], lowest)
            while at < back and queue[at] < starts[window, point]:
                at += 1
            front[window] = at
            if at < back:
                found[window, point] = data[queue[at]]


@typed(types.boolean(INTS, INTS))
def in_order(codes, moments):
    """Whether pairs stand in order."""
    for at in range(1, len(codes)):
        if codes[at] < codes[at - 1] or (codes[at] == codes[at - 1] and moments[at] < moments[at - 1]):
            return False
    return True


@typed(NOTHING(INT_ROWS, BIT_ROWS, INTS, MADE_ROWS, MADE_BITS))
def put(data, valid, rows, found, there):
    """Put columns into some rows."""
    for place in range(len(rows)):
        row = rows[place]
        for column in range(len(data)):
            found[row, column] = data[column, place]
            there[row, column] = valid[column, place]


@typed(NOTHING(INT_ROWS, BIT_ROWS, MADE_ROWS, MADE_BITS))
def turn(data, valid, found, there):
    """Rows as columns; a block of them at a time, which stays in the cache."""
    for start in range(0, len(data), BLOCK):
        for column in range(len(found)):
            for row in range(start, min(len(data), start + BLOCK)):
                found[column, row] = data[row, column]
                there[column, row] = valid[row, column]
