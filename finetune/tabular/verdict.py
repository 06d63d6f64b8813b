"""What the gate asks of a candidate: to be better than the champion on the same frozen rows, by a margin."""

from __future__ import annotations

from collections.abc import Mapping

from agents.predictors.encode import encode
from agents.predictors.scorer import Scorer
from agents.predictors.store import Version
from data.errors import DataError
from finetune.gate import Verdict
from finetune.tabular import metrics
from finetune.tabular.judge import Test
from finetune.tabular.recipe import TabularRecipe

NAMES = {"pr_auc": "PR-AUC", "roc_auc": "ROC-AUC"}


def decide(recipe: TabularRecipe, judged: Mapping[str, float], test: Test, champion: Version | None) -> Verdict:
    """Without a champion that can be scored, the rule has to be beaten."""
    mine = judged[recipe.gate.metric]
    if champion is None:
        return _compared(recipe, mine, judged[f"rule_{recipe.gate.metric}"], "the rule's", "There is no champion: ")
    try:
        theirs = _score(recipe, champion, test)
    except DataError as error:
        first = f"Version {champion.version} can't be scored on the frozen test ({error.message}): "
        return _compared(recipe, mine, judged[f"rule_{recipe.gate.metric}"], "the rule's", first)
    return _compared(recipe, mine, theirs, f"that of version {champion.version},", "")


def _score(recipe: TabularRecipe, champion: Version, test: Test) -> float:
    scorer = Scorer.load(champion.folder)
    raw = scorer.raw(encode(scorer.spec.columns, test.rows))
    measure = metrics.pr_auc if recipe.gate.metric == "pr_auc" else metrics.roc_auc
    return measure(test.read.labels, raw)


def _compared(recipe: TabularRecipe, mine: float, theirs: float, whose: str, first: str) -> Verdict:
    name, margin = NAMES[recipe.gate.metric], recipe.gate.margin
    better = mine > theirs + margin
    said = f"{name} {mine:.4f} on the frozen test is{'' if better else ' not'} above {whose} {theirs:.4f}"
    return Verdict(better, f"{first}{said}, by the margin of {margin:g}.")
