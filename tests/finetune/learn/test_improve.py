"""Feedback becomes questions to ask and examples to learn, never both."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from agents.answers import AnswerStore
from agents.approved import ApprovedQueries
from agents.ask.state import Answer
from agents.endpoints import Candidate, Endpoint
from agents.endpoints.scripted import scripted
from data.errors import Invalid
from finetune import examples
from finetune.learn import contest, improve
from finetune.learn.course import Plan
from finetune.learn.feedback import Case, cases
from finetune.learn.lesson import lesson
from finetune.workshop import Workshop

WORLD = {"system": "tables of a world", "user": "how many", "answer": "unsure", "family": "count"}
TOTAL = "SELECT count(*) FROM bakery.ORD"
MEANT = "FROM bakery.orders SELECT count(*)"


class Written:
    """A model that might write one of these."""

    def __init__(self, *texts: str) -> None:
        self.texts = texts

    def candidates(self, *_: object) -> list[Candidate]:
        return [Candidate(text, -1.0, 0.5) for text in self.texts]


def endpoint(*texts: str) -> Endpoint:
    return replace(scripted(*["unsure"] * 400), ranking=Written(*texts))


def said(shop: Workshop, question: str, sql: str, *, consent: bool = True) -> Case:
    return Case(question, sql, shop.principal, datetime(2025, 5, 1, tzinfo=UTC), consent, "corrected")


def taught(shop: Workshop, case: Case, *texts: str, hidden: frozenset[str] = frozenset()) -> dict[str, str] | None:
    context = shop.retriever.retrieve(case.principal, case.question)
    return lesson(case, context, shop.gateway, endpoint(*texts), hidden)


def test_a_lesson_is_what_the_model_would_write_for_the_same_rows(shop: Workshop) -> None:
    wrong = "FROM bakery.orders SELECT count(*) WHERE quantity > 3"
    made = taught(shop, said(shop, "How many orders?", TOTAL), "unsure", wrong, MEANT)
    assert made is not None
    assert made["answer"] == MEANT
    assert "order_date date" in made["system"]
    assert taught(shop, said(shop, "How many orders?", TOTAL), "unsure", wrong) is None


def test_personal_values_are_replaced_before_anything_is_learnt(shop: Workshop) -> None:
    sql = "SELECT CTY FROM bakery.CUST WHERE CUST_NM = 'Ada Stone'"
    right = "FROM bakery.customer SELECT city WHERE customer_name = 'Ada Stone'"
    case = said(shop, "What is the city of the customer Ada Stone?", sql)
    plain = taught(shop, case, right)
    assert plain is not None
    assert "Ada Stone" in plain["user"]
    made = taught(shop, case, right, hidden=frozenset({"bakery.CUST.CUST_NM"}))
    assert made is not None
    assert "customer_name = '" in made["answer"]
    assert "ada stone" not in str(made).lower()
    word = made["answer"].split("'")[1]
    assert word in made["user"]


@pytest.fixture
def stores(tmp_path: Path) -> tuple[AnswerStore, ApprovedQueries]:
    return AnswerStore(tmp_path / "answers.sqlite"), ApprovedQueries(tmp_path / "approved.sqlite")


def rate(answers: AnswerStore, number: int, *, consent: bool, principal: str = "owner") -> None:
    """A question that was answered wrongly and corrected."""
    answer = Answer(
        "unsure", "?", answer_id=f"a{number}", principal=principal, question=f"How many orders, try {number}?"
    )
    answers.add(answer)
    answers.rate(f"a{number}", "down", principal=principal, sql=TOTAL, consent=consent)


def test_cases_are_of_principals_that_there_are_and_each_is_asked_or_learnt(
    shop: Workshop, stores: tuple[AnswerStore, ApprovedQueries]
) -> None:
    answers, approved = stores
    for number in range(30):
        rate(answers, number, consent=number % 2 == 0)
    rate(answers, 30, consent=True, principal="gone")
    approved.add("How many orders?", TOTAL, "owner")
    approved.add("How many orders of {n:number}?", "SELECT count(*) FROM bakery.ORD WHERE QTY = $n", "owner")
    found = cases(answers, approved, shop.gateway.policy)
    assert len(found) == 31
    assert {case.kind for case in found} == {"corrected", "approved"}
    assert 3 < sum(case.frozen for case in found) < 20
    course = improve.Improving(shop, Plan("ask"), found)
    assert not {case.question for case in course.open} & {case.question for case in course.frozen}
    assert all(case.consent for case in course.open)


def test_too_little_was_said(shop: Workshop, stores: tuple[AnswerStore, ApprovedQueries]) -> None:
    with pytest.raises(Invalid, match="0 rated questions can be asked again and 0 may be learnt"):
        improve.improve(shop, Plan("ask"), *stores)


def test_a_round_learns_what_may_be_learnt_and_is_judged_on_the_rest(
    shop: Workshop, stores: tuple[AnswerStore, ApprovedQueries], weights: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers, approved = stores
    for number in range(36):
        rate(answers, number, consent=number % 2 == 0)
    monkeypatch.setattr(improve, "replay", lambda *_: ([WORLD], [WORLD]))
    monkeypatch.setattr(contest, "opened", lambda *_: endpoint(MEANT))
    before = (weights / "adapters" / "ask" / "adapter_model.safetensors").read_bytes()
    outcome = improve.improve(shop, Plan("ask", 0.05, device="cpu"), answers, approved)
    learnt = examples.read(shop.home / "learn" / improve.FOLDER / "examples.jsonl")[1]
    open_, frozen = (
        [case.question for case in cases(answers, approved, shop.gateway.policy) if case.frozen == kept]
        for kept in (False, True)
    )
    text = str(learnt)
    assert outcome.asked == len(frozen)
    assert outcome.learnt == sum(question in text for question in open_) > 0
    assert not [question for question in frozen if question in text]
    assert (outcome.promoted, outcome.execution_accuracy) == (False, 0.0)
    assert (weights / "adapters" / "ask" / "adapter_model.safetensors").read_bytes() == before
    assert not [question for question in frozen if question in Path(outcome.card).read_text()]
