"""A small lakehouse of people, the devices that they use, what they send each other, and who was found out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa

from data import lake
from data.features import ConnectedView, Edges, Marks, Measure
from data.features.graph.definition import KINDS

CATALOG = """\
version: 1
sources:
  - name: net
    kind: delta
    location: lake/net
    tables:
      - name: uses
        columns:
          - {name: person, type: BIGINT}
          - {name: device, type: VARCHAR}
          - {name: at, type: TIMESTAMP}
          - {name: known, type: TIMESTAMP}
      - name: sends
        columns:
          - {name: sender, type: BIGINT}
          - {name: receiver, type: BIGINT}
          - {name: at, type: TIMESTAMP}
          - {name: known, type: TIMESTAMP}
      - name: found
        columns:
          - {name: person, type: BIGINT}
          - {name: at, type: TIMESTAMP}
          - {name: known, type: TIMESTAMP}
      - name: labels
        columns:
          - {name: person, type: BIGINT}
          - {name: at, type: TIMESTAMP}
"""
POLICY = """\
version: 1
principals:
  - {name: owner, groups: [owners]}
  - {name: honest, groups: [honest]}
grants:
  - {to: owners, on: "*"}
  - {to: honest, on: net.uses}
  - {to: honest, on: net.sends}
"""
START = dt.datetime(2025, 1, 1)
TICK = dt.timedelta(hours=1)
COLUMNS = {
    "uses": ("person", "device"),
    "sends": ("sender", "receiver"),
    "found": ("person",),
    "labels": ("person",),
}

USES = Edges("uses", "net.uses", (("person", "person"), ("device", "device")), "at", known_at="known")
SENDS = Edges("sends", "net.sends", (("person", "sender"), ("person", "receiver")), "at", known_at="known")
FOUND = Marks("net.found", "person", "at", known_at="known", lasts="5h")
SUBSETS: dict[str, tuple[str, ...]] = {"all": (), "uses": ("uses",), "sends": ("sends",)}


def view(hub: int = 3, **changed: Any) -> ConnectedView:
    """Everything that can be measured, in all graphs."""
    fields: dict[str, Any] = {
        "name": "people",
        "entity": "person",
        "key": "person",
        "edges": (USES, SENDS),
        "marks": FOUND,
        "every": "1h",
        "hub": hub,
        "features": tuple(
            Measure(f"{name}_{kind}", kind, over=("2h", "4h"), edges=edges)  # type: ignore[arg-type]
            for name, edges in SUBSETS.items()
            for kind in KINDS
        ),
    }
    return ConnectedView(**{**fields, **changed})


def row(table: str, ends: Sequence[Any], hours: float, late: float = 0.0) -> dict[str, Any]:
    """A row so many hours after START, known `late` hours after that."""
    at = START + dt.timedelta(hours=hours)
    return {**dict(zip(COLUMNS[table], ends, strict=True)), "at": at, "known": at + dt.timedelta(hours=late)}


def add(home: Path, table: str, rows: Sequence[dict[str, Any]]) -> None:
    fields = [(name, pa.string() if name == "device" else pa.int64()) for name in COLUMNS[table]]
    fields += [(name, pa.timestamp("us")) for name in ("at", "known")[: 1 if table == "labels" else 2]]
    schema = pa.schema(fields)
    lake.append(home / "lake/net" / table, pa.Table.from_pylist(list(rows), schema=schema))


def build(home: Path) -> Path:
    """A home whose tables have no rows yet."""
    (home / "catalog.yaml").write_text(CATALOG, encoding="utf-8")
    (home / "policy.yaml").write_text(POLICY, encoding="utf-8")
    (home / "features").mkdir()
    for table in COLUMNS:
        add(home, table, [])
    return home
