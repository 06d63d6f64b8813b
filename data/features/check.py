"""From a definition to its plan: names, lengths of time and SQL are checked against the catalogue."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Any

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from data.catalog import Catalog
from data.errors import DataError, Invalid
from data.features.definition import FUNCTIONS, Feature, FeatureView
from data.features.duration import microseconds
from data.features.plan import KNOWN, TIME, Key, Output, Plan, Stored
from data.gateway.bodies import shape
from data.sources.base import quoted

NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
SOURCE = "source"
"""What the source is called in the query."""
DIGITS = 18
"""Digits of a decimal that fits into 64 bits."""
NUMBERS = ("integer", "decimal", "float")
TAKES: dict[str, tuple[str, ...]] = {
    "sum": NUMBERS,
    "avg": NUMBERS,
    "min": (*NUMBERS, "moment"),
    "max": (*NUMBERS, "moment"),
    "quantile": (*NUMBERS, "moment"),
}
"""The kinds of values that a function takes, where not all."""


def check(view: FeatureView, catalog: Catalog, functions: frozenset[str]) -> Plan:
    """The plan of a view. Invalid, with the field that is wrong, for a definition that can't be computed;
    NotFound for a source that is not in the catalogue."""
    _names(view)
    with At(view, "source"):
        place, table = _place(view.source, catalog)
    base = _base(view)
    keys = _keys(view, place, base, catalog, functions)
    stored, outputs = _features(view, place, base, catalog, functions)
    doubled = _doubled([*(key.name for key in keys), *(output.name for output in outputs)])
    if doubled:
        raise wrong(view, "features", f"the name '{doubled}' is there twice", "Rename one.")
    select = _select(view, place, keys, stored)
    return Plan(
        view=view,
        keys=keys,
        stored=stored,
        outputs=outputs,
        select=select,
        ttl=_length(view, "ttl", view.ttl) if view.ttl else max(output.window for output in outputs),
        table=table,
        tables=tuple(sorted(t.full_name for t in shape(select, catalog, functions)[0].tables)),
        lineage=_lineage(select, catalog, functions),
        reads=tuple(_reads(view, place, keys, stored, outputs, catalog, functions)),
    )


class At:
    """Names the view and the field in errors of the block."""

    def __init__(self, view: FeatureView, field: str) -> None:
        self.view, self.field = view, field

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: Any) -> None:
        if isinstance(error, DataError):
            said = f"View '{self.view.name}', {self.field}: {error.message[:1].lower()}{error.message[1:]}"
            raise type(error)(said, error.remedy) from None


def wrong(view: FeatureView, field: str, message: str, remedy: str) -> Invalid:
    return Invalid(f"View '{view.name}', {field}: {message}.", remedy)


def _names(view: FeatureView) -> None:
    for field, value in (("name", view.name), ("entity", view.entity)):
        _name(view, field, value)
    for field, values in (("keys", view.keys), ("features", view.features)):
        if not values or isinstance(values, str):
            raise wrong(view, field, f"{values!r} is not a sequence with something in it", "Write a tuple.")
    for key in view.keys:
        _name(view, "keys", key)
    for feature in view.features:
        if not isinstance(feature, Feature):
            raise wrong(view, "features", f"{feature!r} is no Feature", "Write Feature(name, function, …).")
        _feature(view, feature)


def _feature(view: FeatureView, feature: Feature) -> None:
    at = f"feature '{feature.name}'"
    _name(view, "features", feature.name)
    if feature.function not in FUNCTIONS:
        raise wrong(view, at, f"there is no function '{feature.function}'", f"Use one of: {', '.join(FUNCTIONS)}.")
    if not feature.over or isinstance(feature.over, str):
        raise wrong(view, at, f"over={feature.over!r} has no windows", 'Write a tuple such as ("1h", "1d").')
    if not feature.expression and feature.function not in ("count", "age"):
        raise wrong(view, at, f"'{feature.function}' has no expression", "Say what it is taken of.")
    if not 0 < feature.quantile <= 1:
        raise wrong(view, at, f"quantile={feature.quantile!r} is not in (0, 1]", "Write 0.5 for the median.")
    if not 0 <= feature.decimals <= 12:
        raise wrong(view, at, f"decimals={feature.decimals!r} is not in 0 to 12", "Leave it out for 6.")


def _name(view: FeatureView, field: str, value: object) -> None:
    if not isinstance(value, str) or not NAME.fullmatch(value):
        raise wrong(view, field, f"{value!r} is not a name", "Use small letters, digits and _, a letter first.")


def _doubled(names: Sequence[str]) -> str:
    return next((name for name in names if names.count(name) > 1), "")


def _length(view: FeatureView, field: str, text: str) -> int:
    with At(view, field):
        return microseconds(text)


def _place(source: str, catalog: Catalog) -> tuple[str, str | None]:
    """What stands after FROM, and the table's full name where that is all."""
    if re.match(r"\s*(SELECT|WITH|FROM)\b", source, re.IGNORECASE):
        return f"({_parsed(source, exp.Query)}) AS {SOURCE}", None
    table = catalog.table(source)
    return f"{quoted(table.source)}.{quoted(table.name)} AS {SOURCE}", table.full_name


