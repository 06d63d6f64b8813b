"""References within one schema document."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property
from typing import Any
from urllib.parse import unquote

from agents.forms.field import steps
from data.errors import Invalid
from data.values import whole

LONGEST = 32
"""References that lead to one another before there is a schema."""


class References:
    """Finds what `$ref` names: a place in the document, an anchor, or the address of a schema in it."""

    def __init__(self, document: Mapping[str, Any], name: str) -> None:
        self._document, self._name = document, name

    def resolved(self, schema: Any) -> tuple[Mapping[str, Any], frozenset[str]]:
        """A schema without a reference at its head, and the references that led to it. What stands beside a reference
        holds too, and is nearer."""
        followed: list[str] = []
        beside: dict[str, Any] = {}
        while isinstance(schema, Mapping) and isinstance(target := schema.get("$ref"), str):
            if target in followed or len(followed) == LONGEST:
                said = f"In '{self._name}', the reference '{target}' leads to itself."
                raise Invalid(said, "A reference has to end at a schema.")
            followed.append(target)
            beside = {**{word: value for word, value in schema.items() if word != "$ref"}, **beside}
            schema = self._found(target)
        found = schema if isinstance(schema, Mapping) else {}
        return {**found, **beside} if beside else found, frozenset(followed)

    def _found(self, target: str) -> Any:
        address, _, fragment = target.partition("#")
        root = self._document if not address else self._by_address(address)
        if not fragment:
            return root
        if not fragment.startswith("/"):
            return self._anchors.get(fragment, self._missing(target))
        node: Any = root
        for step in steps(unquote(fragment[1:])):
            if isinstance(node, Mapping) and step in node:
                node = node[step]
            elif isinstance(node, list) and (at := whole(step)) is not None and 0 <= at < len(node):
                node = node[at]
            else:
                return self._missing(target)
        return node

    def _by_address(self, address: str) -> Any:
        for known, node in self._addresses.items():
            if known == address or known.endswith(f"/{address}"):
                return node
        return self._missing(address)

    def _missing(self, target: str) -> Any:
        return {}  # the validator, which knows every way to name a schema, has refused what is nowhere

    @cached_property
    def _anchors(self) -> dict[str, Any]:
        return {node["$anchor"]: node for node in _all(self._document) if isinstance(node.get("$anchor"), str)}

    @cached_property
    def _addresses(self) -> dict[str, Any]:
        found = (node for node in _all(self._document) if isinstance(node.get("$id"), str))
        return {node["$id"].rstrip("#"): node for node in found}


def _all(document: Any) -> list[Mapping[str, Any]]:
    waiting, found = [document], []
    while waiting:
        node = waiting.pop()
        if isinstance(node, Mapping):
            found.append(node)
            waiting.extend(node.values())
        elif isinstance(node, list):
            waiting.extend(node)
    return found
