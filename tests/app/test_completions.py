"""The OpenAI-compatible server: plain and streamed answers, tool calls, errors, over HTTP."""

from __future__ import annotations

import json
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
from fastapi.testclient import TestClient

from agents.endpoints.toolcalls import SMOLLM, Manner
from agents.endpoints.transcript import Completion
from app.completions import application, serving
from data.errors import Invalid


@dataclass
class Scripted:
    """A transcript that says one thing and remembers what it was asked."""

    says: str
    manner: Manner = SMOLLM
    asked: list[tuple[list[tuple[str, str]], int, list[str]]] = field(default_factory=list)

    def complete(
        self, messages: list[tuple[str, str]], most: int, stop: Sequence[str], dropped: Callable[[], bool]
    ) -> Completion:
        self.asked.append((messages, most, list(stop)))
        if messages[-1][1] == "long":
            raise Invalid("The prompt is too long for the model, by 3 tokens.", "Send a shorter one.")
        return Completion(self.says, "stop", 7, 2)


def ask(scripted: Scripted, /, **fields: Any) -> Any:
    body = {"model": "m", "messages": [{"role": "user", "content": "hi"}], **fields}
    return TestClient(application({"m": scripted}, 5)).post("/v1/chat/completions", json=body)


def test_a_conversation_is_answered_with_the_limits_it_asks_for() -> None:
    model = Scripted("SELECT 1")
    answer = ask(model, max_completion_tokens=9, stop=["\n"], temperature=0.3).json()
    assert answer["choices"][0]["message"] == {"role": "assistant", "content": "SELECT 1"}
    assert answer["usage"]["total_tokens"] == 9
    assert model.asked == [([("system", SMOLLM.system), ("user", "hi")], 9, ["\n"])]


def test_tools_are_told_to_the_model_and_its_calls_are_given_back() -> None:
    model = Scripted('<tool_call>[{"name": "look", "arguments": {"at": 1}}]</tool_call>')
    call = {"id": "1", "type": "function", "function": {"name": "look", "arguments": "{}"}}
    said = [
        {"role": "user", "content": [{"type": "text", "text": "hi"}]},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "content": "nothing", "tool_call_id": "1"},
    ]
    tools = [{"type": "function", "function": {"name": "look"}}]
    (choice,) = ask(model, messages=said, tools=tools).json()["choices"]
    assert choice["finish_reason"] == "tool_calls"
    assert json.loads(choice["message"]["tool_calls"][0]["function"]["arguments"]) == {"at": 1}
    (system, *rest), *_ = model.asked[0]
    assert '"name": "look"' in system[1]
    assert [role for role, _ in rest] == ["user", "assistant", "tool"]
    assert ask(model).json()["choices"][0]["message"]["content"] == model.says


def test_a_prompt_that_does_not_fit_and_an_unknown_model_are_errors() -> None:
    long = ask(Scripted(""), messages=[{"role": "user", "content": "long"}])
    assert (long.status_code, "by 3 tokens" in long.json()["error"]["message"]) == (400, True)
    unknown = ask(Scripted(""), model="x")
    assert (unknown.status_code, "'x'" in unknown.json()["error"]["message"]) == (404, True)


@pytest.mark.parametrize("tools", [None, [{"type": "function", "function": {"name": "look"}}]])
def test_an_answer_is_streamed_over_http(tools: list[Any] | None) -> None:
    with serving({"m": Scripted("SELECT 1")}) as url:  # type: ignore[dict-item]
        body = {"model": "m", "stream": True, "messages": [{"role": "user", "content": "hi"}], "tools": tools}
        request = urllib.request.Request(f"{url}/chat/completions", json.dumps(body).encode())
        request.add_header("content-type", "application/json")
        with urllib.request.urlopen(request, timeout=20) as answer:
            events = [line.removeprefix("data: ") for line in answer.read().decode().split("\n\n") if line]
    assert events[-1] == "[DONE]"
    assert json.loads(events[0])["choices"][0]["delta"]["content"] == "SELECT 1"
    assert json.loads(events[1])["usage"]["total_tokens"] == 9