def _parsed(text: str, kind: type[exp.Expr] | tuple[type[exp.Expr], ...]) -> str:
    """A piece of SQL written anew, so that it can't end what stands around it."""
    try:
        found = sqlglot.parse(text, dialect="duckdb")
    except (SqlglotError, RecursionError):
        found = []
    if len(found) != 1 or not isinstance(found[0], kind):
        raise Invalid(f"'{text}' can't be read.", "Write it in DuckDB's SQL.")
    return found[0].sql(dialect="duckdb", comments=False)


def expression(text: str) -> str:
    """One expression in SQL."""
    return _parsed(text, exp.Condition)


def _base(view: FeatureView) -> tuple[str, str, str]:
    """When an event happened, when it counts from, and what it must meet."""
    with At(view, "time"):
        time = f"CAST({expression(view.time)} AS TIMESTAMP)"
    with At(view, "known_at"):
        known = f"CAST({expression(view.known_at)} AS TIMESTAMP)" if view.known_at else time
    delay = _length(view, "delay", view.delay)
    known = f"({known} + to_microseconds({delay}))" if delay else known
    with At(view, "filter"):
        where = f"({expression(view.filter)})" if view.filter else "TRUE"
    return time, known, where


def _keys(
    view: FeatureView, place: str, base: tuple[str, str, str], catalog: Catalog, functions: frozenset[str]
) -> tuple[Key, ...]:
    time, known, where = base
    names = ", ".join(quoted(key) for key in view.keys)
    with At(view, "source, keys, time or filter"):
        sql = f"SELECT {names}, {time} AS {TIME}, {known} AS {KNOWN} FROM {place} WHERE {where}"
        _, columns = shape(sql, catalog, functions)
    return tuple(Key(name, _key_type(view, c.name, c.type)) for name, c in zip(view.keys, columns, strict=False))


def _key_type(view: FeatureView, name: str, kind: str) -> str:
    if kind in ("VARCHAR", "UUID"):
        return "VARCHAR"
    if kind in ("BIGINT", "INTEGER", "SMALLINT", "TINYINT", "UINTEGER", "USMALLINT", "UTINYINT"):
        return "BIGINT"
    raise wrong(view, "keys", f"'{name}' is {kind}, neither a whole number nor text", "CAST it in the source.")


