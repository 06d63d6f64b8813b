"""Whether to give an answer: what is found by the evidence that a question has none in the data."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from agents.ask.abstain.evidence import Encode, evidence
from agents.ask.abstain.second import MOST, seconded
from agents.ask.compose import gave_nothing, gave_zero
from agents.ask.rerank.linear import Linear

if TYPE_CHECKING:
    from agents.ask.pen import Pen
    from retrieval import Context

MOST_NAMED = 3
HOPELESS = 0.8
"""The probability that there is no answer from which no guess is told either."""
LIKELY = 0.5
"""From which there is no answer: the intercept of the model is fitted to this."""


def doubtful(pen: Pen, encode: Encode) -> dict[str, Any]:
    """What changes in the state: how doubtful the answer is, and the words that name nothing in the data. Nothing
    changes where it is likelier that there is one."""
    lacking = {"lacking": list(named(pen.context))}
    if pen.state["declined"]:
        return lacking
    chance = _chance(pen, encode)
    if chance < LIKELY:
        return {}
    return {"doubtful": "nothing" if chance >= HOPELESS else pen.state["doubtful"] or "guess", **lacking}


def _chance(pen: Pen, encode: Encode) -> float:
    """The probability that there is no answer; where no second opinion could change what is told, none is asked for."""
    model, found = Linear.shipped("abstention"), _found(pen, encode)
    least, most = (model.probability(found | {"second": edge}) for edge in (0.0, MOST))
    if any(least < bar <= most for bar in (LIKELY, HOPELESS)):
        return model.probability(seconded(found, pen.endpoint, pen.context))
    return least


def weigh(pen: Pen, encode: Encode) -> dict[str, float]:
    """The evidence of a question with what was written for it, or without where that declines."""
    return seconded(_found(pen, encode), pen.endpoint, pen.context)


def _found(pen: Pen, encode: Encode) -> dict[str, float]:
    state = pen.state
    weighed = pen.weighed(state["wrote"], state["logprob"]) if state["sql"] else None
    if weighed and (result := state.get("result")) is not None:
        weighed = weighed.gave(nothing=gave_nothing(result), zero=gave_zero(result))
    return evidence(pen.context, weighed, state["declines"] or 0.0, encode)


def named(context: Context) -> tuple[str, ...]:
    """The words of things that nothing was found for, those that are asked for first."""
    things = sorted((word for word in context.unread if word.thing), key=lambda word: (not word.asked, word.start))
    return tuple(word.text for word in things[:MOST_NAMED])
