"""A small shop beside a vault that the clerk may not see, and a shop in which somebody has written instructions."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import yaml

from data.federation import open_gateway
from data.gateway import Gateway
from data.policy import Principal
from retrieval import Context
from retrieval.linker import Linker
from retrieval.values import load

CASES: list[dict[str, Any]] = yaml.safe_load((Path(__file__).parent / "cases.yaml").read_text("utf-8"))
CANARY = "canary"
"""Stands in all that the clerk may not see: the vault, customers of Lyon, addresses."""
POLICY = """
version: 1
principals:
  - {name: owner, groups: [owners]}
  - {name: clerk, groups: [clerks]}
grants:
  - {to: owners, on: "*"}
  - {to: clerks, on: shop.*}
row_filters:
  - {for: clerks, on: shop.customers, where: "city <> 'Lyon'"}
masks:
  - {for: clerks, columns: [shop.customers.email], mask: hash}
"""
CELLS = {"note": ("shop.orders", "note"), "customer": ("shop.customers", "name"), "city": ("shop.customers", "city")}
LABEL = {"customers": "name", "salaries": "person"}


def tables() -> dict[str, dict[str, list[Any]]]:
    """The rows, with nothing written between them."""
    return {
        "shop.orders": {
            "id": [1, 2, 3, 4, 5],
            "customer_id": [1, 1, 2, 3, 4],
            "status": ["paid", "paid", "open", "paid", "open"],
            "total": [10.0, 20.0, 30.0, 40.0, 50.0],
            "note": ["", "gift", "", "fragile", ""],
        },
        "shop.customers": {
            "id": [1, 2, 3, 4],
            "name": ["Ann", "Bob", "Canary Row", "Dee"],
            "city": ["Oslo", "Rome", "Lyon", "Oslo"],
            "email": [f"canary{n}@example.com" for n in range(4)],
        },
        "vault.salaries": {"person": ["Canary Ann"], "salary": [90417431.0], "secret": ["canary-90417431"]},
    }


def build(home: Path, case: dict[str, Any] | None = None) -> Gateway:
    """The shop's gateway, with the case's words where it says."""
    rows, place, said = tables(), case and case["in"], case and case["says"]
    if place == "column":
        rows["shop.orders"][said] = [0, 1, 0, 1, 0]
    if place in CELLS:
        table, column = CELLS[str(place)]
        rows[table][column][1] = said
    told = {"table description": ("orders", ""), "column description": ("orders", "status")}.get(str(place))
    sources: dict[str, list[dict[str, Any]]] = {}
    for name, columns in rows.items():
        source, table = name.split(".")
        (home / source).mkdir(parents=True, exist_ok=True)
        arrow = pa.table(columns)
        pq.write_table(arrow, home / source / f"{table}.parquet")
        described = [
            {"name": c, "type": _type(arrow[c].type), "description": said if told == (table, c) else c} for c in columns
        ]
        entry = {"name": table, "description": said if told == (table, "") else table, "columns": described}
        entry |= {"key": "id"} if "id" in columns else {}
        entry |= {"label": LABEL[table]} if table in LABEL else {}
        sources.setdefault(source, []).append(entry)
    catalog = {
        "version": 1,
        "sources": [{"name": s, "kind": "parquet", "location": s, "tables": t} for s, t in sources.items()],
        "relationships": [{"from": "shop.orders.customer_id", "to": "shop.customers.id"}],
    }
    (home / "catalog.yaml").write_text(yaml.safe_dump(catalog, sort_keys=False))
    (home / "policy.yaml").write_text(POLICY)
    return open_gateway(home, threads=1)


def _type(kind: pa.DataType) -> str:
    return "BIGINT" if pa.types.is_integer(kind) else "DOUBLE" if pa.types.is_floating(kind) else "VARCHAR"


class Linked:
    """Contexts by the linker alone: what sounds alike is not looked for."""

    def __init__(self, gateway: Gateway, folder: Path) -> None:
        self._gateway, self._folder = gateway, folder

    def retrieve(self, principal: Principal, question: str) -> Context:
        catalog, values = self._gateway.askable(principal), load(self._gateway, principal, self._folder)
        link = Linker(catalog, values, lambda said: [() for _ in said]).link(question)
        return Context(question, catalog, link.hints, link.unknown, link.now, values.columns)
