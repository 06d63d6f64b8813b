"""A logged run can be found again, with its numbers and its adapter."""

from __future__ import annotations

from pathlib import Path

import pytest

from data.errors import NotFound
from finetune.lora import Trained
from finetune.recipe import Recipe
from finetune.registry import EXPERIMENT, Registry, flat


def trained(folder: Path, text: str) -> Trained:
    folder.mkdir(exist_ok=True)
    (folder / "adapter_config.json").write_text(text)
    return Trained(folder, tuple(1 / n for n in range(1, 1204)), 12, 3.5, "abc")


def test_runs_are_logged_and_versions_counted(recipe: Recipe, tmp_path: Path) -> None:
    registry = Registry(tmp_path / "home")
    first = registry.log(recipe, trained(tmp_path / "out", "one"), {"execution_accuracy": 0.5})
    second = registry.log(recipe, trained(tmp_path / "out", "two"), {"execution_accuracy": 0.8})
    assert (first.model, first.version, second.version) == ("tiny", 1, 2)
    assert [(registry.adapter("tiny", v) / "adapter_config.json").read_text() for v in (1, 2)] == [
        "one",
        "two",
    ]
    with registry.client() as client:
        run = client.get_run(second.run_id)
        history = client.get_metric_history(second.run_id, "loss")
    assert run.info.status == "FINISHED"
    assert (run.data.params["lora.r"], run.data.params["data_hash"]) == ("4", "abc")
    assert (run.data.metrics["execution_accuracy"], run.data.metrics["examples"]) == (0.8, 12)
    assert [(m.step, m.value) for m in history][-1] == (1203, pytest.approx(1 / 1203))
    assert len(history) == 1203


def test_a_run_that_cannot_be_logged_is_marked_failed(recipe: Recipe, tmp_path: Path) -> None:
    registry = Registry(tmp_path / "home")
    with pytest.raises(Exception, match=r"not/\.\./valid"):
        registry.log(recipe, trained(tmp_path / "out", "one"), {"not/../valid": 1.0})
    with registry.client() as client:
        (run,) = client.search_runs([client.get_experiment_by_name(EXPERIMENT).experiment_id])
        assert run.info.status == "FAILED"
        assert client.search_registered_models() == []


def test_a_lost_adapter_is_not_registered(recipe: Recipe, tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="nowhere"):
        Registry(tmp_path / "home").log(recipe, Trained(tmp_path / "nowhere", (1.0,), 1, 1.0, "abc"), {})


def test_nested_settings_become_flat_names() -> None:
    assert flat({"a": {"b": 1, "c": None}, "d": [2]}) == {"a.b": 1, "d": [2]}
