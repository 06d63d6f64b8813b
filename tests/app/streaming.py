"""A home with streams: `declare` writes it, and gives what lands their events."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from app import home as homes
from data.streams.stream import Broker, Stream
from tests.data.streams.simple import Lake

CATALOG = """\
version: 1
sources:
  - name: lake
    kind: delta
    location: lake
    description: Events.
    tables:
"""
TABLE = """\
      - name: {name}
        description: Events of {name}.
        columns:
          - {{name: id, type: BIGINT, description: Its number.}}
          - {{name: at, type: TIMESTAMP WITH TIME ZONE, description: When.}}
          - {{name: note, type: VARCHAR, description: About it.}}
"""
POLICY = homes.EMPTY_POLICY.replace(
    "grants:", '  - {name: guest, groups: [guests]}\ngrants:\n  - {to: guests, on: "*"}'
)


def declare(home: Path, servers: str, names: Sequence[str]) -> list[Lake]:
    """A home with a stream and a table for each name; the topics have the names too."""
    homes.folder(home)
    (home / homes.CATALOG).write_text(CATALOG + "".join(TABLE.format(name=name) for name in names))
    (home / homes.POLICY).write_text(POLICY)
    (home / "any.json").write_text("{}")
    streams = [{"name": n, "topic": n, "schema": "any.json", "target": f"lake.{n}", "time": "at"} for n in names]
    declared = {"version": 1, "broker": {"servers": servers}, "streams": streams}
    (home / "streams.yaml").write_text(json.dumps(declared))
    return [Lake(home, Stream(n, n, "json", None, f"lake.{n}", time="at"), Broker(servers)) for n in names]
