"""Rows that SQLite looks up by its indexes are those that a scan of the whole table would have kept."""

from __future__ import annotations

import os
import sqlite3
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from data.errors import DataError, Forbidden
from data.federation import open_gateway
from data.gateway import Gateway, Result
from data.sources import census, seek, sqlite

CATALOG = """\
version: 1
sources:
  - name: m
    kind: sqlite
    location: m.sqlite
    tables:
      - name: things
        key: id
        columns:
          - {name: id, type: BIGINT}
          - {name: n, type: BIGINT}
          - {name: t, type: VARCHAR}
          - {name: c, type: VARCHAR}
          - {name: r, type: DOUBLE}
          - {name: d, type: DATE}
          - {name: ts, type: TIMESTAMP}
          - {name: b, type: BLOB}
          - {name: f, type: BOOLEAN}
          - {name: m, type: DOUBLE}
      - name: others
        columns:
          - {name: id, type: BIGINT}
          - {name: t, type: VARCHAR}
"""
POLICY = """\
version: 1
principals:
  - {name: owner, groups: [owners]}
  - {name: reader, groups: [readers], attributes: {me: "7"}}
  - {name: hostile, groups: [namers], attributes: {me: "x' OR '1'='1"}}
grants:
  - {to: owners, on: "*"}
  - {to: readers, on: m.things, columns: [id, t]}
  - {to: namers, on: m.things, columns: [id, t]}
row_filters:
  - {for: readers, on: m.things, where: "n = :me"}
  - {for: namers, on: m.things, where: "t = :me"}
"""
SCHEMA = """
CREATE TABLE things (
  id INTEGER PRIMARY KEY, n INT, t TEXT, c TEXT COLLATE NOCASE, r REAL, d DATE, ts TIMESTAMP, b BLOB, f BOOLEAN,
  m DECIMAL(10,2)
);
CREATE INDEX things_n ON things (n);
CREATE INDEX things_tn ON things (t, n);
CREATE INDEX things_c ON things (c);
CREATE INDEX things_r ON things (r);
CREATE INDEX things_d ON things (d DESC);
CREATE INDEX things_ts ON things (ts);
CREATE INDEX things_part ON things (f) WHERE f = 1;
CREATE INDEX things_upper ON things (upper(t));
CREATE INDEX things_m ON things (m);
CREATE TABLE others (id INT, t TEXT);
CREATE INDEX others_id ON others (id);
"""
COLUMNS = ("n", "t", "c", "r", "d", "ts", "b", "f", "m")
PLAIN = (7, "a", "A", 0.1, "2024-01-02", "2024-01-02 03:04:05", b"\x00\xff", 1, 2.5)


@dataclass
class Store:
    """One file behind two gateways, of which one never looks rows up."""

    home: Path
    seeking: Gateway
    scanning: Gateway
    time: list[int] = field(default_factory=lambda: [1_000_000])

    def fill(self, rows: Sequence[Sequence[object]], others: Sequence[Sequence[object]] = ()) -> None:
        """Put rows of COLUMNS in the place of all others, as a new version of the file."""
        with closing(sqlite3.connect(self.home / "m.sqlite")) as connection:
            connection.execute("DELETE FROM things")
            connection.execute("DELETE FROM others")
            marks = ", ".join("?" for _ in COLUMNS)
            connection.executemany(f"INSERT INTO things ({', '.join(COLUMNS)}) VALUES ({marks})", rows)
            connection.executemany("INSERT INTO others VALUES (?, ?)", others)
            connection.commit()
        self.time[0] += 10
        os.utime(self.home / "m.sqlite", (self.time[0], self.time[0]))

    def seeks(self, sql: str, name: str = "owner") -> tuple[str, ...] | None:
        """The conditions that SQLite itself heeds; None where all rows are read."""
        _, accesses = self.seeking.explain(self.seeking.policy.principal(name), sql)
        found = [access.filters for access in accesses if access.operator == "SQLITE_QUERY"]
        return found[0] if found else None

    def same(self, sql: str, name: str = "owner", **params: object) -> list[tuple[object, ...]] | str:
        """The rows of both gateways, or the kind of error of both."""
        one, other = (outcome(gateway, sql, name, params) for gateway in (self.seeking, self.scanning))
        assert one == other, sql
        return one


