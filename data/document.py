"""A YAML file whose values know the line that they stand on."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from data.errors import Invalid, NotFound

Loc = tuple[str | int, ...]
Model = TypeVar("Model", bound=BaseModel)


class _Loader(yaml.SafeLoader):
    """YAML 1.2's truth values: only `true` and `false`. Else `on` would be no name and Norway's `NO` no
    country."""


_Loader.yaml_implicit_resolvers = {
    letter: [(tag, pattern) for tag, pattern in rules if tag != "tag:yaml.org,2002:bool"]
    for letter, rules in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("^(?:true|false)$"), list("tf"))


@dataclass(frozen=True)
class Document:
    """The file's plain data, and for each value's path the line where it begins."""

    path: Path
    data: Any
    lines: dict[Loc, int]

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
            node = yaml.compose(text, Loader=_Loader)
            data = yaml.load(text, Loader=_Loader)
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            line = mark.line + 1 if mark else 1
            problem = getattr(error, "problem", None) or str(error)
            raise Invalid(f"{path}:{line}: not valid YAML: {problem}.", "Mend this line.") from None
        document = cls(path, data if data is not None else {}, dict(_lines(node, ())) if node else {})
        if node is not None:
            document._refuse_twice(node)
        return document

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

    def _refuse_twice(self, node: yaml.Node) -> None:
        for mapping in _mappings(node):
            seen: set[str] = set()
            for key, _ in mapping.value:
                if key.value in seen:
                    line = key.start_mark.line + 1
                    raise Invalid(f"{self.path}:{line}: '{key.value}' is set twice.", "Keep one of them.")
                seen.add(key.value)


def _lines(node: yaml.Node, loc: Loc) -> Iterator[tuple[Loc, int]]:
    yield loc, node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield from _lines(value, (*loc, key.value))
            # A setting stands where its name stands, also when its value begins on the next line.
            yield (*loc, key.value), key.start_mark.line + 1
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            yield from _lines(value, (*loc, index))


def _mappings(node: yaml.Node) -> Iterator[yaml.MappingNode]:
    if isinstance(node, yaml.MappingNode):
        yield node
        for _, value in node.value:
            yield from _mappings(value)
    elif isinstance(node, yaml.SequenceNode):
        for value in node.value:
            yield from _mappings(value)
