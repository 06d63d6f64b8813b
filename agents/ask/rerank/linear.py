"""A linear model over named features, with its weights in a JSON file beside this module."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from importlib.resources import files

from pydantic import BaseModel, ConfigDict

from agents.endpoints.calibration import logistic

Features = Mapping[str, float]


class Linear(BaseModel):
    """`fitted` says on what; features without a weight count for nothing."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    fitted: str
    intercept: float = 0
    weights: dict[str, float]

    @classmethod
    def shipped(cls, name: str) -> Linear:
        """That of `name.json`."""
        return _read(name)

    def score(self, features: Features) -> float:
        """The weighted sum."""
        return self.intercept + sum(self.weights.get(name, 0.0) * value for name, value in features.items())

    def probability(self, features: Features) -> float:
        """Of a logistic regression, the probability from 0 to 1."""
        return logistic(self.score(features))


@lru_cache(maxsize=8)
def _read(name: str) -> Linear:
    text = files("agents.ask.rerank").joinpath(f"{name}.json").read_text(encoding="utf-8")
    return Linear.model_validate_json(text)
