"""The rows of a `rank` as choices that were shown, and how good the ranking of them is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from agents.predictors.artifact import Column
from data.errors import Invalid
from finetune.tabular import baselines, ranking
from finetune.tabular.inputs import Inputs, choices
from finetune.tabular.judge import Judged, Test, bounds, quality
from finetune.tabular.labelled import LABEL, blocks
from finetune.tabular.model import Model
from finetune.tabular.popularity import by_group, popularity
from finetune.tabular.ranking import Shown, difference, first, value
from finetune.tabular.recipe import Choice, TabularRecipe
from finetune.tabular.trees import predict

if TYPE_CHECKING:
    import lightgbm
    import pyarrow as pa
    from numpy.typing import NDArray

    from finetune.tabular.inputs import Floats

EVERYBODY, GROUP = "popularity", "group_popularity"


def choice(recipe: TabularRecipe) -> Choice:
    """The recipe's, which a rank has."""
    assert recipe.choice is not None
    return recipe.choice


def shown(recipe: TabularRecipe, rows: pa.Table, known: Sequence[str]) -> Shown:
    """What was shown. Invalid for a choice that the training part does not have."""
    import numpy as np

    said = rows.column(choice(recipe).column).to_pylist()
    strange = next((name for name in said if name not in known), None)
    if strange is not None or None in said:
        there = ", ".join(repr(name) for name in known)
        raise Invalid(f"{strange!r} was shown, but the training part has only {there}.", "Move the split, or mend it.")
    places = {name: place for place, name in enumerate(known)}
    return Shown(
        blocks(recipe, rows),
        np.array([places[name] for name in said], dtype=np.int64),
        rows.column(choice(recipe).propensity).to_numpy().astype(np.float64),
        rows.column(LABEL).to_numpy().astype(np.float64),
    )


def scores(trees: lightgbm.Booster, columns: Sequence[Column], name: str, matrix: Floats, threads: int) -> Floats:
    """(rows, choices) what the trees say of each choice, whichever was shown. `name` is the column of the choice."""
    import numpy as np

    place = [column.name for column in columns].index(name)
    made = []
    for code in range(len(columns[place].categories)):
        asked = matrix.copy()
        asked[:, place] = code
        made.append(trees.predict(asked, num_threads=threads))
    return np.stack(made, axis=1).astype(np.float64)


def popular(
    recipe: TabularRecipe, parts: Mapping[str, pa.Table], known: Sequence[str]
) -> dict[str, Callable[[pa.Table], Floats]]:
    """What is taken before the test, as rankings of any rows: everybody's, and that of the row's group."""
    import numpy as np
    import pyarrow as pa

    before = pa.concat_tables([parts["train"], parts["calibration"]])
    seen, group = shown(recipe, before, known), choice(recipe).group
    everybody = popularity(seen, len(known))
    found: dict[str, Callable[[pa.Table], Floats]] = {
        EVERYBODY: lambda rows: np.tile(everybody, (rows.num_rows, 1)),
    }
    if group:
        groups = _texts(before, group)
        found[GROUP] = lambda rows: by_group(seen, groups, len(known), _texts(rows, group))
    return found


def judge(
    recipe: TabularRecipe,
    made: Model,
    train: Inputs,
    calibration: Inputs,
    parts: Mapping[str, pa.Table],
    missed: Floats,
    test: Test,
) -> Judged:
    """A rank on the frozen test. As the rule stands how popular what was shown is."""
    import numpy as np

    known = choices(recipe, train.columns)
    raw = predict(made.trees, test.read, recipe.threads)
    peers = popular(recipe, parts, known)
    offers = shown(recipe, test.rows, known)
    popularity = peers[EVERYBODY](test.rows)[np.arange(len(raw)), offers.choice]
    logistic = baselines.logistic(train, recipe.seed)(test.read)
    probabilities = made.calibrated(raw)
    found = quality(recipe, test, raw, probabilities, popularity, logistic)
    ranked = scores(made.trees, train.columns, choice(recipe).column, test.read.matrix, recipe.threads)
    found |= measures(recipe, offers, ranked, {name: peer(test.rows) for name, peer in peers.items()})
    return Judged(found, raw, probabilities, popularity, logistic)


def measures(recipe: TabularRecipe, offers: Shown, ranked: Floats, peers: Mapping[str, Floats]) -> dict[str, float]:
    """Acceptance of the first choice, how high what was taken stands, and by how much acceptance is above that of each
    peer's first choice. Scores are (rows, choices)."""
    found = _of("", offers, ranked)
    for name, theirs in peers.items():
        found |= _of(f"{name}_", offers, theirs)
        gained = difference(offers, first(ranked), first(theirs), seed=recipe.seed)
        found |= bounds(f"acceptance_above_{name}", gained)
    return found


def acceptance(recipe: TabularRecipe, trees: lightgbm.Booster, columns: Sequence[Column], rows: pa.Table) -> float:
    """The share of what is shown that is taken, where the trees' first choice is shown."""
    from agents.predictors.encode import encode

    ranked = scores(trees, columns, choice(recipe).column, encode(columns, rows), recipe.threads)
    return value(shown(recipe, rows, choices(recipe, columns)), first(ranked)).acceptance


def _of(prefix: str, offers: Shown, ranked: Floats) -> dict[str, float]:
    worth, good = value(offers, first(ranked)), ranking.quality(offers, ranked)
    return {
        f"{prefix}acceptance": worth.acceptance,
        f"{prefix}acceptance_unbiased": worth.unbiased,
        f"{prefix}matched": float(worth.matched),
        f"{prefix}hit_rate": good.hit_rate,
        f"{prefix}ndcg": good.ndcg,
    }


def _texts(rows: pa.Table, name: str) -> NDArray[Any]:
    import numpy as np

    return np.array([str(text) for text in rows.column(name).to_pylist()])
