"""What the gate asks of a candidate: to be better than the champion on the same frozen rows, by a margin."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agents.predictors.encode import encode
from agents.predictors.scorer import Scorer
from agents.predictors.store import Version
from data.errors import DataError
from finetune.gate import Verdict
from finetune.tabular import choices, metrics
from finetune.tabular.judge import Test
from finetune.tabular.recipe import TabularRecipe

if TYPE_CHECKING:
    from finetune.tabular.inputs import Floats


@dataclass(frozen=True)
class Measure:
    """What a gate's metric is called, what a first champion must beat, and how an older champion is measured."""

    name: str
    peer: str
    whose: str
    of: Callable[[TabularRecipe, Scorer, Test], float]


def _auc(measure: Callable[[Floats, Floats], float]) -> Callable[[TabularRecipe, Scorer, Test], float]:
    def of(recipe: TabularRecipe, scorer: Scorer, test: Test) -> float:
        return measure(test.read.labels, scorer.raw(encode(scorer.spec.columns, test.rows)))

    return of


def _acceptance(recipe: TabularRecipe, scorer: Scorer, test: Test) -> float:
    return choices.acceptance(recipe, scorer.trees, scorer.spec.columns, test.rows)


MEASURES = {
    "pr_auc": Measure("PR-AUC", "rule_pr_auc", "the rule's", _auc(metrics.pr_auc)),
    "roc_auc": Measure("ROC-AUC", "rule_roc_auc", "the rule's", _auc(metrics.roc_auc)),
    "acceptance": Measure("Acceptance", "popularity_acceptance", "popularity's", _acceptance),
}


def decide(recipe: TabularRecipe, judged: Mapping[str, float], test: Test, champion: Version | None) -> Verdict:
    """Without a champion that can be scored, the rule has to be beaten, or what is popular."""
    measure = MEASURES[recipe.gate.metric]
    mine, peer = judged[recipe.gate.metric], judged[measure.peer]
    if champion is None:
        return _compared(recipe, mine, peer, measure.whose, "There is no champion: ")
    try:
        theirs = measure.of(recipe, Scorer.load(champion.folder), test)
    except DataError as error:
        first = f"Version {champion.version} can't be scored on the frozen test ({error.message}): "
        return _compared(recipe, mine, peer, measure.whose, first)
    return _compared(recipe, mine, theirs, f"that of version {champion.version},", "")


def _compared(recipe: TabularRecipe, mine: float, theirs: float, whose: str, first: str) -> Verdict:
    name, margin = MEASURES[recipe.gate.metric].name, recipe.gate.margin
    better = mine > theirs + margin
    said = f"{name} {mine:.4f} on the frozen test is{'' if better else ' not'} above {whose} {theirs:.4f}"
    return Verdict(better, f"{first}{said}, by the margin of {margin:g}.")
