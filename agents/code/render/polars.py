"""Polars: one chain of expressions."""

from __future__ import annotations

from datetime import datetime
from functools import cached_property
from typing import ClassVar

from sqlglot import exp

from agents.code.render import layout
from agents.code.render.expressions import Expressions
from agents.code.render.plan import (
    Aggregate,
    Distinct,
    Extend,
    Filter,
    Frame,
    Group,
    Head,
    Join,
    Kind,
    Order,
    Select,
    Sort,
    Unsupported,
    Window,
)  # fmt: skip
from agents.code.render.program import Program

_TOTAL = '''def total(values: pl.Expr) -> pl.Expr:
    """The sum, or null where there is nothing to add up."""
    return pl.when(values.count() > 0).then(values.sum())'''
_CUTS = {
    "second": "1s",
    "minute": "1m",
    "hour": "1h",
    "day": "1d",
    "week": "1w",
    "month": "1mo",
    "quarter": "1q",
    "year": "1y",
}
_SPANS = {"second": "seconds", "minute": "minutes", "hour": "hours", "day": "days", "week": "days"}
# DuckDB counts whole weeks between two days, wherever they begin.
_PLAIN = {"avg": "mean", "min": "min", "max": "max", "stddev": "std"}
_ROLLED = {"avg": "mean", "sum": "sum", "min": "min", "max": "max"}


class PolarsExpressions(Expressions):
    """Expressions of Polars."""

    PARTS: ClassVar[dict[str, str]] = {
        "year": "{}.dt.year()", "quarter": "{}.dt.quarter()", "month": "{}.dt.month()", "day": "{}.dt.day()",
        "hour": "{}.dt.hour()", "dayname": '{}.dt.strftime("%A")', "dayofweek": "{}.dt.weekday() % 7",
        "dayofweekiso": "{}.dt.weekday()",
        "length": "{}.str.len_chars()", "abs": "{}.abs()",
        "lower": "{}.str.to_lowercase()", "upper": "{}.str.to_uppercase()",
    }  # fmt: skip
    SEARCHED: ClassVar[dict[str, str]] = {
        "equals": "{} == {}", "contains": "{}.str.contains({}, literal=True)", "starts": "{}.str.starts_with({})",
        "ends": "{}.str.ends_with({})",
    }  # fmt: skip
    IN = "is_in"

    def column(self, name: str) -> str:
        return f"pl.col({layout.text(name)})"

    def floated(self, text: str) -> str:
        return f"{text}.cast(pl.Float64)"

    def moment(self, value: datetime, kind: Kind) -> str:
        name = "date" if kind == "date" else "datetime"
        parts = (
            value.timetuple()[:3] if kind == "date" or value.time() == datetime.min.time() else value.timetuple()[:6]
        )
        return f"pl.{name}({', '.join(map(str, parts))})"

    def missing(self, node: exp.Expr) -> str:
        return f"{self.receiver(node)}.is_null()"

    def present(self, node: exp.Expr) -> str:
        return f"{self.receiver(node)}.is_not_null()"

    def _coalesce(self, node: exp.Coalesce) -> str:
        inside = (
            self.write(item) if not isinstance(item, exp.Literal) else f"pl.lit({self.write(item)})"
            for item in node.iter_expressions()
        )
        return f"pl.coalesce({', '.join(inside)})"

    def chosen(self, cases: list[tuple[exp.Expr, exp.Expr]], default: exp.Expr) -> str:
        whens = ".".join(f"when({self.write(test)}).then({self._lit(value)})" for test, value in cases)
        return f"pl.{whens}.otherwise({self._lit(default)})"

    def _lit(self, node: exp.Expr) -> str:
        return self.write(node) if node.find(exp.Column) else f"pl.lit({self.write(node)})"

    def _timetostr(self, node: exp.TimeToStr) -> str:
        return f"{self.receiver(node.this)}.dt.strftime({layout.text(node.args['format'].name)})"

    def cast(self, node: exp.Expr, kind: Kind) -> str:
        to = {"date": "pl.Date", "float": "pl.Float64", "int": "pl.Int64", "text": "pl.String"}
        if kind == "date" and self.kind(node) in ("time", "date"):
            return f"{self.receiver(node)}.dt.date()"
        if kind not in to or (kind == "int" and self.kind(node) not in ("bool", "int")):
            raise Unsupported.of(node)
        return f"{self.receiver(node)}.cast({to[kind]})"

    def cut(self, node: exp.Expr, unit: str) -> str:
        if unit not in _CUTS:
            raise Unsupported.of(f"date_trunc('{unit}', …)")
        return f'{self.receiver(node)}.dt.truncate("{_CUTS[unit]}")'

    def between(self, start: exp.Expr, end: exp.Expr, unit: str) -> str:
        first, last = self.timed(start), self.timed(end)
        if unit in _SPANS:
            cut = f'.dt.truncate("{_CUTS["day" if unit == "week" else unit]}")'
            days = f"({last}{cut} - {first}{cut}).dt.total_{_SPANS[unit]}()"
            return f"({days} / 7).cast(pl.Int64)" if unit == "week" else days
        years = f"({last}.dt.year() - {first}.dt.year())"
        each = {"month": 12, "quarter": 4}
        return f"{years} * {each[unit]} + ({last}.dt.{unit}() - {first}.dt.{unit}())" if unit in each else years[1:-1]

    def timed(self, node: exp.Expr) -> str:
        return self.receiver(node) + ('.cast(pl.Datetime("us"))' if self.kind(node) == "date" else "")

    def matched(self, text: str, pattern: str, *, cased: bool) -> str:
        return f"{text}.str.contains({layout.text(('(?s)' if cased else '(?is)') + pattern)})"

    def elapsed(self, start: exp.Expr, end: exp.Expr) -> str:
        return f"({self.timed(end)} - {self.timed(start)}).dt.total_microseconds() / 1_000_000"

    def moved(self, moment: exp.Expr, amount: int, unit: str) -> str:
        return f'{self.timed(moment)}.dt.offset_by("{amount}{_CUTS[unit][1:]}")'

    def floored(self, text: str) -> str:
        return f"({text}).floor()"

    def slice(self, node: exp.Expr, start: int, length: int) -> str:
        return f"{self.receiver(node)}.str.slice({start}, {length})"

    def part(self, node: exp.Expr, by: str, place: int) -> str:
        value = self.receiver(node)
        pieces = f"{value}.str.split({layout.text(by)}).list.get({place - 1}, null_on_oob=True)"
        return f'{pieces}.fill_null(pl.when({value}.is_not_null()).then(pl.lit("")))'


