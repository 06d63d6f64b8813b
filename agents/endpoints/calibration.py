"""How probable it is that an answer is right, from the probability that the model gives it.

A model is too sure of itself: its probability of a whole query is mapped to the share of such queries that were right.
The map is Platt's (a logistic of the log odds), measured by `agents.evaluation.calibrate` and kept beside the adapter.
"""

from __future__ import annotations

import math
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from data.errors import Invalid

FILE = "calibration.json"
MOST_ODDS = 12.0
"""Log odds beyond this are noise of the engine's digits."""


class Calibration(BaseModel):
    """The map of one adapter, as it stands in its `calibration.json`."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    slope: float = Field(ge=0)
    intercept: float
    unsure_below: float = Field(ge=0, le=1)
    """The confidence below which a question is better not answered."""

    @classmethod
    def beside(cls, adapter: Path | None) -> Calibration | None:
        """That of an adapter's folder, None where none was measured. Invalid when it can't be read."""
        path = None if adapter is None else adapter / FILE
        if path is None or not path.is_file():
            return None
        try:
            return cls.model_validate_json(path.read_bytes())
        except ValidationError as error:
            wrong = "; ".join(f"{'.'.join(map(str, e['loc'])) or FILE}: {e['msg']}" for e in error.errors())
            raise Invalid(f"The calibration {str(path)!r} can't be used: {wrong}.", "Mend or delete it.") from error

    def confidence(self, logprob: float) -> float:
        """The probability, from 0 to 1, that an answer of this `logprob` is right."""
        return logistic(self.slope * log_odds(logprob) + self.intercept)

    def write(self, adapter: Path) -> None:
        """Put it beside the adapter's weights, whole or not at all."""
        temporary = adapter / f".{FILE}.tmp"
        temporary.write_text(self.model_dump_json(indent=2) + "\n", encoding="utf-8")
        temporary.replace(adapter / FILE)


def log_odds(logprob: float) -> float:
    """log(p / (1 - p)) of p = exp(logprob), within reason."""
    if logprob >= 0:
        return MOST_ODDS
    odds = logprob - math.log(-math.expm1(logprob))
    return max(-MOST_ODDS, min(MOST_ODDS, odds))


def logistic(odds: float) -> float:
    """The probability that has these log odds."""
    return 1 / (1 + math.exp(-odds)) if odds >= 0 else math.exp(odds) / (1 + math.exp(odds))
