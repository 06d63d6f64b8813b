"""pandas: a statement a step, over columns of Arrow types, in which a missing value stays one."""

from __future__ import annotations

import re
from datetime import datetime
from typing import ClassVar

from sqlglot import exp

from agents.code.render import layout
from agents.code.render.expressions import Expressions
from agents.code.render.naming import unique
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

_TOTAL = '''def total(values: pd.Series):
    """The sum, or nothing where there is nothing to add up."""
    return values.sum(min_count=1)'''
_PERIODS = {"week": "W", "month": "M", "quarter": "Q", "year": "Y"}
_FLOORS = {"day": "D", "hour": "h", "minute": "min", "second": "s"}
_SECONDS = {"hour": 3600, "minute": 60, "second": 1}
_PLAIN = {"avg": "mean", "min": "min", "max": "max", "count": "count", "distinct": "nunique", "stddev": "std"}
_NAIVE = '.astype("datetime64[us]")'


class PandasExpressions(Expressions):
    """Expressions of pandas over the frame of one name."""

    PARTS: ClassVar[dict[str, str]] = {
        "year": "{}.dt.year", "quarter": "{}.dt.quarter", "month": "{}.dt.month", "day": "{}.dt.day",
        "hour": "{}.dt.hour", "dayname": "{}.dt.day_name()", "dayofweek": '({}.dt.day_of_week.astype("Int64") + 1) % 7',
        "dayofweekiso": "{}.dt.day_of_week + 1",
        "length": "{}.str.len()", "abs": "{}.abs()",
        "lower": "{}.str.lower()", "upper": "{}.str.upper()",
    }  # fmt: skip
    SEARCHED: ClassVar[dict[str, str]] = {
        "equals": "{} == {}", "contains": "{}.str.contains({}, regex=False)", "starts": "{}.str.startswith({})",
        "ends": "{}.str.endswith({})",
    }  # fmt: skip

    def __init__(self, known: dict[str, Kind], frame: str) -> None:
        super().__init__(known)
        self._frame = frame

    def column(self, name: str) -> str:
        return f"{self._frame}[{layout.text(name)}]"

    def floated(self, text: str) -> str:
        return f'{text}.astype("float64[pyarrow]")'

    def moment(self, value: datetime, kind: Kind) -> str:
        if kind == "date":
            return f"date({value.year}, {value.month}, {value.day})"
        return f"pd.Timestamp({layout.text(value.isoformat(' ').removesuffix(' 00:00:00'))})"

    def missing(self, node: exp.Expr) -> str:
        return f"{self.receiver(node)}.isna()"

    def present(self, node: exp.Expr) -> str:
        return f"{self.receiver(node)}.notna()"

    def excluded(self, node: exp.In) -> str:
        """`isin` takes what is missing for a value that is not there."""
        return f"~{self.write(node)} & {self.present(node.this)}"

    def condition(self, node: exp.Expr) -> str:
        text = super().condition(node)
        return f"({text})" if " & " in text and not text.startswith("(") else text

    def _coalesce(self, node: exp.Coalesce) -> str:
        if len(node.expressions) != 1:
            raise Unsupported.of(node)
        return f"{self.receiver(node.this)}.fillna({self.write(node.expressions[0])})"

    def chosen(self, cases: list[tuple[exp.Expr, exp.Expr]], default: exp.Expr) -> str:
        tests = ", ".join(f"({self.condition(test)}.fillna(False), {self.write(value)})" for test, value in cases)
        start = self.write(default)
        if default.find(exp.Column) is None:
            start = f"pd.Series({start}, index={self._frame}.index)"
        return f"{start}.case_when([{tests}])"

    def _timetostr(self, node: exp.TimeToStr) -> str:
        return f"{self.receiver(node.this)}.dt.strftime({layout.text(node.args['format'].name)})"

    def cast(self, node: exp.Expr, kind: Kind) -> str:
        if kind == "date":
            return self.cut(node, "day")
        names = {"float": "float64[pyarrow]", "int": "int64[pyarrow]", "text": "string[pyarrow]"}
        if kind not in names or (kind == "int" and self.kind(node) not in ("bool", "int")):
            raise Unsupported.of(node)
        return f'{self.receiver(node)}.astype("{names[kind]}")'

    def cut(self, node: exp.Expr, unit: str) -> str:
        if unit in _FLOORS:
            return f'{self.timed(node)}.dt.floor("{_FLOORS[unit]}")'
        if unit not in _PERIODS:
            raise Unsupported.of(f"date_trunc('{unit}', …)")
        return f'{self.receiver(node)}{_NAIVE}.dt.to_period("{_PERIODS[unit]}").dt.start_time'

    def between(self, start: exp.Expr, end: exp.Expr, unit: str) -> str:
        first, last = self.timed(start), self.timed(end)
        if unit == "week":
            return f'np.trunc({self.between(start, end, "day")}.astype("Float64") / 7)'
        if unit in _FLOORS:
            cut = f'.dt.floor("{_FLOORS[unit]}")'
            span = f"({last}{cut} - {first}{cut})"
            return f"{span}.dt.days" if unit == "day" else f"{span}.dt.total_seconds() / {_SECONDS[unit]}"
        years = f"({last}.dt.year - {first}.dt.year)"
        each = {"month": 12, "quarter": 4}
        return f"{years} * {each[unit]} + {last}.dt.{unit} - {first}.dt.{unit}" if unit in each else years[1:-1]

    def timed(self, node: exp.Expr) -> str:
        return self.receiver(node) + ('.astype("timestamp[us][pyarrow]")' if self.kind(node) == "date" else "")

    def matched(self, text: str, pattern: str, *, cased: bool) -> str:
        return f"{text}.str.contains({layout.text(pattern)}{'' if cased else ', case=False'})"

    def elapsed(self, start: exp.Expr, end: exp.Expr) -> str:
        return f"({self.timed(end)}{_NAIVE} - {self.timed(start)}{_NAIVE}).dt.total_seconds()"

    def moved(self, moment: exp.Expr, amount: int, unit: str) -> str:
        if unit == "quarter":
            return self.moved(moment, 3 * amount, "month")
        span = f"pd.DateOffset({unit}s={amount})" if unit in ("month", "year") else f"pd.Timedelta({unit}s={amount})"
        if unit in ("month", "year"):
            return f'({self.timed(moment)}{_NAIVE} + {span}).astype("timestamp[us][pyarrow]")'
        return f"{self.timed(moment)} + {span}"

    def floored(self, text: str) -> str:
        return f"np.floor({text})"

    def slice(self, node: exp.Expr, start: int, length: int) -> str:
        return f"{self.receiver(node)}.str.slice({start}, {start + length})"

    def part(self, node: exp.Expr, by: str, place: int) -> str:
        cut = f"(text.split({layout.text(by)}) + [''] * {place})[{place - 1}]"
        return f'{self.receiver(node)}.map(lambda text: {cut}, na_action="ignore").astype("string[pyarrow]")'


