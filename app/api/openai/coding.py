"""The agent `code` as a chat model: the last message is the task; what it writes is checked, and not run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from app.api.openai import markdown
from app.api.openai.asking import question
from app.api.openai.protocol import ChatRequest, Document
from app.api.openai.said import End, Piece, Said, Thought
from data.errors import Invalid
from data.policy import Principal
from data.stop import Stop

NAME = "code"
LANGUAGE = "sql"


def converse(home: Any, caller: Principal, request: ChatRequest, stop: Stop) -> Iterator[Said]:
    """The steps while they are done, then the program. `language` stands in the request's metadata."""
    task = question(request, NAME)
    if request.schema_asked is not None:
        raise Invalid(f"The agent '{NAME}' writes programs, not JSON.", "Leave `response_format` out.")
    language = (request.metadata or {}).get("language", LANGUAGE)
    shown: Document = {}
    for event in home.coder.stream(caller, task, language=language, mode="plan"):
        if stop.reason:
            return
        if step := getattr(event, "name", ""):
            yield Thought(f"{step}\n")
        shown = event.as_json() if hasattr(event, "code_id") else shown
    yield Piece(_told(shown, language))
    yield End(tokens=(0, 0), extra=shown)


def _told(shown: Document, language: str) -> str:
    """The program as Markdown, or why there is none."""
    if not shown.get("code"):
        error = shown.get("error") or {}
        return markdown.inert(shown.get("question") or error.get("message") or "There is no program for this task.")
    fence = "```" if "```" not in shown["code"] else "~~~~"
    program = f"{fence}{'sql' if language == 'sql' else 'python'}\n{shown['code']}\n{fence}"
    return "\n\n".join(part for part in (markdown.inert(shown.get("explanation")), program) if part)
