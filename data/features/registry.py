"""The views that were applied, with their plans: all else works with these and runs no definition file."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from data.catalog import Catalog, nearest
from data.errors import DataError, Invalid, NotFound
from data.features.compile import plan_of
from data.features.definition import Feature, FeatureView
from data.features.files import FOLDER, Declared
from data.features.graph.compile import connected
from data.features.graph.definition import ConnectedView
from data.features.graph.plan import Graph
from data.features.plan import Key, Output, Plan, Stored

FORMAT = 1


class Registry:
    """The file `features/applied.json` of a home."""

    def __init__(self, home: Path) -> None:
        self.path = home / FOLDER / "applied.json"
        self._kept: tuple[tuple[int, int], Mapping[str, Plan]] | None = None

    def plans(self) -> Mapping[str, Plan]:
        """The applied views by name; none before the first were applied."""
        try:
            found = self.path.stat()
        except OSError:
            return {}
        stamp = (found.st_mtime_ns, found.st_ino)
        if self._kept is None or self._kept[0] != stamp:
            self._kept = (stamp, self._read())
        return self._kept[1]

    def plan(self, name: str) -> Plan:
        """The plan of one view; NotFound otherwise."""
        plans = self.plans()
        if name not in plans:
            raise NotFound(f"There is no feature view '{name}'.", nearest(name, plans) or "See: features list")
        return plans[name]

    def apply(self, plans: Sequence[Plan]) -> None:
        """Keep these and forget all others, in one step."""
        document = {
            "format": FORMAT,
            "applied_at": datetime.now(UTC).isoformat(timespec="seconds"),
            "views": [asdict(plan) for plan in plans],
        }
        self.path.parent.mkdir(mode=0o755, exist_ok=True)
        draft = self.path.with_suffix(".json.new")
        draft.write_text(json.dumps(document, indent=1, ensure_ascii=False), encoding="utf-8")
        os.replace(draft, self.path)

    def _read(self) -> Mapping[str, Plan]:
        try:
            document = json.loads(self.path.read_text(encoding="utf-8"))
            if document["format"] != FORMAT:
                raise ValueError("another format")
            return {plan.view.name: plan for plan in map(_plan, document["views"])}
        except (OSError, ValueError, KeyError, TypeError):
            raise Invalid(f"'{self.path.name}' can't be read.", "Run: lakewright features apply") from None


def checked(declared: Sequence[Declared], catalog: Catalog, functions: frozenset[str]) -> list[Plan]:
    """The plans of all declared views; an error names the file, the view and the field."""
    plans = []
    for one in declared:
        try:
            plans.append(_made(one.view, catalog, functions))
        except DataError as error:
            raise type(error)(f"'{one.file.name}': {error.message}", error.remedy) from None
    return plans


def _made(view: FeatureView | ConnectedView, catalog: Catalog, functions: frozenset[str]) -> Plan:
    if isinstance(view, ConnectedView):
        return connected(view, catalog, functions)
    return plan_of(view, catalog, functions)


def _plan(found: dict[str, Any]) -> Plan:
    view = found["view"]
    features = tuple(_feature(feature) for feature in view["features"])
    outputs = tuple(Output(**{**o, "feature": _feature(o["feature"])}) for o in found["outputs"])
    plan = Plan(**{**found, "view": FeatureView(**{**view, "keys": tuple(view["keys"]), "features": features})})
    return replace(
        plan,
        keys=tuple(Key(**key) for key in found["keys"]),
        stored=tuple(Stored(**stored) for stored in found["stored"]),
        outputs=outputs,
        tables=tuple(found["tables"]),
        lineage=tuple(found["lineage"]),
        reads=tuple(tuple(read) for read in found["reads"]),
        graph=Graph.of(found.get("graph")),
    )


def _feature(found: dict[str, Any]) -> Feature:
    return Feature(**{**found, "over": tuple(found["over"])})
