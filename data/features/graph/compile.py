"""From the definition of a view of connections to its plan: each SELECT is checked as that of a feature view is."""

from __future__ import annotations

from collections.abc import Iterator

from data.catalog import Catalog
from data.errors import DataError
from data.features.check import wrong
from data.features.compile import plan_of
from data.features.definition import Feature, FeatureView
from data.features.graph.check import length, well_formed
from data.features.graph.definition import ConnectedView, Edges, Marks, Measure
from data.features.graph.plan import SCALES, Graph, Link, Marking, Taken
from data.features.plan import Key, Output, Plan, Stored


def connected(view: ConnectedView, catalog: Catalog, functions: frozenset[str]) -> Plan:
    """The plan of a view: an ordinary one, whose events are what changed for an entity from tick to tick. Invalid,
    with the field that is wrong, for a definition that can't be computed; NotFound for a source that is not there."""
    well_formed(view)
    return Connector(view, catalog, functions).plan()


class Connector:
    """Makes the plan of one view."""

    def __init__(self, view: ConnectedView, catalog: Catalog, functions: frozenset[str]) -> None:
        self.view, self._catalog, self._functions = view, catalog, functions
        self._edges = [self._checked(f"edges '{e.kind}'", e, tuple(c for _, c in e.ends)) for e in view.edges]
        marks = view.marks
        self._marks = self._checked("marks", marks, (marks.key,)) if marks else None

    def plan(self) -> Plan:
        key = Key(self.view.key, self._type())
        taken = list(self._taken())
        stored = tuple(self._stored(n, each) for n, (_, _, each) in enumerate(taken))
        ttl = self._ttl([each for _, _, each in taken])
        features = tuple(_feature(measure) for measure in self.view.features)
        by_name = dict(zip((measure.name for measure in self.view.features), features, strict=True))
        outputs = tuple(
            Output(f"{measure.name}_{window}", by_name[measure.name], ttl, n, column.kind, column.scale)
            for n, ((measure, window, _), column) in enumerate(zip(taken, stored, strict=True))
        )
        names = [key.name, *(output.name for output in outputs)]
        if doubled := next((name for name in names if names.count(name) > 1), ""):
            raise wrong(self.view, "features", f"the name '{doubled}' is there twice", "Rename one.")
        parts = [*self._edges, *([self._marks] if self._marks else [])]
        return Plan(
            view=self._shown(features),
            keys=(key,),
            stored=stored,
            outputs=outputs,
            select="",
            ttl=ttl,
            table=None,
            tables=tuple(sorted({table for part in parts for table in part.tables})),
            lineage=tuple(sorted({column for part in parts for column in part.lineage})),
            reads=tuple(self._reads(each) for _, _, each in taken),
            graph=self._graph(ttl, tuple(each for _, _, each in taken)),
        )

    def _checked(self, field: str, part: Edges | Marks, keys: tuple[str, ...]) -> Plan:
        """Edges and marks are events: their SQL is what a feature view over them would have."""
        name = self.view.name
        view = FeatureView(
            name=name,
            entity=self.view.entity,
            keys=keys,
            source=part.source,
            time=part.time,
            features=(Feature("rows", "count", over=("1s",)),),
            filter=part.filter,
            known_at=part.known_at,
            delay=part.delay,
        )
        try:
            return plan_of(view, self._catalog, self._functions)
        except DataError as error:
            said = error.message.removeprefix(f"View '{name}', ")
            raise type(error)(f"View '{name}', {field}, {said}", error.remedy) from None

    def _type(self) -> str:
        """The type of the entity's key. Invalid where a kind of node is named by numbers here and texts there."""
        types: dict[str, str] = {}
        for edges, part in zip(self.view.edges, self._edges, strict=True):
            for (kind, column), key in zip(edges.ends, part.keys, strict=True):
                if types.setdefault(kind, key.type) != key.type:
                    said = f"'{column}' is {key.type}, where other edges have a '{kind}' of {types[kind]}"
                    raise wrong(self.view, f"edges '{edges.kind}'", said, "CAST it in the source.")
        mine = types[self.view.entity]
        if self._marks and self._marks.keys[0].type != mine:
            said = f"the key is {self._marks.keys[0].type}, and a '{self.view.entity}' is {mine}"
            raise wrong(self.view, "marks", said, "CAST it in the source.")
        return mine

    def _taken(self) -> Iterator[tuple[Measure, str, Taken]]:
        kinds = [edges.kind for edges in self.view.edges]
        for measure in self.view.features:
            links = tuple(sorted({kinds.index(kind) for kind in measure.edges or kinds}))
            for window in measure.over:
                reach = length(self.view, f"feature '{measure.name}'", window)
                yield measure, window, Taken(measure.kind, links, reach)

    def _ttl(self, taken: list[Taken]) -> int:
        return length(self.view, "ttl", self.view.ttl) if self.view.ttl else max(each.window for each in taken)

    def _stored(self, number: int, taken: Taken) -> Stored:
        scale = SCALES.get(taken.kind, 0)
        return Stored(f"_v{number}", "", "decimal" if scale else "integer", scale)

    def _reads(self, taken: Taken) -> tuple[str, ...]:
        parts = [self._edges[link] for link in taken.links]
        if self._marks and "marked" in taken.kind:
            parts.append(self._marks)
        return tuple(sorted({column for part in parts for column in part.lineage}))

    def _graph(self, ttl: int, taken: tuple[Taken, ...]) -> Graph:
        view = self.view
        links = tuple(
            Link(e.kind, (e.ends[0][0], e.ends[1][0]), (part.keys[0].name, part.keys[1].name), part.select)
            for e, part in zip(view.edges, self._edges, strict=True)
        )
        every = length(view, "every", view.every)
        return Graph(view.entity, every, view.hub, ttl, links, self._marking(), taken)

    def _marking(self) -> Marking | None:
        if self._marks is None or self.view.marks is None:
            return None
        lasts = length(self.view, "marks", self.view.marks.lasts)
        return Marking(self._marks.keys[0].name, self._marks.select, lasts)

    def _shown(self, features: tuple[Feature, ...]) -> FeatureView:
        """The view as those see it who use its features."""
        view = self.view
        return FeatureView(
            name=view.name,
            entity=view.entity,
            keys=(view.key,),
            source=f"connections by {', '.join(edges.kind for edges in view.edges)}",
            time="the tick",
            features=features,
            ttl=view.ttl,
            owner=view.owner,
            description=view.description,
        )


def _feature(measure: Measure) -> Feature:
    """What is given out of a measure: its newest value."""
    over = tuple(measure.over)
    return Feature(measure.name, "last", measure.kind, over, unit=measure.unit, description=measure.description)
