"""How the sides stand, over the questions that all of them were asked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from agents.evaluation.cause import Cause, causes
from agents.evaluation.comparison import Comparison, compared
from agents.evaluation.outcome import Outcome
from agents.evaluation.report import Report, report
from app.contest.sides import Side, Theirs

if TYPE_CHECKING:
    from app.contest.databases import Database
    from app.contest.ledger import Ledger

COMMONEST = 3
"""Causes that are shown of each side."""


@dataclass(frozen=True)
class Standing:
    """The reports by side, ours first; `n` of the `planned` questions were answered by all of them."""

    reports: dict[str, Report]
    causes: dict[str, tuple[Cause, ...]]
    comparisons: tuple[Comparison, ...]
    ours: str
    peers: tuple[str, ...]
    planned: int
    n: int

    @classmethod
    def of(cls, databases: Sequence[Database], sides: Sequence[Side], ledger: Ledger) -> Standing:
        rows = list(_complete(databases, sides, ledger))
        found = {side.name: [row[place] for row in rows] for place, side in enumerate(sides)} if rows else {}
        planned, ours = sum(len(database.lines) for database in databases), sides[0].name
        partial = len(rows) < planned
        return cls(
            {name: report(outcomes, partial=partial) for name, outcomes in found.items()},
            {s.name: causes(found[s.name], dialect=s.dialect)[:COMMONEST] for s in sides if s.name in found},
            tuple(compared(ours, found[ours], name, theirs) for name, theirs in found.items() if name != ours),
            ours,
            tuple(side.name for side in sides if isinstance(side, Theirs)),
            planned,
            len(rows),
        )

    @property
    def partial(self) -> bool:
        return self.n < self.planned

    def document(self) -> dict[str, Any]:
        """For programs. `ours` and `peer` are the execution accuracy of our first side and of the best peer, `ratio`
        is ours over theirs; None where there is none, or it is 0."""
        ours = self.reports[self.ours].execution_accuracy if self.reports else None
        theirs = [self.reports[name].execution_accuracy for name in self.peers if name in self.reports]
        best = max(theirs, default=None)
        return {
            "questions": self.n, "planned": self.planned, "partial": self.partial,
            "ours": ours, "peer": best, "ratio": ours / best if ours is not None and best else None,
            "sides": {name: self._side(name) for name in self.reports},
            "comparisons": [_brief(found) for found in self.comparisons],
        }  # fmt: skip

    def _side(self, name: str) -> dict[str, Any]:
        figures = {
            key: value for key, value in asdict(self.reports[name]).items() if key not in ("failures", "partial")
        }
        return {**figures, "causes": [asdict(cause) for cause in self.causes[name]]}


def _complete(databases: Sequence[Database], sides: Sequence[Side], ledger: Ledger) -> Iterator[list[Outcome]]:
    """The outcomes of each question that every side was asked."""
    for database in databases:
        parts = [side.parts(database) for side in sides]
        for line in database.lines:
            found = [ledger.get(side.name, made, line) for side, made in zip(sides, parts, strict=True)]
            known = [outcome for outcome in found if outcome is not None]
            if len(known) == len(sides):
                yield known


def _brief(found: Comparison) -> dict[str, Any]:
    """The figures of a comparison, without the questions that make it."""
    return {key: value for key, value in asdict(found).items() if not key.startswith("only_")}
