"""An endpoint beside the trainer. It is given texts and gives texts: what is off shows in what it counts and writes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage

from agents.endpoints import Endpoint
from agents.endpoints.dialogue import Dialogue
from finetune.parity.faults import Fault
from finetune.parity.likeness import Likeness, mean
from finetune.parity.prompt import Prompt
from finetune.parity.walk import Path

NAME = "endpoint"
MORE = 8
"""Tokens that an endpoint may write beyond the trainer's answer, so that it shows if it does not stop there."""


@dataclass(frozen=True)
class Reply:
    """What an endpoint said to a prompt, and what the trainer wrote."""

    prompt: Prompt
    path: Path
    text: str
    read: int | None
    logprob: float | None


def likeness(
    endpoint: Endpoint, dialogue: Dialogue, prompts: Sequence[Prompt], paths: Sequence[Path]
) -> tuple[Likeness, Fault | None]:
    """How alike its greedy answers are, and what is off if prompts or ends of answers are.

    Tokens count up to the first that differs: those behind it continue another answer. Probabilities count where the
    whole answer is the same.
    """
    replies = [_asked(endpoint, prompt, path) for prompt, path in zip(prompts, paths, strict=True)]
    same = [value for reply in replies for value in _same(reply, dialogue)]
    apart = [
        abs(reply.logprob - sum(reply.path.logprobs)) / len(reply.path.ids)
        for reply in replies
        if reply.logprob is not None and _ended(reply, dialogue) and reply.text == dialogue.text(reply.path.ids)
    ]
    found = Likeness(NAME, mean(same), mean(apart) if apart else None)
    faults = (fault for reply in replies for fault in (_template(reply, dialogue), _stop(reply, dialogue)) if fault)
    return found, next(faults, None)


def _asked(endpoint: Endpoint, prompt: Prompt, path: Path) -> Reply:
    messages: list[BaseMessage] = [SystemMessage(prompt.system), HumanMessage(prompt.user)]
    said = endpoint.chat.invoke(messages, max_tokens=len(path.ids) + MORE)
    usage = said.usage_metadata if isinstance(said, AIMessage) else None
    sure = said.response_metadata.get("logprob")
    read = usage["input_tokens"] if usage else None
    return Reply(prompt, path, str(said.content), read, sure if isinstance(sure, float) else None)


def _same(reply: Reply, dialogue: Dialogue) -> list[float]:
    theirs = dialogue.answer(reply.text)
    found = list[float]()
    for at, mine in enumerate(reply.path.ids):
        found.append(float(at < len(theirs) and theirs[at] == mine))
        if not found[-1]:
            break
    return found


def _ended(reply: Reply, dialogue: Dialogue) -> bool:
    """Whether the trainer ended its answer, and did not run out of tokens."""
    return reply.path.ids[-1] == dialogue.end


def _template(reply: Reply, dialogue: Dialogue) -> Fault | None:
    wanted = len(dialogue.chat((("system", reply.prompt.system), ("user", reply.prompt.user))))
    if reply.read in (None, 0, wanted):
        return None
    return Fault("template", NAME, f"it read {reply.read} tokens of a prompt that has {wanted} in the training")


def _stop(reply: Reply, dialogue: Dialogue) -> Fault | None:
    mine = dialogue.text(reply.path.ids)
    if not _ended(reply, dialogue) or not reply.text.startswith(mine) or reply.text.rstrip() == mine.rstrip():
        return None
    return Fault("stop tokens", NAME, f"it went on behind the end of an answer, with {reply.text[len(mine) :][:40]!r}")
