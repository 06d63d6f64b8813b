"""For any policy and any allowed query, the rows are those of the same query on filtered and masked copies.

The copies are made here in Python, row by row, with nothing of the gateway's. More examples than the suite
runs: `LAKEWRIGHT_EXAMPLES=5000 pytest tests/data/test_properties.py`.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import math
import os
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from data.document import Document
from data.errors import Forbidden
from data.federation import open_gateway
from data.gateway import Gateway
from data.rules import policy_of

EXAMPLES = int(os.environ.get("LAKEWRIGHT_EXAMPLES", "250"))
SALT = "pepper"
Row = dict[str, Any]

CATALOG = """\
version: 1
sources:
  - name: lake
    kind: parquet
    location: files
    tables:
      - name: people
        columns:
          - {name: id, type: BIGINT}
          - {name: name, type: VARCHAR, tags: [pii]}
          - {name: country, type: VARCHAR}
          - {name: age, type: INTEGER, tags: [pii]}
          - {name: score, type: DOUBLE}
          - {name: joined, type: DATE}
      - name: orders
        tags: [money]
        columns:
          - {name: id, type: BIGINT}
          - {name: person, type: BIGINT}
          - {name: amount, type: "DECIMAL(8,2)"}
          - {name: status, type: VARCHAR}
          - {name: at, type: TIMESTAMP}
  - name: views
    kind: views
    tables:
      - name: adults
        sql: SELECT id, country, age, name AS called FROM lake.people WHERE age >= 30
"""

PEOPLE = [
    (1, "Ada Lark", "CA", 31, 1.5, dt.date(2024, 1, 3)),
    (2, "bo@example.com", "US", 30, -2.5, dt.date(2024, 2, 29)),
    (3, "555-123 42", "CA", 29, None, dt.date(2023, 12, 31)),
    (4, None, None, None, 0.0, None),
    (5, "Al", "FR", -7, 100.5, dt.date(1969, 7, 20)),
    (6, "Ada Lark", "US", 44, 1.5, dt.date(2024, 1, 3)),
    (None, "", "CA", 30, 7.0, dt.date(2024, 3, 1)),
]
ORDERS = [
    (1, 1, Decimal("10.00"), "paid", dt.datetime(2024, 1, 3, 12, 30)),
    (2, 1, Decimal("-0.01"), "open", dt.datetime(2024, 1, 31, 23, 59, 59)),
    (3, 2, Decimal("99.99"), "paid", dt.datetime(2023, 12, 31)),
    (4, 3, None, None, None),
    (5, None, Decimal("10.00"), "paid", dt.datetime(2024, 2, 29, 1)),
    (2, 6, Decimal("25.50"), "open", dt.datetime(2024, 1, 3, 12, 30)),
]
TYPES = {
    "lake.people": {"id": "int", "name": "text", "country": "text", "age": "int", "score": "real", "joined": "date"},
    "lake.orders": {"id": "int", "person": "int", "amount": "exact", "status": "text", "at": "time"},
    "views.adults": {"id": "int", "country": "text", "age": "int", "called": "text"},
}
ARROW = {
    "int": pa.int64(),
    "text": pa.string(),
    "real": pa.float64(),
    "exact": pa.decimal128(8, 2),
    "date": pa.date32(),
    "time": pa.timestamp("us"),
}
ROWS: dict[str, list[Row]] = {
    name: [dict(zip(TYPES[name], row, strict=True)) for row in rows]
    for name, rows in (("lake.people", PEOPLE), ("lake.orders", ORDERS))
}
ROWS["views.adults"] = [
    {"id": row["id"], "country": row["country"], "age": row["age"], "called": row["name"]}
    for row in ROWS["lake.people"]
    if row["age"] is not None and row["age"] >= 30
]
ME = "ada"
GROUPS = ("staff", "reader", "auditor")
"""What the principal is in, has by its group and has itself. Nobody else's rules may matter."""


def known(row: Row, name: str, holds: Callable[[Any], bool]) -> bool:
    """A condition on a value, which is not met where there is none."""
    return row[name] is not None and holds(row[name])


