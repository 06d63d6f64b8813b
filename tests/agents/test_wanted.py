"""Questions about scores are told from all others."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from agents.ask.wanted import Wanted, promising, wanted
from agents.predictors.artifact import Column, Spec
from agents.predictors.models import Loaded
from agents.predictors.store import Version
from data.catalog import Catalog
from retrieval.hints import Hint

ROOT = Path(__file__).parents[2]
SPEC = Spec("", "classify", "", (), "at", (), (Column("amount"),))


@dataclass
class Trees:
    spec: Spec


def model(name: str, subject: str, key: str, description: str, **more: object) -> Loaded:
    made = replace(SPEC, name=name, subject=subject, key=(key,), description=description, **more)  # type: ignore[arg-type]
    return Loaded(Version(name, 1, "", Path(), ("champion",), "tabular", ""), Trees(made))  # type: ignore[arg-type]


PAYMENTS = "SELECT payment_id, amount FROM square.payments"
MERCHANTS = "SELECT merchant_id, category FROM square.merchants"
RISK = model("risk", PAYMENTS, "payment_id", "The probability that a payment will be charged back as fraud.")
CHURN = model("churn", MERCHANTS, "merchant_id", "Whether a merchant will stop taking payments within 60 days.")
OFFER = model(
    "marketing",
    MERCHANTS,
    "merchant_id",
    "The products in the order in which a merchant is likely to accept them.",
    task="rank",
    choice="product",
)
ALL = (RISK, CHURN, OFFER)


@pytest.fixture(scope="module")
def catalog() -> Catalog:
    return Catalog.load(ROOT / "data/demo/catalog.yaml")


def asked(question: str, catalog: Catalog, models: tuple[Loaded, ...] = ALL, *hints: Hint) -> Wanted | None:
    return wanted(question, models, catalog, hints) if promising(question) else None


@pytest.mark.parametrize(
    ("question", "names", "key", "why"),
    [
        ("why was payment 123 flagged?", "risk", "123", True),
        ("Why did the model flag payment #123", "risk", "123", True),
        ("how risky is payment 123?", "risk", "123", False),
        ("explain the score of payment 98 by risk", "risk", "98", True),
        ("Please explain the prediction for payment number 98.", "risk", "98", True),
        ("will merchant 12 churn?", "churn", "12", False),
        ("Is merchant 12 going to churn?", "churn", "12", False),
        ("is shop 12 likely to stop taking payments", "churn", "12", False),
        ("What is the risk of payment_id 7?", "risk", "7", False),
        ("score transaction 55", "risk", "55", False),
        ("Is payment 123 fraudulent?", "risk", "123", False),
        ("Will payment 123 be charged back?", "risk", "123", False),
        ("what is the probability that payment 123 is fraud", "risk", "123", False),
        ("What does churn say about merchant 12?", "churn", "12", False),
        ("Which product should merchant 12 get next?", "marketing", "12", False),
        ("what should we offer merchant 12", "marketing", "12", False),
        ("what is the next best offer for merchant 12?", "marketing", "12", False),
        ("Why was merchant 12 flagged?", "churn", "12", True),
        ("what is the score of merchant 12", "churn marketing", "12", False),
        ("explain the scores for merchant 12", "churn marketing", "12", True),
    ],
)
def test_a_subject_with_its_key_and_its_model_are_found(
    catalog: Catalog, question: str, names: str, key: str, why: bool
) -> None:
    found = asked(question, catalog)
    assert found is not None
    assert [one.version.name for one in found.models] == names.split()
    assert (list(found.key.values()), found.why) == ([key], why)


@pytest.mark.parametrize(
    "question",
    [
        "how many payments were flagged by risk in 2025?",
        "Why was payment 123 refunded?",
        "How much was payment 123?",
        "Was payment 123 charged back?",
        "Is payment 123 disputed?",
        "What is the amount of payment 123?",
        "which merchant made payment 123",
        "What are the 12 riskiest payments?",
        "explain payment 123",
        "why payment 123?",
        "Is merchant 12 active?",
        "how many payments did merchant 12 take",
        "Which payments of merchant 12 are risky?",
        "what payments of merchant 12 were flagged",
        "how risky are payments?",
        "how risky is transfer 5?",
        "how risky is payment abc?",
        "why were payments 12 and 13 flagged?",
        "Will merchant 12 take more than 5 payments?",
        "the best product of 2025",
        "How likely is user 9 to churn?",
        "refunds of payment 123 and its score",
        "which offers did merchant 12 accept?",
        "Which products did merchant 12 accept?",
        "what was merchant 12 offered",
    ],
)
def test_what_is_about_anything_else_is_left_alone(catalog: Catalog, question: str) -> None:
    assert asked(question, catalog) is None


def test_none_of_the_questions_about_data_is_taken(catalog: Catalog) -> None:
    lines = (ROOT / "tests/questions/demo.jsonl").read_text(encoding="utf-8").splitlines()
    questions = [json.loads(line)["question"] for line in lines]
    assert len(questions) == 140
    assert [question for question in questions if asked(question, catalog)] == []


def test_a_column_of_that_name_is_data_unless_reasons_are_asked_for(catalog: Catalog) -> None:
    tip = model("tip", PAYMENTS, "payment_id", "")
    assert asked("what is the tip of payment 3", catalog, (tip,)) is None
    assert asked("explain the tip of payment 3", catalog, (tip,)) is not None


def test_a_word_that_data_has_is_not_taken_for_a_judgement(catalog: Catalog) -> None:
    question = "Is payment 123 fraudulent?"
    value = Hint("fraudulent", "value", ("square.disputes.reason",), ("fraud",))
    assert asked(question, catalog, ALL, value) is None


def test_a_strangers_models_are_found_by_their_own_words(tmp_path: Path) -> None:
    (tmp_path / "catalog.yaml").write_text(
        """
version: 1
sources:
  - name: clinic
    kind: parquet
    location: x
    tables:
      - name: admissions
        key: admission_code
        synonyms: [hospital stays]
        columns: [{name: admission_code, type: VARCHAR}, {name: ward, type: VARCHAR}]
"""
    )
    catalog = Catalog.load(tmp_path / "catalog.yaml")
    subject = "SELECT * FROM clinic.admissions"
    stay = model("readmission", subject, "admission_code", "Whether a patient is readmitted within 30 days.")
    for question, key in (
        ("Why was admission A-17 flagged?", "A-17"),
        ('how likely is hospital stay "x 9" to be readmitted', "x 9"),
        ("will admission A-17 be readmitted within days", "A-17"),
    ):
        found = asked(question, catalog, (stay,))
        assert found is not None
        assert list(found.key.values()) == [key]
    assert asked("Which ward is admission A-17 in?", catalog, (stay,)) is None


def test_a_key_of_several_columns_needs_all_of_them(catalog: Catalog) -> None:
    both = replace(RISK, scorer=Trees(replace(RISK.spec, key=("merchant_id", "card_id"))))  # type: ignore[arg-type]
    found = asked("how risky is card 5 at merchant 12?", catalog, (both,))
    assert found is not None
    assert found.key == {"merchant_id": "12", "card_id": "5"}
    assert asked("how risky is card 5?", catalog, (both,)) is None


def test_models_are_not_looked_for_where_a_question_can_not_be_about_them() -> None:
    assert not promising("How many payments failed?")
    assert not promising("payments in 2025 by month")
    assert promising("why was payment 123 flagged?")
