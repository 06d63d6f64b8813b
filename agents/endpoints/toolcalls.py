"""Tool calls in plain text, in the format that SmolLM2's and Hermes' models were trained on, as vLLM serves it.

https://huggingface.co/HuggingFaceTB/SmolLM2-1.7B-Instruct/blob/main/instructions_function_calling.md
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

OPENING, CLOSING = "<tool_call>", "</tool_call>"
INSTRUCTIONS = """\
You have access to the following tools:
<tools>{tools}</tools>

The output MUST strictly adhere to the following format, and NO other text MUST be included.
The example format is as follows. Please make sure the parameter type is correct. If no function call is needed, \
please make the tool calls an empty list '[]'.
<tool_call>[
{{"name": "func_name1", "arguments": {{"argument1": "value1", "argument2": "value2"}}}}
]</tool_call>"""


def told(tools: Sequence[Mapping[str, Any]]) -> str:
    """What a system message says of the tools of an OpenAI request."""
    return INSTRUCTIONS.format(tools=json.dumps([tool.get("function", tool) for tool in tools]))


def written(calls: Sequence[Mapping[str, Any]]) -> str:
    """The calls of an earlier answer, as the model would have written them."""
    items = [{"name": call["function"]["name"], "arguments": _parsed(call["function"]["arguments"])} for call in calls]
    return f"{OPENING}{json.dumps(items)}{CLOSING}"


def read(text: str) -> list[dict[str, Any]]:
    """The calls {name, arguments} that a text makes; none where what it writes is not JSON of that form."""
    calls: list[dict[str, Any]] = []
    for found in re.findall(f"{OPENING}(.*?)(?:{CLOSING}|$)", text, flags=re.DOTALL):
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
