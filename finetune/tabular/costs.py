"""From probabilities to decisions: the threshold at which mistakes cost least."""

from __future__ import annotations

from typing import TYPE_CHECKING

from data.catalog import nearest
from data.errors import Invalid
from finetune.tabular.recipe import Costs

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa
    from numpy.typing import NDArray

    from finetune.tabular.inputs import Floats


def misses(costs: Costs, rows: pa.Table) -> Floats:
    """What missing each row would cost, if it were a case. Missing or infinite amounts count as nothing."""
    import numpy as np
    import pyarrow as pa

    if isinstance(costs.miss, float | int):
        return np.full(rows.num_rows, float(costs.miss) * costs.factor)
    if costs.miss not in rows.column_names:
        hint = nearest(costs.miss, rows.column_names) or "Give an amount, or a column of the subject."
        raise Invalid(f"costs: the subject has no column '{costs.miss}'.", hint)
    try:
        amounts = rows.column(costs.miss).cast(pa.float64()).to_numpy().astype(np.float64)
    except (pa.ArrowInvalid, pa.ArrowNotImplementedError):
        raise Invalid(f"costs: '{costs.miss}' is no number.", "Give an amount, or a column of numbers.") from None
    return np.where(np.isfinite(amounts), amounts, 0.0) * costs.factor


def cost(labels: Floats, flagged: NDArray[np.bool_], missed: Floats, false_alarm: float) -> float:
    """The mean cost of a row."""
    lost = float((missed * labels * ~flagged).sum()) + false_alarm * float(((1 - labels) * flagged).sum())
    return lost / max(1, len(labels))


def threshold(labels: Floats, scores: Floats, missed: Floats, false_alarm: float) -> float:
    """The score from which on flagging costs least; above all scores if flagging never pays. Of equally good ones the
    highest, which flags least."""
    import numpy as np

    order = np.argsort(-scores, kind="stable")
    ranked = scores[order]
    change = np.where(labels[order] > 0, -missed[order], false_alarm)
    ends = np.flatnonzero(np.append(np.diff(ranked) != 0, True))
    totals = np.concatenate([[0.0], np.cumsum(change)[ends]])
    best = int(np.argmin(totals))
    return float(np.nextafter(ranked[0], np.inf)) if best == 0 else float(ranked[ends[best - 1]])


def words(costs: Costs) -> dict[str, str]:
    unit = f" {costs.unit}" if costs.unit else ""
    factor = f"{costs.factor:g} x " if costs.factor != 1 else ""
    miss = f"{costs.miss:g}{unit}" if isinstance(costs.miss, float | int) else f"the row's {costs.miss}{unit}"
    return {"miss": factor + miss, "false_alarm": f"{costs.false_alarm:g}{unit}"}
