"""A model's reply, with the tools that it calls on the way."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

from agents.ask.foretell import told
from agents.ask.outcome import Outcome
from data.errors import Forbidden

if TYPE_CHECKING:
    from langchain_core.messages import BaseMessage, ToolMessage
    from langchain_core.tools import BaseTool

    from agents.endpoints import Endpoint
    from agents.endpoints.meter import Spending
    from agents.tools import Toolbox

ROUNDS = 4
"""Replies of one try in which a model may call tools."""


class Tools(Protocol):
    """Tools that a model may call while it writes."""

    def tools(self) -> list[BaseTool]: ...

    def answer(self, calls: Sequence[Mapping[str, Any]]) -> list[ToolMessage]: ...


@dataclass(frozen=True)
class Reply:
    """What a model said, with the logarithms of its probability and of its likeliest other beginning, where the model
    tells them."""

    text: str = ""
    logprob: float | None = None
    otherwise: float | None = None


def converse(
    endpoint: Endpoint,
    said: Sequence[BaseMessage],
    toolbox: Tools | None,
    write: Callable[[str], None],
    spending: Spending,
    **options: Any,
) -> Reply:
    """What the model ends with; empty where it only went on calling tools. `write` hears it as it comes, `spending`
    counts its tokens."""
    from langchain_core.messages import AIMessage

    said = list(said)
    chat: Any = endpoint.chat.bind_tools(toolbox.tools()) if toolbox is not None else endpoint.chat
    for _ in range(ROUNDS if toolbox is not None else 1):
        whole: Any = None
        for chunk in chat.stream(said, **options):
            write(chunk.text)
            whole = chunk if whole is None else whole + chunk
        spending.add(getattr(whole, "usage_metadata", None), _letters(said), len(whole.text) if whole else 0)
        calls = getattr(whole, "tool_calls", [])
        if toolbox is None or not calls:
            told = {} if whole is None else whole.response_metadata
            text = "" if whole is None else str(whole.text)
            return Reply(text, told.get("logprob"), told.get("otherwise"))
        said += [AIMessage(content=whole.content, tool_calls=calls), *toolbox.answer(calls)]
    return Reply()


def _letters(said: Sequence[BaseMessage]) -> int:
    return sum(len(str(message.content)) for message in said)


def gained(toolbox: Toolbox) -> Outcome | None:
    """What the newest call gave, in our words: a model's own could have other numbers. Raises why it gave nothing
    where the caller may not have it; None where no tool was of use."""
    if isinstance(toolbox.failure, Forbidden):
        raise toolbox.failure
    if not toolbox.used:
        return None
    name, document = toolbox.used[-1]
    return told(toolbox.predictor, document) if name == "score" else _features(document)


def _features(document: dict[str, Any]) -> Outcome:
    rows = [[name, value] for name, value in document["features"].items()]
    who = ", ".join(f"{key.removesuffix('_id')} {value}" for key, value in document["keys"].items())
    view = document["view"]
    sources = [{"table": f"features.{view}", "version": str(document["version"]), "freshness": None}]
    if document["reason"]:
        said = f"Nothing is known of {who} in {view}: {document['reason']}."
        return Outcome("empty", said, ["feature", "value"], rows, sources)
    words = ", ".join(f"{name} {value}" for name, value in document["features"].items())
    return Outcome("answered", f"Of {who}, {view} has: {words}.", ["feature", "value"], rows, sources)
