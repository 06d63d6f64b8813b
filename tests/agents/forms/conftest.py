"""A small shop's lakehouse behind the real gateway, and embeddings that are made of words."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from agents.forms.forms import Forms
from agents.forms.vocabulary import stems
from data.federation import open_gateway
from data.gateway import Gateway

CATALOG = """
version: 1
sources:
  - name: shop
    kind: parquet
    location: shop
    description: A shop.
    tables:
      - name: stores
        description: A store that sells.
        synonyms: [shops, merchants]
        key: store_id
        label: name
        time: opened_on
        columns:
          - {name: store_id, type: BIGINT, description: Identifier.}
          - {name: name, type: VARCHAR, description: Name of the store.}
          - {name: city, type: VARCHAR, description: City of the store.}
          - {name: email, type: VARCHAR, description: Contact e-mail.}
          - {name: phone, type: VARCHAR, description: Telephone., tags: [pii]}
          - {name: owner_id, type: BIGINT, description: Who owns it.}
          - {name: opened_on, type: DATE, description: When it was opened.}
      - name: people
        description: A person.
        key: person_id
        label: name
        columns:
          - {name: person_id, type: BIGINT, description: Identifier.}
          - {name: name, type: VARCHAR, description: Full name.}
          - {name: born, type: BIGINT, description: Date of birth., format: "%Y%m%d"}
      - name: sales
        description: Something that was sold.
        key: sale_id
        time: sold_at
        columns:
          - {name: sale_id, type: BIGINT, description: Identifier.}
          - {name: store_id, type: BIGINT, description: Where.}
          - {name: amount, type: DOUBLE, description: Price paid., unit: USD}
          - {name: status, type: VARCHAR, description: Paid or returned.}
          - {name: sold_at, type: TIMESTAMP, description: When.}
relationships:
  - {from: shop.stores.owner_id, to: shop.people.person_id}
  - {from: shop.sales.store_id, to: shop.stores.store_id}
"""
POLICY = """
version: 1
principals:
  - {name: owner, groups: [owners]}
  - {name: clerk, groups: [clerks]}
grants:
  - {to: owners, on: "*"}
  - {to: clerks, on: shop.stores, columns: [store_id, name, city, phone, opened_on]}
  - {to: clerks, on: shop.sales}
masks:
  - {for: clerks, tag: pii, mask: partial}
"""
SCHEMA = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "title": "Store card",
    "type": "object",
    "required": ["store"],
    "properties": {
        "store": {
            "type": "object",
            "title": "Store",
            "required": ["name", "email"],
            "properties": {
                "name": {"type": "string", "title": "Store name"},
                "email": {"type": "string", "format": "email", "title": "Contact e-mail"},
                "phone": {"type": "string", "title": "Telephone"},
                "opened": {"type": "string", "format": "date", "title": "Opened on"},
                "website": {"type": "string", "format": "uri"},
            },
        },
        "owner": {
            "type": "object",
            "title": "Owner",
            "properties": {
                "name": {"type": "string", "title": "Full name"},
                "born": {"type": "string", "format": "date", "title": "Date of birth"},
            },
        },
        "sold": {"type": "number", "title": "Total amount of paid sales in 2025"},
        "sales": {"type": "integer", "title": "Number of sales"},
        "employees": {"type": "integer", "title": "Number of employees"},
    },
}
AS_OF = datetime(2026, 1, 15)
STORES = 40


def words(texts: Sequence[str]) -> np.ndarray:
    """Embeddings of texts: which stems are in them, and by as much that they are not the same text."""
    found = np.zeros((len(texts), 8192), np.float32)
    for row, text in zip(found, texts, strict=True):
        own = stems(text)
        for one in own:
            row[_place(one)] = 1
        row /= max(float(np.linalg.norm(row)), 1.0)
        row[_place(" ".join(own) + ".")] += 1
        row /= float(np.linalg.norm(row))
    return found


def _place(text: str) -> int:
    return int(hashlib.md5(text.encode()).hexdigest(), 16) % 8192


@pytest.fixture(scope="session")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home that holds the shop's files; change nothing in it."""
    home = tmp_path_factory.mktemp("shop")
    (home / "catalog.yaml").write_text(CATALOG)
    (home / "policy.yaml").write_text(POLICY)
    (home / "shop").mkdir()
    ids = list(range(1, STORES + 1))
    stores = {
        "store_id": ids, "name": [f"{'Blue' if i % 2 else 'Red'} Bottle {i}" for i in ids],
        "city": ["Oslo" if i % 2 else "Rome" for i in ids], "email": [f"s{i}@example.com" for i in ids],
        "phone": [f"+1 503 555 {i:04}" for i in ids], "owner_id": [i if i != 2 else None for i in ids],
        "opened_on": [date(2024, 1, 1 + i % 28) for i in ids],
    }  # fmt: skip
    people = {
        "person_id": ids, "name": [f"Ada {chr(65 + i % 26)}. Lovelace" for i in ids],
        "born": [19800100 + 1 + i % 28 for i in ids],
    }  # fmt: skip
    sales = {
        "sale_id": ids, "store_id": [1 + i % 3 for i in ids], "amount": [10.25 for _ in ids],
        "status": ["paid" if i % 4 else "returned" for i in ids],
        "sold_at": [datetime(2025 if i % 5 else 2024, 3, 1) for i in ids],
    }  # fmt: skip
    for name, columns in (("stores", stores), ("people", people), ("sales", sales)):
        pq.write_table(pa.table(columns), home / "shop" / f"{name}.parquet")
    return home


@pytest.fixture(scope="session")
def gateway(shop: Path) -> Iterator[Gateway]:
    opened = open_gateway(shop, catalog=shop / "catalog.yaml", policy=shop / "policy.yaml")
    yield opened
    opened.close()


@pytest.fixture
def open_forms(tmp_path: Path, gateway: Gateway) -> Iterator[Callable[..., Forms]]:
    """Opens the forms of one home, as often as a test wants; `encode` is for what has to do without a model."""
    opened: list[Forms] = []

    def opener(encode: Callable[[Sequence[str]], np.ndarray] = words) -> Forms:
        opened.append(Forms(tmp_path / "forms", gateway, encode))
        return opened[-1]

    yield opener
    for one in opened:
        one.close()
