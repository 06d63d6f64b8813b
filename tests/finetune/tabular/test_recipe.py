"""Recipes are checked before any row is read."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml

from data.errors import Invalid, NotFound
from finetune.tabular.recipe import TabularRecipe
from tests.finetune.tabular.conftest import RECIPE, recipe


def test_parts_end_before_their_labels_are_mature() -> None:
    found = {part: (str(since)[:10], str(until)[:10]) for part, (since, until) in recipe().bounds().items()}
    assert found == {
        "train": ("2025-01-01", "2025-02-10"),
        "calibration": ("2025-02-20", "2025-03-15"),
        "test": ("2025-03-25", "2025-04-21"),
    }


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"nmae": "x"}, "nmae: Extra inputs are not permitted"),
        ({"name": "Risk Model"}, "name: String should match pattern"),
        ({"labels": {**RECIPE["labels"], "maturity": "soon"}}, "labels.maturity: .*write a length of time such as 60d"),
        ({"split": {**RECIPE["split"], "test": "2025-02-25"}}, "nothing is left between calibration and test"),
        ({"split": {**RECIPE["split"], "test": "2025-03-25T00:00:00Z"}}, "split.test: .*timezone"),
        ({"split": {**RECIPE["split"], "test": "next year"}}, "split.test: .*not 'next year'"),
        ({"search": {"space": {"depth": {"low": 1, "high": 2}}}}, "search.space.depth"),
        ({"search": {"space": {"rounds": {"low": 9, "high": 2}}}}, "low must not be above high"),
        ({"needed": 2, "search": {"folds": 3}}, "3 folds need 4 cases"),
        ({"features": []}, "features: "),
        ({"gate": {"metric": "luck"}}, r"gate\.metric: "),
        ({"negatives": 0}, "negatives: .*not 0"),
    ],
)
def test_wrong_fields_are_named(tmp_path: Path, change: dict[str, Any], complaint: str) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(yaml.safe_dump({**RECIPE, **change}, allow_unicode=True))
    with pytest.raises(Invalid, match=complaint) as caught:
        TabularRecipe.load(file)
    assert str(file) in str(caught.value)


def test_dates_and_moments_are_both_read(tmp_path: Path) -> None:
    file = tmp_path / "mine.yaml"
    text = yaml.safe_dump(RECIPE).replace("'2025-03-25'", "2025-03-25 06:00:00").replace("'2025-02-20'", "2025-02-20")
    file.write_text(text)
    split = TabularRecipe.load(file).split
    assert (split.test.hour, split.calibration.hour) == (6, 0)


def test_an_unknown_recipe() -> None:
    with pytest.raises(NotFound, match=r"There is no recipe 'nope'\. Give a file, or one of: .*risk"):
        TabularRecipe.load("nope")
