"""Tool calls as text: what is told of tools, and which calls a text makes."""

from __future__ import annotations

import json

import pytest

from agents.endpoints import toolcalls
from agents.endpoints.toolcalls import QWEN, SMOLLM, Manner

CALL = {"name": "look", "arguments": {"at": "it"}}


@pytest.mark.parametrize(
    ("text", "calls"),
    [
        (f"<tool_call>[{json.dumps(CALL)}]</tool_call>", [CALL]),
        (f"well <tool_call>{json.dumps(CALL)}</tool_call> <tool_call>{json.dumps(CALL)}", [CALL, CALL]),
        ("<tool_call>[]</tool_call>", []),
        ("<tool_call>[{]</tool_call>", []),
        ('<tool_call>["look"]</tool_call>', []),
        ('<tool_call>{"name": "look"}</tool_call>', []),
        (json.dumps(CALL), [CALL]),
        (f"```json\n{json.dumps(CALL, indent=1)}\n```\n", [CALL]),
        (f"I would call ```{json.dumps(CALL)}```", []),
        ("It is 3.", []),
    ],
)
def test_only_well_formed_calls_are_read(text: str, calls: list[dict[str, object]]) -> None:
    assert toolcalls.read(text) == calls


@pytest.mark.parametrize("manner", [SMOLLM, QWEN])
def test_a_call_that_was_made_is_written_as_it_is_read(manner: Manner) -> None:
    made = {"id": "1", "type": "function", "function": {"name": "look", "arguments": json.dumps(CALL["arguments"])}}
    assert toolcalls.read(toolcalls.written([made, made], manner)) == [CALL, CALL]


def test_the_tools_are_told() -> None:
    tool = {"type": "function", "function": {"name": "look", "parameters": {}}}
    assert '<tools>[{"name": "look", "parameters": {}}]</tools>' in toolcalls.told([tool], SMOLLM)
    line = json.dumps(tool)
    assert f"<tools>\n{line}\n{line}\n</tools>" in toolcalls.told([tool, tool], QWEN)


def test_what_a_tool_gave_is_said_as_the_template_does() -> None:
    assert toolcalls.given("{content}", SMOLLM) == ("tool", "{content}")
    assert toolcalls.given("4", QWEN) == ("user", "<tool_response>\n4\n</tool_response>")
