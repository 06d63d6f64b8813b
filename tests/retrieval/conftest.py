"""A small catalogue, the values that stand in it, and a small lakehouse with masks and row filters."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from data.catalog import Catalog
from data.federation import open_gateway
from data.gateway import Gateway
from retrieval.embedding import MiniLM
from retrieval.linker import Linker
from retrieval.values import ValueIndex

Over = Callable[[str, dict[str, dict[str, list[str]]]], Linker]

CATALOG = """
version: 1
sources:
  - name: shop
    kind: parquet
    location: shop
    description: Shops.
    tables:
      - name: merchants
        description: A business that takes payments.
        synonyms: [shops, sellers]
        key: merchant_id
        label: name
        columns:
          - {name: merchant_id, type: BIGINT, description: Identifier.}
          - {name: name, type: VARCHAR, description: Trading name.}
          - {name: category, type: VARCHAR, description: Line of business., synonyms: [industry]}
          - {name: country, type: VARCHAR, description: Country code.}
          - {name: email, type: VARCHAR, description: Contact., tags: [pii]}
      - name: payments
        description: A card payment to a merchant.
        synonyms: [sales, card payments]
        key: payment_id
        time: created_at
        columns:
          - {name: payment_id, type: BIGINT, description: Identifier.}
          - {name: merchant_id, type: BIGINT, description: The merchant.}
          - {name: amount, type: DOUBLE, description: Amount., unit: USD, synonyms: [revenue]}
          - {name: entry_mode, type: VARCHAR, description: How the card was read.}
          - {name: status, type: VARCHAR, description: Outcome.}
          - {name: created_at, type: TIMESTAMP, description: When it was made.}
  - name: tidal
    kind: parquet
    location: tidal
    description: Music.
    tables:
      - name: artists
        description: A musician or band.
        synonyms: [musicians, bands]
        key: artist_id
        label: name
        columns:
          - {name: artist_id, type: BIGINT, description: Identifier.}
          - {name: name, type: VARCHAR, description: Stage name.}
          - {name: genre, type: VARCHAR, description: Genre., synonyms: [style]}
          - {name: country, type: VARCHAR, description: Country code.}
      - name: plays
        description: One time that a listener streamed a track.
        synonyms: [streams, listens]
        key: play_id
        time: played_at
        columns:
          - {name: play_id, type: BIGINT, description: Identifier.}
          - {name: artist_id, type: BIGINT, description: The artist.}
          - {name: platform, type: VARCHAR, description: Where it was played.}
          - {name: played_at, type: TIMESTAMP, description: When.}
relationships:
  - {from: shop.payments.merchant_id, to: shop.merchants.merchant_id}
  - {from: tidal.plays.artist_id, to: tidal.artists.artist_id}
"""
POLICY = """
version: 1
principals:
  - {name: owner, groups: [owners]}
  - {name: second-owner, groups: [owners]}
  - {name: analyst, groups: [analysts]}
  - {name: agent-ca, groups: [agents], attributes: {country: CA}}
  - {name: agent-us, groups: [agents], attributes: {country: US}}
  - {name: nobody}
grants:
  - {to: owners, on: "*"}
  - {to: analysts, on: shop.*}
  - {to: agents, on: shop.merchants, columns: [merchant_id, name, country]}
row_filters:
  - {for: agents, on: shop.merchants, where: "country = :country"}
masks:
  - {for: analysts, tag: pii, mask: partial}
  - {for: analysts, columns: [shop.merchants.name], mask: hash}
"""
ROWS: dict[str, dict[str, list[object]]] = {
    "shop/merchants": {
        "merchant_id": [1, 2, 3],
        "name": ["Blue Bottle Café", "Sunset Bakery", "Maple Tea"],
        "category": ["cafe", "bakery", "cafe"],
        "country": ["US", "US", "CA"],
        "email": ["blue@example.com", "sunset@example.com", "maple@example.com"],
    },
    "shop/payments": {
        "payment_id": [1, 2],
        "merchant_id": [1, 3],
        "amount": [5.0, 7.5],
        "entry_mode": ["tap", "chip"],
        "status": ["captured", "failed"],
        "created_at": [date(2024, 1, 1), date(2025, 1, 1)],
    },
    "tidal/artists": {
        "artist_id": [1, 2, 3, 4],
        "name": ["Nova", "Five", "Sigur Rós", "O'Brien"],
        "genre": ["k-pop", "rock", "post rock", "rock"],
        "country": ["CA", "GB", "IS", "US"],
    },
    "tidal/plays": {
        "play_id": [1, 2, 3],
        "artist_id": [1, 1, 2],
        "platform": ["ios", "web", "ios"],
        "played_at": [date(2024, 1, 1), date(2024, 2, 1), date(2025, 1, 1)],
    },
}


def write(home: Path, name: str, columns: dict[str, list[object]]) -> None:
    """Put a table into the home's store."""
    table = pa.table(columns)
    for index, field in enumerate(table.schema):
        if field.name.endswith("_at"):
            table = table.set_column(index, field.name, table.column(index).cast(pa.timestamp("us")))
    (home / name).parent.mkdir(exist_ok=True)
    pq.write_table(table, home / f"{name}.parquet")


@pytest.fixture(scope="session")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the catalogue, the policy and ROWS as Parquet files. Tests only read it."""
    home = tmp_path_factory.mktemp("lake")
    (home / "catalog.yaml").write_text(CATALOG)
    (home / "policy.yaml").write_text(POLICY)
    for name, columns in ROWS.items():
        write(home, name, columns)
    return home


@pytest.fixture(scope="session")
def gateway(lake: Path) -> Iterator[Gateway]:
    gateway = open_gateway(lake, threads=1)
    yield gateway
    gateway.close()


@pytest.fixture(scope="session")
def catalog(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    path = tmp_path_factory.mktemp("catalog") / "catalog.yaml"
    path.write_text(CATALOG)
    return Catalog.load(path)


@pytest.fixture(scope="session")
def values() -> ValueIndex:
    """The texts of ROWS by table and column."""
    return ValueIndex(
        {
            name.replace("/", "."): {
                column: sorted({str(v) for v in found}) for column, found in columns.items() if _text(found)
            }
            for name, columns in ROWS.items()
        }
    )


def _text(found: list[object]) -> bool:
    return isinstance(found[0], str)


@pytest.fixture
def linker(catalog: Catalog, values: ValueIndex) -> Linker:
    """A linker that knows no phrases by their sense, so that only letters count."""
    nothing: Callable[..., list[tuple[str, ...]]] = lambda said: [()] * len(said)  # noqa: E731
    return Linker(catalog, values, nothing, now=lambda: datetime(2025, 5, 20, tzinfo=UTC))


@pytest.fixture(scope="session")
def minilm(models: Path) -> MiniLM:
    return MiniLM(models)


@pytest.fixture(scope="session")
def over(tmp_path_factory: pytest.TempPathFactory) -> Over:
    """Makes a linker over a catalogue, in YAML, and values, asked in the middle of July 2026; nothing sounds alike."""

    def linker(catalog: str, values: dict[str, dict[str, list[str]]]) -> Linker:
        path = tmp_path_factory.mktemp("over") / "catalog.yaml"
        path.write_text(catalog, encoding="utf-8")
        now = datetime(2026, 7, 15, 12, tzinfo=UTC)
        return Linker(Catalog.load(path), ValueIndex(values), lambda texts: [() for _ in texts], now=lambda: now)

    return linker
