"""An artefact as MLflow's model folder, with its signature and an example, so that MLflow's clients can use it."""

from __future__ import annotations

import logging
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agents.predictors.artifact import INSIDE, Column, Spec

if TYPE_CHECKING:
    import pyarrow as pa

LOADER = "agents.predictors.scorer"
REQUIREMENTS = ["lakewright", "lightgbm", "pandas", "pyarrow"]


def package(spec: Spec, artefact: Path, rows: pa.Table, folder: Path) -> None:
    """Write the folder. `artefact` has the name that the folder gives it, and `rows` are for the example."""
    import mlflow.pyfunc

    assert artefact.name == INSIDE.name
    logging.getLogger("mlflow.pyfunc").setLevel(logging.WARNING)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what it says of type hints and of its own example
        mlflow.pyfunc.save_model(
            str(folder),
            loader_module=LOADER,
            data_path=str(artefact),
            signature=signature(spec),
            input_example=_example(spec, rows),
            pip_requirements=REQUIREMENTS,
            metadata={"features": list(spec.features), "subject": spec.subject, "versions": dict(spec.versions)},
        )


def signature(spec: Spec) -> Any:
    """Inputs are the model's columns, each of which may be missing; outputs what `Pyfunc` gives."""
    from mlflow.models import ModelSignature
    from mlflow.types.schema import Array, ColSpec, DataType, Object, Property, Schema

    reason = Object(
        [
            Property("feature", DataType.string),
            Property("value", DataType.string, required=False),
            Property("contribution", DataType.double),
        ]
    )
    choice = Object([Property("choice", DataType.string), Property("score", DataType.double)])
    verdict = ColSpec(Array(choice), "ranking") if spec.choice else ColSpec("boolean", "flagged")
    outputs = [ColSpec("double", "prediction"), verdict, ColSpec(Array(reason), "reasons")]
    inputs = [ColSpec(_type(column), column.name, required=False) for column in _given(spec)]
    return ModelSignature(Schema(inputs), Schema(outputs))


def _given(spec: Spec) -> list[Column]:
    """What a caller gives: all but the choice, as all of them are scored."""
    return [column for column in spec.columns if column.name != spec.choice]


def _type(column: Column) -> str:
    return "double" if column.kind == "number" else "string"


def _example(spec: Spec, rows: pa.Table) -> Any:
    import pyarrow as pa

    some = rows.slice(0, 3)
    columns = {c.name: some.column(c.name).cast(_arrow(c)) for c in _given(spec)}
    return pa.table(columns).to_pandas()


def _arrow(column: Column) -> pa.DataType:
    import pyarrow as pa

    return pa.float64() if column.kind == "number" else pa.string()
