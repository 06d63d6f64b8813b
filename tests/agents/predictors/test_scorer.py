"""The artefact is read as it was written, and scores are exact, explained and sound on odd rows."""

from __future__ import annotations

from pathlib import Path

import lightgbm
import numpy as np
import pyarrow as pa
import pytest

from agents.predictors.artifact import Column, Spec
from agents.predictors.distribution import Distribution
from agents.predictors.encode import encode
from agents.predictors.scorer import Scorer, _load_pyfunc
from data.errors import Invalid, NotFound

COLUMNS = (Column("card__spent_1h"), Column("amount"), Column("method", "category", ("chip", "online", "Zürich ☕")))


def table(rows: int = 400, seed: int = 0) -> pa.Table:
    rng = np.random.default_rng(seed)
    return pa.table(
        {
            "card__spent_1h": rng.normal(size=rows),
            "amount": pa.array(rng.uniform(1, 100, rows), mask=rng.random(rows) < 0.1),
            "method": pa.array(rng.choice(COLUMNS[2].categories, rows)),
        }
    )


def spec(**changes: object) -> Spec:
    values: dict[str, object] = {
        "name": "risk",
        "task": "classify",
        "subject": "SELECT 1",
        "key": ("payment_id",),
        "time": "at",
        "features": ("card.spent_1h",),
        "columns": COLUMNS,
        "knots": ((0.0, 0.0), (0.5, 0.2), (1.0, 1.0)),
        "threshold": 0.3,
        "reference": {"amount": Distribution(0.1, (0.5, 0.5), (50.0,))},
        "versions": {"square.payments": "3"},
    }
    return Spec(**{**values, **changes})  # type: ignore[arg-type]


