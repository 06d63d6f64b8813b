"""The shipped recipes of marketing on a small demo: what they are taught, and what comes of it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from agents.predictors.artifact import inside
from agents.predictors.encode import encode
from agents.predictors.scorer import Scorer
from agents.predictors.store import ModelStore
from data.catalog import Catalog
from data.demo import generate, stores
from data.demo.features import provide
from data.demo.offers import PRODUCTS
from data.demo.schema import CATALOG, POLICY
from data.demo.world import World
from data.errors import Invalid
from data.features.platform import Features
from data.federation import open_gateway
from finetune.outcome import Outcome
from finetune.tabular import choices, job, labelled
from finetune.tabular.labelled import LABEL, MOMENT, PART
from finetune.tabular.ranking import first
from finetune.tabular.recipe import TabularRecipe

SCALE = 0.2
SPACE = {"num_leaves": {"low": 6, "high": 12}, "rounds": {"low": 80, "high": 81}, "lambda_l2": {"low": 5, "high": 9}}
SMALL = {"search": {"trials": 1, "folds": 1, "space": SPACE}}
VIEWS = ("merchant_trade", "merchant_acceptances")


def shipped(name: str, **changed: object) -> TabularRecipe:
    """A recipe that ships, with some fields changed."""
    return TabularRecipe.model_validate({**TabularRecipe.load(name).model_dump(mode="json"), **changed})


@pytest.fixture(scope="module")
def world() -> World:
    return generate.generate(SCALE, 7)


@pytest.fixture(scope="module")
def rows(world: World) -> dict[str, pa.Table]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("LAKEWRIGHT_CASH_URL", "unused")
        return {table.full_name: made for table, made in generate.tables(world, Catalog.load(CATALOG)).items()}


@dataclass(frozen=True)
class Trained:
    """The same recipe, trained twice in the same home."""

    home: Path
    first: Outcome
    second: Outcome


@pytest.fixture(scope="module")
def trained(rows: dict[str, pa.Table], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Trained]:
    home = tmp_path_factory.mktemp("rank") / "home"
    home.mkdir(mode=0o700)
    shutil.copyfile(CATALOG, home / "catalog.yaml")
    shutil.copyfile(POLICY, home / "policy.yaml")
    provide(home)
    declared = Catalog.load(CATALOG)
    for source in ("square", "growth"):
        tables = {table: rows[table.full_name] for table in declared.tables if table.source == source}
        stores.write_delta(home / "lake" / source, tables)
    gateway = open_gateway(home)
    features = Features(home, gateway)
    shop = job.Workshop(gateway, features, gateway.policy.principal("growth-analyst"), home, lambda _: None)
    features.apply()
    recipe = shipped("marketing", **SMALL, features=VIEWS, threads=1)
    yield Trained(home, job.train(recipe, shop), job.train(recipe, shop))
    features.close()
    gateway.close()


def test_the_ranking_beats_what_is_popular(trained: Trained) -> None:
    found = trained.first.metrics
    assert found["acceptance_above_popularity_low"] > 0
    assert found["acceptance"] > found["group_popularity_acceptance"]
    assert found["ndcg"] > found["group_popularity_ndcg"] > found["popularity_ndcg"]
    assert trained.first.promoted
    assert "above popularity's" in trained.first.why


def test_what_is_measured_is_what_merchants_would_have_done(trained: Trained, world: World) -> None:
    """The generator knows the chance of every product for every merchant; nothing else may."""
    rows = pq.read_table(trained.home / "finetune" / "tabular" / "marketing" / "test.parquet")
    scorer = Scorer.load(ModelStore(trained.home).resolve("marketing").folder)
    scores = choices.scores(scorer.trees, scorer.spec.columns, "product", encode(scorer.spec.columns, rows), 1)
    places = [PRODUCTS.index(name) for name in scorer.spec.choices]
    chances = world.tables["growth.offers"]["_chances"][rows.column("offer_id").to_numpy() - 1][:, places]
    true = float(chances[np.arange(len(scores)), first(scores)].mean())
    matched = trained.first.metrics["matched"]
    error = np.sqrt(true * (1 - true) / matched)
    assert trained.first.metrics["acceptance"] == pytest.approx(true, abs=3.5 * error)
    assert true > 1.2 * chances.mean(axis=0).max()


def test_the_same_seed_gives_the_same_and_does_not_beat_itself(trained: Trained) -> None:
    assert trained.second.metrics == trained.first.metrics
    assert not trained.second.promoted
    assert f"{trained.first.metrics['acceptance']:.4f}, by the margin" in trained.second.why


def test_the_artefact_ranks_merchants_and_is_no_pickle(trained: Trained) -> None:
    folder = ModelStore(trained.home).resolve("marketing").folder
    names = {file.name for file in inside(folder).iterdir()}
    assert names == {"model.json", "model.txt"}
    assert not [file for file in folder.rglob("*") if file.suffix in (".pkl", ".pickle", ".joblib", ".bin")]
    scorer = Scorer.load(folder)
    assert (scorer.spec.task, scorer.spec.choice, scorer.spec.key) == ("rank", "product", ("merchant_id",))
    assert set(scorer.spec.choices) == set(PRODUCTS)
    asked = [column for column in scorer.spec.columns if column.name != "product"]
    merchant = pa.table({c.name: pa.array([None, None], pa.string() if c.categories else pa.float64()) for c in asked})
    for score in scorer.score(merchant):
        assert sorted(name for name, _ in score.ranking) == sorted(PRODUCTS)
        assert score.ranking[0][1] == score.prediction == max(value for _, value in score.ranking)


def test_mlflow_ranks_as_we_do(trained: Trained) -> None:
    import mlflow.pyfunc

    folder = ModelStore(trained.home).resolve("marketing").folder
    example = json.loads((folder / "input_example.json").read_text())
    table = pa.table({name: [row[i] for row in example["data"]] for i, name in enumerate(example["columns"])})
    assert "product" not in table.column_names
    found = mlflow.pyfunc.load_model(str(folder)).predict(table.to_pandas())
    ours = Scorer.load(folder).score(table)
    assert [[one["choice"] for one in ranking] for ranking in found["ranking"]] == [
        [name for name, _ in score.ranking] for score in ours
    ]


def test_nothing_of_the_outcome_is_read(trained: Trained) -> None:
    """Neither the occasion's own columns nor a feature of it can tell whether the offer was accepted."""
    spec = Scorer.load(ModelStore(trained.home).resolve("marketing").folder).spec
    own = {column.name for column in spec.columns if not column.feature}
    assert own == {"category", "country", "product"}
    assert {column.feature.partition(".")[0] for column in spec.columns if column.feature} == set(VIEWS)


