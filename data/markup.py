"""YAML as plain data: read event by event, as catalogues of thousands of tables must not wait for their nodes."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

import yaml
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

Loc = tuple[str | int, ...]

PARSER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
MISSING = object()


class Loader(yaml.SafeLoader):
    """YAML 1.2's truth values: only `true` and `false`. Else `on` would be no name and Norway's `NO` no
    country."""


Loader.yaml_implicit_resolvers = {
    letter: [(tag, pattern) for tag, pattern in rules if tag != "tag:yaml.org,2002:bool"]
    for letter, rules in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("^(?:true|false)$"), list("tf"))


class Twice(Exception):
    """A mapping sets a key twice; `line` is that of the second one."""

    def __init__(self, key: str, line: int) -> None:
        super().__init__(key)
        self.key = key
        self.line = line


def load(text: str) -> Any:
    """The one document in `text`, None where there is none. Raises yaml.YAMLError and Twice."""
    builder = _Builder()
    for event in yaml.parse(text, Loader=PARSER):
        builder.take(event)
    return builder.root


class _Builder:
    """Puts values together as events come."""

    def __init__(self) -> None:
        self.root: Any = None
        self._open: list[tuple[Any, Any, str | None]] = []
        self._into: Any = None
        self._key: Any = MISSING
        self._anchors: dict[str, Any] = {}
        self._documents = 0

    def take(self, event: Any) -> None:
        kind = type(event)
        if kind is ScalarEvent:
            implicit = event.implicit[0]
            value = _plain(event.value) if implicit else _tagged(event.tag, event.value, event.start_mark)
            self._add(value, event)
        elif kind is MappingStartEvent or kind is SequenceStartEvent:
            self._open.append((self._into, self._key, event.anchor))
            self._into, self._key = ({} if kind is MappingStartEvent else []), MISSING
        elif kind is MappingEndEvent or kind is SequenceEndEvent:
            value = self._into
            self._into, self._key, anchor = self._open.pop()
            self._add(value, event, anchor)
        elif kind is AliasEvent:
            if event.anchor not in self._anchors:
                raise yaml.composer.ComposerError(None, None, f"undefined alias '{event.anchor}'", event.start_mark)
            self._add(self._anchors[event.anchor], event)
        elif kind is DocumentStartEvent:
            self._documents += 1
            if self._documents > 1:
                raise yaml.composer.ComposerError(None, None, "a second document begins", event.start_mark)

    def _add(self, value: Any, event: Any, anchor: str | None = None) -> None:
        name = anchor or getattr(event, "anchor", None)
        if name is not None and type(event) is not AliasEvent:
            self._anchors[name] = value
        into = self._into
        if into is None:
            self.root = value
        elif type(into) is list:
            into.append(value)
        elif self._key is MISSING:
            if isinstance(value, dict | list):
                raise yaml.constructor.ConstructorError(None, None, "a key is no plain value", event.start_mark)
            if value in into:
                raise Twice(str(value), event.start_mark.line + 1)
            self._key = value
        else:
            into[self._key] = value
            self._key = MISSING


@lru_cache(maxsize=65_536)
def _plain(value: str) -> Any:
    """What a scalar without quotes and tag means."""
    loader: Any = Loader("")
    tag = loader.resolve(yaml.ScalarNode, value, (True, False))
    return value if tag == "tag:yaml.org,2002:str" else loader.construct_object(yaml.ScalarNode(tag, value))


def _tagged(tag: str | None, value: str, mark: Any) -> Any:
    if tag in (None, "!", "tag:yaml.org,2002:str"):
        return value
    return Loader("").construct_object(yaml.ScalarNode(tag, value, mark, mark))


def lines(text: str) -> dict[Loc, int]:
    """For each value's path the line where it begins."""
    node = yaml.compose(text, Loader=Loader)
    return dict(_lines(node, ())) if node else {}


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
