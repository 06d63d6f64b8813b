"""What a model must beat: a rule that somebody could write down, and a logistic regression."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from agents.predictors.artifact import Column
from agents.predictors.encode import encode
from data.catalog import nearest
from data.errors import Invalid
from finetune.tabular.inputs import Inputs, named

if TYPE_CHECKING:
    import pyarrow as pa

    from finetune.tabular.inputs import Floats


def rule(names: Sequence[str], rows: pa.Table) -> Floats:
    """1 + each column, multiplied; what is missing or below 0 counts as 0."""
    import numpy as np

    columns = [named(name) for name in names]
    for name in columns:
        if name not in rows.column_names:
            hint = nearest(name, rows.column_names) or "Name features as view.feature."
            raise Invalid(f"rule: there is no column '{name}'.", hint)
    values = np.nan_to_num(encode([Column(name) for name in columns], rows), nan=0.0)
    product: Floats = np.log1p(np.maximum(values, 0.0)).sum(axis=1)  # the same order as the product, without overflow
    return product


def logistic(train: Inputs, seed: int) -> Callable[[Inputs], Floats]:
    """Fit to numbers on a logarithmic scale, categories as one column each, and marks for what is missing."""
    import numpy as np
    from sklearn.linear_model import LogisticRegression

    def wide(part: Inputs) -> Floats:
        made = []
        for place, column in enumerate(part.columns):
            values = part.matrix[:, place]
            if column.kind == "category":
                made += [(values == code).astype(np.float64) for code in range(len(column.categories) + 1)]
            else:
                made += [np.nan_to_num(np.sign(values) * np.log1p(np.abs(values)))]
            made.append(np.isnan(values).astype(np.float64))
        return np.column_stack(made)

    raw = wide(train)
    mean, spread = raw.mean(axis=0), raw.std(axis=0)
    spread[spread == 0] = 1.0
    model = LogisticRegression(C=0.1, max_iter=1000, random_state=seed)
    model.fit((raw - mean) / spread, train.labels, sample_weight=train.weights)
    return lambda part: np.asarray(model.predict_proba((wide(part) - mean) / spread)[:, 1], dtype=np.float64)
