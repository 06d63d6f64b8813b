"""An earlier answer as it is today: its words are not kept, and its rows are read again under today's rights."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from data.errors import DataError

if TYPE_CHECKING:
    from agents.answers import Given
    from agents.replay import Replay
    from app.assembly import Lakewright
    from app.conversations import Turn
    from data.policy import Principal

OTHER = "The rows are not the same as when you asked"
NO_ROWS = "Its words are not kept."
NO_ANSWER = "No answer: it is still being worked on, or it was cut off."


def given(lakewright: Lakewright, caller: Principal, turn: Turn) -> Given | None:
    """What was kept of the answer; None where there is none."""
    try:
        return lakewright.answers.get(turn.answer_id, principal=caller.name) if turn.answer_id else None
    except DataError:
        return None


def before(turn: Turn, kept: Given | None, reading: str = NO_ROWS) -> dict[str, Any]:
    """The answer without its rows; `reading` is what is said of rows that are still to come."""
    if kept is None:
        return _document(turn.question, "unsure", NO_ANSWER)
    return _of(kept, reading if kept.digest else NO_ROWS)


def again(lakewright: Lakewright, caller: Principal, kept: Given) -> dict[str, Any]:
    """The answer with its rows as they are now, or why there are none."""
    from agents.replay import replay

    try:
        found = replay(lakewright.answers, lakewright.gateway, caller, kept.answer_id)
        return _of(kept, "") | _told(lakewright, caller, found)
    except DataError as error:
        refused = {"status": "forbidden" if error.kind == "forbidden" else "failed"}
        return _of(kept, f"{error.message} {error.remedy}") | refused


def recalled(lakewright: Lakewright, caller: Principal, turn: Turn) -> dict[str, Any]:
    """The answer of a turn, with rows where it had any."""
    kept = given(lakewright, caller, turn)
    return again(lakewright, caller, kept) if kept is not None and kept.digest else before(turn, kept)


def _told(lakewright: Lakewright, caller: Principal, found: Replay) -> dict[str, Any]:
    """The rows as they are now, and in words."""
    from agents import statement
    from agents.ask.chart import chart
    from agents.ask.explain import explain, titles
    from agents.ask.meaning import meant
    from agents.ask.names import numbers
    from agents.ask.wording import Wording
    from data.values import plain

    tree, kept = statement.query(found.given.sql), found.given
    wording = Wording(tree, lakewright.gateway.visible(caller), numbers(kept.question))
    rows, columns = meant(found.rows, found.meanings), titles(wording, found.columns)
    said = explain(wording, columns, rows, truncated=found.truncated)
    shown = {name: plain(getattr(found, name)) for name in ("rows", "meanings", "sources")}
    about = f"asked {kept.given_at:%Y-%m-%d %H:%M} UTC, read again now"
    answer = said if found.identical else f"{_changed(found)} {said}"
    return {**shown, "answer": answer, "columns": columns, "chart": chart(columns, rows), "about": about}


def _changed(found: Replay) -> str:
    return f"{OTHER}: {', '.join(found.changed)} changed." if found.changed else f"{OTHER}."


def _of(kept: Given, said: str) -> dict[str, Any]:
    known = {name: getattr(kept, name) for name in ("sql", "verified", "endpoint", "answer_id")}
    about = {"about": f"asked {kept.given_at:%Y-%m-%d %H:%M} UTC"}
    return _document(kept.question, kept.status, said) | known | about


def _document(question: str, status: str, said: str) -> dict[str, Any]:
    return {
        "question": question, "status": status, "answer": said, "verified": False, "sql": "", "columns": [],
        "rows": [], "sources": [], "endpoint": "", "seconds": None, "answer_id": "", "meanings": [],
    }  # fmt: skip
