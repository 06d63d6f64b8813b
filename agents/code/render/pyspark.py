"""PySpark: one chain of the DataFrame API."""

from __future__ import annotations

import re
from datetime import datetime
from typing import ClassVar

from sqlglot import exp

from agents.code.render import layout
from agents.code.render.expressions import Expressions, bare, pieces
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

_JOINS = {"left": "left", "semi": "left_semi", "anti": "left_anti"}
_PLAIN = {"avg": "avg", "min": "min", "max": "max", "sum": "sum", "count": "count", "distinct": "count_distinct",
          "stddev": "stddev_samp"}  # fmt: skip
_PARTS = {"month": 12, "quarter": 4}
_SECONDS = {"hour": 3600, "minute": 60, "second": 1}
_FORMATS = {
    "%Y": "yyyy",
    "%m": "MM",
    "%d": "dd",
    "%H": "HH",
    "%M": "mm",
    "%S": "ss",
    "%B": "MMMM",
    "%b": "MMM",
    "%A": "EEEE",
}


class SparkExpressions(Expressions):
    """Expressions of PySpark."""

    PARTS: ClassVar[dict[str, str]] = {
        "year": "F.year({})", "quarter": "F.quarter({})", "month": "F.month({})", "day": "F.dayofmonth({})",
        "hour": "F.hour({})", "dayname": 'F.date_format({}, "EEEE")', "dayofweek": "F.dayofweek({}) - 1",
        "dayofweekiso": "F.weekday({}) + 1",
        "length": "F.length({})", "abs": "F.abs({})",
        "lower": "F.lower({})", "upper": "F.upper({})",
    }  # fmt: skip

    def column(self, name: str) -> str:
        return f"F.col({layout.text(escaped(name))})"

    def floated(self, text: str) -> str:
        return f'{text}.cast("double")'

    def moment(self, value: datetime, kind: Kind) -> str:
        whole = kind == "date" or value.time() == datetime.min.time()
        return layout.text(value.date().isoformat() if whole else str(value))

    def missing(self, node: exp.Expr) -> str:
        return f"{self.receiver(node)}.isNull()"

    def timed(self, node: exp.Expr) -> str:
        return self.receiver(node) + ('.cast("timestamp")' if self.kind(node) == "date" else "")

    def present(self, node: exp.Expr) -> str:
        return f"{self.receiver(node)}.isNotNull()"

    def divided(self, top: str, bottom: str, node: exp.Div) -> str:
        """Spark fails where it divides by zero, unless it is told to give nothing."""
        below = bare(node.expression)
        if isinstance(below, exp.Literal) or (isinstance(below, exp.Column) and below.name in self.positive):
            return f"{top} / {bottom}"
        return f"{top} / F.nullif({bottom}, F.lit(0))"

    def _mul(self, node: exp.Mul) -> str:
        sides = [
            f"F.lit({self.write(s)})" if isinstance(s, exp.Literal) and isinstance(o, exp.Literal) else self.number(s)
            for s, o in ((node.this, node.expression), (node.expression, node.this))
        ]
        return " * ".join(sides)

    def _coalesce(self, node: exp.Coalesce) -> str:
        return f"F.coalesce({', '.join(self.lit(item) for item in node.iter_expressions())})"

    def chosen(self, cases: list[tuple[exp.Expr, exp.Expr]], default: exp.Expr) -> str:
        whens = ".".join(f"when({self.write(test)}, {self.lit(value)})" for test, value in cases)
        return f"F.{whens}.otherwise({self.lit(default)})"

    def whole(self, top: str, bottom: str) -> str:
        return f"F.floor({top} / {bottom})"

    def rounded(self, text: str, decimals: int) -> str:
        return f"F.round({text}, {decimals})"

    def lit(self, node: exp.Expr) -> str:
        """The value as a column, also where it is a constant."""
        text = self.write(node)
        return f"F.lit({text})" if node.find(exp.Column) is None else text

    def _timetostr(self, node: exp.TimeToStr) -> str:
        form = node.args["format"].name
        for sign, letters in _FORMATS.items():
            form = form.replace(sign, letters)
        if "%" in form or re.search(r"[A-Za-z]", re.sub(r"yyyy|MMMM|MMM|MM|dd|HH|mm|ss|EEEE", "", form)):
            raise Unsupported.of(node)
        return f"F.date_format({self.write(node.this)}, {layout.text(form)})"

    def cast(self, node: exp.Expr, kind: Kind) -> str:
        names = {"date": "date", "float": "double", "int": "bigint", "text": "string"}
        if kind not in names or (kind == "int" and self.kind(node) not in ("bool", "int")):
            raise Unsupported.of(node)
        return f'{self.receiver(node)}.cast("{names[kind]}")'

    def cut(self, node: exp.Expr, unit: str) -> str:
        return f'F.date_trunc("{unit}", {self.write(node)})'

    def between(self, start: exp.Expr, end: exp.Expr, unit: str) -> str:
        first, last = self.write(start), self.write(end)
        if unit == "day":
            return f"F.datediff({last}, {first})"
        if unit == "week":
            return f'(F.datediff({last}, {first}) / 7).cast("int")'
        if unit in _SECONDS:
            ends = (f'F.unix_timestamp(F.date_trunc("{unit}", {text}))' for text in (last, first))
            whole = " - ".join(ends)
            return f"({whole}) / {_SECONDS[unit]}" if unit != "second" else whole
        years = f"F.year({last}) - F.year({first})"
        if unit in _PARTS:
            return f"({years}) * {_PARTS[unit]} + F.{unit}({last}) - F.{unit}({first})"
        return years

    def search(self, node: exp.Expr, pattern: str, *, cased: bool) -> str:
        if pieces(pattern, cased=cased)[0] == "regex" and "\\" in pattern:
            raise Unsupported.of(pattern)
        return f"{self.receiver(node)}.{'like' if cased else 'ilike'}({layout.text(pattern)})"

    def elapsed(self, start: exp.Expr, end: exp.Expr) -> str:
        first, last = (f'{self.timed(node)}.cast("double")' for node in (start, end))
        return f"{last} - {first}"

    def moved(self, moment: exp.Expr, amount: int, unit: str) -> str:
        if unit == "quarter":
            return self.moved(moment, 3 * amount, "month")
        return f'{self.timed(moment)} + F.expr("INTERVAL {amount} {unit}")'

    def floored(self, text: str) -> str:
        return f"F.floor({text})"

    def slice(self, node: exp.Expr, start: int, length: int) -> str:
        return f"F.substring({self.write(node)}, {start + 1}, {length})"

    def part(self, node: exp.Expr, by: str, place: int) -> str:
        return f"F.split_part({self.write(node)}, F.lit({layout.text(by)}), F.lit({place}))"

    def together(self, one: exp.Expr, other: exp.Expr) -> str:
        return f"F.concat({self.lit(one)}, {self.lit(other)})"


