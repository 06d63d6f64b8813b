"""A form: what it asks for, and how its answers are checked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from agents.forms.field import Field
from agents.forms.hints import Hints
from data.catalog import Catalog, nearest
from data.errors import NotFound


@dataclass(frozen=True)
class Form:
    """`schema` is the JSON Schema that a filled document meets. `version` counts from 1: a form that is added again
    with another schema or other hints is the next one. `file` is what the form came as where that is no schema, such
    as a PDF, and "" is the `media` of a form that came as its schema."""

    name: str
    version: int
    title: str
    description: str
    fields: tuple[Field, ...]
    schema: Mapping[str, Any]
    hints: Hints
    media: str = ""
    file: bytes = b""

    @cached_property
    def _by_path(self) -> dict[str, Field]:
        return {field.path: field for field in self.fields}

    def field(self, path: str) -> Field:
        """The field at a path; NotFound otherwise."""
        try:
            return self._by_path[path]
        except KeyError:
            raise NotFound(f"The form '{self.name}' has no field '{path}'.", nearest(path, self._by_path)) from None

    def __contains__(self, path: object) -> bool:
        return path in self._by_path

    def as_json(self, seen: Catalog | None = None) -> dict[str, Any]:
        """The form without its file, as JSON can hold it; `subject` is told to those who see that table."""
        fields = [field.as_json() for field in self.fields]
        about = {"name": self.name, "version": self.version, "title": self.title, "description": self.description}
        subject = self.hints.subject if seen is not None and self.hints.subject in seen else ""
        return {**about, "subject": subject, "media": self.media, "fields": fields}
