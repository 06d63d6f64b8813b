"""Tool calls as text: what is told of tools, and which calls a text makes."""

from __future__ import annotations

import json

import pytest

from agents.endpoints import toolcalls

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
        (json.dumps(CALL), []),
    ],
)
def test_only_well_formed_calls_are_read(text: str, calls: list[dict[str, object]]) -> None:
    assert toolcalls.read(text) == calls


def test_a_call_that_was_made_is_written_as_it_is_read() -> None:
    made = {"id": "1", "type": "function", "function": {"name": "look", "arguments": json.dumps(CALL["arguments"])}}
    assert toolcalls.read(toolcalls.written([made])) == [CALL]


def test_the_tools_are_told() -> None:
    told = toolcalls.told([{"type": "function", "function": {"name": "look", "parameters": {}}}])
    assert '[{"name": "look", "parameters": {}}]' in told
