"""Remarks that go on from a question, in the shared demo lakehouse, with a model that only writes first questions."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest

from agents.answers import AnswerStore
from agents.approved import ApprovedQueries
from agents.ask.followup.change import Change
from agents.ask.followup.follow import follow
from agents.ask.followup.frame import Beyond, Frame
from agents.ask.followup.periods import relative, spoken
from agents.ask.followup.revise import revised
from agents.ask.graph import Ask
from agents.endpoints import Endpoint
from agents.endpoints.scripted import scripted
from data.federation import open_gateway
from data.gateway import Gateway
from data.policy import Principal
from retrieval import Context, Retriever
from retrieval.hints import Hint
from tests.agents.conversations import conversations, held

FAILED = {
    "question": "How many payments failed in March 2025?",
    "sql": "SELECT count(*) FROM square.payments WHERE status = 'failed' "
    "AND created_at >= '2025-03-01' AND created_at < '2025-04-01'",
}
TOP = {
    "question": "top 10 merchants by payment volume",
    "sql": "SELECT m.name FROM square.payments p JOIN square.merchants m ON m.merchant_id = p.merchant_id "
    "GROUP BY m.merchant_id, m.name ORDER BY sum(p.amount) DESC LIMIT 10",
}
WRITTEN = {"c12": (0, 1)}
"""The turns of a conversation that are beyond a change in SQL, so that the model writes them; else the first."""
MISSED = ("c13", "c21", "c30")
"""Conversations that call things by names that the catalogue doesn't have: 'clean' for not explicit."""
TIED = ("c14",)
"""Conversations whose last turn asks for the one with the most, of which the small lakehouse has two."""
MARCH = (date(2025, 3, 1), date(2025, 4, 1))


@pytest.fixture(scope="module")
def demo(demo_home: Path) -> Iterator[Gateway]:
    gateway = open_gateway(demo_home, threads=1)
    yield gateway
    gateway.close()


@pytest.fixture(scope="module")
def anyone(demo: Gateway) -> Principal:
    return demo.policy.principal("owner")


@pytest.fixture(scope="module")
def retriever(demo: Gateway, models: Path, tmp_path_factory: pytest.TempPathFactory) -> Retriever:
    return Retriever(demo, models, tmp_path_factory.mktemp("index"))


@pytest.fixture(scope="module")
def look(retriever: Retriever, anyone: Principal) -> Callable[[str], Context]:
    return lambda text: retriever.retrieve(anyone, text)


@pytest.fixture
def talk(demo: Gateway, retriever: Retriever, tmp_path: Path) -> Iterator[Callable[[Endpoint], Ask]]:
    made: list[Ask] = []

    def make(endpoint: Endpoint) -> Ask:
        approved, answers = ApprovedQueries(tmp_path / "approved.sqlite"), AnswerStore(tmp_path / "answers.sqlite")
        opened = {endpoint.name: lambda: endpoint}
        made.append(Ask(demo, retriever, opened, approved, tmp_path / "threads.sqlite", answers))
        return made[-1]

    yield make
    for one in made:
        one.close()


@pytest.mark.parametrize(
    "conversation", [c for c in conversations() if c["id"] not in (*MISSED, *TIED)], ids=lambda c: c["id"]
)
def test_a_conversation_keeps_its_context(conversation, talk, demo, anyone):
    written = WRITTEN.get(conversation["id"], (0,))
    model = scripted(*(conversation["turns"][i]["sql"][0] for i in written), instruct=False)
    asking = talk(model)
    told = list(held(conversation, lambda text: asking.run(anyone, text, thread="t"), demo, anyone))
    assert [turn.question for turn in told if not turn.right] == []
    assert all(turn.answer.answer.startswith("I took this as: ") for turn in told[1:])
    assert model.chat.left == 0


@pytest.mark.parametrize("before", [FAILED, TOP], ids=["number", "list"])
def test_no_question_of_its_own_is_taken_for_a_remark(before, look):
    lines = (Path(__file__).parent.parent / "questions" / "demo.jsonl").read_text().splitlines()
    asked = [json.loads(line)["question"] for line in lines]
    assert len(asked) > 100
    assert [question for question in asked if follow(question, [before], look)] == []


def test_without_an_earlier_question_nothing_is_a_remark(look):
    assert follow("and by month?", [], look) is None


@pytest.mark.parametrize(
    ("remark", "question", "condition"),
    [
        ("and captured?", "How many payments captured in March 2025?", "status = 'captured'"),
        ("and the month before?", "How many payments failed in February 2025?", "created_at >= '2025-02-01'"),
        ("only in Austin", "How many payments failed in March 2025, only in Austin", "merchants.city = 'Austin'"),
        ("not failed ones: captured", None, "status = 'captured'"),
        ("except online", None, "method <> 'online'"),
        ("over $100", None, "amount > 100"),
        (
            "and by month?",
            "How many payments failed in March 2025, by month",
            "GROUP BY DATE_TRUNC('MONTH', created_at)",
        ),
        ("how many of them were refunded?", None, "EXISTS(SELECT 1 FROM square.refunds"),
        ("what percentage of them were online?", None, "COUNT(*) FILTER(WHERE method = 'online')"),
    ],
)
def test_a_remark_changes_the_query_before(remark, question, condition, look):
    found = follow(remark, [FAILED], look)
    assert found is not None
    assert condition in found.sql
    assert question in (None, found.question)


