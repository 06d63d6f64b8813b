"""A recipe for a model over features: one YAML file, checked before any row is read."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, NaiveDatetime, field_validator, model_validator

from data.features.duration import microseconds
from finetune.recipe import Name, Section, load

Slug = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,62}$")]
Parameter = Literal[
    "num_leaves",
    "learning_rate",
    "rounds",
    "min_data_in_leaf",
    "feature_fraction",
    "bagging_fraction",
    "lambda_l1",
    "lambda_l2",
    "min_gain_to_split",
    "max_depth",
    "scale_pos_weight",
    "cat_smooth",
    "path_smooth",
]
LENGTH = re.compile(r"\d{1,6}[smhdw]")


class Subject(Section):
    """Who or what is scored: one SELECT that gives a row for each, with its key, the keys of the views' entities, the
    moment, and columns of its own."""

    sql: Name
    key: tuple[Name, ...] = Field(min_length=1)
    time: Name
    columns: tuple[Name, ...] = ()
    """The columns of its own that the model reads. They must be known at the moment."""


class Occasions(Section):
    """When training looks at subjects that have no moment of their own, such as merchants: a SELECT of the subject's
    key, its moment, and more of its columns. Those who are scored later are given by the subject alone."""

    sql: Name
    key: tuple[Name, ...] = Field(min_length=1)
    """What names an occasion; labels have it in the place of the subject's key."""


class Choice(Section):
    """What a `rank` puts in order. Occasions showed one choice each, drawn by chance."""

    column: Name
    """One of the subject's `columns`, which occasions give."""
    propensity: Name
    """The column with the probability with which that choice was drawn."""
    group: str = ""
    """A column whose values have popular choices of their own, which have to be beaten as well."""


class Labels(Section):
    """What came of it: a SELECT with the subject's key, `label` and `known_at`, the moment at which that was known.

    A subject is a case (1) if a label of 1 is known within `maturity` after its moment, and none (0) otherwise: no
    row need say so.
    """

    sql: Name
    maturity: Name

    @field_validator("maturity")
    @classmethod
    def _length(cls, text: str) -> str:
        if not LENGTH.fullmatch(text):
            raise ValueError("write a length of time such as 60d")
        return text

    @property
    def length(self) -> timedelta:
        return timedelta(microseconds=microseconds(self.maturity))


class Split(Section):
    """Three parts, one after another. Each ends where the next begins, the last one with `until`; its subjects are
    those whose labels were mature by then, so the last `maturity` of each part is left out. Moments are UTC."""

    since: NaiveDatetime
    calibration: NaiveDatetime
    test: NaiveDatetime
    until: NaiveDatetime

    @field_validator("since", "calibration", "test", "until", mode="before")
    @classmethod
    def _moment(cls, value: object) -> object:
        """YAML reads 2025-07-01 as a date."""
        return value.isoformat() if hasattr(value, "isoformat") else value


class Range(Section):
    """Where the search looks; whole numbers if both ends are."""

    low: int | float
    high: int | float
    log: bool = False

    @model_validator(mode="after")
    def _order(self) -> Range:
        if self.low > self.high or (self.log and self.low <= 0):
            raise ValueError("low must not be above high, and above 0 with log")
        return self


SPACE: dict[Parameter, Range] = {
    "num_leaves": Range(low=4, high=48, log=True),
    "learning_rate": Range(low=0.02, high=0.15, log=True),
    "rounds": Range(low=50, high=300),
    "min_data_in_leaf": Range(low=10, high=200, log=True),
    "feature_fraction": Range(low=0.4, high=1.0),
    "lambda_l2": Range(low=0.1, high=30.0, log=True),
}


class Search(Section):
    """How the parameters of the trees are chosen, within the training part. Some names are LightGBM's."""

    trials: int = Field(default=20, ge=1, le=1000)
    folds: int = Field(default=3, ge=1, le=10)
    space: dict[Parameter, Range] = Field(default=SPACE, min_length=1)

    @field_validator("space")
    @classmethod
    def _rounds(cls, space: dict[Parameter, Range]) -> dict[Parameter, Range]:
        if "rounds" not in space:
            raise ValueError("space: give `rounds` as well, how many trees are grown")
        return space


