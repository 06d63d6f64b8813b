"""A lakehouse with canaries in every cell that somebody may not see, twins of it, and the judge of what comes out.

A twin differs only in what one principal may not see: whoever can tell the twins apart has read something.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import os
import re
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from data import lake
from data.errors import DataError
from data.federation import open_gateway
from data.gateway import Gateway
from data.sources.postgres import managed_url, stop_managed

FAMILIES = Path(__file__).parent / "statements"

CATALOG = """\
version: 1
sources:
  - name: shop
    kind: delta
    location: lake/shop
    tables:
      - name: customers
        key: id
        label: name
        columns:
          - {name: id, type: BIGINT}
          - {name: name, type: VARCHAR, tags: [pii]}
          - {name: email, type: VARCHAR, tags: [pii]}
          - {name: country, type: VARCHAR}
          - {name: secret, type: VARCHAR}
          - {name: joined, type: TIMESTAMP}
      - name: orders
        key: id
        columns:
          - {name: id, type: BIGINT}
          - {name: customer_id, type: BIGINT}
          - {name: amount, type: "DECIMAL(12,2)"}
          - {name: status, type: VARCHAR}
  - name: files
    kind: parquet
    location: files
    tables:
      - name: visits
        columns:
          - {name: id, type: BIGINT}
          - {name: customer_id, type: BIGINT}
          - {name: page, type: VARCHAR}
  - name: music
    kind: sqlite
    location: music/music.sqlite
    tables:
      - name: tracks
        key: id
        columns:
          - {name: id, type: BIGINT}
          - {name: title, type: VARCHAR}
          - {name: explicit, type: BOOLEAN}
          - {name: released, type: DATE}
  - name: bank
    kind: postgres
    location: "LOCATION"
    tables:
      - name: accounts
        key: id
        columns:
          - {name: id, type: BIGINT}
          - {name: customer_id, type: BIGINT}
          - {name: iban, type: VARCHAR, tags: [pii]}
          - {name: balance, type: "DECIMAL(12,2)"}
relationships:
  - {from: shop.orders.customer_id, to: shop.customers.id}
  - {from: bank.accounts.customer_id, to: shop.customers.id}
"""

POLICY = """\
version: 1
principals:
  - {name: owner, groups: [owners]}
  - {name: seller, groups: [sellers]}
  - {name: agent-ca, groups: [agents], attributes: {country: CA}}
  - {name: hasher, groups: [hashers]}
  - {name: watcher, groups: [watchers]}
  - {name: nobody}
grants:
  - {to: owners, on: "*"}
  - {to: watchers, on: "*"}
  - {to: sellers, on: shop.*}
  - {to: agents, on: shop.customers, columns: [id, name, email, country]}
  - {to: agents, on: shop.orders}
  - {to: hashers, on: shop.customers}
  - {to: hashers, on: bank.accounts}
row_filters:
  - {for: agents, on: shop.customers, where: "country = :country"}
  - for: agents
    on: shop.orders
    where: customer_id IN (SELECT id FROM shop.customers WHERE country = :country)
  - {for: watchers, on: shop.customers, where: "country = 'CA'"}
  - {for: watchers, on: shop.orders, where: "amount < 100"}
  - {for: watchers, on: music.tracks, where: "NOT explicit"}
  - {for: watchers, on: bank.accounts, where: "customer_id = 1"}
  - {for: watchers, on: files.visits, where: "page = 'home'"}
masks:
  - {for: sellers, tag: pii, mask: partial}
  - {for: sellers, columns: [shop.customers.secret], mask: redact}
  - {for: agents, columns: [shop.customers.email], mask: partial}
  - {for: hashers, columns: [shop.customers.email, shop.customers.id], mask: hash}
  - {for: hashers, columns: [shop.customers.secret, shop.customers.joined], mask: "null"}
"""

FORBIDDEN: Mapping[str, str] = {
    "agent-ca": "rowcanary mailcanary secretcanary 1987 918273 statuscanary ibancanary titlecanary pagecanary",
    "seller": "namecanary rowcanary mailcanary secretcanary ibancanary titlecanary pagecanary",
    "hasher": "mailcanary secretcanary 1987 statuscanary titlecanary pagecanary",
    "watcher": "rowcanary statuscanary ibancanary titlecanary pagecanary 918273",
    "nobody": "namecanary rowcanary mailcanary secretcanary 1987 918273 statuscanary ibancanary titlecanary pagecanary",
}
"""What may come to a principal in no form: values of cells that are hidden or masked."""

HIDDEN_NAMES: Mapping[str, str] = {
    "agent-ca": "bank accounts iban balance music tracks released visits secret joined",
    "seller": "bank accounts iban balance music tracks released visits",
    "hasher": "orders amount music tracks released visits",
    "watcher": "",
    "nobody": "shop customers orders bank accounts iban balance music tracks released visits secret joined",
}
"""Names that no answer may tell, unless the statement says them itself."""

INSIDES = re.compile(
    r"~(shop|bank|music|files)|(shop|bank|music|files)\.\w+@\d|Traceback|lakewright_salt|postgresql://"
)
"""Names of the engine's own, and what no message shows."""

