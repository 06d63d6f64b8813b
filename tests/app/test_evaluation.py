"""`lakewright eval` with endpoints that say what they are told to, and its report."""

from __future__ import annotations

import json
import os
import signal
import stat
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from agents.ask.state import Answer
from agents.evaluation.gold import Gold
from agents.evaluation.outcome import Outcome, judged
from agents.evaluation.question import Line, Question
from agents.evaluation.results import Results
from app.assembly import Lakewright
from app.cli import build
from app.cli.command import run
from app.ui.evaluation import page
from data.policy import Principal
from tests.app.test_render import HOSTILE, Markup

TAGS = {
    *("html", "head", "meta", "title", "style", "body", "main", "header", "section", "article", "div"),
    *("h1", "h2", "h3", "h4", "p", "ul", "li", "small", "span", "pre", "code"),
    *("table", "thead", "tbody", "tr", "th", "td"),
}
ATTRIBUTES = {"lang", "charset", "name", "content", "http-equiv", "class", "scope", "style", "role"}
FOUR = "SELECT 4 AS n"


@dataclass(frozen=True)
class Scripted:
    """An agent whose endpoints know some questions, and at one of which somebody presses Ctrl-C."""

    knows: dict[str, set[str]]
    interrupted_at: str = ""

    def run(self, principal: Principal, question: str, *, endpoint: str) -> Answer:
        if question == self.interrupted_at:
            os.kill(os.getpid(), signal.SIGINT)
        return Answer("answered", "", "SELECT 1", ["n"], [[4 if question in self.knows[endpoint] else 5]])


Evaluate = Callable[..., tuple[int, Any, str]]


