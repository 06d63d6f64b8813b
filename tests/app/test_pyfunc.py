"""A registered model answers through MLflow: loaded as a Python function, and by MLflow's own scoring server."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from agents.endpoints.scripted import scripted
from agents.predictors.store import ModelStore
from app import pyfunc
from finetune import job, stack
from finetune.adapter import save
from finetune.lora import Trained
from finetune.recipe import Recipe

SQL = "SELECT count(*) AS n FROM square.merchants"


@pytest.fixture(scope="module")
def logged(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """MLflow's folder of a registered adapter."""
    import torch

    root = tmp_path_factory.mktemp("pyfunc")
    (root / "adapter").mkdir()
    recipe = Recipe.load("ask-smollm2")
    pairs = {"model.layers.0.self_attn.q_proj": (torch.zeros(4, 8), torch.zeros(8, 4))}
    save(pairs, root / "adapter", base=recipe.base, lora=recipe.lora)
    trained = Trained(root / "adapter", (0.5,), 12, 3.5, "abc")
    run = job.logged(recipe, trained, {"execution_accuracy": 0.9}, root)
    return ModelStore(root).resolve("ask-smollm2", run.version).folder


@pytest.fixture
def registered(logged: Path, demo_home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The same over the demo home, with a model that says what the test wants."""

    def opened(spec: Any, models: Path) -> Any:
        assert spec.adapter.endswith("data/adapter")
        return scripted(SQL, SQL, SQL, name="model", instruct=False)

    monkeypatch.setenv("LAKEWRIGHT_HOME", str(demo_home))
    monkeypatch.setattr("agents.endpoints.open_endpoint", opened)
    monkeypatch.setattr("app.packaged.provide", lambda *_, **__: None)
    return logged


@pytest.fixture
def loaded(registered: Path) -> Any:
    import mlflow.pyfunc

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return mlflow.pyfunc.load_model(str(registered))


def test_a_loaded_model_writes_sql(loaded: Any, registered: Path) -> None:
    import pandas as pd

    found = loaded.predict(pd.DataFrame({"question": ["how many merchants are there?", ""]}))
    assert found["status"].tolist() == ["answered", "failed"]
    assert "square.merchants" in found["sql"][0]
    assert found["sql"][1] == ""
    told = loaded.metadata.metadata
    assert told["base"]["name"] == "smollm2-135m-instruct"
    assert told["data_hash"] == "abc"
    assert told["scores"] == {"execution_accuracy": 0.9}
    kept = stack.Stack.beside(stack.inside(registered))
    assert kept is not None
    assert (kept.changed, kept.grammar["decoding"], kept.adapter["r"]) == ((), "greedy", 32)


def test_mlflows_own_server_answers(loaded: Any) -> None:
    from mlflow.pyfunc import scoring_server

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        client = TestClient(scoring_server.init(loaded))
        said = client.post("/invocations", json={"dataframe_records": [{"question": "how many merchants are there?"}]})
        refused = client.post("/invocations", json={"dataframe_records": [{"wrong": "column"}]})
    assert said.status_code == 200
    (found,) = said.json()["predictions"]
    assert found["status"] == "answered"
    assert "square.merchants" in found["sql"]
    assert refused.status_code == 400


def test_a_changed_prompt_is_told(registered: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stack, "PROMPT", ("agents.ask.state",))
    with pytest.warns(UserWarning, match="another version of prompt than this one"):
        pyfunc._load_pyfunc(str(stack.inside(registered)))
