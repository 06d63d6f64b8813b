"""A conversation that is opened again: its questions at once, then the rows, read anew under today's rights."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from app.ui import render
from data.errors import DataError

if TYPE_CHECKING:
    from agents.answers import Given
    from agents.replay import Replay
    from app.assembly import Lakewright
    from app.conversations import Turn
    from data.policy import Principal

OTHER = "The rows are not the same as when you asked"
READING = "Reading its rows again…"
NO_ROWS = "Its words are not kept."
NO_ANSWER = "No answer: it is still being worked on, or it was cut off."


def cards(lakewright: Lakewright, caller: Principal, turns: Sequence[Turn]) -> Iterator[tuple[str, ...]]:
    """The cards of these turns, again each time that one more has its rows; the newest gets them first."""
    given = [_given(lakewright, caller, turn) for turn in turns]
    made = [_before(turn, one) for turn, one in zip(turns, given, strict=True)]
    yield tuple(made)
    for index in reversed(range(len(turns))):
        one = given[index]
        if one is not None and one.digest:
            made[index] = _again(lakewright, caller, one)
            yield tuple(made)


def _given(lakewright: Lakewright, caller: Principal, turn: Turn) -> Given | None:
    try:
        return lakewright.answers.get(turn.answer_id, principal=caller.name) if turn.answer_id else None
    except DataError:
        return None


def _before(turn: Turn, given: Given | None) -> str:
    """A card without rows."""
    if given is None:
        return render.card(_document(turn.question, "unsure", NO_ANSWER), again=True)
    said = READING if given.digest else NO_ROWS
    return render.card(_of(given, said), again=not given.digest)


def _again(lakewright: Lakewright, caller: Principal, given: Given) -> str:
    from agents.replay import replay

    try:
        found = replay(lakewright.answers, lakewright.gateway, caller, given.answer_id)
        told = _told(lakewright, caller, found)
    except DataError as error:
        refused = {"status": "forbidden" if error.kind == "forbidden" else "failed"}
        return render.card(_of(given, f"{error.message} {error.remedy}") | refused, again=True)
    return render.card(_of(given, "") | told)


def _told(lakewright: Lakewright, caller: Principal, found: Replay) -> dict[str, Any]:
    """The rows as they are now, and in words."""
    from agents import statement
    from agents.ask.chart import chart
    from agents.ask.explain import explain, titles
    from agents.ask.meaning import meant
    from agents.ask.names import numbers
    from agents.ask.wording import Wording
    from data.values import plain

    tree, given = statement.query(found.given.sql), found.given
    wording = Wording(tree, lakewright.gateway.visible(caller), numbers(given.question))
    rows, columns = meant(found.rows, found.meanings), titles(wording, found.columns)
    said = explain(wording, found.columns, rows, truncated=found.truncated)
    shown = {name: plain(getattr(found, name)) for name in ("rows", "meanings", "sources")}
    about = f"asked {given.given_at:%Y-%m-%d %H:%M} UTC, read again now"
    answer = said if found.identical else f"{_changed(found)} {said}"
    return {**shown, "answer": answer, "columns": columns, "chart": chart(columns, rows), "about": about}


def _changed(found: Replay) -> str:
    return f"{OTHER}: {', '.join(found.changed)} changed." if found.changed else f"{OTHER}."


def _of(given: Given, said: str) -> dict[str, Any]:
    known = {name: getattr(given, name) for name in ("sql", "verified", "endpoint", "answer_id")}
    about = {"about": f"asked {given.given_at:%Y-%m-%d %H:%M} UTC"}
    return _document(given.question, given.status, said) | known | about


def _document(question: str, status: str, said: str) -> dict[str, Any]:
    return {
        "question": question, "status": status, "answer": said, "verified": False, "sql": "", "columns": [],
        "rows": [], "sources": [], "endpoint": "", "seconds": None, "answer_id": "", "meanings": [],
    }  # fmt: skip
