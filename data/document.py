"""A YAML file whose values know the line that they stand on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from data import kept, markup
from data.errors import Invalid, NotFound
from data.markup import Loc

FOLDER = ".cache"
LARGE = 256 * 1024
"""Characters of a file whose data is kept in a folder beside it, as it takes a while to read."""

Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True)
class Document:
    """The file's plain data, and for each value's path the line where it begins."""

    path: Path
    text: str
    data: Any

    @classmethod
    def load(cls, path: Path) -> Document:
        """Read a YAML file. NotFound without the file, Invalid (naming file and line) when it is not YAML."""
        try:
            text = path.read_text(encoding="utf-8")
        except FileNotFoundError:
            raise NotFound(f"There is no file '{path}'.", "Give another path, or run `lakewright init`.") from None
        except (OSError, UnicodeDecodeError) as error:
            raise Invalid(f"'{path}' can't be read: {error}.") from None
        return cls.parse(path, text)

    @classmethod
    def parse(cls, path: Path, text: str) -> Document:
        """The same for text that is not in the file yet."""
        try:
            data = kept.load(path.parent / FOLDER, text) if len(text) >= LARGE else markup.load(text)
        except markup.Twice as error:
            raise Invalid(f"{path}:{error.line}: '{error.key}' is set twice.", "Keep one of them.") from None
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            line = mark.line + 1 if mark else 1
            problem = getattr(error, "problem", None) or str(error)
            raise Invalid(f"{path}:{line}: not valid YAML: {problem}.", "Mend this line.") from None
        return cls(path, text, data if data is not None else {})

    @cached_property
    def lines(self) -> dict[Loc, int]:
        """Only an error asks for them, so they cost a good file nothing."""
        return markup.lines(self.text)

    def line(self, loc: Sequence[str | int]) -> int:
        """The line of a value, or of the nearest thing around it that is in the file."""
        path = tuple(loc)
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)

    def invalid(self, loc: Sequence[str | int], message: str, remedy: str = "") -> Invalid:
        """An error that names the file and the line of the value."""
        line = self.line(loc)
        return Invalid(f"{self.path}:{line}: {message}", remedy, file=str(self.path), line=line)

    def read(self, model: type[Model]) -> Model:
        """The data as `model`; Invalid quotes the first value that does not fit."""
        try:
            return model.model_validate(self.data)
        except ValidationError as error:
            raise self._first(error, model) from None

    def _first(self, error: ValidationError, model: type[BaseModel]) -> Invalid:
        # A misspelt setting is also a missing one; its spelling is what helps.
        first = min(error.errors(include_url=False), key=lambda found: found["type"] != "extra_forbidden")
        loc = tuple(first["loc"])
        name = ".".join(str(part) for part in loc)
        if first["type"] == "extra_forbidden":
            return self.invalid(loc, f"there is no setting '{loc[-1]}' here.", "Remove it or correct its spelling.")
        if first["type"] == "missing":
            return self.invalid(loc, f"'{loc[-1]}' is missing.", "Add it.")
        reason = first["msg"].removeprefix("Value error, ").rstrip(".")
        return self.invalid(loc, f"{name} is {first['input']!r}: {reason[:1].lower()}{reason[1:]}.")
