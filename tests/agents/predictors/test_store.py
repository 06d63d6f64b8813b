"""Versions of models are found by number and alias."""

from __future__ import annotations

from pathlib import Path

import pytest

from agents.predictors.store import KIND, WHY, ModelStore
from data.errors import NotFound


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> ModelStore:
    """Two versions of `risk`, the first one champion, and one of another kind."""
    home = tmp_path_factory.mktemp("store")
    made = ModelStore(home)
    with made.client() as client:
        for name, kind in (("risk", "tabular"), ("risk", "tabular"), ("risk's", "adapter")):
            run = client.create_run(client.get_experiment_by_name("Default").experiment_id)
            if name not in {m.name for m in client.search_registered_models()}:
                client.create_registered_model(name)
            folder = home / "ar te" / run.info.run_id
            folder.mkdir(parents=True)
            client.create_model_version(name, folder.as_uri(), run.info.run_id, tags={KIND: kind, WHY: "better"})
        client.set_registered_model_alias("risk", "champion", "1")
    return made


def test_an_empty_home_has_no_models(tmp_path: Path) -> None:
    store = ModelStore(tmp_path)
    assert (store.names(), store.stamp()) == ((), (0, 0))
    with pytest.raises(NotFound, match="There is no model 'risk'"):
        store.resolve("risk")
    assert not (tmp_path / "mlflow.db").exists()


def test_names_and_versions(store: ModelStore) -> None:
    assert store.names() == ("risk", "risk's")
    assert store.names("tabular") == ("risk",)
    assert [(v.version, v.aliases, v.why) for v in store.versions("risk")] == [
        (2, (), "better"),
        (1, ("champion",), "better"),
    ]


def test_a_version_by_alias_and_by_number(store: ModelStore) -> None:
    assert store.resolve("risk").version == 1
    assert store.resolve("risk", 2) == store.resolve("risk", "2")
    assert store.resolve("risk", 2).folder.is_dir()
    assert store.resolve("risk's", "1").kind == "adapter"


@pytest.mark.parametrize(
    ("name", "version", "said"),
    [
        ("rsk", "champion", "There is no model 'rsk'. Did you mean 'risk'"),
        ("", "champion", "There is no model ''"),
        ("a/b' OR 1=1", "1", "There is no model"),
        ("risk", "challenger", "'risk' has no challenger. Its versions are 2, 1"),
        ("risk", "7", "'risk' has no version 7"),
    ],
)
def test_what_is_not_there(store: ModelStore, name: str, version: str, said: str) -> None:
    with pytest.raises(NotFound) as caught:
        store.resolve(name, version)
    assert said in str(caught.value)


def test_a_change_changes_the_stamp(store: ModelStore) -> None:
    before = store.stamp()
    with store.client() as client:
        client.set_registered_model_alias("risk", "challenger", "2")
    assert store.stamp() != before
    assert store.resolve("risk", "challenger").version == 2
    with store.client() as client:
        client.delete_registered_model_alias("risk", "challenger")


def test_lost_files(store: ModelStore) -> None:
    store.resolve("risk", 2).folder.rmdir()
    with pytest.raises(NotFound, match="files of 'risk' version 2 are gone"):
        store.resolve("risk", 2)
