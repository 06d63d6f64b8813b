"""`lakewright bench text-to-sql` with a scripted model as both sides, over two small databases."""

from __future__ import annotations

import json
import re
import sqlite3
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from agents.endpoints import Endpoint
from agents.endpoints.scripted import scripted
from agents.endpoints.toolcalls import SMOLLM
from agents.endpoints.transcript import Completion
from agents.peers import peer
from app.cli import build
from app.cli.command import run
from app.contest import contest, databases, sides
from app.settings import Settings
from data.errors import Invalid
from tests.agents.peers.programs import MODEL, program

ROWS = {"farm": [("Ada", 3), ("Bo", 5)], "zoo": [("Cy", 1), ("Di", 2), ("Ed", 9)]}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "databases"
    folder.mkdir()
    for name, rows in ROWS.items():
        with closing(sqlite3.connect(folder / f"{name}.sqlite")) as connection:
            connection.execute("CREATE TABLE animal (name TEXT, age INTEGER)")
            connection.executemany("INSERT INTO animal VALUES (?, ?)", rows)
            connection.commit()
        questions = [
            {"id": f"{name}-1", "question": "How many animals are there?",
             "sql": f"SELECT count(*) FROM {name}.animal", "tags": ["count"]},
            {"id": f"{name}-2", "question": "What is the age of the oldest animal?",
             "sql": f"SELECT max(age) FROM {name}.animal", "tags": ["max"]},
        ]  # fmt: skip
        (folder / f"{name}.jsonl").write_text("\n".join(map(json.dumps, questions)), encoding="utf-8")
    return folder


class Model:
    """Our endpoint counts the rows, the peers' model asks for the greatest age; both note what they were asked."""

    manner = SMOLLM

    def __init__(self) -> None:
        self.ours: list[str] = []
        self.theirs: list[str] = []
        self.interrupt_at = 0

    def open(self, spec: Any, models: Path) -> Endpoint:
        found = scripted(*["unused"] * 9, name=spec.name, instruct=False)
        chat = found.chat

        def next_(messages: list[Any], options: dict[str, Any]) -> Any:
            from langchain_core.messages import AIMessage

            self.ours.append(str(messages[-1].content))
            if len(self.ours) == self.interrupt_at:
                raise KeyboardInterrupt
            (table,) = set(re.findall(r"\b(?:farm|zoo)\.animal\b", str(messages[0].content)))
            return AIMessage(content=f"FROM {table} SELECT count(*)")

        object.__setattr__(chat, "_next", next_)
        return found

    def complete(self, said: list[tuple[str, str]], *_: object) -> Completion:
        self.theirs.append(said[-1][1])
        return Completion("SELECT max(age) FROM animal", "stop", 1, 1)


@pytest.fixture
def model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Model:
    model = Model()
    monkeypatch.setattr("agents.endpoints.open_endpoint", model.open)
    monkeypatch.setattr("app.packaged.provide", lambda *_, **__: None)
    monkeypatch.setattr(sides, "weights", lambda *_: "same")
    monkeypatch.setattr(contest, "transcripts", lambda *_: {"base": ("same", model)})
    monkeypatch.setattr("agents.peers.provide", lambda *_: Path(sys.executable))
    monkeypatch.setattr(peer, "SIDE", program(tmp_path, MODEL))
    return model


def bench(capsys: pytest.CaptureFixture[str], *arguments: object) -> tuple[int, dict[str, Any], str]:
    code = run(build(), ["bench", "text-to-sql", *map(str, arguments), "--json"])
    out, err = capsys.readouterr()
    return code, json.loads(out), err


