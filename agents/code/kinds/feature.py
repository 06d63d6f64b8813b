"""A feature view: its file is run in the sandbox, its definition is checked and computed for a few entities."""

from __future__ import annotations

import ast
import inspect
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from agents.code.kinds.script import Script
from agents.code.ran import Ran
from agents.code.state import Check, Task
from data.errors import Invalid
from data.features import definition
from data.features.compile import plan_of
from data.features.definition import FeatureView
from data.features.plan import TIME, Plan, key_columns

if TYPE_CHECKING:
    import pyarrow as pa

    from agents.code.desk import Desk

ENTITIES = 20
"""Entities for which the features are computed."""
MOST_VIEWS = 20

LINE = re.compile(r"^Line \d+: ")

LOADER = """\
import dataclasses, json, sys, types
import pyarrow
def _module(name, text):
    made = sys.modules[name] = types.ModuleType(name)
    exec(compile(text, name, "exec"), made.__dict__)
    return made
_module("data", "")
_features = _module("data.features", {definition!r})
sys.modules["data.features.definition"] = _features
_names = {{"__name__": "lakewright_features"}}
exec(compile({code!r}, "features.py", "exec"), _names)
_views = [view for view in _names.values() if isinstance(view, _features.FeatureView)]
result = pyarrow.table({{"views": [json.dumps([dataclasses.asdict(view) for view in _views])]}})
"""
"""Runs a definition file where the definitions alone are to be had."""


class Feature:
    """One or several views in a file such as the home's `features/*.py`."""

    def check(self, code: str, task: Task, desk: Desk) -> list[Check]:
        script = Script.parse(code)
        sources = list(_sources(script))
        if not any(_called(node) == "FeatureView" for node in ast.walk(script.tree)):
            raise Invalid("The file declares no FeatureView.", "Write `name = FeatureView(name=…, …)`.")
        for source in sources:
            plain = source.replace("_", "").replace(".", "").isalnum()
            desk.gateway.explain(desk.principal, f"SELECT * FROM {source}" if plain else source)
        return [Check("parses", "ok"), Check("may read", "ok" if sources else "skipped", ", ".join(sources)[:200])]

    def run(self, code: str, task: Task, desk: Desk) -> Ran:
        loaded = desk.program(LOADER.format(definition=inspect.getsource(definition), code=code), "python")
        if loaded.error is not None or loaded.table is None:
            # The line is one of the loader, not of the file.
            error = {**(loaded.error or {}), "message": LINE.sub("", (loaded.error or {}).get("message", ""))}
            return replace(loaded, error=error)
        views = _views(loaded.table)
        plans = [plan_of(view, desk.visible, desk.gateway.policy.functions) for view in views]
        tables = [table for plan in plans for table in plan.tables]
        return replace(loaded, table=_computed(plans[0], desk), sources=desk.versions(tables))


def _called(node: ast.AST) -> str:
    return node.func.id if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) else ""


def _sources(script: Script) -> Iterator[str]:
    """What the views' sources are, where that stands in the text."""
    for node in ast.walk(script.tree):
        if isinstance(node, ast.Call) and _called(node) == "FeatureView":
            for keyword in node.keywords:
                if keyword.arg == "source" and isinstance(keyword.value, ast.Constant):
                    yield str(keyword.value.value).strip()


def _views(table: pa.Table) -> list[FeatureView]:
    """The views that the program made: it may have written anything in their place."""
    from pydantic import TypeAdapter, ValidationError

    adapter: TypeAdapter[list[FeatureView]] = TypeAdapter(list[FeatureView])
    try:
        found = adapter.validate_python(json.loads(str(table.column("views")[0].as_py())))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(map(str, first["loc"][1:]))
        raise Invalid(f"{place} is {str(first['input'])[:80]!r}: {first['msg']}.", "Correct it.") from None
    except (ValueError, KeyError, IndexError, RecursionError) as error:
        raise Invalid(f"The file's views can't be read: {type(error).__name__}.", "Declare them.") from None
    if not 0 < len(found) <= MOST_VIEWS:
        raise Invalid(f"The file declares {len(found)} views.", f"Declare 1 to {MOST_VIEWS}, each bound to a name.")
    return found


def _computed(plan: Plan, desk: Desk) -> pa.Table:
    """The features of the entities whose events are the newest, as a training set would have them."""
    from data.features.platform import Features

    entities = _entities(plan, desk)
    if not entities.num_rows:
        return entities
    until = datetime.now(UTC).replace(tzinfo=None)
    with TemporaryDirectory(prefix="lakewright-features-") as folder:
        features = Features(Path(folder), desk.gateway)
        features.registry.apply([_cut(plan, entities)])
        for _ in features.materialize(desk.principal, (), until, lambda text: None, values=False):
            pass
        found, _ = features.at(desk.principal, entities, "at", [plan.view.name])
        features.close()
    return found


def _entities(plan: Plan, desk: Desk) -> pa.Table:
    keys = key_columns(plan.keys)
    there = " AND ".join(f'"{key.name}" IS NOT NULL' for key in plan.keys)
    newest = f'SELECT {keys}, max({TIME}) AS "at" FROM ({plan.select}) AS events WHERE {there} GROUP BY {keys}'
    ran = desk.query(f'{newest} ORDER BY "at" DESC, {keys} LIMIT {ENTITIES}')
    assert ran.table is not None
    return ran.table


def _cut(plan: Plan, entities: pa.Table) -> Plan:
    """The plan with the events of these entities alone."""
    first = plan.keys[0]
    values = ", ".join(_literal(value) for value in dict.fromkeys(entities.column(first.name).to_pylist()))
    select = f'SELECT * FROM ({plan.select}) AS events WHERE "{first.name}" IN ({values})'
    return replace(plan, select=select, table=None)


def _literal(value: Any) -> str:
    from data.sources.base import literal

    return literal(value) if isinstance(value, str) else str(int(value))