def test_another_table_is_asked_about_by_the_model(look):
    found = follow("no, I meant refunds", [FAILED], look)
    assert found is not None
    assert (found.question, found.sql) == ("How many refunds failed in March 2025?", "")


@pytest.mark.parametrize("remark", ["and Berlin?", "and the weather?", "only the ticklish ones"])
def test_what_cannot_be_understood_is_asked_back(remark, talk, anyone):
    asking = talk(scripted(FAILED["sql"], instruct=False))
    asking.run(anyone, FAILED["question"], thread="t")
    answer = asking.run(anyone, remark, thread="t")
    assert (answer.status, answer.rows, answer.sql) == ("clarify", [], "")
    assert FAILED["question"] in answer.answer
    assert asking.run(anyone, "and by method?", thread="t").status == "answered"


def test_words_that_played_no_part_are_told(talk, anyone):
    asking = talk(scripted(FAILED["sql"], instruct=False))
    asking.run(anyone, FAILED["question"], thread="t")
    assert "“weather” played no part" in asking.run(anyone, "and by method for ticklish weather?", thread="t").answer


def test_a_thread_goes_on_after_a_restart_and_knows_only_its_own(talk, anyone):
    asking = talk(scripted(FAILED["sql"], instruct=False))
    asking.run(anyone, FAILED["question"], thread="t")
    asking.close()
    again = talk(scripted("clarify", instruct=False))
    assert again.run(anyone, "only in Austin", thread="t").question == f"{FAILED['question'][:-1]}, only in Austin"
    assert again.run(anyone, "and by month?", thread="another").status == "clarify"


def test_a_replaced_value_finds_the_approved_query(talk, anyone, tmp_path):
    asking = talk(scripted("SELECT count(*) FROM square.merchants WHERE city = 'Toronto'", instruct=False))
    asking.run(anyone, "How many shops are there in Toronto?", thread="t")
    sql = "SELECT count(*) AS shops FROM square.merchants WHERE city = $city"
    ApprovedQueries(tmp_path / "approved.sqlite").add("How many shops are there in {city}?", sql, "owner")
    answer = asking.run(anyone, "and Chicago?", thread="t")
    assert (answer.verified, answer.sql) == (True, sql.replace("$city", "'Chicago'"))
    assert not asking.run(anyone, "by category", thread="t").verified


def test_a_remark_reaches_no_more_than_its_principal_may_see(demo, retriever):
    stranger = demo.policy.principal(sorted(name for name in demo.policy.principals if name != "owner")[0])
    visible = {table.full_name for table in demo.askable(stranger).tables}
    found = follow("only in Austin", [FAILED], lambda text: retriever.retrieve(stranger, text))
    assert found is None or not found.sql or {"square.merchants", "square.payments"} <= visible


@pytest.mark.parametrize(
    ("text", "period"),
    [
        ("and in April?", "in April 2025"),
        ("the month after", "in April 2025"),
        ("a year earlier", "in March 2024"),
        ("and Q3?", "in Q3 2025"),
        ("may I see that by city", None),
    ],
)
def test_periods_are_told_by_the_one_before(text, period):
    found = relative(text, MARCH)
    assert (spoken(found) if found else None) == period
    assert relative(text, None) is None


def test_a_year_has_the_year_before():
    found = relative("the year before", (date(2025, 1, 1), date(2026, 1, 1)))
    assert found is not None
    assert spoken(found) == "in 2024"


def test_the_rows_that_a_list_was_cut_to_stay_the_same(look):
    frame = Frame.of(TOP["sql"], look("x").catalog)
    assert frame is not None
    name = Hint("name", "column", ("square.merchants.name",))
    sql = revised(frame, Change(sorted=True, order=name), inner=False)
    assert sql.endswith("ORDER BY SUM(p.amount) DESC LIMIT 10) AS chosen ORDER BY name ASC")


def test_one_number_has_no_first_rows(look):
    frame = Frame.of(FAILED["sql"], look("x").catalog)
    assert frame is not None
    with pytest.raises(Beyond):
        revised(frame, Change(top=5), inner=False)


def test_a_query_over_a_query_is_beyond_a_change(look):
    assert Frame.of("SELECT * FROM (SELECT city FROM square.merchants) x", look("x").catalog) is None
    assert Frame.of("SELECT city FROM square.merchants UNION SELECT city FROM cash.users", look("x").catalog) is None
