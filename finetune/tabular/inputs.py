"""What the trees read of the rows: columns with their kinds, matrices, labels and weights."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from agents.predictors.artifact import Column
from agents.predictors.distribution import Distribution
from agents.predictors.encode import encode
from data.catalog import nearest
from data.errors import Invalid
from finetune.tabular.labelled import LABEL
from finetune.tabular.recipe import TabularRecipe

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

    Floats = NDArray[np.float64]

CATEGORIES = 100
"""The most categories of a column, the most frequent ones; all others count as one."""


@dataclass(frozen=True)
class Inputs:
    """A part of the rows as numbers: the matrix, labels of 0 and 1, and how much each row counts."""

    columns: tuple[Column, ...]
    matrix: Floats
    labels: Floats
    weights: Floats

    def take(self, places: NDArray[np.int64] | slice) -> Inputs:
        return Inputs(self.columns, self.matrix[places], self.labels[places], self.weights[places])

    def without(self, views: Collection[str]) -> Inputs:
        """The same without the columns of some views."""
        kept = [i for i, column in enumerate(self.columns) if column.feature.partition(".")[0] not in views]
        return Inputs(tuple(self.columns[i] for i in kept), self.matrix[:, kept], self.labels, self.weights)


def columns(recipe: TabularRecipe, train: pa.Table) -> tuple[tuple[Column, ...], dict[str, str]]:
    """The columns that tell something in the training part, and why each other one is left out."""
    found, left = [], {}
    for name in _names(recipe, train):
        values = train.column(name).combine_chunks()
        distinct = len(values.unique())
        if distinct < 2:
            left[name] = "no values" if values.null_count == len(values) else "one value"
        else:
            found.append(_column(name, values))
    if not found:
        raise Invalid(
            "No column tells one training row from another: each has one value.", "Add features or columns that vary."
        )
    return tuple(found), left


def choices(recipe: TabularRecipe, found: Sequence[Column]) -> tuple[str, ...]:
    """What a rank puts in order, in the trees' order; none for other tasks. Invalid where chance showed only one."""
    if recipe.choice is None:
        return ()
    for column in found:
        if column.name == recipe.choice.column and column.kind == "category":
            return column.categories
    raise Invalid(f"'{recipe.choice.column}' tells no choices apart.", "Let the occasions give several texts in it.")


def inputs(found: tuple[Column, ...], rows: pa.Table, share: float = 1.0) -> Inputs:
    """`share` is that of the rows without a case that were kept."""
    import numpy as np

    labels = rows.column(LABEL).to_numpy().astype(np.float64)
    return Inputs(found, encode(found, rows), labels, np.where(labels > 0, 1.0, 1.0 / share))


def check_cases(parts: Mapping[str, pa.Table], needed: int) -> None:
    """Invalid, with how many there are, for a part with too few cases or nothing but cases."""
    for part, rows in parts.items():
        cases = int(sum(rows.column(LABEL).to_pylist()))
        said = f"The {part} part has {cases:,} cases in {rows.num_rows:,} rows"
        if rows.num_rows == 0:
            raise Invalid(f"The {part} part has no rows.", "Move the dates of the recipe's split.")
        if cases == 0:
            raise Invalid(
                f"{said}: all are of one class.", "See that the labels' keys and dates are those of the subject."
            )
        if cases < needed:
            raise Invalid(f"{said}; at least {needed} are needed.", "Move the split, or lower `needed` in the recipe.")
        if rows.num_rows - cases < needed:
            raise Invalid(f"{said}: too few are none.", "Let the subject also give those to which nothing happened.")


def reference(part: Inputs) -> dict[str, Distribution]:
    """How the values of each column are spread."""
    made = {}
    for place, column in enumerate(part.columns):
        values = part.matrix[:, place]
        number = column.kind == "number"
        spread = Distribution.of_numbers(values) if number else Distribution.of_codes(values, column.categories)
        made[column.name] = spread
    return made


def named(text: str) -> str:
    """The column of `view.feature` in a training set."""
    return text.replace(".", "__", 1)


def _names(recipe: TabularRecipe, train: pa.Table) -> Iterator[str]:
    known = train.column_names
    for name in recipe.subject.columns:
        if name not in known:
            raise Invalid(
                f"The subject has no column '{name}'.", nearest(name, known) or "Give it in the subject's SQL."
            )
        yield name
    chosen = {named(feature) for feature in recipe.features}
    for name in known:
        view, _, feature = name.partition("__")
        if feature and (view in chosen or name in chosen):
            yield name


def _column(name: str, values: pa.Array) -> Column:
    import pyarrow as pa
    import pyarrow.compute as pc

    kind = values.type
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        counts = [(row["values"], row["counts"]) for row in pc.value_counts(values.drop_null()).to_pylist()]
        frequent = sorted(counts, key=lambda one: (-one[1], one[0]))[:CATEGORIES]
        return Column(name, "category", tuple(sorted(text for text, _ in frequent)))
    numbers = (pa.types.is_integer, pa.types.is_floating, pa.types.is_decimal, pa.types.is_boolean)
    if any(test(kind) for test in numbers):
        return Column(name)
    raise Invalid(f"'{name}' is neither a number nor text: it is {kind}.", "Give the model an age or a number of it.")
