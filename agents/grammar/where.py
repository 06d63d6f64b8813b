"""WHERE over a path: the required constants always and in any order, other conditions beside them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from itertools import combinations

from agents.grammar.conditions import free, placed
from agents.grammar.named import merged
from agents.grammar.scope import Scope
from agents.grammar.subqueries import holding

Part = frozenset[int]
"""Some of the required filters of a path, by number."""
MOST_BEFORE, MOST_BEHIND = 2, 3
DEEPEST = 2
"""Sub-queries inside sub-queries."""


def parts(whole: Part) -> list[Part]:
    """All subsets, the empty one first."""
    return [frozenset(some) for n in range(len(whole) + 1) for some in combinations(sorted(whole), n)]


class Where:
    """The conditions over a path. With `alone`, as inside FILTER, one of several values is enough."""

    def __init__(self, scope: Scope, *, alone: bool = False, depth: int = 0) -> None:
        self._scope, self._alone, self._depth = scope, alone, depth
        self._add = scope.basis.rules.add
        self.required = [f for f in merged(scope, scope.basis.filters) if f.required]
        self.whole: Part = frozenset(range(len(self.required)))

    def clause(self, part: Part) -> str | None:
        """WHERE with all of `part`; where that is empty it may be left out. None where a filter has no column."""
        conditions = self.all(part)
        if part:
            return self._add(f'" WHERE " {conditions}') if conditions else None
        return self._scope.basis.rules.optional(f'" WHERE " {conditions}') if conditions else ""

    def all(self, part: Part) -> str:
        """A rule for conditions with all of `part` and at least one; "" where there can't be any."""
        about = ("all", self._scope.path.clause, self._alone, self._depth, part)
        return self._scope.basis.once(about, lambda: self._add(*self._all(part)))

    def _all(self, part: Part) -> Iterator[str]:
        other = self._free
        if not part:
            yield self._scope.basis.rules.series(other, MOST_BEHIND, " AND ")
        before = self._add(f'({other} " AND "){{0,{MOST_BEFORE}}}') if other else ""
        behind = self._add(f'(" AND " {other}){{0,{MOST_BEHIND}}}') if other else ""
        found = []
        for used, condition in self._required(part):
            left = part - used
            following = f'" AND " {self.all(left)}' if left and self.all(left) else "" if left else behind
            if following or not left:
                found.append(f"{condition} {following}")
        if found:
            yield f"{before} {self._add(*found)}"

    def _required(self, part: Part) -> Iterator[tuple[Part, str]]:
        """Conditions that use some of `part`, with what they use."""
        for number in sorted(part):
            if rule := self._placed[number]:
                yield frozenset((number,)), rule
        for used in parts(part)[1:]:
            if rule := self._held(used):
                yield used, rule

    @cached_property
    def _placed(self) -> list[str]:
        return [placed(self._scope, filter_, alone=self._alone) for filter_ in self.required]

    @cached_property
    def _free(self) -> str:
        about = ("free", self._scope.path.clause, self._depth)
        return self._scope.basis.once(about, lambda: self._add(*free(self._scope), self._held(frozenset())))

    def _held(self, part: Part) -> str:
        """A rule for sub-queries that use all of `part`."""
        if self._depth >= DEEPEST or len(self._scope.path.joins) > 1 - self._depth:
            return ""
        wanted = [self.required[number] for number in sorted(part)]
        about = ("held", self._scope.path.clause, self._depth, part)
        return self._scope.basis.once(about, lambda: self._add(*holding(self._scope, self._inside, wanted)))

    def _inside(self, scope: Scope) -> Where:
        depth = self._depth + 1
        return scope.basis.once(("where", scope.path.clause, depth), lambda: Where(scope, depth=depth))
