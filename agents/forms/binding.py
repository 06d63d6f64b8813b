"""Where a field's value comes from: found once, confirmed by a signature, and then remembered."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any, Literal

from data.catalog import Relationship

Way = Literal[
    "column",
    "measure",
    "feature",
    "score",
    "computed",
    "constant",
    "person",
    "hidden",
    "rows",
    "query",
    "ask",
    "passage",
]
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
class Cell:
    """A column of a list: `name` is the property of its objects, `links` lead from the list's table to the value's."""

    name: str
    table: str
    column: str
    links: tuple[Relationship, ...] = ()


@dataclass(frozen=True)
class Rows:
    """Rows as a list of objects: at most `most`, the newest by `time` first, or the `oldest`."""

    cells: tuple[Cell, ...]
    most: int
    time: str = ""
    oldest: bool = False
    where: tuple[Condition, ...] = ()
    period: str = ""


@dataclass(frozen=True)
class Binding:
    """`table` is what is read. `links` lead from the subject's table to it, one row to one; for a measure they lead
    from it to the subject's table, and for rows either way. `query`: governed SQL, whose $key is the subject's.
    `ask`: a question to the agent that writes such SQL, and `passage`: what is looked for in documents; a person
    confirms what they give. `person`: nobody but a person can tell. `hidden`: it is in the lakehouse, but not
    for this caller. `confidence` is from 0 to 1, and 1 where a person has said or confirmed it."""

    way: Way
    table: str = ""
    column: str = ""
    links: tuple[Relationship, ...] = ()
    measure: Measure | None = None
    rows: Rows | None = None
    name: str = ""
    """A feature as `view.feature`, a model, a query, or a question."""
    operation: Sum | None = None
    fields: tuple[str, ...] = ()
    separator: str = " "
    value: Any = None
    """A constant, or what kind of value is looked for in a passage."""
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
            case "rows" if self.rows is not None:
                return f"rows of {self.table}: {', '.join(cell.name for cell in self.rows.cells)}"
            case "query":
                return f"query {self.name}"
            case "ask" | "passage":
                return f"{'answer' if self.way == 'ask' else 'passage'}: {self.name}"
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
    rows = found.pop("rows", None)
    made = {**found, "links": links, "fields": tuple(found["fields"])}
    return Binding(**made, measure=measure and _measure(measure), rows=rows and _rows(rows))


def _measure(found: Mapping[str, Any]) -> Measure:
    return Measure(**{**found, "where": _where(found)})


def _rows(found: Mapping[str, Any]) -> Rows:
    cells = tuple(
        Cell(**{**one, "links": tuple(Relationship(**link) for link in one["links"])}) for one in found["cells"]
    )
    return Rows(**{**found, "cells": cells, "where": _where(found)})


def _where(found: Mapping[str, Any]) -> tuple[Condition, ...]:
    return tuple(Condition(one["column"], tuple(one["values"])) for one in found["where"])


def _measured(table: str, measure: Measure) -> str:
    if measure.metric:
        what = f"{measure.metric} of {table}"
    else:
        what = f"{measure.aggregate} of {table}{'.' if measure.column else ''}{measure.column}"
    where = "".join(f", {one.column} {' or '.join(one.values)}" for one in measure.where)
    return f"{what}{where}{', ' if measure.period else ''}{measure.period}"
