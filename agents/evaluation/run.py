"""Asking every question of one or several endpoints."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from agents.ask.state import Answer
from agents.evaluation.gold import Gold, golds
from agents.evaluation.outcome import Outcome, judged
from data.errors import DataError, Invalid, Unavailable

if TYPE_CHECKING:
    from agents.evaluation.coding import Coding
    from agents.evaluation.question import Line
    from data.gateway import Gateway
    from data.policy import Principal

AskOne = Callable[[str], Answer]


def outcomes(
    lines: Sequence[Line],
    endpoints: Mapping[str, AskOne],
    gateway: Gateway,
    principal: Principal,
    coding: Coding | None = None,
) -> Iterator[dict[str, Outcome]]:
    """What became of each question, by endpoint. A question goes to all endpoints before the next one does,
    so that a run that is stopped has asked them the same ones.

    The gold queries run first, so that a bad one is found before time goes into asking. Unavailable when a
    model or a store is not there: figures over such a run would say nothing about the model.
    """
    if not lines:
        raise Invalid("There are no questions to evaluate.", "Give a file with at least one.")
    right = [_right(line, gateway, principal, coding) for line in lines]
    for line, wanted in zip(lines, right, strict=True):
        yield {name: outcome(line, wanted, _asker(line, name, ask, coding)) for name, ask in endpoints.items()}


def _right(line: Line, gateway: Gateway, principal: Principal, coding: Coding | None) -> tuple[Gold, ...]:
    if line.question.language is not None and coding is None:
        raise Invalid(f"{line.where}: this is a task for code.", "Ask it where code can be run: lakewright eval FILE")
    if coding is not None and line.question.gold is not None:
        return (coding.gold(line),)
    return golds(line, gateway, principal)


def _asker(line: Line, name: str, ask: AskOne, coding: Coding | None) -> AskOne:
    if coding is None or line.question.language is None:
        return ask
    return lambda _: coding.answer(line.question, name)


def outcome(line: Line, right: Sequence[Gold], ask: AskOne) -> Outcome:
    """Ask one question and judge the answer. Unavailable as `outcomes` raises it."""
    begun = time.perf_counter()
    answer = _asked(ask, line.question.question)
    return judged(line, right, answer, time.perf_counter() - begun)


def _asked(ask: AskOne, question: str) -> Answer:
    try:
        answer = ask(question)
    except Unavailable:
        raise
    except DataError as error:
        facts = {"kind": error.kind, "message": error.message, "remedy": error.remedy}
        return Answer("failed", str(error), error=facts)
    if answer.error and answer.error["kind"] == Unavailable.kind:
        raise Unavailable(answer.error["message"], answer.error["remedy"])
    return answer