def outcome(gateway: Gateway, sql: str, name: str, params: dict[str, object]) -> list[tuple[object, ...]] | str:
    try:
        result: Result = gateway.query(gateway.policy.principal(name), sql, params=params)
    except DataError as error:
        return type(error).__name__
    rows = [tuple(row.values()) for row in result.table.to_pylist()]
    return sorted(rows, key=repr)


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    home = tmp_path_factory.mktemp("seek")
    (home / "catalog.yaml").write_text(CATALOG, encoding="utf-8")
    (home / "policy.yaml").write_text(POLICY, encoding="utf-8")
    with closing(sqlite3.connect(home / "m.sqlite")) as connection:
        connection.executescript(SCHEMA)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sqlite, "SMALLEST", 0)
        patch.setattr(seek, "SHARE", 1)
        seeking, scanning = open_gateway(home, threads=1), open_gateway(home, threads=1)
        for source in scanning._door().engines["duckdb"].sources.values():
            source.seeks = False  # type: ignore[misc]
        yield Store(home, seeking, scanning)
        seeking.close()
        scanning.close()


TEXTS = st.sampled_from(
    [
        "a",
        "A",
        "abc",
        "ABC",
        "ab ",
        "",
        "'",
        "''; DROP TABLE things; --",
        '"',
        "?",
        "$1",
        "\\",
        "%",
        "a\0b",
        "é",
        "É",
        "z\U0001f600",
        "7",
        "007",
        "7.0",
        "1e2",
        "NULL",
        "x' OR '1'='1",
    ]
)
NUMBERS = st.sampled_from([0, 1, -1, 5, 7, 42, 2**53, 2**53 + 1, 2**63 - 1, -(2**63)])
REALS = st.sampled_from([0.0, -0.0, 0.1, 1 / 3, 5e-324, 1.7976931348623157e308, float("inf"), -float("inf"), 1e22, 2.5])
DAYS = st.sampled_from(["2024-01-02", "2024-01-03", "0001-01-01", "9999-12-31", "2024-02-29"])
MOMENTS = st.sampled_from(
    ["2024-01-02 03:04:05", "2024-01-02", "2024-01-02 03:04:05.5", "2024-01-02 03:04:05.123456", "2024-01-02 00:00:00"]
)
ODD: dict[str, st.SearchStrategy[object]] = {
    "n": st.sampled_from(["abc", 1.5, b"7", "7x", 1e300]),
    "t": st.sampled_from([b"a", b"\xff", b""]),
    "c": st.sampled_from([b"A"]),
    "r": st.sampled_from(["x", b"1"]),
    "d": st.sampled_from(
        ["2024-1-2", "2024-02-30", "now", 5, 1.5, "", "2024-01-02 ", "2024-01-02\0", "epoch", "infinity", b"2024-01-02"]
    ),
    "ts": st.sampled_from(
        ["2024-01-02T03:04:05", 1704164645, 1704164645.5, "x", "2024-01-02 03:04:05Z", "2024-01-02 03:04", b"x"]
    ),
    "b": st.sampled_from(["text", 5, 0.1]),
    "f": st.sampled_from(["true", 2, -1, 0.5]),
    "m": st.sampled_from(["x", 2**53 + 1, b""]),
}
USUAL: dict[str, st.SearchStrategy[object]] = {
    "n": NUMBERS, "t": TEXTS, "c": TEXTS, "r": REALS, "d": DAYS, "ts": MOMENTS, "b": st.binary(max_size=3),
    "f": st.sampled_from([0, 1]), "m": st.sampled_from([1, 2.5, -0.25]),
}  # fmt: skip
ROWS = st.lists(st.tuples(*(st.one_of(st.none(), USUAL[name], USUAL[name]) for name in COLUMNS)), max_size=8)
SPOILS = st.lists(st.sampled_from(COLUMNS).flatmap(lambda name: st.tuples(st.just(name), ODD[name])), max_size=1)


