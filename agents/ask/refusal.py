"""What is said where a question has no rows: why not, and what can be asked instead."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from agents.ask import recency
from agents.ask.names import called, numbers, things
from agents.ask.outcome import Outcome
from agents.ask.reading import reading
from agents.ask.state import AskState, Status
from agents.semantic import Semantic

if TYPE_CHECKING:
    from agents.ask.nodes import Desk
    from data.catalog import Catalog

MOST_NAMES, MOST_OFFERED = 12, 3


def refusal(state: AskState, desk: Desk) -> Outcome | None:
    """Why there are no rows, or None when there are."""
    if error := state["error"]:
        status: Status = "forbidden" if error["kind"] == "forbidden" else "failed"
        opening = "You may not see this" if status == "forbidden" else "This question could not be answered"
        return Outcome(status, f"{opening}: {error['message']} {error['remedy']}".strip())
    if state["declined"]:
        return Outcome(state["declined"], _declined(state, desk))
    if state.get("outcome"):
        return None
    if state["doubtful"]:
        return Outcome("unsure", _guess(state) if state["doubtful"] == "guess" else _nothing(state, desk))
    if state["refusal"] == "clarify" and not state["sql"]:
        return Outcome("clarify", recency.untold(state["context"]))
    if state["refusal"] and not state["sql"]:
        named = quoted(state["context"].unknown)
        start = f"Nothing that you may see matches {named}." if named else "I can't tell which data this is about."
        return Outcome(state["refusal"], f"{start} {_offer(desk.gateway.askable(desk.principal))}")
    return None


def _offer(catalog: Catalog) -> str:
    names = [table.full_name for table in catalog.tables]
    if not names:
        return "You have been granted no data yet: ask an administrator."
    more = " and others" if len(names) > MOST_NAMES else ""
    return f"You can ask about {', '.join(names[:MOST_NAMES])}{more}."


def _declined(state: AskState, desk: Desk) -> str:
    """Why a model wrote no SQL, or what it asks back: in its own words where it has some."""
    if state["reply"]:
        return _model_words(state)
    if state["declined"] == "clarify":
        return _which(state["readings"])
    return _nothing(state, desk)


def _nothing(state: AskState, desk: Desk) -> str:
    offer = _known(state) or _offer(desk.gateway.askable(desk.principal))
    return f"{_lacking(state) or 'I found nothing that tells this in what you may see.'} {offer}"


def _lacking(state: AskState) -> str:
    """What could not be found, by the question's own words."""
    return f"Nothing in these tables says anything about {quoted(state['lacking'])}." if state["lacking"] else ""


def _which(readings: Sequence[str]) -> str:
    if len(readings) > 1:
        return f"This can mean {', or '.join(readings)}. Say which of them you mean."
    return "This can mean several things. Please say more exactly what you want to know."


def _known(state: AskState) -> str:
    """What there is about the things that the question names."""
    context = state["context"]
    named = {target for hint in context.hints if hint.kind == "table" for target in hint.targets}
    semantic = Semantic.of(context.catalog)
    pairs = zip(context.catalog.tables, semantic.catalog.tables, strict=True)
    said = [
        f"{things(stored.name, meant.name)} have {', '.join(map(called, meant.columns[:MOST_NAMES]))}"
        for stored, meant in pairs
        if stored.full_name in named
    ]
    return f"You can ask what there is: {'; '.join(said[:MOST_OFFERED])}." if said else ""


def _guess(state: AskState) -> str:
    """A query that is too seldom right to be an answer, offered to somebody who can tell."""
    said = reading(state["sql"], state["question"], state["context"])
    meant = f": {said}" if said else ""
    why = _lacking(state) or "I am not sure enough of this to answer it."
    return f"{why} My best guess is the SQL here{meant}. Run it if you mean that."


def _model_words(state: AskState) -> str:
    """What a model asks back or gives as its reason, unless it mentions numbers that nobody gave it."""
    words = " ".join(state["reply"].split())[:500]
    if words and numbers(words) <= numbers(state["question"]):
        return words
    return "Please say more exactly what you want to know."


def quoted(names: Sequence[str]) -> str:
    """Names as the question had them."""
    return ", ".join(f"“{name}”" for name in names)
