"""Pictures of a run: precision by recall, calibration, and what drives the scores."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from finetune.tabular.judge import Judged, Test
from finetune.tabular.metrics import Ranked, reliability

if TYPE_CHECKING:
    import lightgbm
    from matplotlib.figure import Figure

SHOWN = 20
"""Columns in the summary of SHAP values."""
SAMPLE = 3_000
"""Rows of it."""


def draw(judged: Judged, test: Test, trees: lightgbm.Booster, folder: Path) -> None:
    """Write each picture as a PNG."""
    folder.mkdir(parents=True, exist_ok=True)
    made = {
        "precision_recall": _precision_recall(judged, test),
        "calibration": _calibration(judged, test),
        "shap_summary": _shap(trees, test, judged),
    }
    for name, figure in made.items():
        figure.savefig(folder / f"{name}.png", dpi=110, bbox_inches="tight")


def _figure(title: str, height: float = 4.5) -> tuple[Figure, Any]:
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6.5, height))
    axes = figure.add_subplot()
    axes.set_title(title)
    return figure, axes


def _precision_recall(judged: Judged, test: Test) -> Figure:
    figure, axes = _figure("Precision by recall on the frozen test")
    lines = (("trees", judged.raw, "pr_auc"), ("logistic", judged.logistic, "logistic_pr_auc"))
    for name, scores, metric in (*lines, ("rule", judged.rule, "rule_pr_auc")):
        recall, precision = Ranked(test.read.labels, scores).curve()
        axes.step(recall, precision, where="post", label=f"{name}, PR-AUC {judged.metrics[metric]:.3f}")
    axes.set(xlabel="recall", ylabel="precision", xlim=(0, 1), ylim=(0, 1.02))
    axes.legend()
    return figure


def _calibration(judged: Judged, test: Test) -> Figure:
    figure, axes = _figure("Share of cases by probability")
    bins = reliability(test.read.labels, judged.probabilities)
    top = max(max(said, seen) for said, seen, _ in bins) * 1.1 or 1.0
    axes.plot([0, top], [0, top], color="grey", linewidth=0.8)
    axes.plot([said for said, _, _ in bins], [seen for _, seen, _ in bins], marker="o")
    axes.set(xlabel="mean probability of the bin", ylabel="share of cases", xlim=(0, top), ylim=(0, top))
    return figure


def _shap(trees: lightgbm.Booster, test: Test, judged: Judged) -> Figure:
    """All cases and some of the other rows; each dot is a row, red where the column's value is large."""
    import numpy as np

    labels = test.read.labels
    others = np.flatnonzero(labels == 0)
    places = np.concatenate([np.flatnonzero(labels > 0), others[:: max(1, len(others) // SAMPLE)]])
    matrix = test.read.matrix[places]
    found = np.asarray(trees.predict(matrix, pred_contrib=True))[:, :-1]
    top = np.argsort(-np.abs(found).mean(axis=0), kind="stable")[:SHOWN][::-1]
    figure, axes = _figure("What moves the score (log-odds)", 1.5 + 0.3 * len(top))
    jitter = np.random.default_rng(0).uniform(-0.3, 0.3, len(places))
    for line, column in enumerate(top):
        ranks = np.argsort(np.argsort(matrix[:, column])) / max(1, len(places) - 1)
        axes.scatter(found[:, column], line + jitter, c=ranks, cmap="coolwarm", s=4, linewidths=0)
    axes.set_yticks(range(len(top)), [_plain(test.read.columns[i].name) for i in top])
    axes.axvline(0, color="grey", linewidth=0.8)
    return figure


def _plain(text: str) -> str:
    """The font lacks some letters, and a dollar sign would begin a formula."""
    return text.encode("ascii", "replace").decode().replace("$", r"\$")
