"""The rows of a recipe: subjects of three parts, each with its label and its features as they were known."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from data.catalog import nearest
from data.errors import Invalid
from data.features.compile import parsed
from data.features.platform import Features
from data.features.recipe import Recipe
from data.policy import Principal
from data.sources.base import quoted
from finetune.tabular.recipe import TabularRecipe

if TYPE_CHECKING:
    import pyarrow as pa
    from numpy.typing import NDArray

LABEL, PART, MOMENT = "lakewright_label", "lakewright_part", "lakewright_at"
DAY = 86_400_000_000
PARTS = ("train", "calibration", "test")


@dataclass(frozen=True)
class Labelled:
    """The rows of each part in order of time and key, and what they are made of."""

    parts: Mapping[str, pa.Table]
    made: Recipe

    @property
    def versions(self) -> dict[str, str]:
        """Table or view -> the version that was read."""
        return {**self.made.tables, **{view: str(v) for view, v in self.made.histories.items()}}


def collect(
    recipe: TabularRecipe,
    features: Features,
    principal: Principal,
    file: Path,
    more: Sequence[str],
    say: Callable[[str], None],
) -> Labelled:
    """Make the training set in `file`, with the recipe's features and `more`, and read it. Invalid for a subject that
    gives several rows for a key."""
    import pyarrow.parquet as pq

    def told(done: int, of: int) -> None:
        say(f"features of {done:,} of {of:,} rows")

    file.parent.mkdir(parents=True, exist_ok=True)
    names = (*recipe.features, *more)
    written = features.training_set(principal, select(recipe), MOMENT, names, str(file), told)
    rows = ordered(pq.read_table(file), recipe)
    _check_keys(rows, recipe)
    return Labelled({part: _part(rows, part) for part in PARTS}, written.recipe)


def select(recipe: TabularRecipe) -> str:
    """The subjects of all parts with their labels, as one SELECT. Only labels known within the maturity count, so
    none is known later than its part's end."""
    from sqlglot import exp

    labels = parsed(recipe.labels.sql, exp.Query)
    keys = [quoted(key) for key in recipe.key]
    time = f"CAST(s.{quoted(recipe.subject.time)} AS TIMESTAMP)"
    late = f"{time} + to_microseconds({recipe.labels.length // timedelta(microseconds=1)})"
    parts = " ".join(
        f"WHEN {time} >= TIMESTAMP '{since}' AND {time} < TIMESTAMP '{until}' THEN '{part}'"
        for part, (since, until) in recipe.bounds().items()
    )
    known = (
        f"SELECT {', '.join(keys)}, min(known_at) AS known_at FROM ({labels}) AS l "
        f"WHERE label = 1 AND known_at IS NOT NULL GROUP BY {', '.join(keys)}"
    )
    rows = (
        f"SELECT s.*, {time} AS {MOMENT}, CASE WHEN k.known_at <= {late} THEN 1 ELSE 0 END AS {LABEL}, "
        f"CASE {parts} END AS {PART} FROM ({_subjects(recipe)}) AS s "
        f"LEFT JOIN ({known}) AS k ON {' AND '.join(f'k.{key} = s.{key}' for key in keys)}"
    )
    return f"SELECT * FROM ({rows}) AS r WHERE {PART} IS NOT NULL{_kept(recipe, keys)}"


def _subjects(recipe: TabularRecipe) -> str:
    """The subjects, or their occasions: then each has the moment and the columns that those give."""
    from sqlglot import exp

    subject = parsed(recipe.subject.sql, exp.Query)
    if recipe.occasions is None:
        return subject
    keys = [quoted(key) for key in recipe.subject.key]
    left = ", ".join([*keys, quoted(recipe.subject.time)])
    return (
        f"SELECT o.*, w.* EXCLUDE ({left}) FROM ({parsed(recipe.occasions.sql, exp.Query)}) AS o "
        f"JOIN ({subject}) AS w ON {' AND '.join(f'w.{key} = o.{key}' for key in keys)}"
    )


def _kept(recipe: TabularRecipe, keys: list[str]) -> str:
    """Which rows without a case are kept: always the same ones."""
    if recipe.negatives == 1:
        return ""
    some = f"hash({', '.join([*keys, str(recipe.seed)])}) % 1000000 < {round(recipe.negatives * 1_000_000)}"
    return f" AND ({PART} <> 'train' OR {LABEL} = 1 OR {some})"


def ordered(rows: pa.Table, recipe: TabularRecipe) -> pa.Table:
    """The same rows always in the same order, whatever order the engine gave them in."""
    names = (MOMENT, *recipe.key)
    return rows.sort_by([(name, "ascending") for name in names]).combine_chunks()


def blocks(recipe: TabularRecipe, rows: pa.Table) -> NDArray[Any]:
    """Which rows are drawn together for intervals: those with the same value in the recipe's column, or of one day."""
    import numpy as np

    if recipe.together:
        if recipe.together not in rows.column_names:
            hint = nearest(recipe.together, rows.column_names) or "Let the subject give it."
            raise Invalid(f"together: there is no column '{recipe.together}'.", hint)
        return np.array([str(one) for one in rows.column(recipe.together).to_pylist()])
    return moments(rows) // DAY


def moments(rows: pa.Table) -> NDArray[Any]:
    """In microseconds."""
    import numpy as np

    return np.asarray(rows.column(MOMENT).cast("timestamp[us]").cast("int64").to_numpy())


def digest(parts: Mapping[str, pa.Table]) -> str:
    """Changes whenever a value, a name or a type does."""
    import pyarrow as pa

    found = hashlib.sha256()
    for part, rows in parts.items():
        found.update(part.encode())
        sink = pa.BufferOutputStream()
        plain = rows.replace_schema_metadata(None).combine_chunks()
        with pa.ipc.new_stream(sink, plain.schema) as writer:
            writer.write_table(plain)
        found.update(sink.getvalue())
    return found.hexdigest()[:16]


def _part(rows: pa.Table, part: str) -> pa.Table:
    import pyarrow.compute as pc

    return rows.filter(pc.equal(rows.column(PART), part)).drop_columns([PART])


def _check_keys(rows: pa.Table, recipe: TabularRecipe) -> None:
    keys = list(recipe.key)
    counted = rows.group_by(keys).aggregate([([], "count_all")])
    if counted.num_rows < rows.num_rows:
        twice = counted.sort_by([("count_all", "descending")]).slice(0, 1).to_pylist()[0]
        said = ", ".join(f"{key} {twice[key]!r}" for key in keys)
        whose = "occasions give" if recipe.occasions else "subject gives"
        raise Invalid(
            f"The {whose} {twice['count_all']} rows for {said}.",
            "There must be one row for each key: mend the SQL, or add keys.",
        )
