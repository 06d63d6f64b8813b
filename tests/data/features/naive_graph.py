"""Connections row by row, as one reads them in the definition: what the arrays are held against."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from data.features.graph.definition import ConnectedView

Node = tuple[str, str]
Row = dict[str, Any]
Joined = dict[Node, list[Node]]


def values(view: ConnectedView, rows: dict[str, Sequence[Row]], at: dt.datetime) -> dict[int, dict[str, float]]:
    """What is measured of each entity that is not as if alone, at one tick. `rows` are those of each table."""
    found: dict[int, dict[str, float]] = {}
    people = {key for table in ("uses", "sends") for row in rows[table] for key in _people(row)}
    for person in people:
        mine, alone = {}, {}
        for measure in view.features:
            for window in measure.over:
                reach = dt.timedelta(hours=int(window[:-1]))
                kinds = measure.edges or ("uses", "sends")
                joined = graph(rows, kinds, at, reach, view.hub)
                mine[f"{measure.name}_{window}"] = value(measure.kind, joined, marked(rows, at), person)
                alone[f"{measure.name}_{window}"] = 1 if measure.kind in ("component", "pagerank") else 0
        if mine != alone:
            found[person] = mine
    return found


def _people(row: Row) -> list[int]:
    return [row[name] for name in ("person", "sender", "receiver") if row.get(name) is not None]


def marked(rows: dict[str, Sequence[Row]], at: dt.datetime) -> set[Node]:
    lasts = dt.timedelta(hours=5)
    return {("person", str(r["person"])) for r in rows["found"] if r["known"] <= at and at - lasts < r["at"]}


def graph(
    rows: dict[str, Sequence[Row]], kinds: Sequence[str], at: dt.datetime, reach: dt.timedelta, hub: int
) -> Joined:
    """Neighbours of each node, in the order of their names."""
    pairs: set[tuple[Node, Node]] = set()
    for kind in kinds:
        for row in rows[kind]:
            if kind == "uses":
                one, other = ("person", str(row["person"])), ("device", row["device"])
            else:
                one, other = ("person", str(row["sender"])), ("person", str(row["receiver"]))
            if row["known"] <= at and at - reach < row["at"] <= at and one != other:
                pairs |= {(one, other), (other, one)}
    hubs = {n for n, _ in pairs if n[0] != "person" and sum(1 for one, _ in pairs if one == n) > hub}
    joined: Joined = {}
    for one, other in sorted(pairs):
        if one not in hubs and other not in hubs:
            joined.setdefault(one, []).append(other)
    return joined


def value(kind: str, joined: Joined, marked: set[Node], person: int) -> float:
    node = ("person", str(person))
    near = {n for n in joined.get(node, []) if n[0] == "person"}
    for shared in joined.get(node, []):
        if shared[0] != "person":
            near |= {n for n in joined[shared] if n[0] == "person"}
    near -= {node}
    component = {n for n in reached(joined, node) if n[0] == "person"}
    others = component - {node}
    return {
        "degree": lambda: len(joined.get(node, [])),
        "neighbours": lambda: len(near),
        "marked": lambda: len(near & marked),
        "marked_share": lambda: round(len(near & marked) / len(near), 4) if near else 0,
        "component": lambda: len(component),
        "component_marked": lambda: len(others & marked),
        "component_marked_share": lambda: round(len(others & marked) / len(others), 4) if others else 0,
        "pagerank": lambda: pagerank(joined, node),
    }[kind]()


def reached(joined: Joined, node: Node) -> set[Node]:
    found, new = {node}, [node]
    while new:
        new = [n for one in new for n in joined.get(one, []) if n not in found]
        found |= set(new)
    return found


def pagerank(joined: Joined, node: Node) -> float:
    """64 rounds from 1 each: a node keeps 0.15, and gets 0.85 of what its neighbours share out alike."""
    rank = dict.fromkeys(joined, 1.0)
    if node not in joined:
        return 1.0
    for _ in range(64):
        given = {one: rank[one] / len(joined[one]) for one in joined}
        rank = {one: 1 - 0.85 + 0.85 * sum((given[n] for n in joined[one]), 0.0) for one in joined}
    return round(rank[node] * 100) / 100
