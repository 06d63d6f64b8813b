"""Requests and answers of the chat protocol.

https://platform.openai.com/docs/api-reference/chat
"""

from __future__ import annotations

import time
from typing import Annotated, Any, Literal
from uuid import uuid4

from pydantic import BaseModel, ConfigDict, Field, model_validator

from app.api.text import whole

Document = dict[str, Any]

MOST_MESSAGES = 512
MOST_TEXTS = 256
LONGEST_TEXT = 32_768


class Lenient(BaseModel):
    """What the protocol's clients send beside what counts here is let pass."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    _whole = model_validator(mode="before")(whole)


class Part(Lenient):
    type: str = "text"
    text: str = ""


class Message(Lenient):
    role: Literal["system", "developer", "user", "assistant", "tool"]
    content: str | list[Part] | None = None
    tool_calls: list[Document] | None = None
    tool_call_id: str | None = None

    @property
    def text(self) -> str:
        """What it says, without what is not text."""
        parts = self.content if isinstance(self.content, list) else [Part(text=self.content or "")]
        return "".join(part.text for part in parts)

    @property
    def foreign(self) -> list[str]:
        """The kinds of its parts that no model here can read."""
        parts = self.content if isinstance(self.content, list) else []
        return [part.type for part in parts if part.type != "text"]


class JsonSchema(Lenient):
    name: str = "answer"
    # The protocol calls it `schema`, which is taken in pydantic.
    schema_: Document | bool = Field(default_factory=dict, alias="schema")


class ResponseFormat(Lenient):
    type: Literal["text", "json_object", "json_schema"]
    json_schema: JsonSchema | None = None


class StreamOptions(Lenient):
    include_usage: bool = False


class ChatRequest(Lenient):
    """Sampling settings go to servers that take them; the embedded model takes the likeliest token."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [{"model": "ask", "messages": [{"role": "user", "content": "How many shops are there?"}]}]
        }
    )

    model: str = Field(max_length=200, description="An agent or a configured endpoint: see GET /v1/models.")
    messages: list[Message] = Field(min_length=1, max_length=MOST_MESSAGES)
    stream: bool = False
    stream_options: StreamOptions | None = None
    max_tokens: int | None = Field(None, ge=1, le=100_000)
    max_completion_tokens: int | None = Field(None, ge=1, le=100_000)
    stop: str | Annotated[list[str], Field(max_length=4)] | None = None
    temperature: float | None = Field(None, ge=0, le=2)
    top_p: float | None = Field(None, ge=0, le=1)
    seed: int | None = None
    n: Literal[1] | None = None
    tools: list[Document] | None = Field(None, max_length=128)
    tool_choice: str | Document | None = None
    response_format: ResponseFormat | None = None
    metadata: dict[str, str] | None = Field(None, description="For `forms`: `form` names the form.")

    @property
    def most(self) -> int | None:
        return self.max_completion_tokens or self.max_tokens

    @property
    def counted(self) -> bool:
        """Whether the client wants to know the tokens."""
        return not self.stream or (self.stream_options is not None and self.stream_options.include_usage)

    @property
    def stops(self) -> list[str]:
        return [self.stop] if isinstance(self.stop, str) else self.stop or []

    @property
    def schema_asked(self) -> Document | bool | None:
        """The JSON Schema that the answer has to meet; None where it may be any text."""
        wanted = self.response_format
        if wanted is None or wanted.type == "text":
            return None
        return wanted.json_schema.schema_ if wanted.json_schema is not None else {"type": "object"}


class EmbeddingsRequest(Lenient):
    model_config = ConfigDict(json_schema_extra={"examples": [{"model": "all-MiniLM-L6-v2", "input": ["a shop"]}]})

    model: str = Field(max_length=200)
    input: (
        Annotated[str, Field(max_length=LONGEST_TEXT)]
        | Annotated[list[Annotated[str, Field(max_length=LONGEST_TEXT)]], Field(min_length=1, max_length=MOST_TEXTS)]
        | list[int]
        | list[list[int]]
    )
    encoding_format: Literal["float", "base64"] = "float"
    dimensions: int | None = Field(None, ge=1)


def usage(prompt: int, completion: int) -> Document:
    return {"prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion}


def heading(model: str, kind: str) -> Document:
    """What every answer, or every piece of one, begins with."""
    return {"id": f"chatcmpl-{uuid4().hex}", "object": kind, "created": int(time.time()), "model": model}


def choice(message: Document, finish: str) -> Document:
    return {"index": 0, "message": {"role": "assistant", **message}, "finish_reason": finish, "logprobs": None}


def delta(piece: Document, finish: str | None = None) -> Document:
    return {"index": 0, "delta": piece, "finish_reason": finish, "logprobs": None}
