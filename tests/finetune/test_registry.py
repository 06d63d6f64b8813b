"""A logged run can be found again, with its numbers, its data sets, its parts and its model."""

from __future__ import annotations

import os
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from data.errors import NotFound
from finetune.job import entry
from finetune.lora import Trained
from finetune.recipe import Recipe
from finetune.registry import OWNER, Entry, Part, Read, Registry, flat


def trained(folder: Path, text: str) -> Trained:
    folder.mkdir(exist_ok=True)
    (folder / "adapter_config.json").write_text(text)
    return Trained(folder, tuple(1 / n for n in range(1, 1204)), 12, 3.5, "abc")


@pytest.fixture
def small(tmp_path: Path) -> Entry:
    folder = tmp_path / "small"
    folder.mkdir()
    (folder / "model.json").write_text("{}")
    return Entry("risk", "tabular", "risk", folder, {"trials": 3}, {"pr_auc": 0.5})


def test_runs_are_logged_and_versions_counted(recipe: Recipe, tmp_path: Path) -> None:
    registry = Registry(tmp_path / "home")
    first = registry.log(entry(recipe, trained(tmp_path / "out", "one"), {"execution_accuracy": 0.5}))
    second = registry.log(entry(recipe, trained(tmp_path / "out", "two"), {"execution_accuracy": 0.8}))
    assert (first.model, first.version, second.version) == ("tiny", 1, 2)
    folders = [registry.store.resolve("tiny", version).folder for version in (1, 2)]
    assert [(folder / "adapter_config.json").read_text() for folder in folders] == ["one", "two"]
    with registry.store.client() as client:
        run = client.get_run(second.run_id)
        history = client.get_metric_history(second.run_id, "loss")
    assert run.info.status == "FINISHED"
    assert (run.data.params["lora.r"], run.data.params["data_hash"]) == ("4", "abc")
    assert (run.data.metrics["execution_accuracy"], run.data.metrics["examples"]) == (0.8, 12)
    assert [(m.step, m.value) for m in history][-1] == (1203, pytest.approx(1 / 1203))
    assert len(history) == 1203


def test_a_home_that_lies_elsewhere_brings_its_models_along(small: Entry, tmp_path: Path) -> None:
    """The old home stays in the first case, as where a back-up is restored beside it: it is left alone."""
    Registry(tmp_path / "a home").log(small)
    shutil.copytree(tmp_path / "a home", tmp_path / "restored")
    found = Registry(tmp_path / "restored").log(small)
    (tmp_path / "restored").rename(tmp_path / "moved")
    registry = Registry(tmp_path / "moved")
    assert found.version == 2
    for version in (1, 2):
        folder = registry.store.resolve("risk", version).folder
        assert folder.is_relative_to(tmp_path / "moved")
        assert (folder / "model.json").read_text() == "{}"
    with registry.store.client() as client:
        assert [file.path for file in client.list_artifacts(found.run_id, "model")] == ["model/model.json"]
    old = Registry(tmp_path / "a home").store
    assert [version.folder.is_relative_to(tmp_path / "a home") for version in old.versions()] == [True]


def test_a_run_that_cannot_be_logged_is_marked_failed(small: Entry, tmp_path: Path) -> None:
    registry = Registry(tmp_path / "home")
    with pytest.raises(Exception, match=r"not/\.\./valid"):
        registry.log(replace(small, metrics={"not/../valid": 1.0}))
    with registry.store.client() as client:
        (run,) = client.search_runs([client.get_experiment_by_name("risk").experiment_id])
        assert run.info.status == "FAILED"
        assert client.search_registered_models() == []


def test_a_lost_model_is_not_registered(recipe: Recipe, tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="nowhere"):
        Registry(tmp_path / "home").log(entry(recipe, Trained(tmp_path / "nowhere", (1.0,), 1, 1.0, "abc"), {}))


def test_data_sets_parts_and_files_are_those_of_the_run(small: Entry, tmp_path: Path) -> None:
    files = tmp_path / "files"
    files.mkdir()
    (files / "recipe.json").write_text("{}")
    read = Read("risk train", "0123", {"tables": {"square.payments": "7"}}, "train")
    part = Part("without cards", {"pr_auc": 0.25}, {"without": "cards"})
    registry = Registry(tmp_path / "home")
    made = registry.log(replace(small, files=files, reads=(read,), parts=(part,), params={"long": "x" * 9000}))
    with registry.store.client() as client:
        run = client.get_run(made.run_id)
        (seen,) = run.inputs.dataset_inputs
        (child,) = client.search_runs([run.info.experiment_id], f"tags.mlflow.parentRunId = '{made.run_id}'")
        names = {found.path for found in client.list_artifacts(made.run_id)}
    assert (seen.dataset.name, seen.dataset.digest) == ("risk train", "0123")
    assert '"square.payments": "7"' in seen.dataset.source
    assert (child.info.run_name, child.info.status) == ("without cards", "FINISHED")
    assert (child.data.metrics, child.data.params) == ({"pr_auc": 0.25}, {"without": "cards"})
    assert names == {"model", "recipe.json"}
    assert len(run.data.params["long"]) == 6000


def test_runs_of_killed_processes_are_marked(small: Entry, tmp_path: Path) -> None:
    registry = Registry(tmp_path / "home")
    with registry.store.client() as client:
        experiment = client.create_experiment("risk", (tmp_path / "home/mlflow").as_uri())
        dead = client.create_run(experiment, tags={OWNER: str(os.getpid())})
        another = client.create_run(experiment)
        registry.log(small)
        states = [client.get_run(run.info.run_id).info.status for run in (dead, another)]
    assert states == ["KILLED", "RUNNING"]


def test_nested_settings_become_flat_names() -> None:
    assert flat({"a": {"b": 1, "c": None}, "d": [2]}) == {"a.b": 1, "d": [2]}