TWINS = {"agent-ca": "cells", "watcher": "rows", "seller": "masked"}
"""Which twin differs from the first lakehouse only in what the principal may not see."""


def customers(kind: str) -> list[tuple[object, ...]]:
    """Canada's rows are those that agents see; `kind` names the twin."""
    masked, cells = kind == "masked", kind == "cells"
    mail = "another" if masked or cells else "amailcanary"
    secret = "other" if masked or cells else "secretcanary"
    name = "Aother" if masked else "Anamecanary"
    year = 2011 if cells else 1987
    visible = [
        (1, name, f"{mail}@example.com", "CA", f"{secret}1", dt.datetime(year, 1, 1)),
        (3, f"{name} Wren", f"{mail}2@example.org", "CA", f"{secret}3", dt.datetime(year, 3, 1)),
    ]
    if kind in ("rows", "cells"):
        return [
            *visible,
            (7, "Zoe", "zoe@example.com", "US", "z", dt.datetime(2012, 2, 1)),
            (8, "7", "8", "US", "9", dt.datetime(2013, 2, 1)),
            (9, "0", None, "FR", None, None),
        ]
    hidden = "Bother" if masked else "Browcanary"
    return [
        *visible,
        (2, f"{hidden} Finch", f"{mail}3@example.com", "US", f"{secret}2", dt.datetime(1987, 2, 1)),
        (4, f"{hidden} Swift", None, "FR", f"{secret}4", dt.datetime(1987, 4, 1)),
    ]


def orders(kind: str) -> list[tuple[object, ...]]:
    visible = [
        (1, 1, Decimal("10.00"), "paid"),
        (2, 1, Decimal("20.50"), "paid"),
        (4, 3, Decimal("7.25"), "paid"),
    ]
    if kind in ("rows", "cells"):
        return [*visible, *((n, 7, Decimal(f"{n}00.00"), "x") for n in range(10, 15))]
    return [*visible, (3, 2, Decimal("918273.00"), "statuscanary"), (5, 4, Decimal("918273.50"), "statuscanary")]


VISITS = [(1, 1, "home"), (3, 2, "home"), (2, 1, "pagecanary")]
TRACKS = [(1, "Nova", 0, "2020-01-01"), (2, "titlecanary", 1, "1987-06-30")]
ACCOUNTS = [(1, 1, "CA12345678", Decimal("1000.00")), (2, 2, "ibancanary", Decimal("918273.00"))]
OTHERS = {
    "visits": [(1, 1, "home"), (3, 2, "home"), (12, 11, "x"), (0, 0, "0")],
    "tracks": [(1, "Nova", 0, "2020-01-01"), (20, "0", 1, "2021-06-30"), (21, "y", 1, "2000-06-30")],
    "accounts": [(1, 1, "CA12345678", Decimal("1000.00")), (0, 0, "0", Decimal("0.00")), (9, 9, "y", Decimal("9.00"))],
}


def build(home: Path, kind: str, location: str) -> None:
    """Write the stores of a twin with their catalogue and policy under `home`."""
    home.mkdir()
    (home / "catalog.yaml").write_text(CATALOG.replace("LOCATION", location), encoding="utf-8")
    (home / "policy.yaml").write_text(POLICY, encoding="utf-8")
    other = kind in ("rows", "cells")
    lake.append(home / "lake/shop/customers", _table("id name email country secret joined", customers(kind)))
    lake.append(home / "lake/shop/orders", _table("id customer_id amount status", orders(kind)))
    (home / "files").mkdir()
    visits = OTHERS["visits"] if other else VISITS
    pq.write_table(_table("id customer_id page", visits), home / "files/visits.parquet")
    (home / "music").mkdir()
    _music(home / "music/music.sqlite", OTHERS["tracks"] if other else TRACKS)
    _bank(location, OTHERS["accounts"] if other else ACCOUNTS)


def _table(names: str, rows: list[tuple[object, ...]]) -> pa.Table:
    kinds = {"joined": pa.timestamp("us"), "amount": pa.decimal128(12, 2)}
    types = {name: kinds.get(name, pa.int64() if name.endswith("id") else pa.string()) for name in names.split()}
    columns = zip(types, zip(*rows, strict=True), strict=True)
    return pa.table({name: pa.array(list(values), types[name]) for name, values in columns})


def _music(path: Path, rows: list[tuple[object, ...]]) -> None:
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE tracks (id INTEGER PRIMARY KEY, title TEXT, explicit BOOLEAN, released DATE)")
    connection.executemany("INSERT INTO tracks VALUES (?, ?, ?, ?)", rows)
    connection.commit()
    connection.close()


