"""The official MCP client against the server, over HTTP and over stdio."""

from __future__ import annotations

import json
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import anyio
import httpx
import pytest
from mcp import ClientSession, McpError, StdioServerParameters, stdio_client
from mcp.client.streamable_http import streamable_http_client
from pydantic import AnyUrl

from app.assembly import Lakewright
from app.mcp import results
from data.errors import Unavailable
from tests.app.conftest import Script

COUNT = "SELECT count(*) AS shops FROM square.merchants"
PING = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}

Use = Callable[[ClientSession], Awaitable[Any]]


@asynccontextmanager
async def session(api: str, secret: str) -> AsyncIterator[ClientSession]:
    async with (
        httpx.AsyncClient(headers={"Authorization": f"Bearer {secret}"}, timeout=60) as client,
        streamable_http_client(f"{api}mcp", http_client=client) as (read, write, _),
        ClientSession(read, write) as opened,
    ):
        await opened.initialize()
        yield opened


def token(lakewright: Lakewright, principal: str = "owner", *scopes: str) -> str:
    return lakewright.tokens.create(principal, 1, *([scopes] if scopes else []))[0]


def over_http(api: str, secret: str, use: Use) -> Any:
    async def run() -> Any:
        async with session(api, secret) as opened:
            return await use(opened)

    return anyio.run(run)


def test_a_caller_sees_the_tools_that_the_token_is_for(api: str, lakewright: Lakewright) -> None:
    async def use(opened: ClientSession) -> Any:
        return (await opened.list_tools()).tools

    tools = over_http(api, token(lakewright), use)
    names = {tool.name for tool in tools}
    assert names >= {"ask", "run_sql", "search_catalog", "get_features", "score", "fill_form"}
    assert {tool.name for tool in tools if tool.annotations.readOnlyHint} == names - {"fill_form", "generate_code"}
    assert all(tool.outputSchema["properties"] and len(tool.description) > 80 for tool in tools)
    assert {tool.name for tool in over_http(api, token(lakewright, "owner", "sql", "ask"), use)} == {"ask", "run_sql"}


def test_a_question_tells_its_steps_and_gives_a_structured_answer(
    api: str, lakewright: Lakewright, script: Script
) -> None:
    script.replies = (COUNT,)
    steps: list[str | None] = []

    async def heard(done: float, total: float | None, message: str | None) -> None:
        steps.append(message)

    async def use(opened: ClientSession) -> Any:
        asked = {"question": "How many shops are there?"}
        return await opened.call_tool("ask", asked, progress_callback=heard)

    result = over_http(api, token(lakewright), use)
    assert not result.isError
    assert result.structuredContent["status"] == "answered"
    assert json.loads(result.content[0].text)["rows"] == result.structuredContent["rows"]
    assert any(step and step.startswith("write: SELECT") for step in steps)


def test_each_caller_has_their_own_rights(api: str, lakewright: Lakewright) -> None:
    async def use(opened: ClientSession) -> Any:
        counted = await opened.call_tool("run_sql", {"sql": "SELECT count(*) FROM square.merchants"})
        secret = await opened.call_tool("run_sql", {"sql": "SELECT * FROM square.merchants", "limit": 1})
        return counted, secret, {str(one.uri) for one in (await opened.list_resources()).resources}

    whole, _, all_tables = over_http(api, token(lakewright, "owner"), use)
    part, _, some_tables = over_http(api, token(lakewright, "support-ca"), use)
    assert whole.structuredContent["rows"][0][0] > part.structuredContent["rows"][0][0] > 0
    assert some_tables < all_tables


@pytest.mark.parametrize(
    ("tool", "arguments", "said"),
    [
        ("run_sql", {"sql": "DROP TABLE square.merchants"}, "SELECT"),
        ("run_sql", {"sql": "SELECT * FROM nothing.here"}, "nothing.here"),
        ("run_sql", {"sql": "SELECT 1", "limit": 10_000}, "200"),
        ("ask", {"question": " "}, "empty"),
        ("score", {"model": "nothing", "keys": [{"x": 1}]}, "nothing"),
        ("get_features", {"view": "nothing", "entities": [{"x": 1}]}, "nothing"),
        ("fill_form", {"form": "nothing", "about": "x"}, "nothing"),
        ("fill_form", {"form": 3, "about": {}}, "form"),
        ("nothing", {}, "nothing"),
    ],
)
def test_what_fails_says_what_to_do(
    api: str, lakewright: Lakewright, tool: str, arguments: dict[str, Any], said: str
) -> None:
    result = over_http(api, token(lakewright), lambda opened: opened.call_tool(tool, arguments))
    assert result.isError
    assert said in result.content[0].text


def test_a_tool_that_the_token_is_not_for_is_refused(api: str, lakewright: Lakewright) -> None:
    async def use(opened: ClientSession) -> Any:
        return await opened.call_tool("run_sql", {"sql": "SELECT 1"})

    result = over_http(api, token(lakewright, "owner", "ask"), use)
    assert (result.isError, "not for 'sql'" in result.content[0].text) == (True, True)


