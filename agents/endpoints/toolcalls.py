"""Tool calls in plain text, each in the format that the model was trained on, as its chat template writes it.

https://huggingface.co/HuggingFaceTB/SmolLM2-1.7B-Instruct/blob/main/instructions_function_calling.md
https://huggingface.co/Qwen/Qwen2.5-Coder-1.5B-Instruct/blob/main/tokenizer_config.json
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

OPENING, CLOSING = "<tool_call>", "</tool_call>"
_TAGGED = re.compile(f"{OPENING}(.*?)(?:{CLOSING}|$)", re.DOTALL)
_FENCED = re.compile(r"\s*```(?:json)?\s*(.*?)\s*```\s*", re.DOTALL)


@dataclass(frozen=True)
class Manner:
    """What a chat template says: `system` where a conversation has no system message, `instructions` of the {tools},
    which stand there as one list of functions, or `apart`, each on a line. What a tool gave is said as `role`, in
    `result`, which has a place for {content}."""

    system: str
    instructions: str
    apart: bool
    role: str
    result: str


SMOLLM = Manner(
    "You are a helpful AI assistant named SmolLM, trained by Hugging Face",
    """\
You have access to the following tools:
<tools>{tools}</tools>

The output MUST strictly adhere to the following format, and NO other text MUST be included.
The example format is as follows. Please make sure the parameter type is correct. If no function call is needed, \
please make the tool calls an empty list '[]'.
<tool_call>[
{"name": "func_name1", "arguments": {"argument1": "value1", "argument2": "value2"}}
]</tool_call>""",
    apart=False,
    role="tool",
    result="{content}",
)
QWEN = Manner(
    "You are Qwen, created by Alibaba Cloud. You are a helpful assistant.",
    """\
# Tools

You may call one or more functions to assist with the user query.

You are provided with function signatures within <tools></tools> XML tags:
<tools>{tools}
</tools>

For each function call, return a json object with function name and arguments within <tool_call></tool_call> XML tags:
<tool_call>
{{"name": <function-name>, "arguments": <args-json-object>}}
</tool_call>""",
    apart=True,
    role="user",
    result="<tool_response>\n{content}\n</tool_response>",
)
MANNERS = {"qwen2.5-coder-1.5b-instruct": QWEN}
"""By model; all others are told in SmolLM2's."""


def told(tools: Sequence[Mapping[str, Any]], manner: Manner) -> str:
    """What a system message says of the tools of an OpenAI request."""
    if manner.apart:
        listed = "".join(f"\n{json.dumps(tool)}" for tool in tools)
    else:
        listed = json.dumps([tool.get("function", tool) for tool in tools])
    return manner.instructions.replace("{tools}", listed)


def written(calls: Sequence[Mapping[str, Any]], manner: Manner) -> str:
    """The calls of an earlier answer, as the model would have written them."""
    items = [{"name": call["function"]["name"], "arguments": _parsed(call["function"]["arguments"])} for call in calls]
    if manner.apart:
        return "\n".join(f"{OPENING}\n{json.dumps(item)}\n{CLOSING}" for item in items)
    return f"{OPENING}{json.dumps(items)}{CLOSING}"


def given(content: str, manner: Manner) -> tuple[str, str]:
    """The role and the text with which the model hears what a tool gave."""
    return manner.role, manner.result.replace("{content}", content)


def read(text: str) -> list[dict[str, Any]]:
    """The calls {name, arguments} that a text makes; none where what it writes is not JSON of that form. A text that
    is nothing but a call is one without its tags too, also in a fence, as Qwen2.5-Coder writes it."""
    calls: list[dict[str, Any]] = []
    whole = _FENCED.fullmatch(text)
    for found in _TAGGED.findall(text) or [whole[1] if whole else text]:
        value = _parsed(found.strip())
        items = value if isinstance(value, list) else [value]
        calls += [item for item in items if _is_call(item)]
    return [{"name": call["name"], "arguments": call["arguments"]} for call in calls]


def _is_call(item: object) -> bool:
    return isinstance(item, dict) and isinstance(item.get("name"), str) and isinstance(item.get("arguments"), dict)


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        return text
