"""A query's parts in plain words: what it measures, of what, under which conditions."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any

from sqlglot import exp

from agents.ask.names import called, numbers, one, things
from agents.semantic import Semantic
from agents.semantic.kept import Time, kept
from data.catalog import Catalog, Column, Table
from data.naming import many

_COMPARED: dict[type[exp.Expr], str] = {
    exp.EQ: "is", exp.NEQ: "is not", exp.GT: "is over", exp.GTE: "is at least", exp.LT: "is under",
    exp.LTE: "is at most", exp.Like: "is like", exp.ILike: "is like",
}  # fmt: skip
_COMPARED_TIME: dict[type[exp.Expr], str] = {
    exp.GTE: "is from",
    exp.GT: "is after",
    exp.LT: "is before",
}
_AGGREGATES: dict[type[exp.Expr], str] = {
    exp.Sum: "total", exp.Avg: "average", exp.Min: "smallest", exp.Max: "largest", exp.Median: "median",
}  # fmt: skip
_AGGREGATES_TIME: dict[type[exp.Expr], str] = {exp.Min: "first", exp.Max: "latest"}
# Parts of a date: whole numbers or names that are never measured.
PERIODS: dict[type[exp.Expr], str] = {
    exp.Year: "year", exp.Quarter: "quarter", exp.Month: "month", exp.Week: "week", exp.Day: "day",
    exp.Hour: "hour", exp.Dayname: "day of the week", exp.Monthname: "month",
}  # fmt: skip

_LARGER = {"60": "min", "60.0": "min", "3600": "h", "3600.0": "h"}
"""What seconds are when they are divided by this."""


_TIME = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(?:\+00)?")
"""A period's end that was counted from now: such are in UTC."""


