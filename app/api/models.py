"""Routes of registered models: scoring in MLflow's request format, and what there is to know of a model."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from app.api.problems import documented
from app.api.routes import Body, Caller, Home, needs
from data.errors import Invalid

router = APIRouter(prefix="/api/models", tags=["models"], dependencies=[needs("score")])

Row = dict[str, Any]

ROWS = "Send dataframe_split, dataframe_records, inputs or instances, one of them."


BRIEF = {"name": "risk", "version": 3, "task": "classify", "description": "The risk of a payment."}
PREDICTION = {"keys": {"payment_id": 123}, "prediction": 0.81, "flagged": True, "threshold": 0.5, "model": "risk"}
DRIFT = {"model": "risk", "version": 3, "predictions": 1200, "enough": True, "inputs": []}


class Split(Body):
    """A data frame by columns and rows. An index is of no meaning here."""

    columns: list[str]
    data: list[list[Any]]
    index: list[Any] | None = None


class Params(BaseModel):
    """MLflow's `params`."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    at: datetime | None = None
    """Score as of this moment."""
    version: int | str = "champion"
    reasons: int = Field(default=5, ge=0, le=100)


class Invocation(Body):
    model_config = ConfigDict(json_schema_extra={"examples": [{"instances": [{"payment_id": 123}]}]})

    dataframe_split: Split | None = None
    dataframe_records: list[Row] | None = None
    inputs: list[Row] | dict[str, list[Any]] | None = None
    instances: list[Row] | None = None
    params: Params = Params()

    def rows(self) -> list[Row]:
        """The rows, in whichever form they came."""
        forms = (self.dataframe_split, self.dataframe_records, self.inputs, self.instances)
        given = [form for form in forms if form is not None]
        if len(given) != 1:
            raise Invalid(f"The request has its rows in {len(given)} forms.", ROWS)
        match given[0]:
            case Split(columns=columns, data=data):
                return [_row(columns, values) for values in data]
            case dict() as columns:
                return _turned(columns)
            case list() as rows:
                return rows
        raise Invalid("The request has no rows.", ROWS)


@router.get("", responses=documented({"models": [BRIEF]}))
def models(home: Home, caller: Caller) -> dict[str, Any]:
    """The models that the caller may know of."""
    from agents.predictors.card import brief

    return {"models": [brief(model) for model in home.predictor.visible(caller)]}


@router.get("/{name}", responses=documented(BRIEF))
def card(name: str, home: Home, caller: Caller, version: str = "champion") -> dict[str, Any]:
    """A version of a model: its aliases, features, inputs and metrics."""
    from agents.predictors import card

    found: dict[str, Any] = card.card(home.predictor, caller, name, version)
    return found


@router.post("/{name}/invocations", responses=documented({"predictions": [PREDICTION]}))
def invocations(name: str, body: Invocation, home: Home, caller: Caller) -> dict[str, Any]:
    """Score the subjects that the rows name by their keys, or all of what the model reads of them."""
    params = body.params
    found = home.predictor.score(caller, name, body.rows(), params.at, version=params.version, reasons=params.reasons)
    return {"predictions": [one.as_json() for one in found]}


@router.get("/{name}/drift", responses=documented(DRIFT))
def drift(name: str, home: Home, caller: Caller, since: datetime | None = None) -> dict[str, Any]:
    """The model's inputs since a moment, by default of seven days, against those of its training."""
    from agents.predictors.monitor import report
    from agents.predictors.subject import naive

    found: dict[str, Any] = report(home.predictor, caller, name, naive(since)).as_json()
    return found


def _row(columns: list[str], values: list[Any]) -> Row:
    if len(values) != len(columns):
        said = f"A row has {len(values)} values, and there are {len(columns)} columns."
        raise Invalid(said, "Give each row a value for each column.")
    return dict(zip(columns, values, strict=True))


def _turned(columns: dict[str, list[Any]]) -> list[Row]:
    if len(sizes := {len(values) for values in columns.values()}) > 1:
        raise Invalid(f"The columns have different lengths: {sorted(sizes)}.", "Give each row a value in each column.")
    return [dict(zip(columns, values, strict=True)) for values in zip(*columns.values(), strict=True)]
