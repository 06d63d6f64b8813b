"""Trainings on a small lakehouse: what is learnt, recorded and promoted, and that they can be done again."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from agents.predictors.scorer import Scorer
from agents.predictors.store import ModelStore
from data.errors import Busy
from finetune.outcome import Outcome
from finetune.tabular import job
from tests.finetune.tabular.conftest import SHOPS, build, opened, payments, recipe

CANARY = """
told = FeatureView(
    name="told", entity="payment", keys=("id",), source="pay.claims", time="opened",
    features=(Feature("label", "max", "label", over=("90d",)),),
)
"""


@pytest.fixture(scope="module")
def trained(untrained: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Outcome]:
    """A home with one champion; change nothing in it."""
    home = Path(shutil.copytree(untrained, tmp_path_factory.mktemp("trained") / "home"))
    with opened(home) as shop:
        return home, job.train(recipe(), shop)


def test_a_model_that_beats_the_rule_is_champion(trained: tuple[Path, Outcome]) -> None:
    home, outcome = trained
    metrics = outcome.metrics
    assert (outcome.model, outcome.version, outcome.promoted) == ("tiny", 1, True)
    assert "There is no champion" in outcome.why
    assert metrics["pr_auc"] > metrics["rule_pr_auc"] + 0.01
    assert metrics["pr_auc_low"] <= metrics["pr_auc"] <= metrics["pr_auc_high"]
    assert metrics["cost"] < metrics["nothing_cost"]
    assert metrics["added_by_cards"] > 0
    assert ModelStore(home).resolve("tiny").why == outcome.why


def test_the_version_scores_by_itself_and_by_mlflow(trained: tuple[Path, Outcome]) -> None:
    import mlflow

    home, outcome = trained
    folder = ModelStore(home).resolve("tiny").folder
    scorer = Scorer.load(folder)
    assert "same" not in [column.name for column in scorer.spec.columns]  # it has one value
    assert scorer.spec.features == ("cards.payments_1h", "cards.payments_7d", "cards.spent_1h", "cards.shop_7d")
    assert scorer.spec.threshold == outcome.metrics["threshold"]
    assert set(scorer.spec.versions) == {"pay.payments", "pay.claims", "cards"}
    assert set(scorer.spec.reference) == {column.name for column in scorer.spec.columns}
    rows = pq.read_table(home / "finetune/tabular/tiny/test.parquet").slice(0, 40)
    wanted = [score.prediction for score in scorer.score(rows)]
    loaded = mlflow.pyfunc.load_model(str(folder))
    names = [column.name for column in scorer.spec.columns]
    numbers = {c.name: pa.float64() for c in scorer.spec.columns if c.kind == "number"}
    frame = pa.table({n: rows.column(n).cast(numbers.get(n, pa.string())) for n in names}).to_pandas()
    found = loaded.predict(frame)
    assert found["prediction"].tolist() == wanted
    assert not list(Path(folder).rglob("*.pkl"))
    unseen = rows.slice(0, 1).set_column(rows.column_names.index("shop"), "shop", pa.array(["never seen"]))
    assert 0 <= scorer.score(unseen)[0].prediction <= 1


def test_what_mlflow_is_told(trained: tuple[Path, Outcome]) -> None:
    home, outcome = trained
    with ModelStore(home).client() as client:
        run = client.get_run(outcome.run_id)
        children = client.search_runs([run.info.experiment_id], f"tags.mlflow.parentRunId = '{outcome.run_id}'")
        files = {item.path for item in client.list_artifacts(outcome.run_id)}
        plots = {item.path for item in client.list_artifacts(outcome.run_id, "plots")}
        trials = client.get_metric_history(outcome.run_id, "search_pr_auc")
    assert run.data.metrics["pr_auc"] == outcome.metrics["pr_auc"]
    assert run.data.params["labels.maturity"] == "10d"
    assert run.data.params["left_out.same"] == "one value"
    assert {child.info.run_name for child in children} == {"without cards"}
    assert files == {"model", "plots", "recipe.json", "features.json"}
    assert plots == {f"plots/{name}.png" for name in ("precision_recall", "calibration", "shap_summary")}
    assert len(trials) == 2
    sources = {seen.dataset.name: json.loads(seen.dataset.source) for seen in run.inputs.dataset_inputs}
    assert set(sources) == {"tiny train", "tiny calibration", "tiny test"}
    assert sources["tiny train"]["tables"] == {"pay.payments": "0", "pay.claims": "0"}
    assert sources["tiny train"]["histories"] == {"cards": 0}


def test_the_same_again_is_the_same_to_the_bit(trained: tuple[Path, Outcome], home: Path) -> None:
    first, outcome = trained
    with opened(home) as shop:
        again = job.train(recipe(), shop)
    assert again.metrics == outcome.metrics
    texts = [(ModelStore(h).resolve("tiny", 1).folder / "data/predictor/model.txt").read_bytes() for h in (first, home)]
    assert texts[0] == texts[1]


def test_an_equal_candidate_stays_challenger_on_the_frozen_test(trained: tuple[Path, Outcome], tmp_path: Path) -> None:
    home = Path(shutil.copytree(trained[0], tmp_path / "home", dirs_exist_ok=True))
    before = (home / "finetune/tabular/tiny/test.parquet").read_bytes()
    said: list[str] = []
    with opened(home, said.append) as shop:
        outcome = job.train(recipe(), shop)
    assert (outcome.version, outcome.promoted) == (2, False)
    assert "is not above that of version 1" in outcome.why
    assert (home / "finetune/tabular/tiny/test.parquet").read_bytes() == before
    assert not any(line.startswith("trial") for line in said)  # the search of the same rows is there already
    store = ModelStore(home)
    assert (store.resolve("tiny").version, store.resolve("tiny", "challenger").version) == (1, 2)


def test_a_champion_is_judged_on_a_test_that_was_made_anew(trained: tuple[Path, Outcome], tmp_path: Path) -> None:
    home = Path(shutil.copytree(trained[0], tmp_path / "home", dirs_exist_ok=True))
    fewer = recipe(
        features=["cards.payments_7d"], rule=["amount"], split={**recipe().split.model_dump(), "until": "2025-04-29"}
    )
    with opened(home) as shop:
        outcome = job.train(fewer, shop)
    assert not outcome.promoted
    assert "is not above that of version 1" in outcome.why  # the new rows have the features of the champion too


def test_a_leaked_label_does_not_help(trained: tuple[Path, Outcome], tmp_path: Path) -> None:
    """A feature that is the label itself, from the day on which it was known."""
    home = build(tmp_path / "home", *payments(), CANARY)
    with opened(home) as shop:
        outcome = job.train(recipe(features=["cards", "told"]), shop)
    assert "added_by_told" not in outcome.metrics  # it is missing at each payment, and so left out
    assert outcome.metrics["pr_auc"] == trained[1].metrics["pr_auc"]


def test_negatives_may_be_sampled_and_are_weighted(home: Path, trained: tuple[Path, Outcome]) -> None:
    with opened(home) as shop:
        outcome = job.train(recipe(negatives=0.3, ablations={"both": ["cards", "others"], "none": ["others"]}), shop)
    assert outcome.metrics["rows"] == trained[1].metrics["rows"]  # the test keeps all of its rows
    assert outcome.metrics["base_rate"] == trained[1].metrics["base_rate"]
    assert outcome.metrics["added_by_both"] == outcome.metrics["added_by_cards"]
    assert "added_by_none" not in outcome.metrics
    kept = pq.read_table(home / "finetune/tabular/tiny/rows.parquet").column("lakewright_part").to_pylist()
    every = pq.read_table(trained[0] / "finetune/tabular/tiny/rows.parquet").column("lakewright_part").to_pylist()
    assert 0.2 < kept.count("train") / every.count("train") < 0.45
    assert kept.count("test") == every.count("test")


def test_two_trainings_of_one_recipe_do_not_meet(home: Path) -> None:
    from filelock import FileLock

    folder = home / "finetune/tabular/tiny"
    folder.mkdir(parents=True)
    with opened(home) as shop, FileLock(folder / "train.lock"), pytest.raises(Busy, match="'tiny' is being trained"):
        job.train(recipe(), shop)


def test_a_killed_search_goes_on_and_ends_as_one_that_was_not(home: Path, trained: tuple[Path, Outcome]) -> None:
    search = {**recipe().search.model_dump(mode="json"), "trials": 5}
    (home / "recipe.json").write_text(recipe(search=search).model_dump_json())
    script = (
        "import sys, json; from pathlib import Path\n"
        "from finetune.tabular import job; from tests.finetune.tabular.conftest import opened, recipe\n"
        "home = Path(sys.argv[1]); wanted = json.loads((home / 'recipe.json').read_text())\n"
        "with opened(home, lambda t: print(t, flush=True)) as shop: job.train(recipe(**wanted), shop)"
    )
    root = Path(__file__).parents[3]
    process = subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", script, str(home)],
        env={"PYTHONPATH": str(root), "PATH": "", "HOME": str(home)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("trial 2 of 5"):
            process.send_signal(signal.SIGKILL)
            break
    process.wait()
    process.stdout.close()
    said: list[str] = []
    with opened(home, said.append) as shop:
        resumed = job.train(recipe(search=search), shop)
    trials = [line.split(":")[0] for line in said if line.startswith("trial")]
    assert trials in (["trial 3 of 5", "trial 4 of 5", "trial 5 of 5"], ["trial 4 of 5", "trial 5 of 5"])
    shutil.copytree(trained[0], home.with_name("whole"))
    with opened(home.with_name("whole")) as shop:
        whole = job.train(recipe(search=search), shop)
    assert resumed.metrics == whole.metrics


def test_the_trail_tells_of_trainings(trained: tuple[Path, Outcome]) -> None:
    with opened(trained[0]) as shop:
        lines: list[Any] = [line for line in shop.gateway.audit.tail(50) if line.kind == "training"]
    assert [(line.asked, line.outcome) for line in lines] == [("tiny", "started"), ("tiny", "promoted")]
    assert trained[1].run_id in lines[-1].message


def test_shops_keep_their_names(trained: tuple[Path, Outcome]) -> None:
    columns = {c.name: c for c in Scorer.load(ModelStore(trained[0]).resolve("tiny").folder).spec.columns}
    assert columns["shop"].categories == tuple(sorted(SHOPS))
