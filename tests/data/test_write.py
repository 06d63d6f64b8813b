"""Rows are written under a grant, whole or not at all, and once for each key."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from data import lake
from data.errors import DataError, Forbidden, Invalid
from data.federation import open_gateway
from data.gateway import Gateway, write
from data.gateway.write import Written
from data.gateway.writing import Writing, read_writing
from data.policy import Policy

CATALOG = """\
version: 1
sources:
  - name: shop
    kind: parquet
    location: shop
    tables:
      - name: orders
        columns:
          - {name: id, type: BIGINT}
          - {name: amount, type: DOUBLE}
          - {name: secret, type: VARCHAR}
  - name: lab
    kind: delta
    location: lab
    tables: []
  - name: kept
    kind: delta
    location: kept
    tables:
      - name: totals
        columns:
          - {name: id, type: BIGINT}
          - {name: amount, type: DOUBLE}
          - {name: note, type: VARCHAR}
"""
POLICY = """\
version: 1
principals:
  - {name: owner, groups: [owners]}
  - {name: ann, groups: [analysts]}
  - {name: bob, groups: [readers]}
grants:
  - {to: owners, on: "*"}
  - {to: analysts, on: shop.orders, columns: [id, amount]}
  - {to: analysts, on: lab.*}
  - {to: analysts, on: kept.*}
  - {to: readers, on: shop.*}
writes:
  - {to: analysts, on: lab.*}
  - {to: analysts, on: kept.totals}
"""


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "written"
    (folder / "shop").mkdir(parents=True)
    (folder / "catalog.yaml").write_text(CATALOG)
    (folder / "policy.yaml").write_text(POLICY)
    rows = pa.table({"id": [1, 2, 2], "amount": [1.5, 2.0, 3.0], "secret": ["a", "b", "c"]})
    pq.write_table(rows, folder / "shop" / "orders.parquet")
    lake.append(folder / "kept" / "totals", pa.table({"id": [9], "amount": [9.0], "note": ["old"]}))
    return folder


@pytest.fixture
def gateway(home: Path) -> Iterator[Gateway]:
    opened = open_gateway(home, threads=1)
    yield opened
    opened.close()


def run(gateway: Gateway, home: Path, text: str, *, by: str = "ann", key: str = "k1") -> Written:
    writing = read_writing(text)
    assert writing is not None
    return write.write(gateway, home, gateway.policy.principal(by), writing, key)


CREATE = "CREATE TABLE lab.totals AS SELECT id, sum(amount) AS amount FROM shop.orders GROUP BY id"


def test_a_table_is_made_declared_and_readable(gateway: Gateway, home: Path) -> None:
    written = run(gateway, home, CREATE)
    assert (written.rows, written.version, written.again) == (2, 0, False)
    ann = gateway.policy.principal("ann")
    rows = gateway.query(ann, "SELECT id, amount FROM lab.totals ORDER BY id").table.to_pylist()
    assert rows == [{"id": 1, "amount": 1.5}, {"id": 2, "amount": 5.0}]
    act = [record for record in gateway.audit.tail(10) if record.kind == "code"]
    assert [(a.principal, a.asked, a.rows, a.outcome) for a in act] == [("ann", "create lab.totals", 2, "written")]


def test_the_same_key_writes_once_also_where_the_catalogue_was_not_reached(gateway: Gateway, home: Path) -> None:
    before = (home / "catalog.yaml").read_text()
    run(gateway, home, CREATE)
    (home / "catalog.yaml").write_text(before)
    again = run(gateway, home, CREATE)
    assert (again.again, again.rows) == (True, 2)
    assert "totals" in (home / "catalog.yaml").read_text().split("- name: kept")[0]
    with pytest.raises(Invalid, match="already"):
        run(gateway, home, CREATE, key="k2")
    for _ in range(2):
        run(gateway, home, "INSERT INTO kept.totals (amount, id) SELECT amount, id FROM shop.orders", key="k3")
    assert lake.read(home / "kept" / "totals").num_rows == 4


KILLED = """
import os, signal, sys
from pathlib import Path
from data.federation import open_gateway
from data.gateway import write
from data.gateway.writing import read_writing

def killed(*rest):
    os.kill(os.getpid(), signal.SIGKILL)