class PandasProgram(Program):
    """A program of pandas: the frame of a name is made, then each step replaces it."""

    SCALAR = ".iloc[0, 0]"
    _name = "frame"

    def head(self) -> list[str]:
        days = ["from datetime import date"] if re.search(r"(?<![\w.])date\(", self.body()) else []
        numpy = ["import numpy as np"] if "np." in self.body() else []
        return [*days, *([""] if days else []), "import lakehouse", *numpy, "import pandas as pd"]

    def helpers(self) -> list[str]:
        return [_TOTAL] if "total(" in self.body() or ", total)" in self.body() else []

    def scan(self, frame: Frame) -> str:
        return f"lakehouse.table({layout.text(frame.source.table)}).to_pandas(types_mapper=pd.ArrowDtype)"

    def expressions(self, known: dict[str, Kind]) -> Expressions:
        return PandasExpressions(known, self._name)

    def statement(self, frame: Frame, name: str) -> str:
        self._name = frame.name
        lines = [f"{self._name} = {self.scan(frame)}", *self.calls(frame)]
        return "\n".join([*lines, *([f"{name} = {self._name}"] if name != self._name else [])])

    def _scalar(self, frame: Frame) -> list[str]:
        made = f"{frame.name} = {frame.name}{self.SCALAR}"
        return [*self._frames(frame, frame.name), made, *self._floated(frame)]

    def filter(self, step: Filter) -> list[str]:
        tests = [self.floats.condition(test) for test in step.conditions]
        if len(tests) == 1:
            return [self._made(f"{self._name}[{self.write(step.conditions[0])}]")]
        if len(whole := " & ".join(tests)) + 2 * len(self._name) < layout.WIDTH:
            return [self._made(f"{self._name}[{whole}]")]
        return [self._made(f"{self._name}[\n    " + "\n    & ".join(tests) + "\n]")]

    def join(self, step: Join, name: str) -> list[str]:
        if step.how == "cross":
            return [self._made(f'{self._name}.merge({name}, how="cross")')]
        on = layout.either(step.on)
        if step.how in ("semi", "anti"):
            key = self.floats.column(step.on[0])
            inside = f"{key}.isin({name}[{on}].dropna())"
            return [self._made(f"{self._name}[{'~' if step.how == 'anti' else ''}{inside}]")]
        # What is missing equals nothing in SQL, but pandas would join it.
        other = f"{name}.dropna(subset=[{layout.strings(step.on)}])"
        return [self._made(f'{self._name}.merge({other}, on={on}, how="{step.how}")')]

    def below(self, name: str) -> list[str]:
        return [self._made(f"pd.concat([{self._name}, {name}], ignore_index=True)")]

    def extend(self, step: Extend) -> list[str]:
        return [f"{self._target(name)} = {self.write(node)}" for name, node in step.columns]

    def group(self, step: Group) -> list[str]:
        if not step.keys:
            made = [f"{layout.text(item.name)}: [{self._single(item)}]" for item in step.aggregates]
            return [self._made("pd.DataFrame({" + ", ".join(made) + "})")]
        if not step.aggregates:
            return [self._made(f"{self._name}[[{layout.strings(step.keys)}]].drop_duplicates()")]
        before: list[str] = []
        made = (
            layout.named((item.name, self._pair(item, step, before)) for item in step.aggregates)
            if all(item.name.isidentifier() for item in step.aggregates)
            else [
                "**{"
                + ", ".join(f"{layout.text(item.name)}: {self._pair(item, step, before)}" for item in step.aggregates)
                + "}"
            ]
        )
        by = f".groupby([{layout.strings(step.keys)}], as_index=False, dropna=False, sort=False)"
        call = layout.call("agg", made, 0)
        return [*before, self._made(f"{self._name}{by}{call}")]

    def _single(self, item: Aggregate) -> str:
        """An aggregate of all rows."""
        if item.argument is None:
            return f"({self.write(item.condition)}).sum()" if item.condition is not None else f"len({self._name})"
        values = self._values(item)
        if item.function == "sum":
            return f"total({values})"
        if item.function == "quantile":
            return f"{values}.quantile({item.share})"
        return f"{values}.{_PLAIN[item.function]}()"

    def _pair(self, item: Aggregate, step: Group, before: list[str]) -> str:
        """The column and the function of an aggregate of a group; what it is of is made a column before."""
        if item.argument is None and item.condition is None:
            free = next((name for name in self.known if name not in step.keys), "")
            if free:
                return f'({layout.text(free)}, "size")'
        plain = isinstance(item.argument, exp.Column) and item.argument.name not in step.keys and item.condition is None
        if plain and self._values(item) == self.write(item.argument):  # type: ignore[arg-type]
            name = item.argument.name  # type: ignore[union-attr]
        else:
            name = unique(item.name, (*self.known, *step.keys))
            values = self._values(item) if item.argument is not None else self._counted(item)
            before.append(f"{self._target(name)} = {values}")
        return f"({layout.text(name)}, {self._how(item)})"

    def _counted(self, item: Aggregate) -> str:
        return self.write(item.condition) if item.condition is not None else "1"

    def _how(self, item: Aggregate) -> str:
        if item.function == "sum":
            counts = isinstance(item.argument, exp.Column) and self.never_null(item.argument.name)
            return '"sum"' if counts and item.condition is None else "total"
        if item.function == "quantile":
            return (
                '"median"'
                if item.share == 0.5 and not item.discrete
                else f"lambda values: values.quantile({item.share})"
            )
        return '"sum"' if item.argument is None else f'"{_PLAIN[item.function]}"'

    def _values(self, item: Aggregate) -> str:
        assert item.argument is not None
        if item.discrete:
            raise Unsupported.of("percentile_disc")
        values = self.receiver(item.argument)
        if self.kind(item.argument) == "decimal" and item.function in ("avg", "stddev", "quantile"):
            values = self.floats.floated(values)
        return f"{values}.where({self.write(item.condition)})" if item.condition is not None else values

    def window(self, step: Window) -> list[str]:
        before = [] if not step.order or step.function in ("rank", "dense_rank") else self.sort(Sort(step.order))
        return [*before, f"{self._target(step.name)} = {self._windowed(step)}"]

    def _windowed(self, step: Window) -> str:
        by = f".groupby([{layout.strings(step.partition)}], dropna=False)" if step.partition else ""
        given = f"{self._name}{by}[{layout.text(step.argument)}]"
        if step.function in ("rank", "dense_rank"):
            return self._rank(step, by)
        if step.function == "row_number":
            return f"{self._name}{by}.cumcount() + 1" if by else f"range(1, len({self._name}) + 1)"
        if step.function in ("lag", "lead"):
            return f"{given}.shift({step.offset if step.function == 'lag' else -step.offset})"
        if step.rows and not by:
            given = self.floats.floated(given) if self.known.get(step.argument) == "decimal" else given
            return f"{given}.rolling({step.rows}, min_periods=1).{_PLAIN.get(step.function, step.function)}()"
        if step.function == "sum" and step.order and not step.rows:
            return f"{self._summed(step)}.cumsum()"
        if step.function == "count" and not step.order and by and not step.argument:
            return f'{self._name}{by}[{layout.text(step.partition[0])}].transform("size")'
        if step.order or step.function == "count":
            raise Unsupported.of(f"{step.function}(…) OVER (…)")
        name = _PLAIN.get(step.function, step.function)
        if step.function == "avg" and self.known.get(step.argument) == "decimal":
            given = self._floats(step.argument, step)  # pandas rounds the mean of decimals
        return f'{given}.transform("{name}")' if by else f"{given}.{name}()"

    def _summed(self, step: Window) -> str:
        """The column that is added up, with 0 for what is missing, in the window's groups."""
        values = self.floats.column(step.argument)
        if self.known.get(step.argument) == "decimal":
            values = self.floats.floated(values)  # pandas adds up no decimals
        values += "" if self.never_null(step.argument) else ".fillna(0)"
        by = ", ".join(self.floats.column(key) for key in step.partition)
        return f"{values}.groupby([{by}], dropna=False)" if by else values

    def _rank(self, step: Window, by: str) -> str:
        if len(step.order) != 1:
            raise Unsupported.of("a rank by several columns")
        order, method = step.order[0], "min" if step.function == "rank" else "dense"
        values = f"{self._name}{by}[{layout.text(order.column)}]"
        if self.known.get(order.column) == "decimal":
            values = self._floats(order.column, step)  # pandas ranks no decimals
        return f'{values}.rank(method="{method}", ascending={not order.descending}, na_option="bottom")'

    def _floats(self, name: str, step: Window) -> str:
        """A column of decimals as floats, in the window's groups."""
        values = self.floats.floated(self.floats.column(name))
        by = ", ".join(self.floats.column(key) for key in step.partition)
        return f"{values}.groupby([{by}], dropna=False)" if by else values

    def sort(self, step: Sort) -> list[str]:
        names, up = [order.column for order in step.orders], [not order.descending for order in step.orders]
        told = "" if all(up) else f", ascending={layout.flags(up)}"
        return [self._made(f"{self._name}.sort_values({layout.either(names)}{told}{_first(step.orders)})")]

    def limit(self, step: Head) -> list[str]:
        if step.skipped:
            return [self._made(f"{self._name}.iloc[{step.skipped}:{step.skipped + step.rows}]")]
        return [self._made(f"{self._name}.head({step.rows})")]

    def select(self, step: Select) -> list[str]:
        names = [name for name, _ in step.columns]
        renamed = {node.name: name for name, node in step.columns if isinstance(node, exp.Column)}
        if len(renamed) < len(names):
            pairs = [f"    {layout.text(name)}: {self._series(node)}," for name, node in step.columns]
            return [self._made("pd.DataFrame({\n" + "\n".join(pairs) + "\n})")]
        changed = {old: new for old, new in renamed.items() if old != new}
        rename = ", ".join(f"{layout.text(old)}: {layout.text(new)}" for old, new in changed.items())
        chosen = f"{self._name}[[{layout.strings(renamed)}]]"
        return [self._made(f"{chosen}.rename(columns={{{rename}}})" if changed else chosen)]

    def _series(self, node: exp.Expr) -> str:
        text = self.write(node)
        return text if node.find(exp.Column) is not None else f"pd.Series({text}, index={self._name}.index)"

    def distinct(self, step: Distinct) -> list[str]:
        return [self._made(f"{self._name}.drop_duplicates()")]

    def _made(self, text: str) -> str:
        return f"{self._name} = {text}"

    def _target(self, name: str) -> str:
        return f"{self._name}[{layout.text(name)}]"


def _first(orders: tuple[Order, ...]) -> str:
    return ', na_position="first"' if all(order.nulls_first for order in orders) else ""


def program(frame: Frame) -> str:
    """The program whose `result` is the frame."""
    return PandasProgram(frame).text()
