"""Trainings and the models that came of them, in the home's own MLflow store."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from filelock import FileLock, Timeout

from agents.predictors import addresses
from agents.predictors.store import KIND, ModelStore
from data.errors import Busy, NotFound

if TYPE_CHECKING:
    from mlflow import MlflowClient

ARTIFACT = "model"
LONGEST = 6000
"""Letters that MLflow takes of a parameter."""
OWNER = "lakewright.process"
"""Tag of a run: the process that logs it."""


@dataclass(frozen=True)
class Read:
    """A data set that a training read: `source` says how to read it again."""

    name: str
    digest: str
    source: Mapping[str, Any]
    context: str = "training"


@dataclass(frozen=True)
class Part:
    """A run within a run, such as the training without some columns."""

    name: str
    metrics: Mapping[str, float]
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Entry:
    """A training that is to be logged. `folder` is what serving reads, `files` what people look at.

    `series` has a value for each step, `noted` for the steps that it names."""

    model: str
    kind: str
    experiment: str
    folder: Path
    params: Mapping[str, Any]
    metrics: Mapping[str, float]
    series: Mapping[str, Sequence[float]] = field(default_factory=dict)
    noted: Mapping[str, Sequence[tuple[int, float]]] = field(default_factory=dict)
    files: Path | None = None
    reads: tuple[Read, ...] = ()
    parts: tuple[Part, ...] = ()


@dataclass(frozen=True)
class Registered:
    """A logged run and the version that its model has."""

    run_id: str
    model: str
    version: int


@dataclass(frozen=True)
class Registry:
    """Writes what `ModelStore` reads."""

    home: Path

    @cached_property
    def store(self) -> ModelStore:
        return ModelStore(self.home)

    @contextmanager
    def alone(self) -> Iterator[MlflowClient]:
        """The store's client while no other process writes; the system lets go of the lock of one that dies."""
        self.home.mkdir(parents=True, exist_ok=True)
        try:
            with FileLock(self.home / "mlflow.lock", timeout=120), self.store.client() as client:
                yield client
        except Timeout:
            raise Busy("Another process writes to the registry.", "Wait for it.") from None

    def log(self, entry: Entry) -> Registered:
        """Log a training and register its model as a new version. A run that fails is marked so, and has none."""
        if not entry.folder.is_dir() or not any(entry.folder.iterdir()):  # MLflow would log an empty folder
            raise NotFound(f"There is no model in {str(entry.folder)!r}.", "Train it first.")
        with self.alone() as client:
            experiment = self._experiment(client, entry.experiment)
            _mark_dead(client, experiment)
            run_id = _run(client, experiment, entry.model, {})
            try:
                self._record(client, run_id, experiment, entry)
            except BaseException:
                client.set_terminated(run_id, "FAILED")
                raise
            client.set_terminated(run_id, "FINISHED")
            return Registered(run_id, entry.model, _register(client, run_id, entry))

    def _experiment(self, client: MlflowClient, name: str) -> str:
        found = client.get_experiment_by_name(name)
        if found is not None:
            return str(found.experiment_id)
        return str(client.create_experiment(name, addresses.root(self.home)))

    def _record(self, client: MlflowClient, run_id: str, experiment: str, entry: Entry) -> None:
        _numbers(client, run_id, entry.params, entry.metrics, entry.series, entry.noted)
        if entry.reads:
            client.log_inputs(run_id, datasets=[_dataset(read) for read in entry.reads])
        client.log_artifacts(run_id, str(entry.folder), ARTIFACT)
        if entry.files is not None:
            client.log_artifacts(run_id, str(entry.files))
        for part in entry.parts:
            child = _run(client, experiment, part.name, {"mlflow.parentRunId": run_id})
            _numbers(client, child, part.params, part.metrics, {})
            client.set_terminated(child, "FINISHED")


def _run(client: MlflowClient, experiment: str, name: str, tags: Mapping[str, str]) -> str:
    run = client.create_run(experiment, run_name=name, tags={**tags, OWNER: str(os.getpid())})
    return str(run.info.run_id)


def _mark_dead(client: MlflowClient, experiment: str) -> None:
    """Who logs holds the lock, so a run that is still being logged is of a process that was killed."""
    for run in client.search_runs([experiment], "attributes.status = 'RUNNING'"):
        if OWNER in run.data.tags:
            client.set_terminated(run.info.run_id, "KILLED")


def _numbers(
    client: MlflowClient,
    run_id: str,
    params: Mapping[str, Any],
    metrics: Mapping[str, float],
    series: Mapping[str, Sequence[float]],
    noted: Mapping[str, Sequence[tuple[int, float]]] = MappingProxyType({}),
) -> None:
    from mlflow.entities import Metric, Param

    now = int(time.time() * 1000)
    last = max((len(values) for values in series.values()), default=0)
    steps = [Metric(name, float(v), now, step) for name, values in series.items() for step, v in enumerate(values, 1)]
    steps += [Metric(name, float(value), now, step) for name, values in noted.items() for step, value in values]
    ends = [Metric(name, float(value), now, last) for name, value in metrics.items()]
    client.log_batch(run_id, params=[Param(key, str(value)[:LONGEST]) for key, value in params.items()])
    for start in range(0, len(ends + steps), 1000):  # the most that one call takes
        client.log_batch(run_id, metrics=(ends + steps)[start : start + 1000])


def _dataset(read: Read) -> Any:
    from mlflow.entities import Dataset, DatasetInput, InputTag

    source = json.dumps(read.source, ensure_ascii=False)
    made = Dataset(name=read.name, digest=read.digest, source_type="lakewright", source=source)
    return DatasetInput(dataset=made, tags=[InputTag(key="mlflow.data.context", value=read.context)])


def _register(client: MlflowClient, run_id: str, entry: Entry) -> int:
    from mlflow.exceptions import MlflowException

    try:
        client.create_registered_model(entry.model)
    except MlflowException as error:
        if error.error_code != "RESOURCE_ALREADY_EXISTS":
            raise
    source = f"{client.get_run(run_id).info.artifact_uri}/{ARTIFACT}"
    made = client.create_model_version(entry.model, source, run_id, tags={KIND: entry.kind})
    return int(made.version)


def flat(values: Mapping[str, Any], root: str = "") -> dict[str, Any]:
    """{"a": {"b": 1}} to {"a.b": 1}, without what is unset."""
    result: dict[str, Any] = {}
    for key, value in values.items():
        if isinstance(value, Mapping):
            result |= flat(value, f"{root}{key}.")
        elif value is not None:
            result[f"{root}{key}"] = value
    return result
