# ruff: noqa: E501 - one form a line
"""Generated queries give the same rows on DuckDB and on Spark, or Spark says that it can't run them."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import TypeVar

import pytest

from data.errors import Invalid, Unavailable
from data.gateway import Gateway

pytestmark = pytest.mark.long

T = TypeVar("T")

PEOPLE = ("owner", "seller", "agent-ca")
MANY = 240
"""Distinct queries, from a fixed seed."""
JVM = 48
"""How many of them are run by the JVM too, which takes its time."""
REFUSED = 0.1
"""The share that Spark may refuse."""

COLUMNS = {
    "customers": {
        "number": ["id", "score", "points"], "text": ["name", "email", "country"], "date": ["born"], "time": ["joined"],
        "bool": ["active"],
    },
    "orders": {
        "number": ["id", "customer_id", "amount", "items"], "text": ["status", "note"], "date": ["placed"],
        "time": ["paid"], "bool": ["gift"],
    },
}  # fmt: skip
LITERALS = {
    "number": ["0", "1", "(-3)", "2.5", "7", "1e2", "12.25"], "text": ["'paid'", "'Lark'", "''", "'a b'", "'é'", "NULL"],
    "date": ["DATE '2024-02-29'", "DATE '1999-12-31'"], "time": ["TIMESTAMP '2024-03-01 12:30:00'"], "bool": ["TRUE", "FALSE"],
}  # fmt: skip
FORMS = {
    "number": [
        "{number} + {number}", "{number} - {number}", "{number} * {number}", "{number} / {number}", "{number} % 4",
        "-{number}", "({number})", "abs({number})", "round({number}, 1)", "floor({number})", "ceil({number})", "sign({number})",
        "sqrt(abs({number}))", "length({text})", "instr({text}, 'a')", "year({date})", "month({time})", "day({date})",
        "quarter({date})", "dayofweek({date})", "dayofyear({date})", "hour({time})", "extract(minute FROM {time})",
        "date_diff('day', {date}, {date})", "coalesce({number}, {number})", "nullif({number}, {number})",
        "greatest({number}, {number})", "least({number}, {number})", "CASE WHEN {bool} THEN {number} ELSE {number} END",
        "CASE {text} WHEN 'paid' THEN 1 WHEN 'open' THEN {number} END", "CAST({number} AS DOUBLE)", "TRY_CAST({text} AS DOUBLE)",
        "TRY_CAST({text} AS DECIMAL(10, 2))",
    ],
    "text": [
        "upper({text})", "lower({text})", "trim({text})", "{text} || '-' || {text}", "concat({text}, '/', {text})",
        "substr({text}, 2, 3)", "left({text}, 2)", "right({text}, 2)", "replace({text}, 'a', 'bb')", "reverse({text})",
        "coalesce({text}, '?')", "nullif({text}, {text})", "CASE WHEN {bool} THEN {text} ELSE {text} END",
        "strftime({date}, '%Y/%m')", "strftime({time}, '%H:%M:%S')", "CAST({number} AS VARCHAR)", "CAST({date} AS VARCHAR)",
        "CAST({bool} AS VARCHAR)", "sha256({text})", "greatest({text}, {text})",
    ],
    "date": ["{date} + INTERVAL 3 DAY", "{date} - INTERVAL 2 MONTH", "date_trunc('month', {date})", "coalesce({date}, {date})",
             "CAST({time} AS DATE)"],
    "time": ["date_trunc('hour', {time})", "date_trunc('week', {time})", "{time} + INTERVAL 90 MINUTE", "CAST({date} AS TIMESTAMP)"],
    "bool": [
        "{number} > {number}", "{number} = {number}", "{number} <> {number}", "{number} BETWEEN {number} AND {number}", "{text} = {text}",
        "{text} < {text}", "{text} LIKE '%a%'", "{text} ILIKE 'P_i%'", "{text} NOT LIKE '%e'", "{text} IS NULL",
        "{number} IS NOT NULL", "{date} >= {date}", "{time} < {time}", "{bool} AND {bool}", "{bool} OR {bool}",
        "NOT ({bool})", "{text} IN ('paid', 'open', 'CA')", "{number} NOT IN (1, 2, 3)", "starts_with({text}, 'p')",
        "regexp_matches({text}, '^[A-C]')", "regexp_matches({text}, '(a|@e)x?.*[a-f]$')", "{text} IS DISTINCT FROM {text}", "{bool} IS NOT TRUE",
    ],
}  # fmt: skip
AGGREGATES = (
    "count(*)", "count({text})", "count(DISTINCT {text})", "sum({number})", "avg({number})", "min({number})", "max({text})",
    "min({date})", "max({time})", "sum({number}) FILTER (WHERE {bool})", "count(*) FILTER ({bool})", "stddev({number})",
    "sum(CASE WHEN {bool} THEN 1 ELSE 0 END)", "max({number}) - min({number})", "bool_or({bool})", "median({number})",
)  # fmt: skip
WINDOWS = (
    "row_number() OVER (ORDER BY {id})", "sum({number}) OVER (PARTITION BY {text} ORDER BY {id})",
    "lag({number}) OVER (ORDER BY {id})", "lead({text}, 2) OVER (PARTITION BY {bool} ORDER BY {id})",
    "rank() OVER (PARTITION BY {text} ORDER BY {number} DESC)", "dense_rank() OVER (ORDER BY {text})",
    "avg({number}) OVER (ORDER BY {id} ROWS BETWEEN 1 PRECEDING AND 1 FOLLOWING)", "count(*) OVER (PARTITION BY {text})",
    "first_value({text}) OVER (PARTITION BY {bool} ORDER BY {id})", "ntile(3) OVER (ORDER BY {id})",
)  # fmt: skip


class Maker:
    """Queries put together from the forms above, by chance but always the same ones."""

    def __init__(self, seed: int) -> None:
        self._chance = random.Random(seed)

    def queries(self, many: int) -> list[str]:
        shapes: tuple[Callable[[], str], ...] = (
            self.plain, self.grouped, self.top, self.joined, self.left, self.scalar, self.within, self.exists, self.derived,
            self.cte, self.united, self.windowed,
        )  # fmt: skip
        found: dict[str, None] = {}
        while len(found) < many:
            found[shapes[len(found) % len(shapes)]()] = None
        return list(found)

    def plain(self) -> str:
        table, fill = self._table()
        distinct = self._one(["", "", "DISTINCT "])
        return f"SELECT {distinct}{self._items(fill)} FROM shop.{table} WHERE {fill('bool')}"

    def grouped(self) -> str:
        table, fill = self._table()
        key, total = fill(self._one(["text", "bool", "number"])), self._filled(self._one(AGGREGATES), fill)
        having = self._one(["", " HAVING count(*) > 1", f" HAVING {self._filled('max({number}) > 3', fill)}"])
        by = self._one(["k", key])
        # A group has one row of a table at least; over no group there is one row of NULLs.
        return self._one(
            [
                f"SELECT {key} AS k, {total} AS a, count(*) AS n FROM shop.{table} GROUP BY {by}{having}",
                f"SELECT {total} AS a FROM shop.{table} WHERE {fill('bool')}",
            ]
        )

    def top(self) -> str:
        table, fill = self._table()
        order = (
            f"coalesce({fill(self._one(['number', 'text', 'date']))}) {self._one(['ASC', 'DESC', 'DESC NULLS LAST'])}"
        )
        offset = self._one(["", " OFFSET 1"])
        return f"SELECT id, {self._items(fill)} FROM shop.{table} ORDER BY {order}, id LIMIT {self._one('135')}{offset}"

    def joined(self, kind: str = "JOIN") -> str:
        left, right = self._fill("customers", "c"), self._fill("orders", "o")
        more = self._one(["", f" AND {right('bool')}"])
        items = f"c.id, o.id AS oid, {left('text')} AS x, {right('number')} AS y"
        where = self._one(["", f" WHERE {left('bool')}", f" WHERE {right('bool')}"])
        return f"SELECT {items} FROM shop.customers c {kind} shop.orders o ON o.customer_id = c.id{more}{where}"

    def left(self) -> str:
        return self.joined(self._one(["LEFT JOIN", "LEFT OUTER JOIN", "RIGHT JOIN", "FULL JOIN"]))

    def scalar(self) -> str:
        fill, inner = self._fill("customers", "c"), self._fill("orders", "o")
        total = self._filled(self._one(["max({number})", "count(*)", "min({text})", "sum({number})"]), inner)
        tie = self._one(["", " WHERE o.customer_id = c.id"])
        return f"SELECT c.id, {fill('text')} AS x, (SELECT {total} FROM shop.orders o{tie}) AS y FROM shop.customers c"

    def within(self) -> str:
        fill, inner = self._fill("customers", "c"), self._fill("orders", "o")
        negated = self._one(["", "NOT "])
        chosen = f"SELECT customer_id FROM shop.orders o WHERE o.customer_id IS NOT NULL AND {inner('bool')}"
        return f"SELECT c.id, {self._items(fill)} FROM shop.customers c WHERE c.id {negated}IN ({chosen})"

    def exists(self) -> str:
        fill, inner = self._fill("customers", "c"), self._fill("orders", "o")
        negated = self._one(["", "NOT "])
        found = f"SELECT 1 FROM shop.orders o WHERE o.customer_id = c.id AND {inner('bool')}"
        return f"SELECT c.id, {self._items(fill)} FROM shop.customers c WHERE {negated}EXISTS ({found})"

    def derived(self) -> str:
        fill = self._fill("orders", "o")
        inner = (
            f"SELECT customer_id, {fill('number')} AS v, {fill('text')} AS t FROM shop.orders o WHERE {fill('bool')}"
        )
        return f"SELECT t, sum(v) AS s, count(*) AS n FROM ({inner}) d GROUP BY t"

    def cte(self) -> str:
        fill, other = self._fill("orders", "o"), self._fill("customers", "c")
        body = f"SELECT customer_id, {fill('number')} AS v FROM shop.orders o WHERE {fill('bool')}"
        join = (
            "SELECT c.id, {} AS x, sum(w.v) AS s FROM shop.customers c JOIN w ON w.customer_id = c.id GROUP BY c.id, {}"
        )
        key = other("text")
        return f"WITH w AS ({body}) {join.format(key, key)}"

    def united(self) -> str:
        kind = self._one(["text", "number"])
        word = self._one(["UNION ALL", "UNION", "EXCEPT", "INTERSECT"])
        sides = [f"SELECT {self._fill(t, t)(kind)} AS v FROM shop.{t}" for t in ("customers", "orders")]
        return f" {word} ".join(sides)

    def windowed(self) -> str:
        table, fill = self._table()
        items = ", ".join(f"{self._filled(self._one(WINDOWS), fill)} AS w{i}" for i in range(2))
        if self._one([True, False, False]):
            return f"SELECT id, {items} FROM shop.{table} QUALIFY w0 IS NOT NULL"
        return f"SELECT id, {items} FROM shop.{table} WHERE {fill('bool')}"

    def _table(self) -> tuple[str, Callable[[str], str]]:
        table = self._one(sorted(COLUMNS))
        return table, self._fill(table, table)

    def _fill(self, table: str, alias: str) -> Callable[[str], str]:
        return lambda kind: self._expression(kind, table, alias, self._one([1, 1, 2]))

    def _items(self, fill: Callable[[str], str]) -> str:
        kinds = [self._one(sorted(FORMS)) for _ in range(self._one([1, 2, 3]))]
        return ", ".join(f"{fill(kind)} AS x{i}" for i, kind in enumerate(kinds))

    def _expression(self, kind: str, table: str, alias: str, depth: int) -> str:
        if depth == 0 or self._chance.random() < 0.15:
            literal = self._chance.random() < 0.2
            return self._one(LITERALS[kind]) if literal else f"{alias}.{self._one(COLUMNS[table][kind])}"
        text = self._filled(self._one(FORMS[kind]), lambda part: self._expression(part, table, alias, depth - 1))
        return f"({text})" if depth < 2 and kind in ("number", "bool") else text

    def _filled(self, form: str, fill: Callable[[str], str]) -> str:
        """The form with each `{kind}` in it replaced; `{id}` is the key."""
        for kind in FORMS:
            while f"{{{kind}}}" in form:
                form = form.replace(f"{{{kind}}}", fill(kind), 1)
        return form.replace("{id}", "id")

    def _one(self, options: Sequence[T]) -> T:
        return options[self._chance.randrange(len(options))]


QUERIES = Maker(4).queries(MANY)


def person(number: int) -> str:
    """Somebody for a query: each of the twelve shapes meets everybody."""
    return PEOPLE[(number + number // 12) % len(PEOPLE)]


def rows(gateway: Gateway, who: str, sql: str, engine: str) -> list[tuple[object, ...]]:
    found = gateway.query(gateway.policy.principal(who), sql, engine=engine).table
    made = [tuple(_value(value) for value in row) for row in zip(*(c.to_pylist() for c in found.columns), strict=True)]
    return made if " LIMIT " in sql else sorted(made, key=_order)


def _value(value: object) -> object:
    return float(value) if isinstance(value, int | Decimal) and not isinstance(value, bool) else value


def _order(row: tuple[object, ...]) -> list[str]:
    return [f"{value + 0.0:.6g}" if isinstance(value, float) else repr(value) for value in row]


def same(one: list[tuple[object, ...]], other: list[tuple[object, ...]]) -> bool:
    cells = [(a, b) for left, right in zip(one, other, strict=False) for a, b in zip(left, right, strict=True)]
    return len(one) == len(other) and all(_equal(a, b) for a, b in cells)


def _equal(one: object, other: object) -> bool:
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-9) or (math.isnan(one) and math.isnan(other))
    return type(one) is type(other) and one == other


def differences(gateway: Gateway, who: str, queries: list[str]) -> tuple[list[str], list[str], int]:
    """The queries that differ, those that Spark refuses, and how many give no row."""
    wrong, refused, empty = [], [], 0
    for sql in queries:
        expected = rows(gateway, who, sql, "duckdb")
        empty += not expected
        try:
            if not same(expected, rows(gateway, who, sql, "spark")):
                wrong.append(sql)
        except (Invalid, Unavailable) as error:
            refused.append(f"{sql}: {error}")
    return wrong, refused, empty


@pytest.mark.parametrize("who", PEOPLE)
def test_both_engines_give_the_same_rows(mixed: Gateway, who: str) -> None:
    asked = [sql for number, sql in enumerate(QUERIES) if person(number) != who]  # each as two of the three
    wrong, refused, empty = differences(mixed, who, asked)
    assert wrong == []
    assert len(refused) <= len(asked) * REFUSED, refused
    assert empty < len(asked) / 4, "they tell too little"


def test_spark_on_the_jvm_gives_the_same_rows(jvm_mixed: Gateway) -> None:
    found = [differences(jvm_mixed, person(number), [sql]) for number, sql in enumerate(QUERIES[:JVM])]
    assert [wrong for wrong, _, _ in found if wrong] == []
    refused = [why for _, some, _ in found for why in some]
    assert len(refused) <= JVM * REFUSED, refused