def quote(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def stamp(text: str) -> str:
    return f"TIMESTAMP {quote(text)}"


WRITABLE = TEXTS.filter(lambda text: "\0" not in text)
ODDLY = ["'7'", "'-1'", "'007'", "'x'", "1.5", "7.0", "1e1"]
LITERALS = {
    "id": st.integers(1, 9).map(str),
    "n": st.one_of(NUMBERS.filter(lambda n: abs(n) < 10**18).map(str), st.sampled_from(ODDLY)),
    "t": WRITABLE.map(quote), "c": WRITABLE.map(quote),
    "r": st.sampled_from(["0.1", "0", "2.5", "'0.1'"]), "m": st.sampled_from(["1", "2.5", "9007199254740992"]),
    "d": st.one_of(DAYS.map(quote), DAYS.map(lambda day: f"DATE {quote(day)}"), st.just("'2024-1-2'")),
    "ts": st.one_of(MOMENTS.map(quote), DAYS.map(lambda day: f"DATE {quote(day)}"), MOMENTS.map(stamp)),
    "f": st.sampled_from(["true", "false"]),
    "b": st.just("'a'"),
}  # fmt: skip


@st.composite
def conditions(draw: st.DrawFn) -> str:
    name = draw(st.sampled_from(["id", "id", "n", "n", "t", "t", *COLUMNS]))
    one, two = draw(LITERALS[name]), draw(LITERALS[name])
    shapes = [f"{name} = {one}"] * 3
    shapes += [f"{name} {operator} {one}" for operator in ("<", "<=", ">", ">=", "<>")]
    shapes += [f"{one} >= {name}", f"{name} IN ({one}, {two})", f"{name} BETWEEN {one} AND {two}", f"{name} IS NULL"]
    shapes += [f"NOT ({name} = {one})", f"({name} = {one} OR n = 7)", f"upper(t) = {quote('ABC')}"]
    shapes += [
        f"CAST({name} AS VARCHAR) = {quote('7')}",
        "CAST(t AS BIGINT) = 7",
        f"{name} IS NOT NULL",
        f"{name} IN ({one}, NULL)",
    ]
    return draw(st.sampled_from(shapes))


FILTERS = st.lists(conditions(), min_size=1, max_size=3).map(" AND ".join)
QUERIES = st.sampled_from(
    [
        "SELECT * FROM m.things WHERE {}",
        "SELECT id, t FROM m.things AS x WHERE {}",
        "SELECT count(*), count(d) FROM m.things WHERE {}",
        "SELECT * FROM (SELECT id, n, t, c, r, d, ts, b, f, m FROM m.things WHERE id > 1) AS s WHERE {}",
        "SELECT * FROM (SELECT *, row_number() OVER (ORDER BY id) AS k FROM m.things) AS s WHERE {}",
        "SELECT * FROM (SELECT * FROM m.things ORDER BY id LIMIT 3) AS s WHERE {}",
        "WITH w AS (SELECT * FROM m.things WHERE {}) SELECT a.id, b.id FROM w AS a LEFT JOIN w AS b ON a.n = b.id",
        "SELECT id FROM m.things WHERE {} UNION ALL SELECT n FROM m.things",
        "SELECT x.* FROM m.things AS x RIGHT JOIN m.others AS o ON x.id = o.id WHERE {}",
        "SELECT x.* FROM m.others AS o LEFT JOIN (SELECT * FROM m.things WHERE {}) AS x ON x.id = o.id",
        "SELECT id FROM m.others WHERE id IN (SELECT id FROM m.things WHERE {})",
        "SELECT id FROM m.others WHERE id NOT IN (SELECT n FROM m.things WHERE {})",
    ]
)

TRIED: Counter[bool] = Counter()


@settings(
    max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture]
)
@given(rows=ROWS, spoils=SPOILS, query=QUERIES, condition=FILTERS)
@example(rows=[PLAIN], spoils=[], query="SELECT * FROM m.things WHERE {}", condition="n = 7 AND t = 'a'")
@example(rows=[PLAIN, PLAIN], spoils=[("d", "2024-02-30")], query="SELECT * FROM m.things WHERE {}", condition="id = 1")
@example(
    rows=[PLAIN, PLAIN],
    spoils=[("ts", "2023-02-29 01:02:03")],
    query="SELECT * FROM m.things WHERE {}",
    condition="id = 1",
)
def test_a_look_up_gives_what_a_scan_gives(
    store: Store, rows: list[tuple[object, ...]], spoils: list[tuple[str, object]], query: str, condition: str
) -> None:
    table = [list(row) for row in rows]
    for (name, value), row in zip(spoils, reversed(table), strict=False):
        row[COLUMNS.index(name)] = value
    store.fill(table, [(1, "a"), (3, "b"), (None, None)])
    sql = query.format(condition)
    found = store.same(sql)
    TRIED[not isinstance(found, str) and store.seeks(sql) is not None] += 1


