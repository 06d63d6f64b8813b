"""The length of time that a wanted column tells."""

from __future__ import annotations

import re
from dataclasses import replace

from agents.columns import times
from agents.reader.frame import Measure, Number, measures_of
from agents.reader.items import Items
from agents.reader.nouns import amount, divisor

LENGTH = re.compile(
    r"(?:the )?(?:(?P<f>avg|average|mean|median|max(?:imum)?|min(?:imum)?|longest|shortest|slowest|fastest)(?:"
    r" of)? )?(?:number of )?"
    r"(?P<unit>days?|hours?|minutes?|seconds?|weeks?)(?: in between)?"
)
_EXTREMES = {
    "max": "max", "maximum": "max", "longest": "max", "slowest": "max",
    "min": "min", "minimum": "min", "shortest": "min", "fastest": "min", "median": "median",
}  # fmt: skip


def length(function: str, unit: str, items: Items) -> Number | None:
    """The time between two moments: that of the body, or from the beginning of a thing to its end."""
    name = _EXTREMES.get(function, "avg")
    if (told := _of_body(function and name, unit, items)) is not None:
        return told
    if not items.subject:
        return None
    table = items.marked.table(items.subject)
    timed = amount(items.marked, table, "long")
    if timed and unit in ("hour", "minute", "second") and (per := divisor(unit, timed, items.marked)):
        return Measure(name if function else "sum", items.subject, timed, per=per)  # type: ignore[arg-type]
    ends = sorted((c.name for c in times(table)), key=lambda n: n != table.time)
    if len(ends) != 2:
        return None
    first, last = (f"{items.subject}.{end}" for end in ends)
    return Measure(name, items.subject, (first,), (), (last,), unit)  # type: ignore[arg-type]


def _of_body(function: str, unit: str, items: Items) -> Number | None:
    """The body's time between two moments, or its length in a unit; by a function, where the column names one."""
    for one in items.body:
        for measure in measures_of(one):
            named = replace(measure, function=function or measure.function)  # type: ignore[arg-type]
            if measure.until:
                return named
            per = divisor(unit, measure.column, items.marked) if measure.column else 0
            if per and isinstance(one, Measure):
                return replace(named, per=per)
    return None