FILTERS: list[tuple[str, str, Callable[[Row], bool]]] = [
    ("lake.people", "country = :country", lambda r: r["country"] == "CA"),
    ("lake.people", "country IN :countries", lambda r: r["country"] in ("CA", "FR")),
    ("lake.people", "country NOT IN :countries", lambda r: known(r, "country", lambda v: v not in ("CA", "FR"))),
    (
        "lake.people",
        "age >= 30 OR country = 'FR'",
        lambda r: known(r, "age", lambda v: v >= 30) or r["country"] == "FR",
    ),
    ("lake.people", "lower(left(name, 3)) = :principal", lambda r: known(r, "name", lambda v: v[:3].lower() == ME)),
    (
        "lake.people",
        "id IN (SELECT person FROM lake.orders WHERE status = 'paid')",
        lambda r: r["id"] in {o["person"] for o in ROWS["lake.orders"] if o["status"] == "paid"} - {None},
    ),
    ("lake.orders", "amount > 5", lambda r: known(r, "amount", lambda v: v > 5)),
    (
        "lake.orders",
        "person IN (SELECT id FROM lake.people WHERE country = :country)",
        lambda r: r["person"] in {p["id"] for p in ROWS["lake.people"] if p["country"] == "CA"} - {None},
    ),
    (
        "lake.orders",
        "EXISTS (SELECT 1 FROM lake.people p WHERE p.id = person AND p.id IN (SELECT id FROM views.adults))",
        lambda r: r["person"] in {a["id"] for a in ROWS["views.adults"]} - {None},
    ),
    ("lake.orders", "status IS NOT NULL", lambda r: r["status"] is not None),
    ("views.adults", "country <> 'US'", lambda r: known(r, "country", lambda v: v != "US")),
]
SIZES = {"int": [10, 7], "real": [0.5, 10], "exact": [10, 0.5], "date": ["month", "year"], "time": ["day", "hour"]}
STRICT = ["null", "redact", "hash", "partial", "bucket"]
UNITS = ["hour", "day", "week", "month", "quarter", "year"]


@dataclass
class Sight:
    """A policy's text, and what it should let the principal see: by table the types and the rows."""

    text: str
    types: dict[str, dict[str, str]] = field(default_factory=dict)
    rows: dict[str, list[Row]] = field(default_factory=dict)


def shown(value: Any) -> str:
    return value.isoformat(sep=" ") if isinstance(value, dt.datetime) else str(value)


def partly(text: str) -> str:
    if text.find("@") > 0:
        return f"{text[0]}***{text[text.index('@') :]}"
    if len(text) >= 5 and all(letter in "-+() 0123456789" for letter in text):
        return f"***{text[-2:]}"
    return f"{text[0]}***" if len(text) > 3 else "***"


def bucket(value: Any, size: Any) -> Any:
    if isinstance(value, int):
        return value // size * size
    if isinstance(value, float):
        return math.floor(value / size) * size
    if isinstance(value, Decimal):
        step = Decimal(str(size))
        return (value / step).to_integral_value("ROUND_FLOOR") * step
    start = {"month": {"day": 1}, "year": {"month": 1, "day": 1}}.get(size, {})
    clock = {} if not isinstance(value, dt.datetime) else {"minute": 0, "second": 0, "microsecond": 0}
    if clock and size != "hour":
        clock["hour"] = 0
    return value.replace(**start, **clock)


def behind(value: Any, kind: str, size: Any, of: str) -> Any:
    """A value behind a mask; `of` is the kind of its column."""
    if value is None or kind == "null" or (kind in ("redact", "partial") and of != "text"):
        return None
    if kind == "redact":
        return "***"
    if kind == "hash":
        return hashlib.sha256((SALT + shown(value)).encode()).hexdigest()[:16]
    return partly(value) if kind == "partial" else bucket(value, size)


def coarse(size: Any) -> float:
    return UNITS.index(size) if isinstance(size, str) else float(size or 0)


COLUMNS = [(table, name) for table, types in TYPES.items() for name in types]
TAGS = {
    "pii": [("lake.people", "name"), ("lake.people", "age")],
    "money": [c for c in COLUMNS if c[0] == "lake.orders"],
}
SUBJECTS = st.sampled_from([*GROUPS, "user:ada", "others", "user:bob"])


def mine(subject: str) -> bool:
    return subject in GROUPS or subject == "user:ada"


