"""From matrices to a model: trees, their calibration and their threshold."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from agents.predictors.artifact import TREES, Spec
from data.features.compile import parsed
from finetune.tabular import costs
from finetune.tabular.inputs import Inputs, choices, reference
from finetune.tabular.labelled import Labelled
from finetune.tabular.recipe import TabularRecipe
from finetune.tabular.trees import Parameters, fit, predict

if TYPE_CHECKING:
    import lightgbm

    from finetune.tabular.inputs import Floats

Knots = tuple[tuple[float, float], ...]


@dataclass(frozen=True)
class Model:
    """Trees with what was made of the calibration part."""

    trees: lightgbm.Booster
    knots: Knots
    threshold: float

    def calibrated(self, raw: Floats) -> Floats:
        return calibrated(self.knots, raw)


def model(recipe: TabularRecipe, train: Inputs, calibration: Inputs, missed: Floats, parameters: Parameters) -> Model:
    """`missed` is what missing each row of the calibration part would cost."""
    trees = fit(train, parameters, recipe.seed, recipe.threads)
    raw = predict(trees, calibration, recipe.threads)
    knots = isotonic(calibration.labels, raw)
    limit = costs.threshold(calibration.labels, calibrated(knots, raw), missed, recipe.costs.false_alarm)
    return Model(trees, knots, limit)


def isotonic(labels: Floats, raw: Floats) -> Knots:
    """The rising steps nearest to the labels, as the ends of straight lines."""
    from sklearn.isotonic import IsotonicRegression

    made = IsotonicRegression(y_min=0.0, y_max=1.0, out_of_bounds="clip").fit(raw, labels)
    return tuple(zip(made.X_thresholds_.tolist(), made.y_thresholds_.tolist(), strict=True))


def calibrated(knots: Knots, raw: Floats) -> Floats:
    import numpy as np

    xs, ys = zip(*knots, strict=True)
    return np.asarray(np.interp(raw, xs, ys), dtype=np.float64)


def save(recipe: TabularRecipe, made: Model, train: Inputs, rows: Labelled, folder: Path) -> Spec:
    """Write the artefact, which is all that scoring needs."""
    from sqlglot import exp

    folder.mkdir(parents=True, exist_ok=True)
    made.trees.save_model(str(folder / TREES))
    spec = Spec(
        name=recipe.name,
        task=recipe.task,
        subject=parsed(recipe.subject.sql, exp.Query),
        key=recipe.subject.key,
        time=recipe.subject.time,
        features=tuple(column.feature for column in train.columns if column.feature),
        columns=train.columns,
        description=recipe.description,
        choice=recipe.choice.column if recipe.choice else "",
        choices=choices(recipe, train.columns),
        knots=() if recipe.choice else made.knots,
        threshold=made.threshold,
        costs=costs.words(recipe.costs),
        reference=reference(train),
        versions=rows.versions,
    )
    spec.write(folder)
    return spec
