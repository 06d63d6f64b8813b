"""The search learns from what was known, and never from what it is told by."""

from __future__ import annotations

import numpy as np
import pytest

from agents.predictors.artifact import Column
from finetune.tabular.inputs import Inputs
from finetune.tabular.search import _folds
from tests.finetune.tabular.conftest import recipe

DAY = 86_400_000_000


def rows(days: int, every: int) -> tuple[Inputs, np.ndarray[tuple[int], np.dtype[np.int64]]]:
    """A row an hour, one in `every` of them a case; the matrix is the number of the row."""
    numbers = np.arange(days * 24)
    labels = (numbers % every == 0).astype(float)
    part = Inputs((Column("number"),), numbers[:, None].astype(float), labels, np.ones(len(numbers)))
    return part, numbers * (DAY // 24)


@pytest.mark.parametrize("folds", [1, 2, 4])
def test_labels_are_mature_before_a_fold_begins(folds: int) -> None:
    train, moments = rows(90, 20)
    search = {**recipe().search.model_dump(mode="json"), "folds": folds}
    found = _folds(recipe(search=search), train, moments)
    assert len(found) == folds
    assert found[-1][1].matrix[-1, 0] == len(moments) - 1
    for earlier, later in found:
        first = moments[int(later.matrix[0, 0])]
        assert moments[int(earlier.matrix[-1, 0])] + 10 * DAY < first
        assert moments[int(earlier.matrix[-1, 0]) + 1] + 10 * DAY >= first
        assert later.labels.sum() >= 20


def test_folds_without_enough_cases_are_left_out() -> None:
    train, moments = rows(30, 24)
    assert len(_folds(recipe(search={**recipe().search.model_dump(mode="json"), "folds": 4}), train, moments)) == 2


def test_a_short_training_part_has_one_fold_all_the_same() -> None:
    train, moments = rows(8, 10)
    ((earlier, later),) = _folds(recipe(), train, moments)
    assert len(earlier.labels) + len(later.labels) == len(moments)