def test_many_of_those_were_look_ups() -> None:
    assert TRIED[True] > 30
    assert TRIED[False] > 30


@pytest.mark.parametrize("rows", [122_879, 122_880, 122_881, 245_760])
def test_no_row_is_left_out_where_the_scanner_s_pieces_end(store: Store, rows: int) -> None:
    store.fill([PLAIN] * rows)
    counted = "SELECT count(*), max(id), sum(id), count(d), max(ts), max(b) FROM m.things"
    (found,) = store.same(counted)
    assert found[:4] == (rows, rows, rows * (rows + 1) // 2, rows)
    assert store.same(f"SELECT t, r, d, f FROM m.things WHERE id + 0 = {rows}") == store.same(
        f"SELECT t, r, d, f FROM m.things WHERE id = {rows}"
    )


@pytest.mark.parametrize(
    ("condition", "heeded"),
    [
        ("id = 3", ("id=3",)),
        ("n = 7 AND r > 0", ("n=7",)),
        ("n > 5 AND n <= 7 AND n <> 6", ("n<=7", "n>5")),
        ("t = 'a' AND n IN (7, 8)", ("t='a'", "n IN (7, 8)")),
        ("t BETWEEN 'a' AND 'b'", ("t<='b'", "t>='a'")),
        ("d = DATE '2024-01-02'", ("d='2024-01-02'",)),
        ("ts >= '2024-01-02 03:00:00'", ("ts>='2024-01-02'",)),
        ("t IS NULL", ("t IS NULL",)),
        ("7 = n", ("n=7",)),
        ("c = 'A'", None),  # its index knows no case
        ("r = 0.1", None),  # numbers with a fraction are compared by the engine alone
        ("m = 2.5", None),
        ("f", None),
        ("n = 7 OR t = 'a'", None),
        ("n <> 7", None),
        ("n + 0 = 7", None),
        ("n = 7 AND CAST(t AS BIGINT) = 1", None),  # it could fail on a row that would not be read
        ("n = 7.5", None),
    ],
)
def test_what_an_index_serves_is_looked_up(store: Store, condition: str, heeded: tuple[str, ...] | None) -> None:
    store.fill([PLAIN, (None,) * 9, (8, "b", "b", 0.5, "2024-01-03", "2024-01-03", b"", 0, 1)])
    sql = f"SELECT id FROM m.things WHERE {condition}"
    assert store.seeks(sql) == heeded
    store.same(sql)


@pytest.mark.parametrize("name", COLUMNS)
def test_a_value_of_another_type_anywhere_ends_looking_up(store: Store, name: str) -> None:
    odd = {"n": "x", "t": b"x", "c": b"x", "r": "x", "d": 5, "ts": 5, "b": 5, "f": "x", "m": "x"}
    rows = [list(PLAIN), list(PLAIN)]
    store.fill(rows)
    assert store.seeks("SELECT id FROM m.things WHERE id = 1")
    rows[1][COLUMNS.index(name)] = odd[name]
    store.fill(rows)
    assert store.seeks("SELECT id FROM m.things WHERE id = 1") is None
    store.same("SELECT * FROM m.things WHERE id = 1")


def test_the_policy_s_filter_is_looked_up(store: Store) -> None:
    store.fill([PLAIN, (8, "b", *PLAIN[2:]), (7, "c", *PLAIN[2:])])
    assert store.seeks("SELECT t FROM m.things WHERE id > 0", "reader") == ("n=7",)
    assert store.same("SELECT t FROM m.things WHERE id > 0", "reader") == [("a",), ("c",)]
    # What could fail waits behind the policy's filter, which is looked up all the same.
    assert store.seeks("SELECT t FROM m.things WHERE CAST(t AS BIGINT) = 1", "reader") == ("n=7",)
    assert store.seeks("SELECT t FROM m.things WHERE t = 'b'", "reader") in (("n=7",), ("t='b'", "n=7"))
    assert store.same("SELECT t FROM m.things WHERE t = 'b'", "reader") == []


def test_a_hostile_attribute_is_only_a_value(store: Store) -> None:
    store.fill([PLAIN, (8, "x' OR '1'='1", *PLAIN[2:])])
    assert store.seeks("SELECT t FROM m.things", "hostile") == ("t='x'' OR ''1''=''1'",)
    assert store.same("SELECT t FROM m.things", "hostile") == [("x' OR '1'='1",)]


@settings(max_examples=60, deadline=None)
@given(text=st.text(max_size=12), other=st.text(max_size=12))
@example(text="a' UNION SELECT 1 --", other='"; ATTACH')
@example(text="?1 $a {} %s", other="\\' OR 1=1")
@example(text="\ud800", other="a\0b")
def test_any_text_is_only_a_value(store: Store, text: str, other: str) -> None:
    """Also one with NUL, or that is not UTF-8: these go no further than the engine."""
    try:
        stored = text if text.encode() else "-"
    except UnicodeEncodeError:
        stored = "-"
    store.fill([(7, stored, *PLAIN[2:]), PLAIN])
    for value in (text, other):
        params = {"value": value}
        if value.isprintable():
            store.same(f"SELECT id, t FROM m.things WHERE t = {quote(value)}")
            store.same("SELECT id, t FROM m.things WHERE t = $value", **params)
            store.same("SELECT id, t FROM m.things WHERE t IN ($value, 'b') AND n = 7", **params)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM sqlite_query('~m', 'SELECT * FROM things')",
        "SELECT * FROM sqlite_query('m', 'SELECT 1', params = row(1::BIGINT))",
        "SELECT id FROM m.things WHERE n = (SELECT 1 FROM sqlite_query('~m', 'SELECT 1'))",
        "SELECT id FROM m.things, LATERAL sqlite_query('~m', 'SELECT 1') WHERE n = 7",
        'SELECT * FROM "~"."{view}"',
        'SELECT * FROM "{view}"',
        'SELECT * FROM "~m".things',
        "SELECT id, t FROM m.things WHERE t = 'a'') UNION SELECT id, t FROM things --' AND n = 7",
    ],
)
def test_nobody_else_reaches_what_is_looked_up(store: Store, sql: str) -> None:
    """The owner, and a caller who sees one row: the look-up of either is no name that a query could have."""
    store.fill([PLAIN, (8, "b", *PLAIN[2:])])
    assert store.seeks("SELECT id FROM m.things WHERE n = 8") == ("n=8",)
    database = store.seeking._door().engines["duckdb"]._current  # type: ignore[attr-defined]
    view = next(reversed(database.lookups._views.values())).view
    for name in ("owner", "reader"):
        try:
            found = store.seeking.query(store.seeking.policy.principal(name), sql.format(view=view))
        except DataError:
            continue
        assert found.table.num_rows == 0


