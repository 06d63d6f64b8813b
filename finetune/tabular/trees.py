"""Gradient-boosted trees: one fit, the same to the bit for the same rows, parameters, seed and threads."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from finetune.tabular.inputs import Inputs

if TYPE_CHECKING:
    import lightgbm

    from finetune.tabular.inputs import Floats

Parameters = Mapping[str, float]


def fit(part: Inputs, parameters: Parameters, seed: int, threads: int) -> lightgbm.Booster:
    """`parameters` are LightGBM's, and `rounds`, how many trees are grown."""
    import lightgbm

    rest = {name: value for name, value in parameters.items() if name != "rounds"}
    fixed = {
        "objective": "binary",
        "verbosity": -1,
        "seed": seed,
        "num_threads": threads,
        "deterministic": True,
        "force_row_wise": True,
        "feature_pre_filter": False,
    }
    if "bagging_fraction" in rest:
        fixed["bagging_freq"] = 1
    data = lightgbm.Dataset(
        part.matrix,
        part.labels,
        weight=part.weights,
        feature_name=[f"c{place}" for place in range(len(part.columns))],  # its own names can't hold all letters
        categorical_feature=[i for i, column in enumerate(part.columns) if column.kind == "category"],
        params={"verbosity": -1},
    )
    return lightgbm.train({**rest, **fixed}, data, int(parameters["rounds"]))


def predict(trees: lightgbm.Booster, part: Inputs, threads: int) -> Floats:
    import numpy as np

    return np.asarray(trees.predict(part.matrix, num_threads=threads), dtype=np.float64)
