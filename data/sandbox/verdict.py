"""What became of a program, said in one word and with what it left behind."""

from __future__ import annotations

from dataclasses import replace

from data.sandbox import reading
from data.sandbox.cell import Cell
from data.sandbox.door import Door
from data.sandbox.frames import Frame, Garbled
from data.sandbox.program import Fault, Limits, Outcome, Status
from data.sandbox.watch import Watch

DIED = ("memory allocation of", "Out of memory", "std::bad_alloc")
"""What libraries say before they end their process."""
OUT_OF_MEMORY = ("MemoryError", "ArrowMemoryError", "OutOfMemoryException")


def outcome(watch: Watch, door: Door, cell: Cell, limits: Limits, seconds: float) -> Outcome:
    """The outcome of a run that is over."""
    stdout, stderr = (reading.decoded(bytes(raw)) for raw in watch.printed.values())
    left = Outcome(
        "killed", stdout, stderr, seconds=seconds, queries=tuple(door.queries), tables=tuple(door.tables),
        refused=door.refused,
    )  # fmt: skip
    if watch.last is None:
        return _ended(left, watch, cell)
    try:
        return _told(left, watch.last, limits)
    except Garbled as error:
        return replace(left, error=Fault("Garbled", str(error)))


def _told(left: Outcome, last: Frame, limits: Limits) -> Outcome:
    """Of a program that came to its end, and said what it found."""
    head, body = last
    fault = reading.fault(head)
    length = head.get("result")
    cut = length if isinstance(length, int) and 0 <= length <= len(body) else 0
    return replace(
        left,
        status=_status(fault),
        result=reading.table(body[:cut], limits),
        truncated=head.get("truncated") is True,
        error=fault,
        charts=reading.charts(head, body[cut:], limits),
    )


def _status(fault: Fault | None) -> Status:
    if fault is None:
        return "ok"
    return "memory" if fault.type in OUT_OF_MEMORY else "error"


def _ended(left: Outcome, watch: Watch, cell: Cell) -> Outcome:
    """Of a program that was ended."""
    status, code = watch.status or "killed", cell.ended()
    if status == "killed" and any(word in left.stderr for word in DIED):
        status = "memory"
    return replace(left, status=status, error=Fault("Ended", watch.garbled or f"It was ended ({status}, {code})."))