class Costs(Section):
    """What mistakes cost. `miss` is an amount, or the subject's column with it, times `factor`."""

    miss: str | float = 1.0
    factor: float = Field(default=1.0, gt=0)
    false_alarm: float = Field(default=1.0, gt=0)
    unit: str = ""


class Gate(Section):
    """A candidate becomes champion only if its `metric` on the frozen test is above the champion's by `margin`, and
    without a champion, above the rule's. `acceptance`, the share of what is shown that is taken if the first choice is
    shown, is for `rank`; there it is popularity's that must be beaten first."""

    metric: Literal["pr_auc", "roc_auc", "acceptance"] = "pr_auc"
    margin: float = Field(default=0.01, ge=0, lt=1)


class TabularRecipe(Section):
    """Everything that decides a model."""

    name: Slug
    task: Literal["classify", "rank"] = "classify"
    description: str = ""
    subject: Subject
    occasions: Occasions | None = None
    choice: Choice | None = None
    """For `rank` alone."""
    labels: Labels
    features: tuple[Name, ...] = Field(min_length=1)
    """`view` or `view.feature` of each, as training sets take them."""
    split: Split
    rule: tuple[Name, ...] = ()
    """The rule that the model must beat: these columns, 1 added to each, multiplied. Missing counts as 0. `rank` has
    none: it must beat what is popular."""
    together: str = ""
    """A column; rows with the same value are drawn together for intervals. By default rows of the same day are."""
    ablations: dict[Slug, tuple[Name, ...]] = Field(default_factory=dict)
    """Views that are also left out together, under a name, to see what they add. Each view alone is left out anyway."""
    search: Search = Search()
    costs: Costs = Costs()
    gate: Gate = Gate()
    negatives: float = Field(default=1.0, gt=0, le=1)
    """The share of the training part's rows without a case that is kept, each with a weight of 1 / share. The other
    parts keep all of theirs, so that what is measured has the true share of cases."""
    needed: int = Field(default=20, ge=2)
    """The fewest cases that each part must have."""
    seed: int = 7
    threads: int = Field(default=2, ge=1, le=64)
    """Results are the same, to the bit, only for the same number."""

    @classmethod
    def load(cls, file: Path | str) -> TabularRecipe:
        """Read a recipe, by path or by the name of a shipped one. NotFound; Invalid names field and file."""
        return load(cls, file)

    @model_validator(mode="after")
    def _parts(self) -> TabularRecipe:
        split, length = self.split, self.labels.length
        names = ("since", "calibration", "test", "until")
        for first, second in pairwise(names):
            if getattr(split, second) - getattr(split, first) <= length:
                raise ValueError(f"split: nothing is left between {first} and {second} but the labels' maturity")
        self._check_task()
        if self.needed <= self.search.folds:
            raise ValueError(f"needed: {self.search.folds} folds need {self.search.folds + 1} cases or more")
        return self

    def _check_task(self) -> None:
        rank = self.task == "rank"
        if rank and (self.choice is None or self.choice.column not in self.subject.columns):
            raise ValueError("choice: a rank needs a `choice` whose column is one of the subject's `columns`")
        if rank == bool(self.rule):
            raise ValueError("rule: a rank has none" if rank else "rule: name the columns of the rule to beat")
        if not rank and (self.choice is not None or self.gate.metric == "acceptance"):
            raise ValueError("task: a `choice` and the metric `acceptance` are for the task rank")

    @property
    def key(self) -> tuple[str, ...]:
        """What names a row of training: an occasion, or the subject where each is looked at once."""
        return self.occasions.key if self.occasions else self.subject.key

    def bounds(self) -> dict[str, tuple[datetime, datetime]]:
        """Part -> the moments of its subjects, from the first up to but not at the second."""
        split, length = self.split, self.labels.length
        return {
            "train": (split.since, split.calibration - length),
            "calibration": (split.calibration, split.test - length),
            "test": (split.test, split.until - length),
        }
