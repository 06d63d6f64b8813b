"""Whether a query counts what a question asks for the number of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlglot import exp

from agents.ask.sketch.brief import Brief
from agents.columns import NUMERIC

if TYPE_CHECKING:
    from agents.ask.rerank.shape import Shape
    from data.catalog import Catalog
    from retrieval import Context
    from retrieval.hints import Hint


def counted_of(shape: Shape, context: Context) -> dict[str, float]:
    """Counts of other things, of one thing, and of columns that nobody asks for."""
    brief, catalog = Brief(context), context.catalog
    base = catalog.table(shape.base) if shape.base in catalog else None
    own = {f"{shape.base}.{name}" for name in (base.key, base.label) if name} if base else set()
    free = shape.counted - shape.joined - {target for hint in context.hints for target in hint.targets}
    return {
        "counts_one": float(_counts_one(shape, own)),
        "counts_free": float(bool(free - keys(catalog))),
        "counts_link": float(bool((free & keys(catalog)) - own)),
        "counts_other": float(_counts_other(shape, brief)),
        "lost_counted": float(any(brief.counting(h) and not {*h.targets} & shape.used for h in brief.hints("column"))),
    }


def keys(catalog: Catalog) -> set[str]:
    """The columns that identify rows, of their own table or of another."""
    own = {f"{table.full_name}.{table.key}" for table in catalog.tables if table.key}
    return own | {f"{link.table}.{link.column}" for link in catalog.relationships}


def bounds_measures(context: Context) -> bool:
    """Whether each number that bounds something bounds a column of numbers, as in 'more than 30 hectolitres'."""
    brief = Brief(context)
    bounds = [hint for hint in brief.hints("number") if hint.operator and not hint.targets]
    columns = [brief.numbered(bound, "column") for bound in bounds]
    return bool(bounds) and all(hint and _is_number(hint, context.catalog) for hint in columns)


def _is_number(hint: Hint, catalog: Catalog) -> bool:
    table, _, name = hint.targets[0].rpartition(".")
    return catalog.table(table).column(name).type.upper().startswith(NUMERIC)


def counts_each(shape: Shape, context: Context) -> bool:
    """Whether it counts each thing once of which is asked how many there are, where a join repeats them."""
    counted, own = _how_many(Brief(context)), _counted(shape)
    return bool(counted and own & {*counted.targets}) and len(shape.tables) > 1


def _how_many(brief: Brief) -> Hint | None:
    """The things of which is asked how many there are."""
    return next((hint for hint in brief.hints("table") if brief.counting(hint)), None)


def _counted(shape: Shape) -> set[str]:
    """The tables of whose columns it counts the values."""
    columns = (column for item in shape.items if isinstance(item, exp.Count) for column in item.find_all(exp.Column))
    return {shape.named(column).rpartition(".")[0] for column in columns}


def _counts_other(shape: Shape, brief: Brief) -> bool:
    """Whether it counts rows of another table than that of which is asked how many there are."""
    counted = _how_many(brief)
    if counted is None or not shape.base or not any(isinstance(item, exp.Count) for item in shape.items):
        return False
    return not {*counted.targets} & (_counted(shape) or {shape.base})


def _counts_one(shape: Shape, own: set[str]) -> bool:
    """Whether it counts the rows of its base that have one key or name: that is always one."""
    counts = any(isinstance(item, exp.Count) for item in shape.items)
    return counts and bool(own & shape.fixed) and not shape.joined and "groups" not in shape.does