def test_both_sides_are_measured_and_nothing_is_asked_twice(
    folder: Path, model: Model, capsys: pytest.CaptureFixture[str]
) -> None:
    code, found, said = bench(capsys, folder, "--peers", "llamaindex")
    assert (code, found["questions"], found["partial"]) == (0, 4, False)
    assert (found["ours"], found["peer"], found["ratio"]) == (0.5, 0.5, 1.0)
    ours, theirs = found["sides"]["embedded"], found["sides"]["llamaindex (base)"]
    assert {name: made["execution_accuracy"] for name, made in ours["by_tag"].items()} == {"count": 1, "max": 0}
    assert {name: made["execution_accuracy"] for name, made in theirs["by_tag"].items()} == {"count": 0, "max": 1}
    assert ours["by_file"].keys() == {"farm.jsonl", "zoo.jsonl"}
    assert [(one["cause"], one["n"]) for one in ours["causes"]] == [("wrong aggregate", 2)]
    assert found["comparisons"][0]["difference"] == 0
    assert "zoo.jsonl 2/2 llamaindex (base): right" in said
    assert len(model.theirs) == 4
    before = len(model.ours)
    assert bench(capsys, folder, "--peers", "llamaindex")[1] == found
    assert (len(model.ours), len(model.theirs)) == (before, 4)
    bench(capsys, folder, "--peers", "none", "--fresh")
    assert len(model.ours) == 2 * before


def test_what_is_stopped_goes_on(folder: Path, model: Model, capsys: pytest.CaptureFixture[str]) -> None:
    model.interrupt_at = 2
    code, found, said = bench(capsys, folder, "--peers", "none")
    assert (code, found["questions"], found["planned"], found["partial"]) == (1, 1, 4, True)
    assert "the same command goes on" in said
    code, found, said = bench(capsys, folder, "--peers", "none")
    assert (code, found["questions"]) == (0, 4)
    assert "farm.jsonl 1/1 embedded" in said


def test_a_question_that_has_changed_is_asked_again(
    folder: Path, model: Model, capsys: pytest.CaptureFixture[str]
) -> None:
    bench(capsys, folder, "--peers", "none", "--limit", 1)
    before = len(model.ours)
    path = folder / "zoo.jsonl"
    path.write_text(path.read_text("utf-8").replace("How many animals are", "How many animals were"), "utf-8")
    bench(capsys, folder, "--peers", "none", "--limit", 1)
    assert len(model.ours) == before + 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--peers", "vanna"], "There is no peer 'vanna'"),
        (["--endpoint", "nobody"], "There is no endpoint 'nobody'"),
        (["--adapter", "a", "--adapter", "a"], "named twice"),
        (["--questions", "/nowhere"], "whose questions are in"),
        (["--results", "/nowhere/r.json"], "There is no folder '/nowhere'"),
    ],
)
def test_what_can_not_be_measured_is_refused(
    folder: Path, arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    code, found, _ = bench(capsys, folder, *arguments)
    assert code in (2, 4)
    assert said in found["error"]["message"]


def test_results_of_something_else_are_not_overwritten(
    folder: Path, model: Model, capsys: pytest.CaptureFixture[str]
) -> None:
    other = folder / "other.json"
    other.write_text('{"mine": 1}', encoding="utf-8")
    code, found, _ = bench(capsys, folder, "--peers", "none", "--results", other)
    assert (code, other.read_text("utf-8")) == (2, '{"mine": 1}')
    assert "--fresh" in found["error"]["remedy"]


def test_a_limit_spreads_over_the_questions_and_an_adapter_may_be_the_databases_own(folder: Path) -> None:
    (zoo,) = [one for one in databases.read(folder, None, 1) if one.name == "zoo"]
    assert [line.id for line in zoo.lines] == ["zoo-1"]
    with pytest.raises(Invalid, match=r"has no \.sqlite file"):
        databases.read(folder.parent, None, None)
    *_, own = sides.specs(Settings(), [], ["learned-{}"])
    assert sides.for_database(own, zoo).adapter == "learned-zoo"


def test_the_peers_are_asked_with_the_weights_of_each_model_that_we_answer_with(tmp_path: Path) -> None:
    larger = {"name": "big", "kind": "embedded", "model": "qwen2.5-coder-1.5b-instruct", "adapter": "ask-qwen"}
    settings = Settings(home=tmp_path, endpoints=[larger])
    own = settings.spec("embedded")
    models = sides.asked_of(own, sides.specs(settings, ["embedded", "big"], ["learned-{}"]))
    assert {name: (spec.model, spec.adapter) for name, spec in models.items()} == {
        "base": (own.model, ""),
        "adapter": (own.model, "ask-smollm2"),
        "base of big": ("qwen2.5-coder-1.5b-instruct", ""),
        "adapter of big": ("qwen2.5-coder-1.5b-instruct", "ask-qwen"),
    }
