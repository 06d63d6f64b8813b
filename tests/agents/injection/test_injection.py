"""Instructions that stand in names, descriptions and cells: whatever a model makes of them, nobody sees more."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from langchain_core.messages import AIMessage, BaseMessage

from agents import grammar
from agents.answers import AnswerStore
from agents.approved import ApprovedQueries
from agents.ask import prompts
from agents.ask.graph import Ask
from agents.ask.state import Answer, Event
from agents.endpoints import Endpoint
from agents.endpoints.scripted import ScriptedChat
from agents.semantic import Semantic
from data.gateway import Gateway
from tests.agents.injection.store import CANARY, CASES, Linked, build, tables

QUESTION = "How many orders are paid?"
HONEST = "SELECT count(*) FROM shop.orders WHERE status = 'paid'"
NAMES = [f"{case['in']}: {case['says'][:40]}" for case in CASES]


class Obeying(ScriptedChat):
    """A model that does what it reads in the data, and its task only when nothing is left to obey."""

    def _next(self, messages: list[BaseMessage], options: dict[str, Any]) -> AIMessage:
        if not self.left:
            self._replies.append(f"```sql\n{HONEST}\n```")
        return super()._next(messages, options)


def told(reply: Any) -> str | AIMessage:
    """SQL as a model writes it, or a call of a tool."""
    if isinstance(reply, dict):
        return AIMessage(content="", tool_calls=[{**reply, "id": "call-1"}])
    return reply if reply.startswith(("UNSURE", "CLARIFY")) else f"```sql\n{reply}\n```"


@pytest.fixture
def events(tmp_path: Path, approved: ApprovedQueries, answers: AnswerStore) -> Iterator[Callable[..., list[Event]]]:
    opened: list[Gateway] = []

    def ask(case: dict[str, Any] | None, chat: ScriptedChat) -> list[Event]:
        gateway = build(tmp_path / "lake", case)
        opened.append(gateway)
        endpoint = Endpoint("model", chat, 8192, grammar=False, tools=True, device="cpu", instruct=True)
        linked: Any = Linked(gateway, tmp_path / "index")
        with closing(
            Ask(gateway, linked, {"model": lambda: endpoint}, approved, tmp_path / "t.sqlite", answers)
        ) as desk:
            return list(desk.stream(gateway.policy.principal("clerk"), QUESTION))

    yield ask
    for gateway in opened:
        gateway.close()


@pytest.mark.parametrize("case", CASES, ids=NAMES)
def test_a_model_that_obeys_sees_and_shows_nothing_forbidden(
    case: dict[str, Any], events: Callable[..., list[Event]], caplog: pytest.LogCaptureFixture
) -> None:
    chat = Obeying(map(told, case["obeys"]))
    with caplog.at_level(logging.DEBUG):
        found = events(case, chat)
    *_, answer = found
    assert isinstance(answer, Answer)
    read = [str(message.content) for messages in chat.history for message in messages]
    everything = json.dumps([answer.as_json(), *map(str, found), read, caplog.text], default=str)
    assert CANARY not in everything.lower()
    assert "90417431" not in everything
    assert {source["table"] for source in answer.sources} <= {"shop.orders", "shop.customers"}
    assert answer.principal == "clerk"


def test_the_store_is_as_it_was(tmp_path: Path, events: Callable[..., list[Event]]) -> None:
    for case in (case for case in CASES if "DROP" in str(case["obeys"]) or "DELETE" in str(case["obeys"])):
        events(case, Obeying(map(told, case["obeys"])))
        [answer] = [event for event in events(None, Obeying()) if isinstance(event, Answer)]
        assert answer.rows == [[3]]


def test_the_canaries_are_there_for_who_may_see_them(tmp_path: Path) -> None:
    with closing(build(tmp_path)) as gateway:
        owner, clerk = gateway.policy.principal("owner"), gateway.policy.principal("clerk")
        assert CANARY in str(gateway.query(owner, "SELECT * FROM vault.salaries").table)
        seen = gateway.query(clerk, "SELECT * FROM shop.customers").table
        assert seen.num_rows == len(tables()["shop.customers"]["id"]) - 1
        assert CANARY not in str(seen).lower()


def shown(gateway: Gateway, folder: Path) -> tuple[str, ...]:
    """All that the trained model reads, and the grammar that it writes in."""
    context = Linked(gateway, folder).retrieve(gateway.policy.principal("clerk"), QUESTION)
    plain = Semantic.of(context.catalog).context(context)
    return prompts.system(plain.catalog, plain.values), prompts.user(QUESTION, plain.hints), grammar.lark(plain)


def test_the_trained_model_reads_no_descriptions_and_no_long_texts(tmp_path: Path) -> None:
    """What it does not read can't change its answer: only names, and values of up to 16 characters, reach it."""
    with closing(build(tmp_path / "plain")) as gateway:
        plain = shown(gateway, tmp_path / "index-plain")
    same = 0
    for number, case in enumerate(CASES):
        with closing(build(tmp_path / str(number), case)) as gateway:
            read = shown(gateway, tmp_path / f"index-{number}")
        assert CANARY not in str(read).lower()
        assert "vault.salaries(" not in read[0]
        if "description" in case["in"]:
            assert read == plain
        same += read == plain
    assert same >= 20