class SparkProgram(Program):
    """A program of PySpark, whose session is `spark`."""

    SCALAR = ".first()[0]"

    def head(self) -> list[str]:
        names = ["Window"] if "Window." in self.body() else []
        names += ["functions as F"] if "F." in self.body() else []
        return [f"from pyspark.sql import {', '.join(names)}"] if names else []

    def scan(self, frame: Frame) -> str:
        return f"spark.table({layout.text('.'.join(_quoted(part) for part in frame.source.table.split('.')))})"

    def expressions(self, known: dict[str, Kind]) -> Expressions:
        return SparkExpressions(known)

    def filter(self, step: Filter) -> list[str]:
        return [layout.call("filter", [self.write(test)]) for test in step.conditions]

    def join(self, step: Join, name: str) -> list[str]:
        if step.how == "cross":
            return [f".crossJoin({name})"]
        how = f", {layout.text(_JOINS[step.how])}" if step.how != "inner" else ""
        return [f".join({name}, {layout.either(step.on)}{how})"]

    def below(self, name: str) -> list[str]:
        return [f".union({name})"]

    def extend(self, step: Extend) -> list[str]:
        return [layout.call("withColumn", [layout.text(name), self.value(node)]) for name, node in step.columns]

    def group(self, step: Group) -> list[str]:
        made = [f"{self._aggregate(item)}.alias({layout.text(item.name)})" for item in step.aggregates]
        keys = layout.strings(map(escaped, step.keys))
        if not made:
            return [f".select({keys})", ".distinct()"]
        return [*([f".groupBy({keys})"] if keys else []), layout.call("agg", made)]

    def _aggregate(self, item: Aggregate) -> str:
        if item.argument is None:
            test = f"F.when({self.write(item.condition)}, 1)" if item.condition is not None else '"*"'
            return f"F.count({test})"
        plain = isinstance(item.argument, exp.Column)
        values = self.write(item.argument)
        if self.kind(item.argument) == "decimal" and item.function in ("avg", "stddev", "quantile"):
            values, plain = self.floats.floated(self.receiver(item.argument)), False
        if item.condition is not None:
            values, plain = f"F.when({self.write(item.condition)}, {values})", False
        values = layout.text(escaped(item.argument.name)) if plain else values
        if item.function == "quantile":
            if item.discrete:
                raise Unsupported.of("percentile_disc")
            return f"F.median({values})" if item.share == 0.5 else f"F.percentile({values}, {item.share})"
        return f"F.{_PLAIN[item.function]}({values})"

    def window(self, step: Window) -> list[str]:
        return [layout.call("withColumn", [layout.text(step.name), f"{self._function(step)}.over({self._over(step)})"])]

    def _function(self, step: Window) -> str:
        if step.function in ("rank", "dense_rank", "row_number"):
            return f"F.{step.function}()"
        given = layout.text(escaped(step.argument)) if step.argument else '"*"'
        offset = f", {step.offset}" if step.function in ("lag", "lead") and step.offset != 1 else ""
        return f"F.{step.function}({given}{offset})"

    def _over(self, step: Window) -> str:
        by = layout.strings(map(escaped, step.partition))
        orders = ", ".join(map(_order, step.order))
        if not orders:
            return f"Window.partitionBy({by})"
        rows = f".rowsBetween({1 - step.rows}, 0)" if step.rows else ""
        return f"Window.{f'partitionBy({by}).' if by else ''}orderBy({orders}){rows}"

    def sort(self, step: Sort) -> list[str]:
        return [layout.call("orderBy", [_order(order) for order in step.orders])]

    def limit(self, step: Head) -> list[str]:
        return [*([f".offset({step.skipped})"] if step.skipped else []), f".limit({step.rows})"]

    def select(self, step: Select) -> list[str]:
        return [layout.call("select", [self._chosen(name, node) for name, node in step.columns])]

    def _chosen(self, name: str, node: exp.Expr) -> str:
        if isinstance(node, exp.Column) and node.name == name:
            return layout.text(escaped(name))
        text = self.value(node)
        loose = isinstance(bare(node), (exp.Binary, exp.DateDiff))
        return f"{f'({text})' if loose else text}.alias({layout.text(name)})"

    def distinct(self, step: Distinct) -> list[str]:
        return [".distinct()"]

    def value(self, node: exp.Expr) -> str:
        text = self.write(node)
        return f"F.lit({text})" if node.find(exp.Column) is None else text


def escaped(name: str) -> str:
    """A name as Spark reads it: one with a dot would be a field of a column."""
    return name if re.fullmatch(r"\w+", name) else _quoted(name)


def _quoted(name: str) -> str:
    return name if re.fullmatch(r"\w+", name) else "`" + name.replace("`", "``") + "`"


def _order(order: Order) -> str:
    """Spark puts what is missing first where it goes up, and last where it goes down."""
    name = f"F.{'desc' if order.descending else 'asc'}"
    if order.descending:
        told = "_nulls_first" if order.nulls_first else ""
    else:
        told = "" if order.nulls_first else "_nulls_last"
    return f"{name}{told}({layout.text(escaped(order.column))})"


def program(frame: Frame) -> str:
    """The program whose `result` is the frame."""
    return SparkProgram(frame).text()
