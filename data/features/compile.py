"""From a definition to its plan: its SQL is checked against the catalogue and written anew."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cached_property

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from data.catalog import Catalog, nearest
from data.errors import Invalid
from data.features.check import At, well_formed, wrong
from data.features.definition import Feature, FeatureView
from data.features.duration import microseconds
from data.features.kinds import check_takes, key_type, stored_as
from data.features.plan import KNOWN, TIME, Key, Output, Plan, Stored
from data.gateway.bodies import shape
from data.sources.base import quoted

SOURCE = "source"
"""What the source is called in the query."""


def plan_of(view: FeatureView, catalog: Catalog, functions: frozenset[str]) -> Plan:
    """The plan of a view. Invalid, with the field that is wrong, for a definition that can't be computed;
    NotFound for a source that is not in the catalogue."""
    well_formed(view)
    return Compiler(view, catalog, functions).plan()


class Compiler:
    """Makes the plan of one view."""

    def __init__(self, view: FeatureView, catalog: Catalog, functions: frozenset[str]) -> None:
        self.view, self._catalog, self._functions = view, catalog, functions
        with At(view, "source"):
            self._place, self._table, self._names = self._source()

    def plan(self) -> Plan:
        keys = self._keys()
        stored, outputs = self._features()
        names = [*(key.name for key in keys), *(output.name for output in outputs)]
        if doubled := next((name for name in names if names.count(name) > 1), ""):
            raise wrong(self.view, "features", f"the name '{doubled}' is there twice", "Rename one.")
        select = self._select(keys, stored)
        query, _ = shape(select, self._catalog, self._functions)
        return Plan(
            view=self.view,
            keys=keys,
            stored=stored,
            outputs=outputs,
            select=select,
            ttl=self._length("ttl", self.view.ttl) if self.view.ttl else max(output.window for output in outputs),
            table=self._table,
            tables=tuple(sorted(table.full_name for table in query.tables)),
            lineage=query.lineage,
            reads=self._reads(keys, stored, outputs),
        )

    def _source(self) -> tuple[str, str | None, tuple[str, ...]]:
        """What stands after FROM, the table's full name where that is all, and the names of the columns."""
        source = self.view.source
        if re.match(r"\s*(SELECT|WITH|FROM)\b", source, re.IGNORECASE):
            text = parsed(source, exp.Query)
            _, columns = shape(text, self._catalog, self._functions)
            return f"({text}) AS {SOURCE}", None, tuple(column.name for column in columns)
        table = self._catalog.table(source)
        place = f"{quoted(table.source)}.{quoted(table.name)} AS {SOURCE}"
        return place, table.full_name, tuple(column.name for column in table.columns)

    def _expression(self, field: str, text: str) -> str:
        """A field's SQL, whose columns are those of the source."""
        with At(self.view, field):
            found = parsed(text, exp.Condition)
            known = {name.lower() for name in self._names}
            for column in sqlglot.parse_one(found, dialect="duckdb").find_all(exp.Column):
                if column.table.lower() not in ("", SOURCE) or column.name.lower() not in known:
                    written = column.sql(dialect="duckdb")
                    raise Invalid(f"The source has no column '{written}'.", nearest(written, self._names))
            return found

    def _length(self, field: str, text: str) -> int:
        with At(self.view, field):
            return microseconds(text)

    @cached_property
    def _base(self) -> tuple[str, str, str]:
        """When an event happened, when it counts from, and what it must meet."""
        view = self.view
        time = f"CAST({self._expression('time', view.time)} AS TIMESTAMP)"
        known = f"CAST({self._expression('known_at', view.known_at)} AS TIMESTAMP)" if view.known_at else time
        delay = self._length("delay", view.delay)
        known = f"({known} + to_microseconds({delay}))" if delay else known
        where = f"({self._expression('filter', view.filter)})" if view.filter else "TRUE"
        return time, known, where

    def _keys(self) -> tuple[Key, ...]:
        time, known, where = self._base
        for key in self.view.keys:
            self._expression("keys", quoted(key))
        names = ", ".join(quoted(key) for key in self.view.keys)
        with At(self.view, "time, known_at or filter"):
            sql = f"SELECT {names}, {time} AS {TIME}, {known} AS {KNOWN} FROM {self._place} WHERE {where}"
            _, columns = shape(sql, self._catalog, self._functions)
        with At(self.view, "keys"):
            pairs = zip(self.view.keys, columns, strict=False)
            return tuple(Key(name, key_type(name, column.type)) for name, column in pairs)

    def _features(self) -> tuple[tuple[Stored, ...], tuple[Output, ...]]:
        stored: dict[str, Stored] = {}
        outputs = []
        for feature in self.view.features:
            at = f"feature '{feature.name}'"
            column = self._stored(feature, at, f"_v{len(stored)}") if feature.expression else None
            column = stored.setdefault(column.sql, column) if column else None
            index = list(stored.values()).index(column) if column else None
            kind, scale = (column.kind, column.scale) if column else ("integer", 0)
            for window in feature.over:
                length = self._length(at, window)
                outputs.append(Output(f"{feature.name}_{window}", feature, length, index, kind, scale))
        return tuple(stored.values()), tuple(outputs)

    def _stored(self, feature: Feature, at: str, name: str) -> Stored:
        text = self._expression(at, feature.expression)
        with At(self.view, at):
            # An aggregate can't stand beside a plain column.
            sql = f"SELECT {text} AS x, {SOURCE}.{quoted(self.view.keys[0])} AS k FROM {self._place}"
            _, columns = shape(sql, self._catalog, self._functions)
            found = stored_as(feature, text, columns[0].type, name)
            check_takes(feature, found, columns[0].type)
            return found

    def _select(self, keys: Sequence[Key], stored: Sequence[Stored]) -> str:
        time, known, where = self._base
        columns = [f"CAST({SOURCE}.{quoted(key.name)} AS {key.type}) AS {quoted(key.name)}" for key in keys]
        columns += [f"{time} AS {TIME}", f"greatest({time}, {known}) AS {KNOWN}"]
        columns += [f"{column.sql} AS {column.name}" for column in stored]
        there = [f"{SOURCE}.{quoted(key.name)} IS NOT NULL" for key in keys]
        there += [f"{time} IS NOT NULL", f"{known} IS NOT NULL"]
        return f"SELECT {', '.join(columns)} FROM {self._place} WHERE {where} AND {' AND '.join(there)}"

    def _reads(
        self, keys: Sequence[Key], stored: Sequence[Stored], outputs: Sequence[Output]
    ) -> tuple[tuple[str, ...], ...]:
        """The columns that each output reads."""
        known: dict[int | None, tuple[str, ...]] = {}
        for index in {output.stored for output in outputs}:
            own = [] if index is None else [stored[index]]
            known[index] = shape(self._select(keys, own), self._catalog, self._functions)[0].lineage
        return tuple(known[output.stored] for output in outputs)


def parsed(text: str, kind: type[exp.Expr]) -> str:
    """A piece of SQL written anew, so that it can't end what stands around it."""
    try:
        found = sqlglot.parse(text, dialect="duckdb")
    except (SqlglotError, RecursionError):
        found = []
    if len(found) != 1 or not isinstance(found[0], kind):
        raise Invalid(f"'{text}' can't be read.", "Write it in DuckDB's SQL.")
    return found[0].sql(dialect="duckdb", comments=False)
