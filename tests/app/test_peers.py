"""The real peers over our server, where their environment has been made: a model that knows its way gets through."""

from __future__ import annotations

import sqlite3
from collections import deque
from contextlib import closing
from pathlib import Path

import pytest

from agents.endpoints.toolcalls import SMOLLM
from agents.endpoints.transcript import Completion
from agents.peers.peer import WANTED, Peer, Setup
from app.completions import serving
from data.environment import MADE

MADE_IN = Path.home() / ".cache" / "lakewright" / "text-to-sql"
SQL = "SELECT count(*) FROM animal"
SAID = {
    "langchain": (
        '<tool_call>[{"name": "sql_db_list_tables", "arguments": {}}]</tool_call>',
        f'<tool_call>[{{"name": "sql_db_query", "arguments": {{"query": "{SQL}"}}}}]</tool_call>',
        "There are two.",
    ),
    "langchain-react": (
        f"Let me count.\nAction: sql_db_query\nAction Input: {SQL}\n",
        "There may be two.",
        "I know.\nFinal Answer: There are two.",
    ),
    "llamaindex": (f"{SQL}\nSQLResult: 2", "There are two."),
}


class Model:
    """A transcript that plays its part and keeps what was last said to it."""

    manner = SMOLLM

    def __init__(self, said: tuple[str, ...]) -> None:
        self.left, self.heard = deque(said), ""

    def complete(self, said: list[tuple[str, str]], *_: object) -> Completion:
        self.heard = said[-1][1]
        return Completion(self.left.popleft(), "stop", 1, 1)


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "zoo.sqlite"
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript("CREATE TABLE animal (name TEXT); INSERT INTO animal VALUES ('Ada'), ('Bo')")
    return path


@pytest.mark.parametrize("name", SAID)
def test_a_peer_runs_what_the_model_says_and_reads_the_rows(name: str, database: Path) -> None:
    mark = MADE_IN / MADE
    if not mark.exists() or mark.read_text("utf-8") != "\n".join(WANTED):
        pytest.skip("The peers' environment is made by `lakewright bench text-to-sql`.")
    model = Model(SAID[name])
    with serving({"m": model}) as url:  # type: ignore[dict-item]
        peer = Peer(Setup(MADE_IN / "bin" / "python", name, url, "m", database))
        try:
            found = peer("How many animals are there?")
        finally:
            peer.close()
    assert (found.status, found.rows, found.answer) == ("answered", [[2]], "There are two.")
    assert not model.left
    assert name == "langchain-react" or "(2,)" in model.heard