def labelled_rows(recipe: TabularRecipe, rows: dict[str, pa.Table]) -> list[dict[str, Any]]:
    """What training would read before features are joined."""
    with duckdb.connect() as work:
        for source in ("square", "growth"):
            work.execute(f"CREATE SCHEMA {source}")
        for name, table in rows.items():
            if name.startswith(("square.", "growth.")):
                work.register("incoming", table)
                work.execute(f"CREATE TABLE {name} AS FROM incoming")
        return work.execute(labelled.select(recipe)).to_arrow_table().to_pylist()


def test_churn_is_thirty_days_without_a_payment(rows: dict[str, pa.Table]) -> None:
    recipe = TabularRecipe.load("churn")
    found = labelled_rows(recipe, rows)
    payments = rows["square.payments"].select(["merchant_id", "status", "created_at"]).to_pylist()
    paid: dict[int, list[datetime]] = {}
    for payment in payments:
        if payment["status"] == "captured":
            paid.setdefault(payment["merchant_id"], []).append(payment["created_at"])
    assert len(found) > 1_000
    for row in found:
        at, mine = row[MOMENT], paid[row["merchant_id"]]
        assert at.day == 1
        assert row[LABEL] == int(not any(at < one <= at + timedelta(days=30) for one in mine))
        assert any(at - timedelta(days=31) <= one < at for one in mine)
    assert 0.02 < np.mean([row[LABEL] for row in found]) < 0.2


@pytest.mark.parametrize("name", ["churn", "marketing"])
def test_labels_of_a_part_are_known_when_the_next_begins(rows: dict[str, pa.Table], name: str) -> None:
    recipe = TabularRecipe.load(name)
    split = recipe.split
    ends = {"train": split.calibration, "calibration": split.test, "test": split.until}
    for row in labelled_rows(recipe, rows):
        assert row[MOMENT] + recipe.labels.length <= ends[row[PART]]


def test_an_offer_counts_as_taken_where_it_was_accepted(rows: dict[str, pa.Table]) -> None:
    found = labelled_rows(TabularRecipe.load("marketing"), rows)
    accepted = {row["offer_id"]: row["accepted_at"] is not None for row in rows["growth.offers"].to_pylist()}
    assert len(found) > 5_000
    assert all(row[LABEL] == accepted[row["offer_id"]] for row in found)


def test_a_choice_that_training_never_saw_is_named() -> None:
    table = pa.table({"product": ["loan", "pension"], "propensity": [0.5, 0.5], LABEL: [0, 1], "merchant_id": [1, 2]})
    with pytest.raises(Invalid, match="'pension' was shown, but the training part has only 'loan', 'payroll'"):
        choices.shown(TabularRecipe.load("marketing"), table, ("loan", "payroll"))


def test_rows_are_drawn_together_by_a_column_that_exists() -> None:
    with pytest.raises(Invalid, match="no column 'merchant_id'"):
        labelled.blocks(TabularRecipe.load("churn"), pa.table({"merchant": [1]}))


@pytest.mark.parametrize(
    ("name", "changed", "said"),
    [
        ("marketing", {"choice": None}, "a rank needs a `choice`"),
        ("marketing", {"choice": {"column": "colour", "propensity": "p"}}, "one of the subject's `columns`"),
        ("marketing", {"rule": ["merchant_trade.quiet_180d"]}, "a rank has none"),
        ("churn", {"rule": []}, "name the columns of the rule"),
        ("churn", {"choice": {"column": "category", "propensity": "p"}}, "are for the task rank"),
        ("churn", {"search": {"space": {"num_leaves": {"low": 4, "high": 8}}}}, "give `rounds` as well"),
        ("churn", {"gate": {"metric": "acceptance"}}, "are for the task rank"),
    ],
)
def test_a_recipe_that_makes_no_sense_is_refused(name: str, changed: dict[str, object], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        shipped(name, **changed)