home = Path(sys.argv[1])
setattr(write, sys.argv[2], killed)
gateway = open_gateway(home, threads=1)
write.write(gateway, home, gateway.policy.principal("ann"), read_writing(sys.argv[3]), "k1")
"""


@pytest.mark.parametrize(("at", "kept"), [("_write", 0), ("_declare", 1)])
def test_a_kill_leaves_nothing_half_done(home: Path, at: str, kept: int) -> None:
    ended = subprocess.run([sys.executable, "-c", KILLED, str(home), at, CREATE], check=False)
    assert ended.returncode == -signal.SIGKILL
    assert len(list((home / "lab").glob("*/_delta_log/*.json"))) == kept
    assert (home / "catalog.yaml").read_text() == CATALOG
    gateway = open_gateway(home, threads=1)
    assert run(gateway, home, CREATE).rows == 2
    assert lake.read(home / "lab" / "totals").num_rows == 2
    gateway.close()


def test_rows_are_added_by_place_in_the_tables_types(gateway: Gateway, home: Path) -> None:
    run(gateway, home, "INSERT INTO kept.totals SELECT id, id, 'x' FROM shop.orders WHERE id = 1")
    rows = sorted(lake.read(home / "kept" / "totals").to_pylist(), key=str)
    assert rows == [{"id": 1, "amount": 1.0, "note": "x"}, {"id": 9, "amount": 9.0, "note": "old"}]


@pytest.mark.parametrize(
    ("text", "by", "kind"),
    [
        (CREATE, "owner", "forbidden"),  # who reads everything may still not write
        (CREATE, "bob", "forbidden"),
        ("CREATE TABLE kept.more AS SELECT id FROM shop.orders", "ann", "forbidden"),
        ("CREATE TABLE nowhere.more AS SELECT id FROM shop.orders", "ann", "forbidden"),
        ("CREATE TABLE lab.more AS SELECT secret FROM shop.orders", "ann", "forbidden"),
        ("CREATE TABLE lab.\"../../out\" AS SELECT id FROM shop.orders", "ann", "invalid"),
        ("INSERT INTO lab.missing SELECT id FROM shop.orders", "ann", "not_found"),
        ("INSERT INTO kept.totals SELECT id FROM shop.orders", "ann", "invalid"),
        ("INSERT INTO kept.totals (id, nothing) SELECT id, amount FROM shop.orders", "ann", "invalid"),
        ("INSERT INTO kept.totals SELECT id, 'many', 'x' FROM shop.orders", "ann", "invalid"),
    ],
)  # fmt: skip
def test_what_may_not_or_cannot_be_written_leaves_nothing(
    gateway: Gateway, home: Path, text: str, by: str, kind: str
) -> None:
    with pytest.raises(DataError) as raised:
        run(gateway, home, text, by=by)
    assert raised.value.kind == kind
    assert lake.read(home / "kept" / "totals").num_rows == 1
    assert not list((home / "lab").glob("*/_delta_log"))
    assert not (home.parent / "out").exists()
    assert (home / "catalog.yaml").read_text() == CATALOG


@pytest.mark.parametrize(
    "text",
    [
        "CREATE OR REPLACE TABLE lab.t AS SELECT 1",
        "CREATE TABLE IF NOT EXISTS lab.t AS SELECT 1",
        "CREATE TEMP TABLE lab.t AS SELECT 1",
        "CREATE VIEW lab.t AS SELECT 1",
        "CREATE TABLE lab.t (a INT)",
        "CREATE TABLE t AS SELECT 1",
        "INSERT INTO lab.t VALUES (1)",
        "INSERT INTO lab.t SELECT 1 RETURNING *",
        "INSERT OR REPLACE INTO lab.t SELECT 1",
        "INSERT INTO lab.t SELECT 1 ON CONFLICT DO NOTHING",
        "CREATE TABLE lab.t AS SELECT 1; DROP TABLE lab.t",
    ],
)
def test_other_forms_of_writing_are_refused(text: str) -> None:
    with pytest.raises(Invalid):
        read_writing(text)


def test_a_query_is_no_writing() -> None:
    assert read_writing("SELECT 1") is None
    assert read_writing("no SQL at all ((") is None
    assert read_writing("CREATE TABLE a.b AS SELECT 1", "spark") == Writing("a", "b", "create", "SELECT 1")


@pytest.mark.parametrize("on", ["*", "shop.*", "nowhere.*", "lab"])
def test_a_write_grant_names_a_delta_source(home: Path, gateway: Gateway, on: str) -> None:
    path = home / "other.yaml"
    path.write_text(POLICY.replace("on: kept.totals", f'on: "{on}"'))
    with pytest.raises(Invalid, match=r"other\.yaml:\d+"):
        Policy.load(path, gateway.catalog)


def test_a_grant_takes_no_stranger(home: Path, gateway: Gateway) -> None:
    path = home / "other.yaml"
    path.write_text(POLICY.replace("analysts, on: kept.totals", "analists, on: kept.totals"))
    with pytest.raises(Invalid, match="analists"):
        Policy.load(path, gateway.catalog)


def test_readers_are_refused_before_anything_is_read(gateway: Gateway, home: Path) -> None:
    with pytest.raises(Forbidden, match="may not write"):
        run(gateway, home, CREATE, by="bob")
    assert [record for record in gateway.audit.tail(5) if "orders" in record.asked] == []
