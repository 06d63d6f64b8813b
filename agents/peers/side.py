"""The peers' side of the comparison. It runs in an environment that has them, and nothing of Lakewright's.

    python side.py NAME URL MODEL DATABASE TOKENS SECONDS

reads one JSON text a line, a question, and writes one JSON object a line: first {"ready"}, then for each question
{"sql", "answer", "error"}: the queries that were run in their order, what was said, and why nothing was. Each peer is
set up as its documentation does it; TOKENS limit one answer of the model, SECONDS one question.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any

Asker = Callable[[str], "tuple[list[str], str]"]


def langchain(url: str, model: str, database: str, tokens: int, seconds: float, agent_type: str | None) -> Asker:
    """LangChain's SQL agent; a reply that it can't read is told to the model, as its error message advises."""
    from langchain_community.agent_toolkits import create_sql_agent  # type: ignore[import-not-found]
    from langchain_community.utilities import SQLDatabase  # type: ignore[import-not-found]
    from langchain_core.callbacks import BaseCallbackHandler
    from langchain_openai import ChatOpenAI
    from pydantic import SecretStr

    class Queries(BaseCallbackHandler):
        def __init__(self) -> None:
            self.sql: list[str] = []

        def on_tool_start(self, serialized: Any, input_str: str, *, inputs: Any = None, **_: Any) -> None:
            if (serialized or {}).get("name") == "sql_db_query":
                self.sql.append(str((inputs or {}).get("query") or input_str))

    llm = ChatOpenAI(
        model=model, base_url=url, api_key=SecretStr("none"), temperature=0, max_completion_tokens=tokens,
        timeout=seconds, max_retries=0,
    )  # fmt: skip
    agent = create_sql_agent(
        llm,
        db=SQLDatabase.from_uri(database),
        agent_type=agent_type,
        max_execution_time=seconds,
        agent_executor_kwargs={"handle_parsing_errors": True},
    )

    def ask(question: str) -> tuple[list[str], str]:
        queries = Queries()
        try:
            said = agent.invoke({"input": question}, config={"callbacks": [queries]})["output"]
        except Exception as error:
            error.add_note(json.dumps(queries.sql))
            raise
        if said.startswith("Agent stopped due to") and not queries.sql:
            raise TimeoutError(said)
        return queries.sql, said

    return ask


def llamaindex(url: str, model: str, database: str, tokens: int, seconds: float) -> Asker:
    """LlamaIndex's query engine over all tables of the database."""
    from llama_index.core import MockEmbedding, Settings, SQLDatabase
    from llama_index.core.query_engine import NLSQLTableQueryEngine
    from llama_index.llms.openai_like import OpenAILike
    from sqlalchemy import create_engine

    llm = OpenAILike(
        model=model, api_base=url, api_key="none", is_chat_model=True, context_window=8192, max_tokens=tokens,
        temperature=0, timeout=seconds, max_retries=0,
    )  # fmt: skip
    Settings.llm, Settings.embed_model = llm, MockEmbedding(embed_dim=1)
    store = SQLDatabase(create_engine(database))
    engine = NLSQLTableQueryEngine(sql_database=store, tables=store.get_usable_table_names(), llm=llm)

    def ask(question: str) -> tuple[list[str], str]:
        response = engine.query(question)
        sql = (response.metadata or {}).get("sql_query") or ""
        return [sql] if sql.strip() else [], str(response)

    return ask


SIDES: dict[str, tuple[Callable[..., Asker], dict[str, Any]]] = {
    "langchain": (langchain, {"agent_type": "tool-calling"}),
    "langchain-react": (langchain, {"agent_type": None}),
    "llamaindex": (llamaindex, {}),
}
"""What opens a peer, and what else that takes. LangChain's documentation calls tools; what
`create_sql_agent` does unless it is told to is ReAct."""


def main(name: str, url: str, model: str, database: str, tokens: str, seconds: str) -> None:
    opens, more = SIDES[name]
    # What the libraries print must not come between the answers.
    answers, sys.stdout = sys.stdout, sys.stderr
    ask = opens(url, model, f"sqlite:///file:{database}?mode=ro&uri=true", int(tokens), float(seconds), **more)
    print(json.dumps({"ready": name}), file=answers, flush=True)
    for line in sys.stdin:
        print(json.dumps(answered(ask, json.loads(line))), file=answers, flush=True)


def answered(ask: Asker, question: str) -> dict[str, Any]:
    try:
        sql, said = ask(question)
    except Exception as error:  # noqa: BLE001 - whatever a peer raises is its answer
        run = [query for note in getattr(error, "__notes__", []) for query in json.loads(note)]
        return {"sql": run, "answer": "", "error": f"{type(error).__name__}: {error}"[:500]}
    return {"sql": sql, "answer": said[:2000], "error": ""}


if __name__ == "__main__":
    main(*sys.argv[1:])
