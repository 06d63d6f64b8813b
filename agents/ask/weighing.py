"""One question with all that might answer it, weighed: what the shipped weights are fitted to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from agents.ask.abstain.doubt import weigh
from agents.ask.pen import Pen
from agents.ask.state import AskState, asked
from agents.ask.vote import Ballot, elected, everything

if TYPE_CHECKING:
    from agents.ask.nodes import Desk


@dataclass(frozen=True)
class Weighing:
    """`ballots` are the queries that run; `doubt` is what speaks for the question's having no answer, with the best of
    them."""

    ballots: tuple[Ballot, ...]
    doubt: dict[str, float]


def weighing(desk: Desk, question: str) -> Weighing:
    """Ask the model for its candidates, draw the sketches, and run them all."""
    state: AskState = {
        **asked(desk.principal.name, question),
        "context": desk.retrieve(question),
    }
    pen = Pen.of(desk.open(), state)
    first = next(iter(pen.candidates()), None)
    found = everything(pen, desk)
    queries = [ballot for ballot in found if not ballot.declined]
    if first is not None:
        state["declines"] = first.logprob if pen.read(first.text)["declined"] else first.otherwise
    if best := elected(queries, None):
        ballot, logprob = best
        state = {**state, "wrote": ballot.text, "sql": ballot.sql, "logprob": logprob, "result": ballot.result}
    return Weighing(tuple(queries), weigh(Pen(pen.endpoint, pen.context, state, pen.semantic), desk.retriever.encode))
