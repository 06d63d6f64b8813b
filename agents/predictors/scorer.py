"""Scores of rows that have all their features, each with its reasons."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agents.predictors.artifact import TREES, Spec, inside
from agents.predictors.encode import encode
from data.errors import Invalid, NotFound

if TYPE_CHECKING:
    import lightgbm
    import numpy as np
    import pandas as pd
    import pyarrow as pa
    from numpy.typing import NDArray

    Matrix = NDArray[np.float64]

REASONS = 5
SLICE = 50_000
"""Rows that are scored at once."""
ALONE = 1_000
"""Up to so many rows one thread is faster than several."""


@dataclass(frozen=True)
class Reason:
    """A column, its value in the row, and what it adds to the score: log-odds, or the rank score."""

    feature: str
    value: Any
    contribution: float


@dataclass(frozen=True)
class Score:
    """`classify`: a calibrated probability, and whether it reaches the threshold. `rank`: the score of the best choice,
    and all choices with theirs, best first. Reasons are those of the prediction, the largest first."""

    prediction: float
    flagged: bool
    reasons: tuple[Reason, ...] = ()
    ranking: tuple[tuple[str, float], ...] = ()


class Scorer:
    """A loaded model. Many threads may score with one."""

    def __init__(self, spec: Spec, trees: lightgbm.Booster) -> None:
        self.spec, self.trees = spec, trees

    @classmethod
    def load(cls, folder: Path | str) -> Scorer:
        """From the artefact's folder or MLflow's model folder. NotFound; Invalid for what is no model."""
        import lightgbm

        root = inside(Path(folder))
        spec = Spec.read(root)
        if not (root / TREES).is_file():
            raise NotFound(f"'{root}' has no {TREES}.", "Train it again: lakewright train RECIPE")
        try:
            trees = lightgbm.Booster(model_file=str(root / TREES))
        except lightgbm.basic.LightGBMError as error:
            raise Invalid(f"'{root / TREES}' can't be read: {error}", "Train it again.") from None
        if trees.num_feature() != len(spec.columns):
            raise Invalid(f"'{root / TREES}' reads other columns than its model.json.", "Train it again.")
        return cls(spec, trees)

    def score(self, rows: pa.Table, reasons: int = REASONS) -> list[Score]:
        """A score for each row, with at most `reasons` reasons. Rows of `rank` need no column of the choice."""
        made: list[Score] = []
        step = max(1, SLICE // max(1, len(self.spec.choices)))
        for start in range(0, rows.num_rows, step):
            part = rows.slice(start, step)
            made += self._ranked(part, reasons) if self.spec.task == "rank" else self._classified(part, reasons)
        return made

    def raw(self, matrix: Matrix) -> Matrix:
        """What the trees say of an encoded matrix: probabilities before calibration, or rank scores."""
        import numpy as np

        found = self.trees.predict(matrix, num_threads=1 if len(matrix) <= ALONE else 0)
        return np.asarray(found, dtype=np.float64)

    def calibrated(self, raw: Matrix) -> Matrix:
        """Probabilities by the spec's knots."""
        import numpy as np

        if not self.spec.knots:
            return raw
        xs, ys = zip(*self.spec.knots, strict=True)
        return np.asarray(np.interp(raw, xs, ys), dtype=np.float64)

    def contributions(self, matrix: Matrix) -> Matrix:
        """Exact TreeSHAP values, a column for each of the model's columns; they and the base add up to the score."""
        import numpy as np

        found = self.trees.predict(matrix, pred_contrib=True, num_threads=1 if len(matrix) <= ALONE else 0)
        return np.asarray(found, dtype=np.float64)[:, :-1]

    def _classified(self, rows: pa.Table, reasons: int) -> list[Score]:
        matrix = encode(self.spec.columns, rows)
        predictions = self.calibrated(self.raw(matrix))
        why = self._reasons(matrix, rows, reasons)
        limit = self.spec.threshold
        return [Score(float(p), bool(p >= limit), next(why)) for p in predictions]

    def _ranked(self, rows: pa.Table, reasons: int) -> list[Score]:
        import numpy as np
        import pyarrow as pa

        choices = self.spec.choices
        names = pa.array(list(choices) * rows.num_rows, pa.string())
        repeated = rows.take(np.repeat(np.arange(rows.num_rows), len(choices)))
        if self.spec.choice in repeated.column_names:
            repeated = repeated.drop_columns([self.spec.choice])
        repeated = repeated.append_column(self.spec.choice, names)
        matrix = encode(self.spec.columns, repeated)
        scores = self.raw(matrix).reshape(rows.num_rows, len(choices))
        orders = np.argsort(-scores, axis=1, kind="stable")
        best = np.arange(rows.num_rows) * len(choices) + orders[:, 0]
        why = self._reasons(matrix[best], repeated.take(best), reasons)
        rankings = (
            tuple((choices[i], float(line[i])) for i in order) for line, order in zip(scores, orders, strict=True)
        )
        return [Score(ranking[0][1], False, next(why), ranking) for ranking in rankings]

    def _reasons(self, matrix: Matrix, rows: pa.Table, most: int) -> Iterator[tuple[Reason, ...]]:
        import numpy as np

        if most <= 0:
            yield from (() for _ in matrix)
            return
        found = self.contributions(matrix)
        columns = self.spec.columns
        order = np.argsort(-np.abs(found), axis=1, kind="stable")[:, :most]
        for row, places in enumerate(order):
            yield tuple(
                Reason(columns[i].name, rows.column(columns[i].name)[row].as_py(), float(found[row, i]))
                for i in places
                if found[row, i] != 0
            )


class Pyfunc:
    """The model as MLflow's generic Python function: a data frame in, a data frame out."""

    def __init__(self, scorer: Scorer) -> None:
        self.scorer = scorer

    def predict(self, model_input: pd.DataFrame, params: Mapping[str, Any] | None = None) -> pd.DataFrame:
        """A row for each row: `prediction` and `flagged`, or `prediction` and `ranking`; then `reasons`."""
        import pandas as pd
        import pyarrow as pa

        scores = self.scorer.score(pa.Table.from_pandas(model_input, preserve_index=False))
        made = [{"prediction": s.prediction, **self._rest(s), "reasons": _plain(s.reasons)} for s in scores]
        return pd.DataFrame(made, index=model_input.index)

    def _rest(self, score: Score) -> dict[str, Any]:
        if self.scorer.spec.task == "rank":
            return {"ranking": [{"choice": choice, "score": value} for choice, value in score.ranking]}
        return {"flagged": score.flagged}


def _plain(reasons: tuple[Reason, ...]) -> list[dict[str, Any]]:
    return [
        {"feature": r.feature, "value": None if r.value is None else str(r.value), "contribution": r.contribution}
        for r in reasons
    ]


def _load_pyfunc(path: str) -> Pyfunc:
    """What MLflow calls to load the model."""
    return Pyfunc(Scorer.load(path))
