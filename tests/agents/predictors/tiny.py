"""A small model over features, trained on the spot and registered as training registers one."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
import pyarrow as pa
from mlflow.exceptions import MlflowException

from agents.predictors.artifact import Column, Spec
from agents.predictors.distribution import Distribution
from agents.predictors.encode import encode
from agents.predictors.store import KIND, ModelStore
from data.errors import NotFound

ROWS = 400
SPEC = Spec(
    name="risk",
    task="classify",
    subject="SELECT id, card, at, amount, shop FROM pay.payments",
    key=("id",),
    time="at",
    features=("cards.spent_1h", "cards.payments_1h"),
    columns=(
        Column("amount"),
        Column("cards__spent_1h"),
        Column("cards__payments_1h"),
        Column("shop", "category", ("a", "b")),
    ),
    threshold=0.5,
)


def sample(spec: Spec, seed: int = 0) -> pa.Table:
    """Rows of training: numbers up to 100, and categories."""
    rng = np.random.default_rng(seed)
    columns: dict[str, Any] = {}
    for column in spec.columns:
        numbers = rng.uniform(0, 100, ROWS)
        texts = rng.choice(column.categories or ("",), ROWS)
        columns[column.name] = pa.array(numbers if column.kind == "number" else texts)
    return pa.table(columns)


def register(home: Path, spec: Spec = SPEC, *, alias: str = "champion") -> int:
    """Train the model (large numbers in its first column are bad), and give its version."""
    rows = sample(spec)
    matrix = encode(spec.columns, rows)
    truth = (matrix[:, 0] + np.random.default_rng(1).normal(0, 10, ROWS) > 60).astype(float)
    places = [i for i, column in enumerate(spec.columns) if column.kind == "category"]
    params = {"objective": "binary", "verbosity": -1, "num_threads": 1, "deterministic": True, "seed": 1}
    trees = lightgbm.train(params, lightgbm.Dataset(matrix, truth, categorical_feature=places), 20)
    reference = {}
    for i, column in enumerate(spec.columns):
        number = column.kind == "number"
        found = matrix[:, i]
        made = Distribution.of_numbers(found) if number else Distribution.of_codes(found, column.categories)
        reference[column.name] = made
    folder = home / "mlflow" / f"{spec.name}-{len(_versions(home, spec.name)) + 1}"
    folder.mkdir(parents=True)
    replace(spec, reference=reference).write(folder)
    trees.save_model(str(folder / "model.txt"))
    return _registered(home, spec.name, folder, alias)


def _versions(home: Path, name: str) -> list[Any]:
    try:
        return list(ModelStore(home).versions(name))
    except NotFound:
        return []


def _registered(home: Path, name: str, folder: Path, alias: str) -> int:
    with ModelStore(home).client() as client:
        run = client.create_run(client.get_experiment_by_name("Default").experiment_id)
        client.log_metric(run.info.run_id, "pr_auc", 0.75)
        try:
            client.create_registered_model(name, description="Whether a payment is fraud.")
        except MlflowException as error:
            if error.error_code != "RESOURCE_ALREADY_EXISTS":
                raise
        made = client.create_model_version(name, folder.as_uri(), run.info.run_id, tags={KIND: "tabular"})
        if alias:
            client.set_registered_model_alias(name, alias, made.version)
        return int(made.version)
