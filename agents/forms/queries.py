"""The governed queries of a form: one for each way to a table, whatever the number of subjects and fields."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from agents.forms.binding import Binding, Measure
from agents.forms.period import bounds
from agents.forms.reach import known
from agents.forms.subject import relation
from data.catalog import Catalog, Relationship, Table
from data.sources.base import literal, quoted
from data.values import plain

EMPTY = {"count": 0, "sum": 0}
"""What a measure is where no row points at the subject."""
CALLS = {"sum": "sum", "avg": "avg", "median": "median", "max": "max", "min": "min"}
DIGITS = 4
"""Places after the point of a share."""
PICKS = {"latest": "arg_max", "earliest": "arg_min"}
KEY = "subject_key"
ROW = "row_key"
PLACE = "\0"
"""Where a key goes in a query that is written once for many."""


@dataclass(frozen=True)
class Group:
    """Bindings that one query answers, in the order of its columns `v0`, `v1`, and so on."""

    table: str
    links: tuple[Relationship, ...]
    bindings: tuple[Binding, ...]
    measured: bool


def grouped(bindings: Sequence[Binding]) -> list[Group]:
    """The queries that are needed. An approved measure with a period of its own has a query of its own."""
    found: dict[tuple[object, ...], dict[str, Binding]] = {}
    for binding in bindings:
        if binding.way in ("column", "measure"):
            measure = binding.measure
            own = (measure.period or "all") if measure and measure.metric else ""
            key = (binding.way == "measure", binding.table, binding.links, own)
            found.setdefault(key, {})[binding.as_text()] = binding
    return [
        Group(of[0].table, of[0].links, of, of[0].way == "measure")
        for of in (tuple(one.values()) for one in found.values())
    ]


def sql(group: Group, catalog: Catalog, table: Table, keys: str, today: date) -> str:
    """A group's query over the subjects of `table` whose keys are `keys`, a list of SQL values."""
    make = _measured if group.measured else _columns
    return make(group, catalog, table, keys, today)


@dataclass(frozen=True)
class Said:
    """The query that answers one field, as its source tells it of each of many subjects: it is written once."""

    around: tuple[str, ...]
    """What stands before, between and behind the places of the subject's key."""

    @classmethod
    def of(cls, binding: Binding, catalog: Catalog, table: Table, today: date) -> Said:
        """The query of a binding about rows of a table."""
        group = Group(binding.table, binding.links, (binding,), binding.way == "measure")
        return cls(tuple(sql(group, catalog, table, PLACE, today).split(PLACE)))

    def about(self, key: object) -> str:
        """The query about the subject with a key."""
        return (literal(key) if isinstance(key, str) else str(plain(key))).join(self.around)


def _columns(group: Group, catalog: Catalog, table: Table, keys: str, today: date) -> str:
    own = quoted(table.key or "")
    joins = "".join(
        f" LEFT JOIN {named(link.to_table)} AS t{at + 1}"
        f" ON t{at}.{quoted(link.column)} = t{at + 1}.{quoted(link.to_column)}"
        for at, link in enumerate(group.links)
    )
    last = f"t{len(group.links)}"
    read = catalog.table(group.table)
    row = f"{last}.{quoted(read.key)}" if read.key and read.key in read else "NULL"
    read_as = (meant(catalog, read, one.column, last) for one in group.bindings)
    values = ", ".join(f"{value} AS v{at}" for at, value in enumerate(read_as))
    read_from = f"{relation(table)} AS t0{joins}"
    return f"SELECT t0.{own} AS {KEY}, {row} AS {ROW}, {values} FROM {read_from} WHERE t0.{own} IN ({keys})"


