"""The search for parameters, within the training part alone. A search that was stopped goes on where it was."""

from __future__ import annotations

import hashlib
import json
import logging
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

from finetune.tabular.inputs import Inputs
from finetune.tabular.metrics import pr_auc
from finetune.tabular.recipe import Search, TabularRecipe
from finetune.tabular.trees import Parameters, fit, predict

if TYPE_CHECKING:
    import numpy as np
    import optuna
    from numpy.typing import NDArray

    Moments = NDArray[np.int64]

FORMAT = 2
"""Changes whenever the same parameters would be valued in another way."""
AT_RANDOM = 8
"""Trials that are drawn at random before the sampler learns from them."""


@dataclass(frozen=True)
class Found:
    """The best parameters, and the value of each trial in their order."""

    parameters: Parameters
    values: tuple[float, ...]


def search(
    recipe: TabularRecipe, train: Inputs, moments: Moments, digest: str, file: Path, say: Callable[[str], None]
) -> Found:
    """`moments` are those of the training rows, in microseconds. `file` keeps the trials, by recipe and `digest` of the
    rows. Each trial depends on the seed and on the trials before it alone, so that a search that was stopped ends as
    one that was not."""
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    folds = _folds(recipe, train, moments)
    study = _study(recipe, digest, file)
    _forget_unfinished(study)
    while (done := len(_finished(study))) < recipe.search.trials:
        study.sampler = optuna.samplers.TPESampler(seed=recipe.seed + done, n_startup_trials=AT_RANDOM)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
            study.optimize(lambda trial: _value(recipe, folds, trial), n_trials=1)
        say(f"trial {done + 1} of {recipe.search.trials}: the best PR-AUC so far {study.best_value:.4f}")
    finished = _finished(study)[: recipe.search.trials]
    best = max(finished, key=lambda trial: (trial.value, -trial.number))
    return Found(dict(best.params), tuple(float(trial.value or 0.0) for trial in finished))


def _study(recipe: TabularRecipe, digest: str, file: Path) -> optuna.Study:
    import optuna
    from sqlalchemy.exc import SADeprecationWarning

    file.parent.mkdir(parents=True, exist_ok=True)
    for name in ("alembic", "sqlalchemy"):
        logging.getLogger(name).setLevel(logging.WARNING)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SADeprecationWarning)
        storage = optuna.storages.RDBStorage(f"sqlite:///{file.resolve()}")
        name = f"{recipe.name}-{_key(recipe, digest)}"
        return optuna.create_study(storage=storage, study_name=name, direction="maximize", load_if_exists=True)


def _key(recipe: TabularRecipe, digest: str) -> str:
    """The same for the same search: more trials go on with those that were made."""
    mine = recipe.search.model_dump(mode="json", exclude={"trials"})
    rest = [recipe.seed, recipe.threads, recipe.negatives, recipe.needed, recipe.labels.maturity]
    text = json.dumps([FORMAT, digest, mine, rest], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _forget_unfinished(study: optuna.Study) -> None:
    """Trials of a process that was killed."""
    from optuna.trial import TrialState

    for trial in study.get_trials(deepcopy=False, states=(TrialState.RUNNING,)):
        study.tell(trial.number, state=TrialState.FAIL)


def _finished(study: optuna.Study) -> list[optuna.trial.FrozenTrial]:
    from optuna.trial import TrialState

    finished: list[optuna.trial.FrozenTrial] = study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))
    return finished


def _value(recipe: TabularRecipe, folds: list[tuple[Inputs, Inputs]], trial: optuna.Trial) -> float:
    parameters = _drawn(recipe.search, trial)
    values = []
    for earlier, later in folds:
        trees = fit(earlier, parameters, recipe.seed, recipe.threads)
        values.append(pr_auc(later.labels, predict(trees, later, recipe.threads)))
    return sum(values) / len(values)


def _drawn(search: Search, trial: optuna.Trial) -> Parameters:
    found: dict[str, float] = {}
    for name, space in search.space.items():
        low, high = space.low, space.high
        if isinstance(low, int) and isinstance(high, int):
            found[name] = trial.suggest_int(name, low, high, log=space.log)
        else:
            found[name] = trial.suggest_float(name, float(low), float(high), log=space.log)
    return found


def _folds(recipe: TabularRecipe, train: Inputs, moments: Moments) -> list[tuple[Inputs, Inputs]]:
    """Rows are in order of time: each fold is told by the rows that follow a moment, and learns from those whose labels
    were mature by then; else it would learn to know the very rings and cards that it is told by. The moments part the
    cases evenly. A fold with too few cases to learn from is left out, unless all are."""
    import numpy as np

    cases = np.flatnonzero(train.labels > 0)
    ends = [int(part[-1]) + 1 for part in np.array_split(cases, recipe.search.folds + 1)]
    ends[-1] = len(train.labels)
    mature = recipe.labels.length // timedelta(microseconds=1)
    found = []
    for begin, end in pairwise(ends):
        known = int(np.searchsorted(moments, moments[begin] - mature))
        if train.labels[:known].sum() >= recipe.needed:
            found.append((train.take(slice(0, known)), train.take(slice(begin, end))))
    return found or [(train.take(slice(0, ends[-2])), train.take(slice(ends[-2], None)))]
