"""Fine-tuning runs and the models that came of them, in the home's own MLflow store."""

from __future__ import annotations

import logging
import time
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agents.endpoints.weights import ADAPTER_CONFIG
from data.errors import NotFound
from finetune.lora import Trained
from finetune.recipe import Recipe

if TYPE_CHECKING:
    from mlflow import MlflowClient

EXPERIMENT = "finetune"
ARTIFACT = "adapter"


@dataclass(frozen=True)
class Registered:
    """A logged run and the version that its adapter has under the recipe's name."""

    run_id: str
    model: str
    version: int


@dataclass(frozen=True)
class Registry:
    """The store under `home`: a SQLite file beside a folder of artefacts."""

    home: Path

    def log(self, recipe: Recipe, trained: Trained, scores: Mapping[str, float]) -> Registered:
        """Log a training: recipe as parameters, the loss of each step, `scores`, and the adapter's files."""
        if not (trained.adapter / ADAPTER_CONFIG).is_file():  # MLflow would log an empty folder
            raise NotFound(f"There is no adapter in {str(trained.adapter)!r}.", "Train it first.")
        with self.client() as client:
            run_id = client.create_run(self._experiment(client), run_name=recipe.name).info.run_id
            try:
                self._record(client, run_id, recipe, trained, scores)
                client.log_artifacts(run_id, str(trained.adapter), ARTIFACT)
            except BaseException:
                client.set_terminated(run_id, "FAILED")
                raise
            client.set_terminated(run_id, "FINISHED")
            return Registered(run_id, recipe.name, self._register(client, run_id, recipe.name))

    def adapter(self, model: str, version: int) -> Path:
        """The folder of a registered adapter."""
        with self.client() as client:
            source = client.get_model_version_download_uri(model, str(version))
        return Path(source.removeprefix("file://"))

    @contextmanager
    def client(self) -> Iterator[MlflowClient]:
        """MLflow's client of this store."""
        from mlflow import MlflowClient
        from sqlalchemy.exc import SADeprecationWarning

        self.home.mkdir(parents=True, exist_ok=True)
        store = f"sqlite:///{self.home.resolve() / 'mlflow.db'}"
        # It tells of each table that it makes, and MLflow 3.17 uses what SQLAlchemy 2.1 will drop.
        logging.getLogger("mlflow.store.db").setLevel(logging.WARNING)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SADeprecationWarning)
            yield MlflowClient(tracking_uri=store, registry_uri=store)

    def _experiment(self, client: MlflowClient) -> str:
        found = client.get_experiment_by_name(EXPERIMENT)
        if found is not None:
            return str(found.experiment_id)
        return str(client.create_experiment(EXPERIMENT, (self.home.resolve() / "mlflow").as_uri()))

    def _record(
        self, client: MlflowClient, run_id: str, recipe: Recipe, trained: Trained, scores: Mapping[str, float]
    ) -> None:
        from mlflow.entities import Metric, Param

        now = int(time.time() * 1000)
        params = {**flat(recipe.model_dump(mode="json")), "data_hash": trained.data_hash}
        losses = [Metric("loss", loss, now, step) for step, loss in enumerate(trained.losses, 1)]
        ends = {"seconds": trained.seconds, "examples": trained.examples, **scores}
        client.log_batch(run_id, params=[Param(key, str(value)) for key, value in params.items()])
        client.log_batch(run_id, metrics=[Metric(k, float(v), now, len(losses)) for k, v in ends.items()])
        for start in range(0, len(losses), 1000):  # the most that one call takes
            client.log_batch(run_id, metrics=losses[start : start + 1000])

    def _register(self, client: MlflowClient, run_id: str, name: str) -> int:
        from mlflow.exceptions import MlflowException

        try:
            client.create_registered_model(name)
        except MlflowException as error:
            if error.error_code != "RESOURCE_ALREADY_EXISTS":
                raise
        source = f"{client.get_run(run_id).info.artifact_uri}/{ARTIFACT}"
        return int(client.create_model_version(name, source, run_id).version)


def flat(values: Mapping[str, Any], root: str = "") -> dict[str, Any]:
    """{"a": {"b": 1}} to {"a.b": 1}, without what is unset."""
    result: dict[str, Any] = {}
    for key, value in values.items():
        if isinstance(value, Mapping):
            result |= flat(value, f"{root}{key}.")
        elif value is not None:
            result[f"{root}{key}"] = value
    return result
