"""Where a field's value comes from: found once, confirmed by a signature, and then remembered."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any, Literal

from data.catalog import Relationship

Way = Literal["column", "measure", "feature", "score", "computed", "constant", "person", "hidden"]
Aggregate = Literal["count", "sum", "avg", "median", "max", "min", "latest", "earliest", "share", "list"]
Sum = Literal["sum", "difference", "ratio", "join"]


@dataclass(frozen=True)
class Condition:
    """Rows whose `column` is one of `values`."""

    column: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Measure:
    """An aggregate over the rows that point at the subject. `column` is "" for a count of rows; `latest` and `earliest`
    are its value in the last and the first row by `time`, `share` is the percentage of rows that meet `where`, and
    `list` has the different values. `period` is as `period.py` reads it, "" for all time. `metric` names an approved
    measure of the table, which then says what is counted."""

    aggregate: Aggregate
    column: str = ""
    where: tuple[Condition, ...] = ()
    time: str = ""
    period: str = ""
    metric: str = ""


@dataclass(frozen=True)
class Binding:
    """`table` is what is read. `links` lead from the subject's table to it, one row to one; for a measure they lead
    from it to the subject's table. `person`: nobody but a person can tell. `hidden`: it is in the lakehouse, but not
    for this caller. `confidence` is from 0 to 1, and 1 where a person has said or confirmed it."""

    way: Way
    table: str = ""
    column: str = ""
    links: tuple[Relationship, ...] = ()
    measure: Measure | None = None
    name: str = ""
    """A feature as `view.feature`, or a model."""
    operation: Sum | None = None
    fields: tuple[str, ...] = ()
    separator: str = " "
    value: Any = None
    factor: float = 1.0
    """What the stored number is multiplied by to have the unit that the form wants."""
    confidence: float = 1.0

    def said(self) -> str:
        """The binding in a few words, for whoever chooses between several."""
        match self.way:
            case "column":
                return f"{self.table}.{self.column}"
            case "measure" if self.measure is not None:
                return _measured(self.table, self.measure)
            case "computed":
                return f"{self.operation} of {', '.join(self.fields)}"
            case "feature" | "score":
                return f"{self.way} {self.name}"
        return self.way

    def as_text(self) -> str:
        """The binding as JSON, the same for the same binding."""
        return self._text

    @cached_property
    def _text(self) -> str:
        return json.dumps(asdict(self), sort_keys=True, ensure_ascii=False)


def from_text(text: str) -> Binding:
    """A binding out of its JSON."""
    found: dict[str, Any] = json.loads(text)
    links = tuple(Relationship(**link) for link in found.pop("links"))
    measure = found.pop("measure")
    made = {**found, "links": links, "fields": tuple(found["fields"])}
    return Binding(**made, measure=None if measure is None else _measure(measure))


def _measure(found: Mapping[str, Any]) -> Measure:
    where = tuple(Condition(one["column"], tuple(one["values"])) for one in found["where"])
    return Measure(**{**found, "where": where})


def _measured(table: str, measure: Measure) -> str:
    if measure.metric:
        what = f"{measure.metric} of {table}"
    else:
        what = f"{measure.aggregate} of {table}{'.' if measure.column else ''}{measure.column}"
    where = "".join(f", {one.column} {' or '.join(one.values)}" for one in measure.where)
    return f"{what}{where}{', ' if measure.period else ''}{measure.period}"
