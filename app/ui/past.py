"""A conversation that is opened again: its questions at once, then the rows, read anew under today's rights."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from app import recalled
from app.ui import render

if TYPE_CHECKING:
    from app.assembly import Lakewright
    from app.conversations import Turn
    from data.policy import Principal

READING = "Reading its rows again…"


def cards(lakewright: Lakewright, caller: Principal, turns: Sequence[Turn]) -> Iterator[tuple[str, ...]]:
    """The cards of these turns, again each time that one more has its rows; the newest gets them first."""
    given = [recalled.given(lakewright, caller, turn) for turn in turns]
    whole = [one is None or not one.digest for one in given]
    parts = zip(turns, given, whole, strict=True)
    made = [render.card(recalled.before(turn, one, READING), again=done) for turn, one, done in parts]
    yield tuple(made)
    for index in reversed(range(len(turns))):
        one = given[index]
        if one is not None and one.digest:
            document = recalled.again(lakewright, caller, one)
            made[index] = render.card(document, again=document["status"] in ("forbidden", "failed"))
            yield tuple(made)