def _features(
    view: FeatureView, place: str, base: tuple[str, str, str], catalog: Catalog, functions: frozenset[str]
) -> tuple[tuple[Stored, ...], tuple[Output, ...]]:
    stored: dict[str, Stored] = {}
    outputs = []
    for feature in view.features:
        at = f"feature '{feature.name}'"
        column = None
        if feature.expression:
            with At(view, at):
                text = expression(feature.expression)
                _, columns = shape(f"SELECT {text} AS x, 1 AS one FROM {place}", catalog, functions)
                column = _stored(view, feature, text, columns[0].type, f"_v{len(stored)}")
            column = stored.setdefault(column.sql, column)
        index = None if column is None else list(stored.values()).index(column)
        for window in feature.over:
            with At(view, at):
                length = microseconds(window)
            kind, scale = (column.kind, column.scale) if column else ("integer", 0)
            outputs.append(Output(f"{feature.name}_{window}", feature, length, index, kind, scale))
    return tuple(stored.values()), tuple(outputs)


def _stored(view: FeatureView, feature: Feature, text: str, kind: str, name: str) -> Stored:
    found = _kept(feature, text, kind, name)
    if found is None:
        raise Invalid(f"'{feature.expression}' is {kind}.", "CAST it to a number, text or a moment.")
    if found.kind not in TAKES.get(feature.function, (found.kind,)):
        raise Invalid(f"'{feature.function}' can't be taken of {kind}.", "Use `last`, `count` or approx_distinct.")
    return found


def _kept(feature: Feature, text: str, kind: str, name: str) -> Stored | None:
    decimal = re.fullmatch(r"DECIMAL\((\d+),(\d+)\)", kind)
    if kind in ("BOOLEAN", "BIGINT", "INTEGER", "SMALLINT", "TINYINT", "UINTEGER", "USMALLINT", "UTINYINT"):
        return Stored(name, f"CAST({text} AS BIGINT)", "integer")
    if decimal and int(decimal[1]) <= DIGITS:
        return Stored(name, f"CAST(({text}) * {10 ** int(decimal[2])} AS BIGINT)", "decimal", int(decimal[2]))
    if kind in ("DOUBLE", "FLOAT"):
        finite = f"CASE WHEN isfinite({text}) THEN {{}} END"
        if feature.function in ("sum", "avg"):
            whole = f"CAST(round(CAST({text} AS DOUBLE) * 1e{feature.decimals}) AS BIGINT)"
            return Stored(name, finite.format(whole), "decimal", feature.decimals)
        return Stored(name, finite.format(f"CAST({text} AS DOUBLE) + 0.0"), "float")
    if kind in ("TIMESTAMP", "DATE", "TIMESTAMP_S", "TIMESTAMP_MS"):
        return Stored(name, f"epoch_us(CAST({text} AS TIMESTAMP))", "moment")
    return Stored(name, text, "text") if kind == "VARCHAR" else None


def _select(view: FeatureView, place: str, keys: Sequence[Key], stored: Sequence[Stored]) -> str:
    time, known, where = _base(view)
    columns = [f"CAST({SOURCE}.{quoted(key.name)} AS {key.type}) AS {quoted(key.name)}" for key in keys]
    columns += [f"{time} AS {TIME}", f"greatest({time}, {known}) AS {KNOWN}"]
    columns += [f"{column.sql} AS {column.name}" for column in stored]
    there = [f"{SOURCE}.{quoted(key.name)} IS NOT NULL" for key in keys]
    there += [f"{time} IS NOT NULL", f"{known} IS NOT NULL"]
    return f"SELECT {', '.join(columns)} FROM {place} WHERE {where} AND {' AND '.join(there)}"


def _lineage(select: str, catalog: Catalog, functions: frozenset[str]) -> tuple[str, ...]:
    return shape(select, catalog, functions)[0].lineage


def _reads(
    view: FeatureView,
    place: str,
    keys: Sequence[Key],
    stored: Sequence[Stored],
    outputs: Sequence[Output],
    catalog: Catalog,
    functions: frozenset[str],
) -> Iterator[tuple[str, ...]]:
    known: dict[int | None, tuple[str, ...]] = {}
    for output in outputs:
        if output.stored not in known:
            own = [] if output.stored is None else [stored[output.stored]]
            known[output.stored] = _lineage(_select(view, place, keys, own), catalog, functions)
        yield known[output.stored]