def test_what_nobody_foresaw_tells_nothing(
    api: str, lakewright: Lakewright, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: Any, **__: Any) -> Any:
        raise RuntimeError("password hunter2")

    monkeypatch.setattr(lakewright.gateway, "query", fail)
    use: Use = lambda opened: opened.call_tool("run_sql", {"sql": "SELECT 1"})  # noqa: E731
    result = over_http(api, token(lakewright), use)
    assert result.isError
    assert "hunter2" not in result.model_dump_json()
    assert "hunter2" in caplog.text


def test_the_catalogue_is_searched_and_read(api: str, lakewright: Lakewright) -> None:
    async def use(opened: ClientSession) -> Any:
        found = await opened.call_tool("search_catalog", {"query": "shops and merchants", "top": 3})
        read = await opened.read_resource(AnyUrl("lakewright://table/square.merchants"))
        with pytest.raises(McpError, match="no table"):
            await opened.read_resource(AnyUrl("lakewright://table/square.nothing"))
        with pytest.raises(McpError, match="no document"):
            await opened.read_resource(AnyUrl("lakewright://document/etc/passwd"))
        return found.structuredContent["tables"], json.loads(read.contents[0].text)

    tables, table = over_http(api, token(lakewright), use)
    assert "square.merchants" in [one["name"] for one in tables]
    assert len(tables) <= 3
    assert table["name"] == "square.merchants"
    assert table["rows"] > 0


def test_prompts_are_given(api: str, lakewright: Lakewright) -> None:
    async def use(opened: ClientSession) -> Any:
        names = [one.name for one in (await opened.list_prompts()).prompts]
        return names, await opened.get_prompt("report", {"question": "Where do we grow?"})

    names, prompt = over_http(api, token(lakewright), use)
    assert names == ["explore", "report", "onboard"]
    assert "Where do we grow?" in prompt.messages[0].content.text


@pytest.mark.parametrize("header", ["Bearer", "Bearer lw_wrong", "Basic b3duZXI6"])
def test_without_a_token_there_is_no_way_in(api: str, header: str) -> None:
    answer = httpx.post(f"{api}mcp", json=PING, headers={"Authorization": header})
    assert (answer.status_code, answer.json()["kind"]) == (401, "unauthenticated")


@pytest.mark.parametrize(
    ("name", "value", "status"),
    [("Host", "evil.example", 421), ("Origin", "http://evil.example", 403), ("Origin", "null", 403)],
)
def test_a_page_of_another_site_gets_no_way_in(
    api: str, lakewright: Lakewright, name: str, value: str, status: int
) -> None:
    headers = {"Authorization": f"Bearer {token(lakewright)}", "Accept": "application/json, text/event-stream"}
    assert httpx.post(f"{api}mcp", json=PING, headers={**headers, name: value}).status_code == status
    assert httpx.post(f"{api}mcp", json=PING, headers=headers).status_code == 200


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"x"', b'{"jsonrpc": "2.0"}', b"\xff\xfe", b"[" * 10_000])
def test_what_is_not_of_the_protocol_is_refused(api: str, lakewright: Lakewright, body: bytes) -> None:
    headers = {
        "Authorization": f"Bearer {token(lakewright)}", "Accept": "application/json, text/event-stream",
        "Content-Type": "application/json",
    }  # fmt: skip
    assert 400 <= httpx.post(f"{api}mcp", content=body, headers=headers).status_code < 500


def test_long_answers_are_cut() -> None:
    rows, cut = results.bounded([["x" * 10_000, 1]] * 300)
    assert cut
    assert len(json.dumps(rows)) <= results.MOST_BYTES + 1_000
    assert rows[0][0].endswith("…")
    assert results.bounded([[1]] * 5) == ([[1]] * 5, False)


def over_stdio(home: Path, models: Path, *options: str) -> StdioServerParameters:
    arguments = ["-m", "lakewright", "mcp", "--home", str(home), *options]
    root = Path(__file__).parents[2]
    return StdioServerParameters(
        command=sys.executable,
        args=arguments,
        env={"PYTHONPATH": str(root), "LAKEWRIGHT_MODELS": str(models), "PATH": ""},
    )


def test_over_stdio_the_caller_is_whom_the_owner_names(demo_home: Path, models: Path) -> None:
    async def run() -> Any:
        async with (
            stdio_client(over_stdio(demo_home, models, "--as", "support-ca")) as (read, write),
            ClientSession(read, write) as opened,
        ):
            await opened.initialize()
            asked = {"sql": "SELECT count(*) FROM square.merchants"}
            counted = await opened.call_tool("run_sql", asked)
            return counted, (await opened.list_tools()).tools

    counted, tools = anyio.run(run)
    assert counted.structuredContent["rows"][0][0] > 0
    assert "ask" in [tool.name for tool in tools]


def test_an_unavailable_store_is_told_as_such(
    api: str, lakewright: Lakewright, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any, **__: Any) -> Any:
        raise Unavailable("The store is away.", "Start it.")

    monkeypatch.setattr(lakewright.gateway, "query", fail)
    use: Use = lambda opened: opened.call_tool("run_sql", {"sql": "SELECT 1"})  # noqa: E731
    assert "Start it." in over_http(api, token(lakewright), use).content[0].text