def _measured(group: Group, catalog: Catalog, table: Table, keys: str, today: date) -> str:
    read = catalog.table(group.table)
    middle = between(group.links, table)
    joins = "".join(
        f" JOIN {named(link.to_table)} AS t{at + 1} ON t{at}.{quoted(link.column)} = t{at + 1}.{quoted(link.to_column)}"
        for at, link in enumerate(middle)
    )
    whole = len(middle) == len(group.links)
    owner = f"t{len(middle)}.{quoted((table.key or '') if whole else group.links[-1].column)}"
    made = (_value(one.measure, catalog, read, today) for one in group.bindings if one.measure)
    values = ", ".join(f"{value} AS v{at}" for at, value in enumerate(made))
    where = [f"{owner} IN ({keys})"]
    first = group.bindings[0].measure
    if first is not None and first.metric:
        where += _within(first, catalog, read, today)
    return (
        f"SELECT {owner} AS {KEY}, {values} FROM {named(group.table)} AS t0{joins}"
        f" WHERE {' AND '.join(where)} GROUP BY {owner}"
    )


def between(links: tuple[Relationship, ...], table: Table) -> tuple[Relationship, ...]:
    """The links that have to be joined: the last one holds the subject's key itself, where it points at that."""
    last = links[-1]
    return links[:-1] if last.to_column.lower() == (table.key or "").lower() else links


def _value(measure: Measure, catalog: Catalog, table: Table, today: date) -> str:
    if measure.metric:
        return f"measure({quoted(measure.metric)})"
    conditions = [among(one.column, one.values) for one in measure.where]
    within = _within(measure, catalog, table, today)
    if measure.aggregate == "share":
        whole = _filtered("count(*)", within)
        part = _filtered("count(*)", [*conditions, *within])
        return f"round(100.0 * {part} / nullif({whole}, 0), {DIGITS})"
    return _filtered(_call(measure, catalog, table), [*conditions, *within])


def _call(measure: Measure, catalog: Catalog, table: Table) -> str:
    if measure.aggregate == "count":
        return "count(*)"
    column = meant(catalog, table, measure.column, "t0")
    if measure.aggregate == "list":
        return f"list(DISTINCT {column})"
    if measure.aggregate in PICKS:
        return f"{PICKS[measure.aggregate]}({column}, {meant(catalog, table, measure.time, 't0')})"
    return f"{CALLS[measure.aggregate]}({column})"


def _filtered(call: str, conditions: Sequence[str]) -> str:
    return f"{call} FILTER (WHERE {' AND '.join(conditions)})" if conditions else call


def among(column: str, values: Sequence[str]) -> str:
    """The condition that a column has one of some values."""
    return f"t0.{quoted(column)} IN ({', '.join(map(literal, values))})"


def _within(measure: Measure, catalog: Catalog, table: Table, today: date) -> list[str]:
    return bounded(measure.period, measure.time, catalog, table, today)


def bounded(period: str, column: str, catalog: Catalog, table: Table, today: date) -> list[str]:
    """The conditions that keep a period."""
    found = bounds(period, today)
    if found is None:
        return []
    time, (first, after) = meant(catalog, table, column, "t0"), found
    return [f"{time} >= DATE {literal(first.isoformat())}", f"{time} < DATE {literal(after.isoformat())}"]


def meant(catalog: Catalog, table: Table, column: str, alias: str) -> str:
    """What a stored column means, such as the day that it keeps as a number."""
    from sqlglot import exp

    stored = exp.column(exp.to_identifier(column, quoted=True), table=alias)
    renamed = known(catalog)[table.full_name].columns.values()
    kept = next((one.kept for one in renamed if one.stored.name == column), None)
    return (kept.read(stored) if kept else stored).sql("duckdb")


def named(full_name: str) -> str:
    """A table's full name as SQL."""
    source, _, name = full_name.partition(".")
    return f"{quoted(source)}.{quoted(name)}"


def params(keys: Sequence[object], size: int) -> tuple[str, Mapping[str, object]]:
    """The keys as parameters of a query, always `size` of them, so that its text is the same for every batch."""
    filled = [*keys, *([keys[-1]] * (size - len(keys)))]
    return ", ".join(f"$k{at}" for at in range(size)), {f"k{at}": key for at, key in enumerate(filled)}
