"""The messages that make a model write SQL, for each kind of model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from agents.ask import instruct, prompts
from agents.ask.state import AskState, Mistake

if TYPE_CHECKING:
    from langchain_core.messages import BaseMessage

    from agents.endpoints import Endpoint
    from retrieval import Context


def messages(endpoint: Endpoint, context: Context, state: AskState, tools: str = "") -> list[BaseMessage]:
    """What this endpoint is asked: our trained prompt as it is, or the same facts with instructions. `tools` tells
    what its tools know of."""
    if endpoint.instruct:
        return _instructed(context, state, tools)
    return _trained(context, state["mistakes"])


def tries(endpoint: Endpoint, context: Context) -> int:
    """How often asking this endpoint can give something new.

    A model that reads the engine's message gets two corrections. One that doesn't would write the same again
    without sampling, so its one further try goes without the hints, of which one may have misled it.
    """
    if endpoint.instruct:
        return 3
    return 2 if context.hints else 1


def _trained(context: Context, mistakes: Sequence[Mistake]) -> list[BaseMessage]:
    from langchain_core.messages import HumanMessage, SystemMessage

    question, hints = prompts.by_days(context.question, context.hints)
    return [
        SystemMessage(prompts.system(context.catalog, context.values)),
        HumanMessage(prompts.user(question, () if mistakes else hints)),
    ]


def _instructed(context: Context, state: AskState, tools: str) -> list[BaseMessage]:
    from langchain_core.messages import AIMessage, HumanMessage, SystemMessage

    said: list[BaseMessage] = [SystemMessage(instruct.system(context.catalog, tools))]
    for turn in (turn for turn in state["turns"] if turn["sql"]):
        said += [HumanMessage(turn["question"]), AIMessage(instruct.fenced(turn["sql"]))]
    said.append(HumanMessage(instruct.user(context.question, context.hints)))
    for mistake in state["mistakes"]:
        said += [
            AIMessage(instruct.fenced(mistake["sql"])),
            HumanMessage(instruct.correction(mistake["message"])),
        ]
    return said
