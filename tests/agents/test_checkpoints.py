"""Threads in a PostgreSQL that several servers share, and what is said where there is none."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypedDict

import pytest
from langgraph.graph import END, START, StateGraph

from agents.checkpoints import Checkpoints
from data.errors import Unavailable


class Said(TypedDict):
    words: list[str]


def _turn(checkpoints: Checkpoints, word: str) -> list[str]:
    """What a thread has after one more turn."""
    builder = StateGraph(Said)
    builder.add_node("say", lambda state: {"words": [*state["words"], word]})
    builder.add_edge(START, "say")
    builder.add_edge("say", END)
    graph: Any = builder.compile(checkpointer=checkpoints.saver())
    config: Any = {"configurable": {"thread_id": '["ann", "one"]'}}
    before = graph.get_state(config).values.get("words", [])
    found: list[str] = graph.invoke({"words": before}, config, durability="exit")["words"]
    return found


@pytest.fixture
def database(tmp_path: Path) -> Iterator[str]:
    pytest.importorskip("langgraph.checkpoint.postgres")
    from data.sources.postgres import managed_url, stop_managed

    yield managed_url(tmp_path / "postgres")
    stop_managed(tmp_path / "postgres")


def test_two_servers_share_a_thread(tmp_path: Path, database: str) -> None:
    one, other = (Checkpoints(tmp_path / f"{n}.sqlite", database) for n in (1, 2))
    assert _turn(one, "a") == ["a"]
    assert _turn(other, "b") == ["a", "b"]
    one.close()
    assert _turn(one, "c") == ["a", "b", "c"]
    assert not list(tmp_path.glob("*.sqlite"))
    one.close()
    other.close()


def test_a_database_that_is_not_there_is_unavailable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("langgraph.checkpoint.postgres")
    monkeypatch.setattr("agents.checkpoints.PATIENCE", 0.2)
    nowhere = Checkpoints(tmp_path / "t.sqlite", "postgresql://ann:sesame@127.0.0.1:9/threads")
    with pytest.raises(Unavailable, match="PostgreSQL of threads") as caught:
        nowhere.saver()
    assert "sesame" not in str(caught.value)


def test_without_the_package_it_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "langgraph.checkpoint.postgres", None)
    with pytest.raises(Unavailable, match="langgraph-checkpoint-postgres") as caught:
        Checkpoints(tmp_path / "t.sqlite", "postgresql://somewhere/threads").saver()
    assert "lakewright[postgres]" in caught.value.remedy


def test_a_file_keeps_threads_over_its_closing(tmp_path: Path) -> None:
    kept = Checkpoints(tmp_path / "threads.sqlite")
    assert _turn(kept, "a") == ["a"]
    kept.close()
    assert _turn(kept, "b") == ["a", "b"]
    kept.close()
