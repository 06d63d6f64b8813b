"""Tools of chat models: under the caller's rights, described for the model, and told in our words."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from langchain_core.messages import AIMessage

from agents.answers import AnswerStore
from agents.approved import ApprovedQueries
from agents.ask.graph import Ask
from agents.ask.state import Answer
from agents.endpoints import Endpoint
from agents.endpoints.scripted import scripted
from agents.predictors.predictor import Predictor
from agents.tools import Toolbox
from data.gateway import Gateway
from data.policy import Principal
from retrieval.hints import Hint
from tests.agents.conftest import Findings

QUESTION = "Tell me about payment 42."
SCORE = AIMessage("", tool_calls=[{"name": "score", "args": {"model": "risk", "keys": {"id": 42}}, "id": "a"}])


def features(view: str = "cards", **keys: Any) -> AIMessage:
    call = {"name": "get_features", "args": {"view": view, "keys": keys, "features": ["spent_1h"]}, "id": "b"}
    return AIMessage("", tool_calls=[call])


@pytest.fixture
def asks(predictor: Predictor, gateway: Gateway, tmp_path: Path) -> Iterator[Callable[..., Answer]]:
    made: list[Ask] = []

    def ask(endpoint: Endpoint, who: str = "owner") -> Answer:
        findings = Findings(gateway, (Hint("payment", "table", ("pay.payments",)),))
        parts = ApprovedQueries(tmp_path / "a.sqlite"), tmp_path / "t.sqlite", AnswerStore(tmp_path / "g.sqlite")
        openers = {endpoint.name: lambda: endpoint}
        made.append(Ask(gateway, findings, openers, *parts, predictor=predictor))  # type: ignore[arg-type]
        return made[-1].run(gateway.policy.principal(who), QUESTION)

    yield ask
    for one in made:
        one.close()


def test_tools_are_described_for_the_model_as_far_as_the_caller_sees(predictor: Predictor, gateway: Gateway) -> None:
    box = Toolbox(predictor, gateway.policy.principal("owner"))
    described = {tool.name: tool for tool in box.tools()}
    assert set(described) == {"get_features", "score"}
    assert set(described["score"].args) == {"model", "keys"}
    assert "Do not guess" in described["score"].description
    assert "- cards, keys card: How a card is used. Features: payments_5m" in box.described()
    assert "- risk, key id:" in box.described()
    assert Toolbox(predictor, gateway.policy.principal("nobody")).described() == ""


def test_a_score_that_the_model_asks_for_is_the_answer(asks: Callable[..., Answer], predictor: Predictor) -> None:
    endpoint = scripted(SCORE, "It is 99.9 percent risky.", tools=True)
    answer = asks(endpoint)
    [made] = predictor.score(predictor.gateway.policy.principal("owner"), "risk", [{"id": 42}])
    assert answer.status == "answered"
    assert f"its score is {made.prediction:.3g}" in answer.answer
    assert "99.9" not in answer.answer
    assert [source["table"] for source in answer.sources] == ["pay.payments", "features.cards", "models.risk"]
    history: Any = endpoint.chat.history  # type: ignore[attr-defined]
    assert json.loads(history[1][-1].content)["prediction"] == made.prediction
    options: Any = endpoint.chat.options  # type: ignore[attr-defined]
    assert [tool["function"]["name"] for tool in options[0]["tools"]] == ["get_features", "score"]
    assert "call the tool instead" in history[0][0].content


def test_features_that_the_model_asks_for_are_the_answer(asks: Callable[..., Answer]) -> None:
    answer = asks(scripted(features(card=1), "Done.", tools=True))
    assert (answer.status, answer.rows) == ("empty", [["spent_1h", None]])
    assert answer.answer == "Nothing is known of card 1 in cards: expired."


def test_a_wrong_call_is_told_to_the_model_and_sql_stays_possible(asks: Callable[..., Answer]) -> None:
    endpoint = scripted(features("nothing", card=1), "```sql\nSELECT count(*) FROM pay.payments\n```", tools=True)
    answer = asks(endpoint)
    assert (answer.status, answer.rows) == ("answered", [[190]])
    history: Any = endpoint.chat.history  # type: ignore[attr-defined]
    assert json.loads(history[1][-1].content)["error"]["kind"] == "not_found"


def test_what_the_caller_may_not_see_no_tool_gives(asks: Callable[..., Answer]) -> None:
    answer = asks(scripted(SCORE, "It is fine.", tools=True), "narrow")
    assert (answer.status, answer.rows) == ("forbidden", [])
    assert "columns that you may not see" in answer.answer


def test_a_model_that_only_calls_tools_ends(asks: Callable[..., Answer]) -> None:
    endpoint = scripted(*[SCORE] * 4, tools=True)
    assert asks(endpoint).status == "answered"


def test_models_without_tools_are_offered_none(asks: Callable[..., Answer]) -> None:
    endpoint = scripted("```sql\nSELECT count(*) FROM pay.payments\n```")
    assert asks(endpoint).status == "answered"
    options: Any = endpoint.chat.options  # type: ignore[attr-defined]
    assert "tools" not in options[0]


def test_a_tool_that_is_not_there_is_said_to_the_model(predictor: Predictor, owner: Principal) -> None:
    [said] = Toolbox(predictor, owner).answer([{"name": "rm", "args": {}, "id": None}])
    assert "no tool 'rm'" in str(said.content)


def test_wrong_arguments_are_said_to_the_model(predictor: Predictor, owner: Principal) -> None:
    [said] = Toolbox(predictor, owner).answer([{"name": "score", "args": {"model": "risk"}, "id": "x"}])
    assert "arguments are wrong: keys" in str(said.content)
