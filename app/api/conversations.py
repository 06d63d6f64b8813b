"""The caller's conversations: what they asked in a thread, by whichever face, with the answers that they got."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Response
from fastapi.responses import StreamingResponse
from pydantic import ConfigDict, Field

from app import dialogue, recalled
from app.api import answers
from app.api.openai import markdown
from app.api.pages import DEEPEST, Cursor, Limit, newest
from app.api.problems import documented
from app.api.routes import Body, Caller, Home, needs
from app.conversations import LONGEST_TITLE, MOST, Conversation, Turn

router = APIRouter(prefix="/api/conversations", tags=["conversations"], dependencies=[needs("ask")])

ID = "0f8a6c1be3b44c1f9a51d6f0c7f1f0aa"
CONVERSATION = {"id": ID, "title": "Shops in Toronto", "changed_at": "2026-03-01T10:00:00+00:00", "thread": ID}
TURN = {
    "number": 0, "question": "How many shops are there?", "answer_id": answers.GIVEN["answer_id"],
    "status": "answered", "sql": "SELECT count(*) FROM square.merchants", "verified": False,
}  # fmt: skip
ROWS = {"answer": "There are 80.", "columns": ["n"], "rows": [[80]], "sources": answers.GIVEN["sources"]}
EXPORTED = {**CONVERSATION, "turns": [{**TURN, **ROWS}]}
KEPT = ("status", "answer", "sql", "verified", "columns", "rows", "sources", "answer_id")
MEDIA = {"json": "application/json", "md": "text/markdown"}
FILES: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "Done",
        "content": {
            MEDIA["json"]: {"schema": {"type": "object"}, "example": EXPORTED},
            MEDIA["md"]: {"schema": {"type": "string"}, "example": "# Shops in Toronto\n"},
        },
    }
}

Words = Annotated[str, Query(max_length=200, description="Words that the title or a question has.")]
Title = Annotated[str, Field(max_length=LONGEST_TITLE)]


class BeginBody(Body):
    model_config = ConfigDict(json_schema_extra={"examples": [{"title": "Shops in Toronto"}]})

    title: Title = ""


class TitleBody(Body):
    model_config = ConfigDict(json_schema_extra={"examples": [{"title": "Shops in Toronto"}]})

    title: Title = Field(min_length=1)


@router.get("", responses=documented({"conversations": [CONVERSATION], "next": None}))
def conversations(home: Home, caller: Caller, words: Words = "", limit: Limit = 20, cursor: Cursor = "") -> Any:
    """The caller's conversations, the one that went on last first."""
    page, following = newest(lambda count: home.conversations.list(caller.name, words, count), limit, cursor)
    return {"conversations": [_shown(one) for one in page], "next": following}


@router.post("", status_code=201, responses=documented(CONVERSATION, status=201))
def begin(body: BeginBody, home: Home, caller: Caller) -> dict[str, Any]:
    """Begin one; questions with its `thread` go on in it. A thread of another name begins one by itself."""
    return _shown(home.conversations.begin(caller.name, body.title))


@router.get("/{conversation_id}", responses=documented({**CONVERSATION, "turns": [TURN]}))
def conversation(conversation_id: str, home: Home, caller: Caller) -> dict[str, Any]:
    """One of them with its last hundred questions, and what was run for each; without rows."""
    found = home.conversations.get(caller.name, conversation_id)
    turns = home.conversations.turns(caller.name, conversation_id, MOST)
    return {**_shown(found), "turns": [_turn(home, caller, turn) for turn in turns]}


@router.patch("/{conversation_id}", responses=documented(CONVERSATION))
def rename(conversation_id: str, body: TitleBody, home: Home, caller: Caller) -> dict[str, Any]:
    """Give it another title."""
    home.conversations.rename(caller.name, conversation_id, body.title)
    return _shown(home.conversations.get(caller.name, conversation_id))


@router.delete("/{conversation_id}", status_code=204, responses=documented(status=204))
def delete(conversation_id: str, home: Home, caller: Caller) -> Response:
    """Forget it, with what the agent remembers of it. Its answers stay, as the audit trail does."""
    dialogue.forget(home, caller, conversation_id)
    return Response(status_code=204)


@router.get("/{conversation_id}/export", responses=FILES, response_class=StreamingResponse)
def export(conversation_id: str, home: Home, caller: Caller, format: Literal["json", "md"] = "json") -> Response:
    """All of it as a file. Rows are not kept: each answer's are read again under the caller's rights of today."""
    found = home.conversations.get(caller.name, conversation_id)
    turns = home.conversations.turns(caller.name, conversation_id, DEEPEST)
    told = (_recalled(home, caller, turn) for turn in turns)
    file = {"json": _as_json, "md": _as_markdown}[format](found, told)
    name = f'attachment; filename="conversation-{found.id}.{format}"'
    return StreamingResponse(file, 200, {"Content-Disposition": name}, MEDIA[format])


def _shown(found: Conversation) -> dict[str, Any]:
    return {"id": found.id, "title": found.title, "changed_at": found.changed_at.isoformat(), "thread": found.thread}


def _turn(home: Any, caller: Any, turn: Turn) -> dict[str, Any]:
    """A question with what is kept of its answer: `status` is empty where there is none."""
    given = recalled.given(home, caller, turn)
    kept = {"status": given.status, "sql": given.sql, "verified": given.verified} if given else {}
    return {**vars(turn), "status": "", "sql": "", "verified": False, **kept}


def _recalled(home: Any, caller: Any, turn: Turn) -> dict[str, Any]:
    document = recalled.recalled(home, caller, turn)
    return {"number": turn.number, "question": turn.question, **{name: document[name] for name in KEPT}}


def _as_json(found: Conversation, turns: Iterator[dict[str, Any]]) -> Iterator[str]:
    yield json.dumps(_shown(found), ensure_ascii=False)[:-1] + ', "turns": ['
    for number, turn in enumerate(turns):
        yield (", " if number else "") + json.dumps(turn, ensure_ascii=False, allow_nan=False)
    yield "]}"


def _as_markdown(found: Conversation, turns: Iterator[dict[str, Any]]) -> Iterator[str]:
    yield f"# {markdown.inert(found.title)}\n"
    for turn in turns:
        yield f"\n## {markdown.inert(turn['question'])}\n\n{markdown.of_document(turn)}\n"
