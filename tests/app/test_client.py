"""The Python client against a real server's application."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest
from fastapi.testclient import TestClient

from app.assembly import Lakewright
from app.scopes import ALL
from lakewright.client import Client, LakewrightError

COUNT = "SELECT count(*) FROM square.merchants"

Connect = Callable[[str], Client]


@pytest.fixture
def connect(client: TestClient, lakewright: Lakewright) -> Connect:
    """A client for a principal."""
    return lambda principal: Client("", lakewright.tokens.create(principal, 1, ALL)[0], http=client)


def test_ask_tells_of_its_steps_and_gives_the_answer(connect: Connect, script: Any) -> None:
    script.replies = (COUNT,)
    heard: list[str] = []
    owner = connect("owner")
    answer = owner.ask("How many merchants are there?", on_event=lambda name, _: heard.append(name))
    assert (answer["status"], answer["rows"]) == ("answered", [[80]])
    assert set(heard) == {"step", "token"}
    owner.rate(answer["answer_id"], "up")


def test_sql_and_catalog_are_the_principals(connect: Connect) -> None:
    support = connect("support-ca")
    rows = support.sql("SELECT DISTINCT country FROM cash.users WHERE country = $c", params={"c": "CA"})["rows"]
    assert rows == [["CA"]]
    assert "cash.cards" not in {table["name"] for table in support.catalog()}


@pytest.mark.parametrize(
    ("call", "kind"),
    [
        (lambda client: client.sql("SELECT last4 FROM cash.cards"), "forbidden"),
        (lambda client: client.ask(""), "invalid"),
        (lambda client: client.ask("How many?", endpoint="nowhere"), "not_found"),
        (lambda client: client.rate("nothing", "up"), "not_found"),
    ],
)
def test_refusals_are_errors_with_their_kind(connect: Connect, call: Callable[[Client], Any], kind: str) -> None:
    with pytest.raises(LakewrightError) as caught:
        call(connect("support-ca"))
    assert caught.value.kind == kind
    assert caught.value.message


def test_a_wrong_token_is_unauthenticated(client: TestClient) -> None:
    with pytest.raises(LakewrightError) as caught:
        Client("", "lw_wrong", http=client).catalog()
    assert caught.value.kind == "unauthenticated"


@pytest.mark.parametrize(
    ("status", "text", "kind"), [(502, "<html>Bad gateway</html>", "internal"), (500, "[]", "internal")]
)
def test_a_server_that_is_something_else_is_an_error_too(status: int, text: str, kind: str) -> None:
    transport = httpx.MockTransport(lambda request: httpx.Response(status, text=text))
    http = httpx.Client(transport=transport, base_url="http://server")
    with Client("", "lw_x", http=http) as client, pytest.raises(LakewrightError) as caught:
        client.ask("How many?")
    assert caught.value.kind == kind


HALF = b'event: step\ndata: {"name": "retrieve"}\n\n'


class Broken(httpx.SyncByteStream):
    """A body that breaks off, or is silent for too long."""

    def __init__(self, error: type[httpx.HTTPError] | None) -> None:
        self.error = error

    def __iter__(self) -> Iterator[bytes]:
        yield HALF
        if self.error is not None:
            raise self.error("it broke")


@pytest.mark.parametrize(
    ("error", "said"), [(None, "early"), (httpx.ReadError, "it broke"), (httpx.ReadTimeout, "in time")]
)
@pytest.mark.parametrize(
    "call", [lambda one: one.ask("How many?"), lambda one: one.forms.fill("f", "x", on_event=print)]
)
def test_an_answer_that_breaks_off_is_an_error(
    call: Callable[[Client], Any], error: type[httpx.HTTPError] | None, said: str
) -> None:
    transport = httpx.MockTransport(lambda request: httpx.Response(200, stream=Broken(error)))
    http = httpx.Client(transport=transport, base_url="http://server")
    with Client("", "lw_x", http=http) as client, pytest.raises(LakewrightError, match=said) as caught:
        call(client)
    assert caught.value.kind == "unavailable"
    assert caught.value.remedy


def test_a_server_that_is_not_there_is_an_error() -> None:
    with Client("http://127.0.0.1:9", "lw_x") as client, pytest.raises(LakewrightError, match="connection") as caught:
        client.catalog()
    assert caught.value.kind == "unavailable"
