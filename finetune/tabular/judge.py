"""The model, the rule and the logistic regression on the test part, and what each feature view adds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from finetune.tabular import baselines, costs, metrics
from finetune.tabular.inputs import Inputs, inputs
from finetune.tabular.labelled import blocks
from finetune.tabular.model import Model
from finetune.tabular.recipe import TabularRecipe
from finetune.tabular.trees import Parameters, fit, predict

if TYPE_CHECKING:
    import pyarrow as pa

    from finetune.tabular.inputs import Floats


@dataclass(frozen=True)
class Test:
    """The rows of the frozen test as the candidate reads them; `blocks` tells which are drawn together."""

    rows: pa.Table
    read: Inputs
    blocks: metrics.Blocks
    missed: Floats

    @classmethod
    def of(cls, recipe: TabularRecipe, rows: pa.Table, like: Inputs) -> Test:
        return cls(rows, inputs(like.columns, rows), blocks(recipe, rows), costs.misses(recipe.costs, rows))


@dataclass(frozen=True)
class Judged:
    """Metrics by name, and the scores that they were made of."""

    metrics: Mapping[str, float]
    raw: Floats
    probabilities: Floats
    rule: Floats
    logistic: Floats


def judge(
    recipe: TabularRecipe,
    made: Model,
    train: Inputs,
    calibration: Inputs,
    parts: Mapping[str, pa.Table],
    missed: Floats,
    test: Test,
) -> Judged:
    """`missed` is that of the calibration part, on which each threshold is chosen."""
    raw = predict(made.trees, test.read, recipe.threads)
    probabilities = made.calibrated(raw)
    fitted = baselines.logistic(train, recipe.seed)
    rule, logistic = baselines.rule(recipe.rule, test.rows), fitted(test.read)

    def limit(scores: Floats) -> float:
        return costs.threshold(calibration.labels, scores, missed, recipe.costs.false_alarm)

    limits = {
        "": (probabilities, made.threshold),
        "rule_": (rule, limit(baselines.rule(recipe.rule, parts["calibration"]))),
        "logistic_": (logistic, limit(fitted(calibration))),
        "nothing_": (np.zeros(len(raw)), 1.0),
    }
    found = quality(recipe, test, raw, probabilities, rule, logistic)
    for name, (scores, threshold) in limits.items():
        found |= _decisions(recipe, test, scores >= threshold, name)
    return Judged({**found, "threshold": made.threshold}, raw, probabilities, rule, logistic)


def quality(
    recipe: TabularRecipe, test: Test, raw: Floats, probabilities: Floats, rule: Floats, logistic: Floats
) -> dict[str, float]:
    """How well the scores tell cases from the rest, how much better than its peers', and if they are calibrated."""
    labels, seed = test.read.labels, recipe.seed
    found = {"rows": float(len(labels)), "cases": float(labels.sum()), "base_rate": float(labels.mean())}
    for name, scores in (("", raw), ("rule_", rule), ("logistic_", logistic)):
        found |= bounds(f"{name}pr_auc", metrics.interval(labels, scores, test.blocks, seed))
        found[f"{name}roc_auc"] = metrics.roc_auc(labels, scores)
    for name, scores in (("rule", rule), ("logistic", logistic)):
        found |= bounds(f"pr_auc_above_{name}", metrics.difference(labels, raw, scores, test.blocks, seed))
    found["pr_auc_times_rule"] = found["pr_auc"] / max(found["rule_pr_auc"], 1e-12)
    found["brier"], found["ece"] = metrics.brier(labels, probabilities), metrics.ece(labels, probabilities)
    return found


def _decisions(
    recipe: TabularRecipe, test: Test, flagged: np.ndarray[tuple[int], np.dtype[np.bool_]], name: str
) -> dict[str, float]:
    precision, recall = metrics.precision_recall(test.read.labels, flagged)
    spent = costs.cost(test.read.labels, flagged, test.missed, recipe.costs.false_alarm)
    if name == "nothing_":
        return {"nothing_cost": spent}
    return {
        f"{name}precision": precision,
        f"{name}recall": recall,
        f"{name}flagged": float(flagged.mean()),
        f"{name}cost": spent,
    }


def ablations(
    recipe: TabularRecipe, parameters: Parameters, train: Inputs, test: Test, raw: Floats, say: Callable[[str], None]
) -> dict[str, dict[str, float]]:
    """View, or the recipe's name of several -> the PR-AUC without them, by trees of the same parameters, and by how
    much it is above that with them."""
    views = dict.fromkeys(column.feature.partition(".")[0] for column in train.columns if column.feature)
    groups = {**{view: (view,) for view in views}, **recipe.ablations}
    found: dict[str, dict[str, float]] = {}
    for name, left_out in groups.items():
        fewer = train.without(left_out)
        if not fewer.columns or len(fewer.columns) == len(train.columns):
            continue
        say(f"without {name}")
        trees = fit(fewer, parameters, recipe.seed, recipe.threads)
        scores = predict(trees, test.read.without(left_out), recipe.threads)
        labels, blocks = test.read.labels, test.blocks
        found[name] = {
            **bounds("pr_auc", metrics.interval(labels, scores, blocks, recipe.seed)),
            **bounds("pr_auc_added", metrics.difference(labels, raw, scores, blocks, recipe.seed)),
            "roc_auc": metrics.roc_auc(labels, scores),
        }
    return found


def bounds(name: str, interval: metrics.Interval) -> dict[str, float]:
    return {name: interval.value, f"{name}_low": interval.low, f"{name}_high": interval.high}