class PolarsProgram(Program):
    """A program of Polars. Its frames are chains."""

    SCALAR = ".item()"

    def head(self) -> list[str]:
        return ["import lakehouse", *(["import polars as pl"] if "pl." in self.body() else [])]

    def helpers(self) -> list[str]:
        return [_TOTAL] if "total(" in self.body() else []

    def scan(self, frame: Frame) -> str:
        return f"lakehouse.polars({layout.text(frame.source.table)})"

    def expressions(self, known: dict[str, Kind]) -> Expressions:
        return PolarsExpressions(known)

    def filter(self, step: Filter) -> list[str]:
        return [layout.call("filter", [self.write(test) for test in step.conditions])]

    def join(self, step: Join, name: str) -> list[str]:
        if step.how == "cross":
            return [f'.join({name}, how="cross")']
        how = "" if step.how == "inner" else f', how="{step.how}"'
        return [f".join({name}, on={layout.either(step.on)}{how})"]

    def below(self, name: str) -> list[str]:
        return [f'.pipe(lambda frame: pl.concat([frame, {name}], how="vertical_relaxed"))']

    def extend(self, step: Extend) -> list[str]:
        return [layout.call("with_columns", layout.named((name, self.value(node)) for name, node in step.columns))]

    def group(self, step: Group) -> list[str]:
        made = layout.named((item.name, self._aggregate(item)) for item in step.aggregates)
        if not step.keys:
            return [layout.call("select", made)]
        if not made:
            return [f".select({layout.strings(step.keys)})", ".unique(maintain_order=True)"]
        return [f".group_by({layout.strings(step.keys)})", layout.call("agg", made)]

    def _aggregate(self, item: Aggregate) -> str:
        test = self.write(item.condition) if item.condition is not None else ""
        if item.argument is None:
            return f"({test}).sum(){self._signed}" if test else f"pl.len(){self._signed}"
        values = self.floats.receiver(item.argument)
        if self.kind(item.argument) == "decimal" and item.function in ("avg", "stddev", "quantile"):
            values = self.floats.floated(values)
        values = f"{values}.filter({test})" if test else values
        if item.function == "sum":
            return f"total({values})"
        if item.function == "distinct":
            return f"{values}.drop_nulls().n_unique(){self._signed}"
        if item.function == "count":
            return f"{values}.count(){self._signed}"
        if item.function == "quantile":
            way = "higher" if item.discrete else "linear"
            return (
                f"{values}.median()"
                if (item.share, item.discrete) == (0.5, False)
                else f'{values}.quantile({item.share}, "{way}")'
            )
        return f"{values}.{_PLAIN[item.function]}()"

    @cached_property
    def _signed(self) -> str:
        """Counts have no sign in Polars, so that a difference of two can't be below zero."""
        return ".cast(pl.Int64)" if self.finds(exp.Sub, exp.Neg) else ""

    def window(self, step: Window) -> list[str]:
        before = [] if not step.order or step.function in ("rank", "dense_rank") else self.sort(Sort((*step.order,)))
        return [
            *before,
            layout.call("with_columns", layout.named([(step.name, self._windowed(step) + self._over(step))])),
        ]

    def _over(self, step: Window) -> str:
        return f".over({layout.strings(step.partition)})" if step.partition else ""

    def _windowed(self, step: Window) -> str:
        given = f"pl.col({layout.text(step.argument)})"
        if step.function in ("rank", "dense_rank"):
            return self._rank(step)
        if step.function == "row_number":
            return "pl.int_range(1, pl.len() + 1)"
        if step.function in ("lag", "lead"):
            return f"{given}.shift({step.offset if step.function == 'lag' else -step.offset})"
        if step.rows and step.function in _ROLLED:
            return f"{given}.rolling_{_ROLLED[step.function]}({step.rows}, min_samples=1)"
        if step.function == "sum" and step.order:
            return f"{given}.cum_sum()" if self.never_null(step.argument) else f"{given}.fill_null(0).cum_sum()"
        if step.order:
            raise Unsupported.of(f"{step.function}(…) OVER (ORDER BY …)")
        return {"count": "pl.len()", "avg": f"{given}.mean()"}.get(step.function, f"{given}.{step.function}()")

    def _rank(self, step: Window) -> str:
        if len(step.order) != 1:
            raise Unsupported.of("a rank by several columns")
        by, method = step.order[0], "min" if step.function == "rank" else "dense"
        column = f"pl.col({layout.text(by.column)})"
        ranked = f'{column}.rank("{method}"{", descending=True" if by.descending else ""})'
        if self.never_null(by.column):
            return ranked
        most = f"{column}.count()" if method == "min" else f"{column}.drop_nulls().n_unique()"
        return f"{ranked}.fill_null({most} + 1)"

    def sort(self, step: Sort) -> list[str]:
        return [f".sort({layout.either([order.column for order in step.orders])}{_directions(step.orders)})"]

    def limit(self, step: Head) -> list[str]:
        return [f".slice({step.skipped}, {step.rows})" if step.skipped else f".head({step.rows})"]

    def select(self, step: Select) -> list[str]:
        if step.plain:
            return [layout.call("select", [layout.text(name) for name, _ in step.columns])]
        made = [
            layout.text(name)
            if isinstance(node, exp.Column) and node.name == name
            else layout.named([(name, self.value(node))])[0]
            for name, node in step.columns
        ]
        # Python takes no positional argument behind a named one.
        if any("=" not in item or item.startswith('"') for item in made):
            made = [_expression(name, node, self) for name, node in step.columns]
        return [layout.call("select", made)]

    def distinct(self, step: Distinct) -> list[str]:
        return [".unique(maintain_order=True)"]

    def value(self, node: exp.Expr) -> str:
        text = self.write(node)
        return f"pl.lit({text})" if node.find(exp.Column) is None else text


def _expression(name: str, node: exp.Expr, program: PolarsProgram) -> str:
    if isinstance(node, exp.Column) and node.name == name:
        return layout.text(name)
    if node.find(exp.Column) is None:
        return f"{program.value(node)}.alias({layout.text(name)})"
    return f"{program.receiver(node)}.alias({layout.text(name)})"


def _directions(orders: tuple[Order, ...]) -> str:
    down = [order.descending for order in orders]
    last = [not order.nulls_first for order in orders]
    told = f", descending={layout.flags(down)}" if any(down) else ""
    return f"{told}, nulls_last={layout.flags(last)}" if any(last) else told


def program(frame: Frame) -> str:
    """The program whose `result` is the frame."""
    return PolarsProgram(frame).text()
