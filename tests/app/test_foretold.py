"""Questions about scores in the chat's graph, over the demo's payments and a small model."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from agents.ask.state import Answer, Step
from agents.predictors.artifact import Column
from app.assembly import Lakewright
from app.cli import build as cli
from app.cli.command import run
from app.settings import Settings
from tests.agents.predictors import tiny
from tests.app.conftest import Script
from tests.app.served import RISK, copied

OFFER = replace(
    RISK,
    name="next_offer",
    task="rank",
    subject="SELECT merchant_id, signed_up_at, category FROM square.merchants",
    key=("merchant_id",),
    time="signed_up_at",
    features=(),
    columns=(Column("product", "category", ("loans", "payroll")), Column("category", "category", ("food", "retail"))),
    choice="product",
    choices=("loans", "payroll"),
    description="The product that a merchant takes up next.",
)


@pytest.fixture(scope="module")
def served(demo_home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    home = copied(demo_home, tmp_path_factory.mktemp("foretold") / "home")
    tiny.register(home, OFFER)
    return home


@pytest.fixture
def opened(served: Path, script: Script) -> Iterator[Lakewright]:
    lakewright = Lakewright.open(Settings.load(served))
    lakewright.__dict__["endpoints"] = {"embedded": script.open}
    yield lakewright
    lakewright.close()


@pytest.fixture
def payment(opened: Lakewright) -> int:
    """The largest payment with a card: the model flags those."""
    sql = "SELECT payment_id FROM square.payments WHERE card_id IS NOT NULL ORDER BY amount DESC LIMIT 1"
    return int(opened.gateway.query(opened.principal("owner"), sql).table.column(0)[0].as_py())


def asked(opened: Lakewright, question: str, who: str = "owner") -> tuple[Answer, list[str]]:
    events = list(opened.ask.stream(opened.principal(who), question))
    answer = events[-1]
    assert isinstance(answer, Answer)
    return answer, [event.name for event in events if isinstance(event, Step)]


def test_why_a_payment_was_flagged_is_what_the_log_has(opened: Lakewright, payment: int) -> None:
    [made] = opened.predictor.score(opened.principal("square-analyst"), "risk", [{"payment_id": payment}])
    answer, steps = asked(opened, f"why was payment {payment} flagged?")
    assert (answer.status, steps) == ("answered", ["approved", "retrieve", "predict"])
    assert answer.answer.startswith(
        f"Payment {payment} is flagged by risk version 1: its score is {made.prediction:.3g}"
    )
    assert "from 0.5 on it is flagged" in answer.answer
    assert f"scored at {made.made_at:%Y-%m-%d %H:%M:%S} UTC" in answer.answer
    assert "Most of what raises it: amount is" in answer.answer
    assert answer.columns == ["input", "effect", "value"]
    assert len(answer.rows) == len(made.reasons)
    assert answer.rows[0][0] == "amount"
    sources = {source["table"]: source for source in answer.sources}
    assert set(sources) == {"square.payments", "features.card_payments", "models.risk"}
    assert sources["models.risk"]["version"] == "1"
    assert sources["features.card_payments"]["freshness"] is not None
    assert json.loads(json.dumps(answer.as_json()))["status"] == "answered"
    assert opened.answers.get(answer.answer_id, principal="owner").sql == ""
    assert opened.gateway.audit.tail(1)[0].kind == "question"


def test_how_risky_it_is_is_scored_anew_and_logged(opened: Lakewright, payment: int) -> None:
    before = opened.predictor.log.newest("risk", json.dumps({"payment_id": payment}))
    answer, _ = asked(opened, f"how risky is payment {payment}?")
    after = opened.predictor.log.newest("risk", json.dumps({"payment_id": payment}))
    assert answer.status == "answered"
    assert after is not None
    assert after != before
    assert "paid with the card (card_payments, 1d)" in [row[0] for row in answer.rows]


def test_a_ranking_is_told_by_its_choices(opened: Lakewright) -> None:
    sql = "SELECT min(merchant_id) FROM square.merchants"
    merchant = opened.gateway.query(opened.principal("owner"), sql).table.column(0)[0].as_py()
    answer, _ = asked(opened, f"Which product should merchant {merchant} get next?")
    assert answer.status == "answered"
    assert f"For merchant {merchant}, next_offer version 1 ranks " in answer.answer
    assert "loans" in answer.answer
    assert "payroll" in answer.answer


def test_what_may_not_be_seen_is_forbidden_and_what_is_not_there_is_empty(opened: Lakewright, payment: int) -> None:
    answer, _ = asked(opened, "why was payment 999999999 flagged?")
    assert (answer.status, answer.rows) == ("empty", [])
    assert answer.answer == "There is no payment 999999999 that you may see."
    policy = opened.settings.home / "policy.yaml"
    text = policy.read_text()
    cut = "{to: clerks, on: square.payments, columns: [payment_id, card_id, created_at]}"
    policy.write_text(
        text.replace("principals:", "principals:\n  - {name: clerk, groups: [clerks]}").replace(
            "grants:", f"grants:\n  - {cut}"
        )
    )
    try:
        answer, _ = asked(opened, f"why was payment {payment} flagged?", "clerk")
        assert (answer.status, answer.rows, answer.sources) == ("forbidden", [], [])
        assert "features that you may not see" in answer.answer
    finally:
        policy.write_text(text)


def test_who_knows_of_no_model_gets_the_answer_of_any_other_question(
    opened: Lakewright, payment: int, script: Script
) -> None:
    script.replies = ("SELECT count(*) FROM cash.transfers",) * 2
    answer, steps = asked(opened, f"why was payment {payment} flagged?", "cash-analyst")
    assert "predict" not in steps
    assert answer.columns != ["input", "effect", "value"]
    assert "risk" not in answer.answer


def test_several_models_are_asked_back_about(opened: Lakewright, payment: int) -> None:
    tiny.register(opened.settings.home, replace(RISK, name="abuse", description="Whether a payment is abuse."))
    try:
        answer, _ = asked(opened, f"what is the score of payment {payment}?")
        assert (answer.status, answer.rows) == ("clarify", [])
        assert "“abuse”, “risk”" in answer.answer
        answer, _ = asked(opened, f"explain the score of payment {payment} by abuse")
        assert "abuse version 1" in answer.answer
    finally:
        with opened.predictor.models.store.client() as client:
            client.delete_registered_model("abuse")


def test_a_question_about_data_goes_its_usual_way(opened: Lakewright, script: Script) -> None:
    script.replies = ("SELECT count(*) FROM square.payments",)
    answer, steps = asked(opened, "How many payments are there?")
    assert "predict" not in steps
    assert answer.status == "answered"


def test_the_command_line_says_it(served: Path, payment: int, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(cli(), ["ask", f"why was payment {payment} flagged?", "--home", str(served)]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert f"[answered] Payment {payment} is flagged by risk version 1" in said
    assert "models.risk: version 1" in said