def test_the_seal_knows_no_such_function(store: Store) -> None:
    from data.gateway.query import Query
    from data.gateway.seal import seal

    door = store.seeking._door()
    query = Query(store.seeking.policy.principal("owner"), "", door.catalog)
    with pytest.raises(Forbidden, match="sqlite_query"):
        seal("SELECT * FROM sqlite_query('~m', 'SELECT 1')", query, (), door)


def test_small_fresh_and_wide_tables_are_read_as_they_were(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    sql = "SELECT id FROM m.things WHERE n = 7"
    store.fill([PLAIN] * 200 + [(8, *PLAIN[1:])])
    monkeypatch.setattr(seek, "SHARE", 10)
    assert store.seeks(sql) is None, "too many rows"
    assert store.seeks("SELECT id FROM m.things WHERE n = 8")
    store.fill([PLAIN])
    monkeypatch.setattr(seek, "SHARE", 1)
    os.utime(store.home / "m.sqlite")
    assert store.seeks(sql) is None, "it may change once more without another time"
    store.fill([PLAIN])
    monkeypatch.setattr(sqlite, "SMALLEST", 10)
    assert store.seeks(sql) is None, "a small table"


def test_a_large_table_is_known_piece_by_piece(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(census, "SLICE", 4)
    store.fill([PLAIN] * 9)
    found = [store.seeks("SELECT id FROM m.things WHERE id = 2") for _ in range(4)]
    assert found == [None, None, ("id=2",), ("id=2",)]
    later = open_gateway(store.home, threads=1)
    try:
        _, (access,) = later.explain(later.policy.principal("owner"), "SELECT id FROM m.things WHERE id = 2")
        assert access.filters == ("id=2",), "what was found out outlives the process"
    finally:
        later.close()


@pytest.mark.parametrize("content", [b"", b"[]", b'{"x": "y"}', b"\xff"])
def test_what_was_kept_and_is_broken_is_found_out_again(store: Store, content: bytes) -> None:
    store.fill([PLAIN, (8, b"not text", *PLAIN[2:])])
    for file in (store.home / ".cache/sqlite").iterdir():
        file.write_bytes(content)
    fresh = open_gateway(store.home, threads=1)
    try:
        _, (access,) = fresh.explain(fresh.policy.principal("owner"), "SELECT id FROM m.things WHERE id = 2")
        assert access.operator == "SQLITE_SCAN"
    finally:
        fresh.close()


def test_a_column_that_the_catalogue_gains_is_checked_too(store: Store) -> None:
    store.fill([PLAIN, (7, b"not text", *PLAIN[2:])])
    short = CATALOG.replace("          - {name: t, type: VARCHAR}\n", "", 1)
    policy = "version: 1\nprincipals: [{name: owner, groups: [o]}]\ngrants: [{to: o, on: '*'}]\n"
    (store.home / "short.yaml").write_text(short, encoding="utf-8")
    (store.home / "open.yaml").write_text(policy, encoding="utf-8")
    gateway = open_gateway(store.home, catalog=store.home / "short.yaml", policy=store.home / "open.yaml", threads=1)
    sql = "SELECT id FROM m.things WHERE id = 1"
    try:
        _, (access,) = gateway.explain(gateway.policy.principal("owner"), sql)
        assert access.filters == ("id=1",)
        (store.home / "short.yaml").write_text(CATALOG, encoding="utf-8")
        _, (access,) = gateway.explain(gateway.policy.principal("owner"), sql)
        assert access.operator == "SQLITE_SCAN"
    finally:
        gateway.close()


def test_a_row_that_changes_its_type_meanwhile_fails_the_query(store: Store) -> None:
    store.fill([PLAIN])
    sql = "SELECT id, t FROM m.things WHERE n = 7"
    assert store.seeks(sql)
    with closing(sqlite3.connect(store.home / "m.sqlite")) as connection:
        connection.execute("UPDATE things SET t = x'00' WHERE id = 1")
        connection.commit()
    os.utime(store.home / "m.sqlite", (store.time[0], store.time[0]))
    assert store.same(sql) == "Invalid"
