"""An endpoint is judged by what it counts and writes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from langchain_core.messages import AIMessage
from langchain_core.messages.ai import UsageMetadata
from langchain_core.runnables import RunnableLambda

from agents.endpoints import Endpoint
from agents.endpoints.dialogue import Dialogue
from finetune.parity import Prompt, Recorder
from finetune.parity.endpoint import likeness
from finetune.parity.walk import Path as Written

PROMPT = Prompt("tables", "how many?")


def endpoint(text: str, read: int | None, logprob: float | None = None) -> Endpoint:
    """One that always says the same."""
    usage = UsageMetadata(input_tokens=read, output_tokens=1, total_tokens=read + 1) if read is not None else None

    def said(messages: Any, **options: Any) -> AIMessage:
        told = {} if logprob is None else {"logprob": logprob}
        return AIMessage(content=text, usage_metadata=usage, response_metadata=told)

    chat: Any = RunnableLambda(said)
    return Endpoint("served", chat, 512, grammar=False, tools=False, device="server")


@pytest.mark.parametrize(
    ("text", "extra", "part", "said"),
    [
        ("SELECT 1", 0, None, ""),
        ("SELECT 1", 2, "template", "tokens of a prompt that has"),
        ("SELECT 1\nuser", 0, "stop tokens", "went on behind the end of an answer, with '\\nuser'"),
    ],
)
def test_what_is_off_shows(text: str, extra: int, part: str | None, said: str, tiny: Path) -> None:
    dialogue = Dialogue.load(tiny)
    ids = dialogue.answer("SELECT 1")
    path = Written(tuple(ids), (-0.1,) * len(ids), tuple(ids))
    read = len(dialogue.chat((("system", PROMPT.system), ("user", PROMPT.user)))) + extra
    found, fault = likeness(endpoint(text, read), dialogue, [PROMPT], [path])
    assert (fault.part if fault else None) == part
    assert said in str(fault)
    assert found.logprob is None
    assert (found.agreement == 1) is (part != "stop tokens")


def test_tokens_count_up_to_the_first_that_differs(tiny: Path) -> None:
    dialogue = Dialogue.load(tiny)
    ids = dialogue.answer("SELECT 1")
    path = Written(tuple(ids), (-0.1,) * len(ids), tuple(ids))
    other, _ = likeness(endpoint("SELECX 1", None), dialogue, [PROMPT], [path])
    assert other.agreement == pytest.approx(5 / 6)
    same, _ = likeness(endpoint("SELECT 1", None, -0.1 * len(ids) - 0.9), dialogue, [PROMPT], [path])
    assert same.logprob == pytest.approx(0.9 / len(ids))


def test_prompts_are_kept_once_and_spread() -> None:
    from uuid import uuid4

    from langchain_core.messages import HumanMessage, SystemMessage

    recorder = Recorder()
    for number in (0, 0, 1, 2, 3):
        recorder.on_chat_model_start({}, [[SystemMessage("s"), HumanMessage(str(number))]], run_id=uuid4())
    recorder.on_chat_model_start({}, [[HumanMessage("alone")]], run_id=uuid4())
    assert [prompt.user for prompt in recorder.some(2)] == ["0", "2"]
    assert len(recorder.some(9)) == 4