@st.composite
def sights(draw: st.DrawFn) -> Sight:
    """A policy over the tables, and what the principal should see by it."""
    granted: dict[str, set[str]] = {table: set() for table in TYPES}
    policy: dict[str, Any] = {"grants": [], "deny": [], "row_filters": [], "masks": []}
    for _ in range(draw(st.integers(1, 4))):
        grant = draw(grants())
        policy["grants"].append(grant)
        for table in TYPES if mine(grant["to"]) else ():
            if grant["on"] in ("*", table, f"{table.split('.')[0]}.*"):
                granted[table] |= set(grant.get("columns", TYPES[table]))
    for _ in range(draw(st.integers(0, 1))):
        rule = {"for": draw(SUBJECTS), **draw(st.one_of(paths(), st.just({"tag": "pii"})))}
        policy["deny"].append(rule)
        for table, name in reached(rule) if mine(rule["for"]) else ():
            granted[table].discard(name)
    masks = masking(draw, policy)
    filters = filtering(draw, policy)
    sight = Sight(json.dumps({**PEOPLE_OF_POLICY, **policy}))
    for table, names in granted.items():
        if names:
            sight.types[table], sight.rows[table] = copied(table, names, masks, filters)
    return sight


PEOPLE_OF_POLICY = {
    "version": 1,
    "principals": [
        {
            "name": ME,
            "groups": ["staff"],
            "roles": ["auditor"],
            "attributes": {"country": "CA", "countries": ["CA", "FR"]},
        },
        {"name": "bob", "groups": ["others"], "attributes": {"country": "US", "countries": []}},
    ],
    "groups": [{"name": "staff", "roles": ["clerk"]}, {"name": "others"}],
    "roles": [{"name": "clerk", "includes": ["reader"]}, {"name": "reader"}, {"name": "auditor"}],
}


@st.composite
def grants(draw: st.DrawFn) -> dict[str, Any]:
    table = draw(st.sampled_from(list(TYPES)))
    grant: dict[str, Any] = {"to": draw(SUBJECTS), "on": draw(st.sampled_from([table, table, "lake.*", "*"]))}
    if grant["on"] == table and draw(st.booleans()):
        grant["columns"] = draw(st.lists(st.sampled_from(list(TYPES[table])), min_size=2, unique=True))
    return grant


@st.composite
def paths(draw: st.DrawFn) -> dict[str, Any]:
    columns = draw(st.lists(st.sampled_from(COLUMNS), min_size=1, max_size=3, unique=True))
    return {"columns": [f"{table}.{name}" for table, name in columns]}


def reached(rule: dict[str, Any]) -> list[tuple[str, str]]:
    if "tag" in rule:
        return TAGS[rule["tag"]]
    return [(path.rsplit(".", 1)[0], path.rsplit(".", 1)[1]) for path in rule["columns"]]


def masking(draw: st.DrawFn, policy: dict[str, Any]) -> dict[tuple[str, str], tuple[str, Any]]:
    """Add masks to the policy; returns which holds for each column."""
    found: dict[tuple[str, str], tuple[str, Any]] = {}
    for _ in range(draw(st.integers(0, 4))):
        rule: dict[str, Any] = {"for": draw(SUBJECTS), "mask": draw(st.sampled_from(STRICT))}
        if rule["mask"] == "bucket":
            table, name = draw(st.sampled_from([(t, n) for t, n in COLUMNS if TYPES[t][n] != "text"]))
            rule["columns"] = [f"{table}.{name}"]
            rule["size"] = draw(st.sampled_from(SIZES[TYPES[table][name]]))
        else:
            rule |= draw(st.one_of(paths(), st.sampled_from([{"tag": "pii"}, {"tag": "money"}])))
        policy["masks"].append(rule)
        for column in reached(rule) if mine(rule["for"]) else ():
            kind, size = rule["mask"], rule.get("size")
            both = [found.get(column, (kind, size)), (kind, size)]
            found[column] = min(both, key=lambda mask: (STRICT.index(mask[0]), -coarse(mask[1])))
    return found


def filtering(draw: st.DrawFn, policy: dict[str, Any]) -> list[tuple[str, Callable[[Row], bool]]]:
    """Add row filters to the policy; returns those that hold."""
    found = []
    for _ in range(draw(st.integers(0, 2))):
        table, where, holds = draw(st.sampled_from(FILTERS))
        subject = draw(SUBJECTS)
        policy["row_filters"].append({"for": subject, "on": table, "where": where})
        if mine(subject):
            found.append((table, holds))
    return found


def copied(
    table: str,
    names: set[str],
    masks: dict[tuple[str, str], tuple[str, Any]],
    filters: list[tuple[str, Callable[[Row], bool]]],
) -> tuple[dict[str, str], list[Row]]:
    """A physical copy of what may be seen of a table."""
    types, rows = {}, [row for row in ROWS[table] if all(holds(row) for on, holds in filters if on == table)]
    seen: list[Row] = [{} for _ in rows]
    for name, kind in TYPES[table].items():
        if name in names:
            mask = masks.get((table, name))
            types[name] = "text" if mask is not None and mask[0] == "hash" else kind
            for made, row in zip(seen, rows, strict=True):
                made[name] = row[name] if mask is None else behind(row[name], *mask, kind)
    return types, seen