def _bank(url: str, rows: list[tuple[object, ...]]) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(
            "CREATE TABLE accounts (id bigint PRIMARY KEY, customer_id bigint, iban text, balance numeric(12,2))"
        )
        for row in rows:
            connection.execute("INSERT INTO accounts VALUES (%s, %s, %s, %s)", row)


def _locations(server: Path, kinds: list[str]) -> dict[str, str]:
    url = managed_url(server)
    with psycopg.connect(url, autocommit=True) as connection:
        for kind in kinds:
            connection.execute(f"CREATE DATABASE {kind}".encode())
    return {kind: url.replace("/postgres?", f"/{kind}?") for kind in kinds}


class Vault:
    """The lakehouse with canaries and its twins: runs statements and judges what comes out."""

    def __init__(self, folder: Path, kinds: list[str]) -> None:
        self.folder = folder
        self.home = folder / "first"
        self.gateways: dict[str, Gateway] = {kind: open_gateway(folder / kind, threads=1) for kind in kinds}
        self.first = self.gateways["first"]
        self._told: dict[tuple[str, str, str], str] = {}
        for gateway in self.gateways.values():
            gateway.warm()

    def text(self, name: str, sql: str, kind: str = "first") -> str:
        """What a principal can learn: rows with their columns' names in order of their text, or the error."""
        key = (name, sql, kind)
        if key not in self._told:
            self._told[key] = self._text(*key)
        return self._told[key]

    def _text(self, name: str, sql: str, kind: str) -> str:
        gateway = self.gateways[kind]
        try:
            result = gateway.query(gateway.policy.principal(name), sql, timeout=10, limit=500)
        except DataError as error:
            return f"{error.kind}: {error}"
        except Exception as error:  # noqa: BLE001 - whatever else leaves the gateway is a finding
            return f"Traceback: {type(error).__name__}"
        columns = [_values(column) for column in result.table.columns]
        rows = sorted(map(repr, zip(*columns, strict=False)))
        return f"{result.table.column_names} {rows} {result.lineage} {result.truncated}"

    def leaks(self, name: str, sql: str) -> list[str]:
        """Canaries and names that the statement tells the principal without having said them itself."""
        told, said = self.text(name, sql), sql.lower().replace('"', "")
        marks = [*FORBIDDEN[name].split(), str(self.home).lower(), self._salt()]
        found = [mark for mark in marks if mark in told.lower() and mark not in said]
        found += [match.group() for match in INSIDES.finditer(told) if match.group().lower() not in said]
        words = set(re.findall(r"[a-z_]+", told.lower()))
        return found + [word for word in HIDDEN_NAMES[name].split() if word in words and word not in said]

    def differs(self, name: str, sql: str) -> str:
        """How the principal's twin answers otherwise; empty when it does not."""
        one, other = (self.text(name, sql, kind) for kind in ("first", TWINS[name]))
        return "" if one == other else f"{one}\n{other}"

    def _salt(self) -> str:
        return (self.home / "mask.salt").read_text(encoding="ascii")

    def close(self) -> None:
        for gateway in self.gateways.values():
            gateway.close()


@pytest.fixture(scope="session")
def vault() -> Iterator[Vault]:
    """The lakehouse with canaries. Tests only read it."""
    kinds = ["first", *TWINS.values()]
    with ExitStack() as stack:
        # The audit trail waits for the disk after each of some thousand statements: memory is quicker.
        memory = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
        folders = [TemporaryDirectory(prefix="vault-", dir=d, ignore_cleanup_errors=True) for d in (memory, None)]
        root, server = (Path(stack.enter_context(folder)).resolve() for folder in folders)
        stack.callback(stop_managed, server)
        for kind, location in _locations(server, kinds).items():
            build(root / kind, kind, location)
            # One of chance may make a hash that has a canary's digits in it.
            salt = hashlib.md5(kind.encode(), usedforsecurity=False).hexdigest()
            (root / kind / "mask.salt").write_text(salt, encoding="ascii")
        vault = Vault(root, kinds)
        stack.callback(vault.close)
        yield vault


def _values(column: pa.ChunkedArray) -> list[object]:
    try:
        return column.to_pylist()
    except (ValueError, OverflowError):  # fields without names, and dates that Python has not
        return [str(chunk) for chunk in column.chunks]


def statements() -> dict[str, str]:
    """Name -> statement. In the files a blank line ends a statement."""
    found: dict[str, str] = {}
    for family in sorted(FAMILIES.glob("*.sql")):
        blocks = [block.strip("\n") for block in family.read_text(encoding="utf-8").split("\n\n")]
        for number, block in enumerate(block for block in blocks if block.strip()):
            found[f"{family.stem}-{number}"] = block
    return found


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "attack" in metafunc.fixturenames:
        params = [pytest.param((name.split("-")[0], sql), id=name) for name, sql in statements().items()]
        metafunc.parametrize("attack", params)


@pytest.fixture(scope="session")
def attacks() -> list[str]:
    """All statements of the files."""
    return list(statements().values())
