"""A person's own conversations: kept, found, renamed, read again under today's rights, and nobody else's."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agents.ask.state import Answer
from app.assembly import Lakewright
from app.conversations import LONGEST_TITLE, Conversations, title_of
from app.tokens import Unauthenticated
from app.ui.chat import Chat
from app.ui.session import signed_in
from app.ui.threads import Threads
from data.errors import DataError, Forbidden, Invalid, NotFound
from tests.app.conftest import visiting

COUNT = "SELECT count(*) FROM square.merchants"


@pytest.fixture
def kept(tmp_path: Path) -> Conversations:
    return Conversations(tmp_path)


def test_they_are_kept_and_the_newest_is_the_first(kept: Conversations, tmp_path: Path) -> None:
    first, second = kept.begin("ann", "How many  shops\nare there?"), kept.begin("ann", "And 100% of ÄPFEL?")
    assert kept.ask("ann", second, "And 100% of ÄPFEL?") == 0
    assert kept.ask("ann", first, "How many shops are there?") == 0
    assert kept.ask("ann", first, "and in Toronto?") == 1
    kept.answered("ann", first, 1, "a1")
    again = Conversations(tmp_path)
    assert [one.title for one in again.list("ann")] == ["How many shops are there?", "And 100% of ÄPFEL?"]
    assert [(turn.question, turn.answer_id) for turn in again.turns("ann", first)] == [
        ("How many shops are there?", ""), ("and in Toronto?", "a1"),
    ]  # fmt: skip
    found = {words: [one.id for one in again.list("ann", words)] for words in ("toronto shops", "äpfel", "100%", "_")}
    assert found == {"toronto shops": [first], "äpfel": [second], "100%": [second], "_": []}


def test_titles_are_short_and_never_empty(kept: Conversations) -> None:
    id = kept.begin("ann", "why " * 900)
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
        lambda kept, id: kept.ask("bob", id, "q"),
        lambda kept, id: kept.rename("bob", id, "mine"),
        lambda kept, id: kept.delete("bob", id),
    ],
)
def test_anothers_is_one_that_there_is_not(kept: Conversations, act: Callable[[Conversations, str], Any]) -> None:
    id = kept.begin("ann", "secret")
    kept.ask("ann", id, "secret")
    with pytest.raises(NotFound) as theirs:
        act(kept, id)
    with pytest.raises(NotFound) as nobodys:
        act(kept, "0" * 32)
    assert str(theirs.value) == str(nobodys.value)
    kept.answered("bob", id, 0, "stolen")
    assert (kept.get("ann", id).title, kept.turns("ann", id)[0].answer_id) == ("secret", "")
    assert kept.list("bob") == ()


def test_one_that_is_deleted_is_gone(kept: Conversations) -> None:
    id = kept.begin("ann", "secret")
    kept.ask("ann", id, "secret")
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
    thread = kept.begin(principal, question)
    kept.answered(principal, thread, kept.ask(principal, thread, question), answer.answer_id)
    return thread, shops


def test_a_page_reads_its_rows_again_and_another_sees_none(lakewright: Lakewright) -> None:
    visit, threads = visiting(lakewright, "owner"), Threads(lakewright)
    thread, shops = answered(lakewright, "owner", "How many <b>shops</b> are there?")
    cut = lakewright.conversations.ask("owner", thread, "And then?")
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