LITERALS = {
    "int": ["1", "2", "30", "-7"],
    "text": ["'CA'", "'paid'", "'Ada Lark'", "'***'", "'A***'", "''"],
    "real": ["1.5", "0", "-2.5"],
    "exact": ["10", "99.99", "-0.01"],
    "date": ["DATE '2024-01-01'", "DATE '2024-01-03'"],
    "time": ["TIMESTAMP '2024-01-03 12:30:00'", "TIMESTAMP '2024-01-01'"],
}


@dataclass
class Queries:
    """Makes SQL over what may be seen."""

    draw: st.DrawFn
    types: dict[str, dict[str, str]]

    def pick(self, options: list[Any]) -> Any:
        return self.draw(st.sampled_from(options))

    def table(self) -> str:
        return str(self.pick(list(self.types)))

    def some(self, table: str, alias: str) -> list[str]:
        names = self.draw(st.lists(st.sampled_from(list(self.types[table])), min_size=1, max_size=3, unique=True))
        return [f"{alias}.{name}" for name in names]

    def condition(self, table: str, alias: str, depth: int = 1) -> str:
        name = self.pick(list(self.types[table]))
        kind, column = self.types[table][name], f"{alias}.{name}"
        simple = [f"{column} IS NULL", f"{column} {self.pick(['=', '<', '>=', '<>'])} {self.pick(LITERALS[kind])}"]
        if kind == "text":
            simple += [f"{column} LIKE 'A%'", f"length({column}) > 3", f"upper({column}) = 'CA'"]
        if depth:
            one, other = (self.condition(table, alias, depth - 1) for _ in range(2))
            simple += [f"({one}) AND ({other})", f"({one}) OR ({other})", f"NOT ({one})", self.within(table, alias)]
        return str(self.pick(simple))

    def within(self, table: str, alias: str) -> str:
        """A condition with a sub-query."""
        other = self.table()
        pairs = [(a, b) for a, t in self.types[table].items() for b, u in self.types[other].items() if t == u]
        if not pairs:
            return f"EXISTS (SELECT 1 FROM {other})"
        left, right = self.pick(pairs)
        return str(
            self.pick(
                [
                    f"{alias}.{left} IN (SELECT z.{right} FROM {other} z)",
                    f"{alias}.{left} NOT IN (SELECT z.{right} FROM {other} z WHERE z.{right} IS NOT NULL)",
                    f"EXISTS (SELECT 1 FROM {other} z WHERE z.{right} = {alias}.{left})",
                    f"{alias}.{left} = (SELECT max(z.{right}) FROM {other} z)",
                ]
            )
        )

    def query(self) -> str:
        shape = self.pick([self.plain, self.grouped, self.joined, self.united, self.starred, self.windowed, self.using])
        event(shape.__name__)
        return str(shape())

    def plain(self) -> str:
        table = self.table()
        columns = ", ".join(self.some(table, "a"))
        distinct, where = self.pick(["", "DISTINCT "]), self.condition(table, "a")
        end = self.pick(
            ["", " ORDER BY ALL", " ORDER BY ALL DESC NULLS LAST LIMIT 3", " ORDER BY ALL LIMIT 2 OFFSET 1"]
        )
        return f"SELECT {distinct}{columns} FROM {table} AS a WHERE {where}{end}"

    def grouped(self) -> str:
        table = self.table()
        group, value = self.some(table, "a")[0], self.some(table, "a")[0]
        function = self.pick(["count", "min", "max", "count(DISTINCT"])
        call = f"{function} {value})" if function.endswith("DISTINCT") else f"{function}({value})"
        numbers = [name for name, kind in self.types[table].items() if kind in ("int", "exact", "real")]
        if numbers:
            call = self.pick([call, f"sum(a.{self.pick(numbers)})", f"avg(a.{self.pick(numbers)})"])
        where, having = (
            self.condition(table, "a", 0),
            self.pick(["", " HAVING count(*) > 1", f" HAVING max({value}) IS NULL"]),
        )
        return f"SELECT {group} AS g, {call} AS v, count(*) FROM {table} a WHERE {where} GROUP BY g{having}"

    def joined(self) -> str:
        one, other = self.table(), self.table()
        pairs = [(a, b) for a, t in self.types[one].items() for b, u in self.types[other].items() if t == u]
        left, right = self.pick(pairs) if pairs else ("", "")
        on = f"a.{left} = b.{right}" if pairs else "true"
        join = self.pick(["JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN"])
        columns = ", ".join([*self.some(one, "a"), *self.some(other, "b")])
        return f"SELECT {columns} FROM {one} a {join} {other} b ON {on} WHERE {self.condition(one, 'a')}"

    def using(self) -> str:
        one, other = self.table(), self.table()
        common = [n for n in self.types[one] if self.types[other].get(n) == self.types[one][n]]
        if not common or one == other:
            return self.plain()
        name = self.pick(common)
        return f"SELECT {name}, count(*) FROM {one} a JOIN {other} b USING ({name}) GROUP BY ALL ORDER BY {name}"

    def united(self) -> str:
        one, other = self.table(), self.table()
        pairs = [(a, b) for a, t in self.types[one].items() for b, u in self.types[other].items() if t == u]
        if not pairs:
            return self.plain()
        left, right = self.pick(pairs)
        word = self.pick(["UNION", "UNION ALL", "EXCEPT", "INTERSECT"])
        where = self.condition(other, "b")
        return f"SELECT a.{left} AS x FROM {one} a {word} SELECT b.{right} FROM {other} b WHERE {where}"

    def starred(self) -> str:
        table = self.table()
        where = self.condition(table, "w")
        return str(
            self.pick(
                [
                    f"SELECT * FROM {table}",
                    f"FROM {table} AS w WHERE {where}",
                    f"WITH w AS (SELECT * FROM {table}) SELECT * FROM w WHERE {where}",
                    f"SELECT count(*) FROM (SELECT DISTINCT * FROM {table} w WHERE {where})",
                    f"SELECT w FROM {table} w",
                ]
            )
        )

    def windowed(self) -> str:
        table = self.table()
        part, value = self.some(table, "a")[0], self.some(table, "a")[0]
        rank = f"rank() OVER (PARTITION BY {part} ORDER BY {value})"
        end = self.pick(["", f" QUALIFY {rank} = 1"])
        return f"SELECT {part}, count({value}) OVER (PARTITION BY {part}), {rank} FROM {table} a{end}"


