"""A form whose fields are called otherwise, to see whether they are still understood."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from agents.forms.hints import FieldHint, Hints
from data.naming import words


def reworded(
    schema: Mapping[str, Any], hints: Hints, sections: Mapping[str, str], fields: Mapping[str, Any]
) -> tuple[dict[str, Any], Hints, dict[str, str]]:
    """The schema of objects of two levels with other titles, properties that are named after these, and no
    descriptions but theirs; its hints; and old path -> new path."""
    told = {path: one if isinstance(one, Mapping) else {"title": one} for path, one in fields.items()}
    paths = {path: f"{_named(sections[path.split('/')[0]])}/{_named(one['title'])}" for path, one in told.items()}
    properties: dict[str, Any] = {}
    for path, other in told.items():
        section, leaf = path.split("/")
        own = schema["properties"][section]["properties"][leaf]
        outer = {"type": "object", "title": sections[section], "properties": {}}
        kept = {word: value for word, value in own.items() if word not in ("title", "description")}
        place = properties.setdefault(_named(sections[section]), outer)["properties"]
        place[paths[path].split("/")[1]] = {**other, **kept}
    moved = {paths[path]: _moved(hint, paths) for path, hint in hints.fields.items()}
    return {"type": "object", "properties": properties}, hints.model_copy(update={"fields": moved, "rules": ()}), paths


def _moved(hint: FieldHint, paths: Mapping[str, str]) -> FieldHint:
    lists = {way: tuple(paths[one] for one in getattr(hint, way)) for way in ("sum", "difference", "ratio", "join")}
    return hint.model_copy(update=lists)


def _named(title: str) -> str:
    return "_".join(words(title))
