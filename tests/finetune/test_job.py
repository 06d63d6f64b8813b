"""The gate, the installation of an adapter that passed it, and its card."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agents.ask.state import Answer
from agents.endpoints import Endpoint, EndpointSpec
from agents.endpoints.calibration import Calibration
from agents.endpoints.scripted import scripted
from data.errors import Invalid, NotFound
from data.federation import open_gateway
from data.policy import Principal
from finetune import evaluation, job
from finetune.card import card
from finetune.examples import read, write
from finetune.installation import install
from finetune.lora import Trained
from finetune.recipe import Evaluation, Recipe
from finetune.registry import Registry
from finetune.workshop import Workshop
from retrieval import Retriever

RECIPE = Recipe.load("ask-smollm2")


@pytest.mark.parametrize(
    ("reached", "base", "promoted", "reason"),
    [
        (0.90, 0.10, True, "passes the gate"),
        (0.10, 0.05, False, "below the gate"),
        (0.99, 0.99, False, "no better than the base"),
        (0.85, 0.10, False, "0.850 is worse than the champion's 0.880"),
    ],
)
def test_the_gate(reached: float, base: float, promoted: bool, reason: str) -> None:
    reports = {"execution_accuracy": reached, "base_execution_accuracy": base}
    verdict = job.judged(RECIPE, reports | {"champion_execution_accuracy": 0.88})
    assert verdict.promoted is promoted
    assert reason in verdict.why


def test_without_an_evaluation_nothing_is_promoted() -> None:
    verdict = job.judged(RECIPE.model_copy(update={"evaluation": None}), {})
    assert not verdict.promoted
    assert "no evaluation" in verdict.why


def test_an_installed_adapter_replaces_the_one_before_whole(tmp_path: Path) -> None:
    target = tmp_path / "adapters" / "ask"
    for text in ("first", "second"):
        made = tmp_path / text
        made.mkdir()
        (made / f"{text}.json").write_text(text)
        install(made, target)
    assert [path.name for path in target.iterdir()] == ["second.json"]
    assert [path.name for path in target.parent.iterdir()] == ["ask"]


@pytest.fixture
def shop(tmp_path: Path) -> Workshop:
    """An empty home's workshop; nothing in these tests comes so far as to retrieve."""
    (tmp_path / "catalog.yaml").write_text("version: 1\n")
    gateway = open_gateway(tmp_path)
    owner = gateway.policy.principal("owner")
    return Workshop(gateway, owner, Retriever(gateway, tmp_path, tmp_path), tmp_path, tmp_path, lambda _: None)


def test_a_run_that_fails_is_in_the_audit_trail(recipe: Recipe, shop: Workshop) -> None:
    with pytest.raises(NotFound):
        job.finetune(recipe, shop)
    started, failed = shop.gateway.audit.tail(2)
    assert (started.kind, started.principal, started.asked, started.outcome) == ("training", "owner", "tiny", "started")
    assert (failed.kind, failed.outcome) == ("training", "failed")
    assert "There is no base model 'tiny'" in failed.message


