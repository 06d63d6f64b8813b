"""What the definition of a view of connections must look like, whatever the catalogue has."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from data.features.check import At, named, wrong
from data.features.duration import microseconds
from data.features.graph.definition import KINDS, ConnectedView, Edges, Marks, Measure


def well_formed(view: ConnectedView) -> None:
    """Invalid, with the field that is wrong, for names, ends, windows and measures that there can't be."""
    for field, value in (("name", view.name), ("entity", view.entity), ("key", view.key)):
        named(view, field, value)
    _each(view, "edges", view.edges, Edges)
    _each(view, "features", view.features, Measure)
    if not (view.marks is None or isinstance(view.marks, Marks)):
        raise wrong(view, "marks", f"{view.marks!r} is no Marks", "Write Marks(source, key, time, …).")
    if not isinstance(view.hub, int) or view.hub < 2:
        raise wrong(view, "hub", f"{view.hub!r} is not a number from 2 on", "Leave it out for 100.")
    for edges in view.edges:
        _edges(view, edges)
    _unlike(view)
    for measure in view.features:
        _measure(view, measure)


def length(view: ConnectedView, field: str, text: str) -> int:
    """A length of time that is a whole number of ticks."""
    with At(view, "every"):
        every = microseconds(view.every)
    with At(view, field):
        found = microseconds(text)
    if not every or not found or found % every:
        said = f"'{text}' is not a whole number of ticks of '{view.every}'"
        raise wrong(view, field, said, "Write a multiple of `every`.")
    return found


def _each(view: ConnectedView, field: str, values: Sequence[Any], kind: type) -> None:
    if not values or not isinstance(values, (tuple, list)):
        raise wrong(view, field, f"{values!r} is not a sequence with something in it", "Write a tuple.")
    for value in values:
        if not isinstance(value, kind):
            raise wrong(view, field, f"{value!r} is no {kind.__name__}", f"Write {kind.__name__}(…).")


def _edges(view: ConnectedView, edges: Edges) -> None:
    at = f"edges '{edges.kind}'"
    named(view, "edges", edges.kind)
    try:
        (one, first), (other, second) = edges.ends
    except (TypeError, ValueError):
        said = f"ends={edges.ends!r} are not two pairs of a kind of node and a column"
        raise wrong(view, at, said, 'Write (("user", "user_id"), ("card", "card_id")).') from None
    named(view, at, one)
    named(view, at, other)
    if first == second:
        raise wrong(view, at, f"both ends are '{first}'", "An edge joins what two columns name.")


def _unlike(view: ConnectedView) -> None:
    kinds = [edges.kind for edges in view.edges]
    if doubled := next((kind for kind in kinds if kinds.count(kind) > 1), ""):
        raise wrong(view, "edges", f"the kind '{doubled}' is there twice", "Rename one, or UNION their sources.")


def _measure(view: ConnectedView, measure: Measure) -> None:
    at = f"feature '{measure.name}'"
    named(view, "features", measure.name)
    if measure.kind not in KINDS:
        raise wrong(view, at, f"there is no measure '{measure.kind}'", f"Use one of: {', '.join(KINDS)}.")
    if "marked" in measure.kind and view.marks is None:
        raise wrong(view, at, f"'{measure.kind}' needs marks, of which the view has none", "Add marks=Marks(…).")
    for field, values in (("over", measure.over), ("edges", measure.edges)):
        if isinstance(values, str) or (field == "over" and not values):
            raise wrong(view, at, f"{field}={values!r} is not a sequence of texts", 'Write a tuple such as ("7d",).')
    known = {edges.kind: {kind for kind, _ in edges.ends} for edges in view.edges}
    for kind in measure.edges:
        if kind not in known:
            raise wrong(view, at, f"there are no edges '{kind}'", f"Use some of: {', '.join(known)}.")
    if not any(view.entity in known[kind] for kind in measure.edges or known):
        said = f"none of its edges has an end of the kind '{view.entity}'"
        raise wrong(view, at, said, "Name the entity among the ends, or add edges that have it.")