@pytest.fixture
def evaluate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Evaluate:
    """Runs `lakewright eval` in an empty home: exit code, document and what was said beside it."""
    assert run(build(), ["init"]) == 0

    def call(agent: Scripted, *arguments: str) -> tuple[int, Any, str]:
        monkeypatch.setattr(Lakewright, "ask", agent)
        capsys.readouterr()
        code = run(build(), ["eval", *arguments, "--json"])
        said = capsys.readouterr()
        return code, json.loads(said.out), said.err

    return call


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two files of four questions, one of which has no answer."""
    made = tmp_path / "questions"
    made.mkdir()
    for name, rows in {
        "a": [{"question": "one", "sql": FOUR, "tags": ["x"]}, {"question": "two", "sql": FOUR, "tags": ["x", "y"]}],
        "b": [{"question": "three", "answers": [[[4]]], "tags": ["y"]}, {"question": "four", "status": ["unsure"]}],
    }.items():
        (made / f"{name}.jsonl").write_text("\n".join(map(json.dumps, rows)))
    return made


def test_a_folder_has_totals_and_figures_of_each_file(evaluate: Evaluate, folder: Path) -> None:
    code, document, said = evaluate(Scripted({"embedded": {"one", "three"}}), str(folder))
    assert (code, document["n"], document["partial"]) == (0, 4, False)
    assert document["execution_accuracy"] == pytest.approx(2 / 3)
    assert {name: f["execution_accuracy"] for name, f in document["by_file"].items()} == {
        "a.jsonl": 0.5,
        "b.jsonl": 1.0,
    }
    assert {name: f["n"] for name, f in document["by_tag"].items()} == {"x": 2, "y": 2}
    assert [line.split(" ")[0] for line in said.splitlines()][1:] == ["1/4", "2/4", "3/4", "4/4"]


def test_endpoints_stand_side_by_side(evaluate: Evaluate, folder: Path, tmp_path: Path) -> None:
    agent = Scripted({"embedded": {"one", "two", "three"}, "base": {"one"}})
    report = tmp_path / "report.html"
    options = ("--endpoint", "embedded", "--endpoint", "base", "--html", str(report))
    code, document, said = evaluate(agent, str(folder), *options)
    assert (code, set(document)) == (0, {"endpoints", "comparisons"})
    assert {name: made["n"] for name, made in document["endpoints"].items()} == {"embedded": 4, "base": 4}
    (found,) = document["comparisons"]
    assert [item["question"] for item in found["only_first"]] == ["two", "three"]
    assert found["low"] < found["difference"] < found["high"]
    assert "embedded right" in said
    assert "base wrong" in said
    shown = report.read_text()
    assert "Only embedded is right: 2 questions" in shown
    assert "Misses of base: 3" in shown
    assert stat.S_IMODE(report.stat().st_mode) == 0o600
    assert list(tmp_path.glob("tmp*")) == []


def test_ctrl_c_ends_with_what_is_known(evaluate: Evaluate, folder: Path, tmp_path: Path) -> None:
    agent = Scripted({"embedded": {"one", "two"}}, interrupted_at="three")
    code, document, said = evaluate(agent, str(folder), "--html", str(tmp_path / "report.html"))
    assert (code, document["n"], document["partial"]) == (1, 2, True)
    assert "Interrupted: what follows is of the first 2 of 4 questions." in said
    assert "stopped after 2 of 4 questions" in (tmp_path / "report.html").read_text()


def test_ctrl_c_before_anything_is_known_is_an_interruption(evaluate: Evaluate, folder: Path, tmp_path: Path) -> None:
    agent = Scripted({"embedded": set()}, interrupted_at="one")
    code, document, _ = evaluate(agent, str(folder), "--html", str(tmp_path / "report.html"))
    assert (code, document["error"]["kind"]) == (130, "interrupted")
    assert not (tmp_path / "report.html").exists()


@pytest.mark.parametrize(
    ("options", "code", "message"),
    [
        (("--endpoint", "nowhere"), 4, "no endpoint 'nowhere'"),
        (("--endpoint", "base", "--endpoint", "base"), 2, "'base' is named twice"),
        (("--html", "/nowhere/report.html"), 2, "'/nowhere/report.html'"),
        (("--html", "."), 2, "can't be written to '.'"),
    ],
)
def test_what_is_wrong_is_told_before_anything_is_asked(
    evaluate: Evaluate, folder: Path, options: tuple[str, ...], code: int, message: str
) -> None:
    done, document, said = evaluate(Scripted({}), str(folder), *options)
    assert (done, said) == (code, "")
    assert message in document["error"]["message"]


def test_people_see_the_same_figures_in_tables(
    evaluate: Evaluate, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = ("--endpoint", "embedded", "--endpoint", "base")
    evaluate(Scripted({"embedded": {"one", "two", "three"}, "base": {"one"}}), str(folder), *options)
    assert run(build(), ["eval", str(folder), *options]) == 0
    shown = capsys.readouterr().out
    for part in (
        "execution_accuracy",
        "by file",
        "by tag",
        "embedded less base: execution",
        "Misses of base",
        "b.jsonl",
    ):
        assert part in shown


def missed(bad: str) -> Outcome:
    """An outcome in which all that comes from elsewhere is `bad`."""
    question = Question(question=bad, sql=[bad], id=bad, tags=[bad])
    error = {"kind": "invalid", "message": f"error {bad}", "remedy": ""}
    answer = Answer("answered", bad, bad, [bad], [[bad]] * 9, error=error)
    return judged(Line(Path(f"{bad.replace('/', '')}.jsonl"), 1, question), [Gold([bad], [[bad, 1]])], answer, 0.5)


def shown(*outcomes: Outcome, title: str = "t", **others: list[Outcome]) -> str:
    endpoints = {"a": list(outcomes), **others}
    return page(Results(endpoints, planned=len(outcomes)), title, datetime(2026, 1, 2, tzinfo=UTC))


@pytest.mark.parametrize("bad", HOSTILE)
def test_hostile_words_stay_words(bad: str) -> None:
    right = judged(missed(bad).line, [Gold([], [[1]])], Answer("answered", "", rows=[[1]]), 0.5)
    document = shown(missed(bad), title=bad, **{bad: [right]})
    markup = Markup()
    markup.feed(document)
    assert markup.tags <= TAGS
    assert markup.attributes <= ATTRIBUTES
    assert "\x1b" not in document
    assert "\u202e" not in document
    assert document.count("</style>") == 1


def test_the_report_needs_nothing_else() -> None:
    document = shown(missed("words"))
    assert "default-src 'none'" in document
    for outside in ("http:", "https:", "//", "src=", "href=", "url(", "@import", "<script"):
        assert outside not in document


def test_a_miss_shows_what_was_wanted_and_what_came() -> None:
    question = Question(question="How many?", sql="SELECT 4", tags=["count"])
    answer = Answer("answered", "", "SELECT n FROM t", ["n"], [[n] for n in range(70, 79)])
    document = shown(judged(Line(Path("a.jsonl"), 7, question), [Gold(["four"], [[4]])], answer, 0.25))
    for part in ("How many?", "a.jsonl 7 · count · 0.25 s", "SELECT 4", "SELECT n FROM t", "the rows differ"):
        assert part in document
    assert ">four<" in document
    assert ">74<" in document
    assert ">75<" not in document
    assert "and 4 more" in document


def test_a_miss_shows_what_would_have_been_right_too() -> None:
    ambiguous = Question(question="?", sql=["SELECT 4", "SELECT 5", "SELECT 6"], status=["clarify", "unsure"])
    failed = Answer("failed", "It can't be mended.", "SELECT", error={"kind": "invalid", "message": "No <table>."})
    document = shown(judged(Line(Path("a.jsonl"), 1, ambiguous), [Gold(["n"], [])], failed, 0.1))
    for part in (
        "2 other queries are right too",
        "clarify or unsure is right",
        "It can&#x27;t be mended.",
        "No &lt;table&gt;.",
        "An empty result.",
        "No rows.",
    ):
        assert part in document


def test_a_run_without_misses_says_so() -> None:
    right = judged(Line(Path("a.jsonl"), 1, Question(question="?", status=["unsure"])), [], Answer("unsure", ""), 0.1)
    assert "Every question was answered right." in shown(right)
