"""A second opinion on whether a question has an answer in the data: that of the adapter for code, which has learnt more
questions that only come near to what there is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from agents.ask.abstain.evidence import FAINT
from agents.ask.prompts import CODING, by_days, one_line, system
from agents.grammar import OTHERWISE
from data.errors import DataError

if TYPE_CHECKING:
    from agents.endpoints import Endpoint
    from retrieval import Context

UNSURE = OTHERWISE[0]
_FIRST, _TOKENS = f'start: "SELECT" | "{UNSURE}"', 8
"""The beginnings of its answer: how probable either is it tells once it has read the question."""
MOST = -FAINT
"""The evidence of one that surely declines; 0 is that of one that never would."""


def seconded(found: dict[str, float], endpoint: Endpoint, context: Context) -> dict[str, float]:
    """The evidence of a question with the second opinion; where there is none, the first speaks for both."""
    said = opinion(endpoint, context)
    return found | {"second": max(FAINT, found["declines"] if said is None else said) - FAINT}


def opinion(endpoint: Endpoint, context: Context) -> float | None:
    """The logprob with which it would decline; None of an endpoint without such an adapter, and where that can't be
    opened or can't read all of the tables. `context` has the plain names that the endpoint's model reads too."""
    from langchain_core.messages import HumanMessage, SystemMessage

    if endpoint.coder is None:
        return None
    question, _ = by_days(context.question, context.hints)
    asked = [SystemMessage(system(context.catalog, context.values, CODING)), HumanMessage(one_line(question))]
    try:
        first = endpoint.coder().candidates(asked, _FIRST, _TOKENS, 1)[0]
    except (DataError, OSError):
        return None
    return first.logprob if first.text.strip() == UNSURE else first.otherwise