def saved(folder: Path, made: Spec, objective: str = "binary") -> Path:
    folder.mkdir(exist_ok=True)
    rows = table()
    if made.task == "rank":
        rows = rows.append_column(made.choice, pa.array(list(made.choices) * (rows.num_rows // len(made.choices))))
    matrix = encode(made.columns, rows)
    truth = (matrix[:, 0] + (matrix[:, 2] == 1) > 0.7).astype(float)
    places = [i for i, c in enumerate(made.columns) if c.kind == "category"]
    data = lightgbm.Dataset(matrix, truth, categorical_feature=places, free_raw_data=False)
    params = {"objective": objective, "verbosity": -1, "num_threads": 1, "min_data_in_leaf": 5}
    lightgbm.train(params, data, 10).save_model(str(folder / "model.txt"))
    made.write(folder)
    return folder


def test_the_spec_is_read_as_written(tmp_path: Path) -> None:
    made = spec()
    made.write(tmp_path)
    assert Spec.read(tmp_path) == made


def test_predictions_are_calibrated_and_reasons_add_up(tmp_path: Path) -> None:
    scorer = Scorer.load(saved(tmp_path / "m", spec()))
    rows = table(50, seed=1)
    raw = scorer.raw(encode(COLUMNS, rows))
    scores = scorer.score(rows, reasons=3)
    assert [s.prediction for s in scores] == pytest.approx(np.interp(raw, [0, 0.5, 1], [0, 0.2, 1]))
    assert [s.flagged for s in scores] == [s.prediction >= 0.3 for s in scores]
    base = scorer.trees.predict(encode(COLUMNS, rows), pred_contrib=True)[:, -1]
    for score, odds, start in zip(scores, np.log(raw / (1 - raw)), base, strict=True):
        assert sum(r.contribution for r in score.reasons) + start == pytest.approx(odds)
        assert [abs(r.contribution) for r in score.reasons] == sorted(
            (abs(r.contribution) for r in score.reasons), reverse=True
        )


def test_scores_do_not_depend_on_the_rows_beside_them(tmp_path: Path) -> None:
    scorer = Scorer.load(saved(tmp_path / "m", spec()))
    rows = table(1200, seed=2)
    together = scorer.score(rows)
    assert [scorer.score(rows.slice(i, 1))[0] for i in range(0, 1200, 100)] == together[::100]


def test_odd_values_are_missing_or_other(tmp_path: Path) -> None:
    scorer = Scorer.load(saved(tmp_path / "m", spec()))
    rows = pa.table(
        {
            "card__spent_1h": [float("nan"), float("inf"), None, 1e308],
            "amount": pa.array([None, None, None, 5], pa.int64()),
            "method": [None, "never seen", "", "Zürich ☕"],
        }
    )
    matrix = encode(COLUMNS, rows)
    assert np.isnan(matrix[:3, 0]).all()
    assert matrix[1:, 2].tolist() == [3, 3, 2]
    assert np.isnan(matrix[0, 2])
    assert all(0 <= s.prediction <= 1 for s in scorer.score(rows))
    assert scorer.score(rows.slice(0, 0)) == []


def test_every_choice_is_ranked(tmp_path: Path) -> None:
    choices = ("loan", "card")
    made = spec(
        task="rank",
        choice="product",
        choices=choices,
        knots=(),
        columns=(*COLUMNS, Column("product", "category", choices)),
    )
    scorer = Scorer.load(saved(tmp_path / "m", made, "regression"))
    rows = table(5)
    scores = scorer.score(rows)
    assert scores == scorer.score(rows.append_column("product", pa.array(["loan"] * 5)))
    for place, score in enumerate(scores):
        assert {name for name, _ in score.ranking} == set(choices)
        assert score.prediction == score.ranking[0][1] >= score.ranking[1][1]
        line = rows.slice(place, 1).append_column("product", pa.array([score.ranking[0][0]]))
        assert scorer.raw(encode(made.columns, line))[0] == score.prediction


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (table(2).drop_columns(["amount"]), "no column 'amount'"),
        (table(2).set_column(1, "amount", pa.array(["a", "b"])), "'amount' is no number"),
    ],
)
def test_wrong_rows(tmp_path: Path, rows: pa.Table, said: str) -> None:
    with pytest.raises(Invalid, match=said):
        Scorer.load(saved(tmp_path / "m", spec())).score(rows)


def test_wrong_folders(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no model in"):
        Scorer.load(tmp_path)
    folder = saved(tmp_path / "m", spec())
    (folder / "model.txt").unlink()
    with pytest.raises(NotFound, match=r"no model\.txt"):
        Scorer.load(folder)
    (folder / "model.txt").write_text("no trees")
    with pytest.raises(Invalid, match="can't be read"):
        Scorer.load(folder)
    (folder / "model.json").write_text('{"format": 99}')
    with pytest.raises(Invalid, match="can't be read as a model"):
        Scorer.load(folder)


def test_mlflow_loads_and_runs_it(tmp_path: Path) -> None:
    import mlflow

    folder = saved(tmp_path / "predictor", spec())
    mlflow.pyfunc.save_model(
        str(tmp_path / "saved"),
        loader_module="agents.predictors.scorer",
        data_path=str(folder),
        pip_requirements=["lightgbm"],
    )
    rows = table(3)
    found = mlflow.pyfunc.load_model(str(tmp_path / "saved")).predict(rows.to_pandas())
    assert found["prediction"].tolist() == [s.prediction for s in Scorer.load(tmp_path / "saved").score(rows)]
    assert found["prediction"].tolist() == [s.prediction for s in _load_pyfunc(str(folder)).scorer.score(rows)]


def test_shares_of_bins() -> None:
    values = np.array([1.0, 2, 3, 4, np.nan])
    made = Distribution.of_numbers(values, bins=2)
    assert (made.missing, sum(made.shares), len(made.shares)) == (pytest.approx(0.2), 1, len(made.edges) + 1)
    assert made.again(values) == made
    assert made.again(np.array([100.0, 100])).shares == (0, 1)
    constant = Distribution.of_numbers(np.full(5, 7.0))
    assert (constant.edges, constant.shares) == ((7.0,), (1, 0))
    empty = Distribution.of_numbers(np.array([np.nan, np.nan]))
    assert (empty.missing, empty.shares) == (1, (0,))
    codes = Distribution.of_codes(np.array([0, 0, 1, 2, np.nan]), ("a", "b"))
    assert codes.shares == (0.5, 0.25, 0.25)
    assert codes.again(np.array([9.0])).shares == (0, 0, 1)
