"""What there is to know of a registered model, for those who may use it."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from agents.predictors.models import Loaded
from agents.predictors.store import CHAMPION, ModelStore
from data.policy import Principal
from data.values import plain

if TYPE_CHECKING:
    from agents.predictors.predictor import Predictor


def card(predictor: Predictor, principal: Principal, name: str, version: str | int = CHAMPION) -> dict[str, Any]:
    """A version with its features, inputs and metrics. Raises what `Predictor.usable` does."""
    model = predictor.usable(principal, name, version)
    spec, found = model.spec, model.version
    columns = [{"name": column.name, "kind": column.kind, "feature": column.feature} for column in spec.columns]
    return {
        **brief(model),
        "run_id": found.run_id,
        "why": found.why,
        "needs": list(predictor.needed(principal, model)),
        "features": list(spec.features),
        "columns": columns,
        "choices": list(spec.choices),
        "threshold": None if spec.task == "rank" else spec.threshold,
        "costs": dict(spec.costs),
        "metrics": metrics(predictor.models.store, found.run_id),
        "trained_on": dict(spec.versions),
        "reference": {name: plain(asdict(one)) for name, one in spec.reference.items()},
    }


def brief(model: Loaded) -> dict[str, Any]:
    """The line of a model in a list."""
    spec, found = model.spec, model.version
    return {
        "name": found.name,
        "version": found.version,
        "aliases": list(found.aliases),
        "task": spec.task,
        "description": spec.description,
        "key": list(spec.key),
        "time": spec.time,
    }


def metrics(store: ModelStore, run_id: str) -> dict[str, float | None]:
    """What the run of a version was measured at; none where there is no such run any more."""
    from mlflow.exceptions import MlflowException

    with store.client() as client:
        try:
            found = client.get_run(run_id).data.metrics
        except MlflowException:
            return {}
    return {name: plain(float(value)) for name, value in sorted(found.items())}