def test_a_run_that_ends_names_its_run_in_the_trail(
    recipe: Recipe, shop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    outcome = job.Adapted("run-7", "tiny", 1, {}, True, "It passes.", "adapter")
    monkeypatch.setattr(job, "_finetuned", lambda *_, **__: outcome)
    assert job.finetune(recipe, shop) is outcome
    ended = shop.gateway.audit.tail(1)[0]
    assert (ended.kind, ended.outcome, ended.message) == ("training", "promoted", "run run-7: It passes.")


def test_a_question_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(Invalid, match=r"'nowhere\.jsonl' is not here"):
        evaluation.questions("nowhere.jsonl")


def test_an_adapter_is_evaluated_beside_the_untrained_base(
    shop: Workshop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    stale = Calibration(slope=0, intercept=0, unsure_below=1)

    def open_endpoint(spec: EndpointSpec, models: Path) -> Endpoint:
        opened.append(spec.adapter)
        return replace(scripted(), calibration=stale)

    class Scripted:
        """An agent that is right with the adapter and wrong without."""

        def __init__(self, *parts: Any) -> None:
            (endpoint,) = (part for part in parts if isinstance(part, dict))
            assert endpoint["candidate"]().calibration is None

        def run(self, principal: Principal, question: str) -> Answer:
            return Answer("answered", "", rows=[[4 if opened[-1] else 5]], logprob=-0.1)

        def close(self) -> None:
            opened.append("closed")

    monkeypatch.setattr(evaluation, "open_endpoint", open_endpoint)
    monkeypatch.setattr("agents.ask.graph.Ask", Scripted)
    (tmp_path / "adapter").mkdir()
    stale.write(tmp_path / "adapter")
    (tmp_path / "q.jsonl").write_text('{"question": "?", "answers": [[[4]]]}')
    recipe = RECIPE.model_copy(update={"evaluation": Evaluation(file=str(tmp_path / "q.jsonl"), gate=0.5)})
    reports = evaluation.evaluated(recipe, shop, tmp_path / "adapter", None).reports
    assert {name: made.execution_accuracy for name, made in reports.items()} == {"": 1.0, "base_": 0.0}
    assert opened == [str(tmp_path / "adapter"), "closed", "", "closed"]
    found = Calibration.beside(tmp_path / "adapter")
    assert found is not None
    assert 0.5 < found.confidence(-0.1) < 1
    assert found.unsure_below == 0


def test_the_card_says_what_was_measured(tmp_path: Path) -> None:
    trained = Trained(tmp_path, (2.0, 0.5), 100, 60.0, "abc")
    made = card(RECIPE, trained, {"loss": 0.5, "execution_accuracy": 0.81}, promoted=True, why="It passes.")
    made.write(tmp_path)
    assert json.loads((tmp_path / "card.json").read_text())["metrics"]["execution_accuracy"] == 0.81
    text = (tmp_path / "card.md").read_text()
    assert "0.810" in text
    assert "not measured" in text  # the base was not asked
    assert "abc" in text


def test_a_job_stops_after_its_data(
    recipe: Recipe, shop: Workshop, tiny: Path, examples: list[dict[str, str]], tmp_path: Path
) -> None:
    write(tmp_path / "mine.jsonl", "", examples)
    data = {"builder": "jsonl", "size": 100, "file": str(tmp_path / "mine.jsonl")}
    mine = Recipe.model_validate(recipe.model_dump() | {"base": str(tiny), "dataset": data})
    outcome = job.finetune(mine, shop, until="data")
    assert (outcome.metrics, outcome.adapter, outcome.promoted) == ({"examples": 12.0}, "", False)
    stamp, rows = read(shop.home / "finetune" / "tiny" / job.EXAMPLES)
    assert (stamp, len(rows)) == (mine.dataset.model_dump_json(), 12)
    (tmp_path / "mine.jsonl").unlink()  # it is not read again
    outcome = job.finetune(mine, shop, until="train")
    assert "after the stage 'train'" in outcome.why
    assert (Path(outcome.adapter) / "adapter_model.safetensors").is_file()
    ended = job.finetune(mine, shop, resume=True)
    assert ended.metrics["loss"] == outcome.metrics["loss"]
    with Registry(shop.home).store.client() as client:
        run = client.get_run(ended.run_id)
        noted = client.get_metric_history(ended.run_id, "system/system_memory_usage_megabytes")
        assert [point.step for point in noted] == [1, 2, 3, 4, 5, 6]
        assert {"lr", "examples_per_second", "loss"} <= run.data.metrics.keys()
        assert [given.dataset.name for given in run.inputs.dataset_inputs] == ["mine.jsonl"]
        assert {"loss.png", "speed.png"} <= {file.path for file in client.list_artifacts(ended.run_id)}
