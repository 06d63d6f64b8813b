"""The peer: a LangGraph agent as its documentation builds one. A model writes SQL and DuckDB runs it, over the same
table; threads are kept by LangGraph's SQLite saver. It knows no rights, no catalogue and no audit."""

from __future__ import annotations

import json
import sqlite3
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, TypedDict

import duckdb
from langchain_core.messages import AnyMessage, HumanMessage, SystemMessage
from langchain_openai import ChatOpenAI
from langgraph.checkpoint.sqlite import SqliteSaver
from langgraph.graph import END, START, StateGraph
from langgraph.graph.message import add_messages
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.routing import Route

from app.endurance.scripted import run
from data import lake

SYSTEM = "Write one SQL query for DuckDB over shop.orders(id BIGINT, owner VARCHAR, amount BIGINT)."


class State(TypedDict):
    """The conversation, and the rows of its last query."""

    messages: Annotated[list[AnyMessage], add_messages]
    rows: list[list[Any]]


def agent(url: str, table: Path, threads: Path) -> Any:
    """The graph: model, then the query."""
    chat = ChatOpenAI(base_url=url, model="scripted", api_key="none", temperature=0, max_retries=0)  # type: ignore[arg-type]
    database = duckdb.connect()
    database.execute("CREATE SCHEMA shop")
    orders = lake.read(table)
    database.register("arrow_orders", orders)
    database.execute("CREATE TABLE shop.orders AS SELECT * FROM arrow_orders")

    def model(state: State) -> dict[str, Any]:
        return {"messages": [chat.invoke([SystemMessage(SYSTEM), *state["messages"]])]}

    def query(state: State) -> dict[str, Any]:
        with database.cursor() as cursor:
            found = cursor.execute(str(state["messages"][-1].content)).fetchall()
        return {"rows": [list(row) for row in found]}

    builder = StateGraph(State)
    builder.add_node("model", model)
    builder.add_node("query", query)
    builder.add_edge(START, "model")
    builder.add_edge("model", "query")
    builder.add_edge("query", END)
    return builder.compile(checkpointer=SqliteSaver(sqlite3.connect(threads, check_same_thread=False)))


def application(graph: Any) -> Starlette:
    """The agent behind HTTP, with the same form of answer as ours."""

    def events(asked: dict[str, Any]) -> Iterator[ServerSentEvent]:
        config = {"configurable": {"thread_id": asked["thread"]}}
        state = {"messages": [HumanMessage(asked["question"])]}
        rows: Any = None
        for mode, piece in graph.stream(state, config, stream_mode=["messages", "updates"], durability="exit"):
            if mode == "messages":
                yield ServerSentEvent(str(piece[0].content), event="token")
            elif "query" in piece:
                rows = piece["query"]["rows"]
        yield ServerSentEvent(json.dumps({"status": "answered", "rows": rows}), event="answer")

    async def ask(request: Request) -> EventSourceResponse:
        return EventSourceResponse(events(await request.json()))

    return Starlette(routes=[Route("/api/ask", ask, methods=["POST"])])


if __name__ == "__main__":
    run(application(agent(sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3]))))
