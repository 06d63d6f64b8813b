"""A trained model that is asked of a badly named store reads and writes plain words, and what runs are stored names."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from agents.answers import Answer, AnswerStore
from agents.approved import ApprovedQueries
from agents.ask.graph import Ask
from agents.endpoints.scripted import scripted
from data import onboard
from data.federation import open_gateway
from data.gateway import Gateway
from retrieval.hints import Hint
from tests.agents.conftest import Findings

COUNT = "FROM clinic.patient SELECT count(*) WHERE date_of_birth < '1980-01-01' AND insured"
NEWEST = "FROM clinic.patient SELECT surname, date_of_birth, insured ORDER BY date_of_birth DESC LIMIT 1"


@pytest.fixture(scope="module")
def clinic(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    folder = tmp_path_factory.mktemp("clinic")
    with sqlite3.connect(folder / "clinic.sqlite") as connection:
        connection.execute("CREATE TABLE PT (PT_NO INTEGER PRIMARY KEY, SRNM TEXT, DOB INTEGER, INSURED_FLG TEXT)")
        rows = [(i, f"Name {i % 9}", 19700101 + i % 20 * 10000, "YN"[i % 2]) for i in range(60)]
        connection.executemany("INSERT INTO PT VALUES (?, ?, ?, ?)", rows)
    connection.close()
    onboard.add(folder / "home", "clinic", "sqlite", str(folder / "clinic.sqlite"))
    gateway = open_gateway(folder / "home", threads=1)
    yield gateway
    gateway.close()


@pytest.fixture
def answer(clinic: Gateway, approved: ApprovedQueries, answers: AnswerStore, tmp_path: Path) -> Callable[..., Answer]:
    def ask(*replies: str) -> tuple[Answer, object]:
        endpoint = scripted(*replies, instruct=False, grammar=True)
        findings = Findings(clinic, (Hint("patients", "table", ("clinic.PT",)),))
        asked = Ask(clinic, findings, {endpoint.name: lambda: endpoint}, approved, tmp_path / "threads.sqlite", answers)
        try:
            return asked.run(clinic.policy.principal("owner"), "How many insured patients?"), endpoint.chat
        finally:
            asked.close()

    return ask


def test_what_runs_are_stored_names(answer):
    given, chat = answer(COUNT)
    assert given.sql == "SELECT count(*) FROM clinic.PT WHERE DOB < 19800101 AND INSURED_FLG = 'Y'"
    assert given.rows == [[15]]
    prompt, question = (str(message.content) for message in chat.history[0])
    assert "clinic.patient(patient_no key, surname, date_of_birth date, insured bool)" in prompt
    assert "patients = clinic.patient" in question
    assert "clinic.patient" in chat.options[0]["grammar"]


def test_rows_are_as_stored_with_their_meanings_beside(answer):
    given, _ = answer(NEWEST)
    assert given.columns == ["SRNM", "DOB", "INSURED_FLG"]
    assert given.rows[0][1:] == [19890101, "N"]
    assert given.as_json()["meanings"] == [None, {"format": "%Y%m%d"}, {"format": "Y/N"}]


def test_prose_says_what_is_meant(answer):
    given, _ = answer(NEWEST)
    assert "1989-01-01" in given.answer
    assert given.answer.rstrip(".").endswith("no")
    counted, _ = answer("FROM clinic.patient SELECT count(*) WHERE insured")
    assert "number of patients where insured is true" in counted.answer.lower()


def test_a_chart_over_stored_days_is_one_over_time(answer):
    given, _ = answer("FROM clinic.patient SELECT date_of_birth, count(*) AS n GROUP BY ALL")
    assert given.chart is not None
    assert given.chart["kind"] == "line"
    assert given.chart["x"] == "DOB"


def test_values_that_say_it_themselves_have_no_meanings(answer):
    given, _ = answer("FROM clinic.patient SELECT surname, year(date_of_birth) ORDER BY 1, 2 LIMIT 1")
    assert given.rows == [["Name 0", 1970]]
    assert given.meanings == []


@pytest.mark.parametrize("word", ["unsure", "clarify"])
def test_the_model_may_say_that_it_cannot(answer, word):
    given, _ = answer(word)
    assert (given.status, given.sql) == (word, "")
