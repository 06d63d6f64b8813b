"""The last look at the text that will run, as the parser of the engine reads it.

All steps before work on another parser's tree, whose text is then written anew. Whatever that writing might
make of an odd name, here only the places of the plan are read, each as often as the steps have put it there.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

from sqlglot import exp

from data.errors import Invalid
from data.functions import ALLOWED
from data.gateway.authorise import check
from data.gateway.masks import SALT
from data.gateway.query import Door, Query
from data.gateway.scopes import fold, walk

Place = tuple[str, ...]


def seal(text: str, query: Query, places: tuple[Place, ...], door: Door) -> None:
    """Invalid for a text that reads anything but `places`; Forbidden for what authorisation refuses."""
    read: Counter[Place] = Counter()
    params: Counter[str] = Counter()
    for node, scope in walk(door.parser.tree(text)["statements"]):
        check(node, scope, ALLOWED | door.policy.functions)
        if node.get("type") == "BASE_TABLE":
            place = _place(node)
            if len(place) > 1 or fold(place[0]) not in scope:
                read[place] += 1
        elif node.get("type") == "VALUE_PARAMETER":
            params[str(node.get("identifier"))] += 1
    salted = sum(node.name == SALT for node in query.tree.find_all(exp.Placeholder))
    if read != Counter(places) or params[SALT] != salted or not set(params) <= {SALT, *query.params}:
        raise Invalid("The query has a name in it that can't be written safely.", "Use plain names.")


def _place(node: dict[str, Any]) -> Place:
    return tuple(part for part in (node["catalog_name"], node["schema_name"], node["table_name"]) if part)