@st.composite
def cases(draw: st.DrawFn) -> tuple[Sight, str]:
    sight = draw(sights())
    return sight, Queries(draw, sight.types).query() if sight.types else "SELECT * FROM lake.people"


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    home = tmp_path_factory.mktemp("properties")
    (home / "files").mkdir()
    for table in ("lake.people", "lake.orders"):
        pq.write_table(arrow(TYPES[table], ROWS[table]), home / f"files/{table.split('.')[1]}.parquet")
    (home / "catalog.yaml").write_text(CATALOG)
    (home / "mask.salt").write_text(SALT)
    gateway = open_gateway(home, threads=1)
    yield gateway
    gateway.close()


def arrow(types: dict[str, str], rows: list[Row]) -> pa.Table:
    schema = pa.schema([(name, ARROW[kind]) for name, kind in types.items()])
    return pa.Table.from_pylist(rows, schema=schema)


def expected(sight: Sight, sql: str) -> Counter[str]:
    """The rows of the query over the copies, in an engine that knows no policy."""
    with duckdb.connect() as connection:
        for table, types in sight.types.items():
            connection.execute(f"CREATE SCHEMA IF NOT EXISTS {table.split('.')[0]}")
            copy = arrow(types, sight.rows[table])
            connection.register("copy", copy)
            connection.execute(f"CREATE TABLE {table} AS SELECT * FROM copy")
            connection.unregister("copy")
        return counted(connection.execute(sql).to_arrow_table())


def counted(table: pa.Table) -> Counter[str]:
    return Counter(repr(tuple(row)) for row in zip(*(column.to_pylist() for column in table.columns), strict=True))


@settings(
    max_examples=EXAMPLES,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(case=cases())
def test_the_rows_are_those_of_filtered_and_masked_copies(base: Gateway, case: tuple[Sight, str]) -> None:
    sight, sql = case
    policy = policy_of(Document.parse(Path("policy.yaml"), sight.text), base.catalog)
    gateway = base.under(policy)
    me = policy.principal(ME)
    assert {table.full_name: [c.name for c in table.columns] for table in gateway.visible(me).tables} == {
        table: list(types) for table, types in sight.types.items()
    }
    if sight.types:
        assert counted(gateway.query(me, sql).table) == expected(sight, sql)
    for table in TYPES.keys() - sight.types.keys():
        with pytest.raises(Forbidden):
            gateway.query(me, f"SELECT * FROM {table}")