@dataclass(frozen=True)
class Wording:
    """Says a SELECT in words. `known` are the numbers that may be said: the SQL's writer chose the others."""

    tree: exp.Query
    catalog: Catalog
    known: frozenset[str]

    @cached_property
    def tables(self) -> dict[str, Table]:
        """The tables of FROM and JOIN by alias; empty when the query reads from something else."""
        base = self.tree.args.get("from_")
        # In a query that begins with FROM, sqlglot hangs the joins on the first table.
        holders = (self.tree, base.this) if base else ()
        joined = [join for holder in holders for join in holder.args.get("joins") or ()]
        found = [clause.this for clause in (base, *joined) if clause]
        if self.tree.args.get("with_") or not all(isinstance(table, exp.Table) for table in found):
            return {}
        named = {table.alias_or_name.lower(): f"{table.db}.{table.name}" for table in found}
        return {alias: self.catalog.table(name) for alias, name in named.items() if name in self.catalog}

    @property
    def subject(self) -> str:
        """What one row of the first table is, in the plural."""
        return self.things(next(iter(self.tables.values()))) if self.tables else ""

    def things(self, table: Table) -> str:
        """The rows of a table in plain words: `PT` has 'patients'."""
        return things(table.name, self._semantic.table(table.full_name).rpartition(".")[2])

    def called(self, table: Table, column: Column) -> str:
        """A column in plain words, without its unit: `DOB` is 'date of birth'."""
        owner = self._semantic.table(table.full_name)
        name = self._semantic.called(f"{table.full_name}.{column.name}")
        return called(replace(column, name=name.removeprefix(f"{owner}.")))

    @cached_property
    def _semantic(self) -> Semantic:
        return Semantic.of(self.catalog)

    def outputs(self) -> list[exp.Expr]:
        """The expressions of the output, `*` written out; empty when they can't be known."""
        found: list[exp.Expr] = []
        for item in self.tree.selects if self.tables else ():
            if isinstance(item, exp.Star):
                found += [exp.column(c.name, table=alias) for alias, t in self.tables.items() for c in t.columns]
            else:
                found.append(item.unalias())
        return found

    def column(self, node: exp.Expr) -> tuple[Table, Column] | None:
        """The catalogue's column that a column reference means."""
        if not isinstance(node, exp.Column):
            return None
        named = self.tables.get(node.table.lower())
        for table in (named,) if named else self.tables.values():
            if node.name in table:
                return table, table.column(node.name)
        return None

    def unit(self, node: exp.Expr) -> str | None:
        """The unit of an output's values: `%` for shares, None for counts."""
        match node:
            case exp.Filter() | exp.Paren() | exp.Round() | exp.Sum() | exp.Avg():
                return self.unit(node.this)
            case exp.Min() | exp.Max() | exp.Median():
                return self.unit(node.this)
            case exp.Div():
                return "%" if self._share(node) or _of_all(node) else self._divided(node) or self.unit(node.this)
            case exp.Column():
                found = self.column(node)
                return found[1].unit if found else None
        return None

    def said(self, node: exp.Expr) -> str | None:
        """An output in words, or None when it is beyond these words."""
        match node:
            case exp.Paren() | exp.Round():
                return self.said(node.this)
            case exp.Column():
                return self._named(node)
            case exp.Count():
                return self._count(node)
            case exp.Filter():
                return self._joined(self.said(node.this), " where ", self.conditions(node.expression.this))
            case exp.Div():
                return self._ratio(node)
            case exp.DateTrunc() | exp.TimestampTrunc():
                return node.text("unit").lower() or None
        if type(node) in PERIODS:
            return PERIODS[type(node)]
        return self._aggregate(node)

    def where(self) -> str:
        """The conditions of the whole query; what can't be said is pointed at, never left out."""
        clause = self.tree.args.get("where")
        return self.conditions(clause.this) if clause else ""

    def conditions(self, node: exp.Expr) -> str:
        """Conditions in words, joined by "and"."""
        said = (
            [self._condition(part) for part in node.flatten()] if isinstance(node, exp.And) else [self._condition(node)]
        )
        parts = _periods(list(dict.fromkeys(part for part in said if part)))
        if None in said:
            parts.append("the further conditions of the SQL hold")
        return " and ".join(parts)

    def _named(self, node: exp.Expr) -> str | None:
        found = self.column(node)
        if found is None:
            return None
        table, column = found
        thing, said = one(self.things(table)), self.called(table, column)
        clear = len(self.tables) == 1 and column.name != table.label
        return said if clear or said.startswith(thing) else f"{thing} {said}"

    def _count(self, node: exp.Count) -> str | None:
        inner = node.this
        if isinstance(inner, exp.Distinct) and len(inner.expressions) == 1:
            return self._joined("number of different", " ", self._plural(inner.expressions[0]))
        if isinstance(inner, exp.Star):
            return f"number of {self.subject}"
        return self._joined(f"number of {self.subject}", " with ", self._named(inner))

    def _plural(self, node: exp.Expr) -> str | None:
        name = self._named(node)
        return many(one(name.removesuffix(" id"))) if name else None

    def _aggregate(self, node: exp.Expr) -> str | None:
        kind = _chosen(node)
        found = self.column(node.this) if kind in _AGGREGATES else None
        if found is None:
            return None
        table, column = found
        if kind in _AGGREGATES_TIME and _is_time(column):
            what = one(self.things(table)) if column.name == table.time else self.called(table, column)
            return f"{_AGGREGATES_TIME[kind]} {what}"
        word, said = _AGGREGATES[kind], self.called(table, column)
        return f"{word} {said.removeprefix(f'{word} ')} of {self.things(table)}"

    def _ratio(self, node: exp.Div) -> str | None:
        if share := self._share(node):
            whole = (self.said(share.this) or "the whole").removeprefix("number of ")
            return f"percentage of {whole} where {self.conditions(share.expression.this)}"
        if _of_all(node):
            return f"percentage of all {self.subject}"
        if self._divided(node):
            return self.said(node.this)
        below = node.expression
        if isinstance(below, exp.Count) and isinstance(below.this, exp.Distinct):
            plural = self._plural(below.this.expressions[0])
            return self._joined(self.said(node.this), " per ", one(plural) if plural else None)
        return None

    def _divided(self, node: exp.Div) -> str | None:
        """The unit that seconds have become: `sum(seconds) / 3600.0` is in hours."""
        below = node.expression
        larger = _LARGER.get(below.name) if isinstance(below, exp.Literal) else None
        return larger if larger and self.unit(node.this) == "s" else None

    def _share(self, node: exp.Div) -> exp.Filter | None:
        """The filtered part of `100 * part / whole` over the same measure."""
        above = node.this
        if (
            isinstance(above, exp.Mul)
            and isinstance(above.expression, exp.Filter)
            and above.this.name in ("100", "100.0")
        ):
            part: exp.Filter = above.expression
            return part if part.this == node.expression else None
        return None

    def _condition(self, node: exp.Expr) -> str | None:
        match node:
            case exp.Paren():
                return self._condition(node.this)
            case exp.Between():
                low, high = (self._value(node.args[end], node.this) for end in ("low", "high"))
                return self._joined(self.said(node.this), " is between ", self._joined(low, " and ", high))
            case exp.In() if node.expressions:
                values = [self._value(item, node.this) for item in node.expressions]
                return self._joined(
                    self.said(node.this), " is ", None if None in values else " or ".join(map(str, values))
                )
            case exp.Column():
                return self._joined(self._named(node), " is true", "")
            case exp.Not(this=exp.Column()):
                return self._joined(self._named(node.this), " is false", "")
            case exp.Not(this=exp.Is()):
                return self._joined(self.said(node.this.this), " is known", "")
            case exp.Is(expression=exp.Null()):
                return self._joined(self.said(node.this), " is missing", "")
        return self._comparison(node)

    def _comparison(self, node: exp.Expr) -> str | None:
        if type(node) not in _COMPARED or not isinstance(node, exp.Binary):
            return None
        found = self.column(node.this)
        meant = self._meant(node.expression, node.this)
        if isinstance(meant, bool) and found and isinstance(node, exp.EQ):
            return self._joined(self._named(node.this), " is ", "true" if meant else "false")
        timed = _COMPARED_TIME if found and _is_time(found[1]) else {}
        word = timed.get(type(node), _COMPARED[type(node)])
        return self._joined(self.said(node.this), f" {word} ", self._value(node.expression, node.this))

    def _meant(self, node: exp.Expr, beside: exp.Expr) -> Any:
        """What a constant means that something is compared with; None for what is none."""
        if isinstance(node, exp.Cast):
            node = node.this
        if isinstance(node, exp.Boolean):
            return bool(node.this)
        if not isinstance(node, exp.Literal) and not (isinstance(node, exp.Neg) and isinstance(node.this, exp.Literal)):
            return None
        text = node.name if isinstance(node, exp.Literal) else f"-{node.name}"
        found = self.column(beside)
        way = kept(found[1]) if found else None
        return way.said(text) if way else text

    def _value(self, node: exp.Expr, beside: exp.Expr) -> str | None:
        """A constant, if the writer of the SQL did not make its number up."""
        meant = self._meant(node, beside)
        if meant is None or isinstance(meant, bool):
            return None
        if isinstance(meant, datetime):
            meant = meant.strftime("%Y-%m-%d" if meant.time() == datetime.min.time() else "%Y-%m-%d %H:%M")
        text = " ".join(str(meant).strip("%").split())
        if _TIME.fullmatch(text):
            text = f"{text.removesuffix('+00')} UTC"
        return text if self._may_say(text) else None

    def _may_say(self, text: str) -> bool:
        return numbers(text) <= self.known

    @staticmethod
    def _joined(first: str | None, between: str, second: str | None) -> str | None:
        return None if first is None or second is None else f"{first}{between}{second}"


def _of_all(node: exp.Div) -> bool:
    """Whether this is `100 * count(*) / sum(count(*)) OVER ()`."""
    above, below = node.this, node.expression
    return isinstance(above, exp.Mul) and isinstance(below, exp.Window) and isinstance(above.expression, exp.Count)


def _periods(parts: list[str]) -> list[str]:
    """The two ends of a period become one condition."""
    merged: list[str] = []
    for part in parts:
        name, before, day = part.partition(" is before ")
        if before and merged and merged[-1].startswith(f"{name} is from "):
            merged[-1] += f" and before {day}"
        else:
            merged.append(part)
    return merged


def _is_time(column: Column) -> bool:
    return column.type.upper().startswith(("DATE", "TIME")) or isinstance(kept(column), Time)


def _chosen(node: exp.Expr) -> type[exp.Expr]:
    """The kind of an aggregate; one that chooses among values by what they mean is the same as by themselves."""
    own = isinstance(node, (exp.ArgMax, exp.ArgMin)) and all(
        column == node.this for column in node.expression.find_all(exp.Column)
    )
    return (exp.Max if isinstance(node, exp.ArgMax) else exp.Min) if own else type(node)
