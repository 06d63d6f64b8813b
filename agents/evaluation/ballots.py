"""Which of the queries that might answer each question are right: what the weights of asking are fitted to."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from agents.ask.compose import rows_of
from agents.ask.rerank.fit import Ballots, Rival
from agents.evaluation.gold import Gold, golds, matches

if TYPE_CHECKING:
    from agents.ask.graph import Ask
    from agents.evaluation.question import Line
    from data.gateway import Gateway
    from data.policy import Principal


def ballots(line: Line, ask: Ask, gateway: Gateway, principal: Principal, endpoint: str | None = None) -> Ballots:
    """Of one question of a file; the file's name is the set that it belongs to. `endpoint` writes."""
    right = golds(line, gateway, principal)
    found = ask.weighed(principal, line.question.question, endpoint)
    rivals = (
        Rival(text=b.text, evidence=b.weighed.evidence, right=_right(line, right, b.result))
        for b in found.ballots
        if b.weighed
    )
    return Ballots(
        set=line.file,
        question=line.question.question,
        answerable=line.question.answerable,
        candidates=tuple(rivals),
        doubt=found.doubt,
    )


def _right(line: Line, right: Iterable[Gold], result: object) -> bool:
    return result is not None and matches(line.question, right, rows_of(result)[1])  # type: ignore[arg-type]
