"""A person's own conversations: kept, found, renamed, read again under today's rights, and nobody else's."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from agents.ask.state import Answer
from app.assembly import Lakewright
from app.conversations import LONGEST_TITLE, Conversations, title_of
from app.tokens import Unauthenticated
from app.ui.chat import Chat
from app.ui.session import signed_in
from app.ui.threads import Threads
from data.errors import DataError, Forbidden, Invalid, NotFound
from tests.app.conftest import Script, visiting
from tests.app.test_api import events

COUNT = "SELECT count(*) FROM square.merchants"


@pytest.fixture
def kept(tmp_path: Path) -> Conversations:
    return Conversations(tmp_path)


def test_they_are_kept_and_the_newest_is_the_first(kept: Conversations, tmp_path: Path) -> None:
    begun = kept.begin("ann", "How many  shops\nare there?")
    second, number = kept.ask("ann", "work", "And 100% of ÄPFEL?")
    assert number == 0
    first = begun.id
    assert kept.ask("ann", begun.thread, "How many shops are there?") == (first, 0)
    assert kept.ask("ann", begun.thread, "and in Toronto?") == (first, 1)
    kept.answered("ann", first, 1, "a1")
    again = Conversations(tmp_path)
    assert [one.title for one in again.list("ann")] == ["How many shops are there?", "And 100% of ÄPFEL?"]
    assert [(turn.question, turn.answer_id) for turn in again.turns("ann", first)] == [
        ("How many shops are there?", ""), ("and in Toronto?", "a1"),
    ]  # fmt: skip
    found = {words: [one.id for one in again.list("ann", words)] for words in ("toronto shops", "äpfel", "100%", "_")}
    assert found == {"toronto shops": [first], "äpfel": [second], "100%": [second], "_": []}


def test_titles_are_short_and_never_empty(kept: Conversations) -> None:
    id = kept.begin("ann", "why " * 900).id
    assert len(kept.get("ann", id).title) <= LONGEST_TITLE
    assert len(title_of("x" * 5_000)) == LONGEST_TITLE
    kept.rename("ann", id, "  Why\n so often ")
    assert kept.get("ann", id).title == "Why so often"
    for title in ("", " \n", "x" * (LONGEST_TITLE + 1)):
        with pytest.raises(Invalid):
            kept.rename("ann", id, title)


@pytest.mark.parametrize(
    "act",
    [
        lambda kept, id: kept.get("bob", id),
        lambda kept, id: kept.turns("bob", id),
        lambda kept, id: kept.rename("bob", id, "mine"),
        lambda kept, id: kept.delete("bob", id),
    ],
)
def test_anothers_is_one_that_there_is_not(kept: Conversations, act: Callable[[Conversations, str], Any]) -> None:
    id, _ = kept.ask("ann", "shared", "secret")
    with pytest.raises(NotFound) as theirs:
        act(kept, id)
    with pytest.raises(NotFound) as nobodys:
        act(kept, "0" * 32)
    assert str(theirs.value) == str(nobodys.value)
    kept.answered("bob", id, 0, "stolen")
    assert (kept.get("ann", id).title, kept.turns("ann", id)[0].answer_id) == ("secret", "")
    assert kept.list("bob") == ()
    his, _ = kept.ask("bob", "shared", "mine")
    assert [one.title for one in kept.list("bob")] == ["mine"]
    assert [turn.question for turn in kept.turns("ann", id)] == ["secret"]
    assert his != id


def test_one_that_is_deleted_is_gone(kept: Conversations) -> None:
    id, _ = kept.ask("ann", "work", "secret")
    kept.delete("ann", id)
    kept.answered("ann", id, 0, "late")
    assert kept.list("ann") == ()
    with pytest.raises(NotFound):
        kept.turns("ann", id)


def answered(lakewright: Lakewright, principal: str, question: str) -> tuple[str, int]:
    """(a conversation with one answer, the number that it gave)."""
    shops = lakewright.gateway.query(lakewright.principal(principal), COUNT).table.column(0)[0].as_py()
    given = {"question": question, "principal": principal, "answer_id": uuid.uuid4().hex, "sql": COUNT}
    answer = Answer("answered", f"There are {shops}.", columns=["n"], rows=[[shops]], **given)  # type: ignore[arg-type]
    lakewright.answers.add(answer)
    kept = lakewright.conversations
    id, number = kept.ask(principal, kept.begin(principal, question).thread, question)
    kept.answered(principal, id, number, answer.answer_id)
    return id, shops


def test_a_page_reads_its_rows_again_and_another_sees_none(lakewright: Lakewright) -> None:
    visit, threads = visiting(lakewright, "owner"), Threads(lakewright)
    thread, shops = answered(lakewright, "owner", "How many <b>shops</b> are there?")
    _, cut = lakewright.conversations.ask("owner", lakewright.conversations.get("owner", thread).thread, "And then?")
    *_, (opened, log, notice, title) = threads.open(thread, visit)
    assert (opened.thread, notice, title, len(opened.cards)) == (thread, "", "How many <b>shops</b> are there?", 2)
    assert f">{shops}</td>" in log
    assert "<b>" not in log
    assert "read again now" in log
    assert "it was cut off" in opened.cards[cut]
    other = visiting(lakewright, "support-ca")
    *_, (nothing, log, notice, _) = threads.open(thread, other)
    assert (nothing.thread, log) == ("", "")
    assert "no such conversation" in notice
    assert "no such conversation" in threads.rename("mine", replace(other, thread=thread))
    assert "no such conversation" in threads.delete("yes", replace(other, thread=thread))[0]
    *_, refused = Chat(lakewright).ask("And now?", replace(other, thread=thread))
    assert "no such conversation" in refused[3]
    assert thread not in {id for _, id in threads.list("", other)[0]}
    mine = replace(visiting(lakewright, "owner"), thread=thread)
    assert threads.delete("", mine) == ("", False)
    assert threads.delete("yes", mine) == ("", True)
    assert thread not in {one.id for one in lakewright.conversations.list("owner")}


@pytest.mark.parametrize(
    ("headers", "error"),
    [
        ({"x-csrf-token": ""}, Forbidden),
        ({"x-csrf-token": "0" * 64}, Forbidden),
        ({"origin": "http://evil.example"}, Forbidden),
        ({"sec-fetch-site": "same-site"}, Forbidden),
    ],
)
def test_an_event_needs_the_session_and_its_proof(
    lakewright: Lakewright, headers: dict[str, str], error: type[DataError]
) -> None:
    visit = visiting(lakewright, "owner")
    assert signed_in(lakewright, visit).name == "owner"
    forged = visiting(lakewright, "owner", **headers)
    with pytest.raises(error):
        signed_in(lakewright, forged)


def test_a_page_of_somebody_who_is_signed_in_no_more_does_nothing(lakewright: Lakewright) -> None:
    page = visiting(lakewright, "owner")
    visiting(lakewright, "support-ca")
    with pytest.raises(Unauthenticated, match="signed in as 'support-ca'"):
        signed_in(lakewright, page)
    for token in lakewright.tokens.all():
        lakewright.tokens.revoke(token.id)
    with pytest.raises(Unauthenticated):
        signed_in(lakewright, replace(page, owner="support-ca"))


def test_by_the_api_a_thread_is_listed_read_exported_renamed_and_deleted(
    client: TestClient, lakewright: Lakewright, owner: dict[str, str], support: dict[str, str], script: Script
) -> None:
    script.replies = (COUNT, "SELECT count(*) FROM square.merchants WHERE city = 'Toronto'")
    question = "How many merchants are there?"
    for said in (question, "and in Toronto?"):
        (*_, (_, answer)) = events(client.post("/api/ask", json={"question": said, "thread": "by-api"}, headers=owner))
    listed = client.get("/api/conversations?words=toronto&limit=1", headers=owner).json()["conversations"]
    assert [(one["title"], one["thread"]) for one in listed] == [(question, "by-api")]
    id = listed[0]["id"]
    path = f"/api/conversations/{id}"
    turns = client.get(path, headers=owner).json()["turns"]
    assert [turn["question"] for turn in turns] == [question, "and in Toronto?"]
    assert (turns[1]["answer_id"], turns[1]["sql"]) == (answer["answer_id"], answer["sql"])
    file = client.get(f"{path}/export", headers=owner)
    assert "attachment" in file.headers["content-disposition"]
    assert file.json()["turns"][1]["rows"] == answer["rows"]
    markdown = client.get(f"{path}/export?format=md", headers=owner).text
    assert COUNT in markdown
    assert markdown.count("\n## ") == 2
    for method, place in (("GET", path), ("PATCH", path), ("DELETE", path), ("GET", f"{path}/export")):
        stolen = client.request(method, place, json={"title": "mine"}, headers=support)
        missing = client.request(method, place.replace(id, "0" * 32), json={"title": "x"}, headers=support)
        assert (stolen.status_code, stolen.json()["detail"]) == (404, missing.json()["detail"])
    theirs = client.get("/api/conversations", headers=support).json()["conversations"]
    assert id not in [one["id"] for one in theirs]
    assert client.patch(path, json={"title": " "}, headers=owner).status_code == 400
    assert client.patch(path, json={"title": "Shops"}, headers=owner).json()["title"] == "Shops"
    assert client.delete(path, headers=owner).status_code == 204
    assert client.get(path, headers=owner).status_code == 404
    (*_, (_, forgot)) = events(
        client.post("/api/ask", json={"question": "and in Toronto?", "thread": "by-api"}, headers=owner)
    )
    assert "I took this as" not in forgot["answer"]
    begun = client.post("/api/conversations", json={"title": "Plans"}, headers=owner)
    assert (begun.status_code, begun.json()["title"]) == (201, "Plans")
    client.post("/api/ask", json={"question": question, "thread": begun.json()["thread"]}, headers=owner)
    told = client.get(f"/api/conversations/{begun.json()['id']}", headers=owner).json()
    assert (told["title"], len(told["turns"])) == ("Plans", 1)
